/* SPDX-License-Identifier: Apache-2.0 */
/* number: against strtod and snprintf of the C library, and against integers worked out here. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Here the portable product of wide.h is tested; the results of number test the compiler's own. */
#ifndef PREF_WIDE_PORTABLE
#define PREF_WIDE_PORTABLE
#endif

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/number/number_pow10.h"
#include "pref/number.h"

static uint64_t random_state = UINT64_C(88172645463325252);

static uint64_t random_u64(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state * UINT64_C(2685821657736338717);
}

static uint64_t bits_of(double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static double double_of(uint64_t bits)
{
    double value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Parse from a block of the exact size, so that a sanitizer sees any byte read too many. */
static int parse(const char *text, double *out)
{
    size_t length = strlen(text);
    char *copy = malloc(length > 0 ? length : 1);
    int status;

    assert_non_null(copy);
    memcpy(copy, text, length);
    status = pref_number_parse((struct pref_span){copy, length}, out);
    free(copy);
    return status;
}

static void check_against_strtod(const char *text)
{
    double expected = strtod(text, NULL), value = 0;
    int status = parse(text, &value);

    if (bits_of(value) != bits_of(expected) || (status != 0) != (isinf(expected) != 0)) {
        fail_msg("'%.60s' reads as %a (status %d), not %a", text, value, status, expected);
    }
}

/* --- the table of powers, by doubling and subtracting where the generator divides --- */

#define TEST_LIMBS 40

static void times_ten(uint32_t *number)
{
    uint64_t carry = 0;

    for (int i = 0; i < TEST_LIMBS; i++) {
        carry += (uint64_t)number[i] * 10;
        number[i] = (uint32_t)carry;
        carry >>= 32;
    }
    assert_int_equal(carry, 0);
}

static int bit_length(const uint32_t *number)
{
    int length = 0;

    for (int i = 0; i < TEST_LIMBS * 32; i++) {
        if ((number[i / 32] >> (i % 32) & 1) != 0) {
            length = i + 1;
        }
    }
    return length;
}

/* remainder = 2 * remainder, less the divisor if that fits: one step of a long division. */
static uint64_t divide_step(uint32_t *remainder, const uint32_t *divisor)
{
    uint32_t carry = 0, difference[TEST_LIMBS];
    int64_t borrow = 0;

    for (int i = 0; i < TEST_LIMBS; i++) {
        uint32_t limb = remainder[i];

        remainder[i] = limb << 1 | carry;
        carry = limb >> 31;
    }
    for (int i = 0; i < TEST_LIMBS; i++) {
        int64_t limb = (int64_t)remainder[i] - divisor[i] - borrow;

        borrow = limb < 0;
        difference[i] = (uint32_t)limb;
    }
    if (borrow != 0) {
        return 0;
    }
    memcpy(remainder, difference, sizeof difference);
    return 1;
}

static void check_entry(int power, const struct pref_wide *expected, int log2)
{
    const struct pref_wide *entry = &pref_pow10[power - PREF_POW10_FIRST];

    assert_int_equal(entry->hi, expected->hi);
    assert_int_equal(entry->lo, expected->lo);
    /* the formulas for floor(log2(10^k)) of reading and of printing */
    assert_int_equal((power * 217706) >> 16, log2);
    assert_int_equal((power * 1741647) >> 19, log2);
}

static void test_table(void **state)
{
    uint32_t number[TEST_LIMBS] = {1};

    (void)state;
    for (int power = 0; power <= -PREF_POW10_FIRST; power++) {
        int length = bit_length(number), lost = 0;
        struct pref_wide top = {0, 0};

        for (int i = 0; i < length; i++) {
            uint64_t bit = number[i / 32] >> (i % 32) & 1;
            int place = 127 - (length - 1 - i);

            lost |= place < 0 && bit != 0;
            if (place >= 64) {
                top.hi |= bit << (place - 64);
            } else if (place >= 0) {
                top.lo |= bit << place;
            }
        }
        if (power <= PREF_POW10_LAST) {
            check_entry(power, &top, length - 1);
            assert_int_equal(lost, power > PREF_POW10_EXACT);
        }
        if (power > 0) {
            uint32_t remainder[TEST_LIMBS] = {0};

            top.hi = top.lo = 0;
            remainder[(length - 1) / 32] = (uint32_t)1 << ((length - 1) % 32);
            for (int i = 0; i < 128; i++) {
                top.hi = top.hi << 1 | top.lo >> 63;
                top.lo = top.lo << 1 | divide_step(remainder, number);
            }
            check_entry(-power, &top, -length);
        }
        if (power < -PREF_POW10_FIRST) {
            times_ten(number);
        }
    }
}

/* --- reading --- */

static void test_parse_edges(void **state)
{
    static const char *const texts[] = {
        "0", "-0", "0.0", "-0.0e5", "1", "-1", "0.1", "1e22", "1e23", "-1e23", "8.41e21",
        "9007199254740992", "9007199254740993", "9007199254740993.0000000000000000000000000001",
        "9007199254740994.9999999999999999999999999", "9007199254740995",
        "9223372036854775807", "9223372036854775808", "18446744073709551615",
        "18446744073709551616", "9999999999999999999", "10000000000000000000",
        "99999999999999999999", "0.500000000000000166533453693773481063544750213623046875",
        "3.518437208883201171875e13", "62.5364939768271845828", "8.10109172351e-10",
        "1.50000000000000011102230246251565", "2.2250738585072011e-308",
        "2.2250738585072012e-308", "2.2250738585072014e-308", "4.9e-324", "5e-324", "2.5e-324",
        "2.4703282292062327e-324", "2.4703282292062328e-324", "1e-324", "1e-400", "-1e-400",
        "1.7976931348623157e308", "1.7976931348623158e308", "1.797693134862315807e308",
        "1.7976931348623159e308", "1e308", "1e309", "-1e309", "1e400", "0e400", "0e-400",
        "0e99999999999999999999999", "1e99999999999999999999999", "1e-99999999999999999999999",
        "1E5", "1E+5", "1e-5", "1.0e+05", "0.000000000000000000000000000000000000000000001",
        "123456789012345678901234567890", "0.1234567890123456789012345678901234567890",
        "12345678.12345678", "1234567.87654321e-3", "7.2057594037927933e16",
        "89255.0e-22", "1e-342", "1e-343", "9999999999999999999e-343", "1e308", "1e310",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        check_against_strtod(texts[i]);
    }
}

static void test_parse_long(void **state)
{
    enum { LENGTH = 4000 };
    char text[LENGTH + 32];

    (void)state;
    /* 0.000...0001e4000 and 1000...000e-4000 */
    memset(text, '0', LENGTH);
    text[1] = '.';
    strcpy(text + LENGTH, "17e3999");
    check_against_strtod(text);
    memset(text, '0', LENGTH);
    text[0] = '7';
    strcpy(text + LENGTH, "3e-4001");
    check_against_strtod(text);
    strcpy(text + LENGTH, "3.5e-3701");
    check_against_strtod(text);
    strcpy(text + LENGTH, "");
    check_against_strtod(text);
    /* 2^53 + 1 is halfway: a digit far behind decides */
    memset(text, '0', LENGTH);
    memcpy(text, "9007199254740993.", 17);
    strcpy(text + LENGTH, "");
    check_against_strtod(text);
    strcpy(text + LENGTH, "1");
    check_against_strtod(text);
    strcpy(text + LENGTH, "0e0");
    check_against_strtod(text);
    /* just below the same */
    memset(text, '9', LENGTH);
    memcpy(text, "9007199254740992.", 17);
    strcpy(text + LENGTH, "");
    check_against_strtod(text);
}

static void test_parse_random(void **state)
{
    char text[128];

    (void)state;
    for (int round = 0; round < 300000; round++) {
        int digits = 1 + (int)(random_u64() % (round % 2 != 0 ? 20 : 60));
        int point = (int)(random_u64() % (unsigned)digits);
        char *at = text;

        for (int i = 0; i <= digits; i++) {
            if (i == point + 1 && i < digits) {
                *at++ = '.';
            }
            *at++ = (char)('0' + random_u64() % 10);
        }
        if (round % 3 != 0) {
            snprintf(at, 16, "e%d", (int)(random_u64() % 700) - 350);
        } else {
            *at = '\0';
        }
        check_against_strtod(text);
    }
}

/*
 * The half-way point above a double, to its last digit: it reads as the even neighbour; with one
 * more digit behind as the upper; and one unit of its last digit less as the lower. A long double
 * of 64 bits or more holds such a point exactly, and snprintf prints it exactly.
 */
static void check_halfway(uint64_t bits)
{
#if LDBL_MANT_DIG >= 64
    static char text[2048];
    uint64_t even = bits + (bits & 1);
    long double next = bits + 1 == bits_of(INFINITY) ? ldexpl(1, 1024) : double_of(bits + 1);
    long double middle = ((long double)double_of(bits) + next) / 2;
    double value;
    char *end;

    if (bits >= bits_of(INFINITY)) {
        return;
    }
    snprintf(text, sizeof text, "%.1200Lf", middle);
    end = text + strlen(text);
    assert_int_equal(parse(text, &value), even == bits_of(INFINITY));
    assert_int_equal(bits_of(value), even);
    memcpy(end, "1", 2);
    (void)parse(text, &value);
    assert_int_equal(bits_of(value), bits + 1);
    while (end[-1] == '0') {
        end--;
    }
    /* One unit of a digit far behind those that count, whatever stands there. */
    memcpy(end, "", 1);
    if (end[-1] != '.') {
        end[-1]--;
        memcpy(end, "99999", 6);
        assert_int_equal(parse(text, &value), 0);
        assert_int_equal(bits_of(value), bits);
    }
#else
    (void)bits;
#endif
}

static void test_parse_halfway(void **state)
{
    (void)state;
#if LDBL_MANT_DIG < 64
    print_message("long double is no wider than double: half-way points are left out\n");
    skip();
#endif
    check_halfway(0);
    check_halfway(1);
    check_halfway(bits_of(DBL_MIN) - 1);
    check_halfway(bits_of(DBL_MIN));
    check_halfway(bits_of(DBL_MAX) - 1);
    check_halfway(bits_of(DBL_MAX));
    for (int round = 0; round < 4000; round++) {
        check_halfway(random_u64() >> 1);
        check_halfway(random_u64() >> 12);                      /* subnormal */
        check_halfway(bits_of((double)(random_u64() >> 11)));   /* below 2^53 */
        check_halfway(bits_of(ldexp(1, (int)(round % 2000) - 1000)) - (unsigned)round % 2);
    }
}

/* --- printing --- */

/* The significant digits of a text as an integer, how many they are, and their power of ten. */
static uint64_t digits_of(const char *text, int *count, int *exponent)
{
    uint64_t digits = 0;
    bool after_point = false;
    int zeros = 0;

    *count = *exponent = 0;
    for (; *text != '\0' && *text != 'e'; text++) {
        if (*text == '.') {
            after_point = true;
        } else if (*text != '-') {
            *exponent -= after_point;
            if (*text == '0') {
                zeros += digits != 0;
            } else {
                for (; zeros > 0; zeros--) {
                    digits *= 10;
                    ++*count;
                }
                digits = digits * 10 + (uint64_t)(*text - '0');
                ++*count;
            }
        }
    }
    *exponent += zeros + (*text == 'e' ? atoi(text + 1) : 0);
    return digits;
}

static bool reads_as(uint64_t digits, int exponent, double value)
{
    char text[64];

    snprintf(text, sizeof text, "%llue%d", (unsigned long long)digits, exponent);
    return strtod(text, NULL) == value;
}

/* Reads back; nothing shorter reads back; and the library's rounding to as many digits, which is
 * the closest there is, is the same or does not read back. */
static void check_shortest(double value)
{
    char text[PREF_NUMBER_MAX], rounded[64];
    size_t length = pref_number_print(text, value);
    double magnitude = fabs(value), again = 0;
    int count, exponent, other_count, other_exponent;
    uint64_t digits, other;

    assert_int_equal(length, strlen(text));
    assert_true(length > 0 && length < PREF_NUMBER_MAX);
    assert_int_equal(bits_of(strtod(text, NULL)), bits_of(value));
    assert_int_equal(parse(text, &again), 0);
    assert_int_equal(bits_of(again), bits_of(value));
    assert_int_equal(strchr(text, 'e') == NULL,
                     magnitude == 0 || (magnitude >= 1e-5 && magnitude < 1e17));
    if (magnitude == 0) {
        return;
    }
    digits = digits_of(text, &count, &exponent);
    snprintf(rounded, sizeof rounded, "%.*e", count - 1, magnitude);
    other = digits_of(rounded, &other_count, &other_exponent);
    if ((other != digits || other_exponent != exponent) &&
        reads_as(other, other_exponent, magnitude)) {
        fail_msg("%a prints as %s, but %s is closer", value, text, rounded);
    }
    if (count > 1) {
        snprintf(rounded, sizeof rounded, "%.*e", count - 2, magnitude);
        other = digits_of(rounded, &other_count, &other_exponent);
        for (; other_count < count - 1; other_count++) {
            other *= 10;
            other_exponent--;
        }
        if (reads_as(other - 1, other_exponent, magnitude) ||
            reads_as(other, other_exponent, magnitude) ||
            reads_as(other + 1, other_exponent, magnitude)) {
            fail_msg("%a prints as %s, but there is a shorter text", value, text);
        }
    }
}

static void test_print_layout(void **state)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0.0, "0"}, {-0.0, "-0"}, {3, "3"}, {-3, "-3"}, {10, "10"}, {0.25, "0.25"},
        {0.1, "0.1"}, {100, "100"}, {1e16, "10000000000000000"},
        {9007199254740991.0, "9007199254740991"}, {9007199254740992.0, "9007199254740992"},
        {9007199254740994.0, "9007199254740994"}, {99999999999999984.0, "99999999999999980"},
        {1e17, "1e17"}, {1.5e17, "1.5e17"}, {1e-5, "0.00001"}, {1.25e-5, "0.0000125"},
        {9.5e-6, "9.5e-6"}, {1e-7, "1e-7"}, {2.5e-7, "2.5e-7"}, {0.001, "0.001"},
        {123456.789, "123456.789"}, {-1.7976931348623157e308, "-1.7976931348623157e308"},
        {5e-324, "5e-324"}, {2.2250738585072014e-308, "2.2250738585072014e-308"},
        {0.3333333333333333, "0.3333333333333333"}, {2.0 / 3, "0.6666666666666666"},
        {1e23, "1e23"}, {9.5367431640625e-7, "9.5367431640625e-7"}, {5e21, "5e21"},
        {2.98023223876953125e-8, "2.9802322387695312e-8"},
        {-1.2345678901234567e-100, "-1.2345678901234567e-100"},
        {-0.000012345678901234567, "-0.000012345678901234568"},
    };
    char text[PREF_NUMBER_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(pref_number_print(text, cases[i].value), strlen(cases[i].text));
        assert_string_equal(text, cases[i].text);
    }
    assert_int_equal(pref_number_print(text, (double)INFINITY), 0);
    assert_string_equal(text, "");
    assert_int_equal(pref_number_print(text, -(double)INFINITY), 0);
    assert_int_equal(pref_number_print(text, (double)NAN), 0);
}

static void test_print_powers(void **state)
{
    char text[32];

    (void)state;
    for (int power = -1074; power <= 1023; power++) {
        uint64_t bits = bits_of(ldexp(1, power));

        check_shortest(double_of(bits));
        check_shortest(double_of(bits + 1));
        check_shortest(-double_of(bits - 1));
    }
    for (int power = -323; power <= 308; power++) {
        uint64_t bits;

        snprintf(text, sizeof text, "1e%d", power);
        bits = bits_of(strtod(text, NULL));
        check_shortest(double_of(bits));
        check_shortest(double_of(bits + 1));
        check_shortest(double_of(bits - 1));
    }
    check_shortest(DBL_MAX);
}

/* Decimals D * 10^j that lie exactly between two doubles: H = D * 5^j is odd and has 54 bits. The
 * even one of the two is what they read as, and so what prints as them or shorter. */
static void test_ties(void **state)
{
    uint64_t five = 1;

    (void)state;
    for (int j = 1; j <= 22; j++) {
        five *= 5;
        for (int round = 0; round < 400; round++) {
            uint64_t least = (UINT64_C(1) << 53) / five + 1;
            uint64_t digits = (least + random_u64() % (least - 1)) | 1;
            uint64_t half_way = digits * five, even = half_way / 2;
            char text[64];
            double value;

            even += even & 1;
            if (half_way >> 53 != 1) {
                continue;
            }
            snprintf(text, sizeof text, "%llue%d", (unsigned long long)digits, j);
            assert_int_equal(parse(text, &value), 0);
            assert_true(value == ldexp((double)even, j + 1));
            check_shortest(value);
            check_shortest(double_of(bits_of(value) - 1));
            check_shortest(double_of(bits_of(value) + 1));
        }
    }
}

static void test_print_random(void **state)
{
    (void)state;
    for (int round = 0; round < 60000; round++) {
        double value = double_of(random_u64());

        if (isfinite(value)) {
            check_shortest(value);
        }
        check_shortest(double_of(random_u64() >> 12));                       /* subnormal */
        check_shortest((double)(random_u64() >> (random_u64() % 64)));       /* integer */
        check_shortest((double)(int64_t)(random_u64() % 2000001) / 1e5 - 10); /* score */
        /* few significant bits, where ties and uneven neighbours live */
        value = double_of(random_u64() & UINT64_MAX << (random_u64() % 53));
        if (isfinite(value)) {
            check_shortest(value);
        }
    }
}

static void test_u64(void **state)
{
    char text[PREF_NUMBER_MAX], expected[32];
    uint64_t power = 1;

    (void)state;
    for (int i = 0; i < 100000; i++) {
        uint64_t value = random_u64() >> (i % 64);

        if (i < 20) {
            value = power;
            power *= 10;
        } else if (i < 40) {
            power /= 10;
            value = power - 1;
        } else if (i == 40) {
            value = UINT64_MAX;
        }
        snprintf(expected, sizeof expected, "%llu", (unsigned long long)value);
        assert_int_equal(pref_u64_print(text, value), strlen(expected));
        assert_string_equal(text, expected);
        assert_int_equal(pref_u64_parse(pref_span_of(text), &value), PREF_OK);
        assert_int_equal(value, strtoull(expected, NULL, 10));
    }
}

static void test_u64_refused(void **state)
{
    static const char *const refused[] = {"",  "-1", "+1", " 1",  "1 ", "1.0", "1e3", "x", "1:2",
                                          "18446744073709551616", "99999999999999999999",
                                          "100000000000000000000000"};
    uint64_t value = 7;

    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        assert_int_equal(pref_u64_parse(pref_span_of(refused[i]), &value), PREF_FAIL);
        assert_int_equal(value, 7);
    }
    assert_int_equal(pref_u64_parse(pref_span_of("00018446744073709551615"), &value), PREF_OK);
    assert_true(value == UINT64_MAX);
}

/* --- whatever the bytes, no access outside them (the sanitizers judge) --- */

static void test_parse_garbage(void **state)
{
    static const char alphabet[] = "0123456789.eE+-\0\xff ";
    char text[64];

    (void)state;
    for (int round = 0; round < 200000; round++) {
        size_t length = random_u64() % 48;
        char *copy = malloc(length > 0 ? length : 1);
        double value;

        assert_non_null(copy);
        for (size_t i = 0; i < length; i++) {
            text[i] = alphabet[random_u64() % (sizeof alphabet - 1)];
        }
        memcpy(copy, text, length);
        (void)pref_number_parse((struct pref_span){copy, length}, &value);
        free(copy);
    }
    {
        double value;

        assert_int_equal(pref_number_parse((struct pref_span){NULL, 0}, &value), 0);
    }
}

/* The product of wide.h, against the sum of shifted terms. */
static void test_wide(void **state)
{
    (void)state;
    for (int round = 0; round < 20000; round++) {
        uint64_t a = random_u64() >> (random_u64() % 64), b = random_u64() >> (random_u64() % 64);
        struct pref_wide sum = {0, 0}, product;

        if (round == 0) {
            a = b = UINT64_MAX;
        }
        for (int bit = 0; bit < 64; bit++) {
            if ((a >> bit & 1) != 0) {
                uint64_t low = b << bit;

                sum.hi += bit > 0 ? b >> (64 - bit) : 0;
                sum.lo += low;
                sum.hi += sum.lo < low;
            }
        }
        product = pref_wide_multiply(a, b);
        assert_int_equal(product.hi, sum.hi);
        assert_int_equal(product.lo, sum.lo);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),         cmocka_unit_test(test_parse_edges),
        cmocka_unit_test(test_parse_long),    cmocka_unit_test(test_parse_random),
        cmocka_unit_test(test_parse_halfway), cmocka_unit_test(test_print_layout),
        cmocka_unit_test(test_print_powers),  cmocka_unit_test(test_ties),
        cmocka_unit_test(test_print_random),
        cmocka_unit_test(test_u64),           cmocka_unit_test(test_u64_refused),
        cmocka_unit_test(test_parse_garbage),
        cmocka_unit_test(test_wide),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
