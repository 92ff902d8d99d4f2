/* SPDX-License-Identifier: Apache-2.0 */
/* Lines read again, by a filter that compares each with what it was. */
#include "config.h"

#include "stream_help.h"
#include "pref/run.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- A filter that reads lines again, as they come and at the end ---------------------------- */

enum { LINES = 4000, FILES = PREF_REREAD_FILES + 2 };

struct kept {
    uint64_t place;
    size_t input;
    struct pref_buf line;
};

struct again {
    struct pref_rereads *rereads;
    int asks, learns;
    struct kept kept[LINES];
    size_t count, wrong;
    size_t seen; /* lines in the second reading */
    size_t of[FILES], placed[FILES]; /* lines of an input, and those that have a place */
};

static int again_open(void *self, struct pref_opening *opening, struct pref_err *err)
{
    struct again *again = self;
    opening->learns = (unsigned)again->learns;
    return again->asks ? pref_open_rereads(opening, &again->rereads, err) : PREF_OK;
}

/* The whole line, and from its third byte on. */
static int read_again(struct again *again, const struct kept *kept, struct pref_err *err)
{
    int status = PREF_OK;
    char *bytes = malloc(kept->line.len);
    assert_non_null(bytes);
    for (size_t from = 0; from <= 2 && status == PREF_OK; from += 2) {
        size_t len = kept->line.len - from;
        status = pref_reread(again->rereads, kept->place + from, bytes, len, err);
        again->wrong += status == PREF_OK && memcmp(bytes, kept->line.ptr + from, len) != 0;
    }
    free(bytes);
    return status;
}

static int keep(struct again *again, struct pref_row *row)
{
    struct kept *kept = &again->kept[again->count++];
    kept->place = pref_row_place(row);
    kept->input = row->input;
    pref_buf_add_span(&kept->line, row->line);
    again->of[row->input]++;
    again->placed[row->input] += kept->place != 0;
    const struct kept *other = &again->kept[again->count / 2];
    return other->place == 0 ? PREF_OK : read_again(again, other, row->err);
}

static enum pref_verdict again_learn(const void *self, struct pref_job *job, void *note)
{
    (void)self;
    (void)job;
    (void)note;
    return PREF_USE;
}

static enum pref_verdict again_absorb(void *self, struct pref_row *row, void *note)
{
    (void)note;
    return keep(self, row) == PREF_OK ? PREF_USE : PREF_BROKEN;
}

static enum pref_verdict again_commit(void *self, struct pref_row *row, void *note)
{
    struct again *again = self;
    (void)note;
    if (!again->learns)
        return keep(again, row) == PREF_OK ? PREF_PASS : PREF_BROKEN;
    again->wrong += again->kept[again->seen++].place != pref_row_place(row);
    return PREF_PASS;
}

static int again_finish(void *self, struct pref_err *err)
{
    struct again *again = self;
    int status = PREF_OK;
    for (size_t i = again->count; i-- > 0 && status == PREF_OK;)
        if (again->kept[i].place != 0)
            status = read_again(again, &again->kept[i], err);
    return status;
}

static const struct pref_filter again_filter = {
    .name = "again",
    .self_size = sizeof(struct again),
    .open = again_open,
    .learn = again_learn,
    .absorb = again_absorb,
    .commit = again_commit,
    .finish = again_finish,
};

/* ---- Running --------------------------------------------------------------------------------- */

static struct again again;
static struct pref_err err;

static int run(const char **names, size_t count, uint64_t threads)
{
    struct pref_counts counts;
    int stopped = 0, asks = again.asks, learns = again.learns;
    struct pref_config config = pref_config_default();
    for (size_t i = 0; i < again.count; i++)
        pref_buf_release(&again.kept[i].line);
    again = (struct again){.asks = asks, .learns = learns};
    config.inputs = (struct pref_texts){.text = names, .count = count};
    config.output = "out";
    config.threads = threads;
    config.on_error = PREF_ON_ERROR_SKIP;
    config.max_line = 1 << 20;
    return pref_run(&again_filter, &again, &config, &counts, &stopped, &err);
}

static void add_record(struct pref_buf *out, size_t n, unsigned seed, size_t width)
{
    pref_buf_addf(out, "{\"n\":%zu,\"seed\":%u,\"text\":\"", n, seed);
    while (width-- > 0)
        pref_buf_add_byte(out, (char)('a' + width * 7 % 26));
    pref_buf_add_text(out, "\"}");
}

/* Records as lines, one of them longer than a block of input; the last ends without LF. */
static void make(struct pref_buf *out, size_t lines, unsigned seed)
{
    for (size_t i = 0; i < lines; i++) {
        add_record(out, i, seed, i == lines / 2 ? 900000 : i * 7919 % 1500);
        if (i + 1 < lines)
            pref_buf_add_text(out, i % 9 == 0 ? "\r\n" : i % 11 == 0 ? "\n\n" : "\n");
        if (i == 250) { /* longer than may be: no record */
            add_record(out, i, seed, 1200000);
            pref_buf_add_text(out, "\n");
        }
    }
}

static void check_run(const char **names, size_t count, size_t lines, int placed)
{
    for (uint64_t threads = 1; threads <= 3; threads += 2) {
        assert_int_equal(run(names, count, threads), PREF_OK);
        assert_int_equal(again.count, lines);
        assert_int_equal(again.wrong, 0);
        for (size_t i = 0; i < count; i++)
            assert_int_equal(again.placed[i], placed ? again.of[i] : 0);
    }
}

static void test_files(void **state)
{
    (void)state;
    struct pref_buf text = {0}, packed = {0};
    const char *names[] = {"a", "b", "empty", "z", "a"};
    make(&text, 900, 1);
    help_write("a", text.ptr, text.len);
    help_frame(&packed, text.ptr, text.len);
    help_write("z", packed.ptr, packed.len);
    pref_buf_clear(&text);
    make(&text, 700, 2);
    help_write("b", text.ptr, text.len);
    help_write("empty", "", 0);
    again.asks = 1;
    for (again.learns = 0; again.learns < 2; again.learns++) {
        check_run(names, 3, 1600, 1);
        assert_int_equal(run(names, 5, 2), PREF_OK);
        assert_int_equal(again.count, 3400);
        assert_int_equal(again.wrong, 0);
        assert_int_equal(again.placed[3], 0);
        assert_int_equal(again.placed[4], 900);
    }
    again.asks = again.learns = 0; /* nobody asked */
    check_run(names, 2, 1600, 0);
    pref_buf_release(&text);
    pref_buf_release(&packed);
}

/* From where it stands, if it is a file. */
static void test_standard_input(void **state)
{
    (void)state;
    struct pref_buf text = {0};
    const char *names[] = {"-"};
    pref_buf_add_text(&text, "what was read before\n");
    off_t begin = (off_t)text.len;
    make(&text, 300, 3);
    help_write("a", text.ptr, text.len);
    again.asks = 1;
    for (again.learns = 0; again.learns < 2; again.learns++)
        for (uint64_t threads = 1; threads <= 3; threads += 2) {
            int fd = open("a", O_RDONLY);
            assert_int_equal(lseek(fd, begin, SEEK_SET), begin);
            int saved = help_replace(0, fd);
            assert_int_equal(run(names, 1, threads), PREF_OK);
            assert_true(fcntl(0, F_GETFD) >= 0);
            help_put_back(0, saved);
            close(fd);
            assert_int_equal(again.count, 300);
            assert_int_equal(again.placed[0], 300);
            assert_int_equal(again.wrong, 0);
        }
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    int saved = help_replace(0, ends[0]);
    assert_int_equal(write(ends[1], "{}\n{}\n", 6), 6);
    close(ends[1]);
    again.learns = 0;
    assert_int_equal(run(names, 1, 1), PREF_OK);
    help_put_back(0, saved);
    close(ends[0]);
    assert_int_equal(again.count, 2);
    assert_int_equal(again.placed[0], 0);
    pref_buf_release(&text);
}

/* So many are kept open and no more. */
static void test_many_files(void **state)
{
    (void)state;
    static char names[FILES][8];
    const char *list[FILES];
    for (size_t i = 0; i < FILES; i++) {
        char line[32];
        snprintf(names[i], sizeof names[i], "f%zu", i);
        int n = snprintf(line, sizeof line, "{\"n\":%zu}\n{}\n", i);
        help_write(names[i], line, (size_t)n);
        list[i] = names[i];
    }
    int before = dup(0);
    close(before);
    again.asks = 1;
    again.learns = 0;
    assert_int_equal(run(list, FILES, 2), PREF_OK);
    assert_int_equal(again.wrong, 0);
    for (size_t i = 0; i < FILES; i++)
        assert_int_equal(again.placed[i], i < PREF_REREAD_FILES ? 2 : 0);
    int after = dup(0);
    close(after);
    assert_int_equal(after, before); /* all were closed */
}

/* What a file had not when it was opened has no place; what it has no more is an error. */
static void test_lengths(void **state)
{
    (void)state;
    char bytes[8];
    struct pref_rereads *rereads;
    help_write("a", "0123456789", 10);
    int fd = open("a", O_RDWR);
    assert_int_equal(pref_rereads_new(&rereads, &err), PREF_OK);
    assert_int_equal(pref_rereads_keep(rereads, fd, 1, 10, "the file"), 1);
    assert_int_equal(pref_rereads_place(rereads, 1, 5, 6), 0);
    assert_int_equal(pref_rereads_place(rereads, 1, 11, 0), 0);
    assert_int_equal(pref_rereads_place(rereads, 1, 0, 11), 0);
    assert_int_equal(pref_rereads_place(rereads, 1, UINT64_MAX, 2), 0);
    uint64_t place = pref_rereads_place(rereads, 1, 5, 5);
    assert_int_not_equal(place, 0);
    assert_int_equal(pref_reread(rereads, place, bytes, 5, &err), PREF_OK);
    assert_memory_equal(bytes, "56789", 5);
    assert_int_equal(ftruncate(fd, 9), 0);
    assert_int_equal(pref_reread(rereads, place, bytes, 4, &err), PREF_OK);
    assert_int_equal(pref_reread(rereads, place, bytes, 5, &err), PREF_FAIL);
    assert_string_equal(err.text, "the file: has changed while it was being read");
    pref_rereads_free(rereads);
    assert_int_equal(fcntl(fd, F_GETFD), -1);
    pref_rereads_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_standard_input),
        cmocka_unit_test(test_many_files),
        cmocka_unit_test(test_lengths),
    };
    return cmocka_run_group_tests_name("reread", tests, help_enter, help_leave);
}
