/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "stream_help.h"
#include "lib/stream/gzip_in.h"
#include "pref/source.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

static struct pref_err err;

/* Append a member, made by zlib's other half, with an optional header and its checksum. `flush`
 * leaves it open: what was given can be read, and no end has come. */
static void add_member(struct pref_buf *out, const char *bytes, size_t len, int decorated,
                       int flush)
{
    unsigned char extra[] = {'B', 'C', 2, 0, 27, 0}, name[] = "a name.jsonl", comment[] = "comment";
    gz_header header = {.text = 1, .time = 77, .extra = extra, .extra_len = sizeof extra,
                        .name = name, .comment = comment, .hcrc = 1};
    z_stream stream = {0};
    assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    if (decorated)
        assert_int_equal(deflateSetHeader(&stream, &header), Z_OK);
    size_t room = len + len / 10 + 300;
    stream.next_out = (Bytef *)pref_buf_reserve(out, room);
    stream.avail_out = (uInt)room;
    stream.next_in = (Bytef *)(uintptr_t)bytes;
    stream.avail_in = (uInt)len;
    assert_int_equal(deflate(&stream, flush ? Z_SYNC_FLUSH : Z_FINISH),
                     flush ? Z_OK : Z_STREAM_END);
    out->len += room - stream.avail_out;
    deflateEnd(&stream);
}

static void add_zeros(struct pref_buf *out, size_t count)
{
    while (count-- > 0)
        pref_buf_add_byte(out, '\0');
}

/* Three members, one of them empty, one with all that a header can have. */
static void make_members(struct pref_buf *packed, const struct pref_buf *text)
{
    size_t third = text->len / 3;
    add_member(packed, text->ptr, third, 1, 0);
    add_member(packed, "", 0, 0, 0);
    add_member(packed, text->ptr + third, text->len - third, 0, 0);
}

static void test_pieces(void **state)
{
    (void)state;
    static const size_t steps[] = {1, 2, 3, 5, 1000, 1 << 20};
    static const size_t caps[] = {1, 100, 1 << 20};
    struct pref_buf text = {0}, packed = {0}, out = {0};
    help_lines(&text, 500, 60, 7);
    make_members(&packed, &text);
    add_zeros(&packed, 600);
    struct pref_decoder *gzip = pref_gzip_in_new();
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        for (size_t j = 0; j < sizeof caps / sizeof caps[0]; j++) {
            assert_int_equal(help_unpack(gzip, &packed, steps[i], caps[j], &out, &err), 0);
            help_same(&out, text.ptr, text.len);
        }
    }
    /* A reader that has failed can begin another file. */
    packed.ptr[2] ^= 1;
    assert_int_equal(help_unpack(gzip, &packed, 7, 100, &out, &err), PREF_FAIL);
    assert_string_equal(err.text, "x: corrupt gzip member at byte 0: unknown compression method");
    packed.ptr[2] ^= 1;
    assert_int_equal(help_unpack(gzip, &packed, 7, 100, &out, &err), 0);
    pref_decoder_free(gzip);
    pref_buf_release(&text);
    pref_buf_release(&packed);
    pref_buf_release(&out);
}

/* Read all the files, in pieces of `cap`. */
static int read_names(const char *const *names, size_t count, size_t cap, int replay,
                      struct pref_buf *out)
{
    struct pref_source_config config = {
        .names = names, .count = count, .replay = replay, .stop_fd = -1};
    struct pref_source *source;
    assert_int_equal(pref_source_open(&source, &config, &err), 0);
    int status = 0;
    for (int pass = 0; pass <= replay && status == 0; pass++) {
        if (pass > 0)
            status = pref_source_rewind(source, &err);
        for (int more = 1; more && status == 0;) {
            size_t got;
            int ended;
            char *at = pref_buf_reserve(out, cap);
            status = pref_source_read(source, at, cap, 1, &got, &ended, &err);
            out->len += got;
            if (status == 0 && ended)
                status = pref_source_next(source, &more, &err);
        }
    }
    pref_source_close(source);
    return status;
}

/* The sentence of reading these bytes, after so many good ones. */
static const char *refusal(const struct pref_buf *packed, size_t good)
{
    const char *name = "x.gz";
    struct pref_buf out = {0};
    help_write(name, packed->ptr, packed->len);
    assert_int_equal(read_names(&name, 1, 1000, 0, &out), PREF_FAIL);
    assert_int_equal(out.len, good);
    pref_buf_release(&out);
    return err.text;
}

static void test_truncated(void **state)
{
    (void)state;
    struct pref_buf text = {0}, packed = {0}, out = {0};
    help_lines(&text, 20, 30, 3);
    size_t ends[4] = {0};
    add_member(&packed, text.ptr, 100, 1, 0);
    ends[1] = packed.len;
    add_member(&packed, "", 0, 0, 0);
    ends[2] = packed.len;
    add_member(&packed, text.ptr + 100, text.len - 100, 0, 0);
    ends[3] = packed.len;
    const char *name = "t.gz";
    size_t member = 0;
    for (size_t n = 2; n <= packed.len; n++) {
        for (size_t cap = 10; cap <= 1000; cap *= 10) {
            out.len = 0;
            help_write(name, packed.ptr, n);
            int status = read_names(&name, 1, cap, 0, &out);
            if (n == ends[member + 1]) {
                assert_int_equal(status, 0);
            } else {
                char want[100];
                snprintf(want, sizeof want,
                         "t.gz: truncated gzip member at byte %zu: the file ends at byte %zu",
                         ends[member], n);
                assert_int_equal(status, PREF_FAIL);
                assert_string_equal(err.text, want);
            }
            assert_true(out.len <= text.len);
            assert_int_equal(memcmp(out.ptr, text.ptr, out.len), 0);
            if (n >= ends[1])
                assert_true(out.len >= 100);
        }
        member += n == ends[member + 1];
    }
    pref_buf_release(&text);
    pref_buf_release(&packed);
    pref_buf_release(&out);
}

/* A flipped bit behind the magic is found, or stands where nothing is said of the data: in the
 * flag that calls it text, the time, the kind of compressor or of system, or unused behind the
 * last block. */
static void test_corrupt(void **state)
{
    (void)state;
    struct pref_buf text = {0}, packed = {0}, out = {0};
    help_lines(&text, 8, 20, 4);
    add_member(&packed, text.ptr, text.len, 0, 0);
    const char *name = "c.gz";
    for (size_t bit = 16; bit < packed.len * 8; bit++) {
        packed.ptr[bit / 8] = (char)(packed.ptr[bit / 8] ^ 1 << bit % 8);
        help_write(name, packed.ptr, packed.len);
        packed.ptr[bit / 8] = (char)(packed.ptr[bit / 8] ^ 1 << bit % 8);
        out.len = 0;
        int status = read_names(&name, 1, 1000, 0, &out);
        int says_nothing = bit == 24 || (bit >= 32 && bit < 80);
        if (says_nothing || (bit / 8 == packed.len - 9 && status == 0)) {
            assert_int_equal(status, 0);
            help_same(&out, text.ptr, text.len);
        } else {
            assert_int_equal(status, PREF_FAIL);
            assert_memory_equal(err.text, "c.gz: ", 6);
        }
    }
    packed.ptr[packed.len - 5] ^= 1;
    assert_string_equal(refusal(&packed, text.len),
                        "x.gz: gzip member at byte 0 does not match its checksum");
    packed.ptr[packed.len - 5] ^= 1;
    packed.ptr[packed.len - 1] ^= 1;
    assert_string_equal(refusal(&packed, text.len),
                        "x.gz: gzip member at byte 0 does not have the length that it says");
    pref_buf_release(&text);
    pref_buf_release(&packed);
    pref_buf_release(&out);
}

static void test_garbage(void **state)
{
    (void)state;
    static const char *const tails[] = {"\n", "\x1F{", "{}\n", "\x28\xB5\x2F\xFD"};
    struct pref_buf packed = {0};
    char want[120];
    for (size_t zeros = 0; zeros < 300; zeros += 299) {
        for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
            packed.len = 0;
            add_member(&packed, "{}\n", 3, 0, 0);
            add_zeros(&packed, zeros);
            snprintf(want, sizeof want, "x.gz: garbage after a gzip member at byte %zu, expected "
                     "another member or the end", packed.len);
            pref_buf_add_text(&packed, tails[i]);
            assert_string_equal(refusal(&packed, 3), want);
        }
    }
    /* Behind zeros there is no member any more: gzip leaves it out, silently. */
    packed.len = 0;
    add_member(&packed, "{}\n", 3, 0, 0);
    add_zeros(&packed, 1);
    add_member(&packed, "{}\n", 3, 0, 0);
    assert_non_null(strstr(refusal(&packed, 3), "garbage after a gzip member"));
    pref_buf_release(&packed);
}

/* Each form beside each other, told by magic; what is shorter than the magic is plain. */
static void test_files(void **state)
{
    (void)state;
    struct pref_buf text = {0}, packed = {0}, out = {0}, want = {0};
    help_lines(&text, 3000, 60, 5);
    make_members(&packed, &text);
    help_write("gzip", packed.ptr, packed.len);
    packed.len = 0;
    help_frame(&packed, text.ptr, text.len);
    help_write("zstd", packed.ptr, packed.len);
    help_write("plain", text.ptr, text.len);
    help_write("short", "\x1F", 1);
    const char *names[] = {"gzip", "plain", "gzip", "zstd", "short", "zstd", "gzip"};
    for (size_t i = 0; i < 2 * sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i % 7], "short") == 0)
            pref_buf_add_byte(&want, '\x1F');
        else
            pref_buf_add_span(&want, pref_buf_span(&text));
    }
    assert_int_equal(read_names(names, 7, 70000, 1, &out), 0);
    help_same(&out, want.ptr, want.len);
    pref_buf_release(&text);
    pref_buf_release(&packed);
    pref_buf_release(&out);
    pref_buf_release(&want);
}

/* What a writer flushed into a pipe comes at once; read again, it comes from the scratch file. */
static void test_pipe(void **state)
{
    (void)state;
    int ends[2], ended;
    size_t got;
    char out[100];
    struct pref_buf packed = {0};
    assert_int_equal(pipe(ends), 0);
    int saved = help_replace(0, ends[0]);
    close(ends[0]);
    struct pref_source_config config = {.replay = 1, .stop_fd = -1};
    struct pref_source *source;
    assert_int_equal(pref_source_open(&source, &config, &err), 0);
    add_member(&packed, "{\"a\":1}\n", 8, 1, 0);
    add_member(&packed, "{\"b\":2}\n", 8, 0, 1);
    assert_int_equal(write(ends[1], packed.ptr, 1), 1);
    assert_int_equal(pref_source_read(source, out, 100, 0, &got, &ended, &err), 0);
    assert_int_equal(got, 0);
    assert_int_equal(write(ends[1], packed.ptr + 1, packed.len - 1), packed.len - 1);
    assert_int_equal(pref_source_read(source, out, 100, 1, &got, &ended, &err), 0);
    assert_int_equal(got, 16);
    assert_memory_equal(out, "{\"a\":1}\n{\"b\":2}\n", 16);
    assert_int_equal(pref_source_poll_fd(source), 0);
    /* An empty last block, the checksum and the length of the open member. */
    unsigned long crc = crc32(0, (const Bytef *)"{\"b\":2}\n", 8);
    char tail[10] = {3, 0};
    for (int i = 0; i < 4; i++) {
        tail[2 + i] = (char)(crc >> 8 * i & 255);
        tail[6 + i] = (char)(i == 0 ? 8 : 0);
    }
    assert_int_equal(write(ends[1], tail, 10), 10);
    close(ends[1]);
    assert_int_equal(pref_source_read(source, out, 100, 1, &got, &ended, &err), 0);
    assert_int_equal(got, 0);
    assert_true(ended);
    assert_int_equal(pref_source_rewind(source, &err), 0);
    assert_int_equal(pref_source_read(source, out, 100, 1, &got, &ended, &err), 0);
    assert_int_equal(got, 16);
    assert_memory_equal(out, "{\"a\":1}\n{\"b\":2}\n", 16);
    assert_true(ended);
    pref_source_close(source);
    help_put_back(0, saved);
    pref_buf_release(&packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces),  cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_corrupt), cmocka_unit_test(test_garbage),
        cmocka_unit_test(test_files),   cmocka_unit_test(test_pipe),
    };
    return cmocka_run_group_tests_name("gzip", tests, help_enter, help_leave);
}
