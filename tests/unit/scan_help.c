/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "scan_help.h"

#include "lib/json/scan_impl.h"

#include <stdlib.h>
#include <string.h>

static pref_place key(struct pref_shape *shape, pref_place parent, const char *name,
                      unsigned types, unsigned flags)
{
    pref_place place = pref_shape_key(shape, parent, pref_span_of(name));
    pref_shape_demand(shape, place, types, flags);
    return place;
}

struct pref_shape *help_pair_shape(int any)
{
    static const char *const words[] = {"chosen", "rejected", "tie", "both_bad", NULL};
    static const char *const sides[] = {"prompt", "chosen", "rejected"};
    const unsigned string = PREF_IS(PREF_STRING), array = PREF_IS(PREF_ARRAY);
    const unsigned object = PREF_IS(PREF_OBJECT), number = PREF_IS(PREF_NUMBER);
    struct pref_shape *shape = any ? pref_shape_new_any() : pref_shape_new();
    if (shape == NULL)
        return NULL;
    key(shape, PREF_ROOT, "id", string | number, PREF_TEXT | PREF_FINITE);
    for (int i = 0; i < 3; i++) {
        pref_place side = key(shape, PREF_ROOT, sides[i], string | array, PREF_TEXT);
        pref_place message = pref_shape_each(shape, side);
        pref_shape_demand(shape, message, object, PREF_NULL_IS_VALUE);
        key(shape, message, "role", string, PREF_REQUIRED);
        key(shape, message, "content", string | array, 0);
    }
    pref_place vote = pref_shape_each(shape, key(shape, PREF_ROOT, "votes", array, 0));
    pref_shape_demand(shape, vote, object, PREF_NULL_IS_VALUE);
    key(shape, vote, "judge", string, PREF_REQUIRED | PREF_TEXT);
    pref_shape_words(shape, key(shape, vote, "vote", string, PREF_REQUIRED), words);
    key(shape, vote, "confidence", number, PREF_FINITE);
    key(shape, vote, "swapped", PREF_IS_BOOL, 0);
    pref_place score = pref_shape_each(shape, key(shape, PREF_ROOT, "scores", array, 0));
    pref_shape_demand(shape, score, object, PREF_NULL_IS_VALUE);
    key(shape, score, "model", string, PREF_REQUIRED | PREF_TEXT);
    key(shape, score, "chosen", number, PREF_REQUIRED | PREF_FINITE);
    key(shape, score, "rejected", number, PREF_REQUIRED | PREF_FINITE);
    return shape;
}

char *help_padded(const char *line, size_t len, int fill)
{
    char *copy = malloc(len + PREF_PAD);
    if (copy == NULL)
        abort();
    if (len > 0)
        memcpy(copy, line, len);
    memset(copy + len, fill, PREF_PAD);
    return copy;
}

/* ---- What any result must be ------------------------------------------------------------- */

static const char *check_spans(const struct pref_shape *shape, const struct pref_doc *doc)
{
    uint32_t open[PREF_DEPTH_MAX + 1]; /* where the containers end that are open */
    size_t depth = 0;
    uint32_t last = 0;
    for (size_t i = 0; i < doc->count; i++) {
        const struct pref_hit *hit = &doc->hits[i];
        if (hit->place >= shape->count)
            return "a hit of no place";
        if (hit->key > hit->start || hit->start >= hit->end || hit->end > doc->len)
            return "a hit outside of the line";
        if (i > 0 && hit->start <= last)
            return "hits out of order";
        while (depth > 0 && open[depth - 1] <= hit->start)
            depth--;
        if (depth > 0 && hit->end > open[depth - 1])
            return "a hit that crosses the end of its container";
        if (hit->type >= PREF_ARRAY)
            open[depth++] = hit->end;
        if (pref_type_of(pref_hit_span(doc, hit)) != hit->type)
            return "a hit of another type than its first byte says";
        last = hit->start;
    }
    for (unsigned i = 0; i < shape->count; i++) {
        int32_t at = doc->at[i];
        if (at >= (int32_t)doc->count || (at >= 0 && doc->hits[at].place != i))
            return "at[] of a hit of another place";
    }
    return NULL;
}

/* The root's members, met by a cursor, against the hits of keys directly below the root. */
static const char *check_cursor(const struct pref_shape *shape, const struct pref_doc *doc)
{
    struct pref_cursor cursor = pref_cursor_in(pref_hit_span(doc, &doc->hits[0]));
    struct pref_span name, value;
    size_t next = 1, members = 0;
    while (pref_cursor_next(&cursor, &name, &value)) {
        members++;
        while (next < doc->count && shape->rule[doc->hits[next].place].parent != PREF_ROOT)
            next++;
        if (next == doc->count || value.ptr != doc->line + doc->hits[next].start)
            continue;
        struct pref_span span = pref_hit_span(doc, &doc->hits[next]);
        if (!pref_span_equal(span, value) || span.ptr != value.ptr)
            return "cursor and hit disagree on a value's end";
        if (name.ptr != NULL && name.ptr != doc->line + doc->hits[next].key)
            return "cursor and hit disagree on a key's place";
        next++;
    }
    while (next < doc->count && shape->rule[doc->hits[next].place].parent != PREF_ROOT)
        next++;
    if (next < doc->count)
        return "a hit that the cursor did not meet";
    if ((members == 0) != doc->empty && doc->hits[0].type >= PREF_ARRAY)
        return "cursor and doc disagree on emptiness";
    return NULL;
}

/* ---- The same from every kernel ----------------------------------------------------------- */

struct result {
    int status;
    struct pref_doc doc;
    struct pref_fault fault;
};

static const char *compare(const struct pref_shape *shape, const struct result *a,
                           const struct result *b)
{
    if (a->status != b->status)
        return "verdicts differ";
    if (a->fault.kind != b->fault.kind || a->fault.offset != b->fault.offset ||
        a->fault.place != b->fault.place || a->fault.found != b->fault.found ||
        a->fault.type != b->fault.type)
        return "faults differ";
    struct pref_err x, y;
    pref_fault_text(shape, &a->fault, &x);
    pref_fault_text(shape, &b->fault, &y);
    if (strcmp(x.text, y.text) != 0)
        return "sentences differ";
    if (a->doc.count != b->doc.count || a->doc.open != b->doc.open ||
        a->doc.close != b->doc.close || a->doc.empty != b->doc.empty ||
        memcmp(a->doc.at, b->doc.at, shape->count * sizeof a->doc.at[0]) != 0)
        return "docs differ";
    if (a->doc.count > 0 &&
        memcmp(a->doc.hits, b->doc.hits, a->doc.count * sizeof a->doc.hits[0]) != 0)
        return "hits differ";
    return NULL;
}

static struct pref_scanner *new_scanner(const struct pref_shape *shape, enum scan_kernel kernel)
{
    struct pref_scanner *scanner = pref_scanner_new_kernel(shape, kernel);
    if (scanner == NULL && kernel == SCAN_PORTABLE)
        abort();
    return scanner;
}

const char *help_check_line(const struct pref_shape *shape, const char *line, size_t len,
                            struct pref_fault *fault, size_t *doc_hits)
{
    static const int fills[] = {0, '"', '}', ']', '1', ' ', ',', 0xe2};
    struct pref_scanner *first = new_scanner(shape, SCAN_PORTABLE);
    struct result expected;
    char *copy = help_padded(line, len, 0);
    const char *wrong = NULL;
    expected.status = pref_scan(first, copy, len, &expected.doc, &expected.fault);
    wrong = check_spans(shape, &expected.doc);
    if (wrong == NULL && expected.status == PREF_OK)
        wrong = check_cursor(shape, &expected.doc);
    if (wrong == NULL && (expected.status == PREF_OK) != (expected.fault.kind == PREF_FAULT_NONE))
        wrong = "status and fault disagree";
    if (wrong == NULL && expected.fault.offset > len)
        wrong = "a fault outside of the line";
    for (int kernel = SCAN_PORTABLE; kernel <= SCAN_AVX2 && wrong == NULL; kernel++) {
        struct pref_scanner *scanner = new_scanner(shape, (enum scan_kernel)kernel);
        size_t rounds = scanner == NULL ? 0 : sizeof fills / sizeof fills[0];
        for (size_t i = 0; i < rounds && wrong == NULL; i++) {
            struct result got;
            char *other = help_padded(line, len, fills[i]);
            got.status = pref_scan(scanner, other, len, &got.doc, &got.fault);
            wrong = compare(shape, &expected, &got);
            free(other);
        }
        pref_scanner_free(scanner);
    }
    if (fault != NULL)
        *fault = expected.fault;
    if (doc_hits != NULL)
        *doc_hits = expected.doc.count;
    pref_scanner_free(first);
    free(copy);
    return wrong;
}
