/* SPDX-License-Identifier: Apache-2.0 */
/* The literals that a pattern cannot do without, and that nothing which matches is passed over. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "lib/text/needles.h"
#include "lib/text/regex.h"

/* `want` has the literals, each behind a blank; "" is none. */
static void needs(const char *pattern, const char *want)
{
    struct pref_needle_list list;
    char got[1024] = "";
    assert_int_equal(pref_needles_of(pref_span_of(pattern), &list), PREF_OK);
    for (unsigned i = 0, n = 0; i < list.count; i++)
        n += (unsigned)snprintf(got + n, sizeof got - n, "|%.*s", list.needle[i].len,
                                list.needle[i].text);
    if (strcmp(got, want) != 0)
        fail_msg("%s: '%s', expected '%s'", pattern, got, want);
}

static void literals(void **state)
{
    (void)state;
    needs("language model", "|language model");
    needs("a long row of words is cut", "| of words is cut"); /* to its last 16 bytes */
    needs("abc|defg", "|abc|defg");
    needs("abc|d?", "");
    needs("abcd?", "|abc");
    needs("abc+d", "|abc");
    needs("ab(?:cde|fgh)?i", "|ab");
    needs("x(?:cde|fgh)+y", "|cde|fgh");
    needs("x(?:cde|fgh){2,3}y", "|cde|fgh");
    needs("x(?:cde|fgh){0,3}y", "|x");
    needs("\\bABC\\b", "|abc");
    needs("(?<!abc)def(?=ghij)(?!klmno)", "|def");
    needs("[a-z]+@[a-z.]+", "|@");
    needs("[]x]abc[^]x]", "|abc");
    needs("a.bcd.e", "|bcd");
    needs("\\.\\n\\tabc", "|.\n\tabc");
    needs("\\d\\p{Han}\\pLabc\\x{41}", "|abc");
    needs("(?m)^abc$", "|abc");
    needs("(?s:abc)def", "|abc");
    needs("(a(b(cde)f)g)", "|cde");
    needs("\xe4\xbd\xa0\xe5\xa5\xbd", "|\xe4\xbd\xa0\xe5\xa5\xbd");
    /* k and s have other cases beyond ASCII, as have most letters there. */
    needs("(?i)ask Bob", "| bob");
    needs("(?i)caf\xc3\xa9 bar", "| bar");
    needs("(?i)\xe4\xbd\xa0\xe5\xa5\xbd", "|\xe4\xbd\xa0\xe5\xa5\xbd");
    needs("abc(?i:defg)", "|defg"); /* a group ends what stands side by side */
    /* What is not understood gives none. */
    needs("(?x)a b c", "");
    needs("\\Qabc\\E", "");
    needs("(abc)\\1", "");
    needs("(?|abc|def)", "");
    needs("(*UCP)abc", "");
    needs("abc\\Kdef", "");
    needs("(?<n>abc)", "");
    needs("(?(1)abc|def)", "");
    needs("[[:alpha:]]abc", "");
    needs("abc{,3}", "");
    needs("", "");
    needs("(?:)", "");
}

/* Every pattern against every text, alone and together: what is found must have been possible. */
static void nothing_is_lost(void **state)
{
    static const char *const patterns[] = {
        "abc", "(?i)sorry", "(?i)\\bask\\b", "a|bcd", "x?yz", "(?i)k", "(?i)\xc3\x89t\xc3\xa9",
        "^$", "[ab]{3}", "(?:ab|cd)(?:ef|gh)", "a(?!b)c?", "@", "<\\|im_end\\|>", "(?i)CAF\xc3\x89",
        "\\w+ing\\b", "(?s)a.*z", ("(?i)stra\xc3\x9f" "e"), "b{0}c", "(a)|b", "\\x{e9}", "...", "",
        "(?i)(?:str|ask)ing", "\xe4\xbd\xa0", "(?m)^b$", "[^a]b", "\\.{3}", "a{2}b", "(ab)+c",
    };
    static const char *const texts[] = {
        "", "abc", "ABC", "I am SORRY", "\xc5\xbforry", "a\xe2\x84\xaa", "as\xe2\x84\xaa me", "xyz",
        "yz", "bcd", "\xc3\xa9t\xc3\xa9", "\xc3\x89T\xc3\x89", "cdgh", "abef", "a@b", "x<|im_end|>",
        "singing in the rain", "STRING", "az", "a\n\nz", ("Stra\xc3\x9f" "e"), "c", "b", "\xc3\xa9",
        "caf\xc3\xa9", "CAF\xc3\x89", "\xe4\xbd\xa0\xe5\xa5\xbd", "a\nb\nc", "...", "aab", "ababc",
        "a long text that goes on and on, so that a literal stands at its very end: abc",
    };
    enum {
        PATTERNS = sizeof patterns / sizeof patterns[0],
        TEXTS = sizeof texts / sizeof texts[0]
    };
    struct pref_needles *all = pref_needles_new();
    struct pref_matcher *matcher = pref_matcher_new();
    char padded[256];
    unsigned found = 0, spared = 0;
    (void)state;
    for (unsigned i = 0; i < PATTERNS; i++)
        assert_int_equal(pref_needles_add(all, i, pref_span_of(patterns[i])), PREF_OK);
    for (unsigned t = 0; t < TEXTS; t++) {
        struct pref_span text = {padded, strlen(texts[t])};
        uint64_t possible = 0;
        memset(padded, 0, sizeof padded);
        memcpy(padded, texts[t], text.len);
        pref_needles_find(all, text, &possible);
        for (unsigned i = 0; i < PATTERNS; i++) {
            struct pref_regex *regex;
            struct pref_regex_fault fault;
            assert_int_equal(pref_regex_new(&regex, pref_span_of(patterns[i]), &fault), PREF_OK);
            int match = pref_regex_find(regex, matcher, text, 0, NULL) == PREF_MATCH_FOUND;
            pref_regex_free(regex);
            found += (unsigned)match;
            spared += !(possible >> i & 1);
            if (match && !(possible >> i & 1))
                fail_msg("%s matches '%s', and was held impossible", patterns[i], texts[t]);
        }
    }
    pref_needles_free(all);
    pref_matcher_free(matcher);
    if (found < 100 || spared < 200)
        fail_msg("%u found and %u spared are no fair trial", found, spared);
}

/* More patterns than a word has bits, each with a literal of its own. */
static void many(void **state)
{
    struct pref_needles *all = pref_needles_new();
    char text[PREF_NEEDLE_BYTES + 128];
    (void)state;
    for (unsigned i = 0; i < 512; i++) {
        snprintf(text, sizeof text, "x%03uy", i);
        assert_int_equal(pref_needles_add(all, i, pref_span_of(text)), PREF_OK);
    }
    assert_int_equal(pref_needles_count(all), 512);
    for (unsigned i = 0; i < 512; i++) {
        uint64_t possible[8] = {0};
        memset(text, 0, sizeof text);
        snprintf(text, sizeof text, "..X%03uY", i);
        pref_needles_find(all, pref_span_of(text), possible);
        for (unsigned k = 0; k < 8; k++)
            assert_int_equal(possible[k], k == i / 64 ? UINT64_C(1) << (i % 64) : 0);
    }
    pref_needles_free(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(literals),
        cmocka_unit_test(nothing_is_lost),
        cmocka_unit_test(many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
