/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pairs.h - how the models of a corpus vary together: exact sums of each model's
 * differences, of each two models' over the records that have both, and of each model's and the
 * mean of the others. strength adds them up under --pairs, beside its means, for the fit; pref
 * models shows what they say.
 *
 * The differences are those that strength's mean is made of: divided by the model's scale where
 * that is asked for. Several rows of one model in a record are one difference, their mean.
 *
 * Memory: 7,624 bytes a model and 5,448 bytes a pair of models that meet in a record, so 11.5 MB
 * for the 64 models that are the most.
 */
#ifndef STRENGTH_PAIRS_H
#define STRENGTH_PAIRS_H

#include "scales.h"
#include "lib/key/name_table.h"
#include "pref/correlation.h"

#define STRENGTH_PAIRS_MODELS 64

/* What is summed up of one model. */
struct strength_pairs_model {
    uint64_t records, positive, negative; /* by its difference there */
    struct pref_accumulator sum[2];       /* of its differences, and of their squares */
    struct pref_correlation rest;         /* x: its differences, y: the means of the others */
};

/* A model in the record at hand. */
struct strength_pairs_met {
    uint32_t model;
    uint32_t rows;
    double d;
};

struct strength_pairs {
    int wanted; /* --pairs */
    struct pref_name_table names;
    struct strength_pairs_model *models[STRENGTH_PAIRS_MODELS]; /* by number */
    struct pref_correlation *pairs[STRENGTH_PAIRS_MODELS * (STRENGTH_PAIRS_MODELS - 1) / 2];
    struct strength_pairs_met met[STRENGTH_PAIRS_MODELS];
    uint64_t records;
};

void strength_pairs_init(struct strength_pairs *pairs, uint64_t seed);
void strength_pairs_release(struct strength_pairs *pairs);

/* Add a record: all its differences, finite, with the hashes of their models' names in `names`.
 * PREF_FAIL when memory ran out, or there are more models than can be compared. */
int strength_pairs_add(struct strength_pairs *pairs, const struct strength_sample *samples,
                       size_t count, struct pref_err *err);

/* Where in `pairs` the sums of two models are, of which the first has the lower number and is x. */
size_t strength_pairs_place(uint32_t a, uint32_t b);

/*
 * The rows of a fit. They follow those of means, whose keys begin with a hexadecimal digit:
 *
 *   "model NAME"     the counts of records and of differences above and below 0; two sums
 *   "pair NAME NAME" with a TAB between the names, which stand in order; n, the sums of a
 *                    correlation (correlation.h), x being the first one's differences
 *   "panel"          the count of records
 *   "rest NAME"      n, the sums of a correlation
 *
 * Names are escaped (lib/fit/field.h), and sorted so. Saving ends the adding.
 */
int strength_pairs_save(const struct strength_pairs *pairs, struct pref_fit_writer *writer,
                        struct pref_err *err);

/* Whether the row of a fit is one of these, as its key says. */
int strength_pairs_own(const struct pref_fit_row *row);

#endif
