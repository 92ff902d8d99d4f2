/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Expressions over judges: each is held, for all that five judges can say, against a C expression
 * that says the same; and what is refused is refused with its sentence and its caret.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "filters/common/judges_expr.h"

static struct judges judges;
static struct judges_expr expr;
static char text[16384];

/* The truths that the expressions below are about; hd: has(d). */
struct truths {
    int a, b, c, d, e, hd;
};

static void parse(const char *source)
{
    struct pref_err err = {""};
    judges_release(&judges);
    if (judges_expr_parse(&expr, &judges, "--accept", source, &err) != PREF_OK)
        fail_msg("%s: %s", source, err.text);
}

/* The set of those of a to e that are in `five`, by the numbers that the list gave them. */
static uint64_t set_of(unsigned five)
{
    uint64_t set = 0;
    for (unsigned i = 0; i < 5; i++) {
        char name[2] = {(char)('a' + (int)i), '\0'};
        unsigned number = judges_find(&judges, pref_span_of(name));
        if (number < JUDGES_MAX && five >> i & 1)
            set |= UINT64_C(1) << number;
    }
    return set;
}

/* What the judges of `five`, by bits from a to e, and has(d) come to. */
static struct truths truths_of(int five, int hd)
{
    struct truths t = {five & 1, five >> 1 & 1, five >> 2 & 1, five >> 3 & hd & 1, five >> 4, hd};
    return t;
}

static int holds(struct truths t)
{
    uint64_t chosen = set_of((unsigned)(t.a | t.b << 1 | t.c << 2 | t.d << 3 | t.e << 4));
    return judges_expr_holds(&expr, chosen | set_of((unsigned)t.hd << 3), chosen);
}

#define SAYS(source, same)                                                                         \
    do {                                                                                           \
        parse(source);                                                                             \
        for (int five = 0; five < 64; five++) {                                                    \
            struct truths t = truths_of(five & 31, five >> 5);                                     \
            if (holds(t) != (same))                                                                \
                fail_msg("%s: wrong for %d", source, five);                                        \
        }                                                                                          \
    } while (0)

static void means_what_it_says(void **state)
{
    (void)state;
    SAYS("a", t.a);
    SAYS(" ( a ) ", t.a);
    SAYS("not a", !t.a);
    SAYS("not not a", t.a);
    SAYS("a and b or c and d", (t.a && t.b) || (t.c && t.d));
    SAYS("a or b and c or d", t.a || (t.b && t.c) || t.d);
    SAYS("not a and b", !t.a && t.b);
    SAYS("not(a and b)or c", !(t.a && t.b) || t.c);
    SAYS("a and not b or not c", (t.a && !t.b) || !t.c);
    SAYS("(a or b)and(c or d)", (t.a || t.b) && (t.c || t.d));
    SAYS("((a)or(((b))))and not((c))", (t.a || t.b) && !t.c);
    SAYS("any(a,b,c)", t.a || t.b || t.c);
    SAYS("all(a,b,c)", t.a && t.b && t.c);
    SAYS("any(a)", t.a);
    SAYS("atleast(2,a,b,c)", t.a + t.b + t.c >= 2);
    SAYS("atleast(3,a,b,c,d,e) and not atleast(4,a,b,c,d,e)", t.a + t.b + t.c + t.d + t.e == 3);
    SAYS("atleast(2,a and b,not c,any(d,e))", (t.a && t.b) + !t.c + (t.d || t.e) >= 2);
    SAYS("not any(a,all(b,c) or d)", !(t.a || (t.b && t.c) || t.d));
    SAYS("any((a),(b and c))", t.a || (t.b && t.c));
    SAYS("has(d) and not d", t.hd && !t.d);
    SAYS("not has(\"d\") or a", !t.hd || t.a);
    SAYS("\"a\" and\tb\nor \"c\"", (t.a && t.b) || t.c);
}

static void names_are_decoded(void **state)
{
    (void)state;
    parse("\"a \\\"b\\\" \\\\c, \xc3\xa9\" or gpt-4.1/x_Y or \"not\" or 4o or \"\"");
    assert_int_equal(judges.count, 5);
    assert_int_equal(judges_find(&judges, pref_span_of("a \"b\" \\c, \xc3\xa9")), 0);
    assert_int_equal(judges_find(&judges, pref_span_of("gpt-4.1/x_Y")), 1);
    assert_int_equal(judges_find(&judges, pref_span_of("not")), 2);
    assert_int_equal(judges_find(&judges, pref_span_of("4o")), 3);
    assert_int_equal(judges_find(&judges, pref_span_of("")), 4);
    assert_int_equal(judges_find(&judges, pref_span_of("x")), JUDGES_MAX);
    parse("a and \"a\" and has(a)");
    assert_int_equal(judges.count, 1);
}

static void refuse(const char *source, const char *sentence)
{
    struct pref_err err = {""};
    char want[1024];
    judges_release(&judges);
    int status = judges_expr_parse(&expr, &judges, "--accept", source, &err);
    snprintf(want, sizeof want, "--accept: %s", sentence);
    assert_string_equal(err.text, want);
    assert_int_equal(status, PREF_USAGE);
}

static void tells_what_is_wrong(void **state)
{
    (void)state;
    refuse("", "character 1: expected a judge, found the end\n  \n  ^");
    refuse("a and", "character 6: expected a judge, found the end\n  a and\n       ^");
    refuse("a b", "character 3: expected 'and' or 'or', found 'b'\n  a b\n    ^");
    refuse("(a \"b\"", "character 4: expected 'and', 'or' or ')', found a quoted name\n"
                       "  (a \"b\"\n     ^");
    refuse("or a", "character 1: expected a judge, found 'or'\n  or a\n  ^");
    refuse("a or (b", "character 6: this is never closed by a ')'\n  a or (b\n       ^");
    refuse("a)", "character 2: this ')' closes nothing\n  a)\n   ^");
    refuse("a,b", "character 2: this ',' separates no arguments of a call\n  a,b\n   ^");
    refuse("any((a,b))", "character 7: this ',' separates no arguments of a call\n"
                         "  any((a,b))\n        ^");
    refuse("any()", "character 5: expected a judge, found ')'\n  any()\n      ^");
    refuse("all", "character 4: expected '(' (a judge of that name stands in double quotes), "
                  "found the end\n  all\n     ^");
    refuse("has a", "character 5: expected '(' (a judge of that name stands in double quotes), "
                    "found 'a'\n  has a\n      ^");
    refuse("has(not a)", "character 5: expected a judge, found 'not'\n  has(not a)\n      ^");
    refuse("has(a,b)", "character 6: expected ')', found ','\n  has(a,b)\n       ^");
    refuse("atleast(3,a,b)", "character 9: expected a number from 1 to 2\n"
                             "  atleast(3,a,b)\n          ^");
    refuse("atleast(0,a)", "character 9: expected a number from 1 to 1\n"
                           "  atleast(0,a)\n          ^");
    refuse("atleast(a,b)", "character 9: expected a number and what it counts, as in "
                           "atleast(2, a, b, c), found 'a'\n  atleast(a,b)\n          ^");
    refuse("atleast(2)", "character 10: expected ',' after the number, found ')'\n"
                         "  atleast(2)\n           ^");
    refuse("a and \"b", "character 7: this quote is never closed\n  a and \"b\n        ^");
    refuse("\"\\n\"", "character 2: expected \\\" or \\\\ in a quoted name\n  \"\\n\"\n   ^");
    refuse("\"\xc3\xa9\" && a", "character 5: unexpected character: a name with others than "
                                "letters, digits and _ - . / stands in double quotes\n"
                                "  \"\xc3\xa9\" && a\n      ^");
    refuse("a\n\t|", "character 4: unexpected character: a name with others than letters, digits "
                     "and _ - . / stands in double quotes\n  a  |\n     ^");
    refuse("a\xff", "byte 1: not UTF-8");
}

/* A long expression is shown in part, and the caret stays under its place. */
static void shows_a_part(void **state)
{
    struct pref_err err = {""};
    (void)state;
    judges_release(&judges);
    text[0] = '\0';
    for (int i = 0; i < 100; i++)
        strcat(text, "a or ");
    strcat(text, "! or ");
    for (int i = 0; i < 100; i++)
        strcat(text, "a or ");
    assert_int_equal(judges_expr_parse(&expr, &judges, "--recycle", text, &err), PREF_USAGE);
    const char *shown = strchr(err.text, '\n') + 1, *caret = strchr(shown, '\n') + 1;
    assert_memory_equal(err.text, "--recycle: character 501: ", 26);
    assert_memory_equal(shown, "  ...", 5);
    assert_memory_equal(caret - 4, "...", 3);
    assert_int_equal(shown[strlen(caret) - 1], '!');
}

static int status_of(const char *source)
{
    struct pref_err err;
    judges_release(&judges);
    return judges_expr_parse(&expr, &judges, "--accept", source, &err);
}

/* `most` is taken, one more is not; each is built of `one` that many times. */
static void bound(int most, const char *before, const char *one, const char *after)
{
    for (int n = most; n <= most + 1; n++) {
        strcpy(text, before);
        for (int i = 0; i < n; i++)
            sprintf(text + strlen(text), one, i);
        strcat(text, after);
        if (status_of(text) != (n == most ? PREF_OK : PREF_USAGE))
            fail_msg("%d of '%s'", n, one);
    }
}

static void has_limits(void **state)
{
    (void)state;
    bound(JUDGES_NESTED_MAX, "", "not ", "a");
    bound(JUDGES_MAX - 1, "a", " or j%d", "");
    bound(JUDGES_STACK_MAX - 1, "any(a", ",a", ")");
    bound(JUDGES_OPS_MAX / 2 - 2, "a", " or a", " and not a");
    bound(JUDGES_LENGTH_MAX - 1, "a", " ", "");
    strcpy(text, "a");
    for (int i = 0; i < JUDGES_NESTED_MAX + 1; i++)
        strcat(text, " or (a");
    assert_int_equal(status_of(text), PREF_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(means_what_it_says), cmocka_unit_test(names_are_decoded),
        cmocka_unit_test(tells_what_is_wrong), cmocka_unit_test(shows_a_part),
        cmocka_unit_test(has_limits),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    judges_release(&judges);
    return failed;
}
