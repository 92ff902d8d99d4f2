/* SPDX-License-Identifier: Apache-2.0 */
/* share: its texts, and its comparisons against a sum of whole steps and against small integers. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "pref/share.h"

static struct pref_share share_of(const char *text)
{
    struct pref_share share = {99, 99};
    struct pref_err err = {""};
    size_t length = strlen(text);
    char *copy = malloc(length > 0 ? length : 1); /* no NUL behind it */

    assert_non_null(copy);
    memcpy(copy, text, length);
    if (pref_share_parse((struct pref_span){copy, length}, &share, &err) != PREF_OK) {
        fail_msg("%s", err.text);
    }
    free(copy);
    return share;
}

static void test_parse(void **state)
{
    static const struct {
        const char *text;
        uint64_t num, den;
        const char *printed;
    } cases[] = {
        {"0", 0, 1, "0"}, {"1", 1, 1, "1"}, {"0.75", 3, 4, "3/4"}, {"2/3", 2, 3, "2/3"},
        {"4/6", 2, 3, "2/3"}, {"1.0", 1, 1, "1"}, {"1.", 1, 1, "1"}, {".5", 1, 2, "1/2"},
        {"75%", 3, 4, "3/4"}, {"100%", 1, 1, "1"}, {"0.5%", 1, 200, "1/200"},
        {"0/7", 0, 1, "0"}, {"7/7", 1, 1, "1"}, {"000000000.000000000", 0, 1, "0"},
        {"0.123456789", 123456789, 1000000000, "123456789/1000000000"},
        {"0.000000001%", 1, 100000000000, "1/100000000000"},
        {"999999998/999999999", 999999998, 999999999, "999999998/999999999"},
    };
    char text[PREF_SHARE_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pref_share share = share_of(cases[i].text);

        assert_int_equal(share.num, cases[i].num);
        assert_int_equal(share.den, cases[i].den);
        assert_int_equal(pref_share_print(text, share), strlen(cases[i].printed));
        assert_string_equal(text, cases[i].printed);
    }
}

static void test_refused(void **state)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"", "share '' is not a decimal such as 0.75, a fraction such as 2/3, "
             "or a percentage such as 75%"},
        {"1.5", "share '1.5' is above 1"},
        {"3/2", "share '3/2' is above 1"},
        {"101%", "share '101%' is above 1"},
        {"1/0", "share '1/0' divides by zero"},
        {"0/0", "share '0/0' divides by zero"},
        {"0.1234567890", "share '0.1234567890' has more than 9 digits in a row"},
        {"0000000000", "share '0000000000' has more than 9 digits in a row"},
        {"1/1000000000", "share '1/1000000000' has more than 9 digits in a row"},
        {"00000000000000000000000000000000000000000000000001",
         "share '0000000000000000000000000000000000000000...' has more than 9 digits in a row"},
    };
    static const char *const shapes[] = {
        "-0.5", "+0.5", " 0.5", "0.5 ", "5e-1", "/3", "2/", "/", ".", "%", ".%", "2/3%", "0.5/2",
        "2/3/4", "0.5.5", "half", "0,5", "0x1", "1%%", "nan", "inf", "2 / 3", "1/-3",
    };
    struct pref_err err;
    struct pref_share share = {7, 8};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(pref_share_parse(pref_span_of(cases[i].text), &share, &err), PREF_USAGE);
        assert_string_equal(err.text, cases[i].why);
    }
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        assert_int_equal(pref_share_parse(pref_span_of(shapes[i]), &share, &err), PREF_USAGE);
        assert_non_null(strstr(err.text, "is not a decimal"));
    }
    assert_int_equal(share.num, 7); /* untouched */
    assert_int_equal(share.den, 8);
}

static void test_compare_small(void **state)
{
    (void)state;
    for (uint64_t den = 1; den <= 12; den++) {
        for (uint64_t num = 0; num <= den; num++) {
            struct pref_share share = {num, den};

            for (uint64_t total = 0; total <= 30; total++) {
                uint64_t least = 0;

                for (uint64_t count = 0; count <= total; count++) {
                    assert_int_equal(pref_share_at_least(share, count, total),
                                     total > 0 && count * den >= num * total);
                    assert_int_equal(pref_share_at_most(share, count, total),
                                     total > 0 && count * den <= num * total);
                }
                while (least * den < num * total) {
                    least++;
                }
                assert_int_equal(pref_share_of(share, total), least);
            }
        }
    }
}

static void test_compare_large(void **state)
{
    struct pref_share third = share_of("2/3"), fine = share_of("0.000000001%");
    const uint64_t total = UINT64_MAX; /* a multiple of 3 */

    (void)state;
    assert_true(pref_share_at_least(third, 2, 3));
    assert_true(pref_share_at_least(share_of("0.7"), 7, 10));
    assert_false(pref_share_at_least(share_of("0.666666667"), 2, 3));
    assert_true(pref_share_at_least(share_of("0.666666666"), 2, 3));
    assert_int_equal(pref_share_compare(total / 3 * 2, total, third), 0);
    assert_int_equal(pref_share_compare(total / 3 * 2 - 1, total, third), -1);
    assert_int_equal(pref_share_compare(total / 3 * 2 + 1, total, third), 1);
    assert_int_equal(pref_share_of(third, total), total / 3 * 2);
    assert_int_equal(pref_share_of(third, total - 1), total / 3 * 2);
    assert_int_equal(pref_share_of(third, total - 2), total / 3 * 2 - 1);
    assert_int_equal(pref_share_of(share_of("1"), total), total);
    assert_int_equal(pref_share_of(share_of("0"), total), 0);
    assert_int_equal(pref_share_of(fine, total), 184467441);
    assert_true(pref_share_at_least(fine, 184467441, total));
    assert_false(pref_share_at_least(fine, 184467440, total));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_compare_small),
        cmocka_unit_test(test_compare_large),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
