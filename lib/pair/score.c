/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "pref/score.h"

#include <math.h>

#define SUM_TOLERANCE 1e-6

/* ---- What a row is --------------------------------------------------------------------------- */

static int is_negative(const struct pref_doc *doc, const struct pref_hit *hit)
{
    return pref_hit_number(doc, hit) < 0;
}

/* The elements of an array are the hits that follow its own. */
static size_t count_elements(const struct pref_doc *doc, const struct pref_hit *array)
{
    const struct pref_hit *end = doc->hits + doc->count, *hit = array + 1;
    while (hit < end && hit->start < array->end)
        hit++;
    return (size_t)(hit - array - 1);
}

static int dist_holds(const struct pref_relation *relation, const struct pref_doc *doc,
                      const struct pref_hit *dist, struct pref_fault *fault)
{
    size_t levels = count_elements(doc, dist);
    double sum = 0;
    if (levels < 2 || levels > PREF_LEVELS_MAX)
        return pref_relation_breaks(relation, fault, dist, "has too few or too many levels, "
                                                           "expected @");
    for (size_t i = 1; i <= levels; i++) {
        if (is_negative(doc, dist + i))
            return pref_relation_breaks(relation, fault, dist + i,
                                        "is below 0, expected a probability");
        sum += pref_hit_number(doc, dist + i);
    }
    if (!(fabs(sum - 1) <= SUM_TOLERANCE))
        return pref_relation_breaks(relation, fault, dist,
                                    "does not sum to 1, expected it within 0.000001");
    return PREF_OK;
}

static int logprobs_hold(const struct pref_relation *relation, const struct pref_doc *doc,
                         const struct pref_hit *given, struct pref_fault *fault)
{
    size_t tokens = given->type == PREF_ARRAY ? count_elements(doc, given) : 0;
    if (given->type == PREF_ARRAY && tokens == 0)
        return pref_relation_breaks(relation, fault, given, "has no token, expected at least one");
    for (size_t i = given->type == PREF_ARRAY; i <= tokens; i++)
        if (pref_hit_number(doc, given + i) > 0)
            return pref_relation_breaks(relation, fault, given + i,
                                        "is above 0, expected the logarithm of a probability");
    return PREF_OK;
}

/* Whether both sides of a row that is no pair of numbers are given in one way. */
static int is_alike(const struct pref_scores *scores, const struct pref_score *score)
{
    const struct pref_hit *const *given = score->given;
    return given[0] != NULL && given[1] != NULL && given[0]->type == given[1]->type &&
           (given[0]->place == scores->dist[0]) == (given[1]->place == scores->dist[1]);
}

/* Each side of such a row is what it should be. */
static int row_holds(const struct pref_relation *relation, const struct pref_doc *doc,
                     const struct pref_score *score, struct pref_fault *fault)
{
    for (int side = 0; side < 2; side++) {
        int status = score->kind == PREF_SCORE_DIST
                         ? dist_holds(relation, doc, score->given[side], fault)
                         : logprobs_hold(relation, doc, score->given[side], fault);
        if (status != PREF_OK)
            return status;
    }
    if (score->kind == PREF_SCORE_DIST &&
        count_elements(doc, score->given[0]) != count_elements(doc, score->given[1]))
        return pref_relation_breaks(relation, fault, score->given[1],
                                    "has not as many levels as the other side");
    return PREF_OK;
}

/* The places that this relation has of the scores, in the order of pref_want_scores. */
static struct pref_scores places_of(const struct pref_relation *relation)
{
    const pref_place *place = relation->place;
    return (struct pref_scores){.array = place[0],
                                .each = place[1],
                                .side = {place[2], place[3]},
                                .dist = {place[4], place[5]},
                                .logprobs = {place[6], place[7]}};
}

/* Asked once of a record, by the first of the four places that have anything. */
static int scores_hold(const struct pref_relation *relation, const struct pref_doc *doc,
                       struct pref_fault *fault)
{
    const struct pref_scores scores = places_of(relation);
    struct pref_score score;
    for (size_t i = 4; relation->place[i] != relation->when; i++)
        if (doc->at[relation->place[i]] >= 0)
            return PREF_OK;
    for (size_t at = pref_scores_begin(&scores, doc); pref_score_next(&scores, doc, &at, &score);) {
        if (score.given[0] == NULL && score.given[1] == NULL)
            continue;
        if (!is_alike(&scores, &score))
            return pref_relation_breaks(relation, fault, score.side[1],
                                        "is given in another way than the other side");
        if (row_holds(relation, doc, &score, fault) != PREF_OK)
            return PREF_FAIL;
    }
    return PREF_OK;
}

/* ---- Wanting --------------------------------------------------------------------------------- */

static pref_place want_numbers(struct pref_shape *shape, pref_place parent, const char *name,
                               unsigned types)
{
    pref_place array = pref_shape_want(shape, parent, name, types, PREF_FINITE);
    pref_shape_demand(shape, pref_shape_each(shape, array), PREF_IS(PREF_NUMBER),
                      PREF_NULL_IS_VALUE | PREF_FINITE);
    return array;
}

struct pref_scores pref_want_scores(struct pref_shape *shape, const char *field)
{
    static const char *const sides[2] = {"chosen", "rejected"};
    struct pref_scores scores = {.array = pref_shape_field(shape, field)};
    pref_shape_demand(shape, scores.array, PREF_IS(PREF_ARRAY), 0);
    scores.each = pref_shape_each(shape, scores.array);
    pref_shape_demand(shape, scores.each, PREF_IS(PREF_OBJECT), PREF_NULL_IS_VALUE);
    scores.model = pref_shape_want(shape, scores.each, "model", PREF_IS(PREF_STRING),
                                   PREF_REQUIRED | PREF_TEXT);
    for (int i = 0; i < 2; i++) {
        pref_place side = pref_shape_want(shape, scores.each, sides[i],
                                          PREF_IS(PREF_NUMBER) | PREF_IS(PREF_OBJECT),
                                          PREF_REQUIRED | PREF_FINITE);
        scores.side[i] = side;
        scores.dist[i] = want_numbers(shape, side, "dist", PREF_IS(PREF_ARRAY));
        scores.logprobs[i] =
            want_numbers(shape, side, "logprobs", PREF_IS(PREF_ARRAY) | PREF_IS(PREF_NUMBER));
        pref_shape_either(shape, scores.dist[i], scores.logprobs[i]);
    }
    struct pref_relation relation = {
        .holds = scores_hold,
        .place = {scores.array, scores.each, scores.side[0], scores.side[1], scores.dist[0],
                  scores.dist[1], scores.logprobs[0], scores.logprobs[1]},
        .bound = {2, PREF_LEVELS_MAX}};
    for (size_t i = 4; i < 8; i++) {
        relation.when = relation.place[i];
        pref_shape_relate(shape, &relation);
    }
    return scores;
}

void pref_scores_per_token(struct pref_scores *scores, struct pref_shape *shape)
{
    scores->per_token = 1;
    for (int i = 0; i < 2; i++)
        pref_shape_demand(shape, scores->logprobs[i], PREF_IS(PREF_ARRAY), 0);
}

/* ---- Reading --------------------------------------------------------------------------------- */

size_t pref_scores_begin(const struct pref_scores *scores, const struct pref_doc *doc)
{
    return pref_doc_below(doc, scores->array);
}

static enum pref_score_kind kind_of(const struct pref_scores *scores,
                                    const struct pref_hit *const given[2])
{
    if (given[0] == NULL)
        return PREF_SCORE_NUMBER;
    if (given[0]->place == scores->dist[0])
        return PREF_SCORE_DIST;
    return scores->per_token ? PREF_SCORE_PER_TOKEN : PREF_SCORE_LOGPROBS;
}

int pref_score_next(const struct pref_scores *scores, const struct pref_doc *doc, size_t *at,
                    struct pref_score *score)
{
    size_t i = *at;
    if (i >= doc->count || doc->hits[i].place != scores->each)
        return 0;
    uint32_t end = doc->hits[i].end;
    *score = (struct pref_score){0};
    for (i++; i < doc->count && doc->hits[i].start < end; i++) {
        const struct pref_hit *hit = &doc->hits[i];
        if (hit->place == scores->model)
            score->model = hit;
        else if (hit->place == scores->side[0])
            score->side[0] = hit;
        else if (hit->place == scores->side[1])
            score->side[1] = hit;
        else if (hit->place == scores->dist[0] || hit->place == scores->logprobs[0])
            score->given[0] = hit;
        else if (hit->place == scores->dist[1] || hit->place == scores->logprobs[1])
            score->given[1] = hit;
    }
    score->kind = kind_of(scores, score->given);
    *at = i;
    return 1;
}

static double mean_level(const struct pref_doc *doc, const struct pref_hit *dist)
{
    size_t levels = count_elements(doc, dist);
    double mean = 0;
    for (size_t k = 1; k <= levels; k++)
        mean += (double)k * pref_hit_number(doc, dist + k);
    return mean;
}

/* Of the array, or as it is given. */
static double sum_logprobs(const struct pref_doc *doc, const struct pref_hit *given)
{
    size_t tokens = count_elements(doc, given);
    double sum = 0;
    if (given->type == PREF_NUMBER)
        return pref_hit_number(doc, given);
    for (size_t i = 1; i <= tokens; i++)
        sum += pref_hit_number(doc, given + i);
    return sum;
}

double pref_score_worth(const struct pref_doc *doc, const struct pref_score *score, int side)
{
    switch (score->kind) {
    case PREF_SCORE_DIST: return mean_level(doc, score->given[side]);
    case PREF_SCORE_LOGPROBS: return sum_logprobs(doc, score->given[side]);
    case PREF_SCORE_PER_TOKEN:
        return sum_logprobs(doc, score->given[side]) /
               (double)count_elements(doc, score->given[side]);
    default: return pref_hit_number(doc, score->side[side]);
    }
}

double pref_score_difference(const struct pref_doc *doc, const struct pref_score *score)
{
    double chosen = pref_score_worth(doc, score, 0);
    return chosen - pref_score_worth(doc, score, 1);
}

static double variance(const struct pref_doc *doc, const struct pref_hit *dist, size_t levels,
                       double mean)
{
    double sum = 0;
    for (size_t k = 1; k <= levels; k++)
        sum += ((double)k - mean) * ((double)k - mean) * pref_hit_number(doc, dist + k);
    return sum;
}

void pref_score_levels(const struct pref_doc *doc, const struct pref_score *score,
                       struct pref_levels *levels)
{
    const struct pref_hit *chosen = score->given[0], *rejected = score->given[1];
    double chosen_before = 0, rejected_before = 0;
    *levels = (struct pref_levels){.count = count_elements(doc, chosen)};
    for (size_t k = 1; k <= levels->count; k++) {
        double c = pref_hit_number(doc, chosen + k), r = pref_hit_number(doc, rejected + k);
        levels->above += c * rejected_before;
        levels->below += r * chosen_before;
        levels->equal += c * r;
        chosen_before += c;
        rejected_before += r;
    }
    for (int side = 0; side < 2; side++) {
        levels->mean[side] = mean_level(doc, score->given[side]);
        levels->variance[side] =
            variance(doc, score->given[side], levels->count, levels->mean[side]);
    }
}
