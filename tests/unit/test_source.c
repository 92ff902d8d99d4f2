/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "stream_help.h"
#include "lib/stream/ahead.h"
#include "pref/source.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct pref_err err;

/* Frames are read ahead in the second run of some tests, with the help of threads. */
static struct pref_ahead *ahead;
static struct help_hands hands;

static int begin_ahead(void **state)
{
    (void)state;
    if (pref_ahead_new(&ahead, 3, &err) != 0)
        return 1;
    help_serve(&hands, pref_ahead_crew(ahead), 2);
    return 0;
}

static int end_ahead(void **state)
{
    (void)state;
    help_dismiss(&hands);
    pref_ahead_free(ahead);
    ahead = NULL;
    return 0;
}

static struct pref_source *open_names(const char *const *names, size_t count, int replay)
{
    struct pref_source_config config = {
        .names = names, .count = count, .replay = replay, .ahead = ahead, .stop_fd = -1};
    struct pref_source *source;
    assert_int_equal(pref_source_open(&source, &config, &err), 0);
    return source;
}

static int open_fails(const char *const *names, size_t count)
{
    struct pref_source_config config = {.names = names, .count = count, .stop_fd = -1};
    struct pref_source *source;
    int status = pref_source_open(&source, &config, &err);
    assert_null(source);
    return status;
}

/* Append the rest of the present file, read in pieces of `cap`. */
static int read_file(struct pref_source *source, size_t cap, struct pref_buf *out)
{
    int ended = 0;
    while (!ended) {
        size_t got;
        char *at = pref_buf_reserve(out, cap);
        assert_non_null(at);
        int status = pref_source_read(source, at, cap, 1, &got, &ended, &err);
        if (status != 0)
            return status;
        assert_true(got > 0 || ended);
        out->len += got;
    }
    return 0;
}

static int read_all(struct pref_source *source, size_t cap, struct pref_buf *out)
{
    for (int more = 1; more;) {
        int status = read_file(source, cap, out);
        if (status == 0)
            status = pref_source_next(source, &more, &err);
        if (status != 0)
            return status;
    }
    return 0;
}

static void check_file(const char *name, size_t cap, const char *bytes, size_t len)
{
    struct pref_buf out = {0};
    struct pref_source *source = open_names(&name, 1, 0);
    assert_int_equal(read_all(source, cap, &out), 0);
    help_same(&out, bytes, len);
    pref_buf_release(&out);
    pref_source_close(source);
}

/* The sentence of reading bytes that are refused. */
static const char *refusal(const char *bytes, size_t len, int long_windows)
{
    const char *name = "x";
    help_write(name, bytes, len);
    struct pref_source_config config = {
        .names = &name, .count = 1, .long_windows = long_windows, .ahead = ahead,
        .stop_fd = -1};
    struct pref_source *source;
    struct pref_buf out = {0};
    assert_int_equal(pref_source_open(&source, &config, &err), 0);
    assert_int_equal(read_all(source, 1000, &out), PREF_FAIL);
    pref_buf_release(&out);
    pref_source_close(source);
    return err.text;
}

static void test_plain(void **state)
{
    (void)state;
    static const size_t caps[] = {1, 7, 4096, 200000, 1 << 20};
    struct pref_buf text = {0};
    help_lines(&text, 20000, 30, 1);
    help_write("a", text.ptr, text.len);
    for (size_t i = 0; i < sizeof caps / sizeof caps[0]; i++)
        check_file("a", caps[i], text.ptr, text.len);
    /* Shorter than a magic, though they begin one. */
    static const char *const starts[] = {"",   "\n", "{",   "\x28\xB5", "\x28\xB5\x2F",
                                         "BZ", "P",  "{}\n"};
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        help_write("short", starts[i], strlen(starts[i]));
        check_file("short", 100, starts[i], strlen(starts[i]));
    }
    pref_buf_release(&text);
}

static void test_files(void **state)
{
    (void)state;
    struct pref_buf packed = {0}, out = {0};
    help_frame(&packed, "two\n", 4);
    help_write("1", "one\n", 4);
    help_write("2", packed.ptr, packed.len);
    help_write("3", "", 0);
    const char *names[] = {"1", "2", "3", "1"};
    struct pref_source *source = open_names(names, 4, 0);
    uint64_t total;
    assert_int_equal(pref_source_bytes(source, &total), 0);
    assert_int_equal(total, 8 + packed.len);
    int more;
    assert_int_equal(pref_source_next(source, &more, &err), PREF_USAGE);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pref_source_index(source), i);
        assert_string_equal(pref_source_name(source, i), names[i]);
        assert_int_equal(read_file(source, 100, &out), 0);
        assert_int_equal(pref_source_next(source, &more, &err), 0);
        assert_int_equal(more, i < 3);
    }
    help_same(&out, "one\ntwo\none\n", 12);
    assert_int_equal(pref_source_bytes(source, &total), total);
    assert_true(pref_source_is_input(source, "./2"));
    assert_false(pref_source_is_input(source, "absent"));
    assert_false(pref_source_is_input(source, "."));
    pref_source_close(source);

    const char *bad[] = {"1", "absent"};
    assert_int_equal(open_fails(bad, 2), PREF_FAIL);
    assert_string_equal(err.text, "absent: cannot open: No such file or directory");
    bad[1] = ".";
    assert_int_equal(open_fails(bad, 2), PREF_FAIL);
    assert_string_equal(err.text, ".: is a directory, expected a file");
    const char *twice[] = {"-", "1", "-"};
    assert_int_equal(open_fails(twice, 3), PREF_USAGE);
    assert_string_equal(err.text, "'-' (standard input) is named twice");
    pref_buf_release(&packed);
    pref_buf_release(&out);
}

/* A skippable frame first, empty frames, two frames with data, a skippable one last. */
static void make_frames(struct pref_buf *packed, struct pref_buf *text, size_t lines)
{
    help_lines(text, lines, 30, 2);
    size_t half = text->len / 2;
    help_skippable(packed, 5);
    help_frame(packed, "", 0);
    help_frame(packed, text->ptr, half);
    help_skippable(packed, 0);
    help_frame(packed, text->ptr + half, text->len - half);
    help_frame(packed, "", 0);
    help_skippable(packed, 300);
}

static void test_frames(void **state)
{
    (void)state;
    static const size_t caps[] = {1, 100, 65536, 1 << 20};
    struct pref_buf text = {0}, packed = {0};
    make_frames(&packed, &text, 40000);
    help_write("a", packed.ptr, packed.len);
    for (size_t i = 0; i < sizeof caps / sizeof caps[0]; i++)
        check_file("a", caps[i], text.ptr, text.len);
    packed.len = 0;
    help_skippable(&packed, 7);
    help_write("a", packed.ptr, packed.len);
    check_file("a", 10, "", 0);
    pref_buf_release(&text);
    pref_buf_release(&packed);
}

static void test_truncated(void **state)
{
    (void)state;
    struct pref_buf text = {0}, packed = {0}, out = {0};
    help_lines(&text, 20, 30, 3);
    size_t ends[4] = {0};
    help_frame(&packed, text.ptr, 100);
    ends[1] = packed.len;
    help_skippable(&packed, 9);
    ends[2] = packed.len;
    help_frame(&packed, text.ptr + 100, text.len - 100);
    ends[3] = packed.len;
    const char *name = "t.zst";
    size_t frame = 0;
    for (size_t n = 4; n <= packed.len; n++) {
        for (size_t cap = 100; cap <= 1000; cap *= 10) {
            out.len = 0;
            help_write(name, packed.ptr, n);
            struct pref_source *source = open_names(&name, 1, 0);
            int status = read_all(source, cap, &out);
            if (n == ends[frame + 1]) {
                assert_int_equal(status, 0);
            } else {
                char want[100];
                snprintf(want, sizeof want,
                         "t.zst: truncated zstd frame at byte %zu: the file ends at byte %zu",
                         ends[frame], n);
                assert_int_equal(status, PREF_FAIL);
                assert_string_equal(err.text, want);
            }
            assert_true(out.len <= text.len);
            assert_int_equal(memcmp(out.ptr, text.ptr, out.len), 0);
            if (n >= ends[1])
                assert_true(out.len >= 100);
            pref_source_close(source);
        }
        frame += n == ends[frame + 1];
    }
    pref_buf_release(&text);
    pref_buf_release(&packed);
    pref_buf_release(&out);
}

/* A flipped bit behind the magic is found, or changes nothing (some bits are unused padding). */
static void test_corrupt(void **state)
{
    (void)state;
    struct pref_buf text = {0}, packed = {0}, out = {0};
    help_lines(&text, 8, 20, 4);
    help_frame(&packed, text.ptr, text.len);
    const char *name = "c.zst";
    size_t found = 0;
    for (size_t bit = 32; bit < packed.len * 8; bit++) {
        packed.ptr[bit / 8] = (char)(packed.ptr[bit / 8] ^ 1 << bit % 8);
        help_write(name, packed.ptr, packed.len);
        packed.ptr[bit / 8] = (char)(packed.ptr[bit / 8] ^ 1 << bit % 8);
        out.len = 0;
        struct pref_source *source = open_names(&name, 1, 0);
        if (read_all(source, 1000, &out) == 0) {
            help_same(&out, text.ptr, text.len);
        } else {
            assert_memory_equal(err.text, "c.zst: ", 7);
            found++;
        }
        pref_source_close(source);
    }
    assert_true(found * 20 > (packed.len * 8 - 32) * 19);

    packed.ptr[packed.len - 1] ^= 1;
    assert_string_equal(refusal(packed.ptr, packed.len, 0),
                        "x: zstd frame at byte 0 does not match its checksum");
    packed.ptr[packed.len - 1] ^= 1;
    size_t end = packed.len;
    char want[100];
    for (size_t n = 1; n < 10; n++) {
        pref_buf_add_byte(&packed, n % 2 == 1 ? '\n' : '\0');
        snprintf(want, sizeof want, "x: garbage after a zstd frame at byte %zu, expected another "
                 "frame or the end", end);
        assert_string_equal(refusal(packed.ptr, packed.len, 0), want);
    }
    pref_buf_release(&text);
    pref_buf_release(&packed);
    pref_buf_release(&out);
}

static void test_window(void **state)
{
    (void)state;
    /* Window of 2^28 bytes, no content size; one empty last block. */
    static const char wide[] = "\x28\xB5\x2F\xFD\x00\x90\x01\x00\x00";
    assert_string_equal(refusal(wide, 9, 0),
                        "x: zstd frame at byte 0 has a window above 128 MiB: use --long");
    const char *name = "x";
    struct pref_source_config config = {
        .names = &name, .count = 1, .long_windows = 1, .ahead = ahead, .stop_fd = -1};
    struct pref_source *source;
    struct pref_buf out = {0};
    assert_int_equal(pref_source_open(&source, &config, &err), 0);
    assert_int_equal(read_all(source, 1000, &out), 0);
    assert_int_equal(out.len, 0);
    pref_source_close(source);
    pref_buf_release(&out);
    static const char dictionary[] = "\x28\xB5\x2F\xFD\x01\x00\x07\x01\x00\x00";
    assert_non_null(strstr(refusal(dictionary, 10, 0), "needs a dictionary"));
}

static void test_foreign(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        const char *text;
    } cases[] = {
        {"\xFD" "7zXZ\0abc", 9, "x: xz data: use 'xz -dc x | pref ...'"},
        {"BZh91AY", 7, "x: bzip2 data: use 'bzip2 -dc x | pref ...'"},
        {"\x04\x22\x4D\x18", 4, "x: lz4 data: use 'lz4 -dc x | pref ...'"},
        {"PK\x03\x04", 4, "x: a ZIP archive: use 'unzip -p x | pref ...'"},
        {"PAR1\x15", 5,
         "x: Parquet data: use 'duckdb -jsonlines -c \"from \\\"x\\\"\" | pref ...'"},
        {"\xFF\xFE{\0", 4, "x: UTF-16 text: use 'iconv -f UTF-16 -t UTF-8 x | pref ...'"},
        {"\xFE\xFF\0{", 4, "x: UTF-16 text: use 'iconv -f UTF-16 -t UTF-8 x | pref ...'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(refusal(cases[i].bytes, cases[i].len, 0), cases[i].text);

    help_write("two words", "BZh", 3);
    const char *name = "two words";
    struct pref_buf out = {0};
    struct pref_source *source = open_names(&name, 1, 0);
    assert_int_equal(read_all(source, 10, &out), PREF_FAIL);
    assert_string_equal(err.text, "two words: bzip2 data: use 'bzip2 -dc FILE | pref ...'");
    pref_source_close(source);
    int fd = open("x", O_RDONLY);
    help_write("x", "BZh", 3);
    int saved = help_replace(0, fd);
    source = open_names(NULL, 0, 0);
    assert_int_equal(read_all(source, 10, &out), PREF_FAIL);
    assert_string_equal(err.text, "(standard input): bzip2 data: use 'bzip2 -dc | pref ...'");
    pref_source_close(source);
    help_put_back(0, saved);
    close(fd);
    pref_buf_release(&out);
}

/* Read once without waiting. */
static size_t read_now(struct pref_source *source, char *out, size_t cap)
{
    size_t got;
    int ended;
    assert_int_equal(pref_source_read(source, out, cap, 0, &got, &ended, &err), 0);
    assert_false(ended);
    return got;
}

static void check_piece(struct pref_source *source, int fd, const char *piece, size_t len,
                        const char *want)
{
    char out[100];
    size_t got;
    int ended;
    assert_int_equal(write(fd, piece, len), len);
    assert_int_equal(pref_source_read(source, out, sizeof out, 1, &got, &ended, &err), 0);
    assert_int_equal(got, strlen(want));
    assert_memory_equal(out, want, got);
    assert_int_equal(read_now(source, out, sizeof out), 0);
    assert_int_equal(pref_source_poll_fd(source), 0);
}

/* Each piece must come out although no more follows it: else the read blocks, to the alarm. */
static void test_pipe_plain(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    int saved = help_replace(0, ends[0]);
    close(ends[0]);
    struct pref_source *source = open_names(NULL, 0, 0);
    char out[100];
    assert_int_equal(pref_source_poll_fd(source), -1);
    assert_int_equal(read_now(source, out, sizeof out), 0);
    assert_int_equal(pref_source_poll_fd(source), 0);
    check_piece(source, ends[1], "{}\n", 3, "{}\n");
    check_piece(source, ends[1], "(", 1, "(");
    check_piece(source, ends[1], "{\"a\":1}\n", 8, "{\"a\":1}\n");
    close(ends[1]);
    size_t got;
    int ended;
    assert_int_equal(pref_source_read(source, out, sizeof out, 1, &got, &ended, &err), 0);
    assert_int_equal(got, 0);
    assert_true(ended);
    assert_int_equal(pref_source_poll_fd(source), -1);
    uint64_t total;
    assert_int_equal(pref_source_bytes(source, &total), 12);
    assert_int_equal(total, 0);
    pref_source_close(source);
    help_put_back(0, saved);
}

static void test_pipe_zstd(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    int saved = help_replace(0, ends[0]);
    close(ends[0]);
    struct pref_source *source = open_names(NULL, 0, 0);
    char out[100];
    /* A magic in two parts; then raw blocks, as a writer flushes them: each comes at once. */
    assert_int_equal(write(ends[1], "\x28", 1), 1);
    assert_int_equal(read_now(source, out, sizeof out), 0);
    check_piece(source, ends[1], "\xB5\x2F\xFD\x00\x00\x18\x00\x00{}\n", 11, "{}\n");
    assert_int_equal(write(ends[1], "\x18\x00\x00", 3), 3);
    assert_int_equal(read_now(source, out, sizeof out), 0);
    check_piece(source, ends[1], "[]\n", 3, "[]\n");
    assert_int_equal(write(ends[1], "\x01\x00\x00", 3), 3);
    struct pref_buf frame = {0};
    help_skippable(&frame, 10);
    help_frame(&frame, "{\"b\":2}\n", 8);
    check_piece(source, ends[1], frame.ptr, frame.len, "{\"b\":2}\n");
    frame.len = 0;
    help_frame(&frame, "{\"b\":2}\n", 8);
    check_piece(source, ends[1], frame.ptr, frame.len, "{\"b\":2}\n");
    assert_int_equal(write(ends[1], frame.ptr, 5), 5);
    close(ends[1]);
    size_t got;
    int ended;
    assert_int_equal(pref_source_read(source, out, sizeof out, 1, &got, &ended, &err), PREF_FAIL);
    assert_memory_equal(err.text, "(standard input): truncated zstd frame", 38);
    pref_source_close(source);
    pref_buf_release(&frame);
    help_put_back(0, saved);
}

static void test_stop(void **state)
{
    (void)state;
    int ends[2], stop[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(pipe(stop), 0);
    int saved = help_replace(0, ends[0]);
    struct pref_source_config config = {.stop_fd = stop[0]};
    struct pref_source *source;
    assert_int_equal(pref_source_open(&source, &config, &err), 0);
    assert_int_equal(write(stop[1], "", 1), 1);
    char out[10];
    size_t got;
    int ended;
    assert_int_equal(pref_source_read(source, out, 10, 1, &got, &ended, &err), PREF_LATER);
    /* What has come can still be had. */
    assert_int_equal(write(ends[1], "{}\n", 3), 3);
    assert_int_equal(read_now(source, out, 10), 3);
    pref_source_close(source);
    close(ends[0]);
    close(ends[1]);
    close(stop[0]);
    close(stop[1]);
    help_put_back(0, saved);
}

static void test_fifo(void **state)
{
    (void)state;
    assert_int_equal(mkfifo("fifo", 0600), 0);
    const char *name = "fifo";
    struct pref_source *source = open_names(&name, 1, 0);
    char out[100];
    assert_int_equal(read_now(source, out, sizeof out), 0);
    int fd = open("fifo", O_WRONLY | O_NONBLOCK);
    assert_true(fd >= 0);
    assert_int_equal(read_now(source, out, sizeof out), 0);
    assert_int_equal(write(fd, "a\n", 2), 2);
    close(fd);
    struct pref_buf text = {0};
    assert_int_equal(read_all(source, 100, &text), 0);
    help_same(&text, "a\n", 2);
    pref_source_close(source);
    pref_buf_release(&text);
    help_sweep();
}

static void check_replay(struct pref_source *source, const struct pref_buf *text)
{
    struct pref_buf out = {0};
    assert_int_equal(pref_source_rewind(source, &err), PREF_USAGE);
    for (int pass = 0; pass < 3; pass++) {
        out.len = 0;
        assert_int_equal(read_all(source, 70000, &out), 0);
        help_same(&out, text->ptr, text->len);
        assert_int_equal(pref_source_rewind(source, &err), 0);
        assert_int_equal(pref_source_index(source), 0);
    }
    pref_source_close(source);
    pref_buf_release(&out);
}

/* A process of its own fills the pipe, which is smaller than the text. */
static void check_pipe_replay(const struct pref_buf *raw, const struct pref_buf *text)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        for (size_t at = 0; at < raw->len;) {
            ssize_t n = write(ends[1], raw->ptr + at, raw->len - at);
            if (n <= 0)
                break;
            at += (size_t)n;
        }
        _exit(0);
    }
    close(ends[1]);
    int saved = help_replace(0, ends[0]);
    close(ends[0]);
    const char *names[] = {"a", "-", "a"};
    struct pref_buf whole = {0};
    pref_buf_add(&whole, "head\n", 5);
    pref_buf_add(&whole, text->ptr, text->len);
    pref_buf_add(&whole, "head\n", 5);
    help_write("a", "head\n", 5);
    check_replay(open_names(names, 3, 1), &whole);
    pref_buf_release(&whole);
    help_put_back(0, saved);
}

static void test_replay(void **state)
{
    (void)state;
    help_sweep();
    struct pref_buf text = {0}, packed = {0}, both = {0};
    make_frames(&packed, &text, 200000);
    help_write("a", text.ptr, text.len);
    help_write("b", packed.ptr, packed.len);
    pref_buf_add(&both, text.ptr, text.len);
    pref_buf_add(&both, text.ptr, text.len);
    const char *names[] = {"a", "b"};
    check_replay(open_names(names, 2, 1), &both);

    check_pipe_replay(&text, &text);
    check_pipe_replay(&packed, &text);
    struct pref_buf none = {0};
    check_pipe_replay(&none, &none);

    /* Standard input that is a file, read from where it stands. */
    pref_buf_clear(&both);
    pref_buf_add(&both, text.ptr + 5, text.len - 5);
    help_write("a", text.ptr, text.len);
    int fd = open("a", O_RDONLY);
    assert_int_equal(lseek(fd, 5, SEEK_SET), 5);
    int saved = help_replace(0, fd);
    check_replay(open_names(NULL, 0, 1), &both);
    help_put_back(0, saved);
    close(fd);
    assert_int_equal(help_count(), 2 + (size_t)help_exists("x") + (size_t)help_exists("short"));
    pref_buf_release(&text);
    pref_buf_release(&packed);
    pref_buf_release(&both);
}

static void touch(const char *name, time_t seconds)
{
    struct timespec times[2] = {{.tv_sec = seconds}, {.tv_sec = seconds}};
    assert_int_equal(utimensat(AT_FDCWD, name, times, 0), 0);
}

static void test_changed(void **state)
{
    (void)state;
    static const char want[] = "a: has changed while it was being read";
    const char *name = "a";
    for (int way = 0; way < 4; way++) {
        struct pref_buf out = {0};
        help_write("a", "one\ntwo\n", 8);
        touch("a", 1000000);
        struct pref_source *source = open_names(&name, 1, 1);
        size_t got;
        int ended = 0;
        char one[4];
        assert_int_equal(pref_source_read(source, one, 4, 1, &got, &ended, &err), 0);
        if (way == 0) {
            help_write("a", "one\ntwo\nthree\n", 14); /* grows during the first reading */
            assert_int_equal(read_all(source, 100, &out), PREF_FAIL);
            assert_string_equal(err.text, want);
        } else {
            assert_int_equal(read_all(source, 100, &out), 0);
            assert_int_equal(pref_source_rewind(source, &err), 0);
            if (way == 1) {
                touch("a", 1000001);
            } else if (way == 2) { /* another file of the same size and time */
                help_write("other", "one\ntwo\n", 8);
                touch("other", 1000000);
                assert_int_equal(rename("other", "a"), 0);
            } else {
                assert_int_equal(unlink("a"), 0);
            }
            assert_int_equal(read_all(source, 100, &out), PREF_FAIL);
            if (way < 3)
                assert_string_equal(err.text, want);
            else
                assert_string_equal(err.text, "a: cannot open: No such file or directory");
        }
        pref_source_close(source);
        pref_buf_release(&out);
    }
}

static void test_no_scratch(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    int saved = help_replace(0, ends[0]);
    setenv("TMPDIR", "/absent", 1);
    struct pref_source *source = open_names(NULL, 0, 1);
    char out[10];
    size_t got;
    int ended;
    assert_int_equal(pref_source_read(source, out, 10, 1, &got, &ended, &err), PREF_FAIL);
    assert_string_equal(err.text, "cannot make a scratch file in /absent (TMPDIR): "
                        "No such file or directory");
    pref_source_close(source);
    unsetenv("TMPDIR");
    help_put_back(0, saved);
    close(ends[0]);
    close(ends[1]);
}

#define AHEAD(test) cmocka_unit_test_setup_teardown(test, begin_ahead, end_ahead)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),      cmocka_unit_test(test_files),
        cmocka_unit_test(test_frames),     cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_corrupt),    cmocka_unit_test(test_window),
        cmocka_unit_test(test_foreign),    cmocka_unit_test(test_pipe_plain),
        cmocka_unit_test(test_pipe_zstd),  cmocka_unit_test(test_stop),
        cmocka_unit_test(test_fifo),       cmocka_unit_test(test_replay),
        cmocka_unit_test(test_changed),    cmocka_unit_test(test_no_scratch),
        AHEAD(test_files),                 AHEAD(test_frames),
        AHEAD(test_truncated),             AHEAD(test_corrupt),
        AHEAD(test_window),                AHEAD(test_pipe_zstd),
        AHEAD(test_replay),                AHEAD(test_changed),
    };
    return cmocka_run_group_tests_name("source", tests, help_enter, help_leave);
}
