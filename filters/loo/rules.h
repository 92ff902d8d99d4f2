/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules.h - the oracles of loo that need no co-process: whether the votes, or the scores of
 * reward models, that are left still say what all of them say, and clearly enough. Called by loo in
 * map; each runs a search that has just begun to its end.
 */
#ifndef FILTERS_LOO_RULES_H
#define FILTERS_LOO_RULES_H

#include "search.h"
#include "filters/vote/model.h"

/* majority:M - the consensus of all votes, as vote finds it when nothing else is asked for, is
 * chosen or rejected, stays the same, and leads by at least `lead` votes. `words` has the enum
 * pref_word of each vote. */
void loo_by_majority(struct loo_search *search, const uint8_t *words, uint64_t lead);

/* posterior:P - the side that the model finds more probable, given all votes, stays that and is at
 * least as probable as `least`, 1/2 or more. `cells` has the cell of each vote for `model`, `room`
 * is as long and for use on the way. */
void loo_by_posterior(struct loo_search *search, const struct vote_model *model,
                      const uint32_t *cells, uint32_t *room, double least);

/* strength:Z - over the differences d (chosen - rejected) of at least two models, the mean keeps
 * the sign that it has over all of them, and |mean| >= Z sd / sqrt(n): it is Z standard errors from
 * nothing. mean and sd (the population's) are those that strength finds. `d` has search->items
 * finite differences, `room` is as long and for use on the way. */
void loo_by_strength(struct loo_search *search, const double *d, double *room, double z);

#endif
