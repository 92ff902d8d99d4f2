/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "pref/number.h"
#include "pref/record.h"

#include <string.h>

const char *const pref_vote_words[PREF_WORDS + 1] = {"chosen", "rejected", "tie", "both_bad", NULL};

struct pref_names pref_names_default(void)
{
    struct pref_names names = {"prompt", "chosen", "rejected", "votes", "scores", "id",
                               pref_scale_default()};
    return names;
}

pref_place pref_want_text_optional(struct pref_shape *shape, const char *field,
                                   enum pref_depth depth)
{
    pref_place text = pref_shape_field(shape, field);
    pref_shape_demand(shape, text, PREF_IS(PREF_STRING) | PREF_IS(PREF_ARRAY), 0);
    if (depth == PREF_INSIDE) {
        pref_shape_demand(shape, text, PREF_IS_ANY, PREF_TEXT);
        pref_place message = pref_shape_each(shape, text);
        pref_shape_demand(shape, message, PREF_IS(PREF_OBJECT), PREF_NULL_IS_VALUE);
        pref_shape_want(shape, message, "role", PREF_IS(PREF_STRING), PREF_REQUIRED);
        pref_shape_want(shape, message, "content",
            PREF_IS(PREF_STRING) | PREF_IS(PREF_ARRAY) | PREF_IS(PREF_NULL), PREF_NULL_IS_VALUE);
    }
    return text;
}

pref_place pref_want_text(struct pref_shape *shape, const char *field, enum pref_depth depth)
{
    pref_place text = pref_want_text_optional(shape, field, depth);
    pref_shape_require(shape, text);
    return text;
}

/* Each grade is on the scale, and on the side of its vote. */
static int grades_hold(const struct pref_relation *relation, const struct pref_doc *doc,
                       struct pref_fault *fault)
{
    const pref_place *place = relation->place;
    const struct pref_votes votes = {.array = place[0], .each = place[1], .judge = place[2],
                                     .vote = place[3], .confidence = place[4],
                                     .swapped = place[5], .grade = place[6]};
    const struct pref_scale scale = {relation->bound[0], relation->bound[1]};
    struct pref_vote vote;
    for (size_t at = pref_votes_begin(&votes, doc); pref_vote_next(&votes, doc, &at, &vote);) {
        int32_t grade;
        if (vote.grade == NULL)
            continue;
        if (pref_grade_parse(pref_hit_span(doc, vote.grade), &grade) != PREF_OK ||
            !pref_grade_is_on(scale, grade))
            return pref_relation_breaks(relation, fault, vote.grade,
                          "is off the scale, expected an integer from @ (see --scale)");
        if (vote.word == PREF_BOTH_BAD)
            return pref_relation_breaks(relation, fault, vote.grade,
                          "stands beside a vote 'both_bad', expected none");
        int side = pref_grade_side(scale, grade);
        if (vote.word != (side > 0 ? PREF_CHOSEN : side < 0 ? PREF_REJECTED : PREF_TIE))
            return pref_relation_breaks(relation, fault, vote.grade,
                          "contradicts the vote beside it, on a scale from @ (see --scale)");
    }
    return PREF_OK;
}

/* Each confidence is from 0 to 1. */
static int confidences_hold(const struct pref_relation *relation, const struct pref_doc *doc,
                            struct pref_fault *fault)
{
    for (size_t i = 0; i < doc->count; i++) {
        const struct pref_hit *hit = &doc->hits[i];
        if (hit->place != relation->when)
            continue;
        double value = pref_hit_number(doc, hit);
        if (!(value >= 0 && value <= 1))
            return pref_relation_breaks(relation, fault, hit,
                                        "is no share, expected a number from @");
    }
    return PREF_OK;
}

static struct pref_votes want_votes(struct pref_shape *shape, const char *field,
                                    struct pref_scale scale, unsigned types, unsigned flags)
{
    struct pref_votes votes = {.scale = scale};
    votes.array = pref_shape_field(shape, field);
    pref_shape_demand(shape, votes.array, types, flags);
    votes.each = pref_shape_each(shape, votes.array);
    pref_shape_demand(shape, votes.each, PREF_IS(PREF_OBJECT), PREF_NULL_IS_VALUE);
    votes.judge = pref_shape_want(shape, votes.each, "judge", PREF_IS(PREF_STRING),
                                  PREF_REQUIRED | PREF_TEXT);
    votes.vote = pref_shape_want(shape, votes.each, "vote", PREF_IS(PREF_STRING), PREF_REQUIRED);
    pref_shape_words(shape, votes.vote, pref_vote_words);
    votes.confidence =
        pref_shape_want(shape, votes.each, "confidence", PREF_IS(PREF_NUMBER), PREF_FINITE);
    votes.swapped = pref_shape_want(shape, votes.each, "swapped", PREF_IS_BOOL, 0);
    votes.grade = pref_shape_want(shape, votes.each, "grade", PREF_IS(PREF_NUMBER), 0);
    const struct pref_relation grades = {
        .when = votes.grade,
        .holds = grades_hold,
        .place = {votes.array, votes.each, votes.judge, votes.vote, votes.confidence,
                  votes.swapped, votes.grade},
        .bound = {scale.first, scale.last}};
    pref_shape_relate(shape, &grades);
    return votes;
}

struct pref_votes pref_want_votes(struct pref_shape *shape, const char *field,
                                  struct pref_scale scale)
{
    return want_votes(shape, field, scale, PREF_IS(PREF_ARRAY), 0);
}

struct pref_votes pref_want_votes_null(struct pref_shape *shape, const char *field,
                                       struct pref_scale scale)
{
    return want_votes(shape, field, scale, PREF_IS(PREF_ARRAY) | PREF_IS(PREF_NULL),
                      PREF_NULL_IS_VALUE);
}

void pref_want_probabilities(struct pref_shape *shape, const struct pref_votes *votes)
{
    const struct pref_relation shares = {
        .when = votes->confidence, .holds = confidences_hold, .bound = {0, 1}};
    pref_shape_relate(shape, &shares);
}

size_t pref_votes_begin(const struct pref_votes *votes, const struct pref_doc *doc)
{
    return pref_doc_below(doc, votes->array);
}

int pref_vote_next(const struct pref_votes *votes, const struct pref_doc *doc, size_t *at,
                   struct pref_vote *vote)
{
    size_t i = *at;
    if (i >= doc->count || doc->hits[i].place != votes->each)
        return 0;
    uint32_t end = doc->hits[i].end;
    *vote = (struct pref_vote){0};
    for (i++; i < doc->count && doc->hits[i].start < end; i++) {
        const struct pref_hit *hit = &doc->hits[i];
        if (hit->place == votes->judge)
            vote->judge = hit;
        else if (hit->place == votes->vote)
            vote->vote = hit;
        else if (hit->place == votes->confidence)
            vote->confidence = hit;
        else if (hit->place == votes->swapped)
            vote->swapped = hit;
        else if (hit->place == votes->grade)
            vote->grade = hit;
    }
    vote->word = (enum pref_word)vote->vote->word;
    *at = i;
    return 1;
}

int32_t pref_vote_grade(const struct pref_doc *doc, const struct pref_vote *vote)
{
    int32_t grade = 0;
    pref_grade_parse(pref_hit_span(doc, vote->grade), &grade);
    return grade;
}

int pref_object_is_own(struct pref_span object, const char *first, const char *const *keys)
{
    struct pref_cursor cursor = pref_cursor_in(object);
    struct pref_span name, value;
    int has_first = 0;
    while (pref_cursor_next(&cursor, &name, &value)) {
        struct pref_span bare = {name.ptr + 1, name.len - 2};
        size_t k = 0;
        while (keys[k] != NULL && !pref_span_equal(bare, pref_span_of(keys[k])))
            k++;
        if (keys[k] == NULL)
            return 0;
        has_first |= pref_span_equal(bare, pref_span_of(first));
    }
    return has_first;
}
