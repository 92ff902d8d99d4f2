/* SPDX-License-Identifier: Apache-2.0 */
/* ngram_read.c - an index of n-grams from bytes that may be anything (ngram_parts.h). */
#include "config.h"

#include "ngram_index.h"
#include "ngram_parts.h"
#include "lib/text/unicode.h"
#include "pref/scan.h"
#include "pref/sink.h"

#include <stdlib.h>
#include <string.h>

struct input {
    const unsigned char *at;
};

/* The next number of `size` bytes; whoever asks knows that they are there. */
static uint64_t get(struct input *in, unsigned size)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < size; i++)
        value |= (uint64_t)in->at[i] << 8 * i;
    in->at += size;
    return value;
}

static uint32_t get32(struct input *in)
{
    return (uint32_t)get(in, 4);
}

/* How many of each there are. */
struct sizes {
    uint64_t benchmarks, items, ngrams, places, leads, texts;
};

static int damaged(struct pref_err *err, const char *what)
{
    return pref_fail(err, "damaged index: %s", what);
}

static int get_head(struct input *in, size_t len, struct pref_ngram_index *index,
                    struct sizes *sizes, struct pref_err *err)
{
    char unicode[PARTS_UNICODE];
    if (len < PARTS_HEAD + PARTS_TAIL || memcmp(in->at, PARTS_MAGIC, 8) != 0)
        return pref_fail(err, "not an index of n-grams");
    in->at += 8;
    uint64_t version = get(in, 4);
    if (version != PARTS_VERSION)
        return pref_fail(err, "index of version %llu, expected %d", (unsigned long long)version,
                         PARTS_VERSION);
    index->n = (unsigned)get(in, 4);
    index->first_turn = (unsigned)get(in, 4);
    pref_ngram_index_unicode(unicode);
    if (memcmp(unicode, in->at, PARTS_UNICODE) != 0)
        return pref_fail(err, "index of another version of Unicode than %s: make it anew",
                         pref_unicode_version());
    in->at += PARTS_UNICODE;
    uint64_t *const all[6] = {&sizes->benchmarks, &sizes->items, &sizes->ngrams,
                              &sizes->places,     &sizes->leads, &sizes->texts};
    for (unsigned i = 0; i < 6; i++) {
        *all[i] = get(in, 8);
        /* So that no sum below overflows. */
        if (*all[i] > len || (i < 5 && *all[i] >= UINT32_MAX))
            return damaged(err, "its parts are longer than it is");
    }
    uint64_t whole = PARTS_HEAD + sizes->benchmarks * PARTS_BENCHMARK + sizes->items * PARTS_ITEM +
                     sizes->ngrams * 12 + 4 + sizes->places * 8 + sizes->leads * 16 +
                     sizes->texts + PARTS_TAIL;
    if (whole != len)
        return damaged(err, "its parts are not as long as it is");
    if (index->n < PREF_NGRAM_MIN || index->n > PREF_NGRAM_MAX)
        return damaged(err, "the length of its n-grams");
    return index->first_turn > 1 ? damaged(err, "its turns") : PREF_OK;
}

/* Memory for all parts. */
static int make_parts(struct pref_ngram_index *index, const struct sizes *sizes)
{
    index->benchmark = calloc(sizes->benchmarks + 1, sizeof *index->benchmark);
    index->item = calloc(sizes->items + 1, sizeof *index->item);
    index->ngrams.hash = malloc((sizes->ngrams + 1) * sizeof *index->ngrams.hash);
    index->first = malloc((sizes->ngrams + 1) * sizeof *index->first);
    index->place = malloc((sizes->places + 1) * sizeof *index->place);
    index->leads.hash = malloc((sizes->leads + 1) * sizeof *index->leads.hash);
    index->lengths = malloc((sizes->leads + 1) * sizeof *index->lengths);
    return index->benchmark == NULL || index->item == NULL || index->ngrams.hash == NULL ||
                   index->first == NULL || index->place == NULL || index->leads.hash == NULL ||
                   index->lengths == NULL
               ? -1
               : 0;
}

static void get_parts(struct input *in, struct pref_ngram_index *index, const struct sizes *sizes)
{
    for (; index->benchmarks < sizes->benchmarks; index->benchmarks++) {
        struct pref_ngram_benchmark *benchmark = &index->benchmark[index->benchmarks];
        benchmark->name = get(in, 8);
        benchmark->name_len = get32(in);
        benchmark->skipped = get32(in);
    }
    for (; index->items < sizes->items; index->items++) {
        struct pref_ngram_item *item = &index->item[index->items];
        item->id = get(in, 8);
        item->id_len = get32(in);
        item->benchmark = get32(in);
        item->words = get32(in);
    }
    for (uint64_t i = 0; i < sizes->ngrams; i++)
        index->ngrams.hash[i] = get(in, 8);
    for (uint64_t i = 0; i <= sizes->ngrams; i++)
        index->first[i] = get32(in);
    for (uint64_t i = 0; i < sizes->places; i++) {
        index->place[i].item = get32(in);
        index->place[i].word = get32(in);
    }
    for (uint64_t i = 0; i < sizes->leads; i++)
        index->leads.hash[i] = get(in, 8);
    for (uint64_t i = 0; i < sizes->leads; i++)
        index->lengths[i] = get(in, 8);
    pref_buf_add(&index->texts, (const char *)in->at, sizes->texts);
    char *after = pref_buf_reserve(&index->texts, PREF_PAD);
    if (after != NULL)
        memset(after, 0, PREF_PAD);
}

/* ---- Doubting what was read ------------------------------------------------------------------ */

static int is_in_texts(const struct pref_ngram_index *index, uint64_t at, uint32_t len)
{
    return at <= index->texts.len && len <= index->texts.len - at;
}

/* An item may have none. */
static int is_id(struct pref_scanner *scanner, const char *id, uint32_t len)
{
    return len == 0 || pref_scan_is_value(scanner, (struct pref_span){id, len});
}

static int doubt_items(struct pref_ngram_index *index, struct pref_scanner *scanner,
                       struct pref_err *err)
{
    for (uint32_t i = 0; i < index->items; i++) {
        const struct pref_ngram_item *item = &index->item[i];
        if (item->benchmark >= index->benchmarks || item->words < PREF_ITEM_WORDS_MIN ||
            !is_in_texts(index, item->id, item->id_len) ||
            !is_id(scanner, index->texts.ptr + item->id, item->id_len))
            return damaged(err, "an item");
    }
    for (uint32_t i = 0; i < index->benchmarks; i++) {
        const struct pref_ngram_benchmark *benchmark = &index->benchmark[i];
        uint32_t number;
        if (!is_in_texts(index, benchmark->name, benchmark->name_len))
            return damaged(err, "the name of a benchmark");
        const char *name = index->texts.ptr + benchmark->name;
        if (pref_utf8_check(name, benchmark->name_len) != benchmark->name_len)
            return damaged(err, "the name of a benchmark");
        int added = pref_keyset_add_number(
            index->names, pref_hash128(name, benchmark->name_len, 0), &number);
        if (added <= 0)
            return added == 0 ? damaged(err, "two benchmarks of one name")
                              : pref_fail_memory(err, "an index");
    }
    return PREF_OK;
}

static int is_after(struct pref_ngram_place a, struct pref_ngram_place b)
{
    return a.item > b.item || (a.item == b.item && a.word > b.word);
}

/* Whether an n-gram can stand at a place: of an item of as many words to an n-gram. */
static int is_place(const struct pref_ngram_index *index, struct pref_ngram_place place, uint32_t n)
{
    return place.item < index->items && pref_ngram_index_length(index, place.item) == n &&
           place.word <= index->item[place.item].words - n;
}

static int doubt_ngrams(const struct pref_ngram_index *index, const struct sizes *sizes,
                        struct pref_err *err)
{
    if (index->first[0] != 0 || index->first[sizes->ngrams] != sizes->places)
        return damaged(err, "the places of its n-grams");
    for (uint64_t i = 0; i < sizes->ngrams; i++) {
        if (i > 0 && index->ngrams.hash[i] <= index->ngrams.hash[i - 1])
            return damaged(err, "the order of its n-grams");
        if (index->first[i + 1] <= index->first[i] || index->first[i + 1] > sizes->places)
            return damaged(err, "the places of its n-grams");
        uint32_t n = 0;
        for (uint32_t k = index->first[i]; k < index->first[i + 1]; k++) {
            struct pref_ngram_place place = index->place[k];
            if (k == index->first[i] && place.item < index->items)
                n = pref_ngram_index_length(index, place.item);
            if (!is_place(index, place, n) ||
                (k > index->first[i] && !is_after(place, index->place[k - 1])))
                return damaged(err, "the places of its n-grams");
        }
    }
    for (uint64_t i = 0; i < sizes->leads; i++) {
        uint64_t allowed = (UINT64_C(1) << (index->n - 1) << 1) - 1;
        if (i > 0 && index->leads.hash[i] <= index->leads.hash[i - 1])
            return damaged(err, "the order of its leads");
        if (index->lengths[i] == 0 || (index->lengths[i] & ~allowed) != 0 ||
            (index->lengths[i] & ((UINT64_C(1) << PREF_ITEM_WORDS_MIN) - 1)) != 0)
            return damaged(err, "the lengths of its short items");
    }
    return PREF_OK;
}

static int doubt(struct pref_ngram_index *index, const struct sizes *sizes, struct pref_err *err)
{
    struct pref_shape *shape = pref_shape_new_any();
    struct pref_scanner *scanner = shape == NULL ? NULL : pref_scanner_new(shape);
    int status = scanner == NULL ? pref_fail_memory(err, "an index")
                                 : doubt_items(index, scanner, err);
    pref_scanner_free(scanner);
    pref_shape_free(shape);
    return status == PREF_OK ? doubt_ngrams(index, sizes, err) : status;
}

static int parse(struct pref_span bytes, struct pref_ngram_index *index, struct pref_err *err)
{
    struct input in = {(const unsigned char *)bytes.ptr};
    struct sizes sizes = {0};
    unsigned char image[PARTS_TAIL];
    int status = get_head(&in, bytes.len, index, &sizes, err);
    if (status != PREF_OK)
        return status;
    pref_h128_bytes(pref_hash128(bytes.ptr, bytes.len - PARTS_TAIL, 0), image);
    if (memcmp(image, bytes.ptr + bytes.len - PARTS_TAIL, PARTS_TAIL) != 0)
        return damaged(err, "its checksum is not that of its bytes");
    if (make_parts(index, &sizes) != 0)
        return pref_fail_memory(err, "an index");
    get_parts(&in, index, &sizes);
    if (index->texts.failed)
        return pref_fail_memory(err, "an index");
    status = doubt(index, &sizes, err);
    if (status == PREF_OK)
        status = pref_ngram_table_make(&index->ngrams, index->ngrams.hash, (uint32_t)sizes.ngrams,
                                       err);
    if (status == PREF_OK)
        status =
            pref_ngram_table_make(&index->leads, index->leads.hash, (uint32_t)sizes.leads, err);
    if (status == PREF_OK)
        pref_ngram_index_count(index);
    return status;
}

int pref_ngram_index_parse(struct pref_span bytes, struct pref_ngram_index **index,
                           struct pref_err *err)
{
    *index = pref_ngram_index_new(PREF_NGRAM_MIN);
    if (*index == NULL)
        return pref_fail_memory(err, "an index");
    int status = parse(bytes, *index, err);
    if (status != PREF_OK) {
        pref_ngram_index_free(*index);
        *index = NULL;
    }
    return status;
}

int pref_ngram_index_read(const char *path, int stop_fd, struct pref_ngram_index **index,
                          struct pref_err *err)
{
    struct pref_buf bytes = {0};
    struct pref_err why;
    int status = pref_file_read(path, SIZE_MAX, stop_fd, &bytes, err);
    if (status == PREF_OK) {
        status = pref_ngram_index_parse(pref_buf_span(&bytes), index, &why);
        if (status != PREF_OK)
            pref_fail(err, "%s: %.900s", path, why.text);
    }
    pref_buf_release(&bytes);
    return status;
}
