/* SPDX-License-Identifier: Apache-2.0 */
/*
 * measure.h - the numbers that strength gives one record, from its score differences, and
 * the counts of a corpus's means as the rows of a fit.
 *
 * Sums over one record are plain additions in the order of its rows. That order is the record's
 * own, so they round in one way, and in the opposite one when all differences change their sign.
 */
#ifndef STRENGTH_MEASURE_H
#define STRENGTH_MEASURE_H

#include "pref/buckets.h"
#include "pref/fit.h"

/* Mean and population standard deviation of some differences. */
struct strength_moments {
    double mean; /* (1/M) sum d_m; never -0 */
    double sd;   /* sqrt((1/M) sum (d_m - mean)^2) */
};

/* The moments of `n` finite differences, n > 0 (as 2401.06080 defines them). What is beyond a
 * double's range shows as a result that is not finite; squares on the way do not overflow. */
struct strength_moments strength_measure(const double *d, size_t n);

/* The mean over `n` models, n > 0, of the probability that each gives to the chosen side: the
 * logistic function of its difference, or what `win` has for it, where that is not below 0. From 0
 * to 1. */
double strength_soft_label(const double *d, const double *win, size_t n);

#define STRENGTH_BUCKET_DIGITS 6

/* A bucket's number in six hexadecimal digits, no NUL. */
void strength_bucket_print(char out[STRENGTH_BUCKET_DIGITS], uint32_t bucket);

/* Read such digits. PREF_FAIL if they are none. */
int strength_bucket_parse(const char digits[STRENGTH_BUCKET_DIGITS], uint32_t *bucket);

/* Write a row for each bucket that has a count: its number in six hexadecimal digits, and the
 * count. Not settled yet. Fails as pref_fit_put does. */
int strength_counts_save(const struct pref_buckets *counts, struct pref_fit_writer *writer,
                         struct pref_err *err);

/* Add the count of such a row. PREF_FAIL for any other row. */
int strength_counts_load(struct pref_buckets *counts, const struct pref_fit_row *row,
                         struct pref_err *err);

#endif
