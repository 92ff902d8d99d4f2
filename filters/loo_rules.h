/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loo_rules.h - the oracles of loo that need no co-process: whether the votes, or the reward models'
 * scores, that are left still say what all of them say, and clearly enough.
 */
#ifndef FILTERS_LOO_RULES_H
#define FILTERS_LOO_RULES_H

#include "loo_search.h"

/* majority:M - the side that leads over all votes still leads, by at least `lead` votes. `side` has
 * +1 for each vote for chosen, -1 for rejected, 0 for any other. */
void loo_by_majority(struct loo_search *search, const int8_t *side, uint64_t lead);

/*
 * strength:Z - over the differences d (chosen - rejected) of at least two models, the mean keeps its
 * sign, and |mean| >= Z sd / sqrt(n), with sd the population's: the mean is Z standard errors from
 * nothing. Computed as mean^2 n >= Z^2 var.
 */
void loo_by_strength(struct loo_search *search, const double *difference, double z);

#endif
