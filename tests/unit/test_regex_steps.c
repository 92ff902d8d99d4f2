/* SPDX-License-Identifier: Apache-2.0 */
/* Where callouts stand in the copy of a pattern. A tilde stands between two items here. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

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
    for (const char *p = cut; *p != '\0'; p++) {
        if (*p == CUT)
            begins[len] = 1;
        else
            pattern[len++] = *p;
    }
    struct pref_span span = {pattern, len};
    assert_int_equal(pref_regex_steps(&copy, span, begins, &callouts), PREF_OK);
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
    copies("a{255}~b", "");
    copies("a{256}~b", "(?C1)a{256}b");
    copies("a{65535}~b", "(?C253)a{65535}b");
    copies("a{1000,}~b", "(?C3)a{1000,}(?C0)b");
    copies("a{1000,1010}~b", "(?C3)a{1000,1010}b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(repeated),
        cmocka_unit_test(groups),
        cmocka_unit_test(free_ways),
        cmocka_unit_test(least),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
