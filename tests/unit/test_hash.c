/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes of all lengths and alignments, in one piece and in several, against the library as it is
 * linked: whichever kernel the processor at hand gets, the values are XXH3's. */
#include "config.h"

#include "pref/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <xxhash.h>

enum { LENGTHS = 1300, ALIGNMENTS = 4 };

static unsigned char bytes[LENGTHS + ALIGNMENTS];

static int fill(void **state)
{
    (void)state;
    uint32_t next = 1;
    for (size_t i = 0; i < sizeof bytes; i++) {
        next = next * 1664525 + 1013904223;
        bytes[i] = (unsigned char)(next >> 24);
    }
    return 0;
}

static void same(struct pref_h128 got, const unsigned char *from, size_t len, uint64_t seed)
{
    XXH128_hash_t want = XXH3_128bits_withSeed(from, len, seed);
    assert_true(got.low == want.low64 && got.high == want.high64);
}

static void test_whole(void **state)
{
    (void)state;
    for (size_t len = 0; len <= LENGTHS; len++) {
        const unsigned char *from = bytes + len % ALIGNMENTS;
        same(pref_hash128(from, len, 0), from, len, 0);
        same(pref_hash128(from, len, len * 0x9e3779b97f4a7c15u), from, len,
             len * 0x9e3779b97f4a7c15u);
        assert_true(pref_hash64(from, len, 5) == XXH3_64bits_withSeed(from, len, 5));
    }
}

static void test_pieces(void **state)
{
    (void)state;
    struct pref_hasher *hasher = pref_hasher_new(42);
    assert_non_null(hasher);
    for (size_t len = 0; len <= LENGTHS; len++) {
        size_t first = len * 31 % (len + 1);
        pref_hasher_reset(hasher);
        pref_hasher_add(hasher, bytes, first);
        pref_hasher_add(hasher, bytes + first, len - first);
        same(pref_hasher_value(hasher), bytes, len, 42);
    }
    pref_hasher_free(hasher);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_whole), cmocka_unit_test(test_pieces)};
    return cmocka_run_group_tests_name("hash", tests, fill, NULL);
}
