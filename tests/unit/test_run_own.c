/* SPDX-License-Identifier: Apache-2.0 */
/* What a filter's threads have of their own: made by enter, in the job of map, freed by leave. */
#include "config.h"

#include "stream_help.h"
#include "pref/run.h"

#include <stdlib.h>

struct shop {
    int entered; /* counts down to the thread that cannot be made; 0: all can */
    uint64_t mapped;
    int left;
};

struct bench {
    struct shop *shop;
    uint64_t mapped;
};

/* The filter's state is the address of the shop: threads may write there, one at a time. */
static int shop_enter(const void *self, void **own, struct pref_err *err)
{
    struct shop *shop = *(struct shop *const *)self;
    struct bench *bench = calloc(1, sizeof *bench);
    assert_non_null(bench);
    bench->shop = shop;
    *own = bench;
    return shop->entered > 0 && --shop->entered == 0 ? pref_fail(err, "no bench") : PREF_OK;
}

static void shop_leave(void *own)
{
    struct bench *bench = own;
    bench->shop->left++;
    bench->shop->mapped += bench->mapped;
    free(bench);
}

static enum pref_verdict shop_map(const void *self, struct pref_job *job, void *note)
{
    struct bench *bench = job->own;
    (void)self;
    (void)note;
    bench->mapped++;
    return PREF_PASS;
}

struct outcome {
    int status;
    struct pref_err err;
};

static struct outcome run(const struct pref_filter *filter, struct shop *shop, uint64_t threads)
{
    struct outcome outcome = {.status = -1};
    struct pref_config config = pref_config_default();
    struct pref_counts counts;
    const char *input = "in";
    int stopped;
    config.inputs = (struct pref_texts){.text = &input, .count = 1};
    config.output = "out";
    config.threads = threads;
    outcome.status = pref_run(filter, &shop, &config, &counts, &stopped, &outcome.err);
    return outcome;
}

static void write_lines(size_t count)
{
    struct pref_buf buf = {0};
    for (size_t n = 0; n < count; n++)
        pref_buf_add_text(&buf, "{}\n");
    help_write("in", buf.ptr, buf.len);
    pref_buf_release(&buf);
}

static void threads_of_their_own(void **state)
{
    (void)state;
    struct shop shop = {0}, *self = &shop;
    struct pref_filter filter = {.name = "shop", .self_size = sizeof self, .enter = shop_enter,
                                 .leave = shop_leave, .map = shop_map};
    write_lines(100000);
    assert_int_equal(run(&filter, self, 3).status, PREF_OK);
    assert_int_equal(shop.mapped, 100000);
    assert_int_equal(shop.left, 4); /* a thread each, and whoever commits */

    shop = (struct shop){.entered = 2};
    struct outcome o = run(&filter, self, 3);
    assert_int_equal(o.status, PREF_FAIL);
    assert_string_equal(o.err.text, "no bench");
    assert_int_equal(shop.left, 2); /* also the one that failed */

    filter.leave = NULL;
    o = run(&filter, self, 1);
    assert_string_equal(o.err.text,
                        "the filter shop has one of enter and leave, but lacks the other");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_of_their_own),
    };
    return cmocka_run_group_tests(tests, help_enter, help_leave);
}
