/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "blank.h"
#include "pref/scan.h"

/* Everything here walks text that the scanner has accepted: a string has its closing quote, a
 * container its bracket, and no byte needs to be doubted. */

static const char *skip_blanks(const char *p, const char *end)
{
    while (p < end && pref_is_blank(*p))
        p++;
    return p;
}

/* Past the closing quote of the string that opens at `p`. */
static const char *skip_string(const char *p, const char *end)
{
    for (p++; p < end && *p != '"'; p++) {
        if (*p == '\\')
            p++;
    }
    return p < end ? p + 1 : end;
}

/* Past the container that opens at `p`: brackets need only be counted, as they match. */
static const char *skip_container(const char *p, const char *end)
{
    unsigned depth = 0;
    while (p < end) {
        char c = *p;
        if (c == '"') {
            p = skip_string(p, end);
            continue;
        }
        p++;
        if (c == '{' || c == '[')
            depth++;
        else if ((c == '}' || c == ']') && --depth == 0)
            break;
    }
    return p;
}

static const char *skip_value(const char *p, const char *end)
{
    if (*p == '"')
        return skip_string(p, end);
    if (*p == '{' || *p == '[')
        return skip_container(p, end);
    while (p < end && !pref_is_blank(*p) && *p != ',' && *p != '}' && *p != ']')
        p++;
    return p;
}

struct pref_cursor pref_cursor_in(struct pref_span container)
{
    struct pref_cursor cursor = {container.ptr, container.ptr};
    if (container.len >= 2 && (container.ptr[0] == '{' || container.ptr[0] == '[')) {
        cursor.p = container.ptr + 1;
        cursor.end = container.ptr + container.len - 1;
    }
    return cursor;
}

int pref_cursor_next(struct pref_cursor *cursor, struct pref_span *key, struct pref_span *value)
{
    const char *p = skip_blanks(cursor->p, cursor->end);
    if (p < cursor->end && *p == ',')
        p = skip_blanks(p + 1, cursor->end);
    if (p >= cursor->end) {
        cursor->p = cursor->end;
        return 0;
    }
    const char *end = skip_value(p, cursor->end);
    const char *next = skip_blanks(end, cursor->end);
    if (next < cursor->end && *next == ':') {
        if (key != NULL)
            *key = (struct pref_span){p, (size_t)(end - p)};
        p = skip_blanks(next + 1, cursor->end);
        end = skip_value(p, cursor->end);
    } else if (key != NULL) {
        *key = (struct pref_span){NULL, 0};
    }
    *value = (struct pref_span){p, (size_t)(end - p)};
    cursor->p = end;
    return 1;
}

enum pref_type pref_type_of(struct pref_span value)
{
    switch (value.len == 0 ? 'n' : value.ptr[0]) {
    case '{': return PREF_OBJECT;
    case '[': return PREF_ARRAY;
    case '"': return PREF_STRING;
    case 't': return PREF_TRUE;
    case 'f': return PREF_FALSE;
    case 'n': return PREF_NULL;
    default: return PREF_NUMBER;
    }
}
