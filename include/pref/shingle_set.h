/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shingle_set.h - hashes of shingles as a set, to see what two records have in common. Called by
 * dedup --near for records that may be near, from one thread. A set keeps its memory from filling
 * to filling: 16 to 32 bytes for each hash of the longest list met.
 */
#ifndef PREF_SHINGLE_SET_H
#define PREF_SHINGLE_SET_H

#include "base.h"

struct pref_shingle_set {
    size_t count;      /* of different hashes */

    uint64_t scatter;  /* the rest is for shingle_set.c: odd */
    uint64_t *slots;   /* 2^bits of them, in use; 0: free */
    size_t cap;
    unsigned bits;
    int has_zero;
};

/* An empty set. The seed only scatters it, so that nobody can prepare hashes that crowd one
 * place. */
void pref_shingle_set_init(struct pref_shingle_set *set, uint64_t seed);
void pref_shingle_set_release(struct pref_shingle_set *set);

/* Make it the set of `n` hashes, each any number of times. Linear. PREF_FAIL when memory ran
 * out. */
int pref_shingle_set_fill(struct pref_shingle_set *set, const uint64_t *hashes, size_t n,
                          struct pref_err *err);

/* The same, and drop from the list what stands in it before: set->count hashes are left. */
int pref_shingle_set_reduce(struct pref_shingle_set *set, uint64_t *hashes, size_t n,
                            struct pref_err *err);

/* How many of `n` different hashes are in the set. */
uint64_t pref_shingle_set_common(const struct pref_shingle_set *set, const uint64_t *hashes,
                                 size_t n);

#endif
