/* SPDX-License-Identifier: Apache-2.0 */
/*
 * accumulator_limbs.h - an accumulator's sum as an integer in limbs of 32 bits, the least first,
 * for accumulator.c and accumulator_moment.c alone.
 */
#ifndef PREF_ACCUMULATOR_LIMBS_H
#define PREF_ACCUMULATOR_LIMBS_H

#include "pref/accumulator.h"

#include <stdbool.h>

/* The place of the lowest bit is 2^-2148 = (2^-1074)^2, the least product of two doubles. */
#define PREF_LIMBS_LOWEST 2148

/* The magnitude of a sum. Returns whether it is negative. */
bool pref_limbs_magnitude(const struct pref_accumulator *a,
                          uint32_t limbs[PREF_ACCUMULATOR_LIMBS]);

/* How many bits an integer has; 0 for 0. */
int pref_limbs_length(const uint32_t *limbs, size_t count);

/*
 * The integer rounded, to even where it ties, to a multiple of 2^place: the factor of it, which is
 * returned as a double, is at most 2^53 if all but 53 bits are below that place.
 */
double pref_limbs_round(const uint32_t *limbs, size_t count, int place);

#endif
