/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words_map.h - the steps of finding words that have faster kernels: where runs of bytes begin and
 * end that may be a word's; the hashes of words that are all ASCII. For words.c alone.
 *
 * A byte takes part in a run if it is an ASCII letter or digit or is not ASCII. Words do not cross
 * the ends of runs, and a run that is all ASCII is a word.
 */
#ifndef PREF_WORDS_MAP_H
#define PREF_WORDS_MAP_H

#include "pref/base.h"

/* Of 64 bytes, the lowest bit for the first. */
struct words_map {
    uint64_t run;  /* takes part in a run */
    uint64_t high; /* is not ASCII */
};

/* So many blocks' runs are told, and then hashed, at a time. */
enum { WORDS_BLOCKS = 16 };

/* The runs of some blocks. The last may still be open. */
struct words_runs {
    uint64_t carry; /* 1: it is */
    size_t edges, mixed;
    uint32_t edge[1 + 64 * WORDS_BLOCKS + 8]; /* where runs begin and end, in turns */
    uint32_t mix[1 + 32 * WORDS_BLOCKS];      /* the numbers of those that are not all ASCII */
};

struct words_kernel {
    /* Append the runs of the blocks of 64 bytes from `block` up to `stop`, WORDS_BLOCKS at most, to
     * an open run or none. The last may end beyond the text. */
    void (*find)(struct pref_span text, uint32_t block, uint32_t stop, struct words_runs *runs);

    /* The hashes of the words of `runs` runs that are all ASCII, each between two edges. 16 bytes
     * behind a run may be read. */
    void (*hash)(const char *text, const uint32_t *edge, size_t runs, uint64_t *hash);
};

/* For any processor; and with AVX2 and BMI2, only where pref_cpu_avx2() says so. */
extern const struct words_kernel pref_words_portable, pref_words_avx2;

#endif
