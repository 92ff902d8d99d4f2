/* SPDX-License-Identifier: Apache-2.0 */
/* minhash_avx2.c - signatures eight values at a time. The portable kernel is the reference. */
#include "config.h"

#include "cpu.h"

#if PREF_HAVE_AVX2

#include "minhash.h"

#include <immintrin.h>

#define AVX2_TARGET __attribute__((target("avx2")))

/* The least image so far of one more member, for eight values. */
#define TAKE(least, by)                                                                            \
    least = _mm256_min_epu32(least, _mm256_add_epi32(_mm256_mullo_epi32(by, low), high))

/* Four vectors abreast, all in registers: the products' latency is hidden. */
AVX2_TARGET static void sign_four_vectors(const uint32_t *multipliers, const uint64_t *members,
                                          size_t len, uint32_t *signature)
{
    const __m256i *by = (const __m256i *)multipliers;
    __m256i by0 = _mm256_loadu_si256(by), by1 = _mm256_loadu_si256(by + 1);
    __m256i by2 = _mm256_loadu_si256(by + 2), by3 = _mm256_loadu_si256(by + 3);
    __m256i least0 = _mm256_set1_epi32(-1), least1 = least0, least2 = least0, least3 = least0;
    for (size_t k = 0; k < len; k++) {
        __m256i low = _mm256_set1_epi32((int)(uint32_t)members[k]);
        __m256i high = _mm256_set1_epi32((int)(uint32_t)(members[k] >> 32));
        TAKE(least0, by0);
        TAKE(least1, by1);
        TAKE(least2, by2);
        TAKE(least3, by3);
    }
    __m256i *out = (__m256i *)signature;
    _mm256_storeu_si256(out, least0);
    _mm256_storeu_si256(out + 1, least1);
    _mm256_storeu_si256(out + 2, least2);
    _mm256_storeu_si256(out + 3, least3);
}

AVX2_TARGET static void sign_vector(const uint32_t *multipliers, const uint64_t *members,
                                    size_t len, uint32_t *signature)
{
    __m256i by = _mm256_loadu_si256((const __m256i *)multipliers);
    __m256i least = _mm256_set1_epi32(-1);
    for (size_t k = 0; k < len; k++) {
        __m256i low = _mm256_set1_epi32((int)(uint32_t)members[k]);
        __m256i high = _mm256_set1_epi32((int)(uint32_t)(members[k] >> 32));
        TAKE(least, by);
    }
    _mm256_storeu_si256((__m256i *)signature, least);
}

AVX2_TARGET void pref_minhash_sign_avx2(const struct pref_minhash *family, const uint64_t *members,
                                        size_t len, uint32_t *signature)
{
    unsigned i = 0;
    for (; i + 32 <= family->count; i += 32)
        sign_four_vectors(family->multipliers + i, members, len, signature + i);
    for (; i < family->count; i += 8)
        sign_vector(family->multipliers + i, members, len, signature + i);
}

#endif
