/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns: what they find, where they fail to compile, and that none takes for ever. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/text/regex.h"

static struct pref_matcher *matcher;

static struct pref_regex *compiled(const char *pattern)
{
    struct pref_regex *regex;
    struct pref_regex_fault fault;
    if (pref_regex_new(&regex, pref_span_of(pattern), &fault) != PREF_OK)
        fail_msg("%s: %zu: %s", pattern, fault.offset, fault.text);
    return regex;
}

/* The first match must be `want`, at `at`; NULL: none. */
static void finds(const char *pattern, const char *text, const char *want, size_t at)
{
    struct pref_regex *regex = compiled(pattern);
    struct pref_span span = pref_span_of(text), found;
    enum pref_match match = pref_regex_find(regex, matcher, span, 0, &found);
    pref_regex_free(regex);
    assert_int_equal(match, want == NULL ? PREF_MATCH_NONE : PREF_MATCH_FOUND);
    if (want != NULL && (!pref_span_equal(found, pref_span_of(want)) || found.ptr != text + at))
        fail_msg("%s found '%.*s' in %s", pattern, (int)found.len, found.ptr, text);
}

static void found(void **state)
{
    (void)state;
    finds("b+", "abbc", "bb", 1);
    finds("b+", "ac", NULL, 0);
    finds("", "ac", "", 0);
    finds("$", "", "", 0);
    finds("(?i)STRASSE", "die strasse", "strasse", 4);
    finds("(?i)\xc3\x89", "\xc3\xa9", "\xc3\xa9", 0);            /* case by Unicode */
    finds("^\\w$", "\xe4\xbd\xa0", "\xe4\xbd\xa0", 0);           /* a letter by Unicode */
    finds("^..$", "\xf0\x9f\x98\x80x", "\xf0\x9f\x98\x80x", 0);  /* characters, not bytes */
    finds("\\p{Han}+", "a\xe4\xbd\xa0\xe5\xa5\xbd" "b", "\xe4\xbd\xa0\xe5\xa5\xbd", 1);
    finds("(?s)a.b", "a\nb", "a\nb", 0);
    finds("a.b", "a\nb", NULL, 0);
    finds("(a)(b)(c)\\3", "abcc", "abcc", 0); /* groups need no room of ours */
}

/* \K in a group that is called from a lookaround: a match that ends before it begins is empty. */
static void backwards(void **state)
{
    (void)state;
    finds("(?(DEFINE)(?<s>b\\K))a(?=(?&s))", "xx ab yy", "", 5);
    finds("(?(DEFINE)(?<s>a\\K))(?<=(?&s)b)c", "abc", "bc", 1);
    struct pref_regex *regex = compiled("(?(DEFINE)(?<s>a\\K))(?<=(?&s)b)c");
    struct pref_span text = pref_span_of("abc"), span;
    assert_int_equal(pref_regex_find(regex, matcher, text, 2, &span), PREF_MATCH_FOUND);
    assert_true(pref_span_equal(span, pref_span_of("c"))); /* nothing before `from` */
    pref_regex_free(regex);
}

static void from(void **state)
{
    struct pref_regex *regex = compiled("\\bb");
    struct pref_span text = pref_span_of("b ab b"), span;
    (void)state;
    assert_int_equal(pref_regex_find(regex, matcher, text, 1, &span), PREF_MATCH_FOUND);
    assert_ptr_equal(span.ptr, text.ptr + 5); /* what stands before 3 is seen by \b */
    assert_int_equal(pref_regex_find(regex, matcher, text, 6, NULL), PREF_MATCH_NONE);
    pref_regex_free(regex);
    regex = compiled("x");
    struct pref_span nothing = {NULL, 0};
    assert_int_equal(pref_regex_find(regex, matcher, nothing, 0, NULL), PREF_MATCH_NONE);
    pref_regex_free(regex);
}

static void refused(void **state)
{
    static const struct {
        const char *pattern;
        size_t offset;
    } cases[] = {{"a(b", 3}, {"a)b", 1}, {"[a", 2}, {"*a", 0}, {"\\p{Hun}", 7}, {"a\\C", 3},
                 {"a(*sr:b+)", 1}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pref_regex *regex;
        struct pref_regex_fault fault;
        int status = pref_regex_new(&regex, pref_span_of(cases[i].pattern), &fault);
        assert_null(regex);
        if (status != PREF_USAGE || fault.offset != cases[i].offset || fault.text[0] == '\0')
            fail_msg("%s: %d, %zu: %s", cases[i].pattern, status, fault.offset, fault.text);
    }
}

static void too_long(void **state)
{
    struct pref_regex *regex;
    struct pref_regex_fault fault;
    size_t len = PREF_REGEX_MAX + 1;
    char *pattern = malloc(len);
    (void)state;
    assert_non_null(pattern);
    memset(pattern, 'a', len);
    struct pref_span span = {pattern, len};
    assert_int_equal(pref_regex_new(&regex, span, &fault), PREF_USAGE);
    span.len--;
    assert_int_equal(pref_regex_new(&regex, span, &fault), PREF_OK);
    pref_regex_free(regex);
    free(pattern);
}

/* Catastrophic patterns give up, and the matcher works on afterwards. */
static void gives_up(void **state)
{
    static const char *const patterns[] = {"^(a+)+$", "^(a|aa)+$", "^(a|a?)+$", "^((a+)(a+))+$"};
    static const char text[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!";
    (void)state;
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        struct pref_regex *regex = compiled(patterns[i]);
        assert_int_equal(pref_regex_find(regex, matcher, pref_span_of(text), 0, NULL),
                         PREF_MATCH_GAVE_UP);
        pref_regex_free(regex);
    }
    finds("b+", "abbc", "bb", 1);
}

/* Text with zeros behind it: compiled patterns read whole vectors, as far as their last byte lies
 * beside one of the text's, and Valgrind cannot tell that from a fault. */
static char *repeated(const char *unit, size_t len, const char *tail)
{
    enum { VECTOR = 64 };
    size_t step = strlen(unit);
    char *text = calloc(1, len + strlen(tail) + 1 + VECTOR);
    assert_non_null(text);
    for (size_t i = 0; i < len; i++)
        text[i] = unit[i % step];
    memcpy(text + len, tail, strlen(tail) + 1);
    return text;
}

/* Whether a search of a long text ends, which none of these costs may prevent. */
static void ends(const char *pattern, const char *unit, size_t len, enum pref_match want)
{
    struct pref_regex *regex = compiled(pattern);
    char *text = repeated(unit, len, "\nc");
    enum pref_match match = pref_regex_find(regex, matcher, pref_span_of(text), 0, NULL);
    if (match != want)
        fail_msg("%s in %zu bytes of '%s': %d, expected %d", pattern, len, unit, match, want);
    free(text);
    pref_regex_free(regex);
}

/* All that is searched for at each place of a text counts together. */
static void squares(void **state)
{
    static const char *const patterns[] = {
        "(?:a|b)+$.", "[^x]+d?$.", "a[^x]*+b*$.", "(?=(\\w+))\\1$.", "(?<n>a(?&n)?)$.",
        "(?x) [ab]  +  # c+\n $.", "\\Qa\\E+?$.", "a{15000}$.",
        ".?.?.?.?.?.{255}.{255}.{255}.{255}\\d",
        "(?(?=a)a|b)+$.", "(*NO_JIT)a+$.", "(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)*$."};
    (void)state;
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++)
        ends(patterns[i], "a", 20000, PREF_MATCH_GAVE_UP);
    ends("\\X[bd]", "\xcc\x81", 20000, PREF_MATCH_GAVE_UP); /* marks of one character */
}

/* A character that is looked for in a large class takes longer. */
static void classes(void **state)
{
    char pattern[8192];
    size_t len = (size_t)snprintf(pattern, sizeof pattern, "[^");
    (void)state;
    for (unsigned c = 0x4e00; len < 6000; c += 2)
        len += (size_t)snprintf(pattern + len, sizeof pattern - len, "%c%c%c", 0xe0 | c >> 12,
                                0x80 | (c >> 6 & 0x3f), 0x80 | (c & 0x3f));
    snprintf(pattern + len, sizeof pattern - len, "]*[yz]");
    ends(pattern, "a", 3000, PREF_MATCH_GAVE_UP);
    ends("[^bdfhjl]*[yz]", "a", 3000, PREF_MATCH_NONE);
}

/* What takes a time in proportion to the text is never given up. */
static void lines(void **state)
{
    static const char *const patterns[] = {
        ".*foo", "[\\s\\S]*?\\nc", "[\\s\\S]*c", "(\\w+\\s+){3,5}x", "(?:\\w+\\s+){10,20}x",
        "\\b(\\w+)\\s+\\1\\b.*c", "^(?:[^.]*\\.)*$.", "(?:fox|dog)(?:es|s)?c", "\\w+@\\w+\\.c"};
    (void)state;
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        struct pref_regex *regex = compiled(patterns[i]);
        char *text = repeated("the quick brown fox jumps over 12 lazy dogs. ", 1 << 19, "\nc");
        if (pref_regex_find(regex, matcher, pref_span_of(text), 0, NULL) > PREF_MATCH_FOUND)
            fail_msg("%s gave up", patterns[i]);
        free(text);
        pref_regex_free(regex);
    }
    ends("(?:a|b){1,99}$.", "a", 10000, PREF_MATCH_NONE);
}

/* Searches of one text, each behind the match of the last, share the steps of the text. */
static void shared(void **state)
{
    struct pref_regex *regex = compiled("a(?=b*c)|b(?=[^x]*d$)");
    char *text = repeated("ab", 20000, "c");
    struct pref_span span = pref_span_of(text), found = {text, 0};
    enum pref_match match = PREF_MATCH_FOUND;
    (void)state;
    for (size_t from = 0; match == PREF_MATCH_FOUND; from = (size_t)(found.ptr - text) + found.len)
        match = pref_regex_find(regex, matcher, span, from, &found);
    assert_int_equal(match, PREF_MATCH_GAVE_UP);
    assert_int_equal(pref_regex_limit(1000), 5200000);
    free(text);
    pref_regex_free(regex);
}

/* A long list of words needs no callouts; what repeats and is too large with them is refused. */
static void large(void **state)
{
    struct pref_regex *regex;
    struct pref_regex_fault fault;
    char *words = repeated("harbour|engine|", 15990, "zebra");
    (void)state;
    finds(words, "a zebra", "zebra", 2);
    words[15988] = '+';
    assert_int_equal(pref_regex_new(&regex, pref_span_of(words), &fault), PREF_USAGE);
    assert_string_equal(fault.text, "too large for its steps to be counted");
    free(words);
    words = repeated(".", 15000, "[b-z]");
    memcpy(words, ".?.?.?.?.?", 10);
    assert_int_equal(pref_regex_new(&regex, pref_span_of(words), &fault), PREF_USAGE);
    free(words);
}

/* A group that repeats over a long text needs more memory than a search may have. */
static void memory(void **state)
{
    size_t len = 4 << 20;
    char *text = malloc(len);
    struct pref_regex *regex = compiled("^(?:a|b)*$");
    struct pref_span span = {text, len};
    (void)state;
    assert_non_null(text);
    memset(text, 'a', len);
    assert_int_equal(pref_regex_find(regex, matcher, span, 0, NULL), PREF_MATCH_GAVE_UP);
    span.len = 1000;
    assert_int_equal(pref_regex_find(regex, matcher, span, 0, NULL), PREF_MATCH_FOUND);
    pref_regex_free(regex);
    free(text);
}

static void version(void **state)
{
    char text[80];
    (void)state;
    pref_regex_version(text, sizeof text);
    assert_memory_equal(text, "PCRE2 10.", 9);
    assert_non_null(strstr(text, ", Unicode 1"));
}

static int make(void **state)
{
    (void)state;
    matcher = pref_matcher_new();
    return matcher == NULL ? -1 : 0;
}

static int drop(void **state)
{
    (void)state;
    pref_matcher_free(matcher);
    pref_matcher_free(NULL);
    pref_regex_free(NULL);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(found),    cmocka_unit_test(from),     cmocka_unit_test(refused),
        cmocka_unit_test(too_long), cmocka_unit_test(gives_up), cmocka_unit_test(memory),
        cmocka_unit_test(version),  cmocka_unit_test(squares),  cmocka_unit_test(lines),
        cmocka_unit_test(shared),   cmocka_unit_test(large),    cmocka_unit_test(backwards),
        cmocka_unit_test(classes),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
