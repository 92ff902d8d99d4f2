/* SPDX-License-Identifier: Apache-2.0 */
/*
 * repeats.h - how much of a text is said again: lines that were there before, runs of words
 * that were there before, and an end that goes round in a loop. All are linear in the text; tables
 * are kept from text to text, and belong to one thread.
 */
#ifndef FILTERS_FILTER_REPEATS_H
#define FILTERS_FILTER_REPEATS_H

#include "pref/words.h"

#define FILTER_LOOP_BYTES 4096 /* of a text's end that are looked at for a loop */

#define FILTER_LOOP_LEAST 16    /* bytes: a shorter loop may go unseen */

/* Zeroed before its first use, but for the seed, on which no count depends. */
struct filter_repeats {
    uint64_t seed;
    struct pref_words words;
    uint64_t *table; /* of hashes, 0 where there is none */
    size_t size;     /* there is memory for so many, */
    size_t mask;     /* and one more than this, a power of two, are in use */
    uint32_t *border;
};

void filter_repeats_release(struct filter_repeats *repeats);

/* How many of a text's parts there are, and how many of these equal an earlier one, compared by
 * their 64-bit hashes. */
struct filter_repeated {
    uint64_t parts, again;
};

/* Lines, but for the blank ones, without the blanks at their ends. PREF_FAIL: out of memory. */
int filter_repeats_lines(struct filter_repeats *repeats, struct pref_span text,
                         struct filter_repeated *found, struct pref_err *err);

/* Runs of `n` words (words.h), which overlap. */
int filter_repeats_words(struct filter_repeats *repeats, struct pref_span text, uint64_t n,
                         struct filter_repeated *found, struct pref_err *err);

/*
 * The end of a text as a loop: `bytes` are the most at its end, of FILTER_LOOP_BYTES, that repeat a
 * unit at least `times` over (the first time may be in part), and `unit` is that unit's least
 * length; both 0 where there is none. Blanks at the very end are left out. From the borders of the
 * reversed text (Knuth, Morris and Pratt, 1977): a prefix of it with length L and longest border b
 * has the least period L - b.
 */
struct filter_loop {
    uint64_t bytes, unit;
};
int filter_repeats_loop(struct filter_repeats *repeats, struct pref_span text, uint64_t times,
                        struct filter_loop *loop, struct pref_err *err);

#endif
