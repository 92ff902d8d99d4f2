/* SPDX-License-Identifier: Apache-2.0 */
/* Side inputs: what a filter compares records with is read first, by a shape of its own. */
#include "config.h"

#include "stream_help.h"
#include "pref/run.h"

#include <stdio.h>
#include <string.h>

/* ---- A filter of numbers: {"n":N} is rejected if a side input has a line {"not":N} ----------- */

enum { NUMBERS = 70000 };

struct sieve {
    struct pref_texts files;
    int own_shape;
    pref_place n, not;
    unsigned char out[NUMBERS];
    uint64_t gathered, last_input;
    int in_order, begun, wrong;
};

static int sieve_open(void *self, struct pref_opening *opening, struct pref_err *err)
{
    struct sieve *sieve = self;
    (void)err;
    sieve->in_order = 1;
    opening->side_inputs = sieve->files;
    sieve->n = pref_shape_field(opening->shape, "n");
    pref_shape_demand(opening->shape, sieve->n, PREF_IS(PREF_NUMBER), PREF_REQUIRED);
    if (!sieve->own_shape)
        opening->side_shape = opening->shape;
    sieve->not = pref_shape_field(opening->side_shape, sieve->own_shape ? "not" : "n");
    pref_shape_demand(opening->side_shape, sieve->not, PREF_IS(PREF_NUMBER), PREF_REQUIRED);
    return PREF_OK;
}

static enum pref_verdict sieve_study(const void *self, struct pref_job *job, void *note)
{
    const struct sieve *sieve = self;
    *(uint64_t *)note = (uint64_t)pref_hit_number(job->doc, pref_doc_at(job->doc, sieve->not));
    return PREF_USE;
}

static enum pref_verdict sieve_gather(void *self, struct pref_row *row, void *note)
{
    struct sieve *sieve = self;
    if (row->ordinal != sieve->gathered++ || row->input < sieve->last_input || sieve->begun)
        sieve->in_order = 0;
    if (strcmp(row->file, sieve->files.text[row->input]) != 0)
        sieve->in_order = 0;
    sieve->last_input = row->input;
    sieve->out[*(uint64_t *)note] = 1;
    return PREF_USE;
}

static int sieve_begin(void *self, struct pref_err *err)
{
    struct sieve *sieve = self;
    (void)err;
    sieve->begun = 1;
    return PREF_OK;
}

static enum pref_verdict sieve_map(const void *self, struct pref_job *job, void *note)
{
    const struct sieve *sieve = self;
    (void)note;
    uint64_t n = (uint64_t)pref_hit_number(job->doc, pref_doc_at(job->doc, sieve->n));
    return sieve->out[n] ? pref_reject(job, "%u is out", (unsigned)n) : PREF_PASS;
}

static const struct pref_filter sieve_filter = {
    .name = "sieve",
    .self_size = sizeof(struct sieve),
    .note_size = sizeof(uint64_t),
    .open = sieve_open,
    .study = sieve_study,
    .gather = sieve_gather,
    .begin = sieve_begin,
    .map = sieve_map,
};

/* ---- Running --------------------------------------------------------------------------------- */

struct outcome {
    struct pref_counts counts;
    int status;
    struct pref_err err;
};

static struct sieve sieve;

static struct outcome run(const char *const *files, size_t count, int own_shape,
                          struct pref_config config)
{
    const char *input = "in", *names[4];
    struct outcome outcome = {.status = -1};
    int stopped = 0;
    memcpy(names, files, count * sizeof *names);
    memset(&sieve, 0, sizeof sieve);
    sieve.files = (struct pref_texts){.text = names, .count = count};
    sieve.own_shape = own_shape;
    config.inputs = (struct pref_texts){.text = &input, .count = 1};
    outcome.status = pref_run(&sieve_filter, &sieve, &config, &outcome.counts, &stopped,
                              &outcome.err);
    return outcome;
}

static struct pref_config to(const char *output, uint64_t threads)
{
    struct pref_config config = pref_config_default();
    config.output = output;
    config.threads = threads;
    return config;
}

/* {"KEY":from}, {"KEY":from + step} and so on, below `end`; plain or as two frames of zstd. */
static void write_numbers(const char *path, const char *key, size_t from, size_t step, size_t end,
                          int packed)
{
    struct pref_buf buf = {0}, frames = {0};
    for (size_t n = from; n < end; n += step)
        pref_buf_addf(&buf, "{\"%s\":%zu}\n", key, n);
    if (packed) {
        help_frame(&frames, buf.ptr, buf.len / 2);
        help_frame(&frames, buf.ptr + buf.len / 2, buf.len - buf.len / 2);
    }
    help_write(path, packed ? frames.ptr : buf.ptr, packed ? frames.len : buf.len);
    pref_buf_release(&buf);
    pref_buf_release(&frames);
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

/* Several files, in many batches, with any number of threads; they are counted nowhere. */
static void reads_all_of_them_first(void **state)
{
    (void)state;
    static const char *const files[] = {"two", "three", "none", "two"};
    struct pref_buf want = {0};
    write_numbers("in", "n", 0, 1, NUMBERS, 0);
    write_numbers("two", "not", 0, 2, NUMBERS, 0);
    write_numbers("three", "not", 0, 3, NUMBERS, 1);
    help_write("none", "", 0);
    for (size_t n = 0; n < NUMBERS; n++)
        if (n % 2 != 0 && n % 3 != 0)
            pref_buf_addf(&want, "{\"n\":%zu}\n", n);
    for (unsigned threads = 1; threads <= 5; threads += 2) {
        struct outcome o = run(files, 4, 1, to("out", threads));
        assert_int_equal(o.status, PREF_OK);
        assert_int_equal(o.counts.in, NUMBERS);
        assert_int_equal(o.counts.missing + o.counts.blank + o.counts.malformed, 0);
        assert_int_equal(sieve.gathered, 2 * (NUMBERS / 2) + (NUMBERS + 2) / 3);
        assert_int_equal(sieve.last_input, 3);
        assert_true(sieve.in_order && sieve.begun);
        struct pref_buf got = help_read("out");
        help_same(&got, want.ptr, want.len);
        pref_buf_release(&got);
    }
    pref_buf_release(&want);
}

static void may_share_the_shape(void **state)
{
    (void)state;
    static const char *const files[] = {"side"};
    help_write("in", "{\"n\":1}\n{\"n\":2}\n", 16);
    help_write("side", "\xef\xbb\xbf{\"n\":2}\r\n\n{\"n\":3}", 20);
    struct outcome o = run(files, 1, 0, to("out", 1));
    assert_int_equal(o.status, PREF_OK);
    assert_int_equal(sieve.gathered, 2);
    expect_text("out", "{\"n\":1}\n");
}

/* Its fault ends the run, also where faults are skipped, and before anything is begun. */
static void a_fault_names_its_place(void **state)
{
    (void)state;
    static const char *const files[] = {"good", "bad"};
    struct pref_config config = to("out", 3);
    config.on_error = PREF_ON_ERROR_SKIP;
    config.malformed = "malformed";
    help_write("in", "no\n", 3);
    help_write("good", "{\"not\":2}\n", 10);
    help_write("bad", "{\"not\":2}\n\n{\"id\":\"x\",\"not\":\"2\"}\n{}\n", 35);
    struct outcome o = run(files, 2, 1, config);
    assert_int_equal(o.status, PREF_FAIL);
    assert_string_equal(o.err.text,
                        "bad:3: field 'not' is a string, expected a number (id \"x\")");
    assert_false(sieve.begun);
    assert_false(help_exists("out"));
    expect_text("malformed", "");
}

static void names_that_make_no_sense(void **state)
{
    (void)state;
    static const char *const files[] = {"side"}, *const input[] = {"-"}, *const none[] = {"none"};
    struct pref_config config = to("side", 1);
    help_write("in", "{\"n\":1}\n", 8);
    help_write("side", "{\"not\":1}\n", 10);
    struct outcome o = run(files, 1, 1, config);
    assert_int_equal(o.status, PREF_USAGE);
    assert_string_equal(o.err.text, "--output 'side' is a side input, which is never written");
    config = to("out", 1);
    config.rejects = "./side";
    assert_int_equal(run(files, 1, 1, config).status, PREF_USAGE);
    assert_int_equal(run(input, 1, 1, to("out", 1)).status, PREF_USAGE);
    o = run(none, 1, 1, to("out", 1));
    assert_int_equal(o.status, PREF_FAIL);
    assert_non_null(strstr(o.err.text, "none: cannot open"));
    expect_text("side", "{\"not\":1}\n");
}

static void both_halves_are_needed(void **state)
{
    (void)state;
    static const char *files[] = {"side"};
    struct pref_filter filter = sieve_filter;
    struct pref_config config = to("out", 1);
    struct pref_counts counts;
    struct pref_err err;
    const char *input = "in";
    int stopped;
    help_write("in", "", 0);
    help_write("side", "", 0);
    filter.gather = NULL;
    memset(&sieve, 0, sizeof sieve);
    sieve.files = (struct pref_texts){.text = files, .count = 1};
    config.inputs = (struct pref_texts){.text = &input, .count = 1};
    assert_int_equal(pref_run(&filter, &sieve, &config, &counts, &stopped, &err), PREF_USAGE);
    assert_string_equal(err.text, "the filter sieve names side inputs, but lacks study or gather");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(reads_all_of_them_first, sweep),
        cmocka_unit_test_teardown(may_share_the_shape, sweep),
        cmocka_unit_test_teardown(a_fault_names_its_place, sweep),
        cmocka_unit_test_teardown(names_that_make_no_sense, sweep),
        cmocka_unit_test_teardown(both_halves_are_needed, sweep),
    };
    return cmocka_run_group_tests_name("side", tests, help_enter, help_leave);
}
