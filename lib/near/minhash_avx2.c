/* SPDX-License-Identifier: Apache-2.0 */
/* minhash_avx2.c - signatures eight values at a time, of which only the first take a product. The
 * portable kernel is the reference. */
#include "config.h"

#include "lib/base/cpu.h"

#if PREF_HAVE_AVX2

#include "minhash.h"

#include <immintrin.h>
#include <string.h>

#define AVX2_TARGET __attribute__((target("avx2")))

AVX2_TARGET static inline __m256i load(const void *at)
{
    return _mm256_loadu_si256((const __m256i *)at);
}

/* The images of a member under orders in a row: eight, and the next eight. */
struct images {
    __m256i even, odd, twice; /* twice: from either to those after the other */
};

AVX2_TARGET static inline struct images images_of(uint64_t member, __m256i first, __m256i step)
{
    __m256i low = _mm256_set1_epi32((int)(uint32_t)member);
    __m256i high = _mm256_set1_epi32((int)(uint32_t)(member >> 32));
    __m256i once = _mm256_mullo_epi32(step, low);
    __m256i even = _mm256_add_epi32(_mm256_mullo_epi32(first, low), high);
    return (struct images){even, _mm256_add_epi32(even, once), _mm256_add_epi32(once, once)};
}

#define TAKE(at, least_even, least_odd)                                                            \
    least_even = _mm256_min_epu32(least_even, at.even);                                            \
    least_odd = _mm256_min_epu32(least_odd, at.odd);                                               \
    at.even = _mm256_add_epi32(at.even, at.twice);                                                 \
    at.odd = _mm256_add_epi32(at.odd, at.twice)

/* 16 values for each of 1 to 4 pairs of registers, in which they all stay. */
AVX2_TARGET static inline void sign(const uint32_t *multipliers, const uint64_t *members,
                                    size_t len, unsigned pairs, __m256i *out)
{
    const __m256i first = load(multipliers);
    const __m256i step = _mm256_sub_epi32(load(multipliers + 8), first);
    __m256i least0 = _mm256_set1_epi32(-1), least1 = least0, least2 = least0, least3 = least0;
    __m256i least4 = least0, least5 = least0, least6 = least0, least7 = least0;
    for (size_t k = 0; k < len; k++) {
        struct images at = images_of(members[k], first, step);
        TAKE(at, least0, least1);
        if (pairs > 1) {
            TAKE(at, least2, least3);
        }
        if (pairs > 2) {
            TAKE(at, least4, least5);
        }
        if (pairs > 3) {
            TAKE(at, least6, least7);
        }
    }
    const __m256i least[8] = {least0, least1, least2, least3, least4, least5, least6, least7};
    memcpy(out, least, sizeof least);
}

AVX2_TARGET void pref_minhash_sign_avx2(const struct pref_minhash *family, const uint64_t *members,
                                        size_t len, uint32_t *signature)
{
    for (unsigned i = 0; i < family->count; i += 64) {
        const uint32_t *multipliers = family->multipliers + i;
        unsigned left = family->count - i;
        __m256i least[8];
        /* Each a loop of its own: what it does is known when it is compiled. */
        if (left > 48)
            sign(multipliers, members, len, 4, least);
        else if (left > 32)
            sign(multipliers, members, len, 3, least);
        else if (left > 16)
            sign(multipliers, members, len, 2, least);
        else
            sign(multipliers, members, len, 1, least);
        memcpy(signature + i, least, (left < 64 ? left : 64) * sizeof *signature);
    }
}

#endif
