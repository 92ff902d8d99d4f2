/* SPDX-License-Identifier: Apache-2.0 */
/* index.c - the options of an index of protected records, and how it is written. */
#include "config.h"

#include "index.h"

#include "state.h"
#include "lib/text/unicode.h"

#include <stdlib.h>
#include <string.h>

enum { KEYS_SIZE = 32 };

int dedup_index_is_on(const struct dedup_index *index)
{
    return index->save != NULL || index->use != NULL;
}

static int check_usage(const struct dedup *dedup, struct pref_err *err)
{
    const struct dedup_index *index = &dedup->index;
    if (index->use != NULL && dedup->against.files.count > 0)
        return pref_usage(err, "--index and --against: expected one of the two");
    if (index->use != NULL && index->save != NULL)
        return pref_usage(err, "--index and --save-index: expected one of the two");
    if (index->save != NULL && dedup->against.files.count == 0)
        return pref_usage(err, "--save-index has nothing to act on without --against");
    if (index->save != NULL && dedup_is_bounded(dedup))
        return pref_usage(err, "--save-index cannot go with --memory: which protected records are "
                               "distinct is told in memory");
    return PREF_OK;
}

int dedup_index_open(struct dedup *dedup, struct pref_opening *opening, struct pref_err *err)
{
    struct dedup_index *index = &dedup->index;
    if (!dedup_index_is_on(index))
        return PREF_OK;
    int status = check_usage(dedup, err);
    if (status != PREF_OK)
        return status;
    if (index->use == NULL) {
        opening->own_output = index->save;
        opening->own_option = "--save-index";
        return pref_scratch_new(&index->keys, err);
    }
    status = pref_open_read(opening, index->use, err);
    return status == PREF_OK ? dedup_index_read(dedup, &opening->stop_fd, err) : status;
}

void dedup_index_close(struct dedup_index *index)
{
    pref_scratch_free(index->keys);
    pref_store_close(index->store);
    pref_scanner_free(index->scanner);
    pref_shape_free(index->shape);
    for (uint32_t i = 0; i < index->file_count; i++)
        free(index->files[i]);
    free(index->files);
}

static int describe_near(const struct near *near, struct pref_buf *out, struct pref_err *err)
{
    char share[2][PREF_SHARE_MAX];
    uint64_t print;
    int status = near_fingerprint(near, &print, err);
    if (status != PREF_OK)
        return status;
    pref_share_print(share[0], near->rule.near);
    pref_share_print(share[1], near->recall);
    pref_buf_addf(out, " --near %s --recall %s --ngram %llu (%u bands of %u, sketches %016llx)",
                  share[0], share[1], (unsigned long long)near->ngram, near->plan.bands,
                  near->plan.rows, (unsigned long long)print);
    return PREF_OK;
}

int dedup_index_describe(const struct dedup *dedup, struct pref_buf *out, struct pref_err *err)
{
    static const struct {
        unsigned fold;
        const char *name;
    } folds[] = {{PREF_FOLD_NFKC, "nfkc"}, {PREF_FOLD_CASE, "case"}, {PREF_FOLD_SPACE, "space"}};
    const char *before = "";
    int status = PREF_OK;
    pref_buf_add_text(out, "--on ");
    pref_buf_add_text(out, dedup->fields.on);
    pref_buf_add_text(out, " --normalize ");
    for (unsigned i = 0; i < 3; i++) {
        if (!(dedup->fields.folds & folds[i].fold))
            continue;
        pref_buf_addf(out, "%s%s", before, folds[i].name);
        before = ",";
    }
    if (dedup->fields.folds == 0)
        pref_buf_add_text(out, "none");
    if (near_is_on(&dedup->near))
        status = describe_near(&dedup->near, out, err);
    pref_buf_addf(out, ", Unicode %s", pref_unicode_version());
    return status == PREF_OK && out->failed ? pref_fail_memory(err, "an index") : status;
}

/* ---- Saving ---------------------------------------------------------------------------------- */

int dedup_index_add(struct dedup_index *index, const struct dedup_keys *keys, struct pref_err *err)
{
    unsigned char bytes[KEYS_SIZE];
    if (index->save == NULL)
        return PREF_OK;
    pref_h128_bytes(keys->own, bytes);
    pref_h128_bytes(keys->exchanged, bytes + 16);
    return pref_scratch_add(index->keys, bytes, sizeof bytes, err);
}

static int put_start(const struct dedup *dedup, uint64_t keys, struct pref_store_writer *writer,
                     struct pref_err *err)
{
    const struct audit *places = &dedup->against.places;
    struct pref_buf words = {0};
    int status = dedup_index_describe(dedup, &words, err);
    pref_store_add_text(writer, pref_buf_span(&words));
    pref_store_add_number(writer, dedup->against.records, 8);
    pref_store_add_number(writer, places->file_count, 4);
    pref_store_add_number(writer, keys, 4);
    pref_store_add_number(writer, dedup->near.protected, 4);
    for (size_t i = 0; i < places->file_count; i++)
        pref_store_add_text(writer, pref_span_of(places->files[i]));
    pref_buf_release(&words);
    return status;
}

/* Records came file by file: *file is that of the key before. */
static int put_key(struct dedup *dedup, uint64_t number, size_t *file,
                   struct pref_store_writer *writer, struct pref_err *err)
{
    struct audit *places = &dedup->against.places;
    unsigned char keys[KEYS_SIZE];
    struct audit_place place;
    int status = pref_scratch_read(dedup->index.keys, number * sizeof keys, keys, sizeof keys, err);
    if (status == PREF_OK)
        status = audit_find(places, number, &place, err);
    if (status != PREF_OK)
        return status;
    while (places->files[*file] != place.file)
        ++*file;
    pref_store_add(writer, keys, sizeof keys);
    pref_store_add_number(writer, *file, 4);
    pref_store_add_number(writer, place.line, 8);
    pref_store_add_text(writer, place.id);
    return PREF_OK;
}

static int put_sketch(struct dedup *dedup, uint32_t number, struct pref_store_writer *writer,
                      struct pref_err *err)
{
    struct near *near = &dedup->near;
    struct near_memory memory;
    struct near_record record;
    int status = near_recall(near, number, &memory, &record, err);
    if (status != PREF_OK)
        return status;
    size_t piece = near->rule.fields * sizeof(uint32_t);
    for (unsigned f = 0; f < near->rule.fields; f++)
        piece += record.set.bytes[f];
    pref_store_add_number(writer, near_key(near, number), 4);
    pref_store_add_number(writer, piece, 4);
    for (unsigned b = 0; b < near->plan.bands; b++)
        pref_store_add_number(writer, record.sketch.bands[b], 8);
    pref_store_add(writer, record.sketch.low, near->family.count);
    return PREF_OK;
}

static int put_all(struct dedup *dedup, struct pref_store_writer *writer, struct pref_err *err)
{
    struct near *near = &dedup->near;
    uint64_t keys = against_keys(&dedup->against);
    size_t file = 0;
    int status = put_start(dedup, keys, writer, err);
    for (uint64_t i = 0; i < keys && status == PREF_OK; i++)
        status = put_key(dedup, i, &file, writer, err);
    for (uint32_t i = 0; i < near->protected && status == PREF_OK; i++)
        status = put_sketch(dedup, i, writer, err);
    for (uint32_t i = 0; i < near->protected && status == PREF_OK; i++) {
        struct pref_span piece;
        if (pref_store_failed(writer))
            return PREF_OK;
        status = near_sets_print(&near->sets, i, &near->rule, &piece, err);
        if (status == PREF_OK)
            pref_store_add_piece(writer, piece);
    }
    return status;
}

int dedup_index_save(struct dedup *dedup, struct pref_err *err)
{
    struct pref_store_writer *writer;
    if (dedup->index.save == NULL)
        return PREF_OK;
    int status = pref_store_create(dedup->index.save, DEDUP_INDEX_KIND, &writer, err);
    if (status != PREF_OK)
        return status;
    status = put_all(dedup, writer, err);
    if (status == PREF_OK)
        return pref_store_publish(writer, err);
    pref_store_abort(writer);
    return status;
}
