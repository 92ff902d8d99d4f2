/* SPDX-License-Identifier: Apache-2.0 */
/* hash_avx2.c - XXH3 of long inputs, 32 bytes a step: the same library compiled for AVX2, two to
 * three times as fast there. lib/key/hash.c is the portable way, and gives the same values. */
#include "config.h"

#include "hash_own.h"
#include "lib/base/cpu.h"

#if PREF_HAVE_AVX2

/* The library's functions carry no target of their own, so the whole of it is given one. */
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2")
#endif

#define XXH_INLINE_ALL
#define XXH_VECTOR 2 /* XXH_AVX2 */
#include <immintrin.h>
#include <xxhash.h>

struct pref_h128 pref_hash128_avx2(const void *bytes, size_t len, uint64_t seed)
{
    XXH128_hash_t hash = XXH3_128bits_withSeed(bytes, len, seed);
    return (struct pref_h128){hash.low64, hash.high64};
}

void pref_hash_update_avx2(void *state, const void *bytes, size_t len)
{
    XXH3_128bits_update(state, bytes, len);
}

#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#endif
