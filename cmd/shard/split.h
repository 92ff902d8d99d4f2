/* SPDX-License-Identifier: Apache-2.0 */
/*
 * split.h - the splits of a run: their names, their shares of the records, how many shards
 * each has, and where in the order of hashes one ends and the next begins.
 *
 * A group's hash has two halves of 64 bits. The high one, its `part`, chooses the shard within a
 * split; the low one, its `order`, chooses the split. So no split is a range of the other's shards.
 *
 * The first split takes groups in order as long as they fit into its share of the records, the
 * second goes on as long as both fit into the sum of their shares, and so on; the last takes the
 * rest. A boundary thus lies less than one group below its exact place, and equal groups are never
 * parted. Since groups are contiguous in the order, the boundary is one order statistic of the
 * records' hashes, and that is all that is computed.
 */
#ifndef CMD_SHARD_SPLIT_H
#define CMD_SHARD_SPLIT_H

#include "names.h"
#include "pref/share.h"

struct shard_split {
    struct pref_span name; /* into the options' text */
    struct pref_share share;
    struct pref_share upto; /* the shares of this split and all before it */
    uint32_t count;         /* its shards; 0: not known before they are written */
    uint64_t records;       /* set when the plan is cut */
    uint64_t below;         /* holds the groups of lower order; not used of the last split */
};

struct shard_plan {
    struct shard_split split[SHARD_SPLITS_MAX];
    unsigned count; /* at least 1 */
    int named;      /* 0: no --split, one part holds all */
    uint32_t total; /* shards of all splits, or 0 */
};

/* Read --split ("train=0.98,valid=0.01,test=0.01", or NULL) and -n ("16",
 * "train=16,valid=1,test=1", or NULL: 1 for each split), which must outlive the plan. PREF_USAGE
 * with a sentence. */
int shard_plan_read(struct shard_plan *plan, const char *split, const char *counts,
                    struct pref_err *err);

/* The number of the split that a group belongs to, once the plan is cut (a plan of one split needs
 * no cutting). */
unsigned shard_plan_side(const struct shard_plan *plan, uint64_t order);

/* The shard within a split that a group belongs to, by its hash. */
uint32_t shard_split_part(const struct shard_split *split, uint64_t part);

/* ---- The orders of all records --------------------------------------------------------------- */

#define SHARD_ORDER_PARTS 256

/* Collected in parts by their high byte, so that only the parts where a boundary falls are ever
 * sorted. Starts zeroed. 8 to 10 bytes a record. */
struct shard_orders {
    struct {
        uint64_t *at;
        size_t count, cap;
    } part[SHARD_ORDER_PARTS];
    uint64_t total;
    uint64_t bytes; /* memory held */
    uint64_t limit; /* of bytes; 0: none */
};

/* Add one record's order. PREF_FAIL when memory or the limit ran out. */
int shard_orders_add(struct shard_orders *orders, uint64_t order, struct pref_err *err);
void shard_orders_release(struct shard_orders *orders);

/* How many records come before `order`. */
uint64_t shard_orders_before(const struct shard_orders *orders, uint64_t order);

/* The order that `rank` records (fewer than there are) come before, counted sorted. */
uint64_t shard_orders_at(struct shard_orders *orders, uint64_t rank);

/* Set the boundaries of all splits, and how many records each has. */
void shard_plan_cut(struct shard_plan *plan, struct shard_orders *orders);

#endif
