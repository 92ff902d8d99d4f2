/* SPDX-License-Identifier: Apache-2.0 */
/* Decoding strings: every escape, every code point against an encoder of its own, and what cannot
 * be decoded. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pref/buf.h"
#include "pref/scan.h"

static void assert_decodes(const char *string, const char *expected, size_t len)
{
    struct pref_buf buf = {0}, scratch = {0};
    struct pref_span text;
    pref_buf_add_text(&buf, "before");
    assert_int_equal(pref_string_decode(pref_span_of(string), &buf), PREF_OK);
    assert_int_equal(buf.len, 6 + len);
    assert_memory_equal(buf.ptr + 6, expected, len);
    assert_int_equal(pref_string_text(pref_span_of(string), &scratch, &text), PREF_OK);
    assert_int_equal(text.len, len);
    assert_memory_equal(text.ptr, expected, len);
    assert_int_equal(text.ptr == string + 1, strchr(string, '\\') == NULL);
    pref_buf_release(&buf);
    pref_buf_release(&scratch);
}

static void test_decode(void **state)
{
    (void)state;
    static const struct {
        const char *string, *expected;
        size_t len;
    } cases[] = {
        {"\"\"", "", 0},
        {"\"plain\"", "plain", 5},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", 8},
        {"\"\\u0041\"", "A", 1},
        {"\"a\\u0000b\"", "a\0b", 3},
        {"\"\\u00e9\\u00E9\"", "\xc3\xa9\xc3\xa9", 4},
        {"\"\\u20ac!\"", "\xe2\x82\xac!", 4},
        {"\"x\\ud83d\\ude00y\"", "x\xf0\x9f\x98\x80y", 6},
        {"\"\\uD800\\uDC00\\uDBFF\\uDFFF\"", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", 8},
        {"\"\xc3\xa9\\\\u0041\"", "\xc3\xa9\\u0041", 8},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_decodes(cases[i].string, cases[i].expected, cases[i].len);
}

static void test_lone_surrogates(void **state)
{
    (void)state;
    static const char *const strings[] = {
        "\"\\ud800\"",       "\"\\udc00\"",          "\"ab\\ud800\\ud800\\udc00\"",
        "\"\\udc00\\ud800\"", "\"\\ud800\\n\"",       "\"\\ud83d\\ude00\\ud83d\"",
        "\"\\ud800x\"",      "\"\\ud800\\u0041\"",   "\"\\ud800\\\\udc00\"",
    };
    for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++) {
        struct pref_buf buf = {0};
        struct pref_span text;
        pref_buf_add_text(&buf, "kept");
        assert_int_equal(pref_string_decode(pref_span_of(strings[i]), &buf), PREF_FAIL);
        assert_int_equal(buf.len, 4);
        assert_int_equal(pref_string_text(pref_span_of(strings[i]), &buf, &text), PREF_FAIL);
        pref_buf_release(&buf);
    }
}

/* A string's canonical spelling is that of its text, and stands in the string where it can. */
static void assert_canonical(const char *string, unsigned escaped, int in_place)
{
    struct pref_buf text = {0}, canonical = {0}, scratch = {0};
    struct pref_span inside;
    assert_int_equal(pref_string_decode(pref_span_of(string), &text), PREF_OK);
    pref_buf_add_escaped(&canonical, pref_buf_span(&text));
    assert_int_equal(pref_string_canonical(pref_span_of(string), escaped, &scratch, &inside),
                     PREF_OK);
    assert_true(pref_span_equal(inside, pref_buf_span(&canonical)));
    assert_int_equal(inside.ptr == string + 1, in_place);
    pref_buf_release(&text);
    pref_buf_release(&canonical);
    pref_buf_release(&scratch);
}

static void test_canonical(void **state)
{
    (void)state;
    const unsigned any = PREF_ESCAPED, unicode = any | PREF_ESCAPED_UNICODE,
                   slash = any | PREF_ESCAPED_SLASH;
    struct pref_buf scratch = {0};
    struct pref_span inside;
    assert_canonical("\"\"", 0, 1);
    assert_canonical("\"plain \xc3\xa9/\x7f\"", 0, 1);
    assert_canonical("\"\\\"\\\\\\b\\f\\n\\r\\t\"", any, 1);
    assert_canonical("\"\\\\u0041\\\\/\"", any, 1);
    assert_canonical("\"\\/\\\\/\\n/\"", slash, 0);
    assert_canonical("\"\\u0022\\u005C\\u002f\\u000A\\u001F\\u007f\\u0000\\u0041z\"", unicode,
                     0);
    assert_canonical("\"a\\nb\\ud83d\\uDE00\\\\\\u00e9\"", unicode, 0);
    assert_canonical("\"\\u0041\\/\"", unicode | slash, 0);
    struct pref_span lone = pref_span_of("\"x\\ud800\"");
    assert_int_equal(pref_string_canonical(lone, unicode, &scratch, &inside), PREF_FAIL);
    pref_buf_release(&scratch);
}

/* The bits of a code point in UTF-8, written another way than the library does. */
static size_t encode(uint32_t code, unsigned char *out)
{
    size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = n; i-- > 1; code /= 64)
        out[i] = (unsigned char)(0x80 + code % 64);
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    out[0] = (unsigned char)(lead[n] + code);
    return n;
}

static void test_every_code_point(void **state)
{
    (void)state;
    struct pref_buf buf = {0};
    for (uint32_t code = 0; code <= 0x10ffff; code++) {
        char string[16];
        unsigned char expected[4];
        if (code >= 0xd800 && code <= 0xdfff)
            continue;
        if (code < 0x10000)
            sprintf(string, "\"\\u%04x\"", (unsigned)code);
        else
            sprintf(string, "\"\\u%04X\\u%04x\"", (unsigned)(0xd7c0 + code / 1024),
                    (unsigned)(0xdc00 + code % 1024));
        size_t n = encode(code, expected);
        pref_buf_clear(&buf);
        assert_int_equal(pref_string_decode(pref_span_of(string), &buf), PREF_OK);
        assert_int_equal(buf.len, n);
        assert_memory_equal(buf.ptr, expected, n);
    }
    pref_buf_release(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decode),
        cmocka_unit_test(test_lone_surrogates),
        cmocka_unit_test(test_canonical),
        cmocka_unit_test(test_every_code_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
