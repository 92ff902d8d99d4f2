/* SPDX-License-Identifier: Apache-2.0 */
/* index_use.c - an index of protected records from bytes that may be anything (index.h). */
#include "config.h"

#include "row.h"
#include "lib/base/fdio.h"

#include <stdlib.h>
#include <string.h>

enum { STOP_EVERY = 4096 };

static int damaged(const struct dedup *dedup, const char *what, struct pref_err *err)
{
    return pref_store_damaged(dedup->index.store, what, err);
}

/* What the list says of its making must be what this run would say. */
static int check_words(struct dedup *dedup, struct pref_buf *text, struct pref_err *err)
{
    struct pref_store *store = dedup->index.store;
    struct pref_buf words = {0};
    pref_store_take_text(store, text);
    int status = pref_store_check(store, err);
    if (status == PREF_OK)
        status = dedup_index_describe(dedup, &words, err);
    if (status == PREF_OK && !pref_span_equal(pref_buf_span(text), pref_buf_span(&words))) {
        for (size_t i = 0; i < text->len; i++)
            if ((unsigned char)text->ptr[i] < ' ')
                text->ptr[i] = '?';
        status = pref_fail(err, "%s: made with %.*s, expected %.*s", dedup->index.use,
                           (int)(text->len < 400 ? text->len : 400), text->ptr,
                           (int)(words.len < 400 ? words.len : 400), words.ptr);
    }
    pref_buf_release(&words);
    return status;
}

static int take_files(struct dedup *dedup, uint64_t count, struct pref_buf *text,
                      struct pref_err *err)
{
    struct dedup_index *index = &dedup->index;
    if (count > pref_store_left(index->store) / sizeof(uint32_t))
        return damaged(dedup, "its list is too short", err);
    index->files = calloc(count + 1, sizeof *index->files);
    if (index->files == NULL)
        return pref_fail_memory(err, "an index");
    while (index->file_count < count) {
        pref_store_take_text(index->store, text);
        int status = pref_store_check(index->store, err);
        if (status != PREF_OK)
            return status;
        char *name = strndup(text->ptr, text->len);
        if (name == NULL)
            return pref_fail_memory(err, "an index");
        index->files[index->file_count++] = name;
    }
    return PREF_OK;
}

static struct pref_h128 take_key(struct pref_store *store)
{
    unsigned char bytes[16];
    pref_store_take(store, bytes, sizeof bytes);
    return pref_h128_of(bytes);
}

/* Protect a record, as gather does. */
static int protect(struct dedup *dedup, struct dedup_keys *keys, const struct audit_place *place,
                   struct pref_err *err)
{
    uint64_t record = dedup->against.records, before = against_keys(&dedup->against);
    dedup_fields_scatter(&dedup->fields, keys);
    int status = against_add(&dedup->against, keys->own, place, err);
    if (status != PREF_OK)
        return status;
    if (dedup_is_bounded(dedup))
        return ledger_protect(&dedup->ledger, keys, record, err);
    return against_keys(&dedup->against) == before ? damaged(dedup, "two records of one key", err)
                                                   : dedup_check_memory(dedup, before, err);
}

static int take_record(struct dedup *dedup, struct pref_buf *text, struct pref_err *err)
{
    struct dedup_index *index = &dedup->index;
    struct dedup_keys keys = {.own = take_key(index->store)};
    keys.exchanged = take_key(index->store);
    uint64_t file = pref_store_take_number(index->store, 4);
    struct audit_place place = {.line = pref_store_take_number(index->store, 8)};
    pref_store_take_text(index->store, text);
    int status = pref_store_check(index->store, err);
    if (status != PREF_OK)
        return status;
    if (file >= index->file_count)
        return damaged(dedup, "the place of a record", err);
    if (text->len > 0 && !pref_scan_is_value(index->scanner, pref_buf_span(text)))
        return damaged(dedup, "the id of a record", err);
    place.file = index->files[file];
    if (dedup->clusters != NULL)
        place.id = pref_buf_span(text);
    return protect(dedup, &keys, &place, err);
}

static int take_set(struct dedup *dedup, struct pref_err *err)
{
    struct near *near = &dedup->near;
    struct pref_store *store = dedup->index.store;
    struct near_memory memory;
    struct pref_sketch sketch = pref_sketch_at(near->plan, memory.own);
    uint64_t key = pref_store_take_number(store, 4), piece = pref_store_take_number(store, 4);
    for (unsigned b = 0; b < near->plan.bands; b++)
        sketch.bands[b] = pref_store_take_number(store, 8);
    pref_store_take(store, sketch.low, near->family.count);
    int status = pref_store_check(store, err);
    if (status == PREF_OK && key >= against_keys(&dedup->against))
        status = damaged(dedup, "the key of a record", err);
    if (status == PREF_OK)
        status = near_protect_stored(near, sketch, (size_t)piece, (uint32_t)key, err);
    if (status == PREF_OK && dedup->learns > 0)
        status = ranked_protect(&dedup->ranked, err);
    return status == PREF_OK ? dedup_check_memory(dedup, near->protected, err) : status;
}

/* A stop that is asked for need not wait until all of a large index is read. */
static int stopped(uint64_t i, const int *stop_fd)
{
    return i % STOP_EVERY == 0 && pref_stop_asked(stop_fd);
}

static int take_all(struct dedup *dedup, const int *stop_fd, struct pref_buf *text,
                    struct pref_err *err)
{
    struct pref_store *store = dedup->index.store;
    int status = check_words(dedup, text, err);
    if (status != PREF_OK)
        return status;
    uint64_t records = pref_store_take_number(store, 8), files = pref_store_take_number(store, 4);
    uint64_t keys = pref_store_take_number(store, 4), sets = pref_store_take_number(store, 4);
    status = pref_store_check(store, err);
    if (status == PREF_OK)
        status = take_files(dedup, files, text, err);
    for (uint64_t i = 0; i < keys && status == PREF_OK; i++)
        status = stopped(i, stop_fd) ? PREF_LATER : take_record(dedup, text, err);
    if (status == PREF_OK && sets > 0 && !near_is_on(&dedup->near))
        status = damaged(dedup, "sketches without --near", err);
    for (uint64_t i = 0; i < sets && status == PREF_OK; i++)
        status = stopped(i, stop_fd) ? PREF_LATER : take_set(dedup, err);
    if (status == PREF_OK && (pref_store_left(store) > 0 || records < keys ||
                              dedup->near.sets.stored.end != pref_store_end(store)))
        status = damaged(dedup, "its numbers are not those of what is in it", err);
    dedup->against.records = records;
    return status;
}

int dedup_index_read(struct dedup *dedup, const int *stop_fd, struct pref_err *err)
{
    struct dedup_index *index = &dedup->index;
    struct pref_buf text = {0};
    int status = pref_store_open(index->use, DEDUP_INDEX_KIND, &index->store, err);
    if (status != PREF_OK)
        return status;
    index->shape = pref_shape_new_any();
    index->scanner = index->shape == NULL ? NULL : pref_scanner_new(index->shape);
    if (index->scanner == NULL)
        return pref_fail_memory(err, "an index");
    dedup->near.sets.stored.store = index->store;
    status = take_all(dedup, stop_fd, &text, err);
    pref_buf_release(&text);
    return status;
}
