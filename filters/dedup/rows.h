/* SPDX-License-Identifier: Apache-2.0 */
/* rows.h - dedup's serial half, as in struct pref_filter (pref/filter.h); for dedup.c. */
#ifndef PREF_DEDUP_ROWS_H
#define PREF_DEDUP_ROWS_H

#include "pref/filter.h"

enum pref_verdict dedup_gather(void *state, struct pref_row *row, void *state_note);
enum pref_verdict dedup_absorb(void *state, struct pref_row *row, void *state_note);
int dedup_settle(void *state, struct pref_err *err);
void dedup_warm(const void *state, const void *state_note);
enum pref_verdict dedup_commit(void *state, struct pref_row *row, void *state_note);

#endif
