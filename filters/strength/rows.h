/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rows.h - the rows of one record's scores, read on any thread: each model's difference,
 * divided by its scale where that is asked for, and what they come to.
 */
#ifndef STRENGTH_ROWS_H
#define STRENGTH_ROWS_H

#include "levels.h"
#include "measure.h"
#include "scales.h"
#include "pref/filter.h"

struct strength_rows {
    struct pref_scores scores;
    const char *field;                    /* what the scores are called */
    const struct strength_scales *scales; /* NULL: nothing is normalised */
    uint32_t parts;                       /* of --strict-levels, or 0 */
};

struct strength_measured {
    /* The models' differences, in the order of the rows, and what a distribution gives to the
     * chosen side, or -1: in the job's memory. */
    const double *d, *win;
    size_t n, left_out; /* n may be 0: all models are left out */
    struct strength_levels levels; /* of the rows that are not left out */
    struct strength_moments m; /* where n is not 0 */
};

/* Read and measure. `stratum` is the record's, which scales are told apart by; its ptr is NULL
 * where there are none. PREF_USE: *of is filled; all else is what becomes of the record. */
enum pref_verdict strength_rows_measure(const struct strength_rows *rows, struct pref_job *job,
                                        struct pref_span stratum, struct strength_measured *of);

/* Read what the scales are learnt from; it lives as long as the record's note, names in the
 * record's line included. PREF_USE: *list has *count of them, at least 1. */
enum pref_verdict strength_rows_sample(const struct strength_rows *rows, struct pref_job *job,
                                       struct pref_span stratum,
                                       const struct strength_sample **list, size_t *count);

/* After measuring: the differences that the mean was made of, with their models, as they are called
 * in every stratum and hashed for `names`. They live as long as samples do. */
enum pref_verdict strength_rows_name(const struct strength_rows *rows, struct pref_job *job,
                                     struct pref_span stratum, const struct pref_name_table *names,
                                     const struct strength_sample **list, size_t *count);

#endif
