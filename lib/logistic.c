/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "logistic.h"

#include "mathfn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NEWTON_STEPS 50
#define HALVINGS 30
#define GRADIENTS 200
#define STILL 1e-8
#define BINS 10

/* From the stiffest on: each solution is the start of the next. */
static const double penalties[] = {1000, 300, 100, 30, 10, 3, 1, 0.3, 0.1};
enum { PENALTIES = sizeof penalties / sizeof penalties[0], PENALTY_OF_NONE = 4 };

/* Which records a fit is made of: all, or all but those of one fold. */
struct solver {
    const struct pref_logistic_data *data;
    unsigned folds, fold;                            /* fold == folds: all */
    double *margins, *curve;                         /* by row */
    double *step, *gradient, *residual, *way, *turn; /* by feature */
};

static double dot(const double *a, const double *b, uint32_t n)
{
    double sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* How many of the records from `first` on, `times` of them, are in a fold. */
static uint64_t in_fold(uint64_t first, uint64_t times, unsigned folds, unsigned fold)
{
    return (first + times + folds - 1 - fold) / folds - (first + folds - 1 - fold) / folds;
}

static double weight_of(const struct solver *s, size_t row, uint64_t first)
{
    uint64_t times = s->data->rows[row].times;
    uint64_t left = s->fold == s->folds ? 0 : in_fold(first, times, s->folds, s->fold);
    return (double)(times - left);
}

static double margin_of(const struct pref_logistic_data *data, const struct pref_logistic_row *row,
                        const double *weights)
{
    double sum = 0;
    const struct pref_logistic_term *term = data->terms + row->start;
    for (uint32_t i = 0; i < row->terms; i++)
        sum += weights[term[i].feature] * term[i].value;
    return sum;
}

/* log (1 + exp (-x)), which neither overflows nor loses what is left of small terms. */
static double loss_of(double x)
{
    return x > 0 ? pref_log(1 + pref_exp(-x)) : pref_log(1 + pref_exp(x)) - x;
}

/* The penalised loss at `weights`; leaves the margins. */
static double loss_at(struct solver *s, const double *weights, double penalty)
{
    double sum = penalty / 2 * dot(weights, weights, s->data->features);
    uint64_t first = 0;
    for (size_t i = 0; i < s->data->count; i++) {
        const struct pref_logistic_row *row = &s->data->rows[i];
        s->margins[i] = margin_of(s->data, row, weights);
        sum += weight_of(s, i, first) * loss_of(row->positive ? s->margins[i] : -s->margins[i]);
        first += row->times;
    }
    return sum;
}

/* The gradient at `weights`, whose margins are there, and the curvature of each row. */
static void slope_at(struct solver *s, const double *weights, double penalty)
{
    uint64_t first = 0;
    for (uint32_t f = 0; f < s->data->features; f++)
        s->gradient[f] = penalty * weights[f];
    for (size_t i = 0; i < s->data->count; i++) {
        const struct pref_logistic_row *row = &s->data->rows[i];
        const struct pref_logistic_term *term = s->data->terms + row->start;
        double times = weight_of(s, i, first), p = pref_sigmoid(s->margins[i]);
        double pull = times * (p - (row->positive ? 1 : 0));
        s->curve[i] = times * p * (1 - p);
        for (uint32_t t = 0; t < row->terms; t++)
            s->gradient[term[t].feature] += pull * term[t].value;
        first += row->times;
    }
}

/* turn = (X' C X + penalty) way */
static void curve_along(struct solver *s, double penalty)
{
    for (uint32_t f = 0; f < s->data->features; f++)
        s->turn[f] = penalty * s->way[f];
    for (size_t i = 0; i < s->data->count; i++) {
        const struct pref_logistic_row *row = &s->data->rows[i];
        const struct pref_logistic_term *term = s->data->terms + row->start;
        double along = s->curve[i] * margin_of(s->data, row, s->way);
        for (uint32_t t = 0; t < row->terms; t++)
            s->turn[term[t].feature] += along * term[t].value;
    }
}

/* Newton's step, by conjugate gradients (Hestenes and Stiefel, 1952). */
static void find_step(struct solver *s, double penalty)
{
    uint32_t n = s->data->features;
    memset(s->step, 0, n * sizeof *s->step);
    for (uint32_t f = 0; f < n; f++)
        s->residual[f] = s->way[f] = -s->gradient[f];
    double square = dot(s->residual, s->residual, n), enough = square * 1e-16;
    for (int i = 0; i < GRADIENTS && square > enough && square > 0; i++) {
        curve_along(s, penalty);
        double length = square / dot(s->way, s->turn, n), before = square;
        for (uint32_t f = 0; f < n; f++) {
            s->step[f] += length * s->way[f];
            s->residual[f] -= length * s->turn[f];
        }
        square = dot(s->residual, s->residual, n);
        for (uint32_t f = 0; f < n; f++)
            s->way[f] = s->residual[f] + square / before * s->way[f];
    }
}

/* Minimise from `weights` on. The loss is convex: a step that makes it worse is too long. */
static void minimise(struct solver *s, double *weights, double penalty)
{
    uint32_t n = s->data->features;
    double loss = loss_at(s, weights, penalty), most = 1;
    for (int step = 0; step < NEWTON_STEPS && most > STILL; step++) {
        slope_at(s, weights, penalty);
        find_step(s, penalty);
        most = 0;
        for (uint32_t f = 0; f < n; f++) {
            weights[f] += s->step[f];
            most = fmax(most, fabs(s->step[f]));
        }
        double now = loss_at(s, weights, penalty);
        for (int i = 0; i < HALVINGS && now > loss; i++) {
            for (uint32_t f = 0; f < n; f++) {
                s->step[f] /= 2;
                weights[f] -= s->step[f];
            }
            now = loss_at(s, weights, penalty);
        }
        loss = now;
    }
}

/* ---- Cross-validation ------------------------------------------------------------------------ */

/* What is found on records that were left out. */
struct trial {
    double records, right, loss, sum[BINS], positive[BINS];
};

/* Add the records of the solver's fold, whose margins are there. */
static void try_fold(const struct solver *s, struct trial *trial)
{
    uint64_t first = 0;
    for (size_t i = 0; i < s->data->count; i++) {
        const struct pref_logistic_row *row = &s->data->rows[i];
        double times = (double)in_fold(first, row->times, s->folds, s->fold);
        double p = pref_sigmoid(s->margins[i]);
        int bin = p < 1 ? (int)(p * BINS) : BINS - 1;
        first += row->times;
        trial->records += times;
        trial->loss += times * loss_of(row->positive ? s->margins[i] : -s->margins[i]);
        trial->right += times * (p == 0.5 ? 0.5 : (p > 0.5) == (row->positive != 0));
        trial->sum[bin] += times * p;
        trial->positive[bin] += row->positive ? times : 0;
    }
}

static void conclude(struct pref_logistic *model, const struct trial *trial)
{
    model->accuracy = trial->right / trial->records;
    model->log_loss = trial->loss / trial->records;
    model->calibration_error = 0;
    for (int bin = 0; bin < BINS; bin++)
        model->calibration_error += fabs(trial->sum[bin] - trial->positive[bin]) / trial->records;
}

/* What speaks against a penalty before any record does: the square of its logarithm's distance from
 * that of 5, times 4, as of a normal density. Few records cannot tell penalties apart, and would
 * choose wild ones; of many, the losses differ by far more than this. */
static double doubt(double penalty)
{
    double far = pref_log(penalty / 5);
    return 4 * far * far;
}

/* Choose the penalty: fold by fold down the list. `weights` is scratch for one solution. */
static void choose(struct solver *s, struct pref_logistic *model, double *weights)
{
    struct trial trials[PENALTIES];
    int best = 0;
    memset(trials, 0, sizeof trials);
    for (s->fold = 0; s->fold < s->folds; s->fold++) {
        memset(weights, 0, s->data->features * sizeof *weights);
        for (int i = 0; i < PENALTIES; i++) {
            minimise(s, weights, penalties[i]);
            try_fold(s, &trials[i]);
        }
    }
    for (int i = 1; i < PENALTIES; i++)
        if (trials[i].loss + doubt(penalties[i]) < trials[best].loss + doubt(penalties[best]))
            best = i;
    model->penalty = penalties[best];
    conclude(model, &trials[best]);
}

static void solve(struct solver *s, struct pref_logistic *model)
{
    uint64_t records = 0;
    for (size_t i = 0; i < s->data->count; i++)
        records += s->data->rows[i].times;
    s->folds = records < PREF_LOGISTIC_FOLDS ? (unsigned)records : PREF_LOGISTIC_FOLDS;
    if (s->folds > 1)
        choose(s, model, model->weights);
    s->fold = s->folds;
    memset(model->weights, 0, s->data->features * sizeof *model->weights);
    minimise(s, model->weights, model->penalty);
}

int pref_logistic_fit(struct pref_logistic *model, const struct pref_logistic_data *data,
                      struct pref_err *err)
{
    size_t features = (size_t)data->features + 1, rows = data->count + 1;
    *model = (struct pref_logistic){.penalty = penalties[PENALTY_OF_NONE],
                                    .accuracy = NAN,
                                    .log_loss = NAN,
                                    .calibration_error = NAN};
    double *room = malloc((5 * features + 2 * rows) * sizeof *room);
    model->weights = malloc(features * sizeof *model->weights);
    if (room == NULL || model->weights == NULL) {
        free(room);
        return pref_fail_memory(err, "the weights of judges");
    }
    struct solver s = {.data = data,
                       .step = room,
                       .gradient = room + features,
                       .residual = room + 2 * features,
                       .way = room + 3 * features,
                       .turn = room + 4 * features,
                       .margins = room + 5 * features,
                       .curve = room + 5 * features + rows};
    solve(&s, model);
    free(room);
    return PREF_OK;
}

void pref_logistic_release(struct pref_logistic *model)
{
    free(model->weights);
    model->weights = NULL;
}
