/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ngram_index.h"

#include "ngram.h"
#include "ngram_parts.h"

#include <stdlib.h>
#include <string.h>

struct pref_ngram_index *pref_ngram_index_new(unsigned n)
{
    struct pref_ngram_index *index = calloc(1, sizeof *index);
    if (index == NULL)
        return NULL;
    index->n = n;
    index->names = pref_keyset_new_numbered();
    if (index->names == NULL) {
        free(index);
        return NULL;
    }
    return index;
}

static void forget_entries(struct pref_ngram_index *index)
{
    free(index->entry);
    free(index->lead);
    index->entry = index->lead = NULL;
    index->entries = index->lead_count = index->entry_cap = index->lead_cap = 0;
}

void pref_ngram_index_free(struct pref_ngram_index *index)
{
    if (index == NULL)
        return;
    forget_entries(index);
    pref_ngram_table_release(&index->ngrams);
    pref_ngram_table_release(&index->leads);
    free(index->first);
    free(index->place);
    free(index->lengths);
    free(index->item);
    free(index->benchmark);
    pref_buf_release(&index->texts);
    pref_keyset_free(index->names);
    free(index);
}

static int no_memory(struct pref_err *err)
{
    return pref_fail_memory(err, "the index of benchmarks");
}

/* ---- Filling --------------------------------------------------------------------------------- */

/* Room for `more` things of `size` bytes behind `count`: the list, perhaps elsewhere, or NULL. */
static void *make_room(void *list, size_t *cap, size_t count, size_t more, size_t size)
{
    if (more <= *cap - count)
        return list;
    if (more > SIZE_MAX / 2 / size - count)
        return NULL;
    size_t wanted = (count + more) + (count + more) / 2 + 16;
    void *made = realloc(list, wanted * size);
    if (made != NULL)
        *cap = wanted;
    return made;
}

static int add_text(struct pref_ngram_index *index, struct pref_span text, uint64_t *at)
{
    *at = index->texts.len;
    pref_buf_add_span(&index->texts, text);
    return index->texts.failed ? -1 : 0;
}

int pref_ngram_index_benchmark(struct pref_ngram_index *index, struct pref_span name,
                               uint32_t *number, struct pref_err *err)
{
    struct pref_ngram_benchmark *list =
        make_room(index->benchmark, &index->benchmark_cap, index->benchmarks, 1, sizeof *list);
    if (list == NULL)
        return no_memory(err);
    index->benchmark = list;
    int added =
        pref_keyset_add_number(index->names, pref_hash128(name.ptr, name.len, 0), number);
    if (added == 0)
        return PREF_OK;
    struct pref_ngram_benchmark benchmark = {.name_len = (uint32_t)name.len};
    if (added < 0 || add_text(index, name, &benchmark.name) != 0)
        return no_memory(err);
    list[index->benchmarks++] = benchmark;
    return PREF_OK;
}

/* The n-grams of an item. */
static int add_entries(struct pref_ngram_index *index, const uint64_t *words, size_t count)
{
    size_t n = count < index->n ? count : index->n, more = count - n + 1;
    struct pref_ngram_entry *list =
        make_room(index->entry, &index->entry_cap, index->entries, more, sizeof *list);
    uint64_t *hash = malloc(more * sizeof *hash);
    if (list != NULL)
        index->entry = list;
    if (list == NULL || hash == NULL) {
        free(hash);
        return -1;
    }
    pref_ngram_hashes(words, count, n, hash);
    for (size_t i = 0; i < more; i++)
        list[index->entries++] = (struct pref_ngram_entry){hash[i], index->items, (uint32_t)i};
    free(hash);
    return 0;
}

/* What a short item begins with, and its length in the place of a word. */
static int add_lead(struct pref_ngram_index *index, const uint64_t *words, size_t count)
{
    struct pref_ngram_entry *list =
        make_room(index->lead, &index->lead_cap, index->lead_count, 1, sizeof *list);
    if (list == NULL)
        return -1;
    index->lead = list;
    struct pref_ngram_entry *lead = &list[index->lead_count++];
    *lead = (struct pref_ngram_entry){0, index->items, (uint32_t)count};
    pref_ngram_hashes(words, PREF_ITEM_WORDS_MIN, PREF_ITEM_WORDS_MIN, &lead->hash);
    return 0;
}

int pref_ngram_index_add(struct pref_ngram_index *index, uint32_t benchmark, struct pref_span id,
                         const uint64_t *words, size_t count, struct pref_err *err)
{
    if (count < PREF_ITEM_WORDS_MIN) {
        index->benchmark[benchmark].skipped++;
        return PREF_OK;
    }
    struct pref_ngram_item *list =
        make_room(index->item, &index->item_cap, index->items, 1, sizeof *list);
    if (list == NULL)
        return no_memory(err);
    index->item = list;
    if (index->items == UINT32_MAX || count > UINT32_MAX ||
        index->entries > UINT32_MAX - 1 - count)
        return pref_fail(err, "the benchmarks have more than 2^32 words");
    struct pref_ngram_item item = {
        .id_len = (uint32_t)id.len, .benchmark = benchmark, .words = (uint32_t)count};
    if (add_text(index, id, &item.id) != 0 || add_entries(index, words, count) != 0 ||
        (count < index->n && add_lead(index, words, count) != 0))
        return no_memory(err);
    list[index->items++] = item;
    return PREF_OK;
}

/* ---- Making ---------------------------------------------------------------------------------- */

/* Sort by hash, equal ones as they came. */
static int sort_entries(struct pref_ngram_entry **list, size_t count)
{
    enum { BITS = 11, VALUES = 1 << BITS };
    struct pref_ngram_entry *from = *list, *to = malloc((count + 1) * sizeof *to);
    if (to == NULL)
        return -1;
    for (unsigned shift = 0; shift < 64; shift += BITS) {
        size_t start[VALUES + 1] = {0};
        for (size_t i = 0; i < count; i++)
            start[(from[i].hash >> shift & (VALUES - 1)) + 1]++;
        for (size_t i = 1; i <= VALUES; i++)
            start[i] += start[i - 1];
        for (size_t i = 0; i < count; i++)
            to[start[from[i].hash >> shift & (VALUES - 1)]++] = from[i];
        struct pref_ngram_entry *sorted = to;
        to = from;
        from = sorted;
    }
    free(to);
    *list = from;
    return 0;
}

static uint32_t count_distinct(const struct pref_ngram_entry *list, size_t count)
{
    uint32_t distinct = 0;
    for (size_t i = 0; i < count; i++)
        distinct += i == 0 || list[i].hash != list[i - 1].hash;
    return distinct;
}

static int make_ngrams(struct pref_ngram_index *index, struct pref_err *err)
{
    if (sort_entries(&index->entry, index->entries) != 0)
        return no_memory(err);
    const struct pref_ngram_entry *entry = index->entry;
    uint32_t distinct = count_distinct(entry, index->entries), number = 0;
    uint64_t *hash = malloc((distinct + (size_t)1) * sizeof *hash);
    index->first = malloc((distinct + (size_t)1) * sizeof *index->first);
    index->place = malloc((index->entries + 1) * sizeof *index->place);
    if (hash == NULL || index->first == NULL || index->place == NULL) {
        free(hash);
        return no_memory(err);
    }
    for (size_t i = 0; i < index->entries; i++) {
        int new = i == 0 || entry[i].hash != entry[i - 1].hash;
        index->place[i] = (struct pref_ngram_place){entry[i].item, entry[i].word};
        if (new) {
            hash[number] = entry[i].hash;
            index->first[number++] = (uint32_t)i;
        }
    }
    index->first[distinct] = (uint32_t)index->entries;
    return pref_ngram_table_make(&index->ngrams, hash, distinct, err);
}

static int make_leads(struct pref_ngram_index *index, struct pref_err *err)
{
    if (sort_entries(&index->lead, index->lead_count) != 0)
        return no_memory(err);
    const struct pref_ngram_entry *lead = index->lead;
    uint32_t distinct = count_distinct(lead, index->lead_count), number = 0;
    uint64_t *hash = malloc((distinct + (size_t)1) * sizeof *hash);
    index->lengths = calloc(distinct + (size_t)1, sizeof *index->lengths);
    if (hash == NULL || index->lengths == NULL) {
        free(hash);
        return no_memory(err);
    }
    for (size_t i = 0; i < index->lead_count; i++) {
        number += i > 0 && lead[i].hash != lead[i - 1].hash;
        hash[number] = lead[i].hash;
        index->lengths[number] |= UINT64_C(1) << lead[i].word;
    }
    return pref_ngram_table_make(&index->leads, hash, distinct, err);
}

void pref_ngram_index_count(struct pref_ngram_index *index)
{
    for (uint32_t i = 0; i < index->benchmarks; i++)
        index->benchmark[i].items = 0;
    for (uint32_t i = 0; i < index->items; i++) {
        index->item[i].ngrams = 0;
        index->benchmark[index->item[i].benchmark].items++;
    }
    for (uint32_t number = 0; number < index->ngrams.count; number++)
        for (uint32_t i = index->first[number]; i < index->first[number + 1]; i++)
            index->item[index->place[i].item].ngrams +=
                i == index->first[number] || index->place[i].item != index->place[i - 1].item;
}

int pref_ngram_index_make(struct pref_ngram_index *index, struct pref_err *err)
{
    int status = make_ngrams(index, err);
    if (status == PREF_OK)
        status = make_leads(index, err);
    if (status == PREF_OK)
        pref_ngram_index_count(index);
    forget_entries(index);
    return status;
}

uint32_t pref_ngram_index_length(const struct pref_ngram_index *index, uint32_t item)
{
    uint32_t words = index->item[item].words;
    return words < index->n ? words : index->n;
}
