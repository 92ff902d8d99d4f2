/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tally.h - how many numbers of each owner fell into which bucket (buckets.h), for any
 * number of owners: one hash table of (owner, bucket) pairs, since an owner that is seen a few
 * times must not cost pages of counters. The owners are models, whose differences strength counts
 * for --normalize iqr, or the strata of --by, whose means it counts. They are numbered by a table
 * of their names.
 *
 * Memory: 16 bytes a slot, of which half to a quarter are in use: 32 to 64 bytes a pair, and half
 * as much again for the moment in which the table doubles.
 */
#ifndef STRENGTH_TALLY_H
#define STRENGTH_TALLY_H

#include "lib/key/name_table.h"
#include "pref/fit.h"

struct strength_cell {
    uint64_t key;   /* an owner's number, then 24 bits of its bucket */
    uint64_t count; /* 0: an empty slot */
};

#define STRENGTH_CELL_KEY(owner, bucket) ((uint64_t)(owner) << 24 | (bucket))
#define STRENGTH_CELL_OWNER(key) ((uint32_t)((key) >> 24))
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
int strength_tally_add(struct strength_tally *tally, uint32_t owner, uint32_t bucket,
                       uint64_t count, struct pref_err *err);

/* Fetch the pair's slot from memory, for strength_tally_add to find it there a little later. */
void strength_tally_warm(const struct strength_tally *tally, uint32_t owner, uint32_t bucket);

/* Turn the table into a list of its `used` pairs in ascending order of key; nothing can be counted
 * after that. */
void strength_tally_sort(struct strength_tally *tally);

/* Sorted, from an owner's first pair on: the middle of the bucket where its numbers reach rank
 * `rank`, from 1 to as many as they are. */
double strength_cells_at_rank(const struct strength_cell *cells, uint64_t rank);

/* The rows of a fit, in place of sorting: a bucket's six hexadecimal digits, a blank and the name
 * of the owner, with the count. Nothing can be counted after that. */
int strength_tally_save(struct strength_tally *tally, const struct pref_name_table *names,
                        struct pref_fit_writer *writer, struct pref_err *err);

/* ---- Keys of rows ---------------------------------------------------------------------------- */

/* Write a bucket and, unless `name` is NULL, a blank and a name. Out of memory shows in
 * key->failed. */
void strength_key_print(struct pref_buf *key, uint32_t bucket, const struct pref_span *name);

/* Read such a key; name->ptr is NULL where there is only a bucket. PREF_FAIL if it is none. */
int strength_key_parse(struct pref_span key, uint32_t *bucket, struct pref_span *name);

#endif
