/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "stream_help.h"
#include "lib/stream/magic.h"
#include "lib/stream/press.h"
#include "lib/stream/zstd_in.h"
#include "lib/stream/zstd_out.h"

#include <string.h>

static struct pref_err err;

static void test_pieces(void **state)
{
    (void)state;
    static const size_t steps[] = {1, 2, 3, 5, 1000, 1 << 20};
    static const size_t caps[] = {1, 100, 1 << 20};
    struct pref_buf text = {0}, packed = {0}, out = {0};
    help_lines(&text, 500, 60, 7);
    help_skippable(&packed, 3);
    help_frame(&packed, text.ptr, 5000);
    help_frame(&packed, "", 0);
    help_frame(&packed, text.ptr + 5000, text.len - 5000);
    help_skippable(&packed, 0);
    struct pref_decoder *zstd = pref_zstd_in_new(0);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        for (size_t j = 0; j < sizeof caps / sizeof caps[0]; j++) {
            assert_int_equal(help_unpack(zstd, &packed, steps[i], caps[j], &out, &err), 0);
            help_same(&out, text.ptr, text.len);
        }
    }
    /* A reader that has failed can begin another file. */
    packed.ptr[20] ^= 1;
    assert_int_equal(help_unpack(zstd, &packed, 7, 100, &out, &err), PREF_FAIL);
    packed.ptr[20] ^= 1;
    assert_int_equal(help_unpack(zstd, &packed, 7, 100, &out, &err), 0);
    pref_decoder_free(zstd);
    pref_decoder_free(NULL);
    pref_buf_release(&text);
    pref_buf_release(&packed);
    pref_buf_release(&out);
}

/* A frame that says how long its text is and ends early, with an empty last block and no checksum:
 * libzstd notices it only where it is given all of it at once. */
static void test_shorter_than_said(void **state)
{
    (void)state;
    static const size_t steps[] = {1, 4, 7, 1000};
    struct pref_buf packed = {0}, out = {0};
    help_frame(&packed, "hello\n", 6);
    pref_buf_add(&packed, "\x28\xb5\x2f\xfd\x20\x05\x01\x00\x00", 9);
    struct pref_decoder *zstd = pref_zstd_in_new(0);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        assert_int_equal(help_unpack(zstd, &packed, steps[i], 100, &out, &err), PREF_FAIL);
        assert_non_null(strstr(err.text, "x: corrupt zstd frame at byte"));
    }
    /* What says nothing, or 0, may be empty. */
    packed.ptr[packed.len - 4] = 0;
    assert_int_equal(help_unpack(zstd, &packed, 1, 100, &out, &err), 0);
    help_same(&out, "hello\n", 6);
    pref_decoder_free(zstd);
    pref_buf_release(&packed);
    pref_buf_release(&out);
}

static void test_frame(void **state)
{
    (void)state;
    struct pref_buf text = {0}, packed = {0}, smaller = {0};
    for (int i = 0; i < 5000; i++)
        pref_buf_addf(&text, "{\"n\":%d,\"square\":%d}\n", i, i * i);
    struct pref_zstd_out *zstd = pref_zstd_out_new();
    struct pref_span plain = pref_buf_span(&text);
    pref_buf_add(&packed, "kept", 4);
    assert_int_equal(pref_zstd_out_frame(zstd, 1, plain, &packed, &err), 0);
    assert_memory_equal(packed.ptr, "kept\x28\xB5\x2F\xFD", 8);
    /* The header says: checksum, content size. */
    assert_true((packed.ptr[8] & 0x04) != 0);
    assert_true((packed.ptr[8] & 0xE0) != 0);
    assert_int_equal(pref_zstd_out_frame(zstd, 1000, plain, &smaller, &err), 0);
    assert_true(smaller.len < packed.len);
    assert_true(pref_zstd_out_level_max() >= 19);
    /* The level, not what was made before, decides. */
    size_t before = packed.len;
    assert_int_equal(pref_zstd_out_frame(zstd, 1, plain, &packed, &err), 0);
    assert_int_equal(packed.len - before, before - 4);
    assert_memory_equal(packed.ptr + 4, packed.ptr + before, before - 4);
    pref_zstd_out_free(zstd);
    pref_zstd_out_free(NULL);
    pref_buf_release(&text);
    pref_buf_release(&packed);
    pref_buf_release(&smaller);
}

static void test_magic(void **state)
{
    (void)state;
    /* One byte that begins nothing decides; one that begins something waits. */
    for (unsigned c = 0; c < 256; c++) {
        char byte = (char)c;
        int begins = c == 0x28 || c >> 4 == 5 || c == 0x1F || c == 0xFD || c == 'B' || c == 4
            || c == 2 || c >= 0xFE;
        assert_int_equal(pref_magic_tell(&byte, 1), begins ? PREF_MAGIC_MORE : PREF_MAGIC_PLAIN);
        char skippable[4] = {byte, 0x2A, 0x4D, 0x18};
        assert_int_equal(pref_magic_tell(skippable, 4),
                         c >> 4 == 5 ? PREF_MAGIC_ZSTD : PREF_MAGIC_PLAIN);
    }
    assert_int_equal(pref_magic_tell("", 0), PREF_MAGIC_MORE);
    assert_int_equal(pref_magic_tell("[]", 2), PREF_MAGIC_PLAIN);
    assert_int_equal(pref_magic_tell("PA", 2), PREF_MAGIC_MORE);
    assert_int_equal(pref_magic_tell("PAR2", 4), PREF_MAGIC_PLAIN);
    assert_int_equal(pref_magic_tell("\xFD" "7zXZ", 5), PREF_MAGIC_MORE);
    assert_int_equal(pref_magic_tell("\xFD" "7zXZ\0", PREF_MAGIC_MAX), PREF_MAGIC_FOREIGN);
    assert_true(pref_magic_begins(PREF_MAGIC_ZSTD, "\x5F\x2A", 2));
    assert_false(pref_magic_begins(PREF_MAGIC_ZSTD, "\x1F\x8B", 2));
}

/* Frames leave in the order of coming, with their owners. */
static void test_press(void **state)
{
    (void)state;
    for (unsigned threads = 0; threads < 4; threads++) {
        struct pref_press *press;
        struct help_hands hands;
        struct pref_buf plain = {0}, want = {0};
        size_t owners[200], taken = 0;
        assert_int_equal(pref_press_new(&press, threads + 1, &err), 0);
        help_serve(&hands, pref_press_crew(press), threads);
        assert_false(pref_press_ready(press));
        for (size_t i = 0; i <= 200; i++) {
            while (taken < i && (i == 200 || pref_press_full(press))) {
                void *owner;
                struct pref_span frame;
                assert_int_equal(pref_press_oldest(press, &owner, &frame, &err), 0);
                assert_ptr_equal(owner, &owners[taken]);
                pref_buf_clear(&plain);
                pref_buf_clear(&want);
                help_lines(&plain, 1 + taken * 7 % 100, 100, taken);
                help_frame(&want, plain.ptr, plain.len);
                help_same(&want, frame.ptr, frame.len);
                pref_press_drop(press);
                taken++;
            }
            if (i == 200)
                break;
            pref_buf_clear(&plain);
            help_lines(&plain, 1 + i * 7 % 100, 100, i);
            pref_press_put(press, &owners[i], 3, &plain);
            assert_int_equal(plain.len, 0);
        }
        assert_int_equal(taken, 200);
        help_dismiss(&hands);
        /* What nobody takes is freed. */
        help_lines(&plain, 10, 10, 1);
        pref_press_put(press, owners, 3, &plain);
        pref_press_free(press);
        pref_buf_release(&plain);
        pref_buf_release(&want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_shorter_than_said),
        cmocka_unit_test(test_frame),
        cmocka_unit_test(test_magic),
        cmocka_unit_test(test_press),
    };
    return cmocka_run_group_tests_name("zstd", tests, help_enter, help_leave);
}
