/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Small enough that a merge of a thousand fits stays small. */
enum { FIRST_BLOCK = 32 << 10 };

int pref_fit_lines_open(struct pref_fit_lines *lines, const char *path, int stop_fd,
                        struct pref_err *err)
{
    *lines = (struct pref_fit_lines){.path = path, .cap = FIRST_BLOCK};
    lines->block = malloc(FIRST_BLOCK + PREF_PAD);
    if (lines->block == NULL)
        return pref_fail_memory(err, "reading a fit");
    struct pref_source_config config = {.names = &lines->path, .count = 1, .stop_fd = stop_fd};
    return pref_source_open(&lines->source, &config, err);
}

void pref_fit_lines_close(struct pref_fit_lines *lines)
{
    pref_source_close(lines->source);
    free(lines->block);
}

int pref_fit_lines_fail(const struct pref_fit_lines *lines, struct pref_err *err,
                        const char *format, ...)
{
    char sentence[sizeof err->text];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    return pref_fail(err, "%s:%llu: %s", pref_source_name(lines->source, 0),
                     (unsigned long long)lines->number, sentence);
}

/* Read more bytes behind those in hand, making room by moving them to the front or by growing. */
static int fill(struct pref_fit_lines *lines, struct pref_err *err)
{
    size_t held = lines->to - lines->from;
    if (lines->from > 0 && held > 0)
        memmove(lines->block, lines->block + lines->from, held);
    lines->from = 0;
    lines->to = held;
    if (held == lines->cap) {
        if (held >= PREF_FIT_LINE_MAX) {
            lines->number++;
            return pref_fit_lines_fail(lines, err, "a line of more than %zu bytes, expected a fit",
                                       PREF_FIT_LINE_MAX);
        }
        char *block = realloc(lines->block, 2 * lines->cap + PREF_PAD);
        if (block == NULL)
            return pref_fail_memory(err, "a line of a fit");
        lines->block = block;
        lines->cap *= 2;
    }
    size_t got = 0;
    int status = pref_source_read(lines->source, lines->block + held, lines->cap - held, 1, &got,
                                  &lines->ended, err);
    if (status == 0)
        lines->to += got;
    /* What the scanner may look at behind the last line has a value. */
    memset(lines->block + lines->to, 0, PREF_PAD);
    return status;
}

int pref_fit_lines_next(struct pref_fit_lines *lines, struct pref_span *line, int *more,
                        struct pref_err *err)
{
    size_t seen = 0; /* bytes without an LF */
    *more = 0;
    for (;;) {
        char *start = lines->block + lines->from;
        size_t held = lines->to - lines->from;
        char *end = held == seen ? NULL : memchr(start + seen, '\n', held - seen);
        if (end != NULL) {
            *line = (struct pref_span){start, (size_t)(end - start)};
            lines->from += line->len + 1;
            lines->number++;
            *more = 1;
            return 0;
        }
        seen = held;
        if (lines->ended) {
            lines->number++;
            if (held == 0)
                return 0;
            return pref_fit_lines_fail(lines, err,
                                       "the line is cut short, expected a line feed at its end");
        }
        int status = fill(lines, err);
        if (status != 0)
            return status;
    }
}
