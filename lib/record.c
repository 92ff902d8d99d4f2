/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "number.h"
#include "record.h"

#include <string.h>

const char *const pref_vote_words[PREF_WORDS + 1] = {"chosen", "rejected", "tie", "both_bad", NULL};

struct pref_names pref_names_default(void)
{
    struct pref_names names = {"prompt", "chosen", "rejected", "votes", "scores", "id"};
    return names;
}

static pref_place key(struct pref_shape *shape, pref_place parent, const char *name,
                      unsigned types, unsigned flags)
{
    pref_place place = pref_shape_key(shape, parent, pref_span_of(name));
    pref_shape_demand(shape, place, types, flags);
    return place;
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
        key(shape, message, "role", PREF_IS(PREF_STRING), PREF_REQUIRED);
        key(shape, message, "content",
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

static struct pref_votes want_votes(struct pref_shape *shape, const char *field, unsigned types,
                                    unsigned flags)
{
    struct pref_votes votes;
    votes.array = pref_shape_field(shape, field);
    pref_shape_demand(shape, votes.array, types, flags);
    votes.each = pref_shape_each(shape, votes.array);
    pref_shape_demand(shape, votes.each, PREF_IS(PREF_OBJECT), PREF_NULL_IS_VALUE);
    votes.judge = key(shape, votes.each, "judge", PREF_IS(PREF_STRING), PREF_REQUIRED | PREF_TEXT);
    votes.vote = key(shape, votes.each, "vote", PREF_IS(PREF_STRING), PREF_REQUIRED);
    pref_shape_words(shape, votes.vote, pref_vote_words);
    votes.confidence = key(shape, votes.each, "confidence", PREF_IS(PREF_NUMBER), PREF_FINITE);
    votes.swapped = key(shape, votes.each, "swapped", PREF_IS_BOOL, 0);
    return votes;
}

struct pref_votes pref_want_votes(struct pref_shape *shape, const char *field)
{
    return want_votes(shape, field, PREF_IS(PREF_ARRAY), 0);
}

struct pref_votes pref_want_votes_null(struct pref_shape *shape, const char *field)
{
    return want_votes(shape, field, PREF_IS(PREF_ARRAY) | PREF_IS(PREF_NULL), PREF_NULL_IS_VALUE);
}

struct pref_scores pref_want_scores(struct pref_shape *shape, const char *field)
{
    struct pref_scores scores;
    scores.array = pref_shape_field(shape, field);
    pref_shape_demand(shape, scores.array, PREF_IS(PREF_ARRAY), 0);
    scores.each = pref_shape_each(shape, scores.array);
    pref_shape_demand(shape, scores.each, PREF_IS(PREF_OBJECT), PREF_NULL_IS_VALUE);
    scores.model =
        key(shape, scores.each, "model", PREF_IS(PREF_STRING), PREF_REQUIRED | PREF_TEXT);
    scores.chosen =
        key(shape, scores.each, "chosen", PREF_IS(PREF_NUMBER), PREF_REQUIRED | PREF_FINITE);
    scores.rejected =
        key(shape, scores.each, "rejected", PREF_IS(PREF_NUMBER), PREF_REQUIRED | PREF_FINITE);
    return scores;
}

/* The first hit below the array at `place`, or doc->count. */
static size_t begin(const struct pref_doc *doc, pref_place place)
{
    return doc->at[place] < 0 ? doc->count : (size_t)doc->at[place] + 1;
}

size_t pref_votes_begin(const struct pref_votes *votes, const struct pref_doc *doc)
{
    return begin(doc, votes->array);
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
    }
    vote->word = (enum pref_word)vote->vote->word;
    *at = i;
    return 1;
}

size_t pref_scores_begin(const struct pref_scores *scores, const struct pref_doc *doc)
{
    return begin(doc, scores->array);
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
        else if (hit->place == scores->chosen)
            score->chosen = hit;
        else if (hit->place == scores->rejected)
            score->rejected = hit;
    }
    *at = i;
    return 1;
}

double pref_hit_number(const struct pref_doc *doc, const struct pref_hit *hit)
{
    double value = 0;
    pref_number_parse(pref_hit_span(doc, hit), &value);
    return value;
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
