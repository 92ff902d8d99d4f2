/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "votes.h"

#include "pref/flip.h"

#include <stdlib.h>
#include <string.h>

/* How the votes of one record stand in scratch storage, followed by their text: the votes with
 * commas between them. */
struct entry {
    uint64_t before; /* one more than where the entry before stands; 0: this is the first */
    uint64_t ordinal;
    uint64_t len;
};

struct entry_at {
    struct entry entry;
    uint64_t text;
};

int votes_open(struct votes *votes, struct pref_opening *opening, int implied, int on_disk,
               struct pref_err *err)
{
    struct pref_shape *shape = opening->shape;
    votes->field = opening->common->names.votes;
    if (votes->field[0] == '/')
        return pref_usage(err, "--votes: '%s', expected a top-level key where votes are merged",
                          votes->field);
    votes->places = pref_want_votes_null(shape, votes->field, opening->common->names.scale);
    votes->source = PREF_NOWHERE;
    if (implied && votes->judge == NULL) {
        votes->source = pref_shape_field(shape, "source");
        pref_shape_demand(shape, votes->source, PREF_IS_ANY, PREF_TEXT);
    }
    int status = pref_slots_open(&votes->last, on_disk, err);
    return status == PREF_OK ? pref_scratch_new(&votes->scratch, err) : status;
}

void votes_close(struct votes *votes)
{
    pref_scratch_free(votes->scratch);
    pref_buf_release(&votes->text);
    pref_buf_release(&votes->before);
    pref_buf_release(&votes->after);
    pref_slots_release(&votes->last);
    free(votes->list);
    *votes = (struct votes){0};
}

/* ---- One record's votes ---------------------------------------------------------------------- */

static struct pref_span between(const struct pref_doc *doc, uint32_t from, uint32_t to)
{
    struct pref_span span = {doc->line + from, to - from};
    return span;
}

static void add_word(struct pref_buf *out, int chosen)
{
    pref_buf_add_text(out, chosen ? "\"chosen\"" : "\"rejected\"");
}

/* A vote seen from the other side; what that does not change, as it came. */
static void add_turned(struct pref_buf *out, const struct votes *votes, const struct pref_doc *doc,
                       const struct pref_hit *element, const struct pref_vote *vote)
{
    struct pref_turn turns[PREF_TURNS_MAX];
    unsigned count = pref_flip_vote(&votes->places, doc, vote, turns);
    uint32_t from = element->start;
    for (unsigned i = 0; i < count; i++) {
        pref_buf_add_span(out, between(doc, from, turns[i].start));
        pref_buf_add(out, turns[i].text, turns[i].len);
        from = turns[i].end;
    }
    pref_buf_add_span(out, between(doc, from, element->end));
}

static void add_comma(struct pref_buf *out)
{
    if (out->len > 0)
        pref_buf_add_byte(out, ',');
}

/* The vote that a record without votes is. */
static void add_implied(const struct votes *votes, const struct pref_doc *doc, int turned,
                        struct pref_buf *out)
{
    const struct pref_hit *source =
        votes->source == PREF_NOWHERE ? NULL : pref_doc_at(doc, votes->source);
    add_comma(out);
    pref_buf_add_text(out, "{\"judge\":");
    if (votes->judge != NULL)
        pref_buf_add_json(out, pref_span_of(votes->judge));
    else if (source != NULL && source->type == PREF_STRING)
        pref_buf_add_span(out, pref_hit_span(doc, source));
    else
        pref_buf_add_text(out, "\"label\"");
    pref_buf_add_text(out, ",\"vote\":");
    add_word(out, !turned);
    pref_buf_add_byte(out, '}');
}

/* ---- Putting aside --------------------------------------------------------------------------- */

int votes_keep(struct votes *votes, uint64_t key, uint64_t ordinal, const struct pref_doc *doc,
               struct votes_how how, struct pref_err *err)
{
    struct pref_buf *text = &votes->text;
    struct pref_vote vote;
    size_t at = pref_votes_begin(&votes->places, doc), next = at;
    pref_buf_clear(text);
    for (; pref_vote_next(&votes->places, doc, &next, &vote); at = next) {
        const struct pref_hit *element = &doc->hits[at];
        add_comma(text);
        if (how.turned)
            add_turned(text, votes, doc, element, &vote);
        else
            pref_buf_add_span(text, pref_hit_span(doc, element));
    }
    if (text->len == 0 && how.implied)
        add_implied(votes, doc, how.turned, text);
    if (text->failed)
        return pref_fail_memory(err, "votes to be merged");
    if (text->len == 0)
        return PREF_OK;
    struct entry entry = {.ordinal = ordinal, .len = text->len};
    int status = pref_slots_get(&votes->last, key, &entry.before, err);
    if (status == PREF_OK)
        status = pref_slots_set(&votes->last, key, pref_scratch_end(votes->scratch) + 1, err);
    if (status == PREF_OK)
        status = pref_scratch_add(votes->scratch, &entry, sizeof entry, err);
    return status != PREF_OK ? status
                             : pref_scratch_add(votes->scratch, text->ptr, text->len, err);
}

/* ---- Reading back ---------------------------------------------------------------------------- */

/* Fill the list with the entries of a key, the last first. */
static int list_entries(struct votes *votes, uint64_t key, size_t *count, struct pref_err *err)
{
    uint64_t at;
    int status = pref_slots_get(&votes->last, key, &at, err);
    *count = 0;
    while (status == PREF_OK && at != 0) {
        if (*count == votes->list_cap) {
            size_t cap = votes->list_cap * 2 + 16;
            struct entry_at *list = realloc(votes->list, cap * sizeof *list);
            if (list == NULL)
                return pref_fail_memory(err, "votes to be merged");
            votes->list = list;
            votes->list_cap = cap;
        }
        struct entry_at *one = &votes->list[(*count)++];
        status = pref_scratch_read(votes->scratch, at - 1, &one->entry, sizeof one->entry, err);
        one->text = at - 1 + sizeof one->entry;
        at = one->entry.before;
    }
    return status;
}

/* The votes kept for a key, into `before` and `after` the record with this ordinal. */
static int read_back(struct votes *votes, uint64_t key, uint64_t ordinal, struct pref_err *err)
{
    size_t count;
    int status = list_entries(votes, key, &count, err);
    pref_buf_clear(&votes->before);
    pref_buf_clear(&votes->after);
    while (count > 0 && status == PREF_OK) {
        const struct entry_at *one = &votes->list[--count];
        struct pref_buf *out = one->entry.ordinal < ordinal ? &votes->before : &votes->after;
        add_comma(out);
        char *text = pref_buf_reserve(out, (size_t)one->entry.len);
        if (text == NULL)
            return pref_fail_memory(err, "votes to be merged");
        status = pref_scratch_read(votes->scratch, one->text, text, (size_t)one->entry.len, err);
        out->len += (size_t)one->entry.len;
    }
    return status;
}

/* The record has no votes: write all of them at once. */
static void put_votes(struct votes *votes, struct pref_edits *edits, int implied)
{
    const struct pref_hit *old = pref_doc_at(edits->doc, votes->places.array);
    struct pref_buf *text = &votes->text;
    pref_buf_clear(text);
    pref_buf_add_span(text, pref_buf_span(&votes->before));
    if (implied)
        add_implied(votes, edits->doc, 0, text);
    if (votes->after.len > 0) {
        add_comma(text);
        pref_buf_add_span(text, pref_buf_span(&votes->after));
    }
    if (text->len == 0)
        return;
    struct pref_buf *array = &votes->before;
    pref_buf_clear(array);
    pref_buf_add_byte(array, '[');
    pref_buf_add_span(array, pref_buf_span(text));
    pref_buf_add_byte(array, ']');
    pref_edit_put(edits, votes->field, old, pref_buf_span(array));
}

int votes_merge(struct votes *votes, uint64_t key, uint64_t ordinal, struct pref_edits *edits,
                int implied, struct pref_err *err)
{
    const struct pref_doc *doc = edits->doc;
    struct pref_vote vote;
    int status = read_back(votes, key, ordinal, err);
    if (status != PREF_OK)
        return status;
    size_t first = pref_votes_begin(&votes->places, doc), last = first, next = first;
    int own = 0;
    for (size_t at = first; pref_vote_next(&votes->places, doc, &next, &vote); at = next) {
        own = 1;
        last = at;
    }
    if (!own) {
        put_votes(votes, edits, implied);
    } else {
        uint32_t start = doc->hits[first].start, end = doc->hits[last].end;
        if (votes->before.len > 0) {
            pref_buf_add_byte(&votes->before, ',');
            pref_edit_replace(edits, start, start, pref_buf_span(&votes->before));
        }
        if (votes->after.len > 0) {
            pref_edit_replace(edits, end, end, pref_span_of(","));
            pref_edit_replace(edits, end, end, pref_buf_span(&votes->after));
        }
    }
    return votes->text.failed || votes->before.failed || votes->after.failed
               ? pref_fail_memory(err, "votes to be merged")
               : PREF_OK;
}
