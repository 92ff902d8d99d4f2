/* SPDX-License-Identifier: Apache-2.0 */
/*
 * needles.h - many patterns over one text: a pass over the text that tells which of them could be
 * found at all, so that the others need not be tried. From each pattern literals are taken of which
 * every match must hold one; all literals of all patterns are then looked for at once.
 *
 * A set is built when a filter opens, and is then read-only: any thread may look with it. It never
 * says of a pattern that could match that it cannot: where a pattern is not understood, it is one
 * that must be tried.
 */
#ifndef PREF_NEEDLES_H
#define PREF_NEEDLES_H

#include "pref/base.h"

#define PREF_NEEDLE_BYTES 16 /* of a longer literal, the last */
#define PREF_NEEDLES_OF 32   /* literals of one pattern */

/* Literals of which a text must hold one, in lower case where they are letters of ASCII. */
struct pref_needle_list {
    unsigned count; /* 0: nothing is known */
    struct pref_needle {
        unsigned char len;
        char text[PREF_NEEDLE_BYTES + 4]; /* zeros behind what is used */
    } needle[PREF_NEEDLES_OF];
};

/* The literals of a pattern that compiles (regex.h), by its syntax. PREF_FAIL: out of memory. */
int pref_needles_of(struct pref_span pattern, struct pref_needle_list *list);

struct pref_needles;
struct pref_needles *pref_needles_new(void); /* NULL when memory ran out */
void pref_needles_free(struct pref_needles *set);

/* Add a pattern that is called `number`, below 2^16. PREF_FAIL: out of memory. */
int pref_needles_add(struct pref_needles *set, unsigned number, struct pref_span pattern);

/* How many patterns were added whose literals are looked for. */
unsigned pref_needles_count(const struct pref_needles *set);

/* Set bit `number` in `possible`, a mask of words of 64 bits, for each pattern that could match
 * `text`; others stay as they are. Linear in the text. PREF_PAD readable bytes must follow it. */
void pref_needles_find(const struct pref_needles *set, struct pref_span text, uint64_t *possible);

#endif
