/* SPDX-License-Identifier: Apache-2.0 */
/*
 * near_rows.h - what is decided in order where near records go, too: beside dedup_gather of rows.h,
 * and instead of its dedup_absorb and dedup_commit, which call these.
 */
#ifndef PREF_DEDUP_NEAR_ROWS_H
#define PREF_DEDUP_NEAR_ROWS_H

#include "state.h"

/* A record of a protected corpus, of which `key` is the number of its key, a new one. */
int dedup_gather_near(struct dedup *dedup, struct pref_row *row, const struct dedup_note *note,
                      uint32_t key);
enum pref_verdict dedup_absorb_near(struct dedup *dedup, struct pref_row *row,
                                    const struct dedup_note *note);
enum pref_verdict dedup_commit_near(struct dedup *dedup, struct pref_row *row,
                                    const struct dedup_note *note);

#endif
