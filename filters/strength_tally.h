/* SPDX-License-Identifier: Apache-2.0 */
/*
 * strength_tally.h - how many of each model's differences fell into which bucket (buckets.h), for
 * any number of models: one hash table of (model, bucket) pairs, since a model that is seen a few
 * times must not cost pages of counters. strength learns --normalize iqr with it.
 *
 * Memory: 16 bytes a slot, of which half to a quarter are in use: 32 to 64 bytes a pair, and half
 * as much again for the moment in which the table doubles.
 */
#ifndef STRENGTH_TALLY_H
#define STRENGTH_TALLY_H

#include "base.h"

struct strength_cell {
    uint64_t key;   /* a model's number, then 24 bits of its bucket */
    uint64_t count; /* 0: an empty slot */
};

#define STRENGTH_CELL_KEY(model, bucket) ((uint64_t)(model) << 24 | (bucket))
#define STRENGTH_CELL_MODEL(key) ((uint32_t)((key) >> 24))
#define STRENGTH_CELL_BUCKET(key) ((uint32_t)((key)&0xffffff))

struct strength_tally {
    struct strength_cell *slots;
    size_t slot_count; /* a power of two, or 0 */
    size_t used;
    uint64_t seed;
};

/* Make it empty. */
void strength_tally_init(struct strength_tally *tally, uint64_t seed);
void strength_tally_release(struct strength_tally *tally);

/* Count a pair `count` times, not 0. The caller sees to it that no sum exceeds 64 bits. PREF_FAIL
 * when memory ran out. */
int strength_tally_add(struct strength_tally *tally, uint32_t model, uint32_t bucket,
                       uint64_t count, struct pref_err *err);

/* Fetch the pair's slot from memory, for strength_tally_add to find it there a little later. */
void strength_tally_warm(const struct strength_tally *tally, uint32_t model, uint32_t bucket);

/* Turn the table into a list of its `used` pairs in ascending order of key; nothing can be counted
 * after that. */
void strength_tally_sort(struct strength_tally *tally);

/* Order a list of pairs by key. */
void strength_cells_sort(struct strength_cell *cells, size_t count);

#endif
