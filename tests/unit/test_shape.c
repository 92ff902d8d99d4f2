/* SPDX-License-Identifier: Apache-2.0 */
/* What a shape makes of the names, pointers and conditions that it is given. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pref/shape.h"

static void assert_name(const struct pref_shape *shape, pref_place place, const char *expected)
{
    char name[128];
    pref_shape_name(shape, place, name, sizeof name);
    assert_string_equal(name, expected);
}

static void assert_refused(struct pref_shape *shape, const char *sentence)
{
    struct pref_err err;
    assert_int_equal(pref_shape_check(shape, &err), PREF_USAGE);
    assert_string_equal(err.text, sentence);
    pref_shape_free(shape);
}

static void test_names(void **state)
{
    (void)state;
    struct pref_shape *shape = pref_shape_new();
    struct pref_err err;
    pref_place votes = pref_shape_key(shape, PREF_ROOT, pref_span_of("votes"));
    pref_place each = pref_shape_each(shape, votes);
    pref_place vote = pref_shape_key(shape, each, pref_span_of("vote"));
    assert_name(shape, PREF_ROOT, "");
    assert_name(shape, vote, "votes[].vote");
    assert_name(shape, pref_shape_other(shape, each), "votes[].*");
    assert_name(shape, pref_shape_each(shape, vote), "votes[].vote[]");
    assert_name(shape, pref_shape_field(shape, "a\nb"), "a?b");
    char cut[6];
    pref_shape_name(shape, vote, cut, sizeof cut);
    assert_string_equal(cut, "votes");
    assert_int_equal(pref_shape_check(shape, &err), PREF_OK);
    pref_shape_free(shape);
}

static void test_asking_twice(void **state)
{
    (void)state;
    struct pref_shape *shape = pref_shape_new();
    pref_place a = pref_shape_field(shape, "a");
    assert_int_equal(pref_shape_field(shape, "/a"), a);
    assert_int_equal(pref_shape_key(shape, PREF_ROOT, pref_span_of("a")), a);
    assert_int_equal(pref_shape_each(shape, a), pref_shape_each(shape, a));
    assert_int_equal(pref_shape_other(shape, a), pref_shape_other(shape, a));
    assert_int_equal(shape->count, 4);
    pref_shape_free(shape);
}

static void test_pointers(void **state)
{
    (void)state;
    struct pref_shape *shape = pref_shape_new();
    struct pref_err err;
    pref_place place = pref_shape_field(shape, "/a~1b/~0/0");
    assert_name(shape, place, "a/b.~.0");
    assert_int_equal(shape->rule[place].index, 0);
    assert_int_equal(shape->rule[pref_shape_field(shape, "/x/01")].index, -1);
    assert_int_equal(shape->rule[pref_shape_field(shape, "/x/-")].index, -1);
    assert_int_equal(shape->rule[pref_shape_field(shape, "/x/999999999")].index, 999999999);
    assert_int_equal(shape->rule[pref_shape_field(shape, "/x/9999999999")].index, -1);
    assert_int_equal(shape->rule[pref_shape_field(shape, "12")].index, -1);
    assert_int_equal(shape->rule[pref_shape_field(shape, "/")].name_len, 0);
    assert_int_equal(pref_shape_check(shape, &err), PREF_OK);
    pref_shape_free(shape);
}

static void test_bad_names(void **state)
{
    (void)state;
    static const struct {
        const char *field, *sentence;
    } cases[] = {
        {"", "the name of a field is empty"},
        {"/a~2", "in a JSON Pointer '~' must be followed by 0 or 1, not as in '~2'"},
        {"/a~", "in a JSON Pointer '~' must be followed by 0 or 1, not as in '~'"},
        {"/a~/b", "in a JSON Pointer '~' must be followed by 0 or 1, not as in '~/b'"},
        {"\xff", "the name of a field below '' is not valid UTF-8"},
        {"/a/\xc3", "the name of a field below 'a' is not valid UTF-8"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pref_shape *shape = pref_shape_new();
        pref_place place = pref_shape_field(shape, cases[i].field);
        assert_int_equal(place, PREF_NOWHERE);
        /* What follows from a failure changes neither it nor the shape. */
        assert_int_equal(pref_shape_each(shape, place), PREF_NOWHERE);
        pref_shape_demand(shape, place, 0, PREF_REQUIRED);
        assert_refused(shape, cases[i].sentence);
    }
}

static void test_too_many(void **state)
{
    (void)state;
    struct pref_shape *shape = pref_shape_new();
    char name[16];
    for (int i = 0; i <= PREF_BELOW_MAX; i++) {
        sprintf(name, "k%d", i);
        pref_place place = pref_shape_field(shape, name);
        assert_int_equal(place == PREF_NOWHERE, i == PREF_BELOW_MAX);
    }
    assert_refused(shape, "too many keys of one object are asked for");
    shape = pref_shape_new();
    pref_place place = PREF_ROOT;
    for (int i = 1; i < PREF_PLACES_MAX; i++)
        place = pref_shape_each(shape, place);
    assert_int_not_equal(place, PREF_NOWHERE);
    assert_int_equal(pref_shape_each(shape, place), PREF_NOWHERE);
    struct pref_err err;
    assert_int_equal(pref_shape_check(shape, &err), PREF_USAGE);
    pref_shape_free(shape);
}

static void test_demands_add_up(void **state)
{
    (void)state;
    struct pref_shape *shape = pref_shape_new();
    pref_place a = pref_shape_field(shape, "a");
    pref_shape_demand(shape, a, PREF_IS(PREF_STRING) | PREF_IS(PREF_ARRAY), PREF_TEXT);
    pref_shape_demand(shape, a, PREF_IS(PREF_STRING) | PREF_IS(PREF_NUMBER), PREF_REQUIRED);
    assert_int_equal(shape->rule[a].types, PREF_IS(PREF_STRING));
    assert_int_equal(shape->rule[a].flags, PREF_TEXT | PREF_REQUIRED);
    assert_int_equal(shape->rule[PREF_ROOT].required, 1);
    pref_shape_demand(shape, a, PREF_IS(PREF_NUMBER), 0);
    assert_refused(shape, "field 'a' is asked to be of types that exclude each other");
}

static void test_elements_and_index(void **state)
{
    (void)state;
    struct pref_shape *shape = pref_shape_new();
    pref_shape_each(shape, pref_shape_field(shape, "votes"));
    pref_shape_field(shape, "/votes/0");
    assert_refused(shape, "of array 'votes' every element and a single one are asked for");
}

static void test_words(void **state)
{
    (void)state;
    static const char *const one[] = {"a", "b", NULL}, *const same[] = {"a", "b", NULL};
    static const char *const two[] = {"a", NULL};
    struct pref_shape *shape = pref_shape_new();
    struct pref_err err;
    pref_place a = pref_shape_field(shape, "a");
    pref_shape_words(shape, a, one);
    pref_shape_words(shape, a, one);
    pref_shape_words(shape, a, same);
    assert_int_equal(pref_shape_check(shape, &err), PREF_OK);
    pref_shape_words(shape, a, two);
    assert_refused(shape, "field 'a' is asked to be of two sets of words");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_asking_twice),
        cmocka_unit_test(test_pointers),
        cmocka_unit_test(test_bad_names),
        cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_demands_add_up),
        cmocka_unit_test(test_elements_and_index),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
