/* SPDX-License-Identifier: Apache-2.0 */
/*
 * order.h - the language of loo's --order: which item is tried first. As they stand, from the
 * last to the first, or by a number inside each item, the least first. Items of equal numbers are
 * tried as they stand; those without the number after all that have it.
 */
#ifndef FILTERS_LOO_ORDER_H
#define FILTERS_LOO_ORDER_H

#include "pref/filter.h"

struct loo_order {
    enum { LOO_ORDER_INPUT, LOO_ORDER_REVERSE, LOO_ORDER_NUMBER } by;
    pref_place each, number; /* the items, and the number in each; or PREF_NOWHERE */
};

/* Read `text` (NULL: not given), with the items at the place `each`. PREF_USAGE with a sentence for
 * anything but input, reverse and a JSON Pointer; a number must be one, and finite, in each record
 * that is scanned from then on. */
int loo_order_open(struct loo_order *order, const char *text, struct pref_shape *shape,
                   pref_place each, struct pref_err *err);

/* The order in which the `count` items of the array at hit `array` are tried, for loo_begin:
 * *list lives as long as the record's note, or is NULL where they are tried as they stand.
 * PREF_FAIL out of memory. */
int loo_order_items(const struct loo_order *order, struct pref_job *job,
                    const struct pref_hit *array, uint32_t count, uint32_t **list);

#endif
