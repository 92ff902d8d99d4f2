/* SPDX-License-Identifier: Apache-2.0 */
/*
 * strata.h - splits whose shares hold in every stratum (--stratify). Collected in the first
 * phase of `pref shard`, record by record; cut once; then asked by map for the split of a group.
 *
 * A group belongs to the stratum of its first record, with all its records. Within each stratum
 * the groups are divided as split.h says: in the order of their hashes, each split as long as
 * groups fit. So one walk over all groups in that order, with a count for each stratum, is enough.
 */
#ifndef CMD_SHARD_STRATA_H
#define CMD_SHARD_STRATA_H

#include "split.h"
#include "pref/hash.h"

/* A record while they are collected; then a group. */
struct shard_member {
    uint64_t order;
    uint32_t where; /* its stratum; once cut, its split */
    uint32_t count; /* records before it in its part; once cut, records of the group */
};

struct shard_stratum {
    struct pref_h128 key;
    uint64_t records, taken; /* of all its groups; of those walked over */
    unsigned side;           /* the split that the walk has come to */
};

/* Starts zeroed. 16 to 20 bytes a record and about 100 a stratum. */
struct shard_strata {
    struct {
        struct shard_member *at;
        size_t count, cap;
    } part[SHARD_ORDER_PARTS]; /* by the high byte of their orders */
    struct shard_stratum *list; /* in the order in which they came */
    uint32_t count, cap;
    uint32_t *slots; /* a table of numbers in `list`, plus 1; twice `cap` */
    uint64_t total;  /* records */
    uint64_t bytes;  /* memory held */
    uint64_t limit;  /* of bytes; 0: none */
};

/* Add one record: its group's order, and the hash of its stratum, under a seed that nobody knows.
 * PREF_FAIL when memory or the limit ran out. */
int shard_strata_add(struct shard_strata *strata, uint64_t order, struct pref_h128 stratum,
                     struct pref_err *err);

/* All records were added: find the split of each group, and how many records each split has. */
void shard_strata_cut(struct shard_strata *strata, struct shard_plan *plan);

/* The split of a group that was added, once cut; of any other, the last one. */
unsigned shard_strata_side(const struct shard_strata *strata, const struct shard_plan *plan,
                           uint64_t order);

/* How many strata have a group, once cut. */
uint32_t shard_strata_used(const struct shard_strata *strata);

void shard_strata_release(struct shard_strata *strata);

#endif
