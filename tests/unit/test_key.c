/* SPDX-License-Identifier: Apache-2.0 */
/* Keys are compared with canonical forms written out by hand, and hashes with published values. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pref/buf.h"
#include "pref/key.h"

#define SEED 42u

/* The key of a JSON text, which is copied to where nothing but padding follows it. */
static int key_of(struct pref_span text, struct pref_h128 *out, struct pref_err *err)
{
    char *copy = calloc(1, text.len + PREF_PAD);
    struct pref_key_scratch *scratch = pref_key_scratch_new();
    assert_non_null(copy);
    assert_non_null(scratch);
    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    int status = pref_key_value(scratch, (struct pref_span){copy, text.len}, SEED, out, err);
    pref_key_scratch_free(scratch);
    free(copy);
    return status;
}

static struct pref_h128 key(const char *text)
{
    struct pref_err err = {""};
    struct pref_h128 out = {0, 0};
    assert_int_equal(key_of(pref_span_of(text), &out, &err), 0);
    return out;
}

static int same(const char *a, const char *b)
{
    struct pref_h128 x = key(a), y = key(b);
    return x.low == y.low && x.high == y.high;
}

static void assert_hash(struct pref_h128 hash, const void *bytes, size_t len, uint64_t seed)
{
    struct pref_h128 expected = pref_hash128(bytes, len, seed);
    assert_int_equal(hash.low, expected.low);
    assert_int_equal(hash.high, expected.high);
}

static void test_hash_published(void **state)
{
    (void)state;
    char hex[33];
    pref_h128_hex(pref_hash128("", 0, 0), hex);
    assert_string_equal(hex, "99aa06d3014798d86001c324468d497f");
    pref_h128_hex(pref_hash128("a", 1, 0), hex);
    assert_string_equal(hex, "a96faf705af16834e6c632b61e964e1f");
    assert_int_equal(pref_hash64("", 0, 0), UINT64_C(0x2d06800538d394c2));
}

static void test_hash_bytes(void **state)
{
    (void)state;
    static const unsigned char expected[16] = {8,  7,  6,  5,  4,  3,  2,  1,
                                               16, 15, 14, 13, 12, 11, 10, 9};
    struct pref_h128 hash = {UINT64_C(0x0102030405060708), UINT64_C(0x090a0b0c0d0e0f10)};
    unsigned char bytes[16];
    pref_h128_bytes(hash, bytes);
    assert_memory_equal(bytes, expected, 16);
}

static void test_hasher_equals_whole(void **state)
{
    (void)state;
    static char text[5000];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)(i * 37 % 251);
    struct pref_hasher *hasher = pref_hasher_new(0);
    assert_non_null(hasher);
    pref_hasher_reseed(hasher, 7);
    for (size_t at = 0, step = 1; at < sizeof text; at += step, step = step * 3 % 997 + 1) {
        if (step > sizeof text - at)
            step = sizeof text - at;
        pref_hasher_add(hasher, text + at, step);
    }
    assert_hash(pref_hasher_value(hasher), text, sizeof text, 7);
    pref_hasher_reset(hasher);
    pref_hasher_add(hasher, NULL, 0);
    assert_hash(pref_hasher_value(hasher), "", 0, 7);
    pref_hasher_free(hasher);
    pref_hasher_free(NULL);
}

static void test_seeds_differ(void **state)
{
    (void)state;
    uint64_t a = pref_seed_random(), b = pref_seed_random();
    assert_true(a != b);
}

static void test_strings(void **state)
{
    (void)state;
    assert_hash(key("\"plain\""), "plain", 5, SEED);
    assert_hash(key("\"\""), "", 0, SEED);
    assert_hash(key("\"a\\n\\\"\\u00e9\\ud83d\\ude00\\u0000\""), "a\n\"\xc3\xa9\xf0\x9f\x98\x80\0",
                10, SEED);
    assert_true(same("\"\\u0041\"", "\"A\""));
    assert_false(same("\"A\"", "\"a\""));
}

static void test_scalars(void **state)
{
    (void)state;
    uint64_t seed = pref_key_seed(SEED);
    assert_hash(key("null"), "n", 1, seed);
    assert_hash(key(""), "n", 1, seed);
    assert_hash(key("true"), "t", 1, seed);
    assert_hash(key("false"), "f", 1, seed);
    assert_hash(key("-1.50e+3"), "#-1.50e+3", 9, seed);
    assert_false(same("1", "\"1\""));
    assert_false(same("null", "\"n\""));
    assert_false(same("1", "1.0")); /* as written */
}

static void test_containers_by_hand(void **state)
{
    (void)state;
    uint64_t seed = pref_key_seed(SEED);
    assert_hash(key("[]"), "[", 1, seed);
    assert_hash(key("{ }"), "{", 1, seed);
    static const char list[] = "[ts\x02\0\0\0a\n#12#-3nf";
    assert_hash(key("[true, \"a\\n\" ,12,-3,null,false]"), list, sizeof list - 1, seed);
    static const char object[] = "{s\x01\0\0\0ans\x01\0\0\0bs\x01\0\0\0x";
    assert_hash(key("{\"b\":\"x\",\t\"a\":null}"), object, sizeof object - 1, seed);
    char nested[1 + 17 + 2] = "[h";
    pref_h128_bytes(pref_hash128("{", 1, seed), (unsigned char *)nested + 2);
    nested[18] = '#';
    nested[19] = '1';
    assert_hash(key("[{},1]"), nested, sizeof nested, seed);
}

static void test_containers_alike(void **state)
{
    (void)state;
    assert_true(same("[{\"role\":\"user\",\"content\":\"hi\"}]",
                     "[ { \"content\" : \"h\\u0069\", \"\\u0072ole\":\"user\" } ]"));
    assert_true(
        same("{\"b\":{\"y\":1,\"x\":[2]},\"a\":{}}", "{\"a\":{},\"b\":{\"x\":[2],\"y\":1}}"));
    assert_true(same("{\"a\":\"\\\\\",\"b\":\"]}\"}", "{\"b\":\"]}\",\"a\":\"\\\\\"}"));
}

static void test_containers_unlike(void **state)
{
    (void)state;
    assert_false(same("[\"ab\",\"c\"]", "[\"a\",\"bc\"]"));
    assert_false(same("[1]", "[\"1\"]"));
    assert_false(same("[12]", "[1,2]"));
    assert_false(same("[]", "{}"));
    assert_false(same("[[],[]]", "[[[]]]"));
    assert_false(same("{\"a\":null}", "{}"));
    assert_false(same("[1,2]", "[2,1]"));
    assert_false(same("{\"a\":1,\"a\":2}", "{\"a\":2,\"a\":1}")); /* equal keys: input order */
    assert_false(same("{\"a\":\"b\"}", "[\"a\",\"b\"]"));
    assert_false(same("{\"a\":1,\"b\":2}", "{\"a\":2,\"b\":1}"));
}

static void test_lone_surrogates(void **state)
{
    (void)state;
    static const char *const texts[] = {"\"\\ud800\"", "[\"\\udc00x\"]", "{\"\\ud800\":1}",
                                        "{\"a\":[{\"b\":\"\\ud800\\ud800\"}]}"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct pref_err err = {""};
        struct pref_h128 out;
        assert_int_equal(key_of(pref_span_of(texts[i]), &out, &err), PREF_USAGE);
        assert_string_equal(err.text, "lone surrogate in a text");
    }
}

/* One scratch serves many values, also after one that failed. */
static void test_scratch_is_reused(void **state)
{
    (void)state;
    char text[64 + PREF_PAD] = "[[{\"a\":\"\\ud800\"}]]";
    struct pref_key_scratch *scratch = pref_key_scratch_new();
    struct pref_h128 out;
    assert_int_equal(
        pref_key_value(scratch, (struct pref_span){text, strlen(text)}, SEED, &out, NULL),
        PREF_USAGE);
    strcpy(text, "{\"b\":[1],\"a\":[2]}");
    assert_int_equal(
        pref_key_value(scratch, (struct pref_span){text, strlen(text)}, SEED, &out, NULL), 0);
    struct pref_h128 expected = key("{\"a\":[2],\"b\":[1]}");
    assert_memory_equal(&out, &expected, sizeof out);
    pref_key_scratch_free(scratch);
    pref_key_scratch_free(NULL);
}

/* An object of `n` members, whose keys are numbers in an order that `step` gives. */
static void put_object(struct pref_buf *buf, size_t n, size_t step)
{
    pref_buf_clear(buf);
    for (size_t i = 0, k = 0; i < n; i++, k = (k + step) % n)
        pref_buf_addf(buf, "%s\"k%zu\":%zu", i == 0 ? "{" : ",", k, k);
    pref_buf_add_byte(buf, '}');
    assert_false(buf->failed);
}

static void test_many_members(void **state)
{
    (void)state;
    struct pref_buf buf = {0};
    static const size_t counts[] = {7, 9, 16, 17, 100, 1009, 100003};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        struct pref_h128 up, mixed;
        put_object(&buf, counts[i], 1);
        assert_int_equal(key_of(pref_buf_span(&buf), &up, NULL), 0);
        for (size_t step = 2; step < 6; step++) {
            put_object(&buf, counts[i], counts[i] - step);
            assert_int_equal(key_of(pref_buf_span(&buf), &mixed, NULL), 0);
            if (counts[i] % step != 0)
                assert_memory_equal(&up, &mixed, sizeof up);
        }
    }
    pref_buf_release(&buf);
}

static void test_depth(void **state)
{
    (void)state;
    struct pref_buf buf = {0};
    struct pref_h128 deep, deeper;
    for (int i = 0; i < PREF_DEPTH_MAX; i++)
        pref_buf_add_text(&buf, i % 2 ? "[" : "{\"z\":1,\"a\":");
    for (int i = PREF_DEPTH_MAX; i-- > 0;)
        pref_buf_add_text(&buf, i % 2 ? "]" : "}");
    /* The innermost is an array, so the text is complete. */
    assert_int_equal(key_of(pref_buf_span(&buf), &deep, NULL), 0);
    pref_buf_clear(&buf);
    for (int i = 0; i <= PREF_DEPTH_MAX; i++)
        pref_buf_add_text(&buf, "[");
    struct pref_err err = {""};
    assert_int_equal(key_of(pref_buf_span(&buf), &deeper, &err), PREF_USAGE);
    assert_string_equal(err.text, "nested deeper than 1024");
    pref_buf_release(&buf);
}

static void test_join(void **state)
{
    (void)state;
    struct pref_h128 fields[20];
    unsigned char images[16 * 16];
    for (unsigned i = 0; i < 20; i++)
        fields[i] = pref_hash128(&i, sizeof i, 0);
    for (unsigned i = 0; i < 16; i++)
        pref_h128_bytes(fields[i], images + 16 * i);
    assert_hash(pref_key_join(fields, 3, SEED), images, 48, SEED);
    assert_hash(pref_key_join(fields, 16, SEED), images, 256, SEED);
    struct pref_h128 block = pref_hash128(images, 256, SEED);
    pref_h128_bytes(block, images);
    for (unsigned i = 16; i < 20; i++)
        pref_h128_bytes(fields[i], images + 16 * (i - 15));
    assert_hash(pref_key_join(fields, 20, SEED), images, 16 * 5, SEED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hash_published),
        cmocka_unit_test(test_hash_bytes),
        cmocka_unit_test(test_hasher_equals_whole),
        cmocka_unit_test(test_seeds_differ),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_scalars),
        cmocka_unit_test(test_containers_by_hand),
        cmocka_unit_test(test_containers_alike),
        cmocka_unit_test(test_containers_unlike),
        cmocka_unit_test(test_lone_surrogates),
        cmocka_unit_test(test_scratch_is_reused),
        cmocka_unit_test(test_many_members),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_join),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
