/* SPDX-License-Identifier: Apache-2.0 */
/* pairs_fit.c - the sums of models as rows of a fit. */
#include "config.h"

#include "pairs.h"

#include "lib/fit/field.h"

#include <stdlib.h>
#include <string.h>

struct saving {
    const struct strength_pairs *pairs;
    struct pref_name_table names; /* escaped, with the same numbers */
    uint32_t *sorted;
    struct pref_buf key;
    struct pref_fit_writer *writer;
};

/* The names as they stand in keys, and their order. */
static int open_saving(struct saving *saving, struct pref_err *err)
{
    const struct pref_name_table *names = &saving->pairs->names;
    int status = PREF_OK;
    pref_name_table_init(&saving->names, names->seed);
    for (uint32_t i = 0; i < names->count && status == PREF_OK; i++) {
        uint32_t number;
        pref_buf_clear(&saving->key);
        pref_fit_field_escape(pref_name_table_name(names, i), &saving->key);
        struct pref_span name = saving->key.len == 0 ? pref_span_of("")
                                                     : pref_buf_span(&saving->key);
        status = saving->key.failed
                     ? pref_fail_memory(err, "a fit")
                     : pref_name_table_add(&saving->names,
                                           pref_name_table_hash(&saving->names, name), name,
                                           &number, err);
    }
    if (status == PREF_OK && (saving->sorted = pref_name_table_sorted(&saving->names)) == NULL)
        status = pref_fail_memory(err, "a fit");
    return status;
}

static void close_saving(struct saving *saving)
{
    free(saving->sorted);
    pref_name_table_release(&saving->names);
    pref_buf_release(&saving->key);
}

static struct pref_span name_of(const struct saving *saving, size_t place)
{
    return pref_name_table_name(&saving->names, saving->sorted[place]);
}

/* Write a row whose key is a word and what follows it. */
static int put(struct saving *saving, const char *word, const struct pref_span *names,
               size_t count, struct pref_fit_row *row, struct pref_err *err)
{
    pref_buf_clear(&saving->key);
    pref_buf_add_text(&saving->key, word);
    for (size_t i = 0; i < count; i++) {
        pref_buf_add_byte(&saving->key, i == 0 ? ' ' : '\t');
        pref_buf_add_span(&saving->key, names[i]);
    }
    if (saving->key.failed)
        return pref_fail_memory(err, "a fit");
    row->key = pref_buf_span(&saving->key);
    return pref_fit_put(saving->writer, row, err);
}

static int put_models(struct saving *saving, struct pref_err *err)
{
    int status = PREF_OK;
    for (size_t i = 0; i < saving->names.count && status == PREF_OK; i++) {
        const struct strength_pairs_model *model = saving->pairs->models[saving->sorted[i]];
        struct pref_span name = name_of(saving, i);
        struct pref_fit_row row = {.n = {model->records, model->positive, model->negative},
                                   .counts = 3,
                                   .sum = model->sum,
                                   .sums = 2};
        status = put(saving, "model", &name, 1, &row, err);
    }
    return status;
}

static int put_correlation(struct saving *saving, const char *word, const struct pref_span *names,
                           size_t count, const struct pref_correlation *c, struct pref_err *err)
{
    struct pref_fit_row row = {
        .n = {c->n}, .counts = 1, .sum = c->sum, .sums = PREF_CORRELATION_SUMS};
    return c->n == 0 ? PREF_OK : put(saving, word, names, count, &row, err);
}

static int put_pair(struct saving *saving, size_t first, size_t second, struct pref_err *err)
{
    const struct pref_span names[2] = {name_of(saving, first), name_of(saving, second)};
    uint32_t a = saving->sorted[first], b = saving->sorted[second];
    size_t place = a < b ? strength_pairs_place(a, b) : strength_pairs_place(b, a);
    const struct pref_correlation *c = saving->pairs->pairs[place];
    struct pref_correlation turned;
    if (c == NULL)
        return PREF_OK;
    if (a > b) {
        turned = pref_correlation_turned(c);
        c = &turned;
    }
    return put_correlation(saving, "pair", names, 2, c, err);
}

static int put_all(struct saving *saving, struct pref_err *err)
{
    const struct strength_pairs *pairs = saving->pairs;
    size_t count = saving->names.count;
    struct pref_fit_row panel = {.n = {pairs->records}, .counts = 1};
    int status = put_models(saving, err);
    for (size_t a = 0; a < count; a++)
        for (size_t b = a + 1; b < count && status == PREF_OK; b++)
            status = put_pair(saving, a, b, err);
    if (status == PREF_OK && count > 0)
        status = put(saving, "panel", NULL, 0, &panel, err);
    for (size_t i = 0; i < count && status == PREF_OK; i++) {
        struct pref_span name = name_of(saving, i);
        status = put_correlation(saving, "rest", &name, 1,
                                 &pairs->models[saving->sorted[i]]->rest, err);
    }
    return status;
}

int strength_pairs_save(const struct strength_pairs *pairs, struct pref_fit_writer *writer,
                        struct pref_err *err)
{
    struct saving saving = {.pairs = pairs, .writer = writer};
    int status = open_saving(&saving, err);
    if (status == PREF_OK)
        status = put_all(&saving, err);
    close_saving(&saving);
    return status;
}

int strength_pairs_own(const struct pref_fit_row *row)
{
    static const char *const words[] = {"model ", "pair ", "rest "};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        struct pref_span word = pref_span_of(words[i]);
        if (row->key.len >= word.len && memcmp(row->key.ptr, word.ptr, word.len) == 0)
            return 1;
    }
    return pref_span_equal(row->key, pref_span_of("panel"));
}
