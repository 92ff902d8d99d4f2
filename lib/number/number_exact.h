/* SPDX-License-Identifier: Apache-2.0 */
/*
 * number_exact.h - the comparison that decides the hard cases of pref_number_parse. Private to it.
 */
#ifndef PREF_NUMBER_EXACT_H
#define PREF_NUMBER_EXACT_H

#include <stdint.h>

#include "pref/base.h"

/*
 * Where a decimal stands to the half-way point between the double whose bits are `floor_bits`
 * (finite, its sign bit clear) and the next one up: negative below it, 0 upon it, positive above.
 *
 * The decimal is the integer of the digits of `lead` (not 0) and then those of `rest`, times the
 * power of ten that gives `lead` alone the exponent `exponent10`, -342 <= exponent10 <= 308. In
 * `rest`, which may be empty, a '.' is passed over. The decimal must lie within a factor of 2^64
 * of the half-way point, as it does for a caller who holds an approximation.
 *
 * Never fails; linear in `rest`, constant memory (about 1 KiB of stack).
 */
int pref_number_exact_compare(uint64_t lead, int exponent10, struct pref_span rest,
                              uint64_t floor_bits);

#endif
