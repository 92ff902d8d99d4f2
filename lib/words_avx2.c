/* SPDX-License-Identifier: Apache-2.0 */
/* words_avx2.c - mapping a text 32 bytes a step; lib/words_map.c has the portable way, which is
 * also the reference. */
#include "config.h"

#include "cpu.h"
#include "words_map.h"

#if PREF_HAVE_AVX2

#include <immintrin.h>

#define TARGET __attribute__((target("avx2,bmi,bmi2")))

/* 0xff for each byte from `first` on, `count` of them: moved to the least signed bytes, these are
 * the ones below a limit. */
TARGET static inline __m256i is_among(__m256i bytes, int first, int count)
{
    __m256i moved = _mm256_add_epi8(bytes, _mm256_set1_epi8((char)(128 - first)));
    return _mm256_cmpgt_epi8(_mm256_set1_epi8((char)(count - 128)), moved);
}

TARGET static inline uint32_t bits_of(__m256i bytes)
{
    return (uint32_t)_mm256_movemask_epi8(bytes);
}

TARGET void pref_words_map_avx2(const char *text, size_t blocks, struct words_map *map)
{
    const __m256i case_bit = _mm256_set1_epi8(0x20);
    for (size_t i = 0; i < blocks; i++) {
        uint32_t run[2], high[2];
        for (int half = 0; half < 2; half++) {
            const void *at = text + 64 * i + 32 * (size_t)half;
            __m256i bytes = _mm256_loadu_si256((const __m256i *)at);
            __m256i letters = is_among(_mm256_or_si256(bytes, case_bit), 'a', 26);
            __m256i digits = is_among(bytes, '0', 10);
            high[half] = bits_of(bytes);
            run[half] = bits_of(_mm256_or_si256(letters, digits)) | high[half];
        }
        map[i].run = (uint64_t)run[1] << 32 | run[0];
        map[i].high = (uint64_t)high[1] << 32 | high[0];
    }
}

#endif
