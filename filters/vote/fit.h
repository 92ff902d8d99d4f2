/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fit.h - a fit that vote learnt, read by another filter than vote: by loo, for its panel
 * and its oracle posterior. vote reads its own through the engine.
 */
#ifndef VOTE_FIT_H
#define VOTE_FIT_H

#include "model.h"

/*
 * Read the fit at `path` ("-": standard input), whose model must be of a kind in the set `kinds`,
 * of 1 << VOTE_MODEL_DAWID_SKENE and its like. *model starts zeroed but for its memory and
 * stop_fd; its kind and options, and plan->from_scores, come to be those of the fit. The patterns
 * are not settled. PREF_FAIL with a sentence that names the file, also for a fit of another tool or
 * kind, PREF_LATER where the run must end; release the model in any case.
 */
int vote_fit_read(struct vote_model *model, struct ballot_plan *plan, unsigned kinds,
                  const char *path, uint64_t seed, struct pref_err *err);

#endif
