/* SPDX-License-Identifier: Apache-2.0 */
/* The text of strings and of conversations, and what is a character and a blank. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "lib/text/text.h"

static void reads(const char *value, const char *want)
{
    struct pref_buf scratch = {0}, out = {0};
    struct pref_span text;
    assert_int_equal(pref_text_of(pref_span_of(value), &scratch, &text), PREF_OK);
    if (!pref_span_equal(text, pref_span_of(want)))
        fail_msg("%s: '%.*s', expected '%s'", value, (int)text.len, text.ptr, want);
    pref_buf_add_text(&out, "before");
    assert_int_equal(pref_text_add(pref_span_of(value), &out), PREF_OK);
    assert_memory_equal(out.ptr, "before", 6);
    assert_int_equal(out.len, 6 + strlen(want));
    assert_memory_equal(out.ptr + 6, want, strlen(want));
    pref_buf_release(&scratch);
    pref_buf_release(&out);
}

static void texts(void **state)
{
    (void)state;
    reads("\"\"", "");
    reads("\"abc\"", "abc");
    reads("\"a\\n\\u0062\\ud83d\\ude00\"", "a\nb\xf0\x9f\x98\x80");
    reads("[]", "");
    reads("[{\"role\":\"user\",\"content\":\"a\\tb\"}]", "a\tb");
    reads("[{\"content\":\"a\"}, {\"content\":null}, {\"content\":\"b\"}]", "a\nb");
    reads("[{\"content\":\"\"},{\"content\":\"b\"}]", "\nb");
    reads("[{\"role\":\"x\"},{\"cont\\u0065nt\":\"b\"}]", "b");
    reads("[{\"content\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"image\"},\"b\"]},"
          "{\"content\":[]},{\"content\":[{\"text\":7}]},{\"content\":\"c\"}]", "a\nb\nc");
    reads("[\"a\",\"b\",1,null,[\"c\"]]", "a\nb\nc");
    reads("null", "");
    reads("12", "");
    reads("{}", "");
    reads("{\"content\":\"a\",\"k\":[\"b\"]}", "");
}

static void first(const char *value, const char *want)
{
    struct pref_buf scratch = {0};
    struct pref_span text;
    assert_int_equal(pref_text_of_first(pref_span_of(value), &scratch, &text), PREF_OK);
    if (!pref_span_equal(text, pref_span_of(want)))
        fail_msg("%s: '%.*s', expected '%s'", value, (int)text.len, text.ptr, want);
    pref_buf_release(&scratch);
}

static void first_turns(void **state)
{
    (void)state;
    first("\"a\\nb\"", "a\nb");
    first("[]", "");
    first("[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"user\",\"content\":\"b\"}]", "a");
    first("[{\"role\":\"syst\\u0065m\",\"content\":\"s\"},"
          "{\"content\":\"d\",\"role\":\"developer\"},"
          "{\"role\":\"user\",\"content\":[{\"text\":\"a\"},{\"text\":\"b\"}]},"
          "{\"content\":\"c\"}]",
          "a\nb");
    first("[{\"role\":\"system\",\"content\":\"s\"}]", "");
    first("[{\"role\":\"user\",\"content\":null},{\"role\":\"user\",\"content\":\"b\"}]", "");
}

static void surrogates(void **state)
{
    struct pref_buf scratch = {0};
    struct pref_span text;
    (void)state;
    assert_int_equal(pref_text_of(pref_span_of("\"\\ud800\""), &scratch, &text), PREF_FAIL);
    assert_int_equal(pref_text_of(pref_span_of("[{\"content\":\"\\udc00\"}]"), &scratch, &text),
                     PREF_FAIL);
    pref_buf_release(&scratch);
}

static void characters(void **state)
{
    (void)state;
    assert_int_equal(pref_text_characters(pref_span_of("")), 0);
    assert_int_equal(pref_text_characters(pref_span_of("abc")), 3);
    assert_int_equal(pref_text_characters(pref_span_of("\xc3\xa9\xe4\xbd\xa0\xf0\x9f\x98\x80x")),
                     4);
}

/* Every code point, against the list of White_Space in PropList.txt. */
static void blanks(void **state)
{
    char text[8];
    (void)state;
    assert_int_equal(pref_text_is_blank(pref_span_of("")), 1);
    for (unsigned c = 1; c <= 0x10ffff; c++) {
        int want = c == ' ' || (c >= 9 && c <= 13) || c == 0x85 || c == 0xa0 || c == 0x1680 ||
                   (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
                   c == 0x205f || c == 0x3000;
        size_t n = 0;
        if (c >= 0xd800 && c <= 0xdfff)
            continue;
        text[n++] = ' ';
        if (c < 0x80) {
            text[n++] = (char)c;
        } else if (c < 0x800) {
            text[n++] = (char)(0xc0 | c >> 6);
        } else if (c < 0x10000) {
            text[n++] = (char)(0xe0 | c >> 12);
            text[n++] = (char)(0x80 | (c >> 6 & 0x3f));
        } else {
            text[n++] = (char)(0xf0 | c >> 18);
            text[n++] = (char)(0x80 | (c >> 12 & 0x3f));
            text[n++] = (char)(0x80 | (c >> 6 & 0x3f));
        }
        if (c >= 0x80)
            text[n++] = (char)(0x80 | (c & 0x3f));
        struct pref_span span = {text, n};
        if (pref_text_is_blank(span) != want)
            fail_msg("U+%04X is %sblank", c, want ? "" : "not ");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),
        cmocka_unit_test(first_turns),
        cmocka_unit_test(surrogates),
        cmocka_unit_test(characters),
        cmocka_unit_test(blanks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
