/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vote_calibrated.h - weights of judges learnt from records that carry a gold label: a log-linear
 * model (lib/logistic.h) of two features a judge, so that flipping a record turns p into 1 - p.
 *
 *   says   the mean of its votes, 1 for chosen, -1 for rejected, 0 for a tie or both_bad: how far
 *          the judge is right
 *   leans  the mean over its votes for a side of 1 where chosen was shown first, -1 where rejected
 *          was, 0 where nobody knows: what it is worth to have been read first, so that a vote
 *          against that weighs more
 *
 * One penalty for all: judges that vote alike share a weight, and what few labels cannot tell apart
 * stays near 0. Called by vote_model.c alone.
 */
#ifndef VOTE_CALIBRATED_H
#define VOTE_CALIBRATED_H

#include "logistic.h"
#include "vote_patterns.h"

struct vote_calibrated {
    struct pref_logistic fit;
    uint64_t labels; /* records learnt from */
};

/* Learn from settled patterns, which are labelled. PREF_FAIL when memory ran out. */
int vote_calibrated_fit(struct vote_calibrated *model, const struct vote_patterns *patterns,
                        struct pref_err *err);
void vote_calibrated_release(struct vote_calibrated *model);

/* The log-odds of chosen given a record's votes, cells as in patterns, which are sorted here: their
 * order must not show. */
double vote_calibrated_odds(const struct vote_calibrated *model, uint32_t *cells, size_t votes);

#endif
