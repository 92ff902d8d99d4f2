/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load.h - the fits of strength that tell of single models, read into figures: scales
 * (zscore: count, mean and deviation; iqr and logistic: count and quartiles), or what --pairs added
 * up (all but quartiles, and correlations). For pref models alone.
 *
 * A figure that the fit does not have is a NaN.
 */
#ifndef CMD_MODELS_LOAD_H
#define CMD_MODELS_LOAD_H

#include "filters/strength/tally.h"
#include "lib/key/name_table.h"
#include "pref/fit.h"

#include <math.h>

#define MODELS_NONE UINT32_MAX

/* Fits are merged of parts with models of their own: so many can be compared here. */
#define MODELS_PAIRS_MAX 1024

enum models_kind { MODELS_ZSCORE, MODELS_IQR, MODELS_LOGISTIC, MODELS_PAIRS };

/* What the correlation with the mean of the others says of a model. */
enum models_flag { MODELS_FINE, MODELS_LOW, MODELS_NEGATIVE };

struct model {
    uint64_t n; /* differences; logistic: scores; with --pairs: records */
    double coverage, mean, sd, positive, q1, median, q3, iqr;
    double rest;        /* correlation with the mean of the others */
    double correlation; /* with its twin */
    uint32_t twin;      /* the model with which it correlates most, or MODELS_NONE */
    enum models_flag flag;
};

struct models {
    enum models_kind kind;
    struct pref_name_table names; /* escaped as in fits; their numbers say which model it is */
    struct model *list;           /* by number */
    size_t cap;
    uint32_t *order;  /* all numbers in bytewise order of the names; settled only */
    uint64_t records; /* with --pairs: those with scores */
    double *matrix;   /* with --pairs, once a pair came: of two models the correlation, at */
    uint64_t *shared; /* models_cell, and the records that both are in */
    struct strength_tally tally; /* iqr, logistic: until settled */
    struct pref_buf name;
};

/* The value of an option that a fit was made with, as JSON; ptr is NULL where it has none. */
struct pref_span models_option(const char *options, const char *name);

void models_init(struct models *models, uint64_t seed);
void models_release(struct models *models);

/* Take in a head, then its rows in their order (one_fit.h). */
int models_take_head(void *models, const struct pref_fit_head *head, struct pref_err *err);
int models_take_row(void *models, const struct pref_fit_row *row, struct pref_err *err);

/* All rows are taken in: work out what hangs on all of them. PREF_FAIL when memory ran out. */
int models_settle(struct models *models, struct pref_err *err);

static inline size_t models_cell(const struct models *models, uint32_t a, uint32_t b)
{
    return (size_t)a * models->names.count + b;
}

/* Of two models, or of one with itself. */
static inline double models_correlation(const struct models *models, uint32_t a, uint32_t b)
{
    if (a == b)
        return models->list[a].sd > 0 ? 1 : NAN;
    return models->matrix == NULL ? NAN : models->matrix[models_cell(models, a, b)];
}

#endif
