/* SPDX-License-Identifier: Apache-2.0 */
/* Folding, on cases taken from UAX #15, CaseFolding.txt and PropList.txt by hand. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/text/unicode.h"

#define NFKC PREF_FOLD_NFKC
#define CASE PREF_FOLD_CASE
#define SPACE PREF_FOLD_SPACE

static const struct {
    unsigned folds;
    const char *text, *want;
} cases[] = {
    {0, " A\u00c5 ", " A\u00c5 "},
    {NFKC, "", ""},
    {SPACE, "", ""},
    {SPACE, " \t\r\n ", ""},
    {SPACE, "  a \t b\n", "a b"},
    {SPACE, "a\u00a0\u2003 b\u3000\xc2\x85", "a b"},
    {SPACE, "\u200b a \u180e", "\u200b a \u180e"}, /* neither is White_Space */
    {CASE, "AbC[Z]", "abc[z]"},
    {CASE, "\u00c5\u03a3\u03c2", "\u00e5\u03c3\u03c3"},
    {CASE, "Stra\u00dfe \u1e9e", "strasse ss"},
    {CASE, "\ufb03", "ffi"},
    {CASE, "\u0130", "i\u0307"},
    {NFKC, "Ab  c", "Ab  c"},
    {NFKC, "\ufb01\u2460\uff21", "fi1A"},
    {NFKC, "e\u0301", "\u00e9"},
    {NFKC, "\u212b", "\u00c5"},
    {NFKC, "a\u0315\u0300\u05ae\u0300b", "\u00e0\u05ae\u0300\u0315" "b"},
    {NFKC, "\u1100\u1161\u11a8", "\uac01"},
    {NFKC, "\uff76\uff9e", "\u30ac"},
    {NFKC, "\u0958", "\u0915\u093c"}, /* excluded from composition */
    {NFKC | CASE, "\u2121", "tel"},
    {NFKC | CASE, "\u0345\u0301", "\u0301\u03b9"},
    {NFKC | SPACE, "a\u00a8b", "a \u0308b"},
    {NFKC | CASE | SPACE, " \u2167\u00a0\ufdfa ",
     "viii \u0635\u0644\u0649 \u0627\u0644\u0644\u0647 \u0639\u0644\u064a\u0647 "
     "\u0648\u0633\u0644\u0645"},
};

static void check(struct pref_folder *folder, unsigned folds, struct pref_span text,
                  struct pref_span want)
{
    struct pref_err err;
    struct pref_span out;
    assert_int_equal(pref_fold_text(folder, folds, text, &out, &err), 0);
    assert_int_equal(out.len, want.len);
    assert_memory_equal(out.ptr, want.ptr, want.len);
}

static void test_cases(void **state)
{
    (void)state;
    struct pref_folder *folder = pref_folder_new();
    assert_non_null(folder);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check(folder, cases[i].folds, pref_span_of(cases[i].text), pref_span_of(cases[i].want));
    pref_folder_free(folder);
    pref_folder_free(NULL);
}

/* A text is folded in pieces: what it is made of must not matter. */
static void test_long(void **state)
{
    (void)state;
    struct pref_folder *folder = pref_folder_new();
    struct pref_buf text = {0}, want = {0};
    for (unsigned i = 0; i < 20000; i++) {
        pref_buf_add_text(&text, "E\u0301 \t");
        pref_buf_add_text(&want, i == 0 ? "\u00e9" : " \u00e9");
    }
    check(folder, NFKC | CASE | SPACE, pref_buf_span(&text), pref_buf_span(&want));
    pref_buf_release(&text);
    pref_buf_release(&want);
    pref_folder_free(folder);
}

/* The same in scripts whose letters take marks: a text of many words is folded as each word is. */
static void test_scripts(void **state)
{
    (void)state;
    static const char *const words[] = {
        "e\u0301\u00c5\u0327A\u0328", "\u1f80\u03b1\u0313\u0345", "\u0438\u0306\u0419",
        "\u05d9\u05b4", "\u0627\u0653\u0622", "\u304b\u3099\u304c", "\u30cf\u309a",
        "\u1112\u1161\u11ab\uac00\u11a8", "\uf900\u0338", "\ufdfa\ufb2c", "\ufe8f\u064b",
        "\uff76\uff9e\uff21\u030a", "\U0001f1e9\U0001f1ea\u0301", "\U0002f800",
    };
    struct pref_folder *folder = pref_folder_new();
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        for (unsigned folds = NFKC; folds <= (NFKC | CASE); folds += CASE) {
            struct pref_buf text = {0}, want = {0};
            struct pref_span one;
            struct pref_err err;
            for (unsigned n = 0; n < 9001; n++)
                pref_buf_add_text(&text, words[i]);
            assert_int_equal(pref_fold_text(folder, folds, pref_span_of(words[i]), &one, &err), 0);
            for (unsigned n = 0; n < 9001; n++)
                pref_buf_add_span(&want, one);
            check(folder, folds, pref_buf_span(&text), pref_buf_span(&want));
            pref_buf_release(&text);
            pref_buf_release(&want);
        }
    }
    pref_folder_free(folder);
}

/* Marks without end, in the worst order: nothing to cut at, and still linear. */
static void test_marks(void **state)
{
    (void)state;
    enum { N = 300000 };
    struct pref_folder *folder = pref_folder_new();
    struct pref_buf text = {0}, want = {0};
    pref_buf_add_text(&text, "x");
    pref_buf_add_text(&want, "x");
    for (unsigned i = 0; i < N; i++)
        pref_buf_add_text(&text, i % 2 == 0 ? "\u0315" : "\u0316"); /* classes 232 and 220 */
    for (unsigned i = 0; i < N; i++)
        pref_buf_add_text(&want, i < N / 2 ? "\u0316" : "\u0315");
    check(folder, NFKC, pref_buf_span(&text), pref_buf_span(&want));
    pref_buf_release(&text);
    pref_buf_release(&want);
    pref_folder_free(folder);
}

static void test_version(void **state)
{
    (void)state;
    assert_true(atoi(pref_unicode_version()) >= 11);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_long),
        cmocka_unit_test(test_scripts),
        cmocka_unit_test(test_marks),
        cmocka_unit_test(test_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
