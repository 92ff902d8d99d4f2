/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ballot.h"

#include <stdlib.h>
#include <string.h>

/* A vote that waits for the others of its judge. */
struct entry {
    struct pref_span judge; /* its ptr is set once all names are there */
    size_t start;           /* of the name in scratch[1] */
    struct vote_grades grades;
    uint32_t share;         /* see share_of */
    uint8_t word, orders;   /* orders: a set of ORDER_ bits */
};

enum { ORDER_PLAIN = 1, ORDER_SWAPPED = 2, ORDER_BOTH = 3 };

void ballot_want(struct ballot_plan *plan, struct pref_shape *shape, const char *field,
                 struct pref_scale scale)
{
    if (!plan->from_scores) {
        plan->votes = pref_want_votes(shape, field, scale);
        return;
    }
    plan->scores = pref_want_scores(shape, field);
    if (plan->per_token)
        pref_scores_per_token(&plan->scores, shape);
}

uint64_t ballot_unit(const struct ballot_plan *plan)
{
    return plan->weigh == NULL && !plan->by_confidence ? 1 : VOTE_WEIGHT_ONE;
}

int ballot_absent(const struct ballot_plan *plan, const struct pref_doc *doc)
{
    return pref_doc_at(doc, plan->from_scores ? plan->scores.array : plan->votes.array) == NULL;
}

/* What part of its judge's weight a vote has, in millionths: its confidence, to the nearest, if
 * that is asked for; all of it where it has none. */
static uint32_t share_of(const struct ballot_plan *plan, const struct pref_doc *doc,
                         const struct pref_vote *vote, struct ballot *ballot)
{
    if (!plan->by_confidence)
        return VOTE_WEIGHT_ONE;
    if (vote->confidence == NULL) {
        ballot->unsure++;
        return VOTE_WEIGHT_ONE;
    }
    return (uint32_t)(pref_hit_number(doc, vote->confidence) * VOTE_WEIGHT_ONE + 0.5);
}

static void count_grade(struct vote_grades *grades, const struct pref_doc *doc,
                        const struct pref_vote *vote)
{
    if (vote->grade != NULL) {
        struct vote_grades one = vote_grades_of(pref_vote_grade(doc, vote));
        vote_grades_add(grades, &one);
    }
}

/* Count one vote of a judge whose name is known. */
static void count_named(const struct ballot_plan *plan, struct ballot *ballot,
                        struct pref_span judge, enum pref_word word, uint32_t share)
{
    unsigned listed = judges_find(&plan->judges, judge);
    uint64_t weight = ballot_unit(plan);
    if (plan->weigh != NULL) {
        size_t place = vote_weights_find(plan->weigh, judge);
        weight = vote_weights_at(plan->weigh, place);
        ballot->weighed |= place < 64 ? UINT64_C(1) << place : 0;
    }
    if (share != VOTE_WEIGHT_ONE)
        weight = (weight * share + VOTE_WEIGHT_ONE / 2) / VOTE_WEIGHT_ONE;
    ballot->cast[word]++;
    ballot->counted[word] += weight > 0;
    ballot->weight[word] += weight;
    if (listed < JUDGES_MAX) {
        ballot->seen |= UINT64_C(1) << listed;
        ballot->spoiled |= (uint64_t)(word != PREF_CHOSEN) << listed;
    }
}

/* Count a vote as it is cast. The name is read only where somebody asks for it. */
static int count_cast(const struct ballot_plan *plan, struct pref_job *job,
                      const struct pref_hit *judge, enum pref_word word, uint32_t share,
                      struct ballot *ballot)
{
    struct pref_span name = {NULL, 0};
    if (plan->judges.count == 0 && ballot_unit(plan) == 1) {
        ballot->cast[word]++;
        ballot->counted[word]++;
        ballot->weight[word]++;
        return PREF_OK;
    }
    if (pref_string_text(pref_hit_span(job->doc, judge), &job->scratch[1], &name) != PREF_OK ||
        job->scratch[1].failed)
        return pref_fail_memory(job->err, "the name of a judge");
    count_named(plan, ballot, name, word, share);
    return PREF_OK;
}

enum pref_word ballot_sign(const struct pref_doc *doc, const struct pref_score *score)
{
    double chosen = pref_score_worth(doc, score, 0), rejected = pref_score_worth(doc, score, 1);
    return chosen > rejected ? PREF_CHOSEN : chosen < rejected ? PREF_REJECTED : PREF_TIE;
}

/* ---- A judge counts once ------------------------------------------------------------------- */

static int by_judge(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    return pref_span_compare(x->judge, y->judge);
}

/* Put all votes into scratch[2], sorted by judge, with the names in scratch[1]. */
static int gather(const struct ballot_plan *plan, struct pref_job *job, struct ballot *ballot,
                  size_t *count)
{
    struct pref_buf *names = &job->scratch[1], *list = &job->scratch[2];
    struct pref_vote vote;
    pref_buf_clear(names);
    pref_buf_clear(list);
    for (size_t at = pref_votes_begin(&plan->votes, job->doc);
         pref_vote_next(&plan->votes, job->doc, &at, &vote);) {
        struct entry entry = {.start = names->len,
                              .word = (uint8_t)vote.word,
                              .share = share_of(plan, job->doc, &vote, ballot)};
        count_grade(&entry.grades, job->doc, &vote);
        if (vote.swapped != NULL)
            entry.orders = vote.swapped->type == PREF_TRUE ? ORDER_SWAPPED : ORDER_PLAIN;
        pref_string_decode(pref_hit_span(job->doc, vote.judge), names);
        entry.judge.len = names->len - entry.start;
        pref_buf_add(list, (const char *)&entry, sizeof entry);
    }
    if (names->failed || list->failed)
        return pref_fail_memory(job->err, "the votes of a record");
    *count = list->len / sizeof(struct entry);
    struct entry *entries = (struct entry *)(void *)list->ptr;
    for (size_t i = 0; i < *count; i++)
        entries[i].judge.ptr = names->ptr + entries[i].start;
    if (*count > 1)
        qsort(entries, *count, sizeof entries[0], by_judge);
    return PREF_OK;
}

/* Count each judge once whose votes stand there in both orders and are all of one word: as surely
 * as the least sure of them. */
static int take_consistent(const struct ballot_plan *plan, struct pref_job *job,
                           struct ballot *ballot)
{
    size_t count = 0, i = 0;
    if (gather(plan, job, ballot, &count) != PREF_OK)
        return PREF_FAIL;
    const struct entry *entries = (const struct entry *)(const void *)job->scratch[2].ptr;
    while (i < count) {
        const struct entry *first = &entries[i];
        unsigned orders = 0, differ = 0;
        uint32_t share = first->share;
        struct vote_grades grades = {0};
        for (; i < count && by_judge(first, &entries[i]) == 0; i++) {
            orders |= entries[i].orders;
            differ |= entries[i].word != first->word;
            share = entries[i].share < share ? entries[i].share : share;
            vote_grades_add(&grades, &entries[i].grades);
        }
        if (orders != ORDER_BOTH)
            ballot->unpaired++;
        else if (differ)
            ballot->disagreed++;
        else {
            ballot->agreed++;
            count_named(plan, ballot, first->judge, (enum pref_word)first->word, share);
            vote_grades_add(&ballot->grades, &grades);
        }
    }
    return PREF_OK;
}

int ballot_take(const struct ballot_plan *plan, struct pref_job *job, struct ballot *ballot)
{
    struct pref_vote vote;
    struct pref_score score;
    int status = PREF_OK;
    memset(ballot, 0, sizeof *ballot);
    if (plan->swap_consistent)
        return take_consistent(plan, job, ballot);
    if (plan->from_scores)
        for (size_t at = pref_scores_begin(&plan->scores, job->doc);
             status == PREF_OK && pref_score_next(&plan->scores, job->doc, &at, &score);)
            status = count_cast(plan, job, score.model, ballot_sign(job->doc, &score),
                                VOTE_WEIGHT_ONE, ballot);
    else
        for (size_t at = pref_votes_begin(&plan->votes, job->doc);
             status == PREF_OK && pref_vote_next(&plan->votes, job->doc, &at, &vote);) {
            count_grade(&ballot->grades, job->doc, &vote);
            status = count_cast(plan, job, vote.judge, vote.word,
                                share_of(plan, job->doc, &vote, ballot), ballot);
        }
    return status;
}

static void exchange(uint64_t by_word[PREF_WORDS])
{
    uint64_t chosen = by_word[PREF_REJECTED];
    by_word[PREF_REJECTED] = by_word[PREF_CHOSEN];
    by_word[PREF_CHOSEN] = chosen;
}

void ballot_flip(const struct ballot_plan *plan, struct ballot *ballot)
{
    vote_grades_turn(&ballot->grades, plan->votes.scale);
    exchange(ballot->cast);
    exchange(ballot->counted);
    exchange(ballot->weight);
}
