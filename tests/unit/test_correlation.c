/* SPDX-License-Identifier: Apache-2.0 */
/* correlation: against rational numbers (worked out with Python's Fraction and isqrt), where it is
 * none, and in any order and partition. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "pref/correlation.h"

#define PAIRS 4

static struct pref_correlation of(const double *x, const double *y, size_t n)
{
    struct pref_correlation c = {.n = 0};
    for (size_t i = 0; i < n; i++)
        assert_int_equal(pref_correlation_add(&c, x[i], y[i]), PREF_OK);
    assert_int_equal(c.n, n);
    return c;
}

static double value(const struct pref_correlation *c)
{
    double r = -2;
    assert_int_equal(pref_correlation_of(c->sum, c->n, &r), PREF_OK);
    return r;
}

static void check_near(double found, double expected)
{
    for (int i = 0; i < 4 && found != expected; i++)
        found = nextafter(found, expected);
    assert_true(found == expected);
}

static void check_same(const struct pref_accumulator *a, const struct pref_accumulator *b)
{
    char texts[2][PREF_ACCUMULATOR_MAX];
    pref_accumulator_print(texts[0], a);
    pref_accumulator_print(texts[1], b);
    assert_string_equal(texts[0], texts[1]);
}

/* As they come, far from 0, at the ends of a double's range, one bit apart, all but on a line. */
static void test_known(void **state)
{
    static const struct {
        double x[PAIRS], y[PAIRS], r;
    } cases[] = {
        {{1.5, -0.25, 3, 0.5}, {2, 0.5, 1, -1}, 0x1.d3abc6fd68966p-2},
        {{1e15 + 1, 1e15 + 3, 1e15 + 2, 1e15 + 8},
         {-1e15, -1e15 + 0.125, -1e15 + 0.25, -1e15 - 0.5},
         -0x1.c0beeb069e564p-1},
        {{1e308, -1e308, 1e300, 0}, {5e-324, -5e-324, 1e-310, 1e-320}, 0x1.a4d31e15ccb7ep-28},
        {{1, 1, 1, 1 + 0x1p-52}, {1, 1, 1 - 0x1p-53, 1}, 0x1.5555555555555p-2},
        {{1, 2, 3, 4}, {-1, -2, -3, -4 + 0x1p-45}, -1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pref_correlation c = of(cases[i].x, cases[i].y, PAIRS);
        struct pref_correlation turned = of(cases[i].y, cases[i].x, PAIRS);
        check_near(value(&c), cases[i].r);
        assert_true(value(&turned) == value(&c));
        check_same(&turned.sum[0], &c.sum[1]);
        c = pref_correlation_turned(&c);
        for (int k = 0; k < PREF_CORRELATION_SUMS; k++)
            check_same(&turned.sum[k], &c.sum[k]);
        c = of(cases[i].x, cases[i].x, PAIRS);
        check_near(value(&c), 1);
    }
}

static void test_none(void **state)
{
    static const double same[] = {0.1, 0.1, 0.1}, other[] = {1, 2, 4};
    struct pref_correlation c = of(NULL, NULL, 0);
    (void)state;
    assert_true(isnan(value(&c)));
    c = of(other, other, 1);
    assert_true(isnan(value(&c)));
    c = of(same, other, 3);
    assert_true(isnan(value(&c)));
    c = of(other, same, 3);
    assert_true(isnan(value(&c)));
    assert_int_equal(pref_correlation_add(&c, 1, (double)INFINITY), PREF_FAIL);
    assert_int_equal(pref_correlation_add(&c, (double)NAN, 1), PREF_FAIL);
    assert_int_equal(c.n, 3);
}

/* Sums that no pairs have: variance below 0, more correlated than a thing is with itself, together
 * where one never varies. */
static void test_impossible(void **state)
{
    static const double same[] = {2, 2, 2}, other[] = {1, 2, 4};
    struct pref_correlation c = of(other, other, 3);
    double r;
    (void)state;
    assert_int_equal(pref_correlation_of(c.sum, 2, &r), PREF_FAIL);
    assert_int_equal(pref_accumulator_add(&c.sum[4], 1), 0);
    assert_int_equal(pref_correlation_of(c.sum, 3, &r), PREF_FAIL);
    c = of(same, other, 3);
    assert_int_equal(pref_accumulator_add(&c.sum[4], 0x1p-1000), 0);
    assert_int_equal(pref_correlation_of(c.sum, 3, &r), PREF_FAIL);
}

static void test_parts(void **state)
{
    enum { N = 3000, PARTS = 7 };
    static double x[N], y[N];
    static struct pref_correlation whole, sum, part[PARTS];
    uint64_t random = 1;
    (void)state;
    for (int i = 0; i < N; i++) {
        random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
        x[i] = ldexp((double)(int64_t)random, (int)(random >> 20 & 63) - 80);
        y[i] = x[i] / 3 + (double)(random >> 40);
    }
    whole = of(x, y, N);
    for (int i = N; i-- > 0;)
        assert_int_equal(pref_correlation_add(&part[i * 31 % PARTS], x[i], y[i]), PREF_OK);
    for (int p = PARTS; p-- > 0;) {
        for (int i = 0; i < PREF_CORRELATION_SUMS; i++)
            pref_accumulator_merge(&sum.sum[i], &part[p].sum[i]);
        sum.n += part[p].n;
    }
    assert_int_equal(sum.n, N);
    for (int i = 0; i < PREF_CORRELATION_SUMS; i++)
        check_same(&whole.sum[i], &sum.sum[i]);
    assert_true(value(&sum) == value(&whole) && value(&sum) != 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_known), cmocka_unit_test(test_none),
                                       cmocka_unit_test(test_impossible),
                                       cmocka_unit_test(test_parts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
