/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "pref/logistic.h"

#include "lib/base/fdio.h"
#include "pref/mathfn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NEWTON_STEPS 50
#define HALVINGS 30
#define GRADIENTS 200
#define ROUNDING 1e-12 /* what a sum of losses may be off by */
#define BINS 10

/* From the stiffest on: each solution is the start of the next. */
static const double penalties[] = {1000, 300, 100, 30, 10, 3, 1, 0.3, 0.1};
enum { PENALTIES = sizeof penalties / sizeof penalties[0], PENALTY_OF_NONE = 4 };

/* How well a minimum must be found: the last step of Newton moves no weight by more than `still`,
 * or promises no more than `gain` of loss; each is found to `share` of the slope. */
struct care {
    double still, gain, share;
};

static const struct care with_care = {1e-8, 0, 1e-3};
/* To compare penalties: what this may be off by is nothing beside what they differ by. */
static const struct care roughly = {1e-3, 1e-2, 0.1};

/* How weights are penalised. */
struct manner {
    double penalty;
    int stiff;
};

struct solver {
    const struct pref_logistic_data *data;
    const struct care *care;
    double *times, *margins, *curve;                          /* by row; times: that take part */
    double *step, *gradient, *residual, *way, *turn, *across; /* by feature */
    double *eased, *force;   /* by feature; force: the penalty of each */
    double *whole, *weights; /* by feature; see choose */
    int stopped;
};

enum { BY_ROW = 3, BY_FEATURE = 10 };

static double dot(const double *a, const double *b, uint32_t n)
{
    double sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* Four sums abreast, since each addition waits for the one before it. */
static double along(const struct pref_logistic_data *data, const struct pref_logistic_row *row,
                    const double *weights)
{
    const struct pref_logistic_term *term = data->terms + row->start, *end = term + row->terms;
    double a = 0, b = 0, c = 0, d = 0;
    for (; end - term >= 4; term += 4) {
        a += weights[term[0].feature] * term[0].value;
        b += weights[term[1].feature] * term[1].value;
        c += weights[term[2].feature] * term[2].value;
        d += weights[term[3].feature] * term[3].value;
    }
    for (; term < end; term++)
        a += weights[term->feature] * term->value;
    return (a + b) + (c + d);
}

/* log (1 + exp (-x)), which neither overflows nor loses what is left of small terms. */
static double loss_of(double x)
{
    return x > 0 ? pref_log(1 + pref_exp(-x)) : pref_log(1 + pref_exp(x)) - x;
}

/* The penalised loss at `weights`; leaves the margins. */
static double loss_at(struct solver *s, const double *weights)
{
    double sum = 0;
    for (uint32_t f = 0; f < s->data->features; f++)
        sum += s->force[f] / 2 * weights[f] * weights[f];
    for (size_t i = 0; i < s->data->count; i++) {
        const struct pref_logistic_row *row = &s->data->rows[i];
        s->margins[i] = row->offset + along(s->data, row, weights);
        if (s->times[i] > 0)
            sum += s->times[i] * loss_of(row->positive ? s->margins[i] : -s->margins[i]);
    }
    return sum;
}

/* The gradient at `weights`, whose margins are there; the curvature of each row; and the diagonal
 * of the Hessian. */
static void slope_at(struct solver *s, const double *weights)
{
    for (uint32_t f = 0; f < s->data->features; f++) {
        s->gradient[f] = s->force[f] * weights[f];
        s->across[f] = s->force[f];
    }
    for (size_t i = 0; i < s->data->count; i++) {
        const struct pref_logistic_row *row = &s->data->rows[i];
        const struct pref_logistic_term *term = s->data->terms + row->start;
        double p = pref_sigmoid(s->margins[i]), pull = s->times[i] * (p - (row->positive ? 1 : 0));
        s->curve[i] = s->times[i] * p * (1 - p);
        for (uint32_t t = 0; s->times[i] > 0 && t < row->terms; t++) {
            s->gradient[term[t].feature] += pull * term[t].value;
            s->across[term[t].feature] += s->curve[i] * term[t].value * term[t].value;
        }
    }
}

/* turn = (X' C X + force) way */
static void curve_along(struct solver *s)
{
    for (uint32_t f = 0; f < s->data->features; f++)
        s->turn[f] = s->force[f] * s->way[f];
    for (size_t i = 0; i < s->data->count; i++) {
        const struct pref_logistic_row *row = &s->data->rows[i];
        const struct pref_logistic_term *term = s->data->terms + row->start;
        if (!(s->curve[i] > 0))
            continue;
        double bend = s->curve[i] * along(s->data, row, s->way);
        for (uint32_t t = 0; t < row->terms; t++)
            s->turn[term[t].feature] += bend * term[t].value;
    }
}

/* The residual, each part of it by the curvature across it. */
static double ease(struct solver *s)
{
    for (uint32_t f = 0; f < s->data->features; f++)
        s->eased[f] = s->residual[f] / s->across[f];
    return dot(s->residual, s->eased, s->data->features);
}

/* Newton's step, by conjugate gradients (Hestenes and Stiefel, 1952). */
static void find_step(struct solver *s)
{
    uint32_t n = s->data->features;
    memset(s->step, 0, n * sizeof *s->step);
    for (uint32_t f = 0; f < n; f++)
        s->residual[f] = -s->gradient[f];
    double square = ease(s), enough = square * s->care->share * s->care->share;
    memcpy(s->way, s->eased, n * sizeof *s->way);
    for (int i = 0; i < GRADIENTS && square > enough && square > 0; i++) {
        curve_along(s);
        double length = square / dot(s->way, s->turn, n), before = square;
        for (uint32_t f = 0; f < n; f++) {
            s->step[f] += length * s->way[f];
            s->residual[f] -= length * s->turn[f];
        }
        square = ease(s);
        for (uint32_t f = 0; f < n; f++)
            s->way[f] = s->eased[f] + square / before * s->way[f];
    }
}

/* Take the step; the loss is convex, and a step that makes it worse is too long. Returns the loss
 * then. */
static double take_step(struct solver *s, double *weights, double loss)
{
    uint32_t n = s->data->features;
    for (uint32_t f = 0; f < n; f++)
        weights[f] += s->step[f];
    double now = loss_at(s, weights);
    for (int i = 0; i < HALVINGS && now > loss * (1 + ROUNDING); i++) {
        for (uint32_t f = 0; f < n; f++) {
            s->step[f] /= 2;
            weights[f] -= s->step[f];
        }
        now = loss_at(s, weights);
    }
    return now;
}

static void set_force(struct solver *s, const struct manner *manner)
{
    for (uint32_t f = 0; f < s->data->features; f++)
        s->force[f] = manner->penalty * (manner->stiff ? s->data->stiffness[f] : 1);
}

/* Minimise from `weights` on; or leave off where the run must end. */
static void minimise(struct solver *s, double *weights, const struct manner *manner)
{
    uint32_t n = s->data->features;
    set_force(s, manner);
    double loss = loss_at(s, weights), most = INFINITY, gain = INFINITY;
    for (int step = 0; step < NEWTON_STEPS && most > s->care->still && gain > s->care->gain &&
                       !s->stopped; step++) {
        slope_at(s, weights);
        find_step(s);
        gain = -dot(s->gradient, s->step, n) / 2;
        most = 0;
        for (uint32_t f = 0; f < n; f++)
            most = fmax(most, fabs(s->step[f]));
        loss = take_step(s, weights, loss);
        s->stopped = pref_stop_asked(s->data->stop_fd);
    }
}

/* ---- Cross-validation ------------------------------------------------------------------------ */

/* What is found on records that were left out. */
struct trial {
    double records, right, loss, sum[BINS], positive[BINS];
};

/* How many of the first `count` records are in a fold. */
static uint64_t in_fold(uint64_t count, unsigned folds, unsigned fold)
{
    return (count + folds - 1 - fold) / folds;
}

static void take_all(struct solver *s)
{
    for (size_t i = 0; i < s->data->count; i++)
        s->times[i] = (double)s->data->rows[i].times;
}

/* Let all records take part but those of a fold, whose numbers are left. */
static void leave_out(struct solver *s, unsigned folds, unsigned fold, double *left)
{
    uint64_t first = 0;
    for (size_t i = 0; i < s->data->count; i++) {
        uint64_t end = first + s->data->rows[i].times;
        left[i] = (double)(in_fold(end, folds, fold) - in_fold(first, folds, fold));
        s->times[i] = (double)s->data->rows[i].times - left[i];
        first = end;
    }
}

/* Add the records that were left out, whose margins are there. */
static void try_left(const struct solver *s, const double *left, struct trial *trial)
{
    for (size_t i = 0; i < s->data->count; i++) {
        const struct pref_logistic_row *row = &s->data->rows[i];
        double p = pref_sigmoid(s->margins[i]);
        int bin = p < 1 ? (int)(p * BINS) : BINS - 1;
        trial->records += left[i];
        trial->loss += left[i] * loss_of(row->positive ? s->margins[i] : -s->margins[i]);
        trial->right += left[i] * (p == 0.5 ? 0.5 : (p > 0.5) == (row->positive != 0));
        trial->sum[bin] += left[i] * p;
        trial->positive[bin] += row->positive ? left[i] : 0;
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

/* What speaks against a manner before any record does: the square of the penalty's logarithm's
 * distance from that of 5, times 4, as of a normal density; and 3 where a stiffness is left out.
 * Few records cannot tell manners apart, and would choose wild ones; of many, the losses differ by
 * far more than this. */
static double doubt(const struct solver *s, const struct manner *manner)
{
    double far = pref_log(manner->penalty / 5);
    return 4 * far * far + (s->data->stiffness != NULL && !manner->stiff ? 3 : 0);
}

/* Whether a stiffness is there that is 1 for all: without it nothing is another. */
static int is_even(const struct pref_logistic_data *data)
{
    uint32_t f = 0;
    while (data->stiffness != NULL && f < data->features && data->stiffness[f] == 1)
        f++;
    return data->stiffness != NULL && f == data->features;
}

/* The manners: all penalties, from the stiffest on; with the stiffness, then without. */
static int list_manners(const struct solver *s, struct manner list[2 * PENALTIES])
{
    int count = 0;
    for (int stiff = s->data->stiffness != NULL; stiff >= is_even(s->data); stiff--)
        for (int i = 0; i < PENALTIES; i++)
            list[count++] = (struct manner){penalties[i], stiff};
    return count;
}

/* Try a manner: `whole` is its solution from all records, and comes from the one of the manner
 * before; what a fold leaves of the records has one that is not far, found in `weights`. Returns
 * what speaks against it, or gives it up once that is not below `least`. */
static double try_manner(struct solver *s, const struct manner *manner, unsigned folds,
                         double least, struct trial *trial, double *left)
{
    double doubted = doubt(s, manner);
    take_all(s);
    minimise(s, s->whole, manner);
    for (unsigned fold = 0; fold < folds && doubted + trial->loss < least; fold++) {
        leave_out(s, folds, fold, left);
        memcpy(s->weights, s->whole, s->data->features * sizeof *s->weights);
        minimise(s, s->weights, manner);
        try_left(s, left, trial);
    }
    return doubted + trial->loss;
}

/* Choose the manner, whose solution the model then has. `left` is scratch for a number a row. */
static struct manner choose(struct solver *s, unsigned folds, struct pref_logistic *model,
                            double *left)
{
    struct manner manners[2 * PENALTIES], best = {0};
    int count = list_manners(s, manners);
    double least = INFINITY;
    s->care = &roughly;
    for (int i = 0; i < count; i++) {
        struct trial trial = {0};
        if (i % PENALTIES == 0)
            memset(s->whole, 0, s->data->features * sizeof *s->whole);
        double against = try_manner(s, &manners[i], folds, least, &trial, left);
        if (!(against < least))
            continue;
        least = against;
        best = manners[i];
        conclude(model, &trial);
        memcpy(model->weights, s->whole, s->data->features * sizeof *s->whole);
    }
    return best;
}

/* Draw PREF_LOGISTIC_TRIED records, evenly spaced, into rows of their own. */
static struct pref_logistic_data draw(const struct pref_logistic_data *data, uint64_t records,
                                      struct pref_logistic_row *rows)
{
    struct pref_logistic_data drawn = *data;
    uint64_t first = 0;
    drawn.rows = rows;
    drawn.count = 0;
    for (size_t i = 0; i < data->count; i++) {
        uint64_t end = first + data->rows[i].times;
        uint64_t times = end * PREF_LOGISTIC_TRIED / records;
        times -= first * PREF_LOGISTIC_TRIED / records;
        if (times > 0) {
            rows[drawn.count] = data->rows[i];
            rows[drawn.count++].times = times;
        }
        first = end;
    }
    return drawn;
}

/* `rows` has room for PREF_LOGISTIC_TRIED rows, `left` for a number a row. */
static void solve(struct solver *s, struct pref_logistic *model, struct pref_logistic_row *rows,
                  double *left)
{
    const struct pref_logistic_data *data = s->data;
    struct manner manner = {penalties[PENALTY_OF_NONE], data->stiffness != NULL};
    struct pref_logistic_data drawn = *data;
    uint64_t records = 0;
    for (size_t i = 0; i < data->count; i++)
        records += data->rows[i].times;
    if (records > PREF_LOGISTIC_TRIED)
        drawn = draw(data, records, rows);
    s->data = &drawn;
    if (records > 1)
        manner = choose(s, records < PREF_LOGISTIC_FOLDS ? (unsigned)records : PREF_LOGISTIC_FOLDS,
                        model, left);
    s->data = data;
    model->penalty = manner.penalty;
    model->stiff = manner.stiff;
    take_all(s);
    s->care = &with_care;
    minimise(s, model->weights, &manner);
}

int pref_logistic_fit(struct pref_logistic *model, const struct pref_logistic_data *data,
                      struct pref_err *err)
{
    size_t features = (size_t)data->features + 1, rows = data->count + 1;
    *model = (struct pref_logistic){
        .accuracy = NAN, .log_loss = NAN, .calibration_error = NAN};
    double *room = malloc((BY_FEATURE * features + (BY_ROW + 1) * rows) * sizeof *room);
    struct pref_logistic_row *drawn = malloc(PREF_LOGISTIC_TRIED * sizeof *drawn);
    model->weights = calloc(features, sizeof *model->weights);
    if (room == NULL || drawn == NULL || model->weights == NULL) {
        free(room);
        free(drawn);
        return pref_fail_memory(err, "the weights of judges");
    }
    double *by_row = room + BY_FEATURE * features;
    struct solver s = {.data = data,
                       .step = room,
                       .gradient = room + features,
                       .residual = room + 2 * features,
                       .way = room + 3 * features,
                       .turn = room + 4 * features,
                       .across = room + 5 * features,
                       .eased = room + 6 * features,
                       .force = room + 7 * features,
                       .whole = room + 8 * features,
                       .weights = room + 9 * features,
                       .times = by_row,
                       .margins = by_row + rows,
                       .curve = by_row + 2 * rows};
    solve(&s, model, drawn, by_row + BY_ROW * rows);
    free(room);
    free(drawn);
    return s.stopped ? PREF_LATER : PREF_OK;
}

void pref_logistic_release(struct pref_logistic *model)
{
    free(model->weights);
    model->weights = NULL;
}
