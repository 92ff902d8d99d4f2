/* SPDX-License-Identifier: Apache-2.0 */
/* items.c - the items of benchmarks, from their files or from an index made before. */
#include "config.h"

#include "state.h"

#include <stdlib.h>
#include <string.h>

#define NGRAM 13 /* --ngram, if nothing is said */

/* A benchmark is called after its file: without folders and these endings. */
static struct pref_span name_of_file(const char *path)
{
    static const char *const endings[] = {".zst", ".gz", ".jsonl", ".json"};
    const char *slash = strrchr(path, '/');
    struct pref_span name = pref_span_of(slash == NULL ? path : slash + 1);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t len = strlen(endings[i]);
        if (name.len > len && memcmp(name.ptr + name.len - len, endings[i], len) == 0)
            name.len -= len;
    }
    return name;
}

/* Whether the files can be told apart by what benchmarks are called. */
static int check_names(const struct pref_texts *files, struct pref_err *err)
{
    for (size_t i = 0; i < files->count; i++) {
        struct pref_span name = name_of_file(files->text[i]);
        if (pref_utf8_check(name.ptr, name.len) != name.len)
            return pref_usage(err, "--against: the name of file %zu is not UTF-8", i + 1);
        for (size_t k = 0; k < i; k++)
            if (pref_span_equal(name, name_of_file(files->text[k])))
                return pref_usage(err, "--against: '%s' and '%s' are both benchmark '%.*s', "
                                  "expected files of different names", files->text[k],
                                  files->text[i], (int)(name.len < 200 ? name.len : 200),
                                  name.ptr);
    }
    return PREF_OK;
}

/* What says how an index is made has nothing to act on where it was made before. */
static int open_index(struct decon *decon, struct pref_opening *opening, struct pref_err *err)
{
    if (decon->against.count > 0)
        return pref_usage(err, "--index and --against: expected one of the two");
    if (decon->ngram != 0 || decon->text != NULL || decon->item_id != NULL ||
        decon->benchmark != NULL || decon->turns != DECON_TURNS_UNSAID ||
        decon->save_index != NULL)
        return pref_usage(err, "--index: --ngram, --text, --item-id, --benchmark, --turns and "
                          "--save-index go with --against");
    int status = pref_open_read(opening, decon->index_file, err);
    if (status == PREF_OK)
        status = pref_ngram_index_read(decon->index_file, opening->stop_fd, &decon->index, err);
    if (status == PREF_OK)
        decon->turns = decon->index->first_turn ? DECON_TURNS_FIRST : DECON_TURNS_ALL;
    return status;
}

static int open_files(struct decon *decon, struct pref_opening *opening, struct pref_err *err)
{
    struct pref_shape *shape = opening->side_shape;
    if (decon->ngram == 0)
        decon->ngram = NGRAM;
    if (decon->turns == DECON_TURNS_UNSAID)
        decon->turns = DECON_TURNS_ALL;
    if (decon->ngram < PREF_NGRAM_MIN || decon->ngram > PREF_NGRAM_MAX)
        return pref_usage(err, "--ngram: %llu, expected %d to %d",
                          (unsigned long long)decon->ngram, PREF_NGRAM_MIN, PREF_NGRAM_MAX);
    decon->item_text =
        pref_want_text(shape, decon->text == NULL ? "/text" : decon->text, PREF_INSIDE);
    decon->item_number = pref_shape_field(shape, decon->item_id == NULL ? "id" : decon->item_id);
    pref_shape_demand(shape, decon->item_number, PREF_IS(PREF_STRING) | PREF_IS(PREF_NUMBER), 0);
    if (decon->benchmark != NULL) {
        decon->item_name = pref_shape_field(shape, decon->benchmark);
        pref_shape_demand(shape, decon->item_name, PREF_IS(PREF_STRING), PREF_TEXT);
        pref_shape_require(shape, decon->item_name);
    }
    int status = decon->benchmark == NULL ? check_names(&decon->against, err) : PREF_OK;
    if (status != PREF_OK)
        return status;
    opening->side_inputs = decon->against;
    opening->own_output = decon->save_index;
    opening->own_option = "--save-index";
    decon->index = pref_ngram_index_new((unsigned)decon->ngram);
    if (decon->index == NULL)
        return pref_fail_memory(err, "the index of benchmarks");
    decon->index->first_turn = decon->turns == DECON_TURNS_FIRST;
    return PREF_OK;
}

int decon_items_open(struct decon *decon, struct pref_opening *opening, struct pref_err *err)
{
    decon->item_name = PREF_NOWHERE;
    if (decon->index_file != NULL)
        return open_index(decon, opening, err);
    if (decon->against.count == 0)
        return pref_usage(err, "expected --against FILE, or --index FILE");
    return open_files(decon, opening, err);
}

/* The words of an item. */
enum pref_verdict decon_study(const void *state, struct pref_job *job, void *state_note)
{
    const struct decon *decon = state;
    struct decon_own *own = job->own;
    struct decon_note *note = state_note;
    const struct pref_hit *id = pref_doc_at(job->doc, decon->item_number);
    const struct pref_hit *text_hit = pref_doc_at(job->doc, decon->item_text);
    struct pref_span text;
    if (decon_text(decon, pref_hit_span(job->doc, text_hit), &own->text, &text) != 0) {
        pref_fail_memory(job->err, "an item's text");
        return PREF_BROKEN;
    }
    if (pref_words_find(&own->words, text, job->err) != PREF_OK)
        return PREF_BROKEN;
    size_t size = own->words.count * sizeof *note->of.words;
    const struct pref_hit *name =
        decon->benchmark == NULL ? NULL : pref_doc_at(job->doc, decon->item_name);
    struct pref_span name_text = {NULL, 0};
    if (name != NULL)
        (void)pref_string_text(pref_hit_span(job->doc, name), &own->text, &name_text);
    char *kept = pref_job_alloc(job, size + name_text.len + 1);
    if (kept == NULL || own->text.failed) {
        pref_fail_memory(job->err, "an item's words");
        return PREF_BROKEN;
    }
    memcpy(kept, own->words.hash, size);
    if (name_text.len > 0)
        memcpy(kept + size, name_text.ptr, name_text.len);
    note->of.words = (const uint64_t *)(void *)kept;
    note->count = (uint32_t)own->words.count;
    note->text = (struct pref_span){kept + size, name_text.len};
    if (id != NULL) {
        note->id = id->start;
        note->id_len = id->end - id->start;
    }
    return PREF_USE;
}

enum pref_verdict decon_gather(void *state, struct pref_row *row, void *state_note)
{
    struct decon *decon = state;
    const struct decon_note *note = state_note;
    struct pref_span id = {row->line.ptr + note->id, note->id_len};
    struct pref_span name = decon->benchmark == NULL
                                ? name_of_file(decon->against.text[row->input])
                                : note->text;
    uint32_t benchmark;
    int status = pref_ngram_index_benchmark(decon->index, name, &benchmark, row->err);
    if (status == PREF_OK)
        status = pref_ngram_index_add(decon->index, benchmark, id, note->of.words, note->count,
                                      row->err);
    return status == PREF_OK ? PREF_USE : PREF_BROKEN;
}

/* A benchmark without an item is named in the summary, too. */
static int name_all_files(struct decon *decon, struct pref_err *err)
{
    int status = PREF_OK;
    uint32_t number;
    for (size_t i = 0; i < decon->against.count && status == PREF_OK; i++)
        status = pref_ngram_index_benchmark(decon->index, name_of_file(decon->against.text[i]),
                                            &number, err);
    return status;
}

static int make_counts(struct decon *decon)
{
    const struct pref_ngram_index *index = decon->index;
    decon->tally = calloc(index->benchmarks + (size_t)1, sizeof *decon->tally);
    decon->matched = calloc(index->items / 64 + (size_t)1, sizeof *decon->matched);
    if (decon->common != DECON_COMMON_ANY) {
        decon->records = calloc(index->ngrams.count + (size_t)1, sizeof *decon->records);
        decon->ignored = calloc(index->ngrams.count / 64 + (size_t)1, sizeof *decon->ignored);
        decon->left = calloc(index->items + (size_t)1, sizeof *decon->left);
        if (decon->records == NULL || decon->ignored == NULL || decon->left == NULL)
            return -1;
    }
    return decon->tally == NULL || decon->matched == NULL ? -1 : 0;
}

/* A fit's counts are those of n-grams of these benchmarks. */
static int name_index(struct decon *decon, struct pref_err *err)
{
    struct pref_h128 hash;
    char hex[33];
    int status = pref_ngram_index_hash(decon->index, &hash, err);
    if (status != PREF_OK)
        return status;
    pref_h128_hex(hash, hex);
    pref_buf_add_text(&decon->index_hash, hex);
    return decon->index_hash.failed ? pref_fail_memory(err, "the name of an index") : PREF_OK;
}

int decon_begin(void *state, struct pref_err *err)
{
    struct decon *decon = state;
    int status = PREF_OK;
    if (decon->index_file == NULL) {
        if (decon->benchmark == NULL)
            status = name_all_files(decon, err);
        if (status == PREF_OK)
            status = pref_ngram_index_make(decon->index, err);
    }
    if (status == PREF_OK && make_counts(decon) != 0)
        status = pref_fail_memory(err, "the counts of benchmarks");
    return status == PREF_OK && decon->records != NULL ? name_index(decon, err) : status;
}
