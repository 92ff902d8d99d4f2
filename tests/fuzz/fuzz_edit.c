/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Splices of any record that the scanner takes. Values that are put, members that are dropped and
 * flips leave a record that is taken, too, with the new values where they belong; two members
 * dropped are gone; and a pair without the keys that pref-record(5) names is, flipped twice, its
 * old self. The first byte says which of the members go.
 */
#include "config.h"

#include "pref/buf.h"
#include "pref/flip.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define VALUE "{\"\\u00e9\":[1,\"]}\"]}"

/* A record, what was asked of it, and what a scan found. */
struct reader {
    struct pref_shape *shape;
    struct pref_scanner *scanner;
    struct pref_flip flip;
    pref_place note, id;
    struct pref_buf line; /* padded */
    struct pref_doc doc;
};

static void require(int condition)
{
    if (!condition)
        abort();
}

static void open_reader(struct reader *reader)
{
    struct pref_names names = pref_names_default();
    struct pref_err err;
    *reader = (struct reader){.shape = pref_shape_new()};
    require(reader->shape != NULL);
    pref_flip_want(&reader->flip, reader->shape, &names);
    require(pref_flip_add_side(&reader->flip, reader->shape, "/a/b:c", &err) == 0);
    require(pref_flip_add_turn(&reader->flip, reader->shape, "gold", &err) == 0);
    require(pref_flip_check(&reader->flip, reader->shape, &err) == 0);
    reader->note = pref_shape_field(reader->shape, "note");
    pref_shape_demand(reader->shape, reader->note, PREF_IS_ANY, PREF_NULL_IS_VALUE);
    reader->id = pref_shape_field(reader->shape, "id");
    require(pref_shape_check(reader->shape, &err) == 0);
    reader->scanner = pref_scanner_new(reader->shape);
    require(reader->scanner != NULL);
}

static void close_reader(struct reader *reader)
{
    pref_scanner_free(reader->scanner);
    pref_shape_free(reader->shape);
    pref_buf_release(&reader->line);
}

static int scan(struct reader *reader, const char *line, size_t len)
{
    struct pref_fault fault;
    pref_buf_clear(&reader->line);
    char *at = pref_buf_reserve(&reader->line, len + PREF_PAD);
    require(at != NULL);
    if (len > 0)
        memcpy(at, line, len);
    memset(at + len, '"', PREF_PAD);
    reader->line.len = len;
    return pref_scan(reader->scanner, at, len, &reader->doc, &fault) == 0;
}

/* Apply what was collected and scan the outcome with another reader. */
static void apply(struct pref_edits *edits, struct reader *to)
{
    struct pref_buf out = {0};
    struct pref_err err;
    require(pref_edits_apply(edits, &out, &err) == 0);
    require(scan(to, out.ptr, out.len));
    pref_buf_release(&out);
}

/* The value at a place as it is written; none for a null, where that means absent. */
static struct pref_span at(const struct reader *reader, pref_place place)
{
    const struct pref_hit *hit = pref_doc_at(&reader->doc, place);
    return hit == NULL ? (struct pref_span){NULL, 0} : pref_hit_span(&reader->doc, hit);
}

/* Put a value and drop members; all else that was there still is. */
static void put_and_drop(struct reader *from, struct reader *to, unsigned which)
{
    struct pref_edits edits = {0};
    const pref_place drops[] = {from->id, from->flip.margin, from->flip.vote, from->flip.other};
    pref_edits_begin(&edits, &from->doc);
    pref_edit_put(&edits, "note", pref_doc_at(&from->doc, from->note), pref_span_of(VALUE));
    for (unsigned i = 0; i < 4; i++)
        if ((which >> i & 1) != 0 && pref_doc_at(&from->doc, drops[i]) != NULL)
            pref_edit_drop(&edits, pref_doc_at(&from->doc, drops[i]));
    apply(&edits, to);
    require(pref_span_equal(at(to, to->note), pref_span_of(VALUE)));
    for (unsigned i = 0; i < 3; i++) {
        struct pref_span now = at(to, drops[i]), old = at(from, drops[i]);
        require((which >> i & 1) != 0 ? now.ptr == NULL : pref_span_equal(now, old));
    }
    require(pref_span_equal(at(to, to->flip.chosen), at(from, from->flip.chosen)));
    require(pref_span_equal(at(to, to->flip.votes.array), at(from, from->flip.votes.array)));
    pref_edits_release(&edits);
}

static void flip(struct reader *from, struct reader *to)
{
    struct pref_edits edits = {0};
    pref_edits_begin(&edits, &from->doc);
    pref_flip_edit(&from->flip, &edits, PREF_NOWHERE);
    apply(&edits, to);
    pref_edits_release(&edits);
}

/* Whether a flip loses something: an annotation, a 'flipped' that is not true, an escape in a word
 * of votes or of the label. */
static int is_lossy(const struct reader *r)
{
    const struct pref_flip *flip = &r->flip;
    const pref_place gone[] = {flip->vote, flip->strength, flip->loo};
    for (unsigned i = 0; i < 3; i++) {
        const struct pref_hit *hit = pref_doc_at(&r->doc, gone[i]);
        if (hit != NULL && hit->type == PREF_OBJECT)
            return 1;
    }
    if (pref_doc_at(&r->doc, flip->flipped) != NULL)
        return 1;
    for (size_t i = 0; i < r->doc.count; i++)
        if (r->doc.hits[i].place == flip->votes.vote && r->doc.hits[i].escaped)
            return 1;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader pair, once, twice;
    if (size == 0)
        return 0;
    open_reader(&pair);
    open_reader(&once);
    open_reader(&twice);
    if (scan(&pair, (const char *)data + 1, size - 1)) {
        put_and_drop(&pair, &once, data[0]);
        flip(&pair, &once);
        require(pref_span_equal(at(&once, once.flip.chosen), at(&pair, pair.flip.rejected)));
        require(pref_span_equal(at(&once, once.flip.rejected), at(&pair, pair.flip.chosen)));
        flip(&once, &twice);
        if (!is_lossy(&pair))
            require(pref_span_equal(pref_buf_span(&pair.line), pref_buf_span(&twice.line)));
    }
    close_reader(&pair);
    close_reader(&once);
    close_reader(&twice);
    return 0;
}
