/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns of votes: what is one pattern, their order, and their rows of a fit. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filters/vote/patterns.h"

/* A record's votes as text: "judge/vote judge/vote", a vote as in a fit. */
static void add(struct vote_patterns *patterns, const char *text)
{
    struct vote_cast casts[16];
    struct vote_pattern_key key = {.votes = 0};
    struct pref_err err = {""};
    unsigned count = 0;
    int fresh;
    for (const char *at = text; *at != '\0'; at += *at == ' ') {
        struct vote_cast *cast = &casts[count++];
        cast->judge = (struct pref_span){at, strcspn(at, "/")};
        at += cast->judge.len + 1;
        cast->order = *at == '<'   ? VOTE_ORDER_SWAPPED
                      : *at == '>' ? VOTE_ORDER_PLAIN
                                   : VOTE_ORDER_UNKNOWN;
        at += cast->order != VOTE_ORDER_UNKNOWN;
        cast->word = (enum pref_word)(strchr("crtx", *at++) - "crtx");
        vote_pattern_key_add(patterns, &key, cast);
    }
    assert_int_equal(vote_patterns_count(patterns, &key, 1, &fresh, &err), PREF_OK);
    for (unsigned i = 0; fresh && i < count; i++)
        assert_int_equal(vote_patterns_vote(patterns, &casts[i], &err), PREF_OK);
    if (fresh)
        assert_int_equal(vote_patterns_close(patterns, &err), PREF_OK);
}

static void open_with(struct vote_patterns *patterns, uint64_t seed)
{
    struct pref_err err = {""};
    assert_int_equal(vote_patterns_open(patterns, seed, 0, &err), PREF_OK);
}

/* The rows of a fit, as text in memory for the caller to free. */
static char *saved(struct vote_patterns *patterns)
{
    char name[] = "patterns-XXXXXX", *text = calloc(1, 4096);
    struct pref_err err = {""};
    struct pref_fit_writer *writer;
    const struct pref_fit_head head = {"vote", 1, "{}", 1};
    int fd = mkstemp(name);
    assert_true(fd >= 0);
    FILE *file = fdopen(fd, "r");
    assert_int_equal(vote_patterns_settle(patterns, &err), PREF_OK);
    assert_int_equal(pref_fit_create(&writer, name, &head, &err), PREF_OK);
    if (vote_patterns_save(patterns, writer, &err) != PREF_OK)
        fail_msg("%s", err.text);
    assert_int_equal(pref_fit_finish(writer, &err), PREF_OK);
    fclose(file);
    file = fopen(name, "r");
    assert_true(fread(text, 1, 4095, file) > 0);
    fclose(file);
    remove(name);
    return text;
}

static const char *const records[] = {
    "b/c a/r",   "a/r b/c",    "a/c",         "a/c a/c",    "a/c b/c",  "a/<c a/>c", "a/>c a/<c",
    "a/<c a/<c", "ab/c",       "a/c ab/x",    "a\n/t \\/x", "/c",       "a/c a/r",   "a/r a/c",
    "a /c",      "\xc3\xa9/t", "a/c b/c c/c", "a/<t a/x",   "a/x a/>t", "b/c"};
enum { RECORDS = sizeof records / sizeof records[0] };

/* Neither the order of records nor that of votes shows, nor the seed. */
static void order_does_not_show(void **state)
{
    struct vote_patterns there, back;
    (void)state;
    open_with(&there, 1);
    open_with(&back, 99);
    for (int i = 0; i < RECORDS; i++) {
        add(&there, records[i]);
        add(&back, records[RECORDS - 1 - i]);
    }
    char *one = saved(&there), *other = saved(&back);
    assert_string_equal(one, other);
    assert_int_equal(there.count, 17);
    assert_int_equal(there.records, RECORDS);
    assert_non_null(strstr(one, "{\"key\":\"a\\tr\\tb\\tc\",\"n\":[2]}"));
    assert_non_null(strstr(one, "{\"key\":\"a\\t<c>c\",\"n\":[2]}"));
    assert_non_null(strstr(one, "{\"key\":\"\\\\5c\\tx\\ta\\\\0a\\tt\",\"n\":[1]}"));
    free(one);
    free(other);
    vote_patterns_release(&there);
    vote_patterns_release(&back);
}

static int load(struct vote_patterns *patterns, struct pref_span key, uint64_t count)
{
    struct pref_err err = {""};
    struct pref_fit_row row = {.key = key, .n = {count}, .counts = 1};
    return vote_patterns_load(patterns, &row, &err);
}

/* More votes than a record can have would be more than sums over a pattern can hold. */
static void too_many_votes(void **state)
{
    const size_t len = (1 << 20) + 3;
    char *key = malloc(len);
    struct vote_patterns patterns;
    (void)state;
    assert_non_null(key);
    memset(key, 'c', len);
    memcpy(key, "a\t", 2);
    open_with(&patterns, 7);
    assert_int_equal(load(&patterns, (struct pref_span){key, len}, 1), PREF_FAIL);
    assert_int_equal(load(&patterns, (struct pref_span){key, len - 1}, 1), PREF_OK);
    vote_patterns_release(&patterns);
    free(key);
}

static void rows_come_back(void **state)
{
    static const char *const keys[] = {"\tc", "\\5c\tx", "a\t<c>c", "a\tc", "a\tcrtx\tb\t<r"};
    struct vote_patterns patterns;
    (void)state;
    open_with(&patterns, 7);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        assert_int_equal(load(&patterns, pref_span_of(keys[i]), i + 1), PREF_OK);
    assert_int_equal(patterns.records, 15);
    assert_int_equal(patterns.judge_count, 4);
    char *text = saved(&patterns);
    for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
        assert_true(at[1] == '\0' || at[1] == '{');
    assert_non_null(strstr(text, "{\"key\":\"a\\tcrtx\\tb\\t<r\",\"n\":[5]}"));
    assert_int_equal(vote_patterns_judge(&patterns, pref_span_of("")), 0);
    assert_int_equal(vote_patterns_judge(&patterns, pref_span_of("\\")), 1);
    assert_int_equal(vote_patterns_judge(&patterns, pref_span_of("b")), 3);
    assert_true(vote_patterns_judge(&patterns, pref_span_of("c")) == VOTE_NO_JUDGE);
    free(text);
    vote_patterns_release(&patterns);
}

static void other_rows_are_refused(void **state)
{
    static const char *const keys[] = {
        "",        "a",       "a\t",        "a\tc\t",     "a\tq",      "a\t<",   "a\trc",
        "a\tc<c",  "a\t>c<c", "b\tc\ta\tc", "a\tc\ta\tc", "\\\tc",     "\\0\tc", "\\zz\tc",
        "\\41\tc", "\\0A\tc", "a\nb\tc",    "a\tc\tb",    "a\tc\t\tc", "a\tc\n", "\\fc\tc"};
    struct vote_patterns patterns;
    (void)state;
    open_with(&patterns, 7);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (load(&patterns, pref_span_of(keys[i]), 1) != PREF_FAIL)
            fail_msg("'%s' was taken", keys[i]);
    assert_int_equal(load(&patterns, pref_span_of("a\tc"), 0), PREF_FAIL);
    assert_int_equal(patterns.count, 0);
    assert_int_equal(load(&patterns, pref_span_of("a\tc"), UINT64_C(1) << 52), PREF_OK);
    assert_int_equal(load(&patterns, pref_span_of("a\tr"), 1), PREF_FAIL);
    vote_patterns_release(&patterns);
}

static void memory_has_a_limit(void **state)
{
    struct vote_patterns patterns;
    struct pref_err err = {""};
    int status = PREF_OK;
    (void)state;
    assert_int_equal(vote_patterns_open(&patterns, 3, 1 << 20, &err), PREF_OK);
    for (int i = 0; i < 100000 && status == PREF_OK; i++) {
        char key[32];
        snprintf(key, sizeof key, "judge%d\tc", i);
        struct pref_fit_row row = {.key = pref_span_of(key), .n = {1}, .counts = 1};
        status = vote_patterns_load(&patterns, &row, &err);
    }
    assert_int_equal(status, PREF_FAIL);
    assert_non_null(strstr(err.text, "--memory: "));
    vote_patterns_release(&patterns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_does_not_show),
        cmocka_unit_test(too_many_votes),
        cmocka_unit_test(rows_come_back),
        cmocka_unit_test(other_rows_are_refused),
        cmocka_unit_test(memory_has_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
