/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan_avx2.h - the UTF-8 check that the AVX2 kernels share, 32 bytes a step. Included by
 * scan_avx2.c and utf8_avx2.c alone; keeps nothing.
 *
 * Method: J. Keiser and D. Lemire, "Validating UTF-8 In Less Than One Instruction Per Byte",
 * Software: Practice and Experience 51 (2021), section 6: three table look-ups by nibbles find
 * every error that shows in two neighbouring bytes, and a comparison of where third and fourth
 * bytes must stand with where they do stand finds the rest.
 */
#ifndef PREF_SCAN_AVX2_H
#define PREF_SCAN_AVX2_H

#include <immintrin.h>
#include <stdint.h>

#define AVX2_TARGET __attribute__((target("avx2,bmi,bmi2")))
#define AVX2_INLINE static inline AVX2_TARGET __attribute__((always_inline))

/* The errors, a bit each; the bits of the paper's table 8. */
enum {
    TOO_SHORT = 1 << 0,     /* a lead byte, or ASCII where a tail byte must be */
    TOO_LONG = 1 << 1,      /* ASCII, then a tail byte */
    OVERLONG_3 = 1 << 2,
    TOO_LARGE = 1 << 3,     /* above U+10FFFF */
    SURROGATE = 1 << 4,
    OVERLONG_2 = 1 << 5,
    TOO_LARGE_1000 = 1 << 6,
    OVERLONG_4 = 1 << 6,    /* shares its bit: they differ in the low nibble of the lead byte */
    TWO_TAILS = 1 << 7,     /* right or wrong by what stands before them */
    CARRY = TOO_SHORT | TOO_LONG | TWO_TAILS
};

/* Vectors of one byte 32 times. They are kept in memory, out of the compiler's sight: gcc would
 * else make them anew from an immediate for each short string, at three instructions each. */
struct avx2_bytes {
    uint8_t quote[32], backslash[32], blank[32];
};
extern const struct avx2_bytes pref_avx2_bytes __attribute__((visibility("hidden")));

AVX2_INLINE __m256i table16(const uint8_t table[16])
{
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)table));
}

/* The vector whose byte i is the byte `n` places before byte i of `input`. */
#define BYTES_BEFORE(input, previous, n)                                                           \
    _mm256_alignr_epi8(input, _mm256_permute2x128_si256(previous, input, 0x21), 16 - (n))

/* Nonzero bytes where `input` is wrong, being preceded by `previous`. A sequence that `input`
 * breaks off shows only in the step after it. */
AVX2_INLINE __m256i utf8_errors(__m256i input, __m256i previous)
{
    static const uint8_t lead_high[16] = {
        TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG,
        TWO_TAILS, TWO_TAILS, TWO_TAILS, TWO_TAILS, TOO_SHORT | OVERLONG_2, TOO_SHORT,
        TOO_SHORT | OVERLONG_3 | SURROGATE,
        TOO_SHORT | TOO_LARGE | TOO_LARGE_1000 | OVERLONG_4,
    };
    static const uint8_t lead_low[16] = {
        CARRY | OVERLONG_3 | OVERLONG_2 | OVERLONG_4, CARRY | OVERLONG_2, CARRY, CARRY,
        CARRY | TOO_LARGE,
        CARRY | TOO_LARGE | TOO_LARGE_1000, CARRY | TOO_LARGE | TOO_LARGE_1000,
        CARRY | TOO_LARGE | TOO_LARGE_1000, CARRY | TOO_LARGE | TOO_LARGE_1000,
        CARRY | TOO_LARGE | TOO_LARGE_1000, CARRY | TOO_LARGE | TOO_LARGE_1000,
        CARRY | TOO_LARGE | TOO_LARGE_1000, CARRY | TOO_LARGE | TOO_LARGE_1000,
        CARRY | TOO_LARGE | TOO_LARGE_1000 | SURROGATE,
        CARRY | TOO_LARGE | TOO_LARGE_1000, CARRY | TOO_LARGE | TOO_LARGE_1000,
    };
    static const uint8_t next_high[16] = {
        TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
        TOO_LONG | OVERLONG_2 | TWO_TAILS | OVERLONG_3 | TOO_LARGE_1000 | OVERLONG_4,
        TOO_LONG | OVERLONG_2 | TWO_TAILS | OVERLONG_3 | TOO_LARGE,
        TOO_LONG | OVERLONG_2 | TWO_TAILS | SURROGATE | TOO_LARGE,
        TOO_LONG | OVERLONG_2 | TWO_TAILS | SURROGATE | TOO_LARGE,
        TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
    };
    const __m256i low_nibble = _mm256_set1_epi8(0x0f);
    __m256i before1 = BYTES_BEFORE(input, previous, 1);
    __m256i before2 = BYTES_BEFORE(input, previous, 2);
    __m256i before3 = BYTES_BEFORE(input, previous, 3);
    __m256i pairs = _mm256_and_si256(
        _mm256_and_si256(
            _mm256_shuffle_epi8(table16(lead_high),
                                _mm256_and_si256(_mm256_srli_epi16(before1, 4), low_nibble)),
            _mm256_shuffle_epi8(table16(lead_low), _mm256_and_si256(before1, low_nibble))),
        _mm256_shuffle_epi8(table16(next_high),
                            _mm256_and_si256(_mm256_srli_epi16(input, 4), low_nibble)));
    /* Only the lead bytes of three and four byte sequences keep bit 7 through the subtraction. */
    __m256i third = _mm256_subs_epu8(before2, _mm256_set1_epi8(0xe0 - 0x80));
    __m256i fourth = _mm256_subs_epu8(before3, _mm256_set1_epi8((char)(0xf0 - 0x80)));
    __m256i must_be_tail =
        _mm256_and_si256(_mm256_or_si256(third, fourth), _mm256_set1_epi8((char)0x80));
    return _mm256_xor_si256(must_be_tail, pairs);
}

#endif
