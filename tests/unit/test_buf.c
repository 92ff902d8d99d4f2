/* SPDX-License-Identifier: Apache-2.0 */
/* buf: what is appended is what is held, JSON text is escaped and no more, and a buffer that could
 * not grow stays failed, holding what it had. */
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

static void check_text(const struct pref_buf *buf, const char *want)
{
    assert_int_equal(buf->failed, 0);
    assert_int_equal(buf->len, strlen(want));
    assert_memory_equal(buf->ptr, want, buf->len);
}

static void test_append(void **state)
{
    (void)state;
    struct pref_buf buf = {0};
    pref_buf_add(&buf, NULL, 0);
    assert_int_equal(buf.len, 0);
    pref_buf_add(&buf, "a\0b", 3);
    pref_buf_add_byte(&buf, 'c');
    pref_buf_add_text(&buf, "");
    pref_buf_add_span(&buf, (struct pref_span){NULL, 0});
    pref_buf_add_span(&buf, (struct pref_span){"dex", 2});
    assert_int_equal(buf.len, 6);
    assert_memory_equal(pref_buf_span(&buf).ptr, "a\0bcde", 6);
    size_t cap = buf.cap;
    pref_buf_clear(&buf);
    assert_int_equal(buf.len, 0);
    assert_int_equal(buf.cap, cap);
    pref_buf_addf(&buf, "%d-%s", 7, "x");
    check_text(&buf, "7-x");
    pref_buf_release(&buf);
    assert_null(buf.ptr);
    pref_buf_add_text(&buf, "usable again");
    check_text(&buf, "usable again");
    pref_buf_release(&buf);
}

static void test_numbers(void **state)
{
    (void)state;
    static const struct {
        uint64_t value;
        const char *text;
    } cases[] = {{0, "0"},
                 {9, "9"},
                 {10, "10"},
                 {1700000000123456789u, "1700000000123456789"},
                 {UINT64_MAX, "18446744073709551615"}};
    struct pref_buf buf = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pref_buf_clear(&buf);
        pref_buf_add_u64(&buf, cases[i].value);
        check_text(&buf, cases[i].text);
    }
    pref_buf_clear(&buf);
    pref_buf_add_double(&buf, 0.1);
    pref_buf_add_byte(&buf, ' ');
    pref_buf_add_double(&buf, -2);
    check_text(&buf, "0.1 -2");
    pref_buf_release(&buf);
}

/* As much as fits is kept; nothing is written past the end. */
static void test_format_is_cut(void **state)
{
    (void)state;
    struct pref_buf buf = {0};
    char *longer = malloc(5001);
    assert_non_null(longer);
    memset(longer, 'y', 5000);
    longer[5000] = '\0';
    pref_buf_addf(&buf, "x%s", longer);
    assert_int_equal(buf.failed, 0);
    assert_int_equal(buf.len, 1023);
    assert_int_equal(buf.ptr[0], 'x');
    assert_int_equal(buf.ptr[1022], 'y');
    free(longer);
    pref_buf_release(&buf);
}

static void test_json(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t len;
        const char *json;
    } cases[] = {
        {"", 0, "\"\""},
        {NULL, 0, "\"\""},
        {"plain / text", 12, "\"plain / text\""},
        {"\"\\", 2, "\"\\\"\\\\\""},
        {"\b\t\n\f\r", 5, "\"\\b\\t\\n\\f\\r\""},
        {"\0\x01\x1f\x7f", 4, "\"\\u0000\\u0001\\u001f\x7f\""},
        {"\xc3\xa9\xf0\x9f\x98\x80", 6, "\"\xc3\xa9\xf0\x9f\x98\x80\""},
    };
    struct pref_buf buf = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pref_buf_clear(&buf);
        pref_buf_add_json(&buf, (struct pref_span){cases[i].text, cases[i].len});
        check_text(&buf, cases[i].json);
    }
    pref_buf_release(&buf);
}

/* Each of the 128 characters below 128, alone and between letters, reads back as it was. */
static void test_json_reads_back(void **state)
{
    (void)state;
    for (int c = 0; c < 128; c++) {
        char text[3] = {'a', (char)c, 'b'};
        struct pref_buf json = {0}, back = {0};
        pref_buf_add_json(&json, (struct pref_span){text, sizeof text});
        assert_int_equal(pref_string_decode(pref_buf_span(&json), &back), 0);
        assert_int_equal(back.len, sizeof text);
        assert_memory_equal(back.ptr, text, sizeof text);
        pref_buf_release(&json);
        pref_buf_release(&back);
    }
}

/* Growth in steps of every size agrees with one large copy. */
static void test_growth(void **state)
{
    (void)state;
    struct pref_buf buf = {0};
    size_t total = 0;
    for (size_t n = 0; n < 600; n++) {
        char *at = pref_buf_reserve(&buf, n);
        assert_non_null(at);
        assert_ptr_equal(at, buf.ptr + buf.len);
        assert_true(buf.cap - buf.len >= n);
        memset(at, (int)(n % 251), n);
        buf.len += n;
        total += n;
    }
    assert_int_equal(buf.len, total);
    size_t i = 0;
    for (size_t n = 0; n < 600; n++)
        for (size_t k = 0; k < n; k++)
            assert_int_equal((unsigned char)buf.ptr[i++], n % 251);
    pref_buf_release(&buf);
}

static void test_failure_stays(void **state)
{
    (void)state;
    struct pref_buf buf = {0};
    pref_buf_add_text(&buf, "kept");
    assert_null(pref_buf_reserve(&buf, SIZE_MAX - 2));
    assert_int_equal(buf.failed, 1);
    pref_buf_add_text(&buf, "lost");
    pref_buf_add_u64(&buf, 5);
    pref_buf_add_json(&buf, pref_span_of("lost"));
    pref_buf_addf(&buf, "lost");
    pref_buf_add_double(&buf, 1);
    assert_int_equal(buf.len, 4);
    assert_memory_equal(buf.ptr, "kept", 4);
    pref_buf_clear(&buf);
    assert_int_equal(buf.failed, 1);
    pref_buf_release(&buf);
    assert_int_equal(buf.failed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_append),        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_format_is_cut), cmocka_unit_test(test_json),
        cmocka_unit_test(test_json_reads_back), cmocka_unit_test(test_growth),
        cmocka_unit_test(test_failure_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
