/* SPDX-License-Identifier: Apache-2.0 */
/*
 * narrow_sum.h - an exact sum of doubles in 24 bytes, for tables that keep many of them.
 *
 * As an accumulator (accumulator.h), it knows no order and no rounding; but that has room for all
 * doubles there are, and nearly every term is of an ordinary size. This one is a 128-bit integer in
 * units of 2^-88: a term below 2^32 that is a multiple of the unit (all from 2^-36 on are) is added
 * there. Any other term, and what the integer has when it would overflow, goes to an accumulator on
 * the heap, which is made when it is first needed.
 *
 * strength keeps two of them for each bucket of means (--groups). All bytes zero is the sum 0;
 * released by its owner; may be moved, not copied.
 */
#ifndef PREF_NARROW_SUM_H
#define PREF_NARROW_SUM_H

#include "pref/accumulator.h"

struct pref_narrow_sum {
    uint64_t low, high; /* a 128-bit integer in two's complement */
    struct pref_accumulator *wide; /* the rest of the sum, or NULL */
};

void pref_narrow_sum_release(struct pref_narrow_sum *sum);

/* Add x, which is finite, exactly. PREF_FAIL when memory ran out: nothing is then added. */
int pref_narrow_sum_add(struct pref_narrow_sum *sum, double x);

/* The whole sum as an accumulator. */
void pref_narrow_sum_value(const struct pref_narrow_sum *sum, struct pref_accumulator *out);

#endif
