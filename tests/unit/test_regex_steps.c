/* SPDX-License-Identifier: Apache-2.0 */
/* Where callouts stand in the copy of a pattern. A tilde stands between two items here. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/text/regex_steps.h"

#define CUT '~' /* between two items */

/* The copy of a pattern, "" where it needs none, "all" where it cannot be made. */
static void copies(const char *cut, const char *want)
{
    static const char *const none[] = {"", NULL, "all"};
    unsigned char begins[256] = {1};
    char pattern[256];
    size_t len = 0;
    struct pref_buf copy = {0};
    enum pref_regex_callouts callouts;
    unsigned weight;
    for (const char *p = cut; *p != '\0'; p++) {
        if (*p == CUT)
            begins[len] = 1;
        else
            pattern[len++] = *p;
    }
    struct pref_span span = {pattern, len};
    assert_int_equal(pref_regex_steps(&copy, span, begins, &callouts, &weight), PREF_OK);
    pref_buf_add_byte(&copy, '\0');
    const char *got = none[callouts] != NULL ? none[callouts] : copy.ptr;
    if (strcmp(got, want) != 0)
        fail_msg("%s: '%s', expected '%s'", cut, got, want);
    pref_buf_release(&copy);
}

static void repeated(void **state)
{
    (void)state;
    copies("a~b~c", "");
    copies("a~b+~c", "a(?C0)b+(?C0)c");
    copies("\\w+?~[^x]{3,}~\\p{L}*+~.", "(?C0)\\w+?(?C0)[^x]{3,}(?C0)\\p{L}*+(?C0).");
    copies("[]b]*~[^]b]*~c", "(?C0)[]b]*(?C0)[^]b]*(?C0)c");
    copies("a+", "(?C0)a+"); /* behind its end, the pattern is found */
    copies("a +~b", "(?C0)a +(?C0)b");
    copies("\\+~\\*~[*+]~\\x{2b}~\\p{L}~\\N{U+2b}~c", "");
    copies("[a\\]{2}]+~b", "(?C0)[a\\]{2}]+(?C0)b"); /* in doubt, it is */
    copies("(*NO_JIT)~a*~b", "(*NO_JIT)(?C0)a*(?C0)b");
}

static void groups(void **state)
{
    (void)state;
    copies("(?:~a~|~b~)+~$", "(?:(?C0)a|b)+$");
    copies("(?:~(?=~a~)~b~){3}~c", "(?:(?C0)(?=a)b){3}c");
    copies("(~a~)?~(?i)~(?>~b~)~c", "");
    copies("(?<n>~a~)~(?P>n)~b", "(?<n>a)(?C254)(?P>n)(?C0)b");
    copies("(~a~)~\\1~b", "(a)(?C254)\\1(?C0)b");
    copies("(?(1)~a~|~b~)*~c", "(?(1)(?C0)a|b)*c");
    copies("a~(?R)~(?-i)~(?-1)~b", "a(?C254)(?R)(?C0)(?-i)(?C254)(?-1)(?C0)b");
    copies("(?~(?=~a~)~b~)+~c", "all");
    copies("a~\\Qb~c\\E~d+~e", "all");
}

/* 32 ways are free, and begin anew with each alternative of the whole. */
static void free_ways(void **state)
{
    (void)state;
    copies("a?~b?~c?~d?~e?~f", "");
    copies("a?~b?~c?~d?~e?~f?~g", "a?b?c?d?e?f?(?C0)g");
    copies("a?~b?~c?~d?~e?~|~f?~g?~h", "");
    copies("a{0,31}~b", "");
    copies("a{0,32}~b", "a{0,32}(?C0)b");
    copies("(~a~|~b~|~c~|~d~)~(~a~|~b~|~c~|~d~)~(~a~|~b~|~c~)~e",
           "(a|b|c|d)(a|b|c|d)((?C0)a|b|c)e");
}

static void least(void **state)
{
    (void)state;
    copies("\\X~b", "(?C0)\\X(?C0)b");
    copies("a{254}~b", "");
    copies("a{255}~b", "a{255}(?C32)b");
    copies("a{100}~b{100}~c~d{100}~e", "a{100}b{100}c(?C37)d{100}e");
    copies("a?~b{125}~c", "");
    copies("a?~b{128}~c", "a?(?C16)b{128}c");
    copies("(?:~a{100}~|~b~)~c{20}~d~|~a{200}~b", "");
    copies("(?:~a{100}~|~b~)~c{30}~d", "(?:a{100}|b)(?C16)c{30}d");
    copies("a{256}~b", "(?C32)a{256}b");
    copies("a{5000}~b", "(?C253)(?C253)(?C119)a{5000}b");
    copies("a{1000,}~b", "(?C125)a{1000,}(?C0)b");
    copies("a{1000,1010}~b", "(?C125)a{1000,1010}b");
}

/* Where many alternatives have long rows, the rest have short ones. */
static void many_rows(void **state)
{
    char pattern[256], want[256];
    (void)state;
    size_t from = 0, to = 0;
    for (int i = 0; i < 17; i++) {
        from += (size_t)snprintf(pattern + from, sizeof pattern - from, "a{254}~|~");
        to += (size_t)snprintf(want + to, sizeof want - to, "a{254}|");
    }
    snprintf(pattern + from, sizeof pattern - from, "a{40}~b");
    snprintf(want + to, sizeof want - to, "(?C5)a{40}b");
    copies(pattern, want);
}

static void lists(void **state)
{
    static const char *const are[] = {"a|b|c", "(?i)\\b(?:a|b\\?|\\.)\\b", "(?i:x(?:y)z|b)\\W",
                                      "abc"};
    static const char *const are_not[] = {"a|b?", "(?:a|b)|c", "(?:a|b)(?:c|d)", "(?:a|b)cdefghijk",
                                          "(?=a|b)", "(?x)a|b", "a|\\c(", "a|\\X",
                                          "(a|b)\\1", "a|[b]", "a|(?R)", "(?"};
    (void)state;
    for (size_t i = 0; i < sizeof are / sizeof are[0]; i++)
        assert_true(pref_regex_is_list(pref_span_of(are[i])));
    for (size_t i = 0; i < sizeof are_not / sizeof are_not[0]; i++)
        assert_false(pref_regex_is_list(pref_span_of(are_not[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(repeated),
        cmocka_unit_test(groups),
        cmocka_unit_test(free_ways),
        cmocka_unit_test(least),
        cmocka_unit_test(many_rows),
        cmocka_unit_test(lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
