/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8: the checker against an independent one, written from the definition of the code points,
 * and the AVX2 kernel against the portable checker. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/cpu.h"
#include "lib/json/utf8.h"
#include "pref/scan.h"

/* The length of the valid sequence at p, by decoding it and asking whether its code point is one
 * and needs that many bytes. */
static size_t decoded_length(const unsigned char *p, size_t left)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = p[0] < 0x80 ? 1 : p[0] >> 5 == 6 ? 2 : p[0] >> 4 == 14 ? 3 : p[0] >> 3 == 30 ? 4 : 0;
    if (n < 2 || n > left)
        return n > left ? 0 : n;
    uint32_t code = p[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if (p[i] >> 6 != 2)
            return 0;
        code = code << 6 | (p[i] & 0x3fu);
    }
    int is_code_point = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    return is_code_point && code >= least[n] ? n : 0;
}

static size_t first_fault(const unsigned char *p, size_t len)
{
    size_t at = 0;
    while (at < len) {
        size_t n = decoded_length(p + at, len - at);
        if (n == 0)
            break;
        at += n;
    }
    return at;
}

/* All checkers on a copy that has nothing behind it. */
static void check(const void *bytes, size_t len)
{
    char *copy = malloc(len == 0 ? 1 : len);
    assert_non_null(copy);
    memcpy(copy, bytes, len);
    size_t expected = first_fault((const unsigned char *)copy, len);
    assert_int_equal(pref_utf8_check(copy, len), expected);
    assert_int_equal(pref_utf8_check_portable(copy, len), expected);
#if PREF_HAVE_AVX2
    if (pref_cpu_avx2())
        assert_int_equal(pref_utf8_valid_avx2(copy, len), expected == len);
#endif
    free(copy);
}

static void test_every_three_bytes(void **state)
{
    (void)state;
    /* The tails of interest at each of their limits; every lead byte. */
    static const unsigned char tail[] = {0x00, 0x22, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0,
                                         0xc2, 0xe0, 0xed, 0xf0, 0xf4, 0xff};
    for (unsigned lead = 0; lead < 256; lead++) {
        for (size_t i = 0; i < sizeof tail * sizeof tail * sizeof tail; i++) {
            unsigned char bytes[4] = {(unsigned char)lead, tail[i % 16], tail[i / 16 % 16],
                                      tail[i / 256]};
            size_t expected = first_fault(bytes, 4);
            assert_int_equal(pref_utf8_check_portable((char *)bytes, 4), expected);
#if PREF_HAVE_AVX2
            if (pref_cpu_avx2())
                assert_int_equal(pref_utf8_valid_avx2((char *)bytes, 4), expected == 4);
#endif
        }
    }
}

/* A sequence, whole or cut or wrong, at each offset of a text of ASCII around the step's width. */
static void test_every_offset(void **state)
{
    (void)state;
    static const char *const part[] = {
        "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xc3", "\xe2\x82", "\xf0\x9f\x98", "\x80",
        "\xed\xa0\x80", "\xc0\x80", "\xf4\x90\x80\x80", "\xe2\x82\xac\x80", "\xff",
    };
    for (size_t i = 0; i < sizeof part / sizeof part[0]; i++) {
        size_t n = strlen(part[i]);
        for (size_t at = 0; at + n <= 100; at++) {
            char text[100];
            memset(text, 'a', sizeof text);
            memcpy(text + at, part[i], n);
            check(text, sizeof text);
            check(text, at + n);
        }
    }
}

static void test_random(void **state)
{
    (void)state;
    static const char *const piece[] = {"a", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "xyz"};
    uint64_t seed = 12345;
    for (int round = 0; round < 20000; round++) {
        char text[300];
        size_t len = 0;
        while (len < 200) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            const char *next = piece[(seed >> 33) % 5];
            memcpy(text + len, next, strlen(next));
            len += strlen(next);
        }
        if (round % 4 != 0) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            text[(seed >> 20) % len] = (char)(seed >> 50);
        }
        check(text, (seed >> 40) % (len + 1));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_three_bytes),
        cmocka_unit_test(test_every_offset),
        cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
