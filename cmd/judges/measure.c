/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "measure.h"

#include "lib/base/fdio.h"
#include "pref/correlation.h"

#include <math.h>
#include <stdlib.h>

#define STOP_EVERY 256 /* patterns: each may be a square of the judges */

/* What is summed up of one judge. */
struct sums {
    double votes[VOTE_ORDERS][PREF_WORDS];
    double on[PREF_DS_SIDES][PREF_WORDS];  /* votes, by the probability of the side */
    double met[PREF_DS_SIDES][PREF_WORDS]; /* votes, by the consensus label */
    double records;
};

/* Of two judges' opinions, over the records that have votes of both. */
struct pair {
    int64_t n, x, y, xx, yy, xy;
};

/* A judge's votes on one record: their mean, chosen being a unit, rejected as much below 0, all
 * else 0. */
struct opinion {
    uint32_t judge;
    int64_t mean;
};

struct measuring {
    struct sums *sums;
    struct pair *pairs; /* NULL: the panel is too large */
    struct opinion *opinions;
    int64_t unit; /* of opinions */
    uint32_t judges;
    double values, words[PREF_WORDS], clashes; /* for alpha */
};

/* 0 / 0 is no number here, which is what is meant. */
static double share(double part, double whole)
{
    return part / whole;
}

/* ---- One pattern ----------------------------------------------------------------------------- */

static void add_votes(struct measuring *m, const struct pref_ds_pattern *pattern,
                      const uint32_t *cells, double p)
{
    double times = (double)pattern->times;
    for (uint32_t v = 0; v < pattern->votes; v++) {
        uint32_t source = cells[v] / PREF_WORDS, word = cells[v] % PREF_WORDS;
        struct sums *sums = &m->sums[source / VOTE_ORDERS];
        sums->votes[source % VOTE_ORDERS][word] += times;
        sums->on[PREF_CHOSEN][word] += times * p;
        sums->on[PREF_REJECTED][word] += times * (1 - p);
        if (p > 0.5 || p < 0.5)
            sums->met[p > 0.5 ? PREF_CHOSEN : PREF_REJECTED][word] += times;
    }
}

/*
 * K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), nominal data: a record with
 * m votes, two or more, adds each pair of votes that differ with the weight 1 / (m - 1).
 */
static void add_clashes(struct measuring *m, const struct pref_ds_pattern *pattern,
                        const uint32_t *cells)
{
    double times = (double)pattern->times, votes = pattern->votes, alike = 0;
    double words[PREF_WORDS] = {0};
    if (pattern->votes < 2)
        return;
    for (uint32_t v = 0; v < pattern->votes; v++)
        words[cells[v] % PREF_WORDS]++;
    for (int word = 0; word < PREF_WORDS; word++) {
        m->words[word] += times * words[word];
        alike += words[word] * words[word];
    }
    m->values += times * votes;
    m->clashes += times * (votes * votes - alike) / (votes - 1);
}

/* The pair of judges a < b. */
static struct pair *pair_of(const struct measuring *m, uint32_t a, uint32_t b)
{
    return &m->pairs[(size_t)b * (b - 1) / 2 + a];
}

/* Means are integers, lest a judge that never varies seem to by rounding: of units that many
 * numbers of votes divide the largest in which no sum overflows. */
static int64_t unit_for(uint64_t records)
{
    static const int64_t units[] = {720720, 27720, 2520, 60, 12}; /* 12 is for 2^52 and more */
    size_t i = 0;
    while (i + 1 < sizeof units / sizeof *units &&
           records > (uint64_t)(INT64_MAX / (units[i] * units[i])))
        i++;
    return units[i];
}

static void add_pair(struct pair *pair, int64_t times, int64_t x, int64_t y)
{
    pair->n += times;
    pair->x += times * x;
    pair->y += times * y;
    pair->xx += times * x * x;
    pair->yy += times * y * y;
    pair->xy += times * x * y;
}

static void add_pairs(struct measuring *m, const struct pref_ds_pattern *pattern,
                      const uint32_t *cells)
{
    uint32_t count = 0, v = 0;
    while (v < pattern->votes) {
        uint32_t judge = cells[v] / (VOTE_ORDERS * PREF_WORDS), first = v;
        int64_t sum = 0;
        for (; v < pattern->votes && cells[v] / (VOTE_ORDERS * PREF_WORDS) == judge; v++) {
            uint32_t word = cells[v] % PREF_WORDS;
            sum += word == PREF_CHOSEN ? 1 : word == PREF_REJECTED ? -1 : 0;
        }
        m->sums[judge].records += (double)pattern->times;
        if (m->pairs != NULL)
            m->opinions[count++] =
                (struct opinion){judge, llround((double)(sum * m->unit) / (v - first))};
    }
    for (uint32_t b = 1; b < count; b++)
        for (uint32_t a = 0; a < b; a++)
            add_pair(pair_of(m, m->opinions[a].judge, m->opinions[b].judge),
                     (int64_t)pattern->times, m->opinions[a].mean, m->opinions[b].mean);
}

/* ---- What the sums come to ------------------------------------------------------------------- */

static double sum_of(const double words[PREF_WORDS])
{
    return words[PREF_CHOSEN] + words[PREF_REJECTED] + words[PREF_TIE] + words[PREF_BOTH_BAD];
}

/* J. Cohen, "A Coefficient of Agreement for Nominal Scales" (1960): (po - pe) / (1 - pe), where pe
 * is the agreement of two who say each word as often as they do, but by chance. */
static void compare_with_labels(const struct sums *sums, struct judge_measure *judge)
{
    double labels[PREF_DS_SIDES], n = 0, same = 0, chance = 0;
    for (int side = 0; side < PREF_DS_SIDES; side++) {
        labels[side] = sum_of(sums->met[side]);
        n += labels[side];
        same += sums->met[side][side];
    }
    for (int side = 0; side < PREF_DS_SIDES; side++) {
        double said = sums->met[PREF_CHOSEN][side] + sums->met[PREF_REJECTED][side];
        chance += share(said, n) * share(labels[side], n);
    }
    judge->agreement = share(same, n);
    judge->kappa = share(judge->agreement - chance, 1 - chance);
}

static void conclude(const struct measuring *m, uint32_t number, double records,
                     struct judge_measure *judge)
{
    const struct sums *sums = &m->sums[number];
    double first[2], votes = 0;
    for (int order = 0; order < VOTE_ORDERS; order++)
        votes += sum_of(sums->votes[order]);
    for (int order = 0; order < 2; order++) {
        const double *words = sums->votes[order];
        first[order] = share(words[PREF_CHOSEN], words[PREF_CHOSEN] + words[PREF_REJECTED]);
    }
    *judge = (struct judge_measure){
        .votes = (uint64_t)votes,
        .coverage = share(sums->records, records),
        .bias = (first[VOTE_ORDER_PLAIN] - first[VOTE_ORDER_SWAPPED]) / 2,
        .sensitivity = share(sums->on[PREF_CHOSEN][PREF_CHOSEN], sum_of(sums->on[PREF_CHOSEN])),
        .specificity =
            share(sums->on[PREF_REJECTED][PREF_REJECTED], sum_of(sums->on[PREF_REJECTED])),
        .correlation = NAN,
        .twin = VOTE_NO_JUDGE};
    compare_with_labels(sums, judge);
}

static void add_integer(struct pref_accumulator *sum, int64_t number)
{
    const int64_t half = INT64_C(1) << 32; /* each of the two is a double */
    (void)pref_accumulator_add_product(sum, (double)(number / half), (double)half);
    (void)pref_accumulator_add(sum, (double)(number % half));
}

/* Pearson's correlation, which does not depend on the unit; no number where either never varies. */
static double correlation_of(const struct pair *pair)
{
    const int64_t sums[PREF_CORRELATION_SUMS] = {pair->x, pair->y, pair->xx, pair->yy, pair->xy};
    struct pref_accumulator exact[PREF_CORRELATION_SUMS] = {0};
    double correlation = NAN;
    for (int i = 0; i < PREF_CORRELATION_SUMS; i++)
        add_integer(&exact[i], sums[i]);
    (void)pref_correlation_of(exact, (uint64_t)pair->n, &correlation);
    return correlation;
}

static void meet(struct judge_measure *judge, uint32_t other, double correlation)
{
    if (correlation > judge->correlation ||
        (judge->twin == VOTE_NO_JUDGE && correlation == correlation)) {
        judge->correlation = correlation;
        judge->twin = other;
    }
}

static void find_twins(const struct measuring *m, struct judge_measure *judges)
{
    for (uint32_t b = 1; b < m->judges; b++)
        for (uint32_t a = 0; a < b; a++) {
            double correlation = correlation_of(pair_of(m, a, b));
            meet(&judges[a], b, correlation);
            meet(&judges[b], a, correlation);
        }
}

static double alpha_of(const struct measuring *m)
{
    double alike = 0;
    for (int word = 0; word < PREF_WORDS; word++)
        alike += m->words[word] * m->words[word];
    return 1 - share((m->values - 1) * m->clashes, m->values * m->values - alike);
}

/* ---- All of it ------------------------------------------------------------------------------- */

static int measure(struct measuring *m, const struct vote_patterns *patterns,
                   const struct pref_ds *model)
{
    struct pref_ds_data data = vote_patterns_data(patterns);
    for (size_t i = 0; i < data.count; i++) {
        if (i % STOP_EVERY == 0 && pref_stop_asked(patterns->stop_fd))
            return PREF_LATER;
        const struct pref_ds_pattern *pattern = &data.patterns[i];
        const uint32_t *cells = data.cells + pattern->start;
        int64_t evidence = 0;
        for (uint32_t v = 0; v < pattern->votes; v++)
            evidence += pref_ds_evidence(model, cells[v]);
        add_votes(m, pattern, cells, pref_ds_posterior(model, evidence));
        add_clashes(m, pattern, cells);
        add_pairs(m, pattern, cells);
    }
    return PREF_OK;
}

int judges_measure(const struct vote_patterns *patterns, const struct pref_ds *model,
                   struct judge_measure *judges, struct panel_measure *panel, struct pref_err *err)
{
    uint32_t count = (uint32_t)patterns->judge_count;
    int twins = count <= JUDGES_TWINS_MAX;
    size_t pairs = twins ? (size_t)count * (count + 1) / 2 : 0;
    struct measuring m = {.judges = count, .unit = unit_for(patterns->records)};
    m.sums = calloc((size_t)count + 1, sizeof *m.sums);
    m.pairs = twins ? calloc(pairs + 1, sizeof *m.pairs) : NULL;
    m.opinions = calloc((twins ? count : 0) + (size_t)1, sizeof *m.opinions);
    *panel = (struct panel_measure){.records = patterns->records};
    int status = m.sums == NULL || m.opinions == NULL || (m.pairs == NULL && twins)
                     ? pref_fail_memory(err, "the measures of judges")
                     : measure(&m, patterns, model);
    if (status == PREF_OK) {
        for (uint32_t i = 0; i < count; i++) {
            conclude(&m, i, (double)patterns->records, &judges[i]);
            panel->votes += judges[i].votes;
        }
        if (twins)
            find_twins(&m, judges);
        panel->alpha = alpha_of(&m);
    }
    free(m.sums);
    free(m.pairs);
    free(m.opinions);
    return status;
}
