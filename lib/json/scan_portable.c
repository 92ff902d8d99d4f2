/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

/* The scanner's kernels in plain C, eight bytes at a time in a 64-bit word. */

#include "scan_impl.h"
#include "utf8.h"

#include <string.h>

#define SCAN_INLINE static inline
#define SCAN_TARGET
#define SCAN_NAME pref_scan_walk_portable

#define EACH(byte) (0x0101010101010101u * (uint64_t)(byte))
#define HIGH EACH(0x80)

/* Eight bytes with the first one lowest, whatever the machine's byte order. */
static inline uint64_t load_first_lowest(const char *p)
{
    uint64_t value;
    memcpy(&value, p, sizeof value);
#ifdef WORDS_BIGENDIAN
    value = __builtin_bswap64(value);
#endif
    return value;
}

/* A mask whose lowest set bit is in the first byte that is a quote, a backslash or a control
 * character (bytes above it may be marked wrongly, as a borrow runs upwards); 0 if none is. */
static inline uint64_t special_bytes(uint64_t x)
{
    uint64_t quote = x ^ EACH('"'), slash = x ^ EACH('\\');
    return (((quote - EACH(1)) & ~quote) | ((slash - EACH(1)) & ~slash) |
            ((x - EACH(0x20)) & ~x)) & HIGH;
}

static inline int is_hex(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* The length of the escape at p, or 0 if it is none; looks at most 6 bytes on. */
static inline size_t escape_length(const char *p, unsigned *escapes)
{
    switch (p[1]) {
    case '"': case '\\': case 'b': case 'f': case 'n': case 'r': case 't':
        *escapes |= PREF_ESCAPED;
        return 2;
    case '/':
        *escapes |= PREF_ESCAPED | PREF_ESCAPED_SLASH;
        return 2;
    case 'u':
        *escapes |= PREF_ESCAPED | PREF_ESCAPED_UNICODE;
        return is_hex(p[2]) && is_hex(p[3]) && is_hex(p[4]) && is_hex(p[5]) ? 6 : 0;
    default:
        return 0;
    }
}

/* The closing quote of a string of at most 16 bytes without anything special, or NULL. */
static inline const char *short_string_end(const char *p, const char *end)
{
    uint64_t word = load_first_lowest(p);
    uint64_t special = special_bytes(word);
    if (special == 0 && (word & HIGH) == 0) {
        p += 8;
        word = load_first_lowest(p);
        special = special_bytes(word);
    }
    /* What is above ASCII may stand behind the quote, but not before it. */
    if (special == 0 || (word & HIGH & (special - 1) & ~special) != 0)
        return NULL;
    p += __builtin_ctzll(special) / 8;
    return *p == '"' && p < end ? p : NULL;
}

/* The UTF-8 is checked once the string's end is known, from the first word that has any. */
static const char *long_string_end(const char *p, const char *end, unsigned *escapes)
{
    const char *first_high = NULL;
    while (p < end) {
        uint64_t word = load_first_lowest(p);
        uint64_t special = special_bytes(word);
        if ((word & HIGH) != 0 && first_high == NULL)
            first_high = p;
        if (special == 0) {
            p += 8;
            continue;
        }
        p += __builtin_ctzll(special) / 8;
        if (*p == '"')
            break;
        size_t n = *p == '\\' ? escape_length(p, escapes) : 0;
        if (n == 0)
            return NULL;
        p += n;
    }
    if (p >= end)
        return NULL;
    if (first_high != NULL && first_high < p) {
        size_t len = (size_t)(p - first_high);
        if (pref_utf8_check_portable(first_high, len) != len)
            return NULL;
    }
    return p;
}

/* A mark in the first byte that is no digit (and perhaps wrongly above it); 0 if all eight are. */
static inline uint64_t not_digits(uint64_t x)
{
    uint64_t y = x ^ EACH('0'); /* a digit is now 0 to 9 */
    return ((y + EACH(0x76)) | y) & HIGH;
}

static inline const char *digits_end(const char *p, const char *end)
{
    while (p < end) {
        uint64_t other = not_digits(load_first_lowest(p));
        if (other != 0)
            return p + __builtin_ctzll(other) / 8;
        p += 8;
    }
    return p;
}

static inline const char *number_end(const char *p, const char *end, int *exponent)
{
    p += *p == '-';
    const char *q = digits_end(p, end);
    if (q == p || (*p == '0' && q > p + 1))
        return NULL;
    if (*q == '.') {
        p = q + 1;
        q = digits_end(p, end);
        if (q == p)
            return NULL;
    }
    if ((*q | 0x20) == 'e') {
        *exponent = 1;
        p = q + 1;
        p += *p == '+' || *p == '-';
        q = digits_end(p, end);
        if (q == p)
            return NULL;
    }
    return q;
}

#include "scan_walk.inc"
