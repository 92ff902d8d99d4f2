/* SPDX-License-Identifier: Apache-2.0 */
/* words_avx2.c - runs found 32 bytes a step, and told with the instructions of BMI2; words_map.c
 * has the portable way, which is also the reference. */
#include "config.h"

#include "words_map.h"
#include "words_own.h"
#include "lib/base/cpu.h"

#if PREF_HAVE_AVX2

#include <immintrin.h>

#define WORDS_TARGET __attribute__((target("avx2,bmi,bmi2,popcnt")))

/* 0xff for each byte from `first` on, `count` of them: moved to the least signed bytes, these are
 * the ones below a limit. */
WORDS_TARGET static inline __m256i is_among(__m256i bytes, int first, int count)
{
    __m256i moved = _mm256_add_epi8(bytes, _mm256_set1_epi8((char)(128 - first)));
    return _mm256_cmpgt_epi8(_mm256_set1_epi8((char)(count - 128)), moved);
}

WORDS_TARGET static inline uint32_t bits_of(__m256i bytes)
{
    return (uint32_t)_mm256_movemask_epi8(bytes);
}

WORDS_TARGET static inline struct words_map map_block(const char *text)
{
    uint32_t run[2], high[2];
    for (int half = 0; half < 2; half++) {
        const void *at = text + 32 * half;
        __m256i bytes = _mm256_loadu_si256((const __m256i *)at);
        __m256i letters = is_among(_mm256_or_si256(bytes, _mm256_set1_epi8(0x20)), 'a', 26);
        __m256i digits = is_among(bytes, '0', 10);
        high[half] = bits_of(bytes);
        run[half] = bits_of(_mm256_or_si256(letters, digits)) | high[half];
    }
    return (struct words_map){(uint64_t)run[1] << 32 | run[0], (uint64_t)high[1] << 32 | high[0]};
}

/* 16 bytes of a word, of which there are `len` from 0 to 16, in lower case; the others are zero. */
WORDS_TARGET static inline __m128i load_word(const char *at, size_t len)
{
    static const char ones[32] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
    __m128i mask = _mm_loadu_si128((const __m128i *)(const void *)(ones + 16 - len));
    __m128i bytes = _mm_and_si128(_mm_loadu_si128((const __m128i *)(const void *)at), mask);
    /* Of letters, digits and zeros only letters have bit 6. */
    __m128i letters = _mm_and_si128(bytes, _mm_set1_epi8(0x40));
    return _mm_or_si128(bytes, _mm_srli_epi16(letters, 1));
}

WORDS_TARGET static inline uint64_t add_word(uint64_t h, __m128i word)
{
    return words_add(h, (uint64_t)_mm_cvtsi128_si64(word), (uint64_t)_mm_extract_epi64(word, 1));
}

WORDS_TARGET static uint64_t hash_long(const char *p, size_t len)
{
    uint64_t h = 0;
    for (; len > 16; p += 16, len -= 16)
        h = add_word(h, load_word(p, 16));
    return words_finish(add_word(h, load_word(p, len)));
}

WORDS_TARGET static void hash_runs(const char *text, const uint32_t *edge, size_t runs,
                                   uint64_t *hash)
{
    for (size_t i = 0; i < runs; i++) {
        const char *p = text + edge[2 * i];
        size_t len = edge[2 * i + 1] - edge[2 * i];
        /* No other branch asks for the length: it would be guessed wrong every third word. */
        hash[i] = __builtin_expect(len <= 16, 1) ? words_finish(add_word(0, load_word(p, len)))
                                                 : hash_long(p, len);
    }
}

/* The numbers of the bits that a byte has, the lowest first, a byte each. */
#define BIT(b, i) ((uint64_t)(b) >> (i) & 1)
#define PUSH(numbers, b, i) ((numbers) << 8 * BIT(b, i) | BIT(b, i) * (i))
#define HIGH_BITS(b) PUSH(PUSH(PUSH(PUSH(UINT64_C(0), b, 7), b, 6), b, 5), b, 4)
#define BITS(b) PUSH(PUSH(PUSH(PUSH(HIGH_BITS(b), b, 3), b, 2), b, 1), b, 0)
#define BITS4(b) BITS(b), BITS((b) + 1), BITS((b) + 2), BITS((b) + 3)
#define BITS16(b) BITS4(b), BITS4((b) + 4), BITS4((b) + 8), BITS4((b) + 12)
#define BITS64(b) BITS16(b), BITS16((b) + 16), BITS16((b) + 32), BITS16((b) + 48)
static const uint64_t bits_of_byte[256] = {BITS64(0), BITS64(64), BITS64(128), BITS64(192)};

/* Eight bits at a time, however few of them are set: a loop over those that are ends where nobody
 * can guess, and takes more steps. */
WORDS_TARGET static inline void put_edges(uint64_t change, uint32_t at, struct words_runs *runs)
{
    uint32_t *to = runs->edge + runs->edges;
    __m256i base = _mm256_set1_epi32((int)at);
    runs->edges += (size_t)_mm_popcnt_u64(change);
    for (int i = 0; i < 8; i++, change >>= 8) {
        __m128i bits = _mm_loadl_epi64((const __m128i *)(const void *)&bits_of_byte[change & 255]);
        __m256i edges = _mm256_add_epi32(base, _mm256_cvtepu8_epi32(bits));
        _mm256_storeu_si256((__m256i *)(void *)to, edges);
        to += _mm_popcnt_u32((uint32_t)(change & 255));
        base = _mm256_add_epi32(base, _mm256_set1_epi32(8));
    }
}

#include "words_runs.inc"

const struct words_kernel pref_words_avx2 = {find_runs, hash_runs};

#endif
