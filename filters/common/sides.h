/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sides.h - the two sides of a pair compared with each other: whether they say the same, and
 * whether they answer the same conversation. Values are compared as keys are (key.h): decoded, all
 * members of a message taking part in any order. Called from map.
 */
#ifndef FILTERS_SIDES_H
#define FILTERS_SIDES_H

#include "pref/filter.h"

/* Whether two values are equal: 1, 0, or -1 where they could not be compared (out of memory). */
int sides_equal(struct pref_job *job, struct pref_span a, struct pref_span b);

/* Whether two conversations part before their last message: 1, 0, or -1 as above. Values that are
 * not both arrays have no history. */
int sides_part_early(struct pref_job *job, struct pref_span a, struct pref_span b);

#endif
