/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "pref/buf.h"
#include "pref/number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void pref_buf_release(struct pref_buf *buf)
{
    free(buf->ptr);
    *buf = (struct pref_buf){0};
}

void pref_buf_clear(struct pref_buf *buf)
{
    buf->len = 0;
}

char *pref_buf_reserve(struct pref_buf *buf, size_t n)
{
    if (buf->failed)
        return NULL;
    if (n <= buf->cap - buf->len && buf->ptr != NULL)
        return buf->ptr + buf->len;
    if (n > SIZE_MAX / 2 - buf->len) {
        buf->failed = 1;
        return NULL;
    }
    size_t cap = buf->cap < 128 ? 256 : buf->cap + buf->cap / 2;
    if (cap < buf->len + n)
        cap = buf->len + n;
    char *ptr = realloc(buf->ptr, cap);
    if (ptr == NULL) {
        buf->failed = 1;
        return NULL;
    }
    buf->ptr = ptr;
    buf->cap = cap;
    return ptr + buf->len;
}

void pref_buf_add(struct pref_buf *buf, const char *bytes, size_t n)
{
    char *at = pref_buf_reserve(buf, n);
    if (at != NULL && n > 0) {
        memcpy(at, bytes, n);
        buf->len += n;
    }
}

void pref_buf_add_span(struct pref_buf *buf, struct pref_span span)
{
    pref_buf_add(buf, span.ptr, span.len);
}

void pref_buf_add_text(struct pref_buf *buf, const char *text)
{
    pref_buf_add(buf, text, strlen(text));
}

void pref_buf_add_byte(struct pref_buf *buf, char byte)
{
    pref_buf_add(buf, &byte, 1);
}

void pref_buf_add_u64(struct pref_buf *buf, uint64_t value)
{
    char *at = pref_buf_reserve(buf, PREF_NUMBER_MAX);
    if (at != NULL)
        buf->len += pref_u64_print(at, value);
}

void pref_buf_add_double(struct pref_buf *buf, double value)
{
    char *at = pref_buf_reserve(buf, PREF_NUMBER_MAX);
    if (at != NULL)
        buf->len += pref_number_print(at, value);
}

/* The two-character escape of a control character, or 0 where it has none. */
static char short_escape(unsigned char c)
{
    switch (c) {
    case '\b': return 'b';
    case '\t': return 't';
    case '\n': return 'n';
    case '\f': return 'f';
    case '\r': return 'r';
    case '"': return '"';
    case '\\': return '\\';
    default: return 0;
    }
}

void pref_buf_add_escaped(struct pref_buf *buf, struct pref_span text)
{
    static const char hex[] = "0123456789abcdef";
    size_t from = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        pref_buf_add(buf, text.ptr + from, i - from);
        from = i + 1;
        char letter = short_escape(c);
        if (letter != 0) {
            char two[2] = {'\\', letter};
            pref_buf_add(buf, two, 2);
        } else {
            char six[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
            pref_buf_add(buf, six, 6);
        }
    }
    if (from < text.len) /* an empty text may have no address */
        pref_buf_add(buf, text.ptr + from, text.len - from);
}

void pref_buf_add_json(struct pref_buf *buf, struct pref_span text)
{
    pref_buf_add_byte(buf, '"');
    pref_buf_add_escaped(buf, text);
    pref_buf_add_byte(buf, '"');
}

void pref_buf_addf(struct pref_buf *buf, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (n > 0)
        pref_buf_add(buf, text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

struct pref_span pref_buf_span(const struct pref_buf *buf)
{
    struct pref_span span = {buf->ptr, buf->len};
    return span;
}
