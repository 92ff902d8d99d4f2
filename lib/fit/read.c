/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "pref/fit.h"

#include "lines.h"
#include "text.h"
#include "pref/buf.h"
#include "pref/hash.h"
#include "pref/number.h"
#include "pref/scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The keys of all lines; a kind of line is told by the set of those it has. */
enum field { FIT, TOOL, FORMAT, OPTIONS, RECORDS, KEY, N, SUM, ROWS, XXH3, FIELDS };

static const char *const names[FIELDS] = {"fit", "tool", "format", "options", "records",
                                          "key", "n",    "sum",    "rows",    "xxh3_128"};

#define HEAD_LINE (1u << FIT | 1u << TOOL | 1u << FORMAT | 1u << OPTIONS | 1u << RECORDS)
#define ROW_LINE (1u << KEY | 1u << N)
#define LAST_LINE (1u << ROWS | 1u << XXH3)

struct pref_fit_reader {
    struct pref_fit_lines lines;
    struct pref_shape *shape;
    struct pref_scanner *scanner;
    struct pref_doc doc;
    pref_place place[FIELDS];
    pref_place each_n, each_sum, other;
    struct pref_hasher *hasher;
    struct pref_buf tool, options; /* of the head, NUL-terminated */
    struct pref_buf key[2];        /* of this row and of the one before, in turn */
    uint64_t rows;
    struct pref_accumulator sum[PREF_FIT_SUMS_MAX];
};

static int make_shape(struct pref_fit_reader *r, struct pref_err *err)
{
    static const uint8_t types[FIELDS] = {[FIT] = PREF_IS(PREF_NUMBER),
                                          [TOOL] = PREF_IS(PREF_STRING),
                                          [FORMAT] = PREF_IS(PREF_NUMBER),
                                          [OPTIONS] = PREF_IS(PREF_OBJECT),
                                          [RECORDS] = PREF_IS(PREF_NUMBER) | PREF_IS(PREF_STRING),
                                          [KEY] = PREF_IS(PREF_STRING),
                                          [N] = PREF_IS(PREF_ARRAY),
                                          [SUM] = PREF_IS(PREF_ARRAY),
                                          [ROWS] = PREF_IS(PREF_NUMBER) | PREF_IS(PREF_STRING),
                                          [XXH3] = PREF_IS(PREF_STRING)};
    r->shape = pref_shape_new();
    if (r->shape == NULL)
        return pref_fail_memory(err, "reading a fit");
    for (unsigned i = 0; i < FIELDS; i++) {
        r->place[i] = pref_shape_key(r->shape, PREF_ROOT, pref_span_of(names[i]));
        pref_shape_demand(r->shape, r->place[i], types[i], PREF_TEXT | PREF_NULL_IS_VALUE);
    }
    r->each_n = pref_shape_each(r->shape, r->place[N]);
    pref_shape_demand(r->shape, r->each_n, PREF_IS(PREF_NUMBER) | PREF_IS(PREF_STRING),
                      PREF_NULL_IS_VALUE);
    r->each_sum = pref_shape_each(r->shape, r->place[SUM]);
    pref_shape_demand(r->shape, r->each_sum, PREF_IS(PREF_STRING), PREF_NULL_IS_VALUE);
    r->other = pref_shape_other(r->shape, PREF_ROOT);
    pref_shape_demand(r->shape, r->other, PREF_IS_ANY, PREF_NULL_IS_VALUE);
    int status = pref_shape_check(r->shape, err);
    if (status != 0)
        return status;
    r->scanner = pref_scanner_new(r->shape);
    return r->scanner == NULL ? pref_fail_memory(err, "reading a fit") : 0;
}

/* The next line, scanned. */
static int next_line(struct pref_fit_reader *r, struct pref_span *line, int *more,
                     struct pref_err *err)
{
    int status = pref_fit_lines_next(&r->lines, line, more, err);
    if (status != 0 || !*more)
        return status;
    struct pref_fault fault;
    if (pref_scan(r->scanner, line->ptr, line->len, &r->doc, &fault) == 0)
        return 0;
    if (fault.kind == PREF_FAULT_MEMORY)
        return pref_fail_memory(err, "a line of a fit");
    struct pref_err sentence;
    pref_fault_text(r->shape, &fault, &sentence);
    return pref_fit_lines_fail(&r->lines, err, "%s", sentence.text);
}

/* Require all keys of `needed`, and none but those and `allowed`. */
static int check_keys(struct pref_fit_reader *r, unsigned needed, unsigned allowed,
                      const char *line, struct pref_err *err)
{
    for (unsigned i = 0; i < FIELDS; i++) {
        int there = pref_doc_at(&r->doc, r->place[i]) != NULL;
        if (!there && (needed >> i & 1) != 0)
            return pref_fit_lines_fail(&r->lines, err, "no '%s', expected %s", names[i], line);
        if (there && ((needed | allowed) >> i & 1) == 0)
            return pref_fit_lines_fail(&r->lines, err, "an unexpected '%s' in %s", names[i], line);
    }
    if (pref_doc_at(&r->doc, r->other) != NULL)
        return pref_fit_lines_fail(&r->lines, err, "an unknown key in %s", line);
    return 0;
}

/* A whole number: digits alone, a JSON number up to 2^53, a JSON string beyond, up to 2^64 - 1. */
static int parse_count(struct pref_span text, uint64_t *out)
{
    int quoted = text.ptr[0] == '"';
    struct pref_span digits = {text.ptr + quoted, text.len - 2 * (size_t)quoted};
    uint64_t value;
    if ((digits.len > 1 && digits.ptr[0] == '0') || pref_u64_parse(digits, &value) != PREF_OK)
        return PREF_FAIL;
    *out = value;
    return (value > PREF_FIT_NUMBER_MAX) == quoted ? 0 : PREF_FAIL;
}

static int count_at(struct pref_fit_reader *r, const struct pref_hit *hit, const char *name,
                    uint64_t *out, struct pref_err *err)
{
    struct pref_span text = pref_hit_span(&r->doc, hit);
    if (parse_count(text, out) == 0)
        return 0;
    return pref_fit_lines_fail(&r->lines, err,
                               "'%s' is %.*s, expected a whole number (as a string above 2^53)",
                               name, text.len > 40 ? 40 : (int)text.len, text.ptr);
}

static int field_count(struct pref_fit_reader *r, enum field field, uint64_t *out,
                       struct pref_err *err)
{
    return count_at(r, pref_doc_at(&r->doc, r->place[field]), names[field], out, err);
}

static int field_text(struct pref_fit_reader *r, enum field field, struct pref_buf *out,
                      struct pref_err *err)
{
    struct pref_span span = pref_hit_span(&r->doc, pref_doc_at(&r->doc, r->place[field]));
    pref_buf_clear(out);
    if (span.ptr[0] != '"')
        pref_buf_add_span(out, span);
    else if (pref_string_decode(span, out) != 0)
        return pref_fit_lines_fail(&r->lines, err, "'%s' has a lone surrogate", names[field]);
    return out->failed ? pref_fail_memory(err, "a line of a fit") : 0;
}

static int read_head(struct pref_fit_reader *r, struct pref_fit_head *head, struct pref_err *err)
{
    struct pref_span line;
    int more;
    uint64_t version = 0, format = 0;
    int status = next_line(r, &line, &more, err);
    if (status == 0 && !more)
        status = pref_fit_lines_fail(&r->lines, err, "the file is empty, expected a fit");
    if (status == 0 && pref_doc_at(&r->doc, r->place[FIT]) == NULL)
        status = pref_fit_lines_fail(&r->lines, err, "no 'fit', expected the head of a fit");
    if (status == 0)
        status = field_count(r, FIT, &version, err);
    /* Before its keys: the head of another version may have others. */
    if (status == 0 && version != PREF_FIT_VERSION)
        status = pref_fit_lines_fail(&r->lines, err, "a fit of version %llu, expected version %d",
                                     (unsigned long long)version, PREF_FIT_VERSION);
    if (status == 0)
        status = check_keys(r, HEAD_LINE, 0, "the head of a fit", err);
    if (status == 0)
        status = field_count(r, FORMAT, &format, err);
    if (status == 0 && format > UINT32_MAX)
        status = pref_fit_lines_fail(&r->lines, err, "'format' is too large");
    if (status == 0)
        status = field_count(r, RECORDS, &head->records, err);
    if (status == 0)
        status = field_text(r, TOOL, &r->tool, err);
    if (status == 0)
        status = field_text(r, OPTIONS, &r->options, err);
    if (status != 0)
        return status;
    if (memchr(r->tool.ptr, '\0', r->tool.len) != NULL)
        return pref_fit_lines_fail(&r->lines, err, "'tool' has a null character");
    pref_buf_add_byte(&r->tool, '\0');
    pref_buf_add_byte(&r->options, '\0');
    if (r->tool.failed || r->options.failed)
        return pref_fail_memory(err, "the head of a fit");
    pref_hasher_add(r->hasher, line.ptr, line.len + 1);
    head->tool = r->tool.ptr;
    head->options = r->options.ptr;
    head->format = (unsigned)format;
    return 0;
}

int pref_fit_open_until(struct pref_fit_reader **reader, const char *path, int stop_fd,
                        struct pref_fit_head *head, struct pref_err *err)
{
    *reader = NULL;
    struct pref_fit_reader *r = calloc(1, sizeof *r);
    if (r == NULL)
        return pref_fail_memory(err, "reading a fit");
    int status = pref_fit_lines_open(&r->lines, path, stop_fd, err);
    if (status == 0)
        status = make_shape(r, err);
    if (status == 0 && (r->hasher = pref_hasher_new(0)) == NULL)
        status = pref_fail_memory(err, "reading a fit");
    if (status == 0)
        status = read_head(r, head, err);
    if (status != 0) {
        pref_fit_close(r);
        return status;
    }
    *reader = r;
    return 0;
}

int pref_fit_open(struct pref_fit_reader **reader, const char *path, struct pref_fit_head *head,
                  struct pref_err *err)
{
    return pref_fit_open_until(reader, path, -1, head, err);
}

void pref_fit_close(struct pref_fit_reader *reader)
{
    if (reader == NULL)
        return;
    pref_fit_lines_close(&reader->lines);
    pref_scanner_free(reader->scanner);
    pref_shape_free(reader->shape);
    pref_hasher_free(reader->hasher);
    pref_buf_release(&reader->tool);
    pref_buf_release(&reader->options);
    pref_buf_release(&reader->key[0]);
    pref_buf_release(&reader->key[1]);
    free(reader);
}

const char *pref_fit_name(const struct pref_fit_reader *reader)
{
    return pref_source_name(reader->lines.source, 0);
}

/* The elements of 'n' and 'sum'. */
static int read_numbers(struct pref_fit_reader *r, struct pref_fit_row *row, struct pref_err *err)
{
    row->counts = row->sums = 0;
    row->sum = r->sum;
    for (size_t i = 0; i < r->doc.count; i++) {
        const struct pref_hit *hit = &r->doc.hits[i];
        if (hit->place == r->each_n) {
            if (row->counts == PREF_FIT_COUNTS_MAX)
                return pref_fit_lines_fail(&r->lines, err, "more than %d counts in 'n'",
                                           PREF_FIT_COUNTS_MAX);
            int status = count_at(r, hit, "n", &row->n[row->counts++], err);
            if (status != 0)
                return status;
        } else if (hit->place == r->each_sum) {
            struct pref_span text = pref_hit_span(&r->doc, hit);
            struct pref_err why;
            text = (struct pref_span){text.ptr + 1, text.len - 2};
            if (row->sums == PREF_FIT_SUMS_MAX)
                return pref_fit_lines_fail(&r->lines, err, "more than %d sums in 'sum'",
                                           PREF_FIT_SUMS_MAX);
            if (pref_accumulator_parse(text, &r->sum[row->sums++], &why) != 0)
                return pref_fit_lines_fail(&r->lines, err, "in 'sum': %s", why.text);
        }
    }
    return 0;
}

struct pref_fit_shown pref_fit_show(struct pref_span key)
{
    struct pref_fit_shown shown = {{0}};
    char *to = shown.text;
    for (size_t i = 0; i < key.len && i < PREF_FIT_SHOWN; i++) {
        unsigned char byte = (unsigned char)key.ptr[i];
        if (byte < 0x20 || byte == 0x7f)
            to += snprintf(to, 5, "\\x%02x", byte);
        else
            *to++ = key.ptr[i];
    }
    return shown;
}

/* The key of this row, which must be above that of the row before. */
static int read_key(struct pref_fit_reader *r, struct pref_fit_row *row, struct pref_err *err)
{
    struct pref_buf *now = &r->key[r->rows & 1], *last = &r->key[~r->rows & 1];
    int status = field_text(r, KEY, now, err);
    if (status != 0)
        return status;
    row->key = pref_buf_span(now);
    int order = r->rows == 0 ? 1 : pref_span_compare(row->key, pref_buf_span(last));
    if (order > 0)
        return 0;
    return pref_fit_lines_fail(&r->lines, err, "key '%s' %s, expected sorted rows",
                               pref_fit_show(row->key).text,
                               order == 0 ? "stands twice" : "comes too late");
}

/* The last line must say what was read, and nothing may follow it. */
static int read_last(struct pref_fit_reader *r, struct pref_err *err)
{
    uint64_t rows = 0;
    int more;
    char hex[33];
    struct pref_span line;
    int status = check_keys(r, LAST_LINE, 0, "the last line of a fit", err);
    if (status == 0)
        status = field_count(r, ROWS, &rows, err);
    if (status != 0)
        return status;
    if (rows != r->rows)
        return pref_fit_lines_fail(&r->lines, err, "%llu rows were read, expected %llu",
                                   (unsigned long long)r->rows, (unsigned long long)rows);
    pref_h128_hex(pref_hasher_value(r->hasher), hex);
    struct pref_span said = pref_hit_span(&r->doc, pref_doc_at(&r->doc, r->place[XXH3]));
    if (said.len != 34 || memcmp(said.ptr + 1, hex, 32) != 0)
        return pref_fit_lines_fail(&r->lines, err, "the checksum is wrong: the lines above have %s",
                                   hex);
    status = pref_fit_lines_next(&r->lines, &line, &more, err);
    if (status == 0 && more)
        status = pref_fit_lines_fail(&r->lines, err, "bytes after the last line of a fit");
    return status;
}

int pref_fit_next(struct pref_fit_reader *reader, struct pref_fit_row *row, int *more,
                  struct pref_err *err)
{
    struct pref_span line;
    int status = next_line(reader, &line, more, err);
    if (status != 0)
        return status;
    if (!*more)
        return pref_fit_lines_fail(&reader->lines, err,
                                   "the file is cut short, expected a row or the last line");
    if (pref_doc_at(&reader->doc, reader->place[ROWS]) != NULL) {
        *more = 0;
        return read_last(reader, err);
    }
    status = check_keys(reader, ROW_LINE, 1u << SUM, "a row of a fit", err);
    if (status == 0)
        status = read_key(reader, row, err);
    if (status == 0)
        status = read_numbers(reader, row, err);
    if (status == 0) {
        reader->rows++;
        pref_hasher_add(reader->hasher, line.ptr, line.len + 1);
    }
    return status;
}
