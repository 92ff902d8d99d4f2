/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf.h - a byte buffer that grows and is cleared, never shrunk, so that a loop over records
 * allocates a handful of times in all.
 *
 * Appending never fails visibly: when memory runs out the buffer becomes `failed`, later appends
 * do nothing, and whoever consumes it asks once (`if (buf.failed) return pref_fail_memory(...)`).
 * That keeps every composing function free of checks. The owner calls pref_buf_release.
 */
#ifndef PREF_BUF_H
#define PREF_BUF_H

#include "base.h"

struct pref_buf {
    char *ptr;   /* NULL until the first byte */
    size_t len;  /* bytes held */
    size_t cap;  /* bytes allocated */
    int failed;  /* 1 once memory ran out; stays until pref_buf_release */
};

/* Free what is held; the buffer is empty and usable afterwards. */
void pref_buf_release(struct pref_buf *buf);

/* Forget the bytes, keep the memory. */
void pref_buf_clear(struct pref_buf *buf);

/* Room for `n` more bytes, so that ptr + len may be written directly: the place to write at, or
 * NULL (and failed) when memory ran out. */
char *pref_buf_reserve(struct pref_buf *buf, size_t n);

void pref_buf_add(struct pref_buf *buf, const char *bytes, size_t n);
void pref_buf_add_span(struct pref_buf *buf, struct pref_span span);
void pref_buf_add_text(struct pref_buf *buf, const char *text);
void pref_buf_add_byte(struct pref_buf *buf, char byte);

/* Append decimal digits of an unsigned integer. */
void pref_buf_add_u64(struct pref_buf *buf, uint64_t value);

/* Append the shortest JSON number that reads back to `value`, which must be finite. */
void pref_buf_add_double(struct pref_buf *buf, double value);

/* Append a JSON string, quotes included: `text` is valid UTF-8; the quote, the backslash and
 * control characters are escaped as shortly as may be, all else stays as it is (RFC 8785, 3.2.2.2:
 * of a text there is one such string). */
void pref_buf_add_json(struct pref_buf *buf, struct pref_span text);

/* The same without the quotes. */
void pref_buf_add_escaped(struct pref_buf *buf, struct pref_span text);

/* Append as snprintf would; for short cold texts (under 1 KiB a call). */
void pref_buf_addf(struct pref_buf *buf, const char *format, ...) PREF_PRINTF(2, 3);

/* What is held, as a span that lives until the buffer next changes. */
struct pref_span pref_buf_span(const struct pref_buf *buf);

#endif
