/* SPDX-License-Identifier: Apache-2.0 */
/*
 * groups.h - a corpus in groups by strength, from a fit of strength --groups: records in
 * ascending order of their means, cut into groups of like size, each with its mean, its spread, and
 * how often another label agrees (Wang et al., 2401.06080, which takes 20). For pref models alone.
 *
 * Memory: 32 bytes a row of the fit and the text of its two sums, about 100 together, in lists that
 * have room for up to twice as much.
 */
#ifndef CMD_MODELS_GROUPS_H
#define CMD_MODELS_GROUPS_H

#include "pref/buf.h"
#include "pref/fit.h"

#define MODELS_GROUPS_MAX 1000

/* A figure that cannot be had is a NaN. */
struct models_group {
    uint64_t records, labelled; /* of these, those whose other label takes a side */
    double mean, sd;            /* the means of the records' means and standard deviations */
    double agreement;           /* the share of the labelled whose label says chosen */
};

struct models_groups {
    struct pref_buf rows;  /* of the fit, as they come: by bucket */
    struct pref_buf sums;  /* their texts, one behind the other */
    struct pref_buf field; /* that the other label was read from, as JSON */
    int by;                /* whether the fit is of strata */
    struct models_group *list;
    size_t count;
    struct models_group whole;
};

void models_groups_release(struct models_groups *groups);

/* Take in a head, then its rows in their order (one_fit.h). */
int models_groups_take_head(void *groups, const struct pref_fit_head *head, struct pref_err *err);
int models_groups_take_row(void *groups, const struct pref_fit_row *row, struct pref_err *err);

/*
 * Cut what was taken in into `count` groups, from 1 to MODELS_GROUPS_MAX. A record is in the group
 * where the mid-rank of its bucket falls, so that equal means are never parted: with many alike, a
 * group may be larger than the others, or empty. PREF_FAIL when memory ran out.
 */
int models_groups_cut(struct models_groups *groups, size_t count, struct pref_err *err);

#endif
