/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "caret.h"

#include <stdio.h>
#include <string.h>

/* Characters shown before and after the place. */
enum { BEFORE = 48, AFTER = 24 };

/* Whether a character begins at this byte of UTF-8. */
static int begins(char byte)
{
    return ((unsigned char)byte & 0xc0) != 0x80;
}

static size_t characters(const char *bytes, size_t len)
{
    size_t count = 0;
    for (size_t i = 0; i < len; i++)
        count += (size_t)begins(bytes[i]);
    return count;
}

/* The byte at which the character begins that is `count` before `at`, or 0. */
static size_t back(const char *bytes, size_t at, size_t count)
{
    while (at > 0 && count > 0)
        count -= (size_t)begins(bytes[--at]);
    return at;
}

/* The byte at which the character begins that is `count` after `at`, or the end. */
static size_t forth(struct pref_span text, size_t at, size_t count)
{
    while (at < text.len && count > 0) {
        at++;
        while (at < text.len && !begins(text.ptr[at]))
            at++;
        count--;
    }
    return at;
}

int caret_usage(const struct caret_place *place, size_t at, const char *format, ...)
{
    struct pref_span text = place->text;
    size_t from = back(text.ptr, at, BEFORE), to = forth(text, at, AFTER);
    const char *left = from > 0 ? "..." : "", *right = to < text.len ? "..." : "";
    char sentence[256], shown[4 * (BEFORE + AFTER) + 1];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    for (size_t i = from; i < to; i++)
        shown[i - from] = (unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7f ? ' '
                                                                                 : text.ptr[i];
    shown[to - from] = '\0';
    return pref_usage(place->err, "%s: character %zu: %s\n  %s%s%s\n  %*s^", place->option,
                      characters(text.ptr, at) + 1, sentence, left, shown, right,
                      (int)(strlen(left) + characters(text.ptr + from, at - from)), "");
}
