/* SPDX-License-Identifier: Apache-2.0 */
/* record: the fields of a pair as pref-record(5) has them; votes and scores one after another. */
#include "config.h"

#include "record_help.h"

#include <stdio.h>
#include <string.h>

#include "pref/record.h"

static void test_texts(void **state)
{
    (void)state;
    struct help_record r;
    help_record_init(&r);
    pref_place out = pref_want_text(r.shape, "out", PREF_OUTSIDE);
    pref_place in = pref_want_text(r.shape, "/in/text", PREF_INSIDE);
    help_record_accept(&r, "{\"out\":[1,\"\\ud800\"],\"in\":{\"text\":\"t\"}}");
    assert_int_equal(pref_doc_at(&r.doc, out)->type, PREF_ARRAY);
    assert_int_equal(pref_doc_at(&r.doc, in)->type, PREF_STRING);
    help_record_accept(&r, "{\"out\":\"\",\"in\":{\"text\":["
                           "{\"role\":\"u\",\"content\":null},{\"role\":\"r\"},"
                           "{\"content\":[{\"a\":1}],\"role\":\"\",\"more\":{}}]}}");
    help_record_refuse(&r, "{\"in\":{\"text\":\"t\"}}",
                       "field 'out' is missing or null, expected a value");
    help_record_refuse(&r, "{\"out\":\"\"}", "field 'in' is missing or null, expected a value");
    help_record_refuse(&r, "{\"out\":\"\",\"in\":{}}",
                       "field 'in.text' is missing or null, expected a value");
    help_record_refuse(&r, "{\"out\":\"\",\"in\":{\"text\":[{\"role\":\"u\",\"content\":{}}]}}",
                       "field 'in.text[].content' is an object, expected an array, a string or "
                       "null");
    help_record_refuse(&r, "{\"out\":\"\",\"in\":{\"text\":[{\"role\":\"u\",\"x\":\"\\udc00\"}]}}",
                       "byte 41: field 'in.text[]' has an escaped lone surrogate, expected a pair "
                       "of them");
    help_record_release(&r);
}

static void test_votes(void **state)
{
    (void)state;
    struct help_record r;
    help_record_init(&r);
    struct pref_votes votes = pref_want_votes(r.shape, "votes", pref_scale_default());
    pref_place after = pref_shape_field(r.shape, "after");
    help_record_accept(&r, "{\"votes\":[{\"judge\":\"a\",\"vote\":\"chosen\"},"
                           "{\"vote\":\"both_bad\",\"x\":{\"vote\":7},\"judge\":\"b\","
                           "\"swapped\":true,\"confidence\":0.25},"
                           "{\"judge\":\"c\",\"vote\":\"t\\u0069e\",\"swapped\":null},"
                           "{\"judge\":\"\",\"vote\":\"rejected\",\"swapped\":false}],"
                           "\"after\":[1]}");
    static const struct {
        const char *judge;
        enum pref_word word;
        int swapped, confidence; /* -1: absent */
    } want[] = {{"\"a\"", PREF_CHOSEN, -1, 0},
                {"\"b\"", PREF_BOTH_BAD, PREF_TRUE, 1},
                {"\"c\"", PREF_TIE, -1, 0},
                {"\"\"", PREF_REJECTED, PREF_FALSE, 0}};
    struct pref_vote vote;
    size_t at = pref_votes_begin(&votes, &r.doc), n = 0;
    for (; pref_vote_next(&votes, &r.doc, &at, &vote); n++) {
        assert_true(n < sizeof want / sizeof *want);
        struct pref_span judge = pref_hit_span(&r.doc, vote.judge);
        assert_true(pref_span_equal(judge, pref_span_of(want[n].judge)));
        assert_int_equal(vote.word, want[n].word);
        assert_int_equal(vote.swapped == NULL ? -1 : vote.swapped->type, want[n].swapped);
        assert_int_equal(vote.confidence != NULL, want[n].confidence);
        if (vote.confidence != NULL)
            assert_true(pref_hit_number(&r.doc, vote.confidence) == 0.25);
    }
    assert_int_equal(n, sizeof want / sizeof *want);
    assert_non_null(pref_doc_at(&r.doc, after));

    static const char *const none[] = {"{}", "{\"votes\":null}", "{\"votes\":[]}",
                                       "{\"after\":[{}],\"votes\":[]}",
                                       "{\"votes\":[],\"after\":[{}]}"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        help_record_accept(&r, none[i]);
        at = pref_votes_begin(&votes, &r.doc);
        assert_int_equal(pref_vote_next(&votes, &r.doc, &at, &vote), 0);
    }
    help_record_refuse(&r, "{\"votes\":[{\"judge\":\"a\",\"vote\":\"good\"}]}",
                       "field 'votes[].vote' is none of the words allowed, expected 'chosen', "
                       "'rejected', 'tie' or 'both_bad'");
    help_record_release(&r);
}

/* A vote with these members, read on this scale: refused with this sentence, or taken (NULL). */
static void grade(struct pref_scale scale, const char *members, const char *sentence)
{
    struct help_record r;
    char line[160], full[200];
    help_record_init(&r);
    pref_want_votes(r.shape, "votes", scale);
    pref_want_votes(r.shape, "votes", scale); /* asked twice, told once */
    assert_int_equal(r.shape->relations, 1);
    snprintf(line, sizeof line,
             "{\"votes\":[{\"judge\":\"a\",\"vote\":\"tie\"},{\"judge\":\"b\",%s}]}", members);
    snprintf(full, sizeof full, "field 'votes[].grade' %s", sentence == NULL ? "" : sentence);
    if (sentence == NULL)
        help_record_accept(&r, line);
    else
        help_record_refuse(&r, line, full);
    help_record_release(&r);
}

static void test_grades(void **state)
{
    (void)state;
    static const struct pref_scale usual = {-3, 3}, likert = {1, 7}, down = {7, 1}, even = {1, 6};
    static const char off[] = "is off the scale, expected an integer from -3 to 3 (see --scale)";
    static const char against[] =
        "contradicts the vote beside it, on a scale from -3 to 3 (see --scale)";
    static const char *const good[] = {
        "\"vote\":\"chosen\",\"grade\":3", "\"grade\":-1,\"vote\":\"rejected\"",
        "\"vote\":\"tie\",\"grade\":0", "\"vote\":\"both_bad\",\"grade\":null"};
    static const char *const wrong[] = {"4",   "-4", "-0", "1.0", "1e0", "10000000000000000000",
                                        "-100"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        grade(usual, good[i], NULL);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char members[80];
        snprintf(members, sizeof members, "\"vote\":\"chosen\",\"grade\":%s", wrong[i]);
        grade(usual, members, off);
    }
    grade(usual, "\"vote\":\"chosen\",\"grade\":-1", against);
    grade(usual, "\"vote\":\"rejected\",\"grade\":0", against);
    grade(usual, "\"grade\":1,\"vote\":\"tie\"", against);
    grade(usual, "\"vote\":\"both_bad\",\"grade\":0",
          "stands beside a vote 'both_bad', expected none");
    grade(likert, "\"vote\":\"chosen\",\"grade\":5", NULL);
    grade(likert, "\"vote\":\"tie\",\"grade\":4", NULL);
    grade(likert, "\"vote\":\"tie\",\"grade\":0",
          "is off the scale, expected an integer from 1 to 7 (see --scale)");
    grade(down, "\"vote\":\"rejected\",\"grade\":5", NULL);
    grade(down, "\"vote\":\"chosen\",\"grade\":5",
          "contradicts the vote beside it, on a scale from 7 to 1 (see --scale)");
    grade(even, "\"vote\":\"rejected\",\"grade\":3", NULL);
    grade(even, "\"vote\":\"chosen\",\"grade\":4", NULL);
    grade(even, "\"vote\":\"tie\",\"grade\":4",
          "contradicts the vote beside it, on a scale from 1 to 6 (see --scale)");
    for (int32_t i = 1; i <= 7; i++) {
        assert_int_equal(pref_grade_turn(likert, i), 8 - i);
        assert_int_equal(pref_grade_side(likert, i), (i > 4) - (i < 4));
        assert_int_equal(pref_grade_side(down, i), (i < 4) - (i > 4));
    }
}

static void test_scores(void **state)
{
    (void)state;
    struct help_record r;
    help_record_init(&r);
    struct pref_scores scores = pref_want_scores(r.shape, "/s/rows");
    help_record_accept(&r, "{\"s\":{\"rows\":[{\"rejected\":-1.5e1,\"model\":\"m\",\"chosen\":2},"
                           "{\"model\":\"n\",\"chosen\":1e-400,"
                           "\"rejected\":17000000001234567890}]}}");
    struct pref_score score;
    size_t at = pref_scores_begin(&scores, &r.doc);
    assert_int_equal(pref_score_next(&scores, &r.doc, &at, &score), 1);
    assert_true(pref_hit_number(&r.doc, score.side[0]) == 2);
    assert_true(pref_hit_number(&r.doc, score.side[1]) == -15);
    assert_int_equal(pref_score_next(&scores, &r.doc, &at, &score), 1);
    assert_true(pref_hit_number(&r.doc, score.side[0]) == 0);
    assert_true(pref_hit_number(&r.doc, score.side[1]) == 17000000001234567890.0);
    assert_int_equal(pref_score_next(&scores, &r.doc, &at, &score), 0);
    help_record_refuse(&r, "{\"s\":{\"rows\":[{\"model\":\"m\",\"chosen\":1,\"rejected\":1e309}]}}",
                       "field 's.rows[].rejected' is a number too large for a double, expected a "
                       "finite one");
    help_record_release(&r);
}

/* One row with these sides: refused with this sentence about a field, or taken (NULL), and then of
 * this difference, and the opposite one with its sides exchanged. */
static void row(const char *chosen, const char *rejected, const char *sentence, double want)
{
    struct help_record r;
    char line[400];
    help_record_init(&r);
    struct pref_scores scores = pref_want_scores(r.shape, "s");
    for (int turned = 0; turned < 2; turned++) {
        struct pref_score score;
        snprintf(line, sizeof line,
                 "{\"s\":[{\"model\":\"n\",\"chosen\":1,\"rejected\":2},"
                 "{\"model\":\"m\",\"chosen\":%s,\"rejected\":%s}]}",
                 turned ? rejected : chosen, turned ? chosen : rejected);
        if (sentence != NULL) {
            if (!turned)
                help_record_refuse(&r, line, sentence);
            else
                assert_int_equal(help_record_scan(&r, pref_span_of(line)), 0);
            continue;
        }
        help_record_accept(&r, line);
        size_t at = pref_scores_begin(&scores, &r.doc);
        assert_int_equal(pref_score_next(&scores, &r.doc, &at, &score), 1);
        assert_int_equal(score.kind, PREF_SCORE_NUMBER);
        assert_int_equal(pref_score_next(&scores, &r.doc, &at, &score), 1);
        double difference = pref_score_difference(&r.doc, &score);
        assert_true(difference == (turned ? -want : want));
        assert_int_equal(pref_score_next(&scores, &r.doc, &at, &score), 0);
    }
    help_record_release(&r);
}

static void test_sides(void **state)
{
    (void)state;
    static const char flat[] = "{\"dist\":[0.5,0.5]}", tokens[] = "{\"logprobs\":[-1,-2.5]}";
    static const char other[] =
        "field 's[].rejected' is given in another way than the other side";
    row("1.5", "-2", NULL, 3.5);
    row("{\"dist\":[0,0.25,0.75],\"x\":[1]}", "{\"x\":{\"dist\":1},\"dist\":[1,0,0]}", NULL, 1.75);
    row("{\"dist\":[0.9999991,0]}", flat, NULL, 0.9999991 - 1.5);
    row(tokens, "{\"logprobs\":[-0]}", NULL, -3.5);
    row("{\"logprobs\":-3}", "{\"logprobs\":-1e1}", NULL, 7);
    row("{}", flat, "field 's[].chosen.dist' or 'logprobs': expected one of the two", 0);
    row("{\"dist\":null}", flat, "field 's[].chosen.dist' or 'logprobs': expected one of the two",
        0);
    row("{\"logprobs\":-1,\"dist\":[0,1]}", flat,
        "field 's[].chosen.dist' or 'logprobs': expected one of the two", 0);
    row("{\"dist\":[1,0],\"dist\":[1,0]}", flat,
        "field 's[].chosen.dist' or 'logprobs': expected one of the two", 0);
    row("{\"dist\":[0.5,null]}", flat, "field 's[].chosen.dist[]' is null, expected a number", 0);
    row("{\"dist\":[0.5,1e999]}", flat,
        "field 's[].chosen.dist[]' is a number too large for a double, expected a finite one", 0);
    row("{\"dist\":[0.5,[0.5]]}", flat, "field 's[].chosen.dist[]' is an array, expected a number",
        0);
    row("{\"dist\":0.5}", flat, "field 's[].chosen.dist' is a number, expected an array", 0);
    row("{\"dist\":[]}", "{\"dist\":[]}",
        "field 's[].chosen.dist' has too few or too many levels, expected 2 to 1000", 0);
    row("{\"dist\":[1]}", flat,
        "field 's[].chosen.dist' has too few or too many levels, expected 2 to 1000", 0);
    row("{\"dist\":[1.5,-0.5]}", flat,
        "field 's[].chosen.dist[]' is below 0, expected a probability", 0);
    row("{\"dist\":[0.5,0.500002]}", flat,
        "field 's[].chosen.dist' does not sum to 1, expected it within 0.000001", 0);
    row("{\"dist\":[0.999998,0]}", flat,
        "field 's[].chosen.dist' does not sum to 1, expected it within 0.000001", 0);
    row(flat, "{\"dist\":[0.5,0.5,0]}",
        "field 's[].rejected.dist' has not as many levels as the other side", 0);
    row("{\"logprobs\":[]}", tokens,
        "field 's[].chosen.logprobs' has no token, expected at least one", 0);
    row("{\"logprobs\":[-1,0.5]}", tokens,
        "field 's[].chosen.logprobs[]' is above 0, expected the logarithm of a probability", 0);
    row("{\"logprobs\":1}", "{\"logprobs\":-1}",
        "field 's[].chosen.logprobs' is above 0, expected the logarithm of a probability", 0);
    row(flat, "1", other, 0);
    row("1", flat, other, 0);
    row(flat, tokens, other, 0);
    row(tokens, "{\"logprobs\":-1}", other, 0);
    row("\"1\"", "1", "field 's[].chosen' is a string, expected an object or a number", 0);
}

static void test_own_object(void **state)
{
    (void)state;
    static const char *const keys[] = {"label", "n", "p", NULL};
    static const struct {
        const char *object;
        int own;
    } cases[] = {{"{\"label\":1}", 1},
                 {"{ \"p\" : [1,{\"x\":2}] , \"label\" : {} }", 1},
                 {"{\"n\":1,\"p\":2}", 0},
                 {"{}", 0},
                 {"{\"label\":1,\"more\":2}", 0},
                 {"{\"label2\":1}", 0},
                 {"{\"x\":{\"label\":1}}", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(pref_object_is_own(pref_span_of(cases[i].object), keys[0], keys),
                         cases[i].own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_votes),
        cmocka_unit_test(test_grades),
        cmocka_unit_test(test_scores),
        cmocka_unit_test(test_sides),
        cmocka_unit_test(test_own_object),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
