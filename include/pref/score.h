/* SPDX-License-Identifier: Apache-2.0 */
/*
 * score.h - the scores of a record: rows of a reward model's opinion of both sides, and the
 * difference of the two. A side is a number; or a distribution over ordered levels, as a model that
 * grades gives it, whose mean level counts; or the log-probabilities of a response's tokens, whose
 * sum is a reward but for a factor and what both responses to one prompt share. Both sides of a row
 * are given in one way.
 *
 * Called by filters when they open (to say what they read) and in map (to read it).
 */
#ifndef PREF_SCORE_H
#define PREF_SCORE_H

#include "scan.h"

#define PREF_LEVELS_MAX 1000 /* of a distribution; at least 2 */

/* The places of the scores. */
struct pref_scores {
    int per_token; /* log-probabilities come to their mean, not their sum */
    pref_place array, each, model;
    pref_place side[2];               /* chosen, rejected */
    pref_place dist[2], logprobs[2];  /* below either */
};

/* An optional array of score rows. A row must have model (a string), chosen and rejected: finite
 * numbers; or objects with `dist`, 2 to PREF_LEVELS_MAX probabilities that sum to 1 within 1e-6, as
 * many on both sides; or objects with `logprobs`, an array of at least one number, or one number,
 * their sum, none above 0. */
struct pref_scores pref_want_scores(struct pref_shape *shape, const char *field);

/* Let log-probabilities come to their mean over the tokens; they must then be arrays. */
void pref_scores_per_token(struct pref_scores *scores, struct pref_shape *shape);

enum pref_score_kind {
    PREF_SCORE_NUMBER,
    PREF_SCORE_DIST,
    PREF_SCORE_LOGPROBS,
    PREF_SCORE_PER_TOKEN /* log-probabilities under per_token */
};

struct pref_score {
    const struct pref_hit *model;
    const struct pref_hit *side[2];  /* chosen, rejected: a number or an object */
    const struct pref_hit *given[2]; /* what the objects have; NULL for numbers */
    enum pref_score_kind kind;
};

/* The first hit of the scores, for pref_score_next: its index, or doc->count where there are
 * none. */
size_t pref_scores_begin(const struct pref_scores *scores, const struct pref_doc *doc);

/* Read the row at *at and go on: 1, or 0 after the last. */
int pref_score_next(const struct pref_scores *scores, const struct pref_doc *doc, size_t *at,
                    struct pref_score *score);

/* What a side (0: chosen, 1: rejected) comes to: the number, the mean level (the first level being
 * 1), or the sum of the log-probabilities or their mean. It need not be finite. */
double pref_score_worth(const struct pref_doc *doc, const struct pref_score *score, int side);

/* Chosen minus rejected. Exchanging the sides changes its sign and nothing else. */
double pref_score_difference(const struct pref_doc *doc, const struct pref_score *score);

/* What a row of distributions says, its two levels being drawn apart from one another: how probable
 * it is that the level of chosen is above, below or that of rejected (P(c > r) = sum over k of
 * p_c(k) F_r(k - 1), as in arXiv 2602.12660); and of each side the mean level and the variance. */
struct pref_levels {
    size_t count;
    double above, below, equal;
    double mean[2], variance[2];
};

/* Of a row of kind PREF_SCORE_DIST. The time is linear in the levels. */
void pref_score_levels(const struct pref_doc *doc, const struct pref_score *score,
                       struct pref_levels *levels);

#endif
