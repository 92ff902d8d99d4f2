/* SPDX-License-Identifier: Apache-2.0 */
/*
 * levels.h - what the distributions among one record's scores say, beside the differences
 * of their mean levels that strength's mean is made of: how probable it is that chosen is on the
 * higher level, how sure the models are, and whether chosen is on a higher one of few coarse
 * levels, as OPRM (2602.12660) asks of pairs to learn from.
 */
#ifndef STRENGTH_LEVELS_H
#define STRENGTH_LEVELS_H

#include "pref/buf.h"
#include "pref/score.h"

/* Sums over the rows that are distributions. Starts zeroed. */
struct strength_levels {
    size_t n;
    struct pref_levels sum;
    uint32_t part[2]; /* of the first row that is not strict: chosen's and rejected's; or 0 */
};

/* Add a row; `parts` is how many parts its levels are divided in to see whether it is strict, or
 * 0. */
void strength_levels_add(struct strength_levels *of, const struct pref_levels *row,
                         uint32_t parts);

/* The probability that a row gives to the chosen side: half of that of equal levels is its. */
double strength_levels_win(const struct pref_levels *row);

/* As they are once the record is flipped. */
void strength_levels_turn(struct strength_levels *of);

/* Room for what strength_levels_put puts. */
#define STRENGTH_LEVELS_MAX 320

/* Put ',"levels":{...}' at `at`, the means over the rows, or nothing where there are none. Returns
 * the place behind it. */
char *strength_levels_put(char *at, const struct strength_levels *of);

#endif
