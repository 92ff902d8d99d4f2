/* SPDX-License-Identifier: Apache-2.0 */
/*
 * group.h - loo's --item-group: items that have the same value at a place in them belong
 * together, and are left out together, as one unit of the search.
 */
#ifndef FILTERS_LOO_GROUP_H
#define FILTERS_LOO_GROUP_H

#include "pref/filter.h"

struct loo_group {
    pref_place each, value; /* the items, and the value in each; value is PREF_NOWHERE without it */
    const char *text;       /* as given */
    uint64_t seed;
};

/* What each item belongs to. */
struct loo_units {
    const uint32_t *of; /* by item, its unit: numbered by their first items. NULL: each its own */
    uint32_t count;
};

/* Read `text` (NULL: not given), a JSON Pointer inside the items at `each`. */
int loo_group_open(struct loo_group *group, const char *text, struct pref_shape *shape,
                   pref_place each, uint64_t seed, struct pref_err *err);

/* Find the units of the `count` items of the array at hit `array`. Values are equal as keys are,
 * decoded; an item without a value is a unit of its own. They live as long as the record's note.
 * PASS, or MALFORMED where a value has no key, or BROKEN. Time as for sorting the items. */
enum pref_verdict loo_group_items(const struct loo_group *group, struct pref_job *job,
                                  const struct pref_hit *array, uint32_t count,
                                  struct loo_units *units);

/* Turn the order in which items are tried (NULL: as they stand) into that of their units, in place:
 * a unit is tried when the first of its items is. PREF_FAIL out of memory. */
int loo_group_order(struct pref_job *job, const struct loo_units *units, uint32_t *order,
                    uint32_t count);

#endif
