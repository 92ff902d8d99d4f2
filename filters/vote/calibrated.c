/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "calibrated.h"

#include <math.h>
#include <stdlib.h>

#define CELLS_A_JUDGE (VOTE_ORDERS * PREF_WORDS)
#define RECORDS_OF_THE_PANEL 5 /* that each judge is drawn to the panel's mean by */
#define RECORDS_OF_DOUBT 50    /* that belief in the panel is drawn to nothing by */
#define EASE_LEAST 1e-6        /* of a judge that never says one thing, to divide by */

enum { SAYS, LEANS, FEATURES };

/* What one judge's votes on one record are. */
struct opinion {
    uint32_t judge;
    float features[FEATURES];
};

/* The opinion of the judge whose votes begin the cells, which are sorted; returns how many votes it
 * has. */
static size_t next_opinion(const uint32_t *cells, size_t votes, struct opinion *opinion)
{
    size_t count = 0;
    int says = 0, leans = 0;
    opinion->judge = cells[0] / CELLS_A_JUDGE;
    for (; count < votes && cells[count] / CELLS_A_JUDGE == opinion->judge; count++) {
        uint32_t word = cells[count] % PREF_WORDS, order = cells[count] / PREF_WORDS % VOTE_ORDERS;
        if (word != PREF_CHOSEN && word != PREF_REJECTED)
            continue;
        says += word == PREF_CHOSEN ? 1 : -1;
        leans += order == VOTE_ORDER_PLAIN ? 1 : order == VOTE_ORDER_SWAPPED ? -1 : 0;
    }
    opinion->features[SAYS] = (float)((double)says / (double)count);
    opinion->features[LEANS] = (float)((double)leans / (double)count);
    return count;
}

/* What the votes alone say for chosen, from -1 to 1. */
static double belief(const struct vote_calibrated *model, const uint32_t *cells, size_t votes)
{
    struct opinion opinion;
    double sum = 0, whole = 0;
    for (size_t v = 0; v < votes;) {
        v += next_opinion(cells + v, votes - v, &opinion);
        sum += model->trust[opinion.judge] * opinion.features[SAYS];
        whole += fabs(model->trust[opinion.judge]);
    }
    return whole > 0 ? model->faith * sum / whole : 0;
}

/* ---- What is learnt from all votes ----------------------------------------------------------- */

/* What is known of judges without labels; by judge. */
struct known {
    double *records; /* that have votes of it */
    double *steady;  /* the mean of |says| over these */
};

/* Draw each judge's value to the mean over all opinions, as if it had some records more with
 * that. */
static void draw_to_panel(const double *records, double *values, size_t judges)
{
    double sum = 0, whole = 0;
    for (size_t judge = 0; judge < judges; judge++) {
        sum += records[judge] * values[judge];
        whole += records[judge];
    }
    for (size_t judge = 0; judge < judges; judge++)
        values[judge] = (records[judge] * values[judge] + RECORDS_OF_THE_PANEL * sum / whole) /
                        (records[judge] + RECORDS_OF_THE_PANEL);
}

/* Both are zeroed before. */
static void find_steadiness(const struct vote_patterns *patterns, struct known *known)
{
    struct pref_ds_data data = vote_patterns_data(patterns);
    struct opinion opinion;
    for (size_t i = 0; i < data.count; i++) {
        const struct pref_ds_pattern *pattern = &data.patterns[i];
        const uint32_t *cells = data.cells + pattern->start;
        for (size_t v = 0; v < pattern->votes;) {
            v += next_opinion(cells + v, pattern->votes - v, &opinion);
            known->steady[opinion.judge] += (double)pattern->times * fabs(opinion.features[SAYS]);
            known->records[opinion.judge] += (double)pattern->times;
        }
    }
    for (size_t judge = 0; judge < patterns->judge_count; judge++)
        known->steady[judge] /= known->records[judge];
    draw_to_panel(known->records, known->steady, patterns->judge_count);
}

/*
 * Of each judge's features, the stiffness of the penalty: the inverse of the fourth power of its
 * steadiness, which is to multiply the features by its square; times what makes the mean of the
 * inverses over all opinions 1, so that a penalty means the same in any panel.
 */
static void find_stiffness(const struct known *known, size_t judges, double *stiffness)
{
    double sum = 0, whole = 0;
    for (size_t judge = 0; judge < judges; judge++) {
        double steady = known->steady[judge], ease = steady * steady * steady * steady;
        stiffness[judge * FEATURES] = fmax(ease, EASE_LEAST);
        sum += known->records[judge] * stiffness[judge * FEATURES];
        whole += known->records[judge];
    }
    for (size_t judge = 0; judge < judges; judge++)
        for (size_t f = FEATURES; f-- > 0;)
            stiffness[judge * FEATURES + f] = sum / whole / stiffness[judge * FEATURES];
}

/* By judge, half of what lies between its word for chosen and its word for rejected, in the model
 * of Dawid and Skene of judges whatever order they saw. */
static int find_trust(const struct vote_patterns *patterns, const struct known *known,
                      double *trust, struct pref_err *err)
{
    struct pref_ds_data data = vote_patterns_data(patterns);
    size_t votes = 0;
    struct pref_ds ds;
    for (size_t i = 0; i < data.count; i++)
        votes += data.patterns[i].votes;
    uint32_t *cells = malloc((votes + 1) * sizeof *cells);
    if (cells == NULL)
        return pref_fail_memory(err, "the votes of judges");
    for (size_t v = 0; v < votes; v++)
        cells[v] = data.cells[v] / CELLS_A_JUDGE * PREF_WORDS + data.cells[v] % PREF_WORDS;
    data.cells = cells;
    data.sources = (uint32_t)patterns->judge_count;
    int status = pref_ds_fit(&ds, &data, err);
    for (uint32_t judge = 0; status == PREF_OK && judge < data.sources; judge++)
        trust[judge] = (double)(pref_ds_evidence(&ds, judge * PREF_WORDS + PREF_CHOSEN) -
                                pref_ds_evidence(&ds, judge * PREF_WORDS + PREF_REJECTED)) / 2;
    draw_to_panel(known->records, trust, data.sources);
    pref_ds_release(&ds);
    free(cells);
    return status;
}

/* ---- What is learnt from labels -------------------------------------------------------------- */

/* The features of a pattern that are not 0, as terms; returns their number. */
static uint32_t make_terms(const uint32_t *cells, size_t votes, struct pref_logistic_term *terms)
{
    struct opinion opinion;
    uint32_t count = 0;
    for (size_t v = 0; v < votes;) {
        v += next_opinion(cells + v, votes - v, &opinion);
        for (uint32_t f = 0; f < FEATURES; f++)
            if (opinion.features[f] != 0)
                terms[count++] = (struct pref_logistic_term){opinion.judge * FEATURES + f,
                                                             opinion.features[f]};
    }
    return count;
}

/* How many of the patterns, the first ones, have a label. */
static size_t count_labelled(const struct pref_ds_data *data)
{
    size_t count = 0;
    while (count < data->count && data->patterns[count].label != VOTE_UNLABELLED)
        count++;
    return count;
}

static int learn_labels(struct vote_calibrated *model, const struct vote_patterns *patterns,
                        const double *stiffness, struct pref_err *err)
{
    struct pref_ds_data data = vote_patterns_data(patterns);
    size_t count = count_labelled(&data), used = 0, most = 1;
    for (size_t i = 0; i < count; i++)
        most += FEATURES * (size_t)data.patterns[i].votes;
    struct pref_logistic_term *terms = malloc(most * sizeof *terms);
    struct pref_logistic_row *rows = malloc((count + 1) * sizeof *rows);
    int status = PREF_OK;
    if (terms == NULL || rows == NULL)
        status = pref_fail_memory(err, "the gold labels");
    for (size_t i = 0; status == PREF_OK && i < count; i++) {
        const struct pref_ds_pattern *pattern = &data.patterns[i];
        const uint32_t *cells = data.cells + pattern->start;
        rows[i] = (struct pref_logistic_row){
            .times = pattern->times,
            .start = used,
            .terms = make_terms(cells, pattern->votes, terms + used),
            .positive = pattern->label == PREF_CHOSEN,
            .offset = belief(model, cells, pattern->votes)};
        used += rows[i].terms;
        model->labels += pattern->times;
    }
    if (status == PREF_OK)
        status = pref_logistic_fit(
            &model->fit,
            &(struct pref_logistic_data){terms, rows, count,
                                         (uint32_t)patterns->judge_count * FEATURES,
                                         stiffness, data.stop_fd},
            err);
    free(terms);
    free(rows);
    return status;
}

int vote_calibrated_fit(struct vote_calibrated *model, const struct vote_patterns *patterns,
                        struct pref_err *err)
{
    size_t judges = patterns->judge_count;
    double *room = calloc((2 + FEATURES) * judges + 1, sizeof *room);
    *model = (struct vote_calibrated){.trust = calloc(judges + 1, sizeof *model->trust)};
    if (room == NULL || model->trust == NULL) {
        free(room);
        return pref_fail_memory(err, "the weights of judges");
    }
    double records = (double)patterns->records;
    model->faith = records / (records + RECORDS_OF_DOUBT);
    struct known known = {room, room + judges};
    double *stiffness = room + 2 * judges;
    find_steadiness(patterns, &known);
    find_stiffness(&known, judges, stiffness);
    int status = find_trust(patterns, &known, model->trust, err);
    if (status == PREF_OK)
        status = learn_labels(model, patterns, stiffness, err);
    free(room);
    return status;
}

void vote_calibrated_release(struct vote_calibrated *model)
{
    pref_logistic_release(&model->fit);
    free(model->trust);
    model->trust = NULL;
}

/* ---- Applying -------------------------------------------------------------------------------- */

static int by_cell(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

double vote_calibrated_odds(const struct vote_calibrated *model, uint32_t *cells, size_t votes)
{
    struct opinion opinion;
    double sum = 0;
    if (votes > 1)
        qsort(cells, votes, sizeof *cells, by_cell);
    for (size_t v = 0; v < votes;) {
        v += next_opinion(cells + v, votes - v, &opinion);
        for (uint32_t f = 0; f < FEATURES; f++)
            sum += model->fit.weights[opinion.judge * FEATURES + f] * opinion.features[f];
    }
    return sum + belief(model, cells, votes);
}
