/* SPDX-License-Identifier: Apache-2.0 */
/* The index of n-grams against a search by hand, and as bytes: the same again, and refused wherever
 * they were cut or changed. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/near/ngram_index.h"
#include "pref/shingle.h"
#include "pref/sink.h"

enum { ITEMS = 60, WORDS_MAX = 30, N = 6 };

struct item {
    uint64_t words[WORDS_MAX];
    size_t count;
};

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Items over so few words that much is there twice. */
static void make_items(struct item *items)
{
    uint64_t seed = 88172645463325252u;
    for (size_t i = 0; i < ITEMS; i++) {
        items[i].count = next_random(&seed) % (i % 3 == 0 ? 8 : WORDS_MAX);
        for (size_t k = 0; k < items[i].count; k++)
            items[i].words[k] = 1000 + next_random(&seed) % (i % 7 == 0 ? 1 : 3);
    }
}

static struct pref_ngram_index *make_index(const struct item *items)
{
    struct pref_ngram_index *index = pref_ngram_index_new(N);
    assert_non_null(index);
    index->first_turn = 1;
    for (size_t i = 0; i < ITEMS; i++) {
        static const char *const names[] = {"one", "two", "th\u00e9"};
        char id[16] = "";
        uint32_t benchmark;
        if (i % 5 != 1)
            sprintf(id, i % 5 == 0 ? "%zu" : "\"x%zu\"", i);
        assert_int_equal(pref_ngram_index_benchmark(index, pref_span_of(names[i % 3]), &benchmark,
                                                    NULL), 0);
        assert_int_equal(benchmark, i % 3);
        assert_int_equal(pref_ngram_index_add(index, benchmark, pref_span_of(id), items[i].words,
                                              items[i].count, NULL), 0);
    }
    assert_int_equal(pref_ngram_index_make(index, NULL), 0);
    return index;
}

/* Whether `n` words stand in an item at a word, and are what it is looked for by. */
static int stands(const struct item *item, size_t at, const uint64_t *words, size_t n)
{
    size_t length = item->count < N ? item->count : N;
    return item->count >= 3 && n == length && at + n <= item->count &&
           memcmp(item->words + at, words, n * sizeof *words) == 0;
}

/* All places of an n-gram, found by hand, are those that the index has for it. */
static void check_ngram(const struct pref_ngram_index *index, const struct item *items,
                        const uint64_t *words, size_t n)
{
    uint64_t hash;
    uint32_t number, at = 0, end = 0, taken = 0;
    assert_int_equal(pref_ngram_hashes(words, n, n, &hash), 1);
    if (pref_ngram_table_find(&index->ngrams, hash, &number)) {
        assert_int_equal(index->ngrams.hash[number], hash);
        at = index->first[number];
        end = index->first[number + 1];
        assert_true(at < end);
    }
    for (size_t i = 0; i < ITEMS; i++) {
        for (size_t k = 0; k < items[i].count; k++) {
            if (!stands(&items[i], k, words, n))
                continue;
            assert_true(at < end);
            assert_int_equal(index->place[at].item, taken);
            assert_int_equal(index->place[at++].word, k);
        }
        taken += items[i].count >= 3;
    }
    assert_int_equal(at, end);
}

static void test_places(void **state)
{
    (void)state;
    struct item items[ITEMS];
    make_items(items);
    struct pref_ngram_index *index = make_index(items);
    uint64_t seed = 77;
    for (size_t i = 0; i < ITEMS; i++)
        for (size_t n = 3; n <= N + 1; n++)
            for (size_t k = 0; k + n <= items[i].count; k++)
                check_ngram(index, items, items[i].words + k, n);
    for (size_t i = 0; i < 2000; i++) {
        uint64_t words[N];
        for (size_t k = 0; k < N; k++)
            words[k] = 1000 + next_random(&seed) % 4;
        check_ngram(index, items, words, N);
        check_ngram(index, items, words, 3);
    }
    pref_ngram_index_free(index);
    pref_ngram_index_free(NULL);
}

/* Every short item is found by what it begins with, and no other length is tried. */
static void test_leads(void **state)
{
    (void)state;
    struct item items[ITEMS];
    make_items(items);
    struct pref_ngram_index *index = make_index(items);
    uint64_t *lengths = calloc(index->leads.count, sizeof *lengths);
    uint32_t lead = 0;
    for (size_t i = 0; i < ITEMS; i++) {
        uint64_t hash;
        if (items[i].count < 3 || items[i].count >= N)
            continue;
        assert_int_equal(pref_ngram_hashes(items[i].words, 3, 3, &hash), 1);
        assert_int_equal(pref_ngram_table_find(&index->leads, hash, &lead), 1);
        lengths[lead] |= UINT64_C(1) << items[i].count;
    }
    assert_true(index->leads.count > 2);
    assert_memory_equal(lengths, index->lengths, index->leads.count * sizeof *lengths);
    free(lengths);
    pref_ngram_index_free(index);
}

static void test_counts(void **state)
{
    (void)state;
    struct item items[ITEMS];
    make_items(items);
    struct pref_ngram_index *index = make_index(items);
    uint32_t kept = 0;
    assert_int_equal(index->benchmarks, 3);
    for (uint32_t b = 0; b < 3; b++) {
        uint32_t all = 0, skipped = 0;
        for (size_t i = b; i < ITEMS; i += 3) {
            all += items[i].count >= 3;
            skipped += items[i].count < 3;
        }
        assert_int_equal(index->benchmark[b].items, all);
        assert_int_equal(index->benchmark[b].skipped, skipped);
    }
    for (size_t i = 0; i < ITEMS; i++) {
        uint64_t hash[WORDS_MAX];
        size_t n = items[i].count < N ? items[i].count : N, distinct = 0;
        if (items[i].count < 3)
            continue;
        size_t count = pref_ngram_hashes(items[i].words, items[i].count, n, hash);
        for (size_t k = 0; k < count; k++) {
            size_t before = 0;
            while (before < k && hash[before] != hash[k])
                before++;
            distinct += before == k;
        }
        assert_int_equal(index->item[kept].words, items[i].count);
        assert_int_equal(index->item[kept].ngrams, distinct);
        assert_int_equal(index->item[kept].benchmark, i % 3);
        assert_int_equal(pref_ngram_index_length(index, kept), n);
        kept++;
    }
    assert_int_equal(index->items, kept);
    pref_ngram_index_free(index);
}

/* ---- Bytes ----------------------------------------------------------------------------------- */

static void write_bytes(const struct pref_ngram_index *index, struct pref_buf *bytes)
{
    char path[] = "/tmp/test_ngram_index.XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(pref_ngram_index_write(index, path, NULL), 0);
    assert_int_equal(pref_file_read(path, SIZE_MAX, -1, bytes, NULL), 0);
    unlink(path);
}

static void set_checksum(struct pref_buf *bytes)
{
    unsigned char image[16];
    pref_h128_bytes(pref_hash128(bytes->ptr, bytes->len - 16, 0), image);
    memcpy(bytes->ptr + bytes->len - 16, image, 16);
}

static void test_bytes(void **state)
{
    (void)state;
    struct item items[ITEMS];
    make_items(items);
    struct pref_ngram_index *index = make_index(items), *again;
    struct pref_buf bytes = {0}, copy = {0};
    struct pref_h128 hash, other;
    struct pref_err err;
    write_bytes(index, &bytes);
    assert_int_equal(pref_ngram_index_parse(pref_buf_span(&bytes), &again, &err), 0);
    write_bytes(again, &copy);
    assert_int_equal(bytes.len, copy.len);
    assert_memory_equal(bytes.ptr, copy.ptr, bytes.len);
    assert_int_equal(pref_ngram_index_hash(index, &hash, NULL), 0);
    assert_int_equal(pref_ngram_index_hash(again, &other, NULL), 0);
    assert_int_equal(hash.low, other.low);
    assert_int_equal(hash.high, other.high);
    assert_int_equal(again->n, N);
    assert_int_equal(again->first_turn, 1);
    assert_int_equal(again->item[3].ngrams, index->item[3].ngrams);
    assert_int_equal(again->benchmark[1].items, index->benchmark[1].items);
    for (size_t i = 0; i < ITEMS; i++)
        for (size_t k = 0; k + N <= items[i].count; k++)
            check_ngram(again, items, items[i].words + k, N);
    pref_ngram_index_free(index);
    pref_ngram_index_free(again);
    pref_buf_release(&bytes);
    pref_buf_release(&copy);
}

static void test_damage(void **state)
{
    (void)state;
    struct item items[ITEMS];
    make_items(items);
    struct pref_ngram_index *index = make_index(items), *again;
    struct pref_buf bytes = {0};
    struct pref_err err;
    write_bytes(index, &bytes);
    pref_ngram_index_free(index);
    const size_t len = bytes.len;
    for (size_t cut = 0; cut < len; cut += cut < 200 ? 1 : 37)
        assert_int_equal(pref_ngram_index_parse((struct pref_span){bytes.ptr, cut}, &again, &err),
                         PREF_FAIL);
    /* With its checksum put right, a change is found, or is no harm: the index can be written. */
    for (size_t at = 0; at < len - 16; at++) {
        char was = bytes.ptr[at];
        bytes.ptr[at] = (char)(was ^ (at % 3 == 0 ? 0x80 : 1));
        assert_int_equal(pref_ngram_index_parse(pref_buf_span(&bytes), &again, &err), PREF_FAIL);
        set_checksum(&bytes);
        if (pref_ngram_index_parse(pref_buf_span(&bytes), &again, &err) == PREF_OK) {
            struct pref_h128 hash;
            unsigned char image[16];
            assert_int_equal(pref_ngram_index_hash(again, &hash, NULL), 0);
            pref_h128_bytes(hash, image);
            assert_memory_equal(image, bytes.ptr + len - 16, 16);
            pref_ngram_index_free(again);
        }
        bytes.ptr[at] = was;
        set_checksum(&bytes);
    }
    pref_buf_release(&bytes);
}

/* Hashes that agree in their highest bits, or in those of the filter, and an empty table. */
static void test_crowds(void **state)
{
    (void)state;
    struct pref_ngram_table table = {0};
    uint32_t number;
    for (int way = 0; way < 3; way++) {
        enum { COUNT = 5000 };
        uint64_t *hash = malloc(COUNT * sizeof *hash);
        assert_non_null(hash);
        for (uint64_t i = 0; i < COUNT; i++)
            hash[i] = way == 0 ? i * 2 : way == 1 ? i << 40 : UINT64_MAX - 2 * (COUNT - i);
        assert_int_equal(pref_ngram_table_make(&table, hash, COUNT, NULL), 0);
        for (uint32_t i = 0; i < COUNT; i++) {
            assert_int_equal(pref_ngram_table_find(&table, table.hash[i], &number), 1);
            assert_int_equal(number, i);
            assert_int_equal(pref_ngram_table_find(&table, table.hash[i] + 1, &number), 0);
        }
        pref_ngram_table_release(&table);
    }
    assert_int_equal(pref_ngram_table_make(&table, NULL, 0, NULL), 0);
    assert_int_equal(pref_ngram_table_find(&table, 0, &number), 0);
    assert_int_equal(pref_ngram_table_search(&table, UINT64_MAX, &number), 0);
    pref_ngram_table_release(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places), cmocka_unit_test(test_leads),  cmocka_unit_test(test_counts),
        cmocka_unit_test(test_bytes),  cmocka_unit_test(test_damage), cmocka_unit_test(test_crowds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
