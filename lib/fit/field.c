/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "field.h"

static int is_escaped(char byte)
{
    return (unsigned char)byte < ' ' || byte == '\\';
}

void pref_fit_field_escape(struct pref_span name, struct pref_buf *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < name.len; i++) {
        char byte = name.ptr[i];
        if (!is_escaped(byte)) {
            pref_buf_add_byte(out, byte);
            continue;
        }
        pref_buf_add_byte(out, '\\');
        pref_buf_add_byte(out, digits[(unsigned char)byte >> 4]);
        pref_buf_add_byte(out, digits[(unsigned char)byte & 15]);
    }
}

/* The value of a digit, or 16. */
static unsigned digit_of(char byte)
{
    return byte >= '0' && byte <= '9'   ? (unsigned)(byte - '0')
           : byte >= 'a' && byte <= 'f' ? (unsigned)(byte - 'a') + 10
                                        : 16;
}

int pref_fit_field_unescape(struct pref_span escaped, struct pref_buf *out)
{
    for (size_t i = 0; i < escaped.len; i++) {
        char byte = escaped.ptr[i];
        if (byte == '\\') {
            if (escaped.len - i < 3)
                return PREF_FAIL;
            unsigned high = digit_of(escaped.ptr[i + 1]), low = digit_of(escaped.ptr[i + 2]);
            byte = (char)(high * 16 + low);
            if (high > 7 || low > 15 || !is_escaped(byte))
                return PREF_FAIL;
            i += 2;
        } else if (is_escaped(byte)) {
            return PREF_FAIL;
        }
        pref_buf_add_byte(out, byte);
    }
    return PREF_OK;
}

struct pref_span pref_fit_field_next(struct pref_span key, size_t *at)
{
    struct pref_span field = {key.ptr + *at, 0};
    while (*at < key.len && key.ptr[*at] != '\t') {
        ++*at;
        field.len++;
    }
    ++*at;
    return field;
}
