/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ranks.h - where a record's mean stands among the means of its stratum: counts in buckets
 * (buckets.h), for all together or, with --by, for each stratum.
 *
 * All together are counted in pages, which is fast; strata in one hash table of pairs
 * (tally.h), since a small stratum must not cost pages of counters. Counted by one thread
 * at a time, or loaded from a fit; settled; then asked from any thread.
 */
#ifndef STRENGTH_RANKS_H
#define STRENGTH_RANKS_H

#include "strata.h"
#include "tally.h"
#include "pref/buckets.h"

struct strength_range {
    size_t first, count; /* of a stratum's cells; settled only */
    uint64_t total;
};

struct strength_ranks {
    struct pref_buckets whole;     /* without --by */
    struct strength_tally tally;   /* with it; settled: counts are cumulative in each stratum */
    struct strength_range *ranges; /* by number of the stratum; settled only */
    size_t range_count;
    uint64_t total;
};

/* A mid-rank: `twice` the records below and half of those beside, out of twice all. */
struct strength_rank {
    uint64_t twice, of; /* of is 0 where the stratum was not learnt */
};

void strength_ranks_init(struct strength_ranks *ranks, uint64_t seed);
void strength_ranks_release(struct strength_ranks *ranks);

/* Count a mean's bucket `count` times in a stratum that was added. */
int strength_ranks_count(struct strength_ranks *ranks, struct strength_strata *strata,
                         uint32_t stratum, uint32_t bucket, uint64_t count, struct pref_err *err);

/* End the counting. */
int strength_ranks_settle(struct strength_ranks *ranks, const struct strength_strata *strata,
                          struct pref_err *err);

/* Settled only. The middle, 1 of 2, where nothing was counted and there are no strata. */
struct strength_rank strength_ranks_of(const struct strength_ranks *ranks,
                                       const struct strength_strata *strata, uint32_t stratum,
                                       uint32_t bucket);

/* The rows of a fit, before settling: a bucket's six hexadecimal digits and, with --by, a blank
 * and the stratum; one count. Saving ends the counting. */
int strength_ranks_save(struct strength_ranks *ranks, const struct strength_strata *strata,
                        struct pref_fit_writer *writer, struct pref_err *err);

/* Take in the first count of such a row; what else the row has is the caller's to check. */
int strength_ranks_load(struct strength_ranks *ranks, struct strength_strata *strata,
                        const struct pref_fit_row *row, struct pref_err *err);

#endif
