/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "pref/fit.h"

#include "text.h"
#include "pref/buf.h"
#include "pref/hash.h"
#include "pref/sink.h"

#include <stdlib.h>
#include <string.h>

struct pref_fit_writer {
    struct pref_sink *sink;
    struct pref_hasher *hasher;
    struct pref_buf line;
    struct pref_buf last; /* the key of the row before */
    uint64_t rows;
};

int pref_fit_expect(const struct pref_fit_head *head, const char *tool, unsigned format,
                    const char *options, struct pref_err *err)
{
    if (strcmp(head->tool, tool) != 0)
        return pref_fail(err, "a fit of '%s', expected one of '%s'", head->tool, tool);
    if (head->format != format)
        return pref_fail(err, "rows of format %u, expected format %u", head->format, format);
    if (strcmp(head->options, options) != 0)
        return pref_fail(err, "made with the options %.400s, expected %.400s", head->options,
                         options);
    return 0;
}

/* A count as fits write it: beyond 2^53 readers of doubles would round a number. */
static void add_count(struct pref_buf *buf, uint64_t value)
{
    if (value > PREF_FIT_NUMBER_MAX)
        pref_buf_add_byte(buf, '"');
    pref_buf_add_u64(buf, value);
    if (value > PREF_FIT_NUMBER_MAX)
        pref_buf_add_byte(buf, '"');
}

/* Write the line that has been composed. */
static int write_line(struct pref_fit_writer *writer, struct pref_err *err)
{
    if (writer->line.failed)
        return pref_fail_memory(err, "a line of a fit");
    return pref_sink_write(writer->sink, writer->line.ptr, writer->line.len, err);
}

static int write_hashed_line(struct pref_fit_writer *writer, struct pref_err *err)
{
    int status = write_line(writer, err);
    if (status == 0)
        pref_hasher_add(writer->hasher, writer->line.ptr, writer->line.len);
    return status;
}

static int write_head(struct pref_fit_writer *writer, const struct pref_fit_head *head,
                      struct pref_err *err)
{
    struct pref_buf *line = &writer->line;
    pref_buf_addf(line, "{\"fit\":%d,\"tool\":", PREF_FIT_VERSION);
    pref_buf_add_json(line, pref_span_of(head->tool));
    pref_buf_addf(line, ",\"format\":%u,\"options\":", head->format);
    pref_buf_add_text(line, head->options);
    pref_buf_add_text(line, ",\"records\":");
    add_count(line, head->records);
    pref_buf_add_text(line, "}\n");
    return write_hashed_line(writer, err);
}

int pref_fit_create(struct pref_fit_writer **writer, const char *path,
                    const struct pref_fit_head *head, struct pref_err *err)
{
    *writer = NULL;
    struct pref_fit_writer *made = calloc(1, sizeof *made);
    if (made == NULL)
        return pref_fail_memory(err, "a fit");
    struct pref_sink_config config = {.name = path, .flags = PREF_SINK_ATOMIC, .stop_fd = -1};
    int status = 0;
    made->hasher = pref_hasher_new(0);
    if (made->hasher == NULL)
        status = pref_fail_memory(err, "a fit");
    if (status == 0)
        status = pref_sink_open(&made->sink, &config, err);
    if (status == 0)
        status = write_head(made, head, err);
    if (status != 0) {
        pref_fit_abort(made);
        return status;
    }
    *writer = made;
    return 0;
}

void pref_fit_row_print(struct pref_buf *out, const struct pref_fit_row *row)
{
    pref_buf_add_text(out, "{\"key\":");
    pref_buf_add_json(out, row->key);
    pref_buf_add_text(out, ",\"n\":[");
    for (unsigned i = 0; i < row->counts; i++) {
        if (i > 0)
            pref_buf_add_byte(out, ',');
        add_count(out, row->n[i]);
    }
    pref_buf_add_byte(out, ']');
    for (unsigned i = 0; i < row->sums; i++) {
        char text[PREF_ACCUMULATOR_MAX];
        size_t len = pref_accumulator_print(text, &row->sum[i]);
        pref_buf_add_text(out, i == 0 ? ",\"sum\":[\"" : ",\"");
        pref_buf_add(out, text, len);
        pref_buf_add_byte(out, '"');
    }
    pref_buf_add_text(out, row->sums > 0 ? "]}\n" : "}\n");
}

int pref_fit_put(struct pref_fit_writer *writer, const struct pref_fit_row *row,
                 struct pref_err *err)
{
    if (row->counts > PREF_FIT_COUNTS_MAX || row->sums > PREF_FIT_SUMS_MAX)
        return pref_fail(err,
                         "a row of a fit has %u counts and %u sums, expected at most %d and %d",
                         row->counts, row->sums, PREF_FIT_COUNTS_MAX, PREF_FIT_SUMS_MAX);
    if (writer->rows > 0 && pref_span_compare(pref_buf_span(&writer->last), row->key) >= 0)
        return pref_fail(err, "rows of a fit are not in ascending order of their keys");
    pref_buf_clear(&writer->last);
    pref_buf_add_span(&writer->last, row->key);
    pref_buf_clear(&writer->line);
    pref_fit_row_print(&writer->line, row);
    if (writer->last.failed)
        return pref_fail_memory(err, "a row of a fit");
    writer->rows++;
    return write_hashed_line(writer, err);
}

int pref_fit_finish(struct pref_fit_writer *writer, struct pref_err *err)
{
    char hex[33];
    pref_h128_hex(pref_hasher_value(writer->hasher), hex);
    pref_buf_clear(&writer->line);
    pref_buf_add_text(&writer->line, "{\"rows\":");
    add_count(&writer->line, writer->rows);
    pref_buf_addf(&writer->line, ",\"xxh3_128\":\"%s\"}\n", hex);
    int status = write_line(writer, err);
    if (status == 0)
        status = pref_sink_finish(writer->sink, err);
    if (status == 0) {
        status = pref_sink_publish(writer->sink, err);
        writer->sink = NULL; /* publish has freed it */
    }
    pref_fit_abort(writer);
    return status;
}

void pref_fit_abort(struct pref_fit_writer *writer)
{
    if (writer == NULL)
        return;
    pref_sink_abort(writer->sink);
    pref_hasher_free(writer->hasher);
    pref_buf_release(&writer->line);
    pref_buf_release(&writer->last);
    free(writer);
}
