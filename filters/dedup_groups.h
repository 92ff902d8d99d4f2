/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dedup_groups.h - what dedup learns of equal records before it lets the first one go: of each key
 * the record that stays, and how many have it. Filled from absorb, read from map on any thread.
 */
#ifndef PREF_DEDUP_GROUPS_H
#define PREF_DEDUP_GROUPS_H

#include "keyset.h"

/* Which of equal records stays; of those that are alike in this, the first. */
enum groups_keep { KEEP_FIRST, KEEP_LAST, KEEP_MAX, KEEP_MIN };

/* The groups lie in arrays, by their keys' numbers. */
struct groups {
    struct pref_keyset *keys;
    int keep;         /* enum groups_keep */
    uint64_t *winner; /* the ordinal of the record that stays */
    double *best;     /* its value, under KEEP_MAX and KEEP_MIN; NaN: it has none */
    uint32_t *copies; /* records of this key */
    size_t cap;
};

int groups_open(struct groups *groups, int keep, struct pref_err *err);
void groups_close(struct groups *groups);

/* Another record. `value` is what KEEP_MAX and KEEP_MIN compare; NaN stands for none, and loses
 * against any. Returns 1 if its key is new, 0 if not, -1 with a sentence in *err. */
int groups_add(struct groups *groups, struct pref_h128 key, double value, uint64_t ordinal,
               struct pref_err *err);

/* The group of a key: 1, or 0 if there is none. */
int groups_find(const struct groups *groups, struct pref_h128 key, uint32_t *group);

/* Whichever of two groups has the record that stays if both were one. */
uint32_t groups_choose(const struct groups *groups, uint32_t a, uint32_t b);

#endif
