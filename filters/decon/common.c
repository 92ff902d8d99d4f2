/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common.c - in how many records of the corpus each n-gram stands, for --common: counted in a
 * first reading, or in a fit, whose rows are the n-grams' hashes in hex and their counts.
 */
#include "config.h"

#include "state.h"

#include <stdio.h>

enum pref_verdict decon_absorb(void *state, struct pref_row *row, void *state_note)
{
    struct decon *decon = state;
    const struct decon_note *note = state_note;
    for (uint32_t i = 0; i < note->count; i++)
        decon->records[note->of.ngrams[i]]++;
    return row->verdict;
}

int decon_settle(void *state, struct pref_err *err)
{
    struct decon *decon = state;
    const struct pref_ngram_index *index = decon->index;
    (void)err;
    decon->judges = 1;
    if (decon->records == NULL)
        return PREF_OK;
    for (uint32_t i = 0; i < index->items; i++)
        decon->left[i] = index->item[i].ngrams;
    for (uint32_t number = 0; number < index->ngrams.count; number++) {
        if (decon->records[number] <= decon->common)
            continue;
        decon->ignored[number / 64] |= UINT64_C(1) << number % 64;
        decon->ignored_count++;
        for (uint32_t i = index->first[number]; i < index->first[number + 1]; i++)
            decon->left[index->place[i].item] -=
                i == index->first[number] || index->place[i].item != index->place[i - 1].item;
    }
    return PREF_OK;
}

void decon_fit_options(const void *state, struct pref_buf *json)
{
    const struct decon *decon = state;
    pref_buf_addf(json, "{\"ngram\":%u,\"index\":\"", decon->index->n);
    pref_buf_add_span(json, pref_buf_span(&decon->index_hash));
    pref_buf_add_text(json, "\",\"on\":");
    pref_buf_add_json(json, pref_span_of(decon->on));
    pref_buf_add_text(json, decon->turns == DECON_TURNS_FIRST ? ",\"turns\":\"first\"}"
                                                               : ",\"turns\":\"all\"}");
}

int decon_save(void *state, struct pref_fit_writer *writer, struct pref_err *err)
{
    const struct decon *decon = state;
    int status = PREF_OK;
    for (uint32_t i = 0; i < decon->index->ngrams.count && status == PREF_OK; i++) {
        char key[17];
        if (decon->records[i] == 0)
            continue;
        snprintf(key, sizeof key, "%016llx", (unsigned long long)decon->index->ngrams.hash[i]);
        struct pref_fit_row row = {.key = {key, 16}, .n = {decon->records[i]}, .counts = 1};
        status = pref_fit_put(writer, &row, err);
    }
    return status;
}

/* The number that 16 digits of lower-case hex stand for. 1, or 0 for anything else. */
static int read_hex(struct pref_span text, uint64_t *value)
{
    *value = 0;
    for (size_t i = 0; i < text.len && text.len == 16; i++) {
        char c = text.ptr[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return 0;
        *value = *value << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return text.len == 16;
}

int decon_load(void *state, const struct pref_fit_row *row, struct pref_err *err)
{
    struct decon *decon = state;
    uint64_t hash;
    uint32_t number;
    if (!read_hex(row->key, &hash) || row->counts != 1 || row->sums != 0 ||
        !pref_ngram_table_find(&decon->index->ngrams, hash, &number))
        return pref_fail(err, "row '%s' is no n-gram of these benchmarks with one count",
                         pref_fit_show(row->key).text);
    decon->records[number] = row->n[0];
    return PREF_OK;
}
