/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lines.h - the lines of a fit as they come from a source: whole, numbered, each followed by
 * the padding that the scanner asks for. Used by the reader of fits alone.
 */
#ifndef PREF_FIT_LINES_H
#define PREF_FIT_LINES_H

#include "pref/source.h"

#define PREF_FIT_LINE_MAX ((size_t)64 << 20)

struct pref_fit_lines {
    struct pref_source *source;
    const char *path; /* as given; must outlive the lines */
    char *block;
    size_t cap, from, to; /* block[from, to) has not been handed out */
    uint64_t number;      /* of the line handed out last, from 1 */
    int ended;            /* the source has no more */
};

int pref_fit_lines_open(struct pref_fit_lines *lines, const char *path, int stop_fd,
                        struct pref_err *err);
void pref_fit_lines_close(struct pref_fit_lines *lines);

/* The next line without its LF, until the next call; *more is 0 at the end. Fails at a line that
 * has no LF or is longer than PREF_FIT_LINE_MAX. */
int pref_fit_lines_next(struct pref_fit_lines *lines, struct pref_span *line, int *more,
                        struct pref_err *err);

/* Fail at the current line: "x.fit:12: " and the sentence. */
int pref_fit_lines_fail(const struct pref_fit_lines *lines, struct pref_err *err,
                        const char *format, ...) PREF_PRINTF(3, 4);

#endif
