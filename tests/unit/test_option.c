/* SPDX-License-Identifier: Apache-2.0 */
/* option: each kind takes what it should, refuses the rest with a sentence, and a refusal leaves
 * the value as it was. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pref/grade.h"
#include "pref/option.h"
#include "pref/share.h"

struct values {
    int flag, choice;
    const char *text;
    struct pref_texts list;
    uint64_t count, size;
    struct pref_share share;
    struct pref_scale scale;
};

static const struct pref_option options[] = {
    {"flag", 'f', PREF_OPTION_FLAG, offsetof(struct values, flag), NULL, ""},
    {"text", 0, PREF_OPTION_TEXT, offsetof(struct values, text), "FILE", ""},
    {"list", 0, PREF_OPTION_LIST, offsetof(struct values, list), "NAME", ""},
    {"count", 0, PREF_OPTION_COUNT, offsetof(struct values, count), "N", ""},
    {"size", 0, PREF_OPTION_SIZE, offsetof(struct values, size), "SIZE", ""},
    {"choice", 0, PREF_OPTION_CHOICE, offsetof(struct values, choice), "keep|drop|flip", ""},
    {"share", 0, PREF_OPTION_SHARE, offsetof(struct values, share), "X", ""},
    {"scale", 0, PREF_OPTION_SCALE, offsetof(struct values, scale), "A..B", ""},
    PREF_OPTIONS_END};

enum { FLAG, TEXT, LIST, COUNT, SIZE, CHOICE, SHARE, SCALE };

static void accept(struct values *values, int option, const char *argument)
{
    struct pref_err err = {""};
    if (pref_option_set(&options[option], values, argument, &err) != PREF_OK)
        fail_msg("'%s': %s", argument, err.text);
}

static void refuse(struct values *values, int option, const char *argument, const char *sentence)
{
    struct pref_err err = {""};
    struct values before = *values;
    assert_int_equal(pref_option_set(&options[option], values, argument, &err), PREF_USAGE);
    assert_string_equal(err.text, sentence);
    assert_memory_equal(&before, values, sizeof before);
}

static void test_simple(void **state)
{
    (void)state;
    struct values values = {0};
    accept(&values, FLAG, NULL);
    assert_int_equal(values.flag, 1);
    accept(&values, TEXT, "");
    assert_string_equal(values.text, "");
    accept(&values, TEXT, "later");
    assert_string_equal(values.text, "later");
    accept(&values, CHOICE, "keep");
    assert_int_equal(values.choice, 0);
    accept(&values, CHOICE, "flip");
    assert_int_equal(values.choice, 2);
    refuse(&values, CHOICE, "kee", "--choice: 'kee', expected keep|drop|flip");
    refuse(&values, CHOICE, "keep|drop", "--choice: 'keep|drop', expected keep|drop|flip");
    refuse(&values, CHOICE, "", "--choice: '', expected keep|drop|flip");
}

static void test_list(void **state)
{
    (void)state;
    static const char *const words[] = {"a", "", "a", "b", "c", "d", "e", "f", "g"};
    struct values values = {0};
    const size_t n = sizeof words / sizeof *words;
    for (size_t i = 0; i < n; i++)
        accept(&values, LIST, words[i]);
    assert_int_equal(values.list.count, n);
    for (size_t i = 0; i < n; i++)
        assert_ptr_equal(values.list.text[i], words[i]);
    pref_options_release(options, &values);
    assert_null(values.list.text);
    assert_int_equal(values.list.count, 0);
}

static void test_count(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t value;
    } right[] = {{"0", 0},
                 {"7", 7},
                 {"007", 7},
                 {"18446744073709551615", UINT64_MAX},
                 {"00000000000000000000000000000001", 1}};
    static const char *const wrong[] = {"", " 1", "1 ", "-1", "+1", "1.0", "1e3", "0x10", "1K", "K",
                                        "18446744073709551616", "99999999999999999999999"};
    struct values values = {0};
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        accept(&values, COUNT, right[i].text);
        assert_true(values.count == right[i].value);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char sentence[128];
        snprintf(sentence, sizeof sentence, "--count: '%s', expected a whole number", wrong[i]);
        refuse(&values, COUNT, wrong[i], sentence);
    }
}

static void test_size(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t value;
    } right[] = {{"0", 0},
                 {"1", 1},
                 {"3K", 3072},
                 {"64M", UINT64_C(64) << 20},
                 {"2G", UINT64_C(2) << 30},
                 {"0G", 0},
                 {"18446744073709551615", UINT64_MAX},
                 {"17179869183G", UINT64_C(17179869183) << 30},
                 {"18014398509481983K", UINT64_C(18014398509481983) << 10}};
    static const char *const wrong[] = {"", "K", "1k", "1KB", "1T", "K1", "1 K", "-1K", "1.5M",
                                        "18446744073709551616", "17179869184G",
                                        "18014398509481984K", "17592186044416M"};
    struct values values = {0};
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        accept(&values, SIZE, right[i].text);
        assert_true(values.size == right[i].value);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char sentence[128];
        snprintf(sentence, sizeof sentence, "--size: '%s', expected a size such as 64M", wrong[i]);
        refuse(&values, SIZE, wrong[i], sentence);
    }
}

static void test_share(void **state)
{
    (void)state;
    struct values values = {0};
    accept(&values, SHARE, "2/3");
    assert_int_equal(values.share.num, 2);
    assert_int_equal(values.share.den, 3);
    refuse(&values, SHARE, "3/2",
           "--share: '3/2', expected a share from 0 to 1 such as 0.75 or 2/3");
    refuse(&values, SHARE, "-0.1",
           "--share: '-0.1', expected a share from 0 to 1 such as 0.75 or 2/3");
}

static void test_scale(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",     "1",     "1..",   "..7",  "1...7", "1..7..9", "1-7",
                                        "1..1", "1..7 ", "+1..7", "1..1001", "-0..3", "1.5..7"};
    struct values values = {0};
    accept(&values, SCALE, "7..-1000");
    assert_int_equal(values.scale.first, 7);
    assert_int_equal(values.scale.last, -1000);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char sentence[128];
        snprintf(sentence, sizeof sentence,
                 "--scale: '%s', expected two different integers from -1000 to 1000 such as 1..7",
                 wrong[i]);
        refuse(&values, SCALE, wrong[i], sentence);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_simple), cmocka_unit_test(test_list),  cmocka_unit_test(test_count),
        cmocka_unit_test(test_size),   cmocka_unit_test(test_share),
        cmocka_unit_test(test_scale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
