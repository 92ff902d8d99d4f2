/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "escape.h"
#include "string_run.h"
#include "lib/base/cpu.h"
#include "pref/buf.h"
#include "pref/scan.h"

#include <string.h>

static unsigned hex_value(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a' + 10);
}

/* The 16 bits of the escape \uXXXX at `p`. */
static unsigned code_unit(const char *p)
{
    return hex_value(p[2]) << 12 | hex_value(p[3]) << 8 | hex_value(p[4]) << 4 | hex_value(p[5]);
}

static size_t encode(unsigned code, char out[4])
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}

static size_t decode_unicode(const char **p, char out[4])
{
    unsigned code = code_unit(*p);
    if (code < 0xd800 || code > 0xdfff) {
        *p += 6;
        return encode(code, out);
    }
    /* An accepted string ends with a quote, so that looking ahead stops there by itself. */
    if (code > 0xdbff || (*p)[6] != '\\' || (*p)[7] != 'u')
        return 0;
    unsigned second = code_unit(*p + 6);
    if (second < 0xdc00 || second > 0xdfff)
        return 0;
    *p += 12;
    return encode(0x10000 + ((code & 0x3ff) << 10) + (second & 0x3ff), out);
}

size_t pref_escape_decode(const char **p, char out[4])
{
    switch ((*p)[1]) {
    case 'u': return decode_unicode(p, out);
    case 'b': out[0] = '\b'; break;
    case 'f': out[0] = '\f'; break;
    case 'n': out[0] = '\n'; break;
    case 'r': out[0] = '\r'; break;
    case 't': out[0] = '\t'; break;
    default: out[0] = (*p)[1]; break;
    }
    *p += 2;
    return 1;
}

size_t pref_escape_decode_upto(const char *p, const char *end, char *out, size_t cap)
{
    size_t len = 0;
    while (p < end) {
        char bytes[4] = {*p};
        size_t n = 1;
        if (*p == '\\')
            n = pref_escape_decode(&p, bytes);
        else
            p++;
        if (n == 0 || n > cap - len)
            return PREF_ESCAPE_NONE;
        memcpy(out + len, bytes, n);
        len += n;
    }
    return len;
}

const char *pref_escape_lone(const char *p, const char *end)
{
    char bytes[4];
    while (p < end && (p = memchr(p, '\\', (size_t)(end - p))) != NULL) {
        const char *escape = p;
        /* Only \ud800 to \udfff is worth decoding. */
        if (p[1] != 'u' || (p[2] | 0x20) != 'd' || p[3] < '8')
            p += 2;
        else if (pref_escape_decode(&p, bytes) == 0)
            return escape;
    }
    return NULL;
}

int pref_string_decode(struct pref_span string, struct pref_buf *out)
{
    const char *p = string.ptr + 1;
    const char *const end = string.ptr + string.len - 1;
    size_t before = out->len;
    /* An escape is never shorter than what it stands for: the text fits where the string did. */
    char *to = pref_buf_reserve(out, string.len);
    if (to == NULL)
        return PREF_OK;
#if PREF_HAVE_AVX2
    const int wide = pref_cpu_avx2();
#endif
    while (p < end) {
#if PREF_HAVE_AVX2
        if (wide && end - p >= 32)
            to = pref_string_run_avx2(&p, end, to);
#endif
        const char *escape = memchr(p, '\\', (size_t)(end - p));
        size_t plain = (size_t)((escape == NULL ? end : escape) - p);
        memcpy(to, p, plain);
        to += plain;
        p += plain;
        if (escape == NULL)
            break;
        char bytes[4];
        size_t n = pref_escape_decode(&p, bytes);
        if (n == 0) {
            out->len = before;
            return PREF_FAIL;
        }
        memcpy(to, bytes, n);
        to += n;
    }
    out->len = (size_t)(to - out->ptr);
    return PREF_OK;
}

/* The next backslash from p on, or NULL. Escapes \uXXXX mostly come in rows. */
static const char *next_escape(const char *p, const char *end)
{
    return *p == '\\' ? p : memchr(p, '\\', (size_t)(end - p));
}

int pref_string_canonical(struct pref_span string, unsigned escaped, struct pref_buf *scratch,
                          struct pref_span *inside)
{
    const char *p = string.ptr + 1, *from = p;
    const char *const end = string.ptr + string.len - 1;
    *inside = (struct pref_span){p, string.len - 2};
    if ((escaped & (PREF_ESCAPED_UNICODE | PREF_ESCAPED_SLASH)) == 0)
        return PREF_OK;
    pref_buf_clear(scratch);
    /* The canonical spelling is never longer; a character is written as four bytes, whatever it
     * has, which may be some past the end. */
    char *to = pref_buf_reserve(scratch, string.len + 4);
    if (to == NULL)
        return PREF_OK;
    while (p < end && (p = next_escape(p, end)) != NULL) {
        char bytes[4] = {0};
        if (p[1] != 'u' && p[1] != '/') {
            p += 2;
            continue;
        }
        memcpy(to, from, (size_t)(p - from));
        to += p - from;
        size_t n = pref_escape_decode(&p, bytes);
        if (n == 0)
            return PREF_FAIL;
        const unsigned char first = (unsigned char)bytes[0];
        if (first >= 0x20 && first != '"' && first != '\\') {
            memcpy(to, bytes, sizeof bytes);
            to += n;
        } else {
            scratch->len = (size_t)(to - scratch->ptr);
            pref_buf_add_escaped(scratch, (struct pref_span){bytes, n});
            to = scratch->ptr + scratch->len;
        }
        from = p;
    }
    memcpy(to, from, (size_t)(end - from));
    scratch->len = (size_t)(to + (end - from) - scratch->ptr);
    *inside = pref_buf_span(scratch);
    return PREF_OK;
}

int pref_string_text(struct pref_span string, struct pref_buf *scratch, struct pref_span *text)
{
    pref_buf_clear(scratch);
    if (memchr(string.ptr, '\\', string.len) == NULL) {
        *text = (struct pref_span){string.ptr + 1, string.len - 2};
        return PREF_OK;
    }
    if (pref_string_decode(string, scratch) != PREF_OK)
        return PREF_FAIL;
    *text = pref_buf_span(scratch);
    return PREF_OK;
}
