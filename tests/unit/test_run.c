/* SPDX-License-Identifier: Apache-2.0 */
/* The engine as a program sees it: filters defined here, run by pref_run. */
#include "config.h"

#include "stream_help.h"
#include "pref/run.h"
#include "pref/sink.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- A filter of numbers: records are {"n":N}; odd ones are rejected, sevenths are edited ---- */

enum { CALLS_MAX = 64 };

struct odd {
    pref_place n;
    uint64_t seen, sum; /* what commit counted, in order */
    uint64_t learnt;
    unsigned learns;
    int in_order, closed;
    uint64_t break_map, break_commit; /* a number that breaks the run */
    const char *command;
    char calls[CALLS_MAX]; /* a letter a call of open, absorb, settle, commit, finish, close */
};

static void note_call(struct odd *odd, char letter)
{
    size_t n = strlen(odd->calls);
    if (n + 1 < CALLS_MAX)
        odd->calls[n] = letter;
}

static int odd_open(void *self, struct pref_opening *opening, struct pref_err *err)
{
    struct odd *odd = self;
    (void)err;
    note_call(odd, 'o');
    odd->in_order = 1;
    odd->n = pref_shape_field(opening->shape, "n");
    pref_shape_demand(opening->shape, odd->n, PREF_IS(PREF_NUMBER), PREF_REQUIRED);
    opening->learns = odd->learns;
    opening->oracle.command = odd->command;
    return PREF_OK;
}

static uint64_t number(const struct odd *odd, const struct pref_job *job)
{
    return (uint64_t)pref_hit_number(job->doc, pref_doc_at(job->doc, odd->n));
}

static enum pref_verdict odd_map(const void *self, struct pref_job *job, void *note)
{
    const struct odd *odd = self;
    uint64_t n = number(odd, job);
    *(uint64_t *)note = n;
    if (odd->break_map != 0 && n == odd->break_map) {
        pref_fail(job->err, "map broke at %llu", (unsigned long long)n);
        return PREF_BROKEN;
    }
    if (n % 2 == 1)
        return pref_reject(job, "%llu is odd", (unsigned long long)n);
    if (n % 7 == 0)
        pref_edit_put(&job->edits, "seven", NULL, pref_span_of("true"));
    return PREF_PASS;
}

static enum pref_verdict odd_commit(void *self, struct pref_row *row, void *note)
{
    struct odd *odd = self;
    uint64_t n = *(const uint64_t *)note;
    note_call(odd, 'c');
    odd->seen++;
    odd->in_order &= n == odd->seen && row->number == odd->seen;
    odd->sum += n;
    if (odd->break_commit != 0 && n == odd->break_commit) {
        pref_fail(row->err, "commit broke at %llu", (unsigned long long)n);
        return PREF_BROKEN;
    }
    return row->verdict;
}

static enum pref_verdict odd_learn(const void *self, struct pref_job *job, void *note)
{
    *(uint64_t *)note = number(self, job);
    return PREF_USE;
}

static enum pref_verdict odd_absorb(void *self, struct pref_row *row, void *note)
{
    struct odd *odd = self;
    (void)row;
    note_call(odd, 'a');
    odd->learnt += *(const uint64_t *)note;
    return PREF_USE;
}

static int odd_settle(void *self, struct pref_err *err)
{
    (void)err;
    note_call(self, 's');
    return PREF_OK;
}

static int odd_finish(void *self, struct pref_err *err)
{
    (void)err;
    note_call(self, 'f');
    return PREF_OK;
}

static void odd_report(const void *self, struct pref_report *report)
{
    const struct odd *odd = self;
    pref_report_count(report, "sum", odd->sum);
    pref_report_warn(report, "%llu seen", (unsigned long long)odd->seen);
}

static void odd_close(void *self)
{
    struct odd *odd = self;
    note_call(odd, 'x');
    odd->closed++;
}

static const struct pref_filter odd_filter = {
    .name = "odd",
    .self_size = sizeof(struct odd),
    .note_size = sizeof(uint64_t),
    .open = odd_open,
    .learn = odd_learn,
    .absorb = odd_absorb,
    .settle = odd_settle,
    .map = odd_map,
    .commit = odd_commit,
    .finish = odd_finish,
    .report = odd_report,
    .close = odd_close,
};

/* ---- Running --------------------------------------------------------------------------------- */

struct outcome {
    struct pref_counts counts;
    int status, stopped;
    struct pref_err err;
};

static struct outcome run(const struct pref_filter *filter, void *self, const char *input,
                          struct pref_config config)
{
    struct outcome outcome = {.status = -1};
    config.inputs = (struct pref_texts){.text = &input, .count = 1};
    outcome.status =
        pref_run(filter, self, &config, &outcome.counts, &outcome.stopped, &outcome.err);
    return outcome;
}

static struct pref_config to(const char *output, uint64_t threads)
{
    struct pref_config config = pref_config_default();
    config.output = output;
    config.threads = threads;
    return config;
}

/* {"n":1} to {"n":count}. */
static void write_numbers(const char *path, size_t count)
{
    struct pref_buf buf = {0};
    for (size_t n = 1; n <= count; n++)
        pref_buf_addf(&buf, "{\"n\":%zu}\n", n);
    help_write(path, buf.ptr, buf.len);
    pref_buf_release(&buf);
}

/* What odd makes of them, by arithmetic alone. */
static void expect_output(const char *path, size_t count)
{
    struct pref_buf want = {0}, got = help_read(path);
    for (size_t n = 2; n <= count; n += 2)
        pref_buf_addf(&want, "{\"n\":%zu%s}\n", n, n % 7 == 0 ? ",\"seven\":true" : "");
    help_same(&got, want.ptr, want.len);
    pref_buf_release(&want);
    pref_buf_release(&got);
}

static void expect_text(const char *path, const char *text)
{
    struct pref_buf got = help_read(path);
    help_same(&got, text, strlen(text));
    pref_buf_release(&got);
}

static int sweep(void **state)
{
    (void)state;
    help_sweep();
    return 0;
}

/* ---- Cases ----------------------------------------------------------------------------------- */

static void take_warning(void *user, const char *sentence)
{
    snprintf(user, 64, "%s", sentence);
}

static void counts_and_files(void **state)
{
    (void)state;
    static const char input[] = "{\"n\":1}\n\n{\"n\":14}\nno\n{\"n\":3}\n{\"n\":4}";
    char warned[64] = "";
    struct odd odd = {0};
    struct pref_buf summary = {0};
    struct pref_config config = to("out", 1);
    help_write("in", input, sizeof input - 1);
    config.rejects = "rejects";
    config.malformed = "malformed";
    config.on_error = PREF_ON_ERROR_SKIP;
    config.summary = "summary";
    config.summary_text = &summary;
    config.warn_end = take_warning;
    config.warn_user = warned;
    struct outcome o = run(&odd_filter, &odd, "in", config);
    assert_int_equal(o.status, PREF_OK);
    assert_int_equal(o.stopped, 0);
    assert_int_equal(o.counts.in, 5);
    assert_int_equal(o.counts.out, 2);
    assert_int_equal(o.counts.rejected, 2);
    assert_int_equal(o.counts.malformed, 1);
    assert_int_equal(o.counts.blank, 1);
    assert_int_equal(o.counts.faults[PREF_FAULT_SYNTAX], 1);
    expect_text("out", "{\"n\":14,\"seven\":true}\n{\"n\":4}\n");
    expect_text("rejects", "{\"n\":1,\"reject\":{\"by\":\"odd\",\"why\":\"1 is odd\"}}\n"
                           "{\"n\":3,\"reject\":{\"by\":\"odd\",\"why\":\"3 is odd\"}}\n");
    expect_text("malformed", "no\n");
    static const char end[] =
        "{\"tool\":\"odd\",\"version\":\"\",\"in\":5,\"out\":2,\"rejected\":2,"
        "\"malformed\":1,\"blank\":1,\"missing\":0,\"sum\":22}";
    help_same(&summary, end, sizeof end - 1);
    assert_true(help_exists("summary"));
    assert_string_equal(warned, "4 seen");
    assert_string_equal(odd.calls, "osccccfx");
    pref_buf_release(&summary);
}

/* Enough for many batches, with one thread and with more than there are processors. */
static void order_is_the_input_s(void **state)
{
    (void)state;
    enum { COUNT = 300000 };
    write_numbers("in", COUNT);
    for (unsigned threads = 1; threads <= 5; threads += 2) {
        struct odd odd = {0};
        struct outcome o = run(&odd_filter, &odd, "in", to("out", threads));
        assert_int_equal(o.status, PREF_OK);
        assert_int_equal(odd.seen, COUNT);
        assert_int_equal(odd.sum, (uint64_t)COUNT * (COUNT + 1) / 2);
        assert_true(odd.in_order);
        expect_output("out", COUNT);
    }
}

struct side_by_side {
    struct odd odd;
    struct outcome outcome;
    const char *in, *out;
    uint64_t threads;
};

static void *run_one(void *argument)
{
    struct side_by_side *one = argument;
    one->outcome = run(&odd_filter, &one->odd, one->in, to(one->out, one->threads));
    return NULL;
}

static void two_runs_at_once(void **state)
{
    (void)state;
    struct side_by_side a = {.in = "a", .out = "a.out", .threads = 1};
    struct side_by_side b = {.in = "b", .out = "b.out", .threads = 3};
    pthread_t thread[2];
    write_numbers("a", 90000);
    write_numbers("b", 120000);
    a.odd.learns = 1;
    for (int again = 0; again < 2; again++) {
        a.odd.seen = b.odd.seen = a.odd.learnt = 0;
        assert_int_equal(pthread_create(&thread[0], NULL, run_one, &a), 0);
        assert_int_equal(pthread_create(&thread[1], NULL, run_one, &b), 0);
        pthread_join(thread[0], NULL);
        pthread_join(thread[1], NULL);
        assert_int_equal(a.outcome.status, PREF_OK);
        assert_int_equal(b.outcome.status, PREF_OK);
        assert_int_equal(a.outcome.counts.out, 45000);
        assert_int_equal(b.outcome.counts.out, 60000);
        assert_int_equal(a.odd.learnt, UINT64_C(90000) * 90001 / 2);
        assert_int_equal(b.odd.learnt, 0);
        expect_output("a.out", 90000);
        expect_output("b.out", 120000);
    }
}

static void two_phases_in_order(void **state)
{
    (void)state;
    write_numbers("in", 3);
    for (unsigned threads = 1; threads <= 3; threads += 2) {
        struct odd odd = {.learns = 1};
        struct outcome o = run(&odd_filter, &odd, "in", to("out", threads));
        assert_int_equal(o.status, PREF_OK);
        assert_string_equal(odd.calls, "oaaascccfx");
        assert_int_equal(odd.learnt, 6);
        assert_int_equal(o.counts.in, 3);
    }
}

static void what_breaks(void **state)
{
    (void)state;
    write_numbers("in", 20000);
    for (unsigned threads = 1; threads <= 3; threads += 2) {
        struct pref_config config = to("out", threads);
        config.summary = "summary";
        struct odd map = {.break_map = 15000}, commit = {.break_commit = 15000};
        struct outcome o = run(&odd_filter, &map, "in", config);
        assert_int_equal(o.status, PREF_FAIL);
        assert_string_equal(o.err.text, "map broke at 15000");
        o = run(&odd_filter, &commit, "in", config);
        assert_int_equal(o.status, PREF_FAIL);
        assert_string_equal(o.err.text, "commit broke at 15000");
        assert_int_equal(map.closed, 1);
        assert_int_equal(commit.closed, 1);
        assert_true(map.seen < 15000);
        assert_int_equal(commit.seen, 15000);
        assert_int_equal(o.counts.in, 14999);
        assert_false(help_exists("out") || help_exists("summary"));
        assert_int_equal(help_count(), 1); /* nothing temporary is left */
    }
}

static void malformed_stops(void **state)
{
    (void)state;
    struct odd odd = {0};
    help_write("in", "{\"n\":2}\n{\"n\":\"x\"}\n{\"n\":4}\n", 26);
    struct outcome o = run(&odd_filter, &odd, "in", to("out", 1));
    assert_int_equal(o.status, PREF_FAIL);
    assert_string_equal(o.err.text, "in:2: field 'n' is a string, expected a number");
    assert_int_equal(o.counts.in, 2);
    assert_string_equal(odd.calls, "oscx");
}

/* Once the descriptor is readable the run ends, and nothing of it is seen. */
static void a_stop_ends_it(void **state)
{
    (void)state;
    int stop[2];
    struct odd odd = {0};
    struct pref_config config = to("out", 3);
    write_numbers("in", 1000);
    assert_int_equal(pipe(stop), 0);
    config.stop_fd = stop[0];
    assert_int_equal(run(&odd_filter, &odd, "in", config).status, PREF_OK);
    assert_int_equal(unlink("out"), 0);
    assert_int_equal(write(stop[1], "", 1), 1);
    struct outcome o = run(&odd_filter, &odd, "in", config);
    assert_int_equal(o.status, PREF_LATER);
    assert_int_equal(o.stopped, 1);
    assert_int_equal(help_count(), 1);
    close(stop[0]);
    close(stop[1]);
}

static int leave_off(void *self, struct pref_err *err)
{
    (void)self;
    (void)err;
    return PREF_LATER;
}

/* A filter that looks at the descriptor itself may end the run wherever it works for long. */
static void a_filter_may_stop(void **state)
{
    (void)state;
    struct pref_filter filters[] = {odd_filter, odd_filter, odd_filter};
    filters[0].begin = leave_off;
    filters[1].settle = leave_off;
    filters[2].finish = leave_off;
    write_numbers("in", 10);
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        struct odd odd = {0};
        struct outcome o = run(&filters[i], &odd, "in", to("out", 1));
        assert_int_equal(o.status, PREF_LATER);
        assert_int_equal(o.stopped, 1);
        assert_int_equal(odd.closed, 1);
        assert_int_equal(help_count(), 1);
    }
}

/* ---- A filter that asks ---------------------------------------------------------------------- */

/* The question is asked until the oracle said yes `n % 3` times; then the record passes. */
struct asked {
    uint64_t n;
    unsigned yes;
    int no, none;
};

/* In sh: yes, but for numbers that end in 9; no answer at all for those that end in 99. */
static const char sayer[] = "while read -r l; do q=${l#*:}; q=${q%%,*}; case $l in "
                            "*99'}}') echo '{\"q\":'$q',\"error\":\"?\"}';; "
                            "*9'}}') echo '{\"q\":'$q',\"ok\":false}';; "
                            "*) echo '{\"q\":'$q',\"ok\":true}';; esac; done";

static enum pref_verdict asked_map(const void *self, struct pref_job *job, void *note)
{
    struct asked *asked = note;
    asked->n = number(self, job);
    return asked->n % 5 == 0 ? PREF_PASS : PREF_ASK;
}

static enum pref_verdict asked_ask(const void *self, void *note, enum pref_answer answer,
                                   struct pref_buf *question)
{
    struct asked *asked = note;
    (void)self;
    if (answer == PREF_ANSWER_NO || answer == PREF_ANSWER_NONE) {
        asked->no = answer == PREF_ANSWER_NO;
        asked->none = answer == PREF_ANSWER_NONE;
        return PREF_PASS;
    }
    asked->yes += answer == PREF_ANSWER_YES;
    if (asked->yes > asked->n % 3)
        return PREF_PASS;
    pref_buf_addf(question, "{\"n\":%llu}", (unsigned long long)asked->n);
    return PREF_ASK;
}

static enum pref_verdict asked_resume(const void *self, struct pref_job *job, void *note)
{
    const struct asked *asked = note;
    assert_int_equal(number(self, job), asked->n);
    if (asked->none)
        return pref_unanswered(job);
    if (asked->no)
        return pref_reject(job, "no");
    char count[8];
    snprintf(count, sizeof count, "%u", asked->yes);
    pref_edit_put(&job->edits, "yes", NULL, pref_span_of(count));
    return PREF_PASS;
}

static enum pref_verdict asked_commit(void *self, struct pref_row *row, void *note)
{
    struct odd *odd = self;
    const struct asked *asked = note;
    odd->seen++;
    odd->in_order &= asked->n == odd->seen && row->number == odd->seen;
    return row->verdict;
}

static const struct pref_filter asking_filter = {
    .name = "asking",
    .self_size = sizeof(struct odd),
    .note_size = sizeof(struct asked),
    .open = odd_open,
    .map = asked_map,
    .ask = asked_ask,
    .resume = asked_resume,
    .commit = asked_commit,
};

static void expect_answers(size_t count)
{
    struct pref_buf want = {0}, got = help_read("out");
    for (size_t n = 1; n <= count; n++) {
        if (n % 5 == 0)
            pref_buf_addf(&want, "{\"n\":%zu}\n", n);
        else if (n % 10 != 9)
            pref_buf_addf(&want, "{\"n\":%zu,\"yes\":%zu}\n", n, n % 3 + 1);
    }
    help_same(&got, want.ptr, want.len);
    pref_buf_release(&want);
    pref_buf_release(&got);
}

static void questions(void **state)
{
    (void)state;
    write_numbers("some", 98);
    write_numbers("all", 250);
    for (unsigned threads = 1; threads <= 3; threads += 2) {
        struct odd odd = {.command = sayer};
        struct outcome o = run(&asking_filter, &odd, "some", to("out", threads));
        assert_int_equal(o.status, PREF_OK);
        assert_int_equal(o.counts.out, 98 - 9);
        assert_true(odd.in_order);
        expect_answers(98);

        /* Records that stay unanswered do not hold up the others. */
        odd = (struct odd){.command = sayer};
        o = run(&asking_filter, &odd, "all", to("out", threads));
        assert_int_equal(o.status, PREF_LATER);
        assert_int_equal(o.stopped, 0);
        assert_int_equal(o.counts.in, 250);
        assert_int_equal(o.counts.rejected, 25);
        assert_true(odd.in_order);
        expect_answers(250);
    }
}

/* ---- Filters that lack something ------------------------------------------------------------- */

static enum pref_verdict reject_all(void *self, struct pref_row *row, void *note)
{
    assert_null(self);
    assert_null(note);
    assert_int_equal(row->verdict, PREF_PASS);
    return pref_row_reject(row, "line %llu", (unsigned long long)row->number);
}

static enum pref_verdict ask_at_once(const void *self, struct pref_job *job, void *note)
{
    (void)self, (void)job, (void)note;
    return PREF_ASK;
}

/* Nothing but a name will do; and each half alone. */
static void few_functions(void **state)
{
    (void)state;
    struct pref_filter bare = {.name = "bare"};
    struct pref_config config = to("out", 1);
    config.rejects = "rejects";
    help_write("in", " {}\n{\"a\": 1}\r\n", 14);
    struct outcome o = run(&bare, NULL, "in", config);
    assert_int_equal(o.status, PREF_OK);
    expect_text("out", " {}\n{\"a\": 1}\r\n");

    bare.commit = reject_all;
    o = run(&bare, NULL, "in", config);
    assert_int_equal(o.status, PREF_OK);
    assert_int_equal(o.counts.rejected, 2);
    expect_text("out", "");
    expect_text("rejects", " {\"reject\":{\"by\":\"bare\",\"why\":\"line 1\"}}\n"
                           "{\"a\": 1,\"reject\":{\"by\":\"bare\",\"why\":\"line 2\"}}\r\n");
}

static void halves_are_refused(void **state)
{
    (void)state;
    struct odd odd = {.learns = 1};
    struct pref_filter half = {.name = "half", .self_size = sizeof odd, .open = odd_open};
    write_numbers("in", 3);
    struct outcome o = run(&half, &odd, "in", to("out", 1));
    assert_int_equal(o.status, PREF_USAGE);
    assert_string_equal(o.err.text, "the filter half learns, but lacks learn or absorb");

    odd = (struct odd){.command = "cat"};
    o = run(&half, &odd, "in", to("out", 1));
    assert_int_equal(o.status, PREF_USAGE);
    assert_string_equal(o.err.text, "the filter half names an oracle, but lacks ask or resume");

    odd = (struct odd){0};
    half.traits = PREF_FITS;
    o = run(&half, &odd, "in", to("out", 1));
    assert_int_equal(o.status, PREF_USAGE);
    assert_string_equal(o.err.text, "the filter half fits, but lacks save or load");

    half.traits = 0;
    half.map = ask_at_once;
    o = run(&half, &odd, "in", to("out", 3));
    assert_int_equal(o.status, PREF_FAIL);
    assert_string_equal(o.err.text, "the filter half asks without an oracle, or outside of map");
    assert_false(help_exists("out"));
}

static void wrong_settings(void **state)
{
    (void)state;
    struct odd odd = {0};
    struct pref_config config = to("out", 0);
    write_numbers("in", 3);
    assert_int_equal(run(&odd_filter, &odd, "in", config).status, PREF_USAGE);
    config.threads = PREF_THREADS_MAX + 1;
    assert_int_equal(run(&odd_filter, &odd, "in", config).status, PREF_USAGE);
    config.threads = 1;
    config.fit = "fit"; /* odd learns, but nothing that is a fit */
    assert_int_equal(run(&odd_filter, &odd, "in", config).status, PREF_USAGE);
    config.fit = NULL;
    assert_int_equal(run(&odd_filter, &odd, "absent", config).status, PREF_FAIL);
    assert_int_equal(help_count(), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(counts_and_files, sweep),
        cmocka_unit_test_teardown(order_is_the_input_s, sweep),
        cmocka_unit_test_teardown(two_runs_at_once, sweep),
        cmocka_unit_test_teardown(two_phases_in_order, sweep),
        cmocka_unit_test_teardown(what_breaks, sweep),
        cmocka_unit_test_teardown(malformed_stops, sweep),
        cmocka_unit_test_teardown(a_stop_ends_it, sweep),
        cmocka_unit_test_teardown(a_filter_may_stop, sweep),
        cmocka_unit_test_teardown(questions, sweep),
        cmocka_unit_test_teardown(few_functions, sweep),
        cmocka_unit_test_teardown(halves_are_refused, sweep),
        cmocka_unit_test_teardown(wrong_settings, sweep),
    };
    return cmocka_run_group_tests(tests, help_enter, help_leave);
}
