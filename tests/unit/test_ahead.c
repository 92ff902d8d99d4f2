/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

/*
 * Frames that are read ahead, held against the same file read as a stream: the same bytes and the
 * same sentence, whatever is wrong with the file.
 */

#include "stream_help.h"
#include "lib/stream/ahead.h"
#include "pref/source.h"

#include <stdio.h>
#include <string.h>
#include <zstd.h>

static struct pref_err err;

struct outcome {
    struct pref_buf plain;
    int status;
    struct pref_err err;
};

/* All of the file, in pieces of `cap`. */
static struct outcome read_file(const char *name, size_t cap, struct pref_ahead *ahead)
{
    struct outcome got = {{0}, 0, {{0}}};
    struct pref_source_config config = {
        .names = &name, .count = 1, .ahead = ahead, .stop_fd = -1};
    struct pref_source *source;
    assert_int_equal(pref_source_open(&source, &config, &err), 0);
    for (int ended = 0; !ended && got.status == 0;) {
        size_t n;
        char *at = pref_buf_reserve(&got.plain, cap);
        got.status = pref_source_read(source, at, cap, 1, &n, &ended, &got.err);
        got.plain.len += n;
    }
    pref_source_close(source);
    return got;
}

/* Both ways come to one end. Returns the status. */
static int check_alike(const struct pref_buf *bytes, struct pref_ahead *ahead)
{
    help_write("f.zst", bytes->ptr, bytes->len);
    struct outcome want = read_file("f.zst", 50000, NULL);
    for (size_t cap = 7777; cap < 1000000; cap *= 30) {
        struct outcome got = read_file("f.zst", cap, ahead);
        assert_int_equal(got.status, want.status);
        assert_string_equal(got.err.text, want.err.text);
        help_same(&got.plain, want.plain.ptr, want.plain.len);
        pref_buf_release(&got.plain);
    }
    pref_buf_release(&want.plain);
    return want.status;
}

/* A frame that does not say how much it holds. */
static void add_unsized(struct pref_buf *out, const char *bytes, size_t len)
{
    ZSTD_CCtx *context = ZSTD_createCCtx();
    size_t room = ZSTD_compressBound(len);
    ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
    char *at = pref_buf_reserve(out, room);
    size_t made = ZSTD_compress2(context, at, room, bytes, len);
    assert_false(ZSTD_isError(made));
    out->len += made;
    ZSTD_freeCCtx(context);
}

/* Frames of all sizes, so that several go into a job and one into its own. */
static void make_frames(struct pref_buf *packed, const struct pref_buf *text)
{
    static const size_t sizes[] = {1, 0, 300, 100, 1200000, 40, 0, 700000, 600000, 50000, 200000};
    size_t at = 0;
    help_skippable(packed, 12);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        assert_true(at + sizes[i] <= text->len);
        help_frame(packed, text->ptr + at, sizes[i]);
        at += sizes[i];
        if (i % 4 == 1)
            help_skippable(packed, i);
    }
    help_frame(packed, text->ptr + at, text->len - at);
}

static void check_all(unsigned threads)
{
    struct pref_ahead *ahead;
    struct help_hands hands;
    struct pref_buf text = {0}, packed = {0}, cut = {0};
    help_lines(&text, 60000, 200, 9);
    make_frames(&packed, &text);
    assert_int_equal(pref_ahead_new(&ahead, threads + 1, &err), 0);
    help_serve(&hands, pref_ahead_crew(ahead), threads);
    assert_int_equal(check_alike(&packed, ahead), 0);

    /* Ends anywhere; something else than a frame behind. */
    for (size_t i = 1; i < 5; i++) {
        pref_buf_clear(&cut);
        pref_buf_add(&cut, packed.ptr, packed.len * i / 5 + i);
        assert_int_equal(check_alike(&cut, ahead), PREF_FAIL);
    }
    pref_buf_clear(&cut);
    pref_buf_add_span(&cut, pref_buf_span(&packed));
    pref_buf_add_text(&cut, "{}\n");
    assert_int_equal(check_alike(&cut, ahead), PREF_FAIL);

    /* A bit is wrong somewhere. */
    for (size_t i = 0; i < 5; i++) {
        size_t at = packed.len * (2 * i + 1) / 10;
        packed.ptr[at] = (char)(packed.ptr[at] ^ 1 << i % 8);
        assert_int_equal(check_alike(&packed, ahead), PREF_FAIL);
        packed.ptr[at] = (char)(packed.ptr[at] ^ 1 << i % 8);
    }

    /* A frame of unknown size, and one that is too large: the stream takes over. */
    add_unsized(&packed, text.ptr, 3000);
    help_frame(&packed, text.ptr, 200000);
    assert_int_equal(check_alike(&packed, ahead), 0);
    assert_true(text.len > (size_t)5 << 20);
    help_frame(&packed, text.ptr, text.len);
    help_frame(&packed, text.ptr, 200000);
    assert_int_equal(check_alike(&packed, ahead), 0);

    help_dismiss(&hands);
    pref_ahead_free(ahead);
    pref_buf_release(&text);
    pref_buf_release(&packed);
    pref_buf_release(&cut);
}

static void test_alone(void **state)
{
    (void)state;
    check_all(0);
}

static void test_helped(void **state)
{
    (void)state;
    check_all(3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alone),
        cmocka_unit_test(test_helped),
    };
    return cmocka_run_group_tests_name("ahead", tests, help_enter, help_leave);
}
