/* SPDX-License-Identifier: Apache-2.0 */
/*
 * removed.h - what loo's --removed receives: a line for each item that was cut, with the place
 * of its record, its number there, and its own bytes.
 *
 *   {"removed":{"file":"a.jsonl","line":7,"id":"q1"},"index":0,"item":"France is a country."}
 */
#ifndef FILTERS_LOO_REMOVED_H
#define FILTERS_LOO_REMOVED_H

#include "items.h"
#include "pref/filter.h"

/* Write the lines of one record, whose search is over, from commit. `line` is room to compose
 * in. */
int loo_removed_write(struct pref_side *side, struct pref_buf *line, const struct pref_row *row,
                      const struct loo_work *work);

#endif
