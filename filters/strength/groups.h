/* SPDX-License-Identifier: Apache-2.0 */
/*
 * groups.h - what a fit must hold for a table of a corpus in groups by strength (Wang et
 * al., 2401.06080: mean, spread, and how often the label is right, in 20 groups): for each bucket
 * of means and each stratum, exact sums of the means and of the standard deviations, and how often
 * another label says the same as the record, or the opposite.
 *
 * strength fills it under --groups, beside its counts; only --fit asks for it, and pref models
 * makes the table.
 *
 * Memory: 80 bytes a slot, of which half to a quarter are in use: 160 to 320 bytes for a bucket
 * that means of a stratum fall in, and half as much again while the table doubles; 1,080 more for a
 * bucket with a mean or a deviation below 2^-36 or above 2^32 (narrow_sum.h).
 */
#ifndef STRENGTH_GROUPS_H
#define STRENGTH_GROUPS_H

#include "measure.h"
#include "strata.h"
#include "lib/number/narrow_sum.h"

struct strength_group {
    uint64_t key;     /* STRENGTH_CELL_KEY of stratum and bucket */
    uint64_t records; /* 0: an empty slot */
    uint64_t agree, disagree;
    struct pref_narrow_sum mean, sd;
};

struct strength_groups {
    int wanted;       /* --groups */
    const char *gold; /* --gold, or NULL */
    pref_place place; /* of the other label */
    struct strength_group *slots;
    size_t slot_count; /* a power of two, or 0 */
    size_t used;
    uint64_t seed;
};

/* Ask for the label in records. PREF_USAGE where --gold was given alone. */
int strength_groups_open(struct strength_groups *groups, struct pref_opening *opening,
                         struct pref_err *err);
void strength_groups_release(struct strength_groups *groups);

/* The field that the label is read from. */
const char *strength_groups_field(const struct strength_groups *groups);

/* What the label of a record says: PREF_CHOSEN, PREF_REJECTED, or anything else, of which nothing
 * is counted. */
enum pref_word strength_groups_label(const struct strength_groups *groups,
                                     const struct pref_job *job);

/* Add a record, with the bucket of its mean. PREF_FAIL when memory ran out. */
int strength_groups_add(struct strength_groups *groups, uint32_t stratum, uint32_t bucket,
                        const struct strength_moments *m, enum pref_word label,
                        struct pref_err *err);

/* The rows of a fit: keys as strength_ranks_save has them; the counts of records, agree and
 * disagree; the sums of means and of deviations. Saving ends the adding. */
int strength_groups_save(struct strength_groups *groups, const struct strength_strata *strata,
                         struct pref_fit_writer *writer, struct pref_err *err);

#endif
