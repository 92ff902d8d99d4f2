/* SPDX-License-Identifier: Apache-2.0 */
/* Narrow sums against accumulators: equal texts for equal terms, ordinary and not. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>

#include "lib/number/narrow_sum.h"

/* A sum of the module and one of accumulators, side by side. */
struct pair {
    struct pref_narrow_sum narrow;
    struct pref_accumulator plain;
};

static void add(struct pair *pair, double x)
{
    assert_int_equal(pref_narrow_sum_add(&pair->narrow, x), PREF_OK);
    assert_int_equal(pref_accumulator_add(&pair->plain, x), PREF_OK);
}

static void check(struct pair *pair)
{
    struct pref_accumulator value;
    char found[PREF_ACCUMULATOR_MAX], expected[PREF_ACCUMULATOR_MAX];
    pref_narrow_sum_value(&pair->narrow, &value);
    pref_accumulator_print(found, &value);
    pref_accumulator_print(expected, &pair->plain);
    assert_string_equal(found, expected);
}

static uint64_t draw(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *seed >> 11;
}

static double draw_double(uint64_t *seed, int from, int to)
{
    double x = ldexp((double)draw(seed), from - 53 + (int)(draw(seed) % (uint64_t)(to - from)));
    return draw(seed) % 2 == 0 ? x : -x;
}

static void test_ordinary(void **state)
{
    struct pair pair = {0};
    uint64_t seed = 1;
    (void)state;
    check(&pair);
    for (int i = 0; i < 20000; i++) {
        add(&pair, draw_double(&seed, -20, 20));
        if (i % 1000 == 0)
            check(&pair);
    }
    check(&pair);
    assert_null(pair.narrow.wide); /* none of them needed the heap */
}

/* Sizes at which a term is just inside, or just outside, of the integer. */
static void test_edges(void **state)
{
    static const double edges[] = {0.0, -0.0, 0x1p-88, 0x1p-89, 0x1.8p-88, 0x1p-36,
                                   0x1.fffffffffffffp-36, 0x1.fffffffffffffp-37, 0x1p-24,
                                   0x1.fffffffffffffp-25, 0x1.fffffffffffffp31, 0x1p32, 0x1p33,
                                   DBL_MIN, DBL_MAX, 0x1p-1074, 1, 0x1p-60};
    (void)state;
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        for (int sign = -1; sign <= 1; sign += 2) {
            struct pair pair = {0};
            add(&pair, sign * edges[i]);
            check(&pair);
            add(&pair, 0.75);
            check(&pair);
            add(&pair, -sign * edges[i]);
            check(&pair);
            pref_narrow_sum_release(&pair.narrow);
        }
    }
}

/* 2^7 of the largest terms fill the integer, in either direction. */
static void test_overflow(void **state)
{
    (void)state;
    for (int sign = -1; sign <= 1; sign += 2) {
        struct pair pair = {0};
        for (int i = 0; i < 1000; i++) {
            add(&pair, sign * 0x1.fffffffffffffp31);
            check(&pair);
        }
        assert_non_null(pair.narrow.wide);
        for (int i = 0; i < 1001; i++)
            add(&pair, -sign * 0x1.fffffffffffffp31);
        check(&pair);
        pref_narrow_sum_release(&pair.narrow);
    }
}

static void test_any(void **state)
{
    struct pair pair = {0};
    uint64_t seed = 2;
    (void)state;
    for (int i = 0; i < 5000; i++)
        add(&pair, i % 7 == 0 ? draw_double(&seed, -1000, 1000) : draw_double(&seed, -100, 40));
    check(&pair);
    pref_narrow_sum_release(&pair.narrow);
    assert_null(pair.narrow.wide);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ordinary),
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_overflow),
        cmocka_unit_test(test_any),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
