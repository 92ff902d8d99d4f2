/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "pref/dawid_skene.h"

#include "lib/base/fdio.h"
#include "pref/mathfn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SMOOTHING 0.01
#define STILL 1e-9
#define EVIDENCE_UNIT 0x1p36
#define STOP_EVERY 4096 /* patterns: so often a signal is looked for */

enum { CHOSEN, REJECTED };

/*
 * The notation of the paper, and ours: of I patients (patterns, each n_i times) observer k (source)
 * has the response l (word) n_il^k times; T_ij, the indicator that patient i is in class j, is
 * estimated by p_i for chosen and 1 - p_i for rejected; p_j is the marginal of class j (prior);
 * pi_jl^k is the probability of response l given class j (rates).
 */
struct em {
    const struct pref_ds_data *data;
    struct pref_ds *model;
    double *p;        /* p_i */
    double *mass;     /* [cell * PREF_DS_SIDES + side] of the votes */
    double *log_odds; /* [cell] */
    double *log_rates;
    int stopped;
};

/* Whether the run must end, asked at the i-th pattern of a pass. */
static int is_stopped(struct em *em, size_t i)
{
    if (i % STOP_EVERY == 0 && pref_stop_asked(em->data->stop_fd))
        em->stopped = 1;
    return em->stopped;
}

/* The start: the share of a record's votes that are for chosen, others being half a vote. */
static void start(struct em *em)
{
    for (size_t i = 0; i < em->data->count; i++) {
        const struct pref_ds_pattern *pattern = &em->data->patterns[i];
        uint64_t halves = 0;
        for (uint32_t v = 0; v < pattern->votes; v++) {
            uint32_t word = em->data->cells[pattern->start + v] % PREF_WORDS;
            halves += word == PREF_CHOSEN ? 2 : word == PREF_REJECTED ? 0 : 1;
        }
        em->p[i] = (double)halves / (double)(2 * (uint64_t)pattern->votes);
    }
}

/* Equations 2.3 and 2.4: pi_jl^k = sum_i T_ij n_il^k / sum_l sum_i T_ij n_il^k, with the smoothing
 * added to each sum over i, and p_j = sum_i T_ij / I. */
static void maximise(struct em *em)
{
    const struct pref_ds_data *data = em->data;
    struct pref_ds *model = em->model;
    double whole = 0, chosen = 0;
    memset(em->mass, 0, (size_t)data->sources * PREF_WORDS * PREF_DS_SIDES * sizeof *em->mass);
    for (size_t i = 0; i < data->count && !is_stopped(em, i); i++) {
        const struct pref_ds_pattern *pattern = &data->patterns[i];
        const uint32_t *cells = data->cells + pattern->start;
        double times = (double)pattern->times;
        const double part[PREF_DS_SIDES] = {times * em->p[i], times * (1 - em->p[i])};
        whole += times;
        chosen += part[CHOSEN];
        for (uint32_t v = 0; v < pattern->votes; v++) {
            double *mass = &em->mass[(size_t)cells[v] * PREF_DS_SIDES];
            mass[CHOSEN] += part[CHOSEN];
            mass[REJECTED] += part[REJECTED];
        }
    }
    model->prior = whole > 0 ? chosen / whole : 0.5;
    const double *mass = em->mass;
    double *rates = model->rates;
    for (uint32_t source = 0; source < data->sources; source++) {
        for (int side = 0; side < PREF_DS_SIDES; side++) {
            double sum = 0;
            for (int word = 0; word < PREF_WORDS; word++)
                sum += mass[word * PREF_DS_SIDES + side] + SMOOTHING;
            for (int word = 0; word < PREF_WORDS; word++)
                rates[word * PREF_DS_SIDES + side] =
                    (mass[word * PREF_DS_SIDES + side] + SMOOTHING) / sum;
        }
        mass += PREF_WORDS * PREF_DS_SIDES;
        rates += PREF_WORDS * PREF_DS_SIDES;
    }
}

static void take_logs(struct em *em)
{
    struct pref_ds *model = em->model;
    size_t cells = (size_t)model->sources * PREF_WORDS;
    for (size_t i = 0; i < cells * PREF_DS_SIDES; i++)
        em->log_rates[i] = pref_log(model->rates[i]);
    for (size_t i = 0; i < cells; i++)
        em->log_odds[i] = em->log_rates[i * PREF_DS_SIDES] - em->log_rates[i * PREF_DS_SIDES + 1];
    model->base = pref_log(model->prior) - pref_log(1 - model->prior);
}

/* Equation 2.5: p(T_ij = 1 | data) is in proportion to p_j prod_k prod_l (pi_jl^k)^(n_il^k); for
 * two classes a logistic function of a sum. Returns how far the p that moved most did. */
static double expect(struct em *em)
{
    double most = 0;
    for (size_t i = 0; i < em->data->count && !is_stopped(em, i); i++) {
        const struct pref_ds_pattern *pattern = &em->data->patterns[i];
        const uint32_t *cells = em->data->cells + pattern->start;
        double sum = em->model->base;
        for (uint32_t v = 0; v < pattern->votes; v++)
            sum += em->log_odds[cells[v]];
        double p = pref_sigmoid(sum), moved = fabs(p - em->p[i]);
        em->p[i] = p;
        most = moved > most ? moved : most;
    }
    return most;
}

/* The log of equation 2.7, the likelihood of the votes with the sides summed out. */
static double log_likelihood(const struct em *em)
{
    double sum = 0;
    const double base[PREF_DS_SIDES] = {pref_log(em->model->prior), pref_log(1 - em->model->prior)};
    for (size_t i = 0; i < em->data->count; i++) {
        const struct pref_ds_pattern *pattern = &em->data->patterns[i];
        const uint32_t *cells = em->data->cells + pattern->start;
        double of[PREF_DS_SIDES] = {base[CHOSEN], base[REJECTED]};
        for (uint32_t v = 0; v < pattern->votes; v++)
            for (int side = 0; side < PREF_DS_SIDES; side++)
                of[side] += em->log_rates[(size_t)cells[v] * PREF_DS_SIDES + (size_t)side];
        double top = fmax(of[CHOSEN], of[REJECTED]);
        double rest = pref_exp(fmin(of[CHOSEN], of[REJECTED]) - top);
        sum += (double)pattern->times * (top + pref_log(1 + rest));
    }
    return sum;
}

/* Where votes on average speak against the side they name, the sides have changed names. */
static void set_right(struct em *em)
{
    struct pref_ds *model = em->model;
    double lean = 0;
    for (uint32_t source = 0; source < model->sources; source++) {
        const double *rates = &model->rates[(size_t)source * PREF_WORDS * PREF_DS_SIDES];
        const double *mass = &em->mass[(size_t)source * PREF_WORDS * PREF_DS_SIDES];
        double votes = 0;
        for (int i = 0; i < PREF_WORDS * PREF_DS_SIDES; i++)
            votes += mass[i];
        lean += votes * (rates[PREF_CHOSEN * PREF_DS_SIDES + CHOSEN] -
                         rates[PREF_CHOSEN * PREF_DS_SIDES + REJECTED] +
                         rates[PREF_REJECTED * PREF_DS_SIDES + REJECTED] -
                         rates[PREF_REJECTED * PREF_DS_SIDES + CHOSEN]);
    }
    model->mirrored = lean < 0;
    if (!model->mirrored)
        return;
    size_t cells = (size_t)model->sources * PREF_WORDS;
    for (size_t i = 0; i < cells; i++) {
        double *rates = &model->rates[i * PREF_DS_SIDES], chosen = rates[CHOSEN];
        rates[CHOSEN] = rates[REJECTED];
        rates[REJECTED] = chosen;
    }
    model->prior = 1 - model->prior;
    take_logs(em);
}

static void solve(struct em *em)
{
    struct pref_ds *model = em->model;
    start(em);
    while (!em->stopped && !model->converged && model->iterations < PREF_DS_ITERATIONS_MAX) {
        maximise(em);
        take_logs(em);
        model->converged = expect(em) <= STILL;
        model->iterations++;
    }
    set_right(em);
    model->log_likelihood = log_likelihood(em);
    for (size_t i = 0; i < (size_t)model->sources * PREF_WORDS; i++)
        model->evidence[i] = (int64_t)floor(em->log_odds[i] * EVIDENCE_UNIT + 0.5);
}

int pref_ds_fit(struct pref_ds *model, const struct pref_ds_data *data, struct pref_err *err)
{
    size_t cells = (size_t)data->sources * PREF_WORDS + 1; /* no table is of no bytes */
    struct em em = {.data = data, .model = model};
    *model = (struct pref_ds){.sources = data->sources};
    model->rates = malloc(cells * PREF_DS_SIDES * sizeof *model->rates);
    model->evidence = malloc(cells * sizeof *model->evidence);
    em.p = malloc((data->count + 1) * sizeof *em.p);
    em.mass = malloc(cells * PREF_DS_SIDES * sizeof *em.mass);
    em.log_odds = malloc(cells * sizeof *em.log_odds);
    em.log_rates = malloc(cells * PREF_DS_SIDES * sizeof *em.log_rates);
    int enough = model->rates != NULL && model->evidence != NULL && em.p != NULL &&
                 em.mass != NULL && em.log_odds != NULL && em.log_rates != NULL;
    if (enough)
        solve(&em);
    free(em.p);
    free(em.mass);
    free(em.log_odds);
    free(em.log_rates);
    if (!enough)
        return pref_fail_memory(err, "the reliability of judges");
    return em.stopped ? PREF_LATER : PREF_OK;
}

void pref_ds_release(struct pref_ds *model)
{
    free(model->rates);
    free(model->evidence);
    *model = (struct pref_ds){0};
}

int64_t pref_ds_evidence(const struct pref_ds *model, uint32_t cell)
{
    return model->evidence[cell];
}

double pref_ds_posterior(const struct pref_ds *model, int64_t evidence)
{
    return pref_sigmoid(model->base + (double)evidence / EVIDENCE_UNIT);
}
