/* SPDX-License-Identifier: Apache-2.0 */
/* How near two records are: on integers, in each field, and by the words where a hash may lie. */
#include "config.h"

#include "filters/dedup/near_sets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct pref_err err;

/* A record of two fields, JSON strings that stand one behind the other in `line`. The shingles are
 * whatever the test says they are. A few records are there at a time. */
static struct near_set record(const char *line, const char *second, const uint64_t *list,
                              uint32_t first_count, uint32_t second_count)
{
    static char lines[4][512 + PREF_PAD];
    static unsigned made;
    char *base = strcpy(lines[made++ % 4], line);
    uint32_t cut = (uint32_t)(strstr(line, second) - line);
    struct near_set set = {.list = list, .count = first_count + second_count, .base = base};
    set.shingles[0] = first_count;
    set.shingles[1] = second_count;
    set.start[1] = cut;
    set.bytes[0] = cut;
    set.bytes[1] = (uint32_t)strlen(line) - cut;
    return set;
}

static struct near_rule rule(uint64_t near, uint64_t each, uint64_t of)
{
    return (struct near_rule){2, 5, {near, of}, {each, of}};
}

/* Compare `b` with `a`, both as they are at hand. */
static int compare(struct near_set a, struct near_set b, struct near_rule by,
                   struct near_common *common)
{
    struct near_sets sets = {.scratch = NULL};
    int near;
    assert_int_equal(near_sets_open(&sets, 1, &err), PREF_OK);
    assert_int_equal(near_sets_take(&sets, &b, &by, &err), PREF_OK);
    assert_int_equal(near_sets_compare_with(&sets, &a, &b, &by, common, &near, &err), PREF_OK);
    near_sets_close(&sets);
    return near;
}

/* The shingles of three words of a text, as they are in a field. */
static void list_shingles(unsigned field, const char *text, uint64_t *list)
{
    struct pref_words words = {0};
    struct pref_shingles shingles = {0};
    char padded[16 + PREF_PAD] = {0};
    memcpy(padded, text, strlen(text));
    assert_int_equal(pref_words_find(&words, pref_span_of(padded), &err), PREF_OK);
    assert_int_equal(pref_shingles_add(&shingles, field, words.hash, words.count, 3, &err),
                     PREF_OK);
    memcpy(list, shingles.list, shingles.count * sizeof *list);
    pref_words_release(&words);
    pref_shingles_release(&shingles);
}

/* 8 and 7 of 9 are there in both, in any order and any number of times. */
static void on_integers(void **state)
{
    (void)state;
    uint64_t a[] = {8, 7, 6, 5, 4, 3, 2, 1, 11, 12, 11};
    uint64_t b[] = {1, 2, 3, 4, 5, 6, 7, 9, 9, 11, 12};
    struct near_set x = record("\"x\"\"y\"", "\"y\"", a, 8, 3);
    struct near_set y = record("\"x\"\"y\"", "\"y\"", b, 9, 2);
    struct near_common common;
    /* 9 of 11; hashes alone decide, since 8 of 12 would do as well. */
    assert_int_equal(compare(x, y, rule(2, 0, 3), &common), 1);
    assert_int_equal(common.both, 9);
    assert_int_equal(common.either, 11);
    assert_int_equal(compare(x, y, rule(83, 0, 100), &common), 0);
    /* The first field has 7 of 9. */
    assert_int_equal(compare(x, y, rule(2, 6, 10), &common), 1);
    assert_int_equal(compare(x, y, rule(2, 8, 10), &common), 0);
}

/* The hash is the same and the words are not: they decide where it is the one that counts. */
static void words_decide(void **state)
{
    (void)state;
    uint64_t one[] = {42};
    struct near_set x = record("\"Alpha b\"\".\"", "\".\"", one, 1, 0);
    struct near_set y = record("\"alpha c\"\".\"", "\".\"", one, 1, 0);
    struct near_set z = record("\"\\u0041LPHA, B!\"\".\"", "\".\"", one, 1, 0);
    struct near_common common;
    assert_int_equal(compare(x, y, rule(1, 0, 2), &common), 0);
    assert_int_equal(compare(x, z, rule(1, 0, 1), &common), 1);
    assert_int_equal(common.both, 1);
    assert_int_equal(common.either, 1);
}

/* A text of which a copy is made, since it has an escape, and that fills the memory of the copy. */
static void words_decide_in_long_texts(void **state)
{
    (void)state;
    uint64_t one[] = {42};
    char line[512];
    struct near_common common;
    for (int tail = 300; tail < 364; tail++) {
        snprintf(line, sizeof line, "\"\\n%0*d\"\".\"", tail, 7);
        struct near_set x = record(line, "\".\"", one, 1, 0);
        line[tail + 2] = '8';
        struct near_set y = record(line, "\".\"", one, 1, 0);
        assert_int_equal(compare(x, y, rule(1, 0, 1), &common), 0);
        assert_int_equal(compare(x, x, rule(1, 0, 1), &common), 1);
    }
}

/* With --each-field, too, and then the words are those of that field. */
static void words_decide_in_a_field(void **state)
{
    (void)state;
    uint64_t list[] = {1, 2, 3, 4, 42};
    const char *same = "a b c d e f g h";
    char first[64], second[64];
    snprintf(first, sizeof first, "\"%s\"\"one\"", same);
    snprintf(second, sizeof second, "\"%s\"\"two\"", same);
    struct near_set x = record(first, "\"one\"", list, 4, 1);
    struct near_set y = record(second, "\"two\"", list, 4, 1);
    struct near_common common;
    assert_int_equal(compare(x, y, rule(1, 0, 2), &common), 1);
    assert_int_equal(compare(x, y, rule(1, 1, 2), &common), 0);
    assert_int_equal(compare(x, x, rule(1, 1, 1), &common), 1);
}

/* A field without words on either side is equal; on one side it is not. */
static void fields_without_words(void **state)
{
    (void)state;
    uint64_t list[] = {9, 1, 2, 3};
    struct near_set x = record("\"\"\"a b c d e f g\"", "\"a", list + 1, 0, 3);
    struct near_set y = record("\"z\"\"a b c d e f g\"", "\"a", list, 1, 3);
    struct near_common common;
    assert_int_equal(compare(x, x, rule(1, 1, 1), &common), 1);
    assert_int_equal(compare(x, y, rule(5, 0, 10), &common), 1);
    assert_int_equal(compare(x, y, rule(5, 1, 10), &common), 0);
}

/* What was kept comes back as it was, shingles and values, though only values are put by; and is
 * compared by them. */
static void kept(void **state)
{
    (void)state;
    static const char *const lines[] = {"\"a b\\u0020c\"\"D e f G\"", "\".\"\"d E f g\"",
                                        "\"a b c\"\"d e f g\""};
    static const char *const seconds[] = {"\"D", "\"d", "\"d"};
    struct near_rule by = {2, 3, {1, 2}, {0, 1}};
    struct near_sets sets = {.scratch = NULL};
    struct near_set set[3], again;
    struct near_common common;
    struct pref_buf memory = {0};
    uint64_t list[3][3];
    int near;
    for (int i = 0; i < 3; i++) {
        uint32_t first = i == 1 ? 0 : 1;
        if (first > 0)
            list_shingles(0, "a b c", list[i]);
        list_shingles(1, "d e f g", list[i] + first);
        set[i] = record(lines[i], seconds[i], list[i], first, 2);
    }
    assert_int_equal(near_sets_open(&sets, 1, &err), PREF_OK);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(near_sets_add(&sets, &set[i], &by, 9 + i, &err), PREF_OK);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(sets.key[i], 9 + i);
        assert_int_equal(near_sets_recall(&sets, i, &by, &memory, &again, &err), PREF_OK);
        assert_int_equal(again.count, set[i].count);
        assert_memory_equal(again.list, list[i], again.count * sizeof **list);
        for (unsigned f = 0; f < 2; f++) {
            assert_int_equal(again.shingles[f], set[i].shingles[f]);
            assert_int_equal(again.bytes[f], set[i].bytes[f]);
            assert_memory_equal(again.base + again.start[f], lines[i] + set[i].start[f],
                                again.bytes[f]);
        }
    }
    assert_int_equal(near_sets_take(&sets, &set[2], &by, &err), PREF_OK);
    assert_int_equal(near_sets_compare(&sets, 0, &set[2], &by, &common, &near, &err), PREF_OK);
    assert_true(near && common.both == 3 && common.either == 3);
    assert_int_equal(near_sets_compare(&sets, 1, &set[2], &by, &common, &near, &err), PREF_OK);
    assert_true(near && common.both == 2 && common.either == 3);
    pref_buf_release(&memory);
    near_sets_close(&sets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_integers),
        cmocka_unit_test(words_decide),
        cmocka_unit_test(words_decide_in_long_texts),
        cmocka_unit_test(words_decide_in_a_field),
        cmocka_unit_test(fields_without_words),
        cmocka_unit_test(kept),
    };
    return cmocka_run_group_tests_name("near_sets", tests, NULL, NULL);
}
