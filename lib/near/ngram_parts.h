/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ngram_parts.h - what an index of n-grams is made of: while it is filled, and as bytes. For
 * ngram_index.c, ngram_write.c and ngram_read.c alone.
 *
 * Numbers are least significant byte first:
 *
 *   magic (8), version (4), n (4), first turns only: 0 or 1 (4)
 *   version of Unicode, padded with zeros (16)
 *   numbers of benchmarks, items, n-grams, places, leads, bytes of texts (8 each)
 *   benchmarks: where the name stands (8), its length (4), items skipped (4)
 *   items: where the id stands (8), its length (4), benchmark (4), words (4)
 *   n-grams: hashes (8 each), then where the places of each begin (4 each), and their number (4)
 *   places: item (4), word (4)
 *   leads: hashes (8 each), then lengths (8 each)
 *   texts
 *   XXH3-128 of all this: low (8), high (8)
 */
#ifndef PREF_NGRAM_PARTS_H
#define PREF_NGRAM_PARTS_H

#include "ngram_index.h"

#define PARTS_MAGIC "\x9aprefng\n"
#define PARTS_VERSION 2

enum {
    PARTS_UNICODE = 16,
    PARTS_HEAD = 8 + 4 + 4 + 4 + PARTS_UNICODE + 6 * 8,
    PARTS_BENCHMARK = 16,
    PARTS_ITEM = 20,
    PARTS_TAIL = 16
};

struct pref_ngram_entry {
    uint64_t hash;
    uint32_t item, word; /* of a lead, `word` is the length of its item */
};

/* The version of Unicode that words are found with, padded with zeros. */
void pref_ngram_index_unicode(char out[PARTS_UNICODE]);

/* Count the items of each benchmark and the distinct n-grams of each item. */
void pref_ngram_index_count(struct pref_ngram_index *index);

#endif
