/* SPDX-License-Identifier: Apache-2.0 */
/* make-corpus: the output buffer and how values are written as JSON. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "corpus.h"

bool corpus_buf_grow(struct corpus_buf *b, size_t more)
{
    if (b->failed)
        return false;
    size_t cap = b->cap ? b->cap * 2 : (size_t)1 << 16;
    while (cap - b->n < more)
        cap *= 2;
    char *s = realloc(b->s, cap);
    if (s == NULL) {
        b->failed = true;
        return false;
    }
    b->s = s;
    b->cap = cap;
    return true;
}

void corpus_buf_uint(struct corpus_buf *b, uint64_t v, unsigned width)
{
    char digits[20];
    size_t at = sizeof digits;
    size_t least = sizeof digits - width;
    do {
        digits[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v != 0 || at > least);
    corpus_buf_put(b, digits + at, sizeof digits - at);
}

void corpus_buf_fixed(struct corpus_buf *b, int64_t v)
{
    if (v < 0)
        corpus_buf_put(b, "-", 1);
    uint64_t u = v < 0 ? (uint64_t)-v : (uint64_t)v;
    corpus_buf_uint(b, u / 10000, 1);
    unsigned frac = (unsigned)(u % 10000);
    unsigned width = 4;
    while (width > 0 && frac % 10 == 0) {
        frac /= 10;
        width--;
    }
    if (width > 0) {
        corpus_buf_put(b, ".", 1);
        corpus_buf_uint(b, frac, width);
    }
}

/* Write \uXXXX; `upper` chooses the case of its digits. */
static char *put_u16(char *o, unsigned u, bool upper)
{
    const char *hex = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    *o++ = '\\';
    *o++ = 'u';
    for (int shift = 12; shift >= 0; shift -= 4)
        *o++ = hex[u >> shift & 15];
    return o;
}

/* Write one code point of valid UTF-8 as one or two \uXXXX; *used is how many bytes it had. */
static char *put_code_point(char *o, const unsigned char *s, bool upper, size_t *used)
{
    uint32_t cp = s[0];
    size_t n = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    if (n > 1)
        cp &= 0x7fU >> n;
    for (size_t i = 1; i < n; i++)
        cp = cp << 6 | (s[i] & 0x3fU);
    *used = n;
    if (cp >= 0x10000) {
        cp -= 0x10000;
        o = put_u16(o, 0xd800 + (cp >> 10), upper);
        cp = 0xdc00 + (cp & 0x3ff);
    }
    return put_u16(o, cp, upper);
}

/* Nonzero if one of eight bytes may need an escape. A borrow can raise a false alarm, which only
 * sends those eight bytes through the slow path. */
static uint64_t needs_care(uint64_t x, bool ascii)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
    uint64_t control = (x - ones * 0x20) & ~x;
    uint64_t quote = x ^ ones * '"', slash = x ^ ones * '\\';
    quote = (quote - ones) & ~quote;
    slash = (slash - ones) & ~slash;
    return (control | quote | slash | (ascii ? x : 0)) & high;
}

/* Write what stands at s in the way `how` asks; *used is how many bytes of s were taken. */
static char *put_char(char *o, const unsigned char *s, enum corpus_escapes how, uint32_t dice,
                      size_t *used)
{
    *used = 1;
    if (*s == '"' || *s == '\\' || *s == '\n' || *s == '\t') {
        *o++ = '\\';
        *o++ = (char)(*s == '\n' ? 'n' : *s == '\t' ? 't' : *s);
        return o;
    }
    if (*s < 0x20 || (*s >= 0x80 && how != CORPUS_ESC_UTF8))
        return put_code_point(o, s, how == CORPUS_ESC_ODD && dice % 2, used);
    if (how == CORPUS_ESC_ODD && *s == '/')
        *o++ = '\\';
    else if (how == CORPUS_ESC_ODD && *s != ' ' && dice % 64 == 0)
        return put_code_point(o, s, dice & 64, used);
    *o++ = (char)*s;
    return o;
}

void corpus_buf_text(struct corpus_buf *b, const struct corpus_text *t, enum corpus_escapes how,
                     struct corpus_rng *r)
{
    /* Six bytes for one are the most that an escape makes. */
    size_t most = t->n * 6 + 16;
    if (b->cap - b->n < most && !corpus_buf_grow(b, most))
        return;
    const unsigned char *s = (const unsigned char *)t->s;
    const unsigned char *end = s + t->n;
    char *o = b->s + b->n;
    size_t used;
    *o++ = '"';
    if (how == CORPUS_ESC_ODD && s < end) {
        o = put_code_point(o, s, false, &used);
        s += used;
    }
    while (s < end) {
        uint64_t x;
        if (how != CORPUS_ESC_ODD && end - s >= 8) {
            memcpy(&x, s, 8);
            if (needs_care(x, how == CORPUS_ESC_ASCII) == 0) {
                memcpy(o, &x, 8);
                o += 8;
                s += 8;
                continue;
            }
        }
        uint32_t dice = how == CORPUS_ESC_ODD ? corpus_rng_below(r, 1U << 16) : 0;
        o = put_char(o, s, how, dice, &used);
        s += used;
    }
    *o++ = '"';
    b->n = (size_t)(o - b->s);
}

void corpus_key_write(struct corpus_buf *b, const struct corpus_layout *l, const char *key)
{
    corpus_buf_put(b, "\"", 1);
    corpus_buf_puts(b, key);
    corpus_buf_put(b, "\"", 1);
    corpus_buf_puts(b, l->colon);
}

void corpus_word_write(struct corpus_buf *b, const struct corpus_layout *l, const char *key,
                       const char *word)
{
    corpus_key_write(b, l, key);
    corpus_buf_put(b, "\"", 1);
    corpus_buf_puts(b, word);
    corpus_buf_put(b, "\"", 1);
}
