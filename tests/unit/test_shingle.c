/* SPDX-License-Identifier: Apache-2.0 */
/* n-grams against their formula, term by term; sets against sorting and merging. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pref/shingle.h"
#include "pref/shingle_set.h"

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static uint64_t mix(uint64_t x)
{
    x ^= x >> 30;
    x *= PREF_NGRAM_M1;
    x ^= x >> 27;
    x *= PREF_NGRAM_M2;
    x ^= x >> 31;
    return x;
}

static uint64_t formula(const uint64_t *words, size_t n, uint64_t offset)
{
    uint64_t sum = offset;
    for (size_t i = 0; i < n; i++) {
        uint64_t term = words[i];
        for (size_t k = i + 1; k < n; k++)
            term *= PREF_NGRAM_B;
        sum += term;
    }
    return mix(sum);
}

static void test_ngrams(void **state)
{
    (void)state;
    uint64_t words[200], out[200], seed = 88172645463325252u;
    for (size_t i = 0; i < 200; i++)
        words[i] = i % 50 < 10 ? 7 : next_random(&seed);
    for (size_t n = 1; n <= 200; n += n < 20 ? 1 : 30) {
        assert_int_equal(pref_ngram_hashes(words, 200, n, out), 201 - n);
        for (size_t i = 0; i + n <= 200; i++)
            assert_int_equal(out[i], formula(words + i, n, 0));
    }
    assert_int_equal(pref_ngram_hashes(words, 4, 5, out), 0);
    assert_int_equal(pref_ngram_hashes(words, 0, 1, out), 0);
    assert_int_equal(pref_ngram_hashes(words, 4, 0, out), 0);
}

static void test_fields(void **state)
{
    (void)state;
    struct pref_shingles shingles = {0};
    const uint64_t words[] = {11, 22, 33, 44, 55};
    pref_shingles_begin(&shingles);
    assert_int_equal(pref_shingles_add(&shingles, 0, words, 5, 3, NULL), 0);
    assert_int_equal(pref_shingles_add(&shingles, 1, words, 2, 3, NULL), 0);
    assert_int_equal(pref_shingles_add(&shingles, 2, words, 0, 3, NULL), 0);
    assert_int_equal(pref_shingles_add(&shingles, 3, words, 3, 3, NULL), 0);
    assert_int_equal(shingles.count, 5);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(shingles.list[i], formula(words + i, 3, 0));
    assert_int_equal(shingles.list[3], formula(words, 2, PREF_NGRAM_FIELD));
    assert_int_equal(shingles.list[4], formula(words, 3, 3 * PREF_NGRAM_FIELD));
    pref_shingles_release(&shingles);
}

/* Moved to another field, they are those of the words there; and back again. */
static void test_move(void **state)
{
    (void)state;
    struct pref_shingles shingles = {0};
    uint64_t words[40], seed = 88172645463325252u;
    for (size_t i = 0; i < 40; i++)
        words[i] = next_random(&seed);
    pref_shingles_begin(&shingles);
    assert_int_equal(pref_shingles_add(&shingles, 2, words, 40, 3, NULL), 0);
    pref_shingles_move(shingles.list, shingles.count, 2, 1);
    for (size_t i = 0; i < 38; i++)
        assert_int_equal(shingles.list[i], formula(words + i, 3, PREF_NGRAM_FIELD));
    pref_shingles_move(shingles.list, shingles.count, 1, 15);
    for (size_t i = 0; i < 38; i++)
        assert_int_equal(shingles.list[i], formula(words + i, 3, 15 * PREF_NGRAM_FIELD));
    pref_shingles_release(&shingles);
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Sort, and keep one of each. */
static size_t make_sorted_set(uint64_t *list, size_t n)
{
    size_t kept = 0;
    qsort(list, n, sizeof *list, compare);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || list[kept - 1] != list[i])
            list[kept++] = list[i];
    return kept;
}

static size_t count_common(const uint64_t *a, size_t a_count, const uint64_t *b, size_t b_count)
{
    size_t common = 0;
    for (size_t i = 0, k = 0; i < a_count && k < b_count;) {
        common += a[i] == b[k];
        int order = compare(&a[i], &b[k]);
        i += order <= 0;
        k += order >= 0;
    }
    return common;
}

/* A list of one of four kinds: random; of few different hashes, 0 among them; and others that crowd
 * a table that is not scattered. */
static void make_list(uint64_t *list, size_t n, int kind, uint64_t *seed)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t random = next_random(seed);
        list[i] = kind == 0 ? random % (2 * n + 1) * PREF_NGRAM_B
                  : kind == 1 ? random % 40
                  : kind == 2 ? random % n << 40
                              : n - i;
    }
}

/* What two lists have in common, against sorting and merging them. */
static void test_sets(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 2, 3, 7, 8, 9, 100, 270, 1000, 30000};
    enum { SIZES = sizeof sizes / sizeof *sizes, MOST = 30000 };
    struct pref_shingle_set a, b;
    uint64_t *list[3];
    for (int i = 0; i < 3; i++)
        assert_non_null(list[i] = malloc(MOST * sizeof **list));
    uint64_t seed = 88172645463325252u;
    pref_shingle_set_init(&a, 1);
    pref_shingle_set_init(&b, 2);
    assert_int_equal(pref_shingle_set_common(&a, (uint64_t[]){0, 1}, 2), 0);
    for (size_t k = 0; k < 4 * SIZES * 3; k++) {
        size_t n[2] = {sizes[k % SIZES], sizes[(k + k / SIZES) % SIZES]};
        for (int i = 0; i < 2; i++)
            make_list(list[i], n[i], (int)(k / SIZES % 4), &seed);
        assert_int_equal(pref_shingle_set_fill(&a, list[0], n[0], NULL), 0);
        memcpy(list[2], list[1], n[1] * sizeof **list);
        assert_int_equal(pref_shingle_set_reduce(&b, list[2], n[1], NULL), 0);
        uint64_t common = pref_shingle_set_common(&a, list[2], b.count);
        for (int i = 0; i < 2; i++)
            n[i] = make_sorted_set(list[i], n[i]);
        assert_int_equal(a.count, n[0]);
        assert_int_equal(b.count, n[1]);
        assert_int_equal(make_sorted_set(list[2], b.count), n[1]);
        assert_memory_equal(list[2], list[1], n[1] * sizeof **list);
        assert_int_equal(common, count_common(list[0], n[0], list[1], n[1]));
    }
    assert_int_equal(pref_shingle_set_fill(&a, NULL, 0, NULL), 0);
    assert_int_equal(a.count, 0);
    for (int i = 0; i < 3; i++)
        free(list[i]);
    pref_shingle_set_release(&a);
    pref_shingle_set_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ngrams),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_move),
        cmocka_unit_test(test_sets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
