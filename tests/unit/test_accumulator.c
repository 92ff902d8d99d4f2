/* SPDX-License-Identifier: Apache-2.0 */
/* accumulator: against rational numbers (worked out in Python, results below), against integers of
 * 64 bits where they suffice, and against itself in other orders and partitions. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pref/accumulator.h"

#define TERMS 500

static uint64_t random_state;

static uint64_t random_u64(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state * UINT64_C(2685821657736338717);
}

static int reset(void **state)
{
    (void)state;
    random_state = UINT64_C(88172645463325252);
    return 0;
}

static double double_of(uint64_t bits)
{
    double value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Finite doubles: any; of some size; subnormal; far from 0 and close together. */
static double random_double(int kind)
{
    for (;;) {
        uint64_t bits = random_u64();
        double value;

        switch (kind) {
        case 0:
            value = double_of(bits);
            break;
        case 1:
            value = double_of((bits & ~(UINT64_C(0x7ff) << 52)) | (1015 + (bits >> 52) % 16) << 52);
            break;
        case 2:
            value = double_of(bits >> 12 | bits << 63);
            break;
        default:
            value = 1e9 + (double)(bits >> 50) / 65536;
            break;
        }
        if (isfinite(value)) {
            return value;
        }
    }
}

static void check_text(const struct pref_accumulator *a, const char *expected)
{
    char text[PREF_ACCUMULATOR_MAX];

    assert_int_equal(pref_accumulator_print(text, a), strlen(expected));
    assert_string_equal(text, expected);
}

static void check_equal(const struct pref_accumulator *a, const struct pref_accumulator *b)
{
    char text[PREF_ACCUMULATOR_MAX];

    (void)pref_accumulator_print(text, a);
    check_text(b, text);
}

static uint64_t text_hash(const struct pref_accumulator *a)
{
    char text[PREF_ACCUMULATOR_MAX];
    uint64_t hash = UINT64_C(14695981039346656037);

    (void)pref_accumulator_print(text, a);
    for (const char *at = text; *at != '\0'; at++) {
        hash = (hash ^ (unsigned char)*at) * UINT64_C(1099511628211);
    }
    return hash;
}

/* Of the four kinds in turn: FNV-1a of the texts of the sums of terms, squares, and products of
 * neighbours; these sums rounded; the mean and the deviation. From Python's Fraction and isqrt. */
static const struct {
    uint64_t texts[3];
    double sums[3];
    double mean, deviation;
} expected[] = {
    {{UINT64_C(0x0147cc274e62aa48), UINT64_C(0xb56e8885bfa6912b), UINT64_C(0xf1039c3037c5726b)},
     {0x1.4051a42bb435bp+1022, (double)INFINITY, -(double)INFINITY},
     0x1.4801ae413b9b6p+1013, 0x1.6dadc81a6fc3cp+1017},
    {{UINT64_C(0x1cc7c3fc839f7cba), UINT64_C(0x50ddceb1d3da3000), UINT64_C(0x49e825153fcbcc37)},
     {0x1.69d1618f26967p+11, 0x1.820362c1c223bp+20, 0x1.8b6059fa2fca3p+12},
     0x1.728063e68de9fp+2, 0x1.bf7a8fbac9ef3p+5},
    {{UINT64_C(0xeed1e767c0f14713), UINT64_C(0xffc68ffe69920308), UINT64_C(0x53387c19d9e09285)},
     {0x1.a1069b70034a4p-1019, 0, -0.0},
     0x0.06ac234147bb9p-1022, 0x0.93d38a0247e30p-1022},
    {{UINT64_C(0xe326d3f05fe05995), UINT64_C(0x1869ca11df737339), UINT64_C(0xaae5b70aef44ca6b)},
     {0x1.d1a94a20fa852p+38, 0x1.b1ae4d7001965p+68, 0x1.b1ae4d7001965p+68},
     0x1.dcd6500100886p+29, 0x1.24845fcab6145p-4},
};

static void check_ulps(double value, double near, int ulps)
{
    if (isinf(near)) {
        assert_true(value == near);
        return;
    }
    for (int i = 0; i < ulps && value < near; i++) {
        value = nextafter(value, (double)INFINITY);
    }
    for (int i = 0; i < ulps && value > near; i++) {
        value = nextafter(value, -(double)INFINITY);
    }
    assert_true(value == near);
}

static void test_against_fractions(void **state)
{
    static double terms[TERMS];

    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        struct pref_accumulator sums[3];
        double deviation;

        for (int i = 0; i < 3; i++) {
            pref_accumulator_init(&sums[i]);
        }
        for (int i = 0; i < TERMS; i++) {
            terms[i] = random_double(kind);
        }
        for (int i = 0; i < TERMS; i++) {
            double before = terms[i > 0 ? i - 1 : TERMS - 1];

            assert_int_equal(pref_accumulator_add(&sums[0], terms[i]), 0);
            assert_int_equal(pref_accumulator_add_product(&sums[1], terms[i], terms[i]), 0);
            assert_int_equal(pref_accumulator_add_product(&sums[2], terms[i], before), 0);
        }
        for (int i = 0; i < 3; i++) {
            assert_int_equal(text_hash(&sums[i]), expected[kind].texts[i]);
            assert_true(pref_accumulator_round(&sums[i]) == expected[kind].sums[i]);
        }
        check_ulps(pref_accumulator_mean(&sums[0], TERMS), expected[kind].mean, 1);
        assert_int_equal(pref_accumulator_deviation(&sums[0], &sums[1], TERMS, &deviation), 0);
        check_ulps(deviation, expected[kind].deviation, 2);
    }
}

static void test_against_integers(void **state)
{
    struct pref_accumulator sum, squares;
    int64_t sum64 = 0, squares64 = 0;

    (void)state;
    pref_accumulator_init(&sum);
    pref_accumulator_init(&squares);
    for (int i = 0; i < 50000; i++) {
        int64_t value = (int64_t)(random_u64() % 2000001) - 1000000;

        assert_int_equal(pref_accumulator_add(&sum, ldexp((double)value, i % 2 != 0 ? 0 : -20)), 0);
        sum64 += i % 2 != 0 ? value * 1048576 : value;
        assert_int_equal(pref_accumulator_add_product(&squares, (double)value, (double)value), 0);
        squares64 += value * value;
        if (i % 1000 == 0) { /* whole numbers this small are doubles or round as they do */
            assert_true(pref_accumulator_round(&sum) == ldexp((double)sum64, -20));
            assert_true(pref_accumulator_round(&squares) == (double)squares64);
        }
    }
}

static void test_orders(void **state)
{
    static double terms[TERMS];
    struct pref_accumulator first, second, parts[7];

    (void)state;
    for (int round = 0; round < 40; round++) {
        pref_accumulator_init(&first);
        pref_accumulator_init(&second);
        for (int i = 0; i < 7; i++) {
            pref_accumulator_init(&parts[i]);
        }
        for (int i = 0; i < TERMS; i++) {
            terms[i] = random_double(round % 4);
            assert_int_equal(pref_accumulator_add(&first, terms[i]), 0);
            assert_int_equal(pref_accumulator_add_product(&first, terms[i], 3.7), 0);
        }
        for (int i = TERMS - 1; i > 0; i--) { /* Fisher-Yates */
            size_t other = random_u64() % ((unsigned)i + 1);
            double swap = terms[i];

            terms[i] = terms[other];
            terms[other] = swap;
        }
        for (int i = 0; i < TERMS; i++) {
            struct pref_accumulator *part = &parts[random_u64() % 7];

            assert_int_equal(pref_accumulator_add_product(part, 3.7, terms[i]), 0);
            assert_int_equal(pref_accumulator_add(part, terms[i]), 0);
        }
        for (int i = 6; i >= 0; i--) {
            pref_accumulator_merge(&second, &parts[i]);
        }
        check_equal(&first, &second);
        for (int i = 0; i < TERMS; i++) { /* all of it taken back leaves nothing */
            assert_int_equal(pref_accumulator_add(&second, -terms[i]), 0);
            assert_int_equal(pref_accumulator_add_product(&second, terms[i], -3.7), 0);
        }
        check_text(&second, "0p0");
    }
}

static void sum_is(const double *terms, double expected_sum)
{
    struct pref_accumulator a;

    pref_accumulator_init(&a);
    for (; *terms != 0; terms++) {
        assert_int_equal(pref_accumulator_add(&a, *terms), 0);
    }
    assert_true(pref_accumulator_round(&a) == expected_sum);
}

static void test_rounding(void **state)
{
    struct pref_accumulator a;
    const double tiny = DBL_TRUE_MIN;

    (void)state;
    sum_is((double[]){0x1p53, 1, 0}, 0x1p53);               /* a tie goes to even */
    sum_is((double[]){0x1p53 + 2, 1, 0}, 0x1p53 + 4);       /* also upwards */
    sum_is((double[]){0x1p53, 1, tiny, 0}, 0x1p53 + 2);     /* a hair above the tie */
    sum_is((double[]){0x1p53, 1, -tiny, 0}, 0x1p53);        /* and below */
    sum_is((double[]){-0x1p53, -1, -tiny, 0}, -0x1p53 - 2);
    sum_is((double[]){1e308, 1e-308, -1e308, 0}, 1e-308);
    sum_is((double[]){DBL_MAX, DBL_MAX, -DBL_MAX, 0}, DBL_MAX);
    sum_is((double[]){DBL_MAX, DBL_MAX, 0}, (double)INFINITY);
    sum_is((double[]){-DBL_MAX, -0x1p970, 0}, -(double)INFINITY);    /* the tie above the largest */
    sum_is((double[]){DBL_MAX, 0x1p970, -tiny, 0}, DBL_MAX);
    sum_is((double[]){0x1.fffffffffffffp0, 0x1p-53, 0}, 2);
    sum_is((double[]){0}, 0);

    pref_accumulator_init(&a); /* products below all doubles, until they reach one */
    assert_int_equal(pref_accumulator_add_product(&a, tiny, tiny), 0);
    check_text(&a, "1p-2148");
    assert_true(pref_accumulator_round(&a) == 0);
    assert_int_equal(pref_accumulator_add_product(&a, tiny, 0.5), 0);
    assert_true(pref_accumulator_round(&a) == tiny);
    assert_int_equal(pref_accumulator_add_product(&a, tiny, -tiny), 0);
    assert_true(pref_accumulator_round(&a) == 0); /* the tie between 0 and the least */
    assert_int_equal(pref_accumulator_add_product(&a, tiny, 1), 0);
    assert_true(pref_accumulator_round(&a) == 2 * tiny);
    assert_int_equal(pref_accumulator_add_product(&a, DBL_MAX, -DBL_MAX), 0);
    assert_true(pref_accumulator_round(&a) == -(double)INFINITY);
    assert_int_equal(pref_accumulator_add_product(&a, DBL_MAX, DBL_MAX), 0);
    check_text(&a, "6p-1076");
}

static void test_not_finite(void **state)
{
    struct pref_accumulator a;

    (void)state;
    pref_accumulator_init(&a);
    assert_int_equal(pref_accumulator_add(&a, 2.5), 0);
    assert_int_equal(pref_accumulator_add(&a, (double)INFINITY), PREF_FAIL);
    assert_int_equal(pref_accumulator_add(&a, -(double)INFINITY), PREF_FAIL);
    assert_int_equal(pref_accumulator_add(&a, (double)NAN), PREF_FAIL);
    assert_int_equal(pref_accumulator_add_product(&a, (double)INFINITY, 0), PREF_FAIL);
    assert_int_equal(pref_accumulator_add_product(&a, 1, (double)NAN), PREF_FAIL);
    check_text(&a, "28p-4");
}

/* Doubling by merging with itself reaches the waiting carries' limit, and 2^40 times the sum. */
static void test_many_terms(void **state)
{
    struct pref_accumulator a, b;

    (void)state;
    pref_accumulator_init(&a);
    pref_accumulator_init(&b);
    for (int i = 0; i < TERMS; i++) {
        double x = random_double(i % 4);

        assert_int_equal(pref_accumulator_add(&a, x), 0);
        assert_int_equal(pref_accumulator_add_product(&b, x, 0x1p40), 0);
    }
    for (int i = 0; i < 40; i++) {
        pref_accumulator_merge(&a, &a);
    }
    check_equal(&a, &b);

    /* The largest product 2^64 times, of either sign: the most that is promised. */
    for (int negative = 0; negative < 2; negative++) {
        pref_accumulator_init(&a);
        pref_accumulator_init(&b);
        assert_int_equal(pref_accumulator_add_product(&a, DBL_MAX, negative ? -DBL_MAX : DBL_MAX),
                         0);
        b = a;
        for (int i = 0; i < 64; i++) {
            pref_accumulator_merge(&a, &a);
        }
        check_text(&a, negative ? "-fffffffffffff00000000000004p2004"
                                : "fffffffffffff00000000000004p2004");
        check_text(&b, negative ? "-fffffffffffff00000000000004p1940"
                                : "fffffffffffff00000000000004p1940");
    }
    /* Right before the limit, by hand. */
    pref_accumulator_init(&a);
    a.pending = (UINT32_C(1) << 30) - 2;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(pref_accumulator_add(&a, -0.75), 0);
    }
    check_text(&a, "-3cp-4");
    assert_true(a.pending < 10);
}

static void test_text(void **state)
{
    static const char *const good[] = {
        "0p0", "1p0", "-1p0", "3p0", "8p-4", "-1f3p-48", "1p-2148", "-1p-2148", "1p4", "1p2108",
        "ffffffffffffffffffffffffffffffffffffffffffffffffp1900",
    };
    static const char *const bad[] = {
        "", "-", "p", "p0", "-p0", "0", "1", "1p", "1p-", "-0p0", "00p0", "01p0", "10p0", "0p4",
        "1p1", "1p-2", "1p+4", "1p04", "1p-04", "1p-0", "1p-2152", "1p2112", "11p2108", "1P0",
        "Ap0", "gp0", "0x1p0", " 1p0", "1p0 ", "1p0p0", "--1p0", "1.8p0", "1p99999999999999",
        "1p-99999999", "inf", "nan",
    };
    struct pref_accumulator a;
    struct pref_err err;
    char text[PREF_ACCUMULATOR_MAX + 8];

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(pref_accumulator_parse(pref_span_of(good[i]), &a, &err), 0);
        check_text(&a, good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        size_t length = strlen(bad[i]);
        char *copy = malloc(length > 0 ? length : 1);

        assert_non_null(copy);
        memcpy(copy, bad[i], length);
        if (pref_accumulator_parse((struct pref_span){copy, length}, &a, &err) != PREF_FAIL) {
            fail_msg("'%s' was accepted", bad[i]);
        }
        free(copy);
    }
    assert_int_equal(pref_accumulator_parse(pref_span_of("wat"), &a, &err), PREF_FAIL);
    assert_string_equal(err.text, "'wat' is not an exact sum such as -1f3p-48");
    assert_int_equal(pref_accumulator_parse((struct pref_span){NULL, 0}, &a, &err), PREF_FAIL);

    /* the longest there is, and one digit more */
    memset(text, 'f', sizeof text);
    memcpy(text, "-", 1);
    memcpy(text + 1 + 1065, "p-2148", 7);
    assert_int_equal(pref_accumulator_parse(pref_span_of(text), &a, &err), 0);
    check_text(&a, text);
    memcpy(text + 1 + 1065, "fp-2148", 8);
    assert_int_equal(pref_accumulator_parse(pref_span_of(text), &a, &err), PREF_FAIL);

    for (int i = 0; i < 2000; i++) { /* what is read goes on being added to */
        struct pref_accumulator b;
        double x = random_double(i % 4), y = random_double((i + 1) % 4);

        pref_accumulator_init(&a);
        assert_int_equal(pref_accumulator_add_product(&a, x, y), 0);
        (void)pref_accumulator_print(text, &a);
        assert_int_equal(pref_accumulator_parse(pref_span_of(text), &b, &err), 0);
        check_equal(&a, &b);
        assert_int_equal(pref_accumulator_add(&a, y), 0);
        assert_int_equal(pref_accumulator_add(&b, y), 0);
        check_equal(&a, &b);
    }
}

static void test_deviation(void **state)
{
    struct pref_accumulator sum, squares;
    double deviation = -1;

    (void)state;
    pref_accumulator_init(&sum);
    pref_accumulator_init(&squares);
    assert_int_equal(pref_accumulator_deviation(&sum, &squares, 0, &deviation), PREF_FAIL);
    assert_int_equal(pref_accumulator_deviation(&sum, &squares, 1, &deviation), 0);
    assert_true(deviation == 0);
    for (int i = 0; i < 7; i++) { /* equal terms: exactly no deviation, whatever they are */
        assert_int_equal(pref_accumulator_add(&sum, 1e15 + 0.1), 0);
        assert_int_equal(pref_accumulator_add_product(&squares, 1e15 + 0.1, 1e15 + 0.1), 0);
    }
    assert_int_equal(pref_accumulator_deviation(&sum, &squares, 7, &deviation), 0);
    assert_true(deviation == 0);
    assert_true(pref_accumulator_mean(&sum, 7) == 1e15 + 0.1);
    assert_int_equal(pref_accumulator_deviation(&sum, &squares, 6, &deviation), PREF_FAIL);

    pref_accumulator_init(&sum); /* 3 and 7: 2; also where their squares overflow or underflow */
    pref_accumulator_init(&squares);
    for (int power = -1070; power <= 1020; power += 209) {
        double three = ldexp(3, power), seven = ldexp(7, power);

        pref_accumulator_init(&sum);
        pref_accumulator_init(&squares);
        assert_int_equal(pref_accumulator_add(&sum, three), 0);
        assert_int_equal(pref_accumulator_add(&sum, seven), 0);
        assert_int_equal(pref_accumulator_add_product(&squares, three, three), 0);
        assert_int_equal(pref_accumulator_add_product(&squares, seven, seven), 0);
        assert_int_equal(pref_accumulator_deviation(&sum, &squares, 2, &deviation), 0);
        assert_true(deviation == ldexp(2, power));
        assert_true(pref_accumulator_mean(&sum, 2) == ldexp(5, power));
    }
    /* a count above 32 bits: 2^40 pairs of -1 and 1 */
    pref_accumulator_init(&sum);
    pref_accumulator_init(&squares);
    assert_int_equal(pref_accumulator_add(&squares, 0x1p41), 0);
    assert_int_equal(pref_accumulator_deviation(&sum, &squares, UINT64_C(1) << 41, &deviation), 0);
    assert_true(deviation == 1);
    pref_accumulator_init(&squares);
    assert_int_equal(pref_accumulator_add(&squares, -1), 0);
    assert_int_equal(pref_accumulator_deviation(&sum, &squares, 3, &deviation), PREF_FAIL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_against_fractions, reset),
        cmocka_unit_test_setup(test_against_integers, reset),
        cmocka_unit_test_setup(test_orders, reset),
        cmocka_unit_test(test_rounding),
        cmocka_unit_test(test_not_finite),
        cmocka_unit_test_setup(test_many_terms, reset),
        cmocka_unit_test_setup(test_text, reset),
        cmocka_unit_test(test_deviation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
