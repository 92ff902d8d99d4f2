/* SPDX-License-Identifier: Apache-2.0 */
/*
 * regex_steps.h - where the steps of a pattern are counted: a copy of it with callouts at the
 * places to which one search may come again and again. PCRE2's own limit will not do: it begins
 * anew at each character of a text, and does not see the repetition of a single character. Only
 * regex.c calls this.
 */
#ifndef PREF_REGEX_STEPS_H
#define PREF_REGEX_STEPS_H

#include "pref/buf.h"

/* The number of a callout says what a search goes through besides the text between two of them:
 * the row of items around it, in steps, or a reference. 255 is the number of PCRE2's own. */
#define PREF_REGEX_RUN 8 /* characters or bytes gone through at one go that make a step */
#define PREF_REGEX_REFERENCE 254u

/* Where callouts are wanted. */
enum pref_regex_callouts {
    PREF_REGEX_NOWHERE,   /* the pattern costs little as it is */
    PREF_REGEX_HERE,      /* where the copy has them */
    PREF_REGEX_EVERYWHERE /* before each item, by PCRE2: a copy cannot be made */
};

/* Append the copy to *out. begins[i] is 1 where an item of the pattern begins at byte i, as PCRE2
 * tells it, and has pattern.len + 1 elements. *weight is how many items the heaviest is worth at
 * each character that it goes through: a large class is searched. PREF_FAIL: out of memory. */
int pref_regex_steps(struct pref_buf *out, struct pref_span pattern, const unsigned char *begins,
                     enum pref_regex_callouts *callouts, unsigned *weight);

/* Whether a pattern is a list of words, perhaps in a group, without repetitions, references, or
 * more than some bytes behind them all: its steps need no counting, since from each character of a
 * text there are few more than the pattern has characters. In doubt it is none. */
int pref_regex_is_list(struct pref_span pattern);

#endif
