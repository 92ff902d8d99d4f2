/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

/* The scanner's kernels in AVX2: short strings and numbers in one step of 32 bytes, long strings
 * in steps of 64. */

#include "lib/base/cpu.h"

#if PREF_HAVE_AVX2

#include "scan_avx2.h"
#include "scan_impl.h"

#define SCAN_INLINE AVX2_INLINE
#define SCAN_TARGET AVX2_TARGET
#define SCAN_NAME pref_scan_walk_avx2

AVX2_INLINE __m256i load32(const char *p)
{
    return _mm256_loadu_si256((const __m256i *)p);
}

AVX2_INLINE __m256i constant(const uint8_t bytes[32])
{
    return _mm256_loadu_si256((const __m256i *)bytes);
}

AVX2_INLINE uint32_t bits32(__m256i v)
{
    return (uint32_t)_mm256_movemask_epi8(v);
}

/* One bit for each of 64 bytes. */
AVX2_INLINE uint64_t bits64(__m256i a, __m256i b)
{
    return bits32(a) | (uint64_t)bits32(b) << 32;
}

AVX2_INLINE uint64_t equal64(__m256i a, __m256i b, char byte)
{
    const __m256i all = _mm256_set1_epi8(byte);
    return bits64(_mm256_cmpeq_epi8(a, all), _mm256_cmpeq_epi8(b, all));
}

/* Where one of the letters stands that may follow a backslash: two look-ups by nibbles, which
 * share a bit exactly for quote, backslash, slash and b f n r t u. */
AVX2_INLINE __m256i escape_letters(__m256i v)
{
    enum { H2 = 1, H5 = 2, H6 = 4, H7 = 8 };
    static const uint8_t low[16] = {
        [0x2] = H2 | H6 | H7, [0x4] = H7, [0x5] = H7, [0x6] = H6,
        [0xc] = H5, [0xe] = H6, [0xf] = H2,
    };
    static const uint8_t high[16] = {[0x2] = H2, [0x5] = H5, [0x6] = H6, [0x7] = H7};
    const __m256i nibble = _mm256_set1_epi8(0x0f);
    __m256i both = _mm256_and_si256(
        _mm256_shuffle_epi8(table16(low), v), /* gives 0 for bytes that are not ASCII */
        _mm256_shuffle_epi8(table16(high), _mm256_and_si256(_mm256_srli_epi16(v, 4), nibble)));
    return _mm256_cmpgt_epi8(both, _mm256_setzero_si256());
}

/* Where a hexadecimal digit stands. */
AVX2_INLINE __m256i hex_digits(__m256i v)
{
    __m256i lower = _mm256_or_si256(v, _mm256_set1_epi8(0x20));
    __m256i digit = _mm256_and_si256(_mm256_cmpgt_epi8(v, _mm256_set1_epi8('0' - 1)),
                                     _mm256_cmpgt_epi8(_mm256_set1_epi8('9' + 1), v));
    __m256i letter = _mm256_and_si256(_mm256_cmpgt_epi8(lower, _mm256_set1_epi8('a' - 1)),
                                      _mm256_cmpgt_epi8(_mm256_set1_epi8('f' + 1), lower));
    return _mm256_or_si256(digit, letter);
}

/* What one step of a long string hands to the next. */
struct carry {
    uint64_t escaped; /* 1: the first byte of the next step follows a backslash */
    uint64_t hex;     /* the bytes at its beginning that must be hexadecimal digits */
};

/* The bytes that follow an unescaped backslash, without looking at one backslash after another:
 * J. Keiser, in simdjson's json_escape_scanner. */
AVX2_INLINE uint64_t escaped_bytes(uint64_t slash, struct carry *carry)
{
    const uint64_t odd = 0xaaaaaaaaaaaaaaaau;
    uint64_t potential = slash & ~carry->escaped;
    uint64_t codes = (((potential << 1 | odd) - potential) ^ odd);
    uint64_t escaped = codes ^ (slash | carry->escaped);
    carry->escaped = (codes & slash) >> 63;
    return escaped;
}

/* The bytes of this step at which an escape is wrong; *quote loses those that are escaped. Escapes
 * in `within` are noted in *escapes once the caller knows how far the string goes. */
AVX2_INLINE uint64_t check_escapes(__m256i a, __m256i b, uint64_t slash, uint64_t *quote,
                                   struct carry *carry, unsigned *escapes)
{
    uint64_t escaped = escaped_bytes(slash, carry);
    *quote &= ~escaped;
    uint64_t within = *quote ^ (*quote - 1); /* up to the closing quote */
    uint64_t bad = escaped & ~bits64(escape_letters(a), escape_letters(b));
    uint64_t unicode = escaped & equal64(a, b, 'u') & within;
    uint64_t slashes = escaped & equal64(a, b, '/') & within;
    if (__builtin_expect((unicode | carry->hex) != 0, 0)) {
        uint64_t hex = unicode << 1 | unicode << 2 | unicode << 3 | unicode << 4 | carry->hex;
        bad |= hex & ~bits64(hex_digits(a), hex_digits(b));
        carry->hex = unicode >> 63 | unicode >> 62 | unicode >> 61 | unicode >> 60;
        *escapes |= PREF_ESCAPED_UNICODE;
    }
    *escapes |= slashes != 0 ? PREF_ESCAPED_SLASH : 0;
    *escapes |= (escaped & within) != 0 ? PREF_ESCAPED : 0;
    return bad & within;
}

/* A string of any length. UTF-8 is checked from the first step that has a byte above ASCII on;
 * the check sees what stands after the closing quote too, so its "no" is a perhaps. */
AVX2_TARGET __attribute__((noinline)) static const char *
long_string_end(const char *p, const char *end, unsigned *escapes)
{
    const char *const start = p;
    const __m256i control = _mm256_set1_epi8(0x20);
    __m256i errors = _mm256_setzero_si256();
    __m256i previous = _mm256_setzero_si256();
    struct carry carry = {0, 0};
    int high_seen = 0;
    for (; p < end; p += 64) {
        __m256i a = load32(p), b = load32(p + 32);
        uint64_t quote = equal64(a, b, '"');
        uint64_t slash = equal64(a, b, '\\');
        uint64_t high = bits64(a, b);
        /* As signed bytes, all above ASCII are less than a blank, too. */
        uint64_t low = bits64(_mm256_cmpgt_epi8(control, a), _mm256_cmpgt_epi8(control, b)) & ~high;
        uint64_t bad = 0;
        if ((slash | carry.escaped | carry.hex) != 0)
            bad = check_escapes(a, b, slash, &quote, &carry, escapes);
        if ((high_seen |= high != 0)) {
            errors = _mm256_or_si256(errors, utf8_errors(a, previous));
            errors = _mm256_or_si256(errors, utf8_errors(b, a));
            previous = b;
        }
        bad |= low & (quote ^ (quote - 1));
        if (__builtin_expect(bad != 0, 0))
            return NULL;
        if (quote != 0) {
            p += _tzcnt_u64(quote);
            break;
        }
    }
    if (p >= end)
        return NULL;
    if (!_mm256_testz_si256(errors, errors) &&
        pref_utf8_check(start, (size_t)(p - start)) != (size_t)(p - start))
        return NULL;
    return p;
}

/* The closing quote of a string of at most 31 bytes without anything special, or NULL. */
AVX2_INLINE const char *short_string_end(const char *p, const char *end)
{
    __m256i v = load32(p);
    uint32_t quote = bits32(_mm256_cmpeq_epi8(v, constant(pref_avx2_bytes.quote)));
    /* Backslashes, control characters, and all above ASCII (negative as signed bytes). */
    uint32_t other =
        bits32(_mm256_or_si256(_mm256_cmpeq_epi8(v, constant(pref_avx2_bytes.backslash)),
                               _mm256_cmpgt_epi8(constant(pref_avx2_bytes.blank), v)));
    /* Without a quote, or where the other comes first, its lowest bit is not below. */
    p += _tzcnt_u32(quote);
    return (quote & (0 - quote)) - 1 < (other & (0 - other)) - 1 && p < end ? p : NULL;
}

/* A number of up to 30 bytes, by the positions of what is no digit. */
AVX2_INLINE const char *number_end(const char *p, const char *end, int *exponent)
{
    (void)end;
    __m256i v = load32(p);
    __m256i digit = _mm256_and_si256(_mm256_cmpgt_epi8(v, _mm256_set1_epi8('0' - 1)),
                                     _mm256_cmpgt_epi8(_mm256_set1_epi8('9' + 1), v));
    uint64_t other = ~(uint64_t)bits32(digit);
    uint64_t from = *p == '-';
    uint64_t at = from + _tzcnt_u64(other >> from);
    if (__builtin_expect(at == from || (p[from] == '0' && at > from + 1), 0))
        return NULL;
    if (p[at] == '.') {
        from = at + 1;
        at = from + _tzcnt_u64(other >> from);
        if (__builtin_expect(at == from, 0))
            return NULL;
    }
    if (__builtin_expect((p[at] | 0x20) == 'e', 0)) {
        *exponent = 1;
        from = at + 1;
        from += p[from] == '+' || p[from] == '-';
        at = from + _tzcnt_u64(other >> from);
        if (at == from)
            return NULL;
    }
    return at < 32 ? p + at : NULL;
}

#include "scan_walk.inc"

#endif
