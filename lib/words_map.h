/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words_map.h - the first step of finding words: a bit for each byte. For words.c alone.
 *
 * A byte takes part in a run if it is an ASCII letter or digit or is not ASCII. Words do not cross
 * the ends of runs, and a run that is all ASCII is a word.
 */
#ifndef PREF_WORDS_MAP_H
#define PREF_WORDS_MAP_H

#include <stddef.h>
#include <stdint.h>

/* Of 64 bytes, the lowest bit for the first. */
struct words_map {
    uint64_t run;  /* takes part in a run */
    uint64_t high; /* is not ASCII */
};

/* Map `blocks` times 64 bytes. */
void pref_words_map_portable(const char *text, size_t blocks, struct words_map *map);

/* The same with AVX2; only where pref_cpu_avx2() says so. */
void pref_words_map_avx2(const char *text, size_t blocks, struct words_map *map);

#endif
