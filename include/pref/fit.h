/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fit.h - what a two-phase filter learnt, as a file, pref-fit(5): JSON Lines with a head (tool,
 * format number, options, records), sorted rows of a key, integer counts and exact sums, and a last
 * line with the number of rows and the XXH3-128 of all lines before it. No file name and no time is
 * in it, so that the merge of the fits of parts equals, byte for byte, the fit over the whole.
 *
 *   {"fit":1,"tool":"strength","format":1,"options":{"on":"mean"},"records":3}
 *   {"key":"c00abc","n":[2]}
 *   {"key":"model/a","n":[3],"sum":["cp-4","-3p0"]}
 *   {"rows":2,"xxh3_128":"..."}
 *
 * Counts are JSON integers up to 2^53, beyond that decimal strings. Sums are exact accumulators in
 * hexadecimal (accumulator.h). The engine writes and loads fits for filters; pref merge adds them.
 */
#ifndef PREF_FIT_H
#define PREF_FIT_H

#include "accumulator.h"
#include "base.h"

#define PREF_FIT_VERSION 1     /* of the file's form */
#define PREF_FIT_COUNTS_MAX 16 /* counts in a row */
#define PREF_FIT_SUMS_MAX 5    /* sums in a row */

struct pref_fit_head {
    const char *tool;    /* the filter's name */
    unsigned format;     /* of its rows */
    const char *options; /* the options the counts depend on: a JSON object, canonical */
    uint64_t records;    /* records learnt from */
};

struct pref_fit_row {
    struct pref_span key; /* valid UTF-8 */
    uint64_t n[PREF_FIT_COUNTS_MAX];
    unsigned counts;                    /* how many of n there are */
    const struct pref_accumulator *sum; /* `sums` of them; may be NULL where there are none */
    unsigned sums;
};

/* ---- Writing --------------------------------------------------------------------------------- */

/* Head, rows in strictly ascending bytewise order of key (checked), then finish (temporary name,
 * fsync, rename) or abort. `path` as in sink.h: "-" is standard output, a name ending in .zst is
 * compressed. A failing call leaves the writer to be aborted; finish frees it, whatever happens. */
struct pref_buf;
struct pref_fit_writer;
int pref_fit_create(struct pref_fit_writer **writer, const char *path,
                    const struct pref_fit_head *head, struct pref_err *err);
int pref_fit_put(struct pref_fit_writer *writer, const struct pref_fit_row *row,
                 struct pref_err *err);
int pref_fit_finish(struct pref_fit_writer *writer, struct pref_err *err);
void pref_fit_abort(struct pref_fit_writer *writer); /* frees it; NULL is allowed */

/* Append a row as its line in a fit, LF included, counts and sums within their limits: for a
 * filter that binds one of its fits to the rows of another by their hash. Out of memory shows in
 * out->failed. */
void pref_fit_row_print(struct pref_buf *out, const struct pref_fit_row *row);

/* ---- Reading --------------------------------------------------------------------------------- */

/* Open a fit, plain or zstd ("-": standard input), and read its head, whose strings live as long
 * as the reader. Errors name the file and the line: "x.fit:12: ...". */
struct pref_fit_reader;
int pref_fit_open(struct pref_fit_reader **reader, const char *path, struct pref_fit_head *head,
                  struct pref_err *err);

/* The same; waiting for a pipe ends with PREF_LATER once `stop_fd` is readable. */
int pref_fit_open_until(struct pref_fit_reader **reader, const char *path, int stop_fd,
                        struct pref_fit_head *head, struct pref_err *err);

/* The next row, whose key and sums live until the next call. *more is 0 after the last row, once
 * the number of rows and the checksum have been found right and the file ends there. Each line is
 * checked as it comes: form, numbers, order. After a failure only close is left. */
int pref_fit_next(struct pref_fit_reader *reader, struct pref_fit_row *row, int *more,
                  struct pref_err *err);
void pref_fit_close(struct pref_fit_reader *reader); /* NULL is allowed */

/* Refuse a fit of another tool, format or other options (compared byte for byte) with a sentence
 * that shows both, and has no place. */
int pref_fit_expect(const struct pref_fit_head *head, const char *tool, unsigned format,
                    const char *options, struct pref_err *err);

/* What is done with a fit: either fills err with a sentence that has no place where it returns
 * another status than PREF_OK. */
struct pref_fit_taker {
    int (*head)(void *self, const struct pref_fit_head *head, struct pref_err *err);
    int (*row)(void *self, const struct pref_fit_row *row, struct pref_err *err);
};

/* Read a fit from its head to its end, as the calls above do one by one. A status of the taker ends
 * it and is returned, with the fit's name before the sentence; PREF_LATER when `stop_fd` (-1: none)
 * became readable. */
int pref_fit_take(const char *path, int stop_fd, const struct pref_fit_taker *taker, void *self,
                  struct pref_err *err);

/* ---- Adding ---------------------------------------------------------------------------------- */

/* A streaming k-way merge of `count` fits, at least one, into `out`: like heads, counts added (an
 * overflow is an error), sums added. Memory: one row, one block and one file descriptor a fit; the
 * process's limit of open files is raised for them as far as the system lets it. PREF_LATER when
 * `stop_fd` (-1: none) became readable. A failed merge leaves no file. */
int pref_fit_merge(const char *const *paths, size_t count, const char *out, int stop_fd,
                   struct pref_err *err);

/* What sentences show of a row's key: its beginning, with control characters as \x0a, so that they
 * stay one line whatever a fit holds. */
#define PREF_FIT_SHOWN 100 /* bytes of the key */
struct pref_fit_shown {
    char text[4 * PREF_FIT_SHOWN + 1];
};
struct pref_fit_shown pref_fit_show(struct pref_span key);

#endif
