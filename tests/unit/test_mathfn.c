/* SPDX-License-Identifier: Apache-2.0 */
/* mathfn: its error against the C library's long double functions, its edges, and its bits. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <string.h>

#include "pref/mathfn.h"

#define POINTS 1000000

/* Where long double is no wider than double, the reference is itself off by up to 1 ulp. */
#if LDBL_MANT_DIG >= 64
#define REFERENCE_ULP 0.01
#else
#define REFERENCE_ULP 1.0
#endif

static uint64_t random_state;

static uint64_t random_u64(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state * UINT64_C(2685821657736338717);
}

/* From low up to high. */
static double random_between(double low, double high)
{
    return low + (double)(random_u64() >> 11) / 9007199254740992.0 * (high - low);
}

static int reset(void **state)
{
    (void)state;
    random_state = UINT64_C(88172645463325252);
    return 0;
}

static uint64_t bits_of(double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static void check(const char *name, double x, double value, long double exact, double bound)
{
    long double error;
    int exponent;

    (void)frexpl(exact, &exponent);
    error = fabsl(value - exact) / ldexpl(1, (exponent > -1021 ? exponent : -1021) - DBL_MANT_DIG);
    if (!(error <= bound + REFERENCE_ULP)) {
        fail_msg("%s(%a) = %a is off by %.3Lf ulp", name, x, value, error);
    }
}

static void check_exp(double x, double bound)
{
    check("exp", x, pref_exp(x), expl(x), bound);
}

static void test_exp(void **state)
{
    (void)state;
    for (int i = 0; i < POINTS; i++) {
        check_exp(random_between(-1, 1), 0.75);
        check_exp(random_between(-708, 709.78), 0.75);
        check_exp(ldexp(random_between(-1, 1), -(i % 60)), 0.75);
        check_exp(random_between(-745.13, -708), 1);
    }
    /* where the remainder is largest, and where the power changes */
    for (int i = -2140; i < 2048; i++) {
        double x = i * 0.34657359027997264;

        check_exp(x, i < -2040 ? 1 : 0.75);
        check_exp(nextafter(x, -800), i < -2040 ? 1 : 0.75);
        check_exp(nextafter(x, 800), i < -2040 ? 1 : 0.75);
    }
}

static void test_exp_edges(void **state)
{
    (void)state;
    assert_true(pref_exp(0.0) == 1 && pref_exp(-0.0) == 1);
    assert_true(pref_exp(709.782712893384) < (double)INFINITY);
    assert_true(pref_exp(709.7827128933841) == (double)INFINITY);
    assert_true(pref_exp((double)INFINITY) == (double)INFINITY);
    assert_true(pref_exp(-745.1332191019411) == DBL_TRUE_MIN);
    assert_true(pref_exp(-745.1332191019412) == 0);
    assert_true(pref_exp(-1e300) == 0 && pref_exp(-(double)INFINITY) == 0);
    assert_true(isnan(pref_exp((double)NAN)));
}

static void test_log(void **state)
{
    (void)state;
    for (int i = 0; i < POINTS; i++) {
        uint64_t bits = random_u64() >> 1;
        double x;

        memcpy(&x, &bits, sizeof x);
        if (isfinite(x)) {
            check("log", x, pref_log(x), logl(x), 1);
        }
        x = random_between(0, 2);
        check("log", x, pref_log(x), logl(x), 1);
        x = 1 + ldexp(random_between(-0.5, 0.5), -(i % 52));
        check("log", x, pref_log(x), logl(x), 1);
        x = ldexp(random_between(0.5, 1), -1022 - i % 50); /* subnormal */
        check("log", x, pref_log(x), logl(x), 1);
    }
}

static void test_log_edges(void **state)
{
    const double root_half = 0.70710678118654752;

    (void)state;
    assert_int_equal(bits_of(pref_log(1)), bits_of(0.0));
    assert_true(pref_log(0.0) == -(double)INFINITY && pref_log(-0.0) == -(double)INFINITY);
    assert_true(pref_log((double)INFINITY) == (double)INFINITY);
    assert_true(isnan(pref_log(-1)) && isnan(pref_log(-(double)INFINITY)));
    assert_true(isnan(pref_log((double)NAN)));
    for (int power = -1074; power <= 1023; power++) {
        double x = ldexp(1, power);

        check("log", x, pref_log(x), logl(x), 1);
        x = nextafter(x, 0);
        if (x > 0) {
            check("log", x, pref_log(x), logl(x), 1);
        }
        x = ldexp(root_half, power);
        if (x > DBL_MIN) { /* either side of the place where the power changes */
            check("log", x, pref_log(x), logl(x), 1);
            x = nextafter(x, 0);
            check("log", x, pref_log(x), logl(x), 1);
        }
    }
}

static void test_sigmoid(void **state)
{
    double before = 0;

    (void)state;
    for (int i = 0; i < POINTS; i++) {
        double x = i % 2 != 0 ? random_between(-708, 708) : random_between(-20, 20);
        long double odds = expl(x < 0 ? x : -x);

        check("sigmoid", x, pref_sigmoid(x), (x < 0 ? odds : 1) / (1 + odds), 2);
    }
    for (double x = -750; x <= 750; x += 0.015625) { /* monotonic on a grid */
        double value = pref_sigmoid(x);

        assert_true(value >= before && value <= 1);
        before = value;
    }
    assert_true(pref_sigmoid(0.0) == 0.5 && pref_sigmoid(-0.0) == 0.5);
    assert_true(pref_sigmoid((double)INFINITY) == 1 && pref_sigmoid(-(double)INFINITY) == 0);
    assert_true(pref_sigmoid(1e308) == 1 && pref_sigmoid(-1e308) == 0);
    assert_true(isnan(pref_sigmoid((double)NAN)));
}

/* The same bits on any machine and with any compiler: their FNV-1a over a fixed set of points.
 * If this fails where the tests above pass, doubles are not computed as IEEE 754 doubles here. */
static void test_bits(void **state)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    (void)state;
    for (int i = 0; i < 100000; i++) {
        double x = random_between(-30, 30);

        hash = (hash ^ bits_of(pref_exp(x))) * UINT64_C(1099511628211);
        hash = (hash ^ bits_of(pref_log(fabs(x)))) * UINT64_C(1099511628211);
        hash = (hash ^ bits_of(pref_sigmoid(x))) * UINT64_C(1099511628211);
    }
    assert_int_equal(hash, UINT64_C(0x30f19af18527138d));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_exp, reset),     cmocka_unit_test(test_exp_edges),
        cmocka_unit_test_setup(test_log, reset),     cmocka_unit_test(test_log_edges),
        cmocka_unit_test_setup(test_sigmoid, reset), cmocka_unit_test_setup(test_bits, reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
