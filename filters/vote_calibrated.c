/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "vote_calibrated.h"

#include <stdlib.h>

enum { SAYS, LEANS, FEATURES };

/* The features of the judge whose votes begin the cells, which are sorted; returns how many votes
 * it has. */
static size_t next_judge(const uint32_t *cells, size_t votes, uint32_t *judge,
                         double features[FEATURES])
{
    size_t count = 0;
    int says = 0, leans = 0;
    *judge = cells[0] / (VOTE_ORDERS * PREF_WORDS);
    for (; count < votes && cells[count] / (VOTE_ORDERS * PREF_WORDS) == *judge; count++) {
        uint32_t word = cells[count] % PREF_WORDS, order = cells[count] / PREF_WORDS % VOTE_ORDERS;
        if (word != PREF_CHOSEN && word != PREF_REJECTED)
            continue;
        says += word == PREF_CHOSEN ? 1 : -1;
        leans += order == VOTE_ORDER_PLAIN ? 1 : order == VOTE_ORDER_SWAPPED ? -1 : 0;
    }
    features[SAYS] = (double)says / (double)count;
    features[LEANS] = (double)leans / (double)count;
    return count;
}

/* The features of a pattern that are not 0, as terms; returns their number. */
static uint32_t make_terms(const uint32_t *cells, size_t votes, struct pref_logistic_term *terms)
{
    uint32_t count = 0, judge;
    double features[FEATURES];
    for (size_t v = 0; v < votes;) {
        v += next_judge(cells + v, votes - v, &judge, features);
        for (uint32_t f = 0; f < FEATURES; f++)
            if (features[f] != 0)
                terms[count++] = (struct pref_logistic_term){judge * FEATURES + f, features[f]};
    }
    return count;
}

int vote_calibrated_fit(struct vote_calibrated *model, const struct vote_patterns *patterns,
                        struct pref_err *err)
{
    struct pref_ds_data data = vote_patterns_data(patterns);
    size_t used = 0, most = 1;
    for (size_t i = 0; i < data.count; i++)
        most += FEATURES * (size_t)data.patterns[i].votes;
    struct pref_logistic_term *terms = malloc(most * sizeof *terms);
    struct pref_logistic_row *rows = malloc((data.count + 1) * sizeof *rows);
    int status = PREF_OK;
    if (terms == NULL || rows == NULL)
        status = pref_fail_memory(err, "the gold labels");
    for (size_t i = 0; status == PREF_OK && i < data.count; i++) {
        const struct pref_ds_pattern *pattern = &data.patterns[i];
        rows[i] = (struct pref_logistic_row){
            .times = pattern->times,
            .start = used,
            .terms = make_terms(data.cells + pattern->start, pattern->votes, terms + used),
            .positive = pattern->label == PREF_CHOSEN};
        used += rows[i].terms;
    }
    if (status == PREF_OK)
        status = pref_logistic_fit(
            &model->fit,
            &(struct pref_logistic_data){terms, rows, data.count,
                                         (uint32_t)patterns->judge_count * FEATURES},
            err);
    model->labels = patterns->records;
    free(terms);
    free(rows);
    return status;
}

void vote_calibrated_release(struct vote_calibrated *model)
{
    pref_logistic_release(&model->fit);
}

static int by_cell(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

double vote_calibrated_odds(const struct vote_calibrated *model, uint32_t *cells, size_t votes)
{
    double sum = 0, features[FEATURES];
    uint32_t judge;
    if (votes > 1)
        qsort(cells, votes, sizeof *cells, by_cell);
    for (size_t v = 0; v < votes;) {
        v += next_judge(cells + v, votes - v, &judge, features);
        for (uint32_t f = 0; f < FEATURES; f++)
            sum += model->fit.weights[judge * FEATURES + f] * features[f];
    }
    return sum;
}
