/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base.h - the words every other module speaks: spans of bytes, statuses, and the one sentence
 * that a failing call leaves behind.
 *
 * A function of libpref that can fail returns an `int`: 0, or one of enum pref_status, having
 * filled the struct pref_err it was given. Nothing in libpref prints or exits: what to do with the
 * sentence is the caller's to decide.
 */
#ifndef PREF_BASE_H
#define PREF_BASE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* Readable bytes that must follow every buffer given to the scanner: its kernels load in wide
 * blocks and may look, but never decide, past the end. */
#define PREF_PAD 64

/* Some bytes that belong to someone else. Not NUL-terminated; ptr may be NULL where len is 0. */
struct pref_span {
    const char *ptr;
    size_t len;
};

/* What a call came to; the values are the exit statuses of the program. */
enum pref_status {
    PREF_OK = 0,     /* done */
    PREF_FAIL = 1,   /* bad data, or the system refused */
    PREF_USAGE = 2,  /* the caller asked for something that makes no sense */
    PREF_LATER = 75, /* all that could be done is done; try the rest again */
    PREF_PIPE = 141  /* the reader of the output has gone: to be followed by a quiet end */
};

/* The sentence of a failure: one line, lower case, no full stop, cut (never overrun) to fit. */
struct pref_err {
    char text[1024];
};

#if defined(__GNUC__)
#define PREF_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define PREF_PRINTF(f, a)
#endif

/* Write the sentence and return PREF_FAIL, so that `return pref_fail(err, ...)` reads well.
 * `err` may be NULL: the status alone is then returned. */
int pref_fail(struct pref_err *err, const char *format, ...) PREF_PRINTF(2, 3);

/* The same, returning PREF_USAGE. */
int pref_usage(struct pref_err *err, const char *format, ...) PREF_PRINTF(2, 3);

/* The same, returning PREF_FAIL, with ": " and the text of the errno value `number` appended. */
int pref_fail_errno(struct pref_err *err, int number, const char *format, ...) PREF_PRINTF(3, 4);

/* Out of memory: a sentence that names what was being made. Returns PREF_FAIL. */
int pref_fail_memory(struct pref_err *err, const char *what);

/* A span over a NUL-terminated string, which must outlive it. */
struct pref_span pref_span_of(const char *text);

/* Whether two spans hold the same bytes: 1 or 0. */
int pref_span_equal(struct pref_span a, struct pref_span b);

/* Bytewise order (as memcmp, the shorter first among equals): negative, 0 or positive. */
int pref_span_compare(struct pref_span a, struct pref_span b);

#endif
