/* SPDX-License-Identifier: Apache-2.0 */
/*
 * learn.h - the halves of strength that see the whole corpus (filter.h), and what they
 * learnt as a fit: first the scales of models, where something is normalised, then the means.
 */
#ifndef STRENGTH_LEARN_H
#define STRENGTH_LEARN_H

#include "state.h"
#include "pref/filter.h"

/* Whether the scales are still to be learnt, or loaded. */
int strength_at_scales(const struct strength *s);

enum pref_verdict strength_learn(const void *state, struct pref_job *job, void *space);
enum pref_verdict strength_absorb(void *state, struct pref_row *row, void *space);
int strength_settle(void *state, struct pref_err *err);

void strength_fit_options(const void *state, struct pref_buf *json);
int strength_save(void *state, struct pref_fit_writer *writer, struct pref_err *err);
int strength_load(void *state, const struct pref_fit_row *row, struct pref_err *err);

#endif
