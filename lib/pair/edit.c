/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "pref/edit.h"

#include "lib/json/blank.h"

#include <stdlib.h>
#include <string.h>

void pref_edits_release(struct pref_edits *edits)
{
    free(edits->list);
    free(edits->dropped);
    pref_buf_release(&edits->bytes);
    pref_buf_release(&edits->added);
    *edits = (struct pref_edits){0};
}

void pref_edits_begin(struct pref_edits *edits, const struct pref_doc *doc)
{
    edits->doc = doc;
    edits->count = 0;
    edits->dropped_count = 0;
    pref_buf_clear(&edits->bytes);
    pref_buf_clear(&edits->added);
}

int pref_edits_any(const struct pref_edits *edits)
{
    int failed = edits->failed || edits->bytes.failed || edits->added.failed;
    return failed || edits->count > 0 || edits->dropped_count > 0 || edits->added.len > 0;
}

void pref_edit_replace(struct pref_edits *edits, uint32_t start, uint32_t end,
                       struct pref_span with)
{
    if (edits->count == edits->cap) {
        size_t cap = edits->cap == 0 ? 16 : edits->cap * 2;
        struct pref_edit *list = realloc(edits->list, cap * sizeof *list);
        if (list == NULL) {
            edits->failed = 1;
            return;
        }
        edits->list = list;
        edits->cap = cap;
    }
    size_t text = edits->bytes.len;
    if (with.len > UINT32_MAX - text) {
        edits->failed = 1;
        return;
    }
    pref_buf_add_span(&edits->bytes, with);
    edits->list[edits->count] = (struct pref_edit){start, end, (uint32_t)text, (uint32_t)with.len,
                                                   (uint32_t)edits->count};
    edits->count++;
}

void pref_edit_exchange(struct pref_edits *edits, const struct pref_hit *a,
                        const struct pref_hit *b)
{
    pref_edit_replace(edits, a->start, a->end, pref_hit_span(edits->doc, b));
    pref_edit_replace(edits, b->start, b->end, pref_hit_span(edits->doc, a));
}

void pref_edit_put(struct pref_edits *edits, const char *name, const struct pref_hit *old,
                   struct pref_span json)
{
    if (old != NULL) {
        pref_edit_replace(edits, old->start, old->end, json);
        return;
    }
    if (edits->added.len > 0)
        pref_buf_add_byte(&edits->added, ',');
    pref_buf_add_json(&edits->added, pref_span_of(name));
    pref_buf_add_byte(&edits->added, ':');
    pref_buf_add_span(&edits->added, json);
}

void pref_edit_drop(struct pref_edits *edits, const struct pref_hit *member)
{
    if (edits->dropped_count == edits->dropped_cap) {
        size_t cap = edits->dropped_cap == 0 ? 8 : edits->dropped_cap * 2;
        uint32_t *dropped = realloc(edits->dropped, cap * sizeof *dropped);
        if (dropped == NULL) {
            edits->failed = 1;
            return;
        }
        edits->dropped = dropped;
        edits->dropped_cap = cap;
    }
    edits->dropped[edits->dropped_count++] = (uint32_t)(member - edits->doc->hits);
}

static int by_index(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/*
 * Turn the members to drop into plain removals. A member that has another before it goes with the
 * comma before it; a run of members at the very beginning goes up to the key that follows, so that
 * no comma is left over either way. Returns 1 if the object has no member left.
 */
static int place_drops(struct pref_edits *edits)
{
    const struct pref_doc *doc = edits->doc;
    const char *line = doc->line;
    uint32_t front = doc->open + 1; /* where the next member of an unbroken run would begin */
    while (front < doc->close && pref_is_blank(line[front]))
        front++;
    int empty = doc->empty != 0;
    if (edits->dropped_count > 1)
        qsort(edits->dropped, edits->dropped_count, sizeof *edits->dropped, by_index);
    for (size_t i = 0; i < edits->dropped_count; i++) {
        const struct pref_hit *member = &doc->hits[edits->dropped[i]];
        struct pref_span nothing = {NULL, 0};
        if (i > 0 && edits->dropped[i] == edits->dropped[i - 1])
            continue;
        if (member->key != front) {
            uint32_t comma = member->key;
            while (line[comma] != ',')
                comma--;
            pref_edit_replace(edits, comma, member->end, nothing);
            continue;
        }
        uint32_t next = member->end;
        while (pref_is_blank(line[next]))
            next++;
        if (line[next] != ',') {
            pref_edit_replace(edits, member->key, member->end, nothing);
            empty = 1;
            break;
        }
        next++;
        while (pref_is_blank(line[next]))
            next++;
        pref_edit_replace(edits, member->key, next, nothing);
        front = next;
    }
    return empty;
}

static int by_place(const void *a, const void *b)
{
    const struct pref_edit *x = a, *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

/* Most records have one change, or have them collected from front to back. */
static void sort_edits(struct pref_edits *edits)
{
    for (size_t i = 1; i < edits->count; i++) {
        if (edits->list[i].start < edits->list[i - 1].start) {
            qsort(edits->list, edits->count, sizeof *edits->list, by_place);
            return;
        }
    }
}

/* Where members are added: right after the last value, so that blanks before the closing brace
 * stay where they were. */
static uint32_t end_of_members(const struct pref_doc *doc)
{
    uint32_t at = doc->close;
    while (at > doc->open + 1 && pref_is_blank(doc->line[at - 1]))
        at--;
    return at;
}

int pref_edits_extent(struct pref_edits *edits, uint32_t *start, uint32_t *end,
                      struct pref_err *err)
{
    const struct pref_doc *doc = edits->doc;
    int empty = place_drops(edits);
    if (edits->added.len > 0) {
        uint32_t at = end_of_members(doc);
        if (!empty)
            pref_edit_replace(edits, at, at, pref_span_of(","));
        pref_edit_replace(edits, at, at, pref_buf_span(&edits->added));
    }
    sort_edits(edits);
    if (edits->failed || edits->bytes.failed || edits->added.failed)
        return pref_fail_memory(err, "an edited record");
    *start = *end = edits->count == 0 ? 0 : edits->list[0].start;
    for (size_t i = 0; i < edits->count; i++) {
        const struct pref_edit *edit = &edits->list[i];
        if (edit->start < *end)
            return pref_fail(err, "two changes of the record overlap at byte %u",
                             (unsigned)edit->start);
        *end = edit->end;
    }
    return PREF_OK;
}

void pref_edits_write(const struct pref_edits *edits, uint32_t start, uint32_t end,
                      struct pref_buf *out)
{
    const char *line = edits->doc->line;
    for (size_t i = 0; i < edits->count; i++) {
        const struct pref_edit *edit = &edits->list[i];
        pref_buf_add(out, line + start, edit->start - start);
        pref_buf_add(out, edits->bytes.ptr + edit->text, edit->len);
        start = edit->end;
    }
    pref_buf_add(out, line + start, end - start);
}

int pref_edits_apply(struct pref_edits *edits, struct pref_buf *out, struct pref_err *err)
{
    uint32_t start, end;
    int status = pref_edits_extent(edits, &start, &end, err);
    if (status != PREF_OK)
        return status;
    pref_edits_write(edits, 0, (uint32_t)edits->doc->len, out);
    return out->failed ? pref_fail_memory(err, "an edited record") : PREF_OK;
}
