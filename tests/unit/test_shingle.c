/* SPDX-License-Identifier: Apache-2.0 */
/* n-grams against their formula, term by term; sets against a sort of the C library. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shingle.h"

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

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Sort what is there, and compare. */
static void check_sort(struct pref_shingles *shingles)
{
    size_t n = shingles->count, kept = 0;
    uint64_t *want = malloc((n + 1) * sizeof *want);
    assert_non_null(want);
    if (n > 0)
        memcpy(want, shingles->list, n * sizeof *want);
    qsort(want, n, sizeof *want, compare);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || want[kept - 1] != want[i])
            want[kept++] = want[i];
    assert_int_equal(pref_shingles_sort(shingles, NULL), 0);
    assert_int_equal(shingles->count, kept);
    if (kept > 0)
        assert_memory_equal(shingles->list, want, kept * sizeof *want);
    free(want);
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
    check_sort(&shingles);
    assert_int_equal(shingles.count, 5);
    pref_shingles_begin(&shingles);
    check_sort(&shingles);
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

/* Hashes as they come, many of them equal, and others that somebody made to crowd. */
static void test_sort(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 2, 3, 15, 16, 17, 100, 270, 1000, 4096, 30000, 300000};
    struct pref_shingles shingles = {0};
    uint64_t seed = 88172645463325252u;
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        for (int way = 0; way < 4; way++) {
            size_t n = sizes[k];
            uint64_t *words = malloc(n * sizeof *words);
            assert_non_null(words);
            for (size_t i = 0; i < n; i++)
                words[i] = way == 1 ? next_random(&seed) % 40 : next_random(&seed);
            pref_shingles_begin(&shingles);
            assert_int_equal(pref_shingles_add(&shingles, 0, words, n, way == 1 ? 1 : 5, NULL), 0);
            for (size_t i = 0; i < shingles.count && way > 1; i++)
                shingles.list[i] = way == 2 ? shingles.list[i] >> 40 : shingles.count - i;
            check_sort(&shingles);
            free(words);
        }
    }
    pref_shingles_release(&shingles);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ngrams),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_move),
        cmocka_unit_test(test_sort),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
