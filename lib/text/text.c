/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "text.h"
#include "white_space.h"

#include "lib/json/escape.h"
#include "pref/scan.h"

#include <string.h>

/* The value of the last member `name` of an object, or an empty span. */
static struct pref_span member(struct pref_span object, const char *name)
{
    struct pref_cursor cursor = pref_cursor_in(object);
    struct pref_span key, value, found = {NULL, 0};
    size_t len = strlen(name);
    char text[16];
    while (pref_cursor_next(&cursor, &key, &value)) {
        /* A key may be escaped, so that it is compared decoded. */
        size_t n = pref_escape_decode_upto(key.ptr + 1, key.ptr + key.len - 1, text, sizeof text);
        if (n == len && memcmp(text, name, n) == 0)
            found = value;
    }
    return found;
}

/* Lines being joined. */
struct lines {
    struct pref_buf *out;
    int any; /* a line was added */
};

static int add_line(struct lines *lines, struct pref_span string)
{
    if (lines->any)
        pref_buf_add_byte(lines->out, '\n');
    lines->any = 1;
    return pref_string_decode(string, lines->out);
}

/* What an element of a conversation, or a part of a message, says: a string, or an array of parts
 * that `name` leads to. */
static struct pref_span said(struct pref_span element, const char *name)
{
    return pref_type_of(element) == PREF_OBJECT ? member(element, name) : element;
}

static int add_parts(struct lines *lines, struct pref_span parts)
{
    struct pref_cursor cursor = pref_cursor_in(parts);
    struct pref_span part;
    int status = PREF_OK;
    while (status == PREF_OK && pref_cursor_next(&cursor, NULL, &part)) {
        part = said(part, "text");
        if (pref_type_of(part) == PREF_STRING)
            status = add_line(lines, part);
    }
    return status;
}

static int add_message(struct lines *lines, struct pref_span message)
{
    struct pref_span content = said(message, "content");
    if (pref_type_of(content) == PREF_STRING)
        return add_line(lines, content);
    return pref_type_of(content) == PREF_ARRAY ? add_parts(lines, content) : PREF_OK;
}

int pref_text_add(struct pref_span value, struct pref_buf *out)
{
    struct lines lines = {out, 0};
    int status = PREF_OK;
    if (pref_type_of(value) == PREF_STRING)
        return pref_string_decode(value, out);
    if (pref_type_of(value) != PREF_ARRAY)
        return PREF_OK;
    struct pref_cursor cursor = pref_cursor_in(value);
    struct pref_span message;
    while (status == PREF_OK && pref_cursor_next(&cursor, NULL, &message))
        status = add_message(&lines, message);
    return status;
}

/* Zeros behind the text, and the text. */
static void finish(struct pref_buf *scratch, struct pref_span *text)
{
    if (pref_buf_reserve(scratch, PREF_PAD) != NULL)
        memset(scratch->ptr + scratch->len, 0, PREF_PAD);
    *text = pref_buf_span(scratch);
}

int pref_text_of(struct pref_span value, struct pref_buf *scratch, struct pref_span *text)
{
    pref_buf_clear(scratch);
    if (pref_type_of(value) == PREF_STRING && memchr(value.ptr, '\\', value.len) == NULL) {
        *text = (struct pref_span){value.ptr + 1, value.len - 2};
        return PREF_OK;
    }
    int status = pref_text_add(value, scratch);
    finish(scratch, text);
    return status;
}

/* Whether a message tells the model what to be rather than asks it anything. */
static int is_instruction(struct pref_span message)
{
    struct pref_span role = {NULL, 0};
    char text[16];
    if (pref_type_of(message) == PREF_OBJECT)
        role = member(message, "role");
    if (pref_type_of(role) != PREF_STRING)
        return 0;
    size_t n =
        pref_escape_decode_upto(role.ptr + 1, role.ptr + role.len - 1, text, sizeof text);
    return (n == 6 && memcmp(text, "system", n) == 0) ||
           (n == 9 && memcmp(text, "developer", n) == 0);
}

int pref_text_of_first(struct pref_span value, struct pref_buf *scratch, struct pref_span *text)
{
    struct lines lines = {scratch, 0};
    struct pref_span message;
    int status = PREF_OK;
    if (pref_type_of(value) != PREF_ARRAY)
        return pref_text_of(value, scratch, text);
    pref_buf_clear(scratch);
    struct pref_cursor cursor = pref_cursor_in(value);
    while (pref_cursor_next(&cursor, NULL, &message)) {
        if (is_instruction(message))
            continue;
        status = add_message(&lines, message);
        break;
    }
    finish(scratch, text);
    return status;
}

size_t pref_text_characters(struct pref_span text)
{
    size_t inner = 0;
    for (size_t i = 0; i < text.len; i++)
        inner += ((unsigned char)text.ptr[i] & 0xc0) == 0x80;
    return text.len - inner;
}

/* The bytes of the White_Space character that begins at `p`, or 0. */
static size_t blank_at(const unsigned char *p, size_t left)
{
    int32_t c = *p;
    size_t n = 1;
    if (left >= 2 && *p == 0xc2) {
        c = p[1];
        n = 2;
    } else if (left >= 3 && *p >= 0xe1 && *p <= 0xe3) {
        c = (*p & 0x0f) << 12 | (p[1] & 0x3f) << 6 | (p[2] & 0x3f);
        n = 3;
    } else if (*p >= 0x80) {
        return 0;
    }
    return pref_is_white_space(c) ? n : 0;
}

int pref_text_is_blank(struct pref_span text)
{
    const unsigned char *bytes = (const unsigned char *)text.ptr;
    for (size_t i = 0, n; i < text.len; i += n) {
        n = blank_at(bytes + i, text.len - i);
        if (n == 0)
            return 0;
    }
    return 1;
}
