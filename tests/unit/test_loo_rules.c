/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of loo. Each is asked again about its result by a second computation: the majority by
 * counting, the strength in exact integers (of differences that are small integers) where
 * |mean| >= Z sd / sqrt(n) reads n S^2 >= Z^2 (n Q - S^2), S being their sum, Q that of squares.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <string.h>

#include "pref/record.h"

#include "filters/loo/rules.h"

enum { MOST = 12 };

static struct loo_search search;
static struct loo_unit items[MOST];
static uint64_t seed;

static unsigned draw(unsigned below)
{
    uint64_t x = seed += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return (unsigned)((x ^ x >> 31) % below);
}

/* What is left, as a string of letters: c(hosen), r(ejected), t(ie), b(oth_bad). */
static const char *majority(const char *votes, uint64_t lead)
{
    static char left[MOST + 1];
    uint8_t words[MOST];
    uint32_t n = (uint32_t)strlen(votes), k = 0;
    for (uint32_t i = 0; i < n; i++)
        words[i] = (uint8_t)(strchr("crtb", votes[i]) - "crtb");
    loo_begin(&search, items, NULL, n);
    loo_by_majority(&search, words, lead);
    assert_false(loo_asks(&search));
    for (uint32_t i = 0; i < n; i++)
        if (loo_has(&search, i))
            left[k++] = votes[i];
    left[k] = '\0';
    return search.state == LOO_DONE ? left : "insufficient";
}

static void test_majority(void **state)
{
    (void)state;
    assert_string_equal(majority("ccc", 3), "ccc");
    assert_int_equal(search.calls, 4);
    assert_string_equal(majority("cccc", 3), "ccc");
    assert_string_equal(majority("crcccc", 3), "ccc");
    assert_string_equal(majority("rrcrrtbr", 3), "rrr");
    assert_string_equal(majority("cc", 3), "insufficient");
    assert_int_equal(search.calls, 1);
    assert_string_equal(majority("ccccrr", 3), "insufficient");
    assert_string_equal(majority("crtb", 1), "insufficient");
    assert_string_equal(majority("", 1), "insufficient");
    assert_string_equal(majority("tbbc", 1), "c");
    assert_string_equal(majority("ccr", 1), "c");
    /* The first two are necessary until the opponent has gone. */
    assert_string_equal(majority("cccrc", 3), "ccc");
    assert_int_equal(search.removals, 2);
    assert_string_equal(majority("ccc", UINT64_MAX), "insufficient");
}

/* The label by counting, with the item `skip` left out. */
static int counts_to(const char *votes, size_t skip)
{
    int lead = 0;
    for (size_t i = 0; votes[i] != '\0'; i++)
        lead += i == skip ? 0 : votes[i] == 'c' ? 1 : votes[i] == 'r' ? -1 : 0;
    return lead;
}

static void test_majority_is_minimal(void **state)
{
    (void)state;
    seed = 1;
    for (unsigned round = 0; round < 20000; round++) {
        char votes[MOST + 1];
        unsigned n = draw(MOST + 1), lead = 1 + draw(4);
        for (unsigned i = 0; i < n; i++)
            votes[i] = "ccccrrtb"[draw(8)];
        votes[n] = '\0';
        int all = counts_to(votes, MOST), sign = all < 0 ? -1 : 1;
        const char *left = majority(votes, lead);
        if (all * sign < (int)lead) {
            assert_string_equal(left, "insufficient");
            continue;
        }
        assert_true(counts_to(left, MOST) * sign >= (int)lead);
        for (size_t i = 0; left[i] != '\0'; i++)
            assert_true(counts_to(left, i) * sign < (int)lead);
    }
}

/* ---- strength -------------------------------------------------------------------------------- */

static int strength(const double *d, uint32_t n, double z)
{
    double room[MOST];
    loo_begin(&search, items, NULL, n);
    loo_by_strength(&search, d, room, z);
    assert_false(loo_asks(&search));
    return search.state == LOO_DONE ? (int)(n - search.removals) : -1;
}

static void test_strength(void **state)
{
    (void)state;
    assert_int_equal(strength((double[]){1, 1, 1}, 3, 1.64), 2);
    assert_int_equal(strength((double[]){1}, 1, 0), -1); /* one model is no panel */
    assert_int_equal(strength((double[]){0}, 0, 0), -1);
    assert_int_equal(strength((double[]){1, -1}, 2, 0), -1); /* no sign to keep */
    assert_int_equal(strength((double[]){0, 0}, 2, 0), -1);
    assert_int_equal(strength((double[]){0, 2}, 2, 1.5), -1); /* 1 >= 1.5 x 1 / 1.41? no */
    assert_int_equal(strength((double[]){0, 2}, 2, 1.25), 2);
    assert_int_equal(strength((double[]){0, 2, 0, 2}, 4, 2), 2); /* all of them: 1 >= 2 x 1 / 2 */
    assert_int_equal(strength((double[]){-3, -3.5, -4, 1}, 4, 1.64), 2);
    assert_true(loo_has(&search, 1) && loo_has(&search, 2));
}

/* Numbers whose sums, squares or bounds leave the range of a double. */
static void test_strength_range(void **state)
{
    (void)state;
    assert_int_equal(strength((double[]){DBL_MAX, DBL_MAX, DBL_MAX}, 3, 1.64), 2);
    assert_int_equal(strength((double[]){DBL_MAX, -DBL_MAX, DBL_MAX}, 3, 1.64), -1);
    assert_int_equal(strength((double[]){DBL_MAX, DBL_MAX / 2}, 2, 1e300), -1);
    assert_int_equal(strength((double[]){7, 7}, 2, DBL_MAX), 2); /* no spread at all */
    assert_int_equal(strength((double[]){DBL_TRUE_MIN, DBL_TRUE_MIN}, 2, 1.64), 2);
    assert_int_equal(strength((double[]){1e-200, -1e-200, 1e-200}, 3, 1.64), -1);
    assert_int_equal(strength((double[]){1e300, 1, -1}, 3, 1.64), -1);
}

/* Whether integer differences suffice, with the item `skip` left out: 1, 0, or -1 where the two
 * sides are equal, which rounding may decide either way. Z is z / 4. */
static int suffices(const int *d, const uint8_t *has, unsigned n, unsigned skip, int sign, int z)
{
    int64_t count = 0, sum = 0, squares = 0;
    for (unsigned i = 0; i < n; i++) {
        if (!has[i] || i == skip)
            continue;
        count++;
        sum += d[i];
        squares += (int64_t)d[i] * d[i];
    }
    int64_t left = 16 * count * sum * sum;
    int64_t right = (int64_t)z * z * (count * squares - sum * sum);
    if (count < 2 || sum * sign <= 0)
        return 0;
    return left == right && right != 0 ? -1 : left >= right;
}

static void test_strength_is_minimal(void **state)
{
    (void)state;
    unsigned distilled = 0;
    seed = 2;
    for (unsigned round = 0; round < 20000; round++) {
        int whole[MOST], sum = 0, z = (int)draw(12);
        double d[MOST];
        uint8_t has[MOST];
        unsigned n = draw(MOST + 1);
        for (unsigned i = 0; i < n; i++) {
            whole[i] = (int)draw(60) - 20;
            d[i] = whole[i];
            has[i] = 1;
            sum += whole[i];
        }
        int sign = sum < 0 ? -1 : 1, full = suffices(whole, has, n, MOST, sign, z);
        int left = strength(d, n, z / 4.0);
        assert_true(full < 0 || full == (left >= 0));
        if (left < 0)
            continue;
        for (unsigned i = 0; i < n; i++)
            has[i] = (uint8_t)loo_has(&search, i);
        assert_true(suffices(whole, has, n, MOST, sign, z) != 0);
        for (unsigned i = 0; i < n; i++)
            assert_true(!has[i] || suffices(whole, has, n, i, sign, z) != 1);
        distilled++;
    }
    assert_true(distilled > 10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_majority),       cmocka_unit_test(test_majority_is_minimal),
        cmocka_unit_test(test_strength),       cmocka_unit_test(test_strength_range),
        cmocka_unit_test(test_strength_is_minimal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
