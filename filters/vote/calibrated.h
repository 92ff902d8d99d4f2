/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calibrated.h - what each judge's vote is worth, learnt from all votes and from records that
 * carry a gold label. The log-odds of chosen are
 *
 *   belief   what the votes alone say: each judge's mean vote, weighted as pref/dawid_skene.h
 *            weighs its word for a side against its word for the other, divided by the weights of
 *            the judges that voted, and multiplied by n / (n + 50), for n records. From -1 to 1;
 *            where there is no label, this is all.
 *
 * and what labels add to it, a log-linear model (pref/logistic.h) of two features a judge:
 *
 *   says     the mean of its votes, 1 for chosen, -1 for rejected, 0 for a tie or both_bad: how far
 *            the judge is right
 *   leans    the mean over its votes for a side of 1 where chosen was shown first, -1 where
 *            rejected was, 0 where nobody knows: what it is worth to have been read first, so that
 *            a vote against that weighs more
 *
 * The penalty is stiffer for judges of less steadiness, the mean of |says| over all its records:
 * who says one thing in one order and another in the other earns weight slowly. But for that, there
 * is one for all: judges that vote alike share a weight, and what few labels cannot tell apart
 * stays near the belief. All of it turns about with the record: flipping makes 1 - p of p.
 *
 * Called by model.c alone.
 */
#ifndef VOTE_CALIBRATED_H
#define VOTE_CALIBRATED_H

#include "patterns.h"
#include "pref/logistic.h"

struct vote_calibrated {
    struct pref_logistic fit;
    double *trust;   /* by judge: its weight in the belief */
    double faith;    /* in all of them, from 0 to 1: little, where there are few records */
    uint64_t labels; /* records learnt from that have one */
};

/* Learn from settled patterns, which are labelled. PREF_FAIL when memory ran out, PREF_LATER where
 * the run must end; release the model in any case. */
int vote_calibrated_fit(struct vote_calibrated *model, const struct vote_patterns *patterns,
                        struct pref_err *err);
void vote_calibrated_release(struct vote_calibrated *model);

/* The log-odds of chosen given a record's votes, cells as in patterns, which are sorted here: their
 * order must not show. */
double vote_calibrated_odds(const struct vote_calibrated *model, uint32_t *cells, size_t votes);

#endif
