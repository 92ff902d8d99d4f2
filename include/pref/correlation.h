/* SPDX-License-Identifier: Apache-2.0 */
/*
 * correlation.h - Pearson's correlation of pairs of doubles, from exact sums (accumulator.h): the
 * same for any order and partition of the pairs, and no cancellation however close they lie
 * together. strength adds up two models' differences with it (--pairs), and pref models asks.
 *
 * Owns nothing. 5,440 bytes. All bytes zero is an empty one.
 */
#ifndef PREF_CORRELATION_H
#define PREF_CORRELATION_H

#include "accumulator.h"

#define PREF_CORRELATION_SUMS 5

struct pref_correlation {
    struct pref_accumulator sum[PREF_CORRELATION_SUMS]; /* of x, y, x x, y y, x y; a row's */
    uint64_t n;
};

/* Add a pair exactly. PREF_FAIL if either is not finite: nothing is then added. */
int pref_correlation_add(struct pref_correlation *c, double x, double y);

/* The same with x and y exchanged. */
struct pref_correlation pref_correlation_turned(const struct pref_correlation *c);

/*
 * What `n` pairs with these sums come to:
 *
 *   (n Sxy - Sx Sy) / sqrt((n Sxx - Sx^2) (n Syy - Sy^2))
 *
 * Each difference is taken in integers and rounded once; within 4 ulp, from -1 to 1. NaN where
 * there is none: no pair, or x or y never varies. PREF_FAIL if no pairs have such sums.
 */
int pref_correlation_of(const struct pref_accumulator sum[PREF_CORRELATION_SUMS], uint64_t n,
                        double *out);

#endif
