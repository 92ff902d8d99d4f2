/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "stream_help.h"
#include "lib/stream/press.h"
#include "lib/stream/zstd_out.h"
#include "pref/sink.h"
#include "pref/source.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static struct pref_err err;

static struct pref_sink *open_sink(const char *name, unsigned flags, struct pref_press *press,
                                   size_t frame)
{
    struct pref_sink_config config = {
        .name = name, .flags = flags, .level = 3, .frame = frame, .stop_fd = -1, .press = press};
    struct pref_sink *sink;
    assert_int_equal(pref_sink_open(&sink, &config, &err), 0);
    return sink;
}

static void put(struct pref_sink *sink, const char *bytes, size_t len)
{
    assert_int_equal(pref_sink_write(sink, bytes, len, &err), 0);
}

static void end(struct pref_sink *sink)
{
    assert_int_equal(pref_sink_finish(sink, &err), 0);
    assert_int_equal(pref_sink_publish(sink, &err), 0);
}

static void check_file(const char *name, const char *bytes, size_t len)
{
    struct pref_buf got = help_read(name);
    help_same(&got, bytes, len);
    pref_buf_release(&got);
}

/* What the file holds, by the source. */
static struct pref_buf unpack(const char *name)
{
    struct pref_source_config config = {.names = &name, .count = 1, .stop_fd = -1};
    struct pref_source *source;
    struct pref_buf out = {0};
    assert_int_equal(pref_source_open(&source, &config, &err), 0);
    for (int ended = 0; !ended;) {
        size_t got;
        char *at = pref_buf_reserve(&out, 65536);
        assert_int_equal(pref_source_read(source, at, 65536, 1, &got, &ended, &err), 0);
        out.len += got;
    }
    pref_source_close(source);
    return out;
}

static mode_t mode_of(const char *name)
{
    struct stat st;
    assert_int_equal(stat(name, &st), 0);
    return st.st_mode & 07777;
}

static void test_atomic(void **state)
{
    (void)state;
    help_sweep();
    mode_t mask = umask(027);
    struct pref_sink *sink = open_sink("out", PREF_SINK_ATOMIC, NULL, 0);
    put(sink, "one\n", 4);
    assert_int_equal(pref_sink_flush(sink, &err), 0);
    assert_false(help_exists("out"));
    put(sink, "two\n", 4);
    assert_int_equal(pref_sink_finish(sink, &err), 0);
    assert_false(help_exists("out"));
    assert_int_equal(help_count(), 1);
    uint64_t written;
    assert_int_equal(pref_sink_bytes(sink, &written), 8);
    assert_int_equal(written, 8);
    assert_int_equal(pref_sink_publish(sink, &err), 0);
    assert_int_equal(help_count(), 1);
    check_file("out", "one\ntwo\n", 8);
    assert_int_equal(mode_of("out"), 0640);
    umask(mask);

    /* A replaced file keeps its mode, a link stays a link. */
    assert_int_equal(chmod("out", 0606), 0);
    assert_int_equal(symlink("out", "link"), 0);
    assert_int_equal(symlink("./link", "link2"), 0);
    sink = open_sink("link2", PREF_SINK_ATOMIC, NULL, 0);
    put(sink, "three\n", 6);
    check_file("out", "one\ntwo\n", 8);
    end(sink);
    check_file("out", "three\n", 6);
    assert_int_equal(mode_of("out"), 0606);
    struct stat st;
    assert_int_equal(lstat("link2", &st), 0);
    assert_true(S_ISLNK(st.st_mode));

    /* A link to what is not there yet makes it. */
    assert_int_equal(symlink("new", "dangling"), 0);
    end(open_sink("dangling", PREF_SINK_ATOMIC, NULL, 0));
    check_file("new", "", 0);
    assert_int_equal(help_count(), 5);
    help_sweep();
}

/* Many files, whose names are known when all are written, and whose folder is synced once. */
static void test_group(void **state)
{
    (void)state;
    help_sweep();
    struct pref_sink *a = open_sink("later-a.zst", PREF_SINK_ATOMIC | PREF_SINK_GROUP, NULL, 0);
    struct pref_sink *b = open_sink("later-b", PREF_SINK_ATOMIC | PREF_SINK_GROUP, NULL, 0);
    put(a, "one\n", 4);
    put(b, "two\n", 4);
    assert_int_equal(pref_sink_end(a, &err), 0);
    assert_int_equal(pref_sink_end(b, &err), 0);
    assert_int_equal(pref_sink_finish(a, &err), 0);
    assert_int_equal(pref_sink_finish(b, &err), 0);
    assert_int_equal(pref_sink_rename(a, "a.zst", &err), 0);
    assert_int_equal(pref_sink_rename(b, "b", &err), 0);
    assert_int_equal(pref_sink_publish(a, &err), 0);
    assert_int_equal(pref_sink_publish(b, &err), 0);
    assert_int_equal(pref_folder_sync(".", &err), 0);
    assert_int_equal(pref_folder_sync("nowhere", &err), PREF_FAIL);
    struct pref_buf got = unpack("a.zst");
    help_same(&got, "one\n", 4);
    pref_buf_release(&got);
    check_file("b", "two\n", 4);
    assert_int_not_equal(access("later-a.zst", F_OK), 0);
    assert_int_not_equal(access("later-b", F_OK), 0);

    /* What is written under its own name has its name. */
    struct pref_sink *side = open_sink("side", PREF_SINK_IN_PLACE, NULL, 0);
    assert_int_equal(pref_sink_rename(side, "other", &err), PREF_FAIL);
    pref_sink_abort(side);
}

static void test_abort(void **state)
{
    (void)state;
    help_sweep();
    help_write("old", "old\n", 4);
    static const char *const names[] = {"old", "new", "new.zst"};
    for (int finished = 0; finished < 2; finished++) {
        for (size_t i = 0; i < 3; i++) {
            struct pref_sink *sink = open_sink(names[i], PREF_SINK_ATOMIC, NULL, 3);
            put(sink, "one\ntwo", 7);
            if (finished)
                assert_int_equal(pref_sink_finish(sink, &err), 0);
            pref_sink_abort(sink);
            assert_int_equal(help_count(), 1);
        }
    }
    check_file("old", "old\n", 4);
    pref_sink_abort(NULL);

    struct pref_sink *side = open_sink("old", PREF_SINK_IN_PLACE, NULL, 0);
    put(side, "one\n", 4);
    pref_sink_abort(side);
    check_file("old", "one\n", 4);
    side = open_sink("side.zst", PREF_SINK_IN_PLACE, NULL, 0);
    put(side, "one\n", 4);
    pref_sink_abort(side);
    struct pref_buf got = unpack("side.zst");
    help_same(&got, "one\n", 4);
    pref_buf_release(&got);
    help_sweep();
}

static void test_two_at_once(void **state)
{
    (void)state;
    struct pref_sink *a = open_sink("out", PREF_SINK_ATOMIC, NULL, 0);
    struct pref_sink *b = open_sink("out", PREF_SINK_ATOMIC, NULL, 0);
    put(a, "a\n", 2);
    put(b, "b\n", 2);
    end(a);
    check_file("out", "a\n", 2);
    end(b);
    check_file("out", "b\n", 2);
    char longest[256];
    memset(longest, 'n', 255);
    longest[255] = '\0';
    end(open_sink(longest, PREF_SINK_ATOMIC, NULL, 0));
    check_file(longest, "", 0);
    help_sweep();
}

static int open_fails(const char *name, unsigned flags)
{
    struct pref_sink_config config = {.name = name, .flags = flags, .stop_fd = -1};
    struct pref_sink *sink;
    int status = pref_sink_open(&sink, &config, &err);
    assert_null(sink);
    return status;
}

static void test_refused(void **state)
{
    (void)state;
    assert_int_equal(open_fails(".", PREF_SINK_ATOMIC), PREF_FAIL);
    assert_string_equal(err.text, ".: is a directory, expected a file");
    assert_int_equal(open_fails("absent/out", PREF_SINK_ATOMIC), PREF_FAIL);
    assert_string_equal(
        err.text, "absent/out: cannot create a file in its folder: No such file or directory");
    assert_int_equal(open_fails("absent/out", PREF_SINK_IN_PLACE), PREF_FAIL);
    assert_int_equal(open_fails(".", PREF_SINK_IN_PLACE), PREF_FAIL);
    assert_int_equal(open_fails("", PREF_SINK_ATOMIC), PREF_FAIL);
    assert_int_equal(symlink("loop", "loop"), 0);
    assert_int_equal(open_fails("loop", PREF_SINK_ATOMIC), PREF_FAIL);
    help_sweep();

    /* The place is taken by a folder while the file is written. */
    struct pref_sink *sink = open_sink("out", PREF_SINK_ATOMIC, NULL, 0);
    assert_int_equal(pref_sink_finish(sink, &err), 0);
    assert_int_equal(mkdir("out", 0700), 0);
    assert_int_equal(pref_sink_publish(sink, &err), PREF_FAIL);
    assert_int_equal(help_count(), 1);
    help_sweep();
}

/* Sizes on both sides of those at which the sink gathers, flushes and writes directly. */
static void test_plain_sizes(void **state)
{
    (void)state;
    static const size_t sizes[] = {1,      65535, 65536,  65537,  5,      200000, 65535, 65535,
                                   65535,  65535, 262144, 262145, 0,      3,      262143, 1};
    struct pref_buf text = {0};
    help_lines(&text, 60000, 80, 5);
    struct pref_sink *sink = open_sink("out", PREF_SINK_ATOMIC, NULL, 0);
    size_t at = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        put(sink, text.ptr + at, sizes[i]);
        at += sizes[i];
        assert_int_equal(pref_sink_bytes(sink, NULL), at);
    }
    assert_true(at < text.len);
    end(sink);
    check_file("out", text.ptr, at);
    pref_buf_release(&text);
    help_sweep();
}

/* The file as the rule says it: cut behind the first LF at or after each `frame` bytes. */
static struct pref_buf packed_by_rule(const struct pref_buf *text, size_t frame)
{
    struct pref_buf out = {0};
    size_t start = 0;
    for (size_t i = 0; i < text->len; i++) {
        if (text->ptr[i] == '\n' && i + 1 - start >= frame) {
            help_frame(&out, text->ptr + start, i + 1 - start);
            start = i + 1;
        }
    }
    if (start < text->len || text->len == 0)
        help_frame(&out, text->ptr + start, text->len - start);
    return out;
}

static void test_batching(void **state)
{
    (void)state;
    static const size_t frames[] = {1, 2, 30, 1000, 100000, 10000000};
    static const size_t batches[] = {1, 3, 1000, SIZE_MAX};
    struct pref_buf text = {0};
    help_lines(&text, 3000, 60, 6);
    struct pref_press *press;
    struct help_hands hands;
    assert_int_equal(pref_press_new(&press, 4, &err), 0);
    help_serve(&hands, pref_press_crew(press), 3);
    for (size_t f = 0; f < sizeof frames / sizeof frames[0]; f++) {
        struct pref_buf want = packed_by_rule(&text, frames[f]);
        for (size_t b = 0; b < 2 * sizeof batches / sizeof batches[0]; b++) {
            struct pref_sink *sink = open_sink("out.zst", PREF_SINK_ATOMIC, b % 2 ? press : NULL,
                                               frames[f]);
            size_t lines = 0, from = 0;
            for (size_t i = 0; i < text.len; i++) {
                lines += text.ptr[i] == '\n';
                if (lines == batches[b / 2] || i + 1 == text.len) {
                    put(sink, text.ptr + from, i + 1 - from);
                    from = i + 1;
                    lines = 0;
                }
            }
            assert_int_equal(pref_sink_finish(sink, &err), 0);
            uint64_t written;
            assert_int_equal(pref_sink_bytes(sink, &written), text.len);
            assert_int_equal(written, want.len);
            assert_int_equal(pref_sink_publish(sink, &err), 0);
            check_file("out.zst", want.ptr, want.len);
        }
        struct pref_buf got = unpack("out.zst");
        help_same(&got, text.ptr, text.len);
        pref_buf_release(&got);
        pref_buf_release(&want);
    }
    help_dismiss(&hands);
    pref_press_free(press);
    end(open_sink("out.zst", PREF_SINK_ATOMIC, NULL, 0));
    struct pref_buf none = {0};
    struct pref_buf want = packed_by_rule(&none, 1);
    check_file("out.zst", want.ptr, want.len);
    pref_buf_release(&want);
    struct pref_sink *plain = open_sink("out.zst", PREF_SINK_ATOMIC | PREF_SINK_PLAIN, NULL, 0);
    put(plain, "a\n", 2);
    end(plain);
    check_file("out.zst", "a\n", 2);
    pref_buf_release(&text);
    help_sweep();
}

/* A line longer than a frame and its slack is cut, at the same place for any pieces. */
static void test_long_line(void **state)
{
    (void)state;
    size_t len = ((size_t)65 << 20) + 3;
    char *line = malloc(len);
    assert_non_null(line);
    memset(line, 'x', len);
    line[len - 1] = '\n';
    struct pref_buf first = {0};
    for (size_t piece = len; piece > 1000000; piece /= 9) {
        struct pref_sink *sink = open_sink("out.zst", PREF_SINK_ATOMIC, NULL, 1000);
        for (size_t at = 0; at < len; at += piece)
            put(sink, line + at, len - at < piece ? len - at : piece);
        end(sink);
        struct pref_buf got = help_read("out.zst");
        if (first.len == 0)
            first = got;
        else
            help_same(&got, first.ptr, first.len);
        if (first.ptr != got.ptr)
            pref_buf_release(&got);
    }
    struct pref_buf got = unpack("out.zst");
    help_same(&got, line, len);
    pref_buf_release(&got);
    pref_buf_release(&first);
    free(line);
    help_sweep();
}

/* Many sinks on one press, their writes interleaved; the failure of one stays its own. */
static void test_shared_press(void **state)
{
    (void)state;
    enum { SINKS = 20 };
    struct pref_sink *sinks[SINKS];
    struct pref_buf texts[SINKS] = {{0}};
    for (unsigned threads = 0; threads < 5; threads += 2) {
        struct pref_press *press;
        struct help_hands hands;
        assert_int_equal(pref_press_new(&press, threads + 1, &err), 0);
        help_serve(&hands, pref_press_crew(press), threads);
        assert_int_equal(symlink("/dev/full", "full.zst"), 0);
        struct pref_sink *full = open_sink("full.zst", PREF_SINK_ATOMIC, press, 10);
        struct pref_sink *gone = open_sink("gone.zst", PREF_SINK_ATOMIC, press, 10);
        char name[20];
        for (size_t i = 0; i < SINKS; i++) {
            snprintf(name, sizeof name, "%zu.zst", i);
            sinks[i] = open_sink(name, PREF_SINK_ATOMIC, press, 500);
            pref_buf_clear(&texts[i]);
            help_lines(&texts[i], 1000, 50, i);
        }
        int failed = 0;
        for (size_t at = 0; at < 20000; at += 100) {
            for (size_t i = 0; i < SINKS; i++)
                put(sinks[i], texts[i].ptr + at, 100);
            failed = pref_sink_write(full, "a line of text\n", 15, &err);
            if (at < 10000)
                put(gone, "a line of text\n", 15);
            if (at == 10000)
                pref_sink_abort(gone);
        }
        assert_int_equal(failed, PREF_FAIL);
        assert_string_equal(err.text, "full.zst: cannot write: No space left on device");
        err.text[0] = '\0';
        assert_int_equal(pref_sink_finish(full, &err), PREF_FAIL);
        assert_string_equal(err.text, "full.zst: cannot write: No space left on device");
        pref_sink_abort(full);
        for (size_t i = 0; i < SINKS; i++) {
            end(sinks[i]);
            snprintf(name, sizeof name, "%zu.zst", i);
            struct pref_buf got = unpack(name);
            help_same(&got, texts[i].ptr, 20000);
            pref_buf_release(&got);
        }
        help_dismiss(&hands);
        pref_press_free(press);
        assert_int_equal(help_count(), SINKS + 1);
        help_sweep();
    }
    for (size_t i = 0; i < SINKS; i++)
        pref_buf_release(&texts[i]);
}

static void test_full(void **state)
{
    (void)state;
    struct pref_sink *sink = open_sink("/dev/full", PREF_SINK_ATOMIC, NULL, 0);
    put(sink, "a\n", 2);
    assert_int_equal(pref_sink_flush(sink, &err), PREF_FAIL);
    assert_string_equal(err.text, "/dev/full: cannot write: No space left on device");
    assert_int_equal(pref_sink_write(sink, "a\n", 2, &err), PREF_FAIL);
    pref_sink_abort(sink);

    int fd = open("/dev/full", O_WRONLY);
    int saved = help_replace(1, fd);
    close(fd);
    sink = open_sink(NULL, 0, NULL, 0);
    int first = pref_sink_write(sink, "a\n", 2, &err);
    int second = pref_sink_finish(sink, &err);
    int third = pref_sink_publish(sink, &err);
    int closed = fcntl(1, F_GETFD);
    help_put_back(1, saved);
    assert_int_equal(first, 0);
    assert_int_equal(second, PREF_FAIL);
    assert_int_equal(third, PREF_FAIL);
    assert_true(closed >= 0);
    assert_string_equal(err.text, "(standard output): cannot write: No space left on device");
}

/* Standard output as a pipe, written by a sink of this stop_fd; the statuses of its calls. */
struct piped {
    int ends[2];
    int saved;
    struct pref_sink *sink;
};

static void open_piped(struct piped *piped, int stop_fd)
{
    assert_int_equal(pipe(piped->ends), 0);
    piped->saved = help_replace(1, piped->ends[1]);
    close(piped->ends[1]);
    struct pref_sink_config config = {.name = "-", .flags = PREF_SINK_ATOMIC, .stop_fd = stop_fd};
    assert_int_equal(pref_sink_open(&piped->sink, &config, &err), 0);
}

static void test_pipe(void **state)
{
    (void)state;
    struct piped piped;
    open_piped(&piped, -1);
    int status = pref_sink_write(piped.sink, "a\n", 2, &err);
    if (status == 0)
        status = pref_sink_finish(piped.sink, &err);
    if (status == 0)
        status = pref_sink_publish(piped.sink, &err);
    int closed = fcntl(1, F_GETFD);
    char got[10];
    ssize_t n = read(piped.ends[0], got, sizeof got);
    ssize_t last = read(piped.ends[0], got + 2, 8); /* blocks if an end is still open */
    help_put_back(1, piped.saved);
    close(piped.ends[0]);
    assert_int_equal(status, 0);
    assert_true(closed < 0);
    assert_int_equal(n, 2);
    assert_memory_equal(got, "a\n", 2);
    assert_int_equal(last, 0);

    open_piped(&piped, -1);
    close(piped.ends[0]);
    status = pref_sink_write(piped.sink, "a\n", 2, &err);
    int flushed = pref_sink_flush(piped.sink, &err);
    pref_sink_abort(piped.sink);
    help_put_back(1, piped.saved);
    assert_int_equal(status, 0);
    assert_int_equal(flushed, PREF_PIPE);
}

struct reading {
    int fd;
    struct pref_buf got;
};

static void *read_slowly(void *argument)
{
    struct reading *reading = argument;
    char piece[30000];
    nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    for (ssize_t n; (n = read(reading->fd, piece, sizeof piece)) > 0;)
        pref_buf_add(&reading->got, piece, (size_t)n);
    return NULL;
}

/* Every second piece of the text, of 1 to 3,000 bytes: lent, written, or in turns. What is left out
 * keeps the pieces apart, as rejected records do; more come than one call of writev takes. */
static void put_pieces(struct pref_sink *sink, const struct pref_buf *text, unsigned lends,
                       struct pref_buf *want)
{
    size_t number = 0;
    for (size_t at = 0, len; at < text->len; at += len, number++) {
        len = 1 + number * 7919 % 3000;
        len = len < text->len - at ? len : text->len - at;
        if (number % 2 == 0)
            continue;
        pref_buf_add(want, text->ptr + at, len);
        int lent = lends == 1 || (lends == 2 && number % 4 == 1);
        int status = lent ? pref_sink_lend(sink, text->ptr + at, len, &err)
                          : pref_sink_write(sink, text->ptr + at, len, &err);
        assert_int_equal(status, 0);
    }
    assert_int_equal(pref_sink_flush(sink, &err), 0);
}

static void test_lent(void **state)
{
    (void)state;
    static const char *const names[] = {"out", "out.zst"};
    struct pref_buf text = {0};
    help_lines(&text, 30000, 100, 4);
    for (unsigned i = 0; i < 6; i++) {
        struct pref_buf want = {0};
        struct pref_sink *sink = open_sink(names[i % 2], PREF_SINK_ATOMIC, NULL, 0);
        put_pieces(sink, &text, i / 2, &want);
        assert_int_equal(pref_sink_bytes(sink, NULL), want.len);
        end(sink);
        struct pref_buf got = unpack(names[i % 2]);
        help_same(&got, want.ptr, want.len);
        pref_buf_release(&got);
        pref_buf_release(&want);
    }

    /* A pipe takes a part of what is offered, and the rest is offered again. */
    struct piped piped;
    open_piped(&piped, -1);
    struct reading reading = {.fd = piped.ends[0]};
    struct pref_buf want = {0};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, read_slowly, &reading), 0);
    put_pieces(piped.sink, &text, 1, &want);
    end(piped.sink);
    pthread_join(thread, NULL);
    help_put_back(1, piped.saved);
    close(piped.ends[0]);
    help_same(&reading.got, want.ptr, want.len);
    pref_buf_release(&reading.got);
    pref_buf_release(&want);
    pref_buf_release(&text);
    help_sweep();
}

/* A reader that stalls is waited for, but not beyond stop_fd; the description that we share with
 * others is left as it was. */
static void test_stalled(void **state)
{
    (void)state;
    int stop[2];
    assert_int_equal(pipe(stop), 0);
    size_t len = 3 << 20;
    struct pref_buf text = {0};
    help_lines(&text, len / 20, 100, 9);
    len = text.len;

    struct piped piped;
    open_piped(&piped, stop[0]);
    struct reading reading = {.fd = piped.ends[0]};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, read_slowly, &reading), 0);
    int status = pref_sink_write(piped.sink, text.ptr, len, &err);
    int flags = fcntl(1, F_GETFL);
    if (status == 0)
        status = pref_sink_finish(piped.sink, &err);
    if (status == 0)
        status = pref_sink_publish(piped.sink, &err);
    pthread_join(thread, NULL);
    help_put_back(1, piped.saved);
    close(piped.ends[0]);
    assert_int_equal(status, 0);
    assert_int_equal(flags & O_NONBLOCK, 0);
    help_same(&reading.got, text.ptr, len);
    pref_buf_release(&reading.got);

    open_piped(&piped, stop[0]);
    assert_int_equal(write(stop[1], "", 1), 1);
    status = pref_sink_write(piped.sink, text.ptr, len, &err);
    pref_sink_abort(piped.sink);
    int open_still = fcntl(1, F_GETFD);
    help_put_back(1, piped.saved);
    close(piped.ends[0]);
    assert_int_equal(status, PREF_LATER);
    assert_true(open_still >= 0);

    /* Nobody opens the FIFO to read. */
    assert_int_equal(mkfifo("fifo", 0600), 0);
    struct pref_sink_config config = {
        .name = "fifo", .flags = PREF_SINK_ATOMIC, .stop_fd = stop[0]};
    struct pref_sink *sink;
    assert_int_equal(pref_sink_open(&sink, &config, &err), PREF_LATER);
    assert_null(sink);
    close(stop[0]);
    close(stop[1]);
    pref_buf_release(&text);
    help_sweep();
}

static void test_fifo(void **state)
{
    (void)state;
    assert_int_equal(mkfifo("fifo.zst", 0600), 0);
    int fd = open("fifo.zst", O_RDONLY | O_NONBLOCK);
    struct pref_sink *sink = open_sink("fifo.zst", PREF_SINK_ATOMIC, NULL, 0);
    put(sink, "a\n", 2);
    end(sink);
    struct pref_buf want = {0};
    help_frame(&want, "a\n", 2);
    char got[100];
    assert_int_equal(read(fd, got, sizeof got), want.len);
    assert_memory_equal(got, want.ptr, want.len);
    close(fd);
    struct stat st;
    assert_int_equal(stat("fifo.zst", &st), 0);
    assert_true(S_ISFIFO(st.st_mode));
    assert_int_equal(help_count(), 1);
    pref_buf_release(&want);
    help_sweep();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_atomic),       cmocka_unit_test(test_group),
        cmocka_unit_test(test_abort),
        cmocka_unit_test(test_two_at_once),  cmocka_unit_test(test_refused),
        cmocka_unit_test(test_plain_sizes),  cmocka_unit_test(test_batching),
        cmocka_unit_test(test_long_line),    cmocka_unit_test(test_shared_press),
        cmocka_unit_test(test_full),         cmocka_unit_test(test_pipe),
        cmocka_unit_test(test_stalled),      cmocka_unit_test(test_fifo),
        cmocka_unit_test(test_lent),
    };
    return cmocka_run_group_tests_name("sink", tests, help_enter, help_leave);
}
