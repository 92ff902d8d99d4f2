/* SPDX-License-Identifier: Apache-2.0 */
/* The set is compared with what arithmetic says about sequences of keys that never repeat. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pref/keyset.h"

static struct pref_h128 nth(uint64_t i)
{
    return pref_hash128(&i, sizeof i, 0);
}

static void test_empty(void **state)
{
    (void)state;
    struct pref_keyset *set = pref_keyset_new();
    assert_non_null(set);
    assert_int_equal(pref_keyset_count(set), 0);
    assert_int_equal(pref_keyset_has(set, nth(1)), 0);
    pref_keyset_prefetch(set, nth(1));
    pref_keyset_free(set);
    pref_keyset_free(NULL);
}

static void test_special_keys(void **state)
{
    (void)state;
    static const struct pref_h128 keys[] = {{0, 0},
                                            {UINT64_MAX, UINT64_MAX},
                                            {0, UINT64_MAX},
                                            {UINT64_MAX, 0},
                                            {1, 0},
                                            {0, 1},
                                            {UINT64_MAX, UINT64_MAX - 1},
                                            {UINT64_MAX - 1, UINT64_MAX}};
    size_t n = sizeof keys / sizeof *keys;
    struct pref_keyset *set = pref_keyset_new();
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(pref_keyset_has(set, keys[i]), 0);
        assert_int_equal(pref_keyset_add(set, keys[i]), 1);
        assert_int_equal(pref_keyset_add(set, keys[i]), 0);
        for (size_t j = 0; j < n; j++)
            assert_int_equal(pref_keyset_has(set, keys[j]), j <= i);
    }
    assert_int_equal(pref_keyset_count(set), n);
    pref_keyset_free(set);
}

static void test_many(void **state)
{
    (void)state;
    enum { N = 400000 };
    struct pref_keyset *set = pref_keyset_new();
    for (uint64_t i = 0; i < N; i++) {
        assert_int_equal(pref_keyset_add(set, nth(i)), 1);
        if (i % 3 == 0)
            assert_int_equal(pref_keyset_add(set, nth(i / 2)), 0);
        /* The promise about memory holds at every moment. */
        assert_true(pref_keyset_bytes(set) <= 22 * (i + 1) + 512 * 1024);
    }
    assert_int_equal(pref_keyset_count(set), N);
    for (uint64_t i = 0; i < 2 * N; i++)
        assert_int_equal(pref_keyset_has(set, nth(i)), i < N);
    pref_keyset_free(set);
}

/* Keys that a hash would never make: they may cost time, but neither answers nor memory. */
static void test_alike_keys(void **state)
{
    (void)state;
    enum { N = 3000 };
    struct pref_keyset *set = pref_keyset_new();
    for (unsigned kind = 0; kind < 4; kind++) {
        for (uint64_t i = 1; i <= N; i++) {
            struct pref_h128 key = {i * 7919 % 3001, 0};
            if (kind == 1)
                key = (struct pref_h128){UINT64_MAX - key.low, UINT64_MAX};
            if (kind == 2)
                key = (struct pref_h128){0, key.low + 1000000};
            if (kind == 3)
                key = (struct pref_h128){UINT64_MAX, key.low};
            assert_int_equal(pref_keyset_add(set, key), 1);
            assert_int_equal(pref_keyset_add(set, key), 0);
        }
    }
    assert_int_equal(pref_keyset_count(set), 4 * N);
    assert_true(pref_keyset_bytes(set) < 4 * N * 64);
    pref_keyset_free(set);
}

/* Numbers follow the order in which keys came, whatever moves in the table. */
static void test_numbers(void **state)
{
    (void)state;
    enum { N = 200000 };
    static const struct pref_h128 ones = {UINT64_MAX, UINT64_MAX};
    struct pref_keyset *set = pref_keyset_new_numbered();
    uint32_t number = 77;
    assert_int_equal(pref_keyset_find_number(set, nth(0), &number), 0);
    assert_int_equal(pref_keyset_find_number(set, ones, &number), 0);
    for (uint32_t i = 0; i < N; i++) {
        struct pref_h128 key = i == 1000 ? ones : nth(i);
        struct pref_h128 older = i / 4 == 1000 ? ones : nth(i / 4);
        assert_int_equal(pref_keyset_add_number(set, key, &number), 1);
        assert_int_equal(number, i);
        assert_int_equal(pref_keyset_add_number(set, older, &number), 0);
        assert_int_equal(number, i / 4);
        assert_true(pref_keyset_bytes(set) <= 28 * (uint64_t)(i + 1) + 1024 * 1024);
    }
    pref_keyset_free(set);
}

/* Keys of one home, in falling order: each pushes all before it. */
static void test_numbers_pushed(void **state)
{
    (void)state;
    enum { N = 2000 };
    struct pref_keyset *set = pref_keyset_new_numbered();
    uint32_t number;
    for (uint32_t i = 0; i < N; i++)
        assert_int_equal(
            pref_keyset_add_number(set, (struct pref_h128){N - i, 0}, &number), 1);
    for (uint32_t i = 0; i < N; i++) {
        assert_int_equal(pref_keyset_find_number(set, (struct pref_h128){N - i, 0}, &number), 1);
        assert_int_equal(number, i);
    }
    pref_keyset_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_special_keys),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_alike_keys),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_numbers_pushed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
