/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ballot.h - the votes of one record, taken and counted for vote: those of its `votes`, or the
 * signs of its scores; each as cast, or each judge once if it says the same in both orders.
 */
#ifndef FILTERS_VOTE_BALLOT_H
#define FILTERS_VOTE_BALLOT_H

#include "grades.h"
#include "weights.h"
#include "filters/common/judges_expr.h"
#include "pref/filter.h"

/* How votes are taken; fixed when vote opens. */
struct ballot_plan {
    int from_scores, swap_consistent;
    int per_token;                    /* of scores, log-probabilities count by their mean */
    int by_confidence;                /* a vote also weighs what its confidence says */
    struct pref_votes votes;          /* or, */
    struct pref_scores scores;        /* with from_scores */
    struct judges judges;             /* whose votes expressions ask for */
    const struct vote_weights *weigh; /* NULL: each weighs one */
};

/* What a record's votes come to, by enum pref_word. */
struct ballot {
    uint64_t cast[PREF_WORDS];    /* votes */
    uint64_t counted[PREF_WORDS]; /* votes of some weight */
    uint64_t weight[PREF_WORDS];  /* their weights, in the plan's unit */
    uint64_t seen, spoiled;       /* sets of judges: with a vote; with one that is not chosen */
    uint64_t weighed;             /* set of those with a weight of their own, the first 64 */
    struct vote_grades grades;    /* of the votes cast */
    uint32_t agreed, disagreed, unpaired; /* judges, by what --swap-consistent found */
    uint32_t unsure;              /* votes without a confidence, where that is asked for */
};

/* Ask for the votes, or with from_scores for the scores, in records. */
void ballot_want(struct ballot_plan *plan, struct pref_shape *shape, const char *field,
                 struct pref_scale scale);

/* The unit of weights: 1 where each vote weighs one, else VOTE_WEIGHT_ONE. */
uint64_t ballot_unit(const struct ballot_plan *plan);

/* What a row of scores says: the side with the higher one, or tie. */
enum pref_word ballot_sign(const struct pref_doc *doc, const struct pref_score *score);

/* The array that votes are taken from, or PREF_NOWHERE's like where the record has none. */
int ballot_absent(const struct ballot_plan *plan, const struct pref_doc *doc);

/* Take the votes of the job's record; there may be none. Uses scratch[1] and scratch[2]. PREF_FAIL,
 * with job->err filled, where memory ran out. The cost is linear in the votes, but for a sort of
 * them with swap_consistent, and a look at each listed judge for each vote. */
int ballot_take(const struct ballot_plan *plan, struct pref_job *job, struct ballot *ballot);

/* Turn it about, as a flip of the record does. */
void ballot_flip(const struct ballot_plan *plan, struct ballot *ballot);

#endif
