/* SPDX-License-Identifier: Apache-2.0 */
/*
 * accumulator.h - sums of doubles, and of products of two doubles, without any rounding.
 *
 * A sum of doubles in floating point depends on the order of its terms, and so on threads and on
 * how a corpus was cut into files. This one is an integer wide enough for every bit that a double
 * or a product of two can have (Kulisch's long accumulator), so that it does not: equal multisets
 * of terms give equal accumulators in any order and partition, and a value is rounded once, when
 * it is asked for. strength keeps two of them a reward model, for its standard deviation.
 *
 * An accumulator owns nothing: it may be copied, and needs no release. 1,080 bytes. Up to 2^64
 * terms of any size fit.
 */
#ifndef PREF_ACCUMULATOR_H
#define PREF_ACCUMULATOR_H

#include <stddef.h>
#include <stdint.h>

#include "base.h"

#define PREF_ACCUMULATOR_LIMBS 134

/* Room for any text of pref_accumulator_print, with its NUL. */
#define PREF_ACCUMULATOR_MAX 1088

/*
 * The sum of limb[i] * 2^(32 i - 2148). A limb is a signed number of more than 32 bits, so that
 * adding does not carry: carries wait until they might be too large. Use the functions.
 */
struct pref_accumulator {
    int64_t limb[PREF_ACCUMULATOR_LIMBS];
    uint32_t pending; /* no limb exceeds pending * 2^32 in magnitude */
};

/* Make it zero. (All bytes zero is the same.) */
void pref_accumulator_init(struct pref_accumulator *a);

/* Add x exactly. Returns 0, or PREF_FAIL if x is not finite: nothing is then added. */
int pref_accumulator_add(struct pref_accumulator *a, double x);

/* Add x * y exactly, also where the product would overflow or underflow. Returns 0, or PREF_FAIL
 * if either is not finite: nothing is then added. */
int pref_accumulator_add_product(struct pref_accumulator *a, double x, double y);

/* Add another one, which may be the same. */
void pref_accumulator_merge(struct pref_accumulator *a, const struct pref_accumulator *from);

/* The double nearest to the sum, ties to even; an infinity if that is too large; +0 for 0. */
double pref_accumulator_round(const struct pref_accumulator *a);

/* The sum divided by `count`, which is not 0: within 1 ulp, and no overflow on the way. */
double pref_accumulator_mean(const struct pref_accumulator *a, uint64_t count);

/*
 * count * sum(x y) - sum(x) * sum(y) over `count` pairs of terms: count^2 times their covariance,
 * or with x = y their variance. The difference is taken in integers, so that nothing cancels, and
 * is rounded once, to 52 or 53 bits: it is value * 2^(2 half), for it may be far beyond a double.
 */
struct pref_moment {
    double value;
    int half;
};
struct pref_moment pref_accumulator_moment(const struct pref_accumulator *x,
                                           const struct pref_accumulator *y,
                                           const struct pref_accumulator *products,
                                           uint64_t count);

/*
 * The population standard deviation of `count` terms with these sums of the terms and of their
 * squares: sqrt(count * squares - sum^2) / count, of pref_accumulator_moment, within 2 ulp.
 *
 * Returns 0, or PREF_FAIL if `count` is 0 or no such terms exist (the difference is negative).
 */
int pref_accumulator_deviation(const struct pref_accumulator *sum,
                               const struct pref_accumulator *squares, uint64_t count,
                               double *out);

/*
 * Write the exact value, and a NUL: sign, hexadecimal integer without a zero at either end, 'p',
 * and the power of two it is multiplied by, a multiple of 4 ("3p0", "-8p-4", "0p0" for 0); with
 * 0x in front, C's strtod reads it. Equal sums give equal texts, however they came about.
 * Returns the length without the NUL.
 */
size_t pref_accumulator_print(char out[PREF_ACCUMULATOR_MAX], const struct pref_accumulator *a);

/* Read what pref_accumulator_print wrote. Returns 0, or PREF_FAIL with a sentence in `err` for
 * any other text, also if it only differs in form; *a is then undefined. */
int pref_accumulator_parse(struct pref_span text, struct pref_accumulator *a,
                           struct pref_err *err);

#endif
