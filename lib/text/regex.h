/* SPDX-License-Identifier: Apache-2.0 */
/*
 * regex.h - regular expressions over texts, behind one file: PCRE2, with UTF and Unicode
 * properties (UCP) on, so that \w and (?i) mean what Unicode says.
 *
 * A pattern is compiled once and is then read-only: any thread may search with it. What a search
 * needs besides (a match block, a stack) is a matcher, which belongs to one thread. A pattern is
 * somebody's text and may be hostile: a search that takes too many steps, or too much memory,
 * gives up and says so. That is an answer of its own, and never "not found". A step is an end
 * that is tried for something repeated, a round of a group, or a choice (regex_steps.c), and
 * every eight bytes that are gone through at one go; all steps of a search count
 * together, wherever in the text it begins.
 */
#ifndef PREF_REGEX_H
#define PREF_REGEX_H

#include "pref/base.h"

#define PREF_REGEX_MAX 16384        /* bytes of a pattern */
#define PREF_REGEX_STEPS 5000000    /* steps that a search may take, */
#define PREF_REGEX_STEPS_BYTE 200   /* and as many more for each byte of the text */
#define PREF_REGEX_MEMORY (2 << 20) /* bytes of stack, or of heap, in one search */

struct pref_regex;
struct pref_matcher;

/* Where and why a pattern does not compile. */
struct pref_regex_fault {
    size_t offset; /* bytes of the pattern before the place */
    char text[160];
};

/*
 * Compile `pattern`, UTF-8. Options stand inside, as in (?i). Returns 0; PREF_USAGE, with *fault
 * filled, if it does not compile or is longer than PREF_REGEX_MAX; PREF_FAIL, with *fault saying
 * so, where memory ran out. \C is not allowed: it cuts characters in pieces; nor are
 * script runs, (*sr:...), whose time no count of steps sees.
 */
int pref_regex_new(struct pref_regex **regex, struct pref_span pattern,
                   struct pref_regex_fault *fault);
void pref_regex_free(struct pref_regex *regex);

/* NULL when memory ran out. */
struct pref_matcher *pref_matcher_new(void);
void pref_matcher_free(struct pref_matcher *matcher);

/* What a search came to. */
enum pref_match {
    PREF_MATCH_NONE,    /* not found */
    PREF_MATCH_FOUND,
    PREF_MATCH_GAVE_UP, /* beyond pref_regex_limit or PREF_REGEX_MEMORY */
    PREF_MATCH_FAILED   /* out of memory */
};

/*
 * The first match of the pattern in `text`, which must be valid UTF-8, from byte `from` on (the
 * beginning of a character); what stands before is seen by \b and lookbehind. *found is the match,
 * a span of the text; it may be empty. `found` may be NULL. A search from 0 has all steps; one from
 * further on has what the matcher's last search, of the same text, left.
 */
enum pref_match pref_regex_find(const struct pref_regex *regex, struct pref_matcher *matcher,
                                struct pref_span text, size_t from, struct pref_span *found);

/* The steps that searches may take of a text of so many bytes. */
uint64_t pref_regex_limit(size_t bytes);

/* The versions behind the patterns: "PCRE2 10.42, Unicode 14.0.0", and a NUL, in at most `size`
 * bytes. */
void pref_regex_version(char *out, size_t size);

#endif
