/* SPDX-License-Identifier: Apache-2.0 */
/*
 * near_words.c - what two texts have in common, word by word: the sets of shingles once more,
 * of the words instead of their hashes. Asked rarely, and by no more than n log n steps.
 */
#include "config.h"

#include "near_sets.h"
#include "lib/text/text.h"

#include <stdlib.h>
#include <string.h>

/* The words of a text as they are compared, each followed by a blank; where each begins, and the
 * last ends. */
struct spelling {
    struct pref_buf text;
    size_t *at;
    size_t words;
};

/* A shingle: its hash, which orders without a look at the words, and the words. */
struct item {
    uint64_t hash;
    struct pref_span words;
};

static int spell_word(struct near_sets *sets, struct pref_span word, struct pref_buf *out)
{
    struct pref_span folded;
    if (pref_fold_text(sets->folder, PREF_FOLD_NFC | PREF_FOLD_LOWER, word, &folded, NULL) !=
        PREF_OK)
        return -1;
    pref_buf_add_span(out, folded);
    pref_buf_add_byte(out, ' ');
    return 0;
}

static int spell(struct near_sets *sets, struct pref_span text, struct spelling *out,
                 struct pref_err *err)
{
    struct pref_words *words = &sets->words;
    if (pref_words_find_places(words, text, err) != PREF_OK)
        return PREF_FAIL;
    *out = (struct spelling){.words = words->count};
    out->at = malloc((words->count + 1) * sizeof *out->at);
    if (out->at == NULL)
        return pref_fail_memory(err, "the words of a record");
    for (size_t i = 0; i < words->count; i++) {
        struct pref_word_place place = words->place[i];
        out->at[i] = out->text.len;
        if (spell_word(sets, (struct pref_span){text.ptr + place.start, place.end - place.start},
                       &out->text) != 0)
            return pref_fail_memory(err, "the words of a record");
    }
    out->at[words->count] = out->text.len;
    return out->text.failed ? pref_fail_memory(err, "the words of a record") : PREF_OK;
}

static int compare_items(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    return x->hash != y->hash ? (x->hash > y->hash) - (x->hash < y->hash)
                              : pref_span_compare(x->words, y->words);
}

/* The set of a text's shingles, ascending: *items is the caller's to free, also after a failure. */
static int list_items(struct near_sets *sets, struct pref_span text, size_t ngram,
                      struct spelling *spelling, struct item **items, size_t *count,
                      struct pref_err *err)
{
    *items = NULL;
    *count = 0;
    int status = spell(sets, text, spelling, err);
    size_t words = spelling->words, n = ngram < words ? ngram : words;
    if (status != PREF_OK || words == 0)
        return status;
    size_t all = words - n + 1, kept = 1;
    struct item *list = *items = malloc(all * sizeof *list);
    uint64_t *hashes = malloc(all * sizeof *hashes);
    if (list == NULL || hashes == NULL) {
        free(hashes);
        return pref_fail_memory(err, "the shingles of a record");
    }
    pref_ngram_hashes(sets->words.hash, words, n, hashes);
    for (size_t i = 0; i < all; i++)
        list[i] = (struct item){hashes[i], {spelling->text.ptr + spelling->at[i],
                                            spelling->at[i + n] - spelling->at[i]}};
    free(hashes);
    qsort(list, all, sizeof *list, compare_items);
    for (size_t i = 1; i < all; i++)
        if (compare_items(&list[kept - 1], &list[i]) != 0)
            list[kept++] = list[i];
    *count = kept;
    return PREF_OK;
}

static uint64_t count_common(const struct item *a, size_t a_len, const struct item *b, size_t b_len)
{
    size_t i = 0, k = 0;
    uint64_t common = 0;
    while (i < a_len && k < b_len) {
        int order = compare_items(&a[i], &b[k]);
        common += order == 0;
        i += order <= 0;
        k += order >= 0;
    }
    return common;
}

static int compare_field(struct near_sets *sets, struct pref_span a, struct pref_span b,
                         size_t ngram, struct near_counts *counts, struct pref_err *err)
{
    struct spelling spelling[2] = {{.at = NULL}, {.at = NULL}};
    struct item *items[2] = {NULL, NULL};
    size_t count[2];
    int status = list_items(sets, a, ngram, &spelling[0], &items[0], &count[0], err);
    if (status == PREF_OK)
        status = list_items(sets, b, ngram, &spelling[1], &items[1], &count[1], err);
    if (status == PREF_OK)
        *counts = (struct near_counts){count[0], count[1],
                                       count_common(items[0], count[0], items[1], count[1])};
    for (int i = 0; i < 2; i++) {
        pref_buf_release(&spelling[i].text);
        free(spelling[i].at);
        free(items[i]);
    }
    return status;
}

/* The text of a field's value, there or in a buffer of its own. */
static int read_text(const struct near_set *set, unsigned f, struct pref_buf *own,
                     struct pref_span *text, struct pref_err *err)
{
    struct pref_span value = {set->base + set->start[f], set->bytes[f]};
    if (pref_text_of(value, own, text) != PREF_OK || own->failed)
        return pref_fail_memory(err, "the text of a record");
    return PREF_OK;
}

int near_words_compare(struct near_sets *sets, const struct near_set *a, const struct near_set *b,
                       const struct near_rule *rule, struct near_counts *counts,
                       struct pref_err *err)
{
    struct pref_buf own[2] = {{0}, {0}};
    struct pref_span texts[2];
    int status = PREF_OK;
    for (unsigned f = 0; f < rule->fields && status == PREF_OK; f++) {
        status = read_text(a, f, &own[0], &texts[0], err);
        if (status == PREF_OK)
            status = read_text(b, f, &own[1], &texts[1], err);
        if (status == PREF_OK)
            status = compare_field(sets, texts[0], texts[1], rule->ngram, &counts[f], err);
    }
    pref_buf_release(&own[0]);
    pref_buf_release(&own[1]);
    return status;
}
