/* SPDX-License-Identifier: Apache-2.0 */
/*
 * measure.h - what a fit of votes says of each judge and of the panel: how often they agree,
 * beyond chance, with the model's consensus and with each other. For pref judges alone.
 *
 * A measure that cannot be had (no votes of known order, nothing to correlate) is a NaN.
 */
#ifndef CMD_JUDGES_MEASURE_H
#define CMD_JUDGES_MEASURE_H

#include "filters/vote/patterns.h"

/* Twins are looked for in panels of at most so many judges: there are as many pairs as squares. */
#define JUDGES_TWINS_MAX 256

struct judge_measure {
    uint64_t votes;
    double coverage;    /* the share of the records with votes that have one of its own */
    double agreement;   /* the share of its votes that are the consensus label */
    double kappa;       /* Cohen's, of its votes and the consensus labels */
    double bias;        /* by how much more often than half it says the side shown first */
    double sensitivity; /* of votes on records whose side is chosen, the share for chosen */
    double specificity; /* the same of rejected */
    double correlation; /* with its twin */
    uint32_t twin;      /* the judge whose votes correlate most with its own, or VOTE_NO_JUDGE */
};

struct panel_measure {
    uint64_t records, votes;
    double alpha; /* Krippendorff's, nominal */
};

/* Measure, given settled patterns and the model that was fitted to them: `judges` has room for one
 * a judge, by place. All sums run over the patterns in their order. PREF_FAIL when memory ran out,
 * PREF_LATER where the run must end. The time is linear in the votes, and for twins in the squares
 * of the judges of each pattern. */
int judges_measure(const struct vote_patterns *patterns, const struct pref_ds *model,
                   struct judge_measure *judges, struct panel_measure *panel, struct pref_err *err);

#endif
