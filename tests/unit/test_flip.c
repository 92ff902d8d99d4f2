/* SPDX-License-Identifier: Apache-2.0 */
/* flip: random pairs are written twice, as they are and as they must be when flipped; a flip turns
 * the one text into the other, and back. */
#include "config.h"

#include "record_help.h"

#include <stdio.h>
#include <string.h>

#include "pref/flip.h"

static struct help_record r;
static struct pref_flip flip;
static struct pref_edits edits;

static int setup(void **state)
{
    (void)state;
    struct pref_names names = pref_names_default();
    struct pref_err err = {""};
    help_record_init(&r);
    pref_flip_want(&flip, r.shape, &names);
    assert_int_equal(pref_flip_add_side(&flip, r.shape, "left:/m/right", &err), PREF_OK);
    assert_int_equal(pref_flip_add_turn(&flip, r.shape, "/m/gold", &err), PREF_OK);
    assert_int_equal(pref_flip_check(&flip, r.shape, &err), PREF_OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    help_record_release(&r);
    pref_edits_release(&edits);
    return 0;
}

/* Flip a line into `out`, which ends with a NUL; returns the count of sides left alone. */
static unsigned flip_line(const char *line, struct pref_buf *out, pref_place keep)
{
    struct pref_err err = {""};
    help_record_accept(&r, line);
    pref_edits_begin(&edits, &r.doc);
    unsigned untouched = pref_flip_edit(&flip, &edits, keep);
    pref_buf_clear(out);
    if (pref_edits_apply(&edits, out, &err) != PREF_OK)
        fail_msg("%s: %s", line, err.text);
    pref_buf_add_byte(out, '\0');
    return untouched;
}

/* ---- Random pairs -------------------------------------------------------------------------- */

#define ROWS 3
#define NO_GRADE 9

struct vote {
    enum pref_word word;
    int swapped; /* 0, 1, or 2: absent, 3: null */
    int grade;   /* NO_GRADE: none */
    int first;   /* the grade stands before the word */
};

struct pair {
    const char *chosen, *rejected;
    struct vote vote[ROWS];
    const char *score[ROWS][2];
    uint32_t votes, scores; /* ROWS + 1: no such key; ROWS + 2: null */
    const char *margin, *margin_flipped;
    const char *left, *right, *gold, *gold_flipped;
    uint32_t order[7];
};

static const char *pick(uint64_t *seed, const char *const *list, uint32_t n)
{
    return list[help_below(seed, n)];
}

static void random_pair(uint64_t *seed, struct pair *pair)
{
    static const char *const sides[] = {"\"\"", "\"a\"", "\"\\ud800\"", "[]", "\"a \\\"b\\\" {,}\"",
                                        "[{\"role\":\"user\", \"content\":null}]", "[[ ],1.0]"};
    static const char *const numbers[] = {"0",     "-0",     "1.0",
                                          "-2E+3", "1e-400", "1700000000123456789"};
    static const char *const margins[][2] = {
        {"1.50", "-1.50"}, {"-0", "0"}, {"3e400", "-3e400"}, {"\"1\"", "\"1\""}, {"null", "null"}};
    static const char *const golds[][2] = {{"\"chosen\"", "\"rejected\""},
                                           {"\"rejected\"", "\"chosen\""},
                                           {"\"tie\"", "\"tie\""},
                                           {"7", "7"}};
    pair->chosen = pick(seed, sides, 7);
    pair->rejected = pick(seed, sides, 7);
    pair->votes = help_below(seed, ROWS + 3);
    pair->scores = help_below(seed, ROWS + 3);
    for (size_t i = 0; i < ROWS; i++) {
        pair->vote[i].word = (enum pref_word)help_below(seed, PREF_WORDS);
        pair->vote[i].swapped = (int)help_below(seed, 4);
        int strength = 1 + (int)help_below(seed, 3), graded = help_below(seed, 2) == 0;
        static const int sign[PREF_WORDS] = {1, -1, 0, 0};
        pair->vote[i].grade = graded && pair->vote[i].word != PREF_BOTH_BAD
                                  ? sign[pair->vote[i].word] * strength
                                  : NO_GRADE;
        pair->vote[i].first = help_below(seed, 2) == 0;
        pair->score[i][0] = pick(seed, numbers, 6);
        pair->score[i][1] = pick(seed, numbers, 6);
    }
    uint32_t m = help_below(seed, 5), g = help_below(seed, 4);
    pair->margin = margins[m][0];
    pair->margin_flipped = margins[m][1];
    pair->gold = golds[g][0];
    pair->gold_flipped = golds[g][1];
    pair->left = pick(seed, sides, 7);
    pair->right = pick(seed, numbers, 6);
    for (uint32_t i = 0; i < 7; i++) {
        uint32_t k = help_below(seed, i + 1);
        pair->order[i] = pair->order[k];
        pair->order[k] = i;
    }
}

static void write_votes(struct pref_buf *text, const struct pair *pair, int flipped)
{
    static const char *const words[2][PREF_WORDS] = {{"chosen", "rejected", "tie", "both_bad"},
                                                     {"rejected", "chosen", "tie", "both_bad"}};
    static const char *const swapped[2][4] = {
        {",\"swapped\":false", ", \"swapped\" : true", "", ",\"swapped\":null"},
        {",\"swapped\":true", ", \"swapped\" : false", "", ",\"swapped\":null"}};
    if (pair->votes > ROWS) {
        pref_buf_add_text(text, pair->votes == ROWS + 1 ? "\"u\":1" : "\"votes\":null");
        return;
    }
    pref_buf_add_text(text, "\"votes\" : [");
    for (uint32_t i = 0; i < pair->votes; i++) {
        const struct vote *vote = &pair->vote[i];
        char grade[32] = "";
        if (vote->grade != NO_GRADE)
            snprintf(grade, sizeof grade, ",\"grade\" : %d", flipped ? -vote->grade : vote->grade);
        pref_buf_addf(text, "%s{\"judge\":\"chosen\"%s,\"vote\":\"%s\"%s%s,\"x\":[\"chosen\"]}",
                      i > 0 ? " ," : "", vote->first ? grade : "", words[flipped][vote->word],
                      swapped[flipped][vote->swapped], vote->first ? "" : grade);
    }
    pref_buf_add_text(text, "]");
}

static void write_scores(struct pref_buf *text, const struct pair *pair, int flipped)
{
    if (pair->scores > ROWS) {
        pref_buf_add_text(text, pair->scores == ROWS + 1 ? "\"t\":{}" : "\"scores\":null");
        return;
    }
    pref_buf_add_text(text, "\"scores\":[");
    for (uint32_t i = 0; i < pair->scores; i++)
        pref_buf_addf(text, "%s{\"rejected\": %s,\"model\":\"m\",\"chosen\":%s}", i > 0 ? "," : "",
                      pair->score[i][!flipped], pair->score[i][flipped]);
    pref_buf_add_text(text, "] ");
}

static void write_pair(struct pref_buf *text, const struct pair *pair, int flipped)
{
    pref_buf_clear(text);
    pref_buf_add_text(text, " { ");
    for (size_t i = 0; i < 7; i++) {
        pref_buf_add_text(text, i > 0 ? "," : "");
        switch (pair->order[i]) {
        case 0:
            pref_buf_addf(text, "\"chosen\" :%s", flipped ? pair->rejected : pair->chosen);
            break;
        case 1:
            pref_buf_addf(text, "\"rejecte\\u0064\":%s", flipped ? pair->chosen : pair->rejected);
            break;
        case 2: write_votes(text, pair, flipped); break;
        case 3: write_scores(text, pair, flipped); break;
        case 4:
            pref_buf_addf(text, "\"margin\":%s", flipped ? pair->margin_flipped : pair->margin);
            break;
        case 5:
            pref_buf_addf(text, "\"m\":{\"right\":%s,\"gold\":%s,\"n\":1.0}",
                          flipped ? pair->left : pair->right,
                          flipped ? pair->gold_flipped : pair->gold);
            break;
        default: pref_buf_addf(text, "\"left\":%s", flipped ? pair->right : pair->left); break;
        }
    }
    /* Whatever came last, the mark follows it without a blank. */
    while (text->ptr[text->len - 1] == ' ')
        text->len--;
    pref_buf_addf(text, "%s \t} ", flipped ? ",\"flipped\":true" : "");
    pref_buf_add_byte(text, '\0');
}

static void test_random(void **state)
{
    (void)state;
    struct pref_buf line = {0}, want = {0}, once = {0}, twice = {0};
    for (uint64_t round = 0; round < 20000; round++) {
        uint64_t seed = round * 104729 + 3;
        struct pair pair = {0};
        random_pair(&seed, &pair);
        write_pair(&line, &pair, 0);
        write_pair(&want, &pair, 1);
        flip_line(line.ptr, &once, PREF_NOWHERE);
        assert_string_equal(once.ptr, want.ptr);
        flip_line(once.ptr, &twice, PREF_NOWHERE);
        assert_string_equal(twice.ptr, line.ptr);
    }
    pref_buf_release(&line);
    pref_buf_release(&want);
    pref_buf_release(&once);
    pref_buf_release(&twice);
}

/* ---- What a flip takes away or leaves ------------------------------------------------------- */

static void test_annotations(void **state)
{
    (void)state;
    struct pref_buf text = {0};
    static const char line[] =
        "{\"vote\":{\"n\":1},\"chosen\":\"a\",\"strength\":{},\"rejected\":\"b\",\"loo\":{}}";
    flip_line(line, &text, PREF_NOWHERE);
    assert_string_equal(text.ptr, "{\"chosen\":\"b\",\"rejected\":\"a\",\"flipped\":true}");
    flip_line(line, &text, flip.strength);
    assert_string_equal(text.ptr, "{\"chosen\":\"b\",\"strength\":{},\"rejected\":\"a\","
                                  "\"flipped\":true}");
    flip_line("{\"chosen\":\"a\",\"rejected\":\"b\",\"flipped\":null,\"vote\":[],\"loo\":null}",
              &text, PREF_NOWHERE);
    assert_string_equal(text.ptr, "{\"chosen\":\"b\",\"rejected\":\"a\",\"flipped\":true,"
                                  "\"vote\":[],\"loo\":null}");
    pref_buf_release(&text);
}

static void test_untouched(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        unsigned count;
    } cases[] = {
        {"{\"chosen\":\"a\",\"rejected\":\"b\"}", 0},
        {"{\"chosen\":\"a\",\"rejected\":\"b\",\"x\":\"the chosen\",\"y\":{\"chosen\":1}}", 0},
        {"{\"chosen\":\"a\",\"rejected\":\"b\",\"x\":\"chosen\",\"y\" : \"rejected\"}", 2},
        {"{\"score_chosen\":1,\"chosen\":\"a\",\"rejected\":\"b\",\"rejected_by\":0,"
         "\"rejected_at\":null}", 2},
        {"{\"chosen\":\"a\",\"rejected\":\"b\",\"vote\":\"chosen\",\"strength\":\"weak\"}", 1},
        {"{\"chosen\":\"a\",\"rejected\":\"b\",\"left\":\"chosen\","
         "\"m\":{\"right\":1,\"gold\":\"chosen\"}}", 0},
        {"{\"chosen\":\"a\",\"rejected\":\"b\",\"left\":\"chosen\","
         "\"m\":{\"right\":null,\"gold\":\"chosen\"}}", 1},
        {"{\"chosen\":\"a\",\"rejected\":\"b\",\"m\":{\"right\":0}}", 1},
    };
    struct pref_buf text = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(flip_line(cases[i].line, &text, PREF_NOWHERE), cases[i].count);
    pref_buf_release(&text);
}

/* ---- Options that make no sense -------------------------------------------------------------- */

static void try(const char *side, const char *turn, const char *chosen, const char *sentence)
{
    struct help_record record;
    struct pref_flip plan;
    struct pref_names names = pref_names_default();
    struct pref_err err = {""};
    int status = PREF_OK;
    help_record_init(&record);
    if (chosen != NULL)
        names.chosen = chosen;
    pref_flip_want(&plan, record.shape, &names);
    if (side != NULL)
        status = pref_flip_add_side(&plan, record.shape, side, &err);
    if (status == PREF_OK && turn != NULL)
        status = pref_flip_add_turn(&plan, record.shape, turn, &err);
    if (status == PREF_OK)
        status = pref_flip_check(&plan, record.shape, &err);
    assert_int_equal(status, sentence == NULL ? PREF_OK : PREF_USAGE);
    assert_string_equal(err.text, sentence == NULL ? "" : sentence);
    help_record_release(&record);
}

static void test_refused(void **state)
{
    (void)state;
    try("a:b", "c", NULL, NULL);
    try("/a/b:/a/c", "/a/d", "/a/e", NULL);
    try("ab", NULL, NULL, "--sides: 'ab', expected two fields, A:B");
    try(":b", NULL, NULL, "--sides: ':b', expected two fields, A:B");
    try("a:", NULL, NULL, "--sides: 'a:', expected two fields, A:B");
    try("a:a", NULL, NULL, "a flip changes 'a' and 'a', which overlap");
    try("a:/a/b/c", NULL, NULL, "a flip changes 'a' and 'a.b.c', which overlap");
    try("/a/b:/a", NULL, NULL, "a flip changes 'a.b' and 'a', which overlap");
    try("a:b", "b", NULL, "a flip changes 'b' and 'b', which overlap");
    try(NULL, "rejected", NULL, "a flip changes 'rejected' and 'rejected', which overlap");
    try(NULL, NULL, "rejected", "a flip changes 'rejected' and 'rejected', which overlap");
    try(NULL, NULL, "/loo/chosen", "a flip changes 'loo.chosen' and 'loo', which overlap");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_annotations),
        cmocka_unit_test(test_untouched),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
