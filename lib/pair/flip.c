/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "pref/flip.h"

#include <string.h>

void pref_flip_want(struct pref_flip *flip, struct pref_shape *shape,
                    const struct pref_names *names)
{
    *flip = (struct pref_flip){0};
    flip->chosen = pref_want_text(shape, names->chosen, PREF_OUTSIDE);
    flip->rejected = pref_want_text(shape, names->rejected, PREF_OUTSIDE);
    flip->votes = pref_want_votes(shape, names->votes, names->scale);
    flip->scores = pref_want_scores(shape, names->scores);
    flip->margin = pref_shape_field(shape, "margin");
    flip->flipped = pref_shape_field(shape, "flipped");
    /* A null is replaced, not joined by a second key. */
    pref_shape_demand(shape, flip->flipped, PREF_IS_BOOL | PREF_IS(PREF_NULL),
                      PREF_NULL_IS_VALUE);
    flip->vote = pref_shape_field(shape, "vote");
    flip->strength = pref_shape_field(shape, "strength");
    flip->loo = pref_shape_field(shape, "loo");
    flip->other = pref_shape_other(shape, PREF_ROOT);
}

int pref_flip_add_side(struct pref_flip *flip, struct pref_shape *shape, const char *pair,
                       struct pref_err *err)
{
    const char *colon = strchr(pair, ':');
    char left[256];
    if (colon == NULL || colon == pair || colon[1] == '\0' ||
        (size_t)(colon - pair) >= sizeof left)
        return pref_usage(err, "--sides: '%s', expected two fields, A:B", pair);
    if (flip->sides == PREF_FLIP_EXTRA_MAX)
        return pref_usage(err, "--sides: at most %d pairs", PREF_FLIP_EXTRA_MAX);
    memcpy(left, pair, (size_t)(colon - pair));
    left[colon - pair] = '\0';
    flip->side[flip->sides][0] = pref_shape_field(shape, left);
    flip->side[flip->sides][1] = pref_shape_field(shape, colon + 1);
    flip->sides++;
    return PREF_OK;
}

int pref_flip_add_turn(struct pref_flip *flip, struct pref_shape *shape, const char *field,
                       struct pref_err *err)
{
    if (flip->turns == PREF_FLIP_EXTRA_MAX)
        return pref_usage(err, "--turn: at most %d fields", PREF_FLIP_EXTRA_MAX);
    flip->turn[flip->turns++] = pref_shape_field(shape, field);
    return PREF_OK;
}

/* Whether `inner` is `outer` or a place somewhere below it. */
static int is_within(const struct pref_shape *shape, pref_place inner, pref_place outer)
{
    while (inner != outer && inner < shape->count)
        inner = shape->rule[inner].parent;
    return inner == outer;
}

#define CHANGES_MAX (9 + 3 * PREF_FLIP_EXTRA_MAX + 1)

/* All places that a flip changes; returns how many. */
static size_t list_changes(const struct pref_flip *flip, pref_place list[CHANGES_MAX])
{
    const pref_place own[] = {flip->chosen, flip->rejected, flip->votes.array,
                              flip->scores.array, flip->margin, flip->flipped,
                              flip->vote, flip->strength, flip->loo};
    size_t count = sizeof own / sizeof own[0];
    memcpy(list, own, sizeof own);
    for (unsigned i = 0; i < flip->sides; i++) {
        list[count++] = flip->side[i][0];
        list[count++] = flip->side[i][1];
    }
    for (unsigned i = 0; i < flip->turns; i++)
        list[count++] = flip->turn[i];
    return count;
}

void pref_flip_add_label(struct pref_flip *flip, struct pref_shape *shape, const char *field)
{
    pref_place list[CHANGES_MAX], label = pref_shape_field(shape, field);
    size_t count = list_changes(flip, list);
    for (size_t i = 0; i < count; i++)
        if (is_within(shape, label, list[i]))
            return;
    flip->turn[flip->turns++] = label;
}

int pref_flip_check(const struct pref_flip *flip, const struct pref_shape *shape,
                    struct pref_err *err)
{
    pref_place list[CHANGES_MAX];
    size_t count = list_changes(flip, list);
    if (shape->failed)
        return PREF_OK; /* told by pref_shape_check */
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < i; k++)
            if (is_within(shape, list[i], list[k]) || is_within(shape, list[k], list[i])) {
                char a[256], b[256];
                pref_shape_name(shape, list[k], a, sizeof a);
                pref_shape_name(shape, list[i], b, sizeof b);
                return pref_usage(err, "a flip changes '%s' and '%s', which overlap", a, b);
            }
    return PREF_OK;
}

/* "chosen" becomes "rejected" and the reverse, as JSON. */
static struct pref_span opposite(enum pref_word word)
{
    return pref_span_of(word == PREF_CHOSEN ? "\"rejected\"" : "\"chosen\"");
}

/* Add a change to those that are there, before those that stand behind it. */
static unsigned add_turn(struct pref_turn *turns, unsigned count, const struct pref_hit *hit,
                         struct pref_span text)
{
    unsigned at = count;
    for (; at > 0 && turns[at - 1].start > hit->start; at--)
        turns[at] = turns[at - 1];
    turns[at].start = hit->start;
    turns[at].end = hit->end;
    turns[at].len = (uint32_t)text.len;
    memcpy(turns[at].text, text.ptr, text.len);
    return count + 1;
}

unsigned pref_flip_vote(const struct pref_votes *votes, const struct pref_doc *doc,
                        const struct pref_vote *vote, struct pref_turn turns[PREF_TURNS_MAX])
{
    unsigned count = 0;
    if (vote->word == PREF_CHOSEN || vote->word == PREF_REJECTED)
        count = add_turn(turns, count, vote->vote, opposite(vote->word));
    if (vote->swapped != NULL)
        count = add_turn(turns, count, vote->swapped,
                         pref_span_of(vote->swapped->type == PREF_TRUE ? "false" : "true"));
    if (vote->grade != NULL) {
        char grade[PREF_NUMBER_MAX];
        int32_t turned = pref_grade_turn(votes->scale, pref_vote_grade(doc, vote));
        size_t len = pref_number_print(grade, turned);
        count = add_turn(turns, count, vote->grade, (struct pref_span){grade, len});
    }
    return count;
}

static void flip_votes(const struct pref_flip *flip, struct pref_edits *edits)
{
    struct pref_vote vote;
    struct pref_turn turns[PREF_TURNS_MAX];
    size_t at = pref_votes_begin(&flip->votes, edits->doc);
    while (pref_vote_next(&flip->votes, edits->doc, &at, &vote)) {
        unsigned count = pref_flip_vote(&flip->votes, edits->doc, &vote, turns);
        for (unsigned i = 0; i < count; i++)
            pref_edit_replace(edits, turns[i].start, turns[i].end,
                              (struct pref_span){turns[i].text, turns[i].len});
    }
}

static void flip_scores(const struct pref_flip *flip, struct pref_edits *edits)
{
    struct pref_score score;
    size_t at = pref_scores_begin(&flip->scores, edits->doc);
    while (pref_score_next(&flip->scores, edits->doc, &at, &score))
        pref_edit_exchange(edits, score.side[0], score.side[1]);
}

/* A leading '-' comes or goes. */
static void flip_margin(const struct pref_flip *flip, struct pref_edits *edits)
{
    const struct pref_hit *margin = pref_doc_at(edits->doc, flip->margin);
    if (margin == NULL || margin->type != PREF_NUMBER)
        return;
    if (edits->doc->line[margin->start] == '-')
        pref_edit_replace(edits, margin->start, margin->start + 1, pref_span_of(""));
    else
        pref_edit_replace(edits, margin->start, margin->start, pref_span_of("-"));
}

/* A flipped pair says so; flipped back it is as if nothing had been. */
static void mark(const struct pref_flip *flip, struct pref_edits *edits)
{
    const struct pref_hit *flipped = pref_doc_at(edits->doc, flip->flipped);
    if (flipped != NULL && flipped->type == PREF_TRUE)
        pref_edit_drop(edits, flipped);
    else
        pref_edit_put(edits, "flipped", flipped, pref_span_of("true"));
}

static void drop_annotation(struct pref_edits *edits, pref_place place, pref_place keep)
{
    const struct pref_hit *hit = place == keep ? NULL : pref_doc_at(edits->doc, place);
    if (hit != NULL && hit->type == PREF_OBJECT)
        pref_edit_drop(edits, hit);
}

/* Which side a JSON string names: PREF_CHOSEN, PREF_REJECTED, or PREF_WORDS for neither. */
static enum pref_word side_named(struct pref_span string)
{
    if (pref_span_equal(string, pref_span_of("\"chosen\"")))
        return PREF_CHOSEN;
    if (pref_span_equal(string, pref_span_of("\"rejected\"")))
        return PREF_REJECTED;
    return PREF_WORDS;
}

static void turn_label(struct pref_edits *edits, const struct pref_hit *label)
{
    enum pref_word word = side_named(pref_hit_span(edits->doc, label));
    if (word != PREF_WORDS)
        pref_edit_replace(edits, label->start, label->end, opposite(word));
    else if (label->type == PREF_TRUE || label->type == PREF_FALSE)
        pref_edit_replace(edits, label->start, label->end,
                          pref_span_of(label->type == PREF_TRUE ? "false" : "true"));
}

/* Returns the number of values that were left alone: one side alone has nothing to change with. */
static unsigned flip_extras(const struct pref_flip *flip, struct pref_edits *edits)
{
    const struct pref_doc *doc = edits->doc;
    unsigned untouched = 0;
    for (unsigned i = 0; i < flip->sides; i++) {
        const struct pref_hit *a = pref_doc_at(doc, flip->side[i][0]);
        const struct pref_hit *b = pref_doc_at(doc, flip->side[i][1]);
        if (a != NULL && b != NULL)
            pref_edit_exchange(edits, a, b);
        else
            untouched += a != NULL || b != NULL;
    }
    for (unsigned i = 0; i < flip->turns; i++) {
        const struct pref_hit *label = pref_doc_at(doc, flip->turn[i]);
        if (label != NULL)
            turn_label(edits, label);
    }
    return untouched;
}

static int contains(struct pref_span text, const char *word)
{
    size_t n = strlen(word);
    for (size_t i = 0; i + n <= text.len; i++)
        if (memcmp(text.ptr + i, word, n) == 0)
            return 1;
    return 0;
}

/* Whether nothing else here knows the member: it may have an annotation's name and not be one. */
static int is_unknown(const struct pref_flip *flip, const struct pref_hit *hit)
{
    return hit->place == flip->other ||
           (hit->type != PREF_OBJECT && (hit->place == flip->vote ||
                                         hit->place == flip->strength || hit->place == flip->loo));
}

/* Top-level keys that name a side ("score_chosen"), or whose value does ("gold":"chosen"). */
static unsigned count_untouched(const struct pref_flip *flip, const struct pref_doc *doc)
{
    unsigned untouched = 0;
    for (size_t i = 0; i < doc->count; i++) {
        const struct pref_hit *hit = &doc->hits[i];
        if (!is_unknown(flip, hit))
            continue;
        struct pref_span name = {doc->line + hit->key, hit->start - hit->key};
        if (contains(name, "chosen") || contains(name, "rejected") ||
            side_named(pref_hit_span(doc, hit)) != PREF_WORDS)
            untouched++;
    }
    return untouched;
}

unsigned pref_flip_edit(const struct pref_flip *flip, struct pref_edits *edits, pref_place keep)
{
    const struct pref_hit *chosen = pref_doc_at(edits->doc, flip->chosen);
    const struct pref_hit *rejected = pref_doc_at(edits->doc, flip->rejected);
    pref_edit_exchange(edits, chosen, rejected);
    flip_votes(flip, edits);
    flip_scores(flip, edits);
    flip_margin(flip, edits);
    unsigned alone = flip_extras(flip, edits);
    drop_annotation(edits, flip->vote, keep);
    drop_annotation(edits, flip->strength, keep);
    drop_annotation(edits, flip->loo, keep);
    mark(flip, edits);
    return alone + count_untouched(flip, edits->doc);
}
