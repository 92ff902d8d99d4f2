/* SPDX-License-Identifier: Apache-2.0 */
/* commit.c - a batch leaves, row by row, in input order: verdicts, counts, bytes. */
#include "config.h"

#include "engine.h"

#include <string.h>

#define WARM_AHEAD 12 /* rows whose table entries are fetched before they are needed */

/* Neighbouring records that leave from one buffer are written at once. They are lent: a batch's
 * bytes stay until the sink is flushed at its end. */
struct span_run {
    const char *from;
    size_t len;
};

static int run_write(struct engine *engine, struct span_run *run, struct pref_err *err)
{
    size_t len = run->len;
    run->len = 0;
    return len == 0 || engine->out == NULL ? PREF_OK
                                           : pref_sink_lend(engine->out, run->from, len, err);
}

static int run_add(struct engine *engine, struct span_run *run, const char *bytes, size_t len,
                   struct pref_err *err)
{
    if (len == 0 || (run->len > 0 && run->from + run->len == bytes)) {
        run->len += len;
        return PREF_OK;
    }
    int status = run_write(engine, run, err);
    *run = (struct span_run){bytes, len};
    return status;
}

/* An edited row: what stays of it on either side, and what comes between. */
static int run_add_edited(struct engine *engine, struct span_run *run, const struct batch *batch,
                          const struct row *row, struct pref_err *err)
{
    const char *block = batch->block.ptr;
    uint32_t end = row->start + row->len + 1;
    int status = run_add(engine, run, block + row->start, row->from - row->start, err);
    if (status == PREF_OK)
        status = run_add(engine, run, batch->text.ptr + row->text, row->text_len, err);
    return status == PREF_OK ? run_add(engine, run, block + row->to, end - row->to, err) : status;
}

/* Where a row stands, as a message says it: "a.jsonl:17". */
static int fail_at(struct engine *engine, const struct batch *batch, uint64_t line,
                   struct pref_span why, struct pref_err *err)
{
    return pref_fail(err, "%s:%llu: %.*s", pref_source_name(engine->now.source, batch->file),
                     (unsigned long long)(engine->line + line + 1), (int)why.len, why.ptr);
}

/* ---- Malformed records --------------------------------------------------------------------- */

/* Whether --max-errors is exceeded; a percentage is tested from 1,000 records on, and at the
 * end. */
static int too_many(const struct engine *engine, uint64_t at_least)
{
    const struct pref_counts *counts = engine->now.counts;
    if (engine->errors_limit == 1)
        return counts->malformed > engine->errors_max;
    return engine->errors_limit == 2 && counts->in >= at_least && counts->malformed > 0 &&
           !pref_share_at_most(engine->errors_share, counts->malformed, counts->in);
}

static int fail_too_many(const struct engine *engine, struct pref_err *err)
{
    return pref_fail(err, "%llu malformed of %llu records, more than --max-errors %s",
                     (unsigned long long)engine->now.counts->malformed,
                     (unsigned long long)engine->now.counts->in, engine->config->max_errors);
}

int engine_errors_final(struct engine *engine, struct pref_err *err)
{
    return too_many(engine, 1) ? fail_too_many(engine, err) : PREF_OK;
}

/* A malformed line: stop there, or count it and go on. Bytes include the LF. */
static int commit_malformed(struct engine *engine, const struct batch *batch, uint64_t line,
                            unsigned kind, struct pref_span bytes, struct pref_span why,
                            struct pref_err *err)
{
    const struct pref_config *config = engine->config;
    engine->now.counts->in++;
    engine->now.counts->malformed++;
    engine->now.counts->faults[kind]++;
    if (engine->had_learn)
        return PREF_OK; /* said, written and judged in the first phase */
    struct pref_err sentence;
    fail_at(engine, batch, line, why, &sentence);
    if (engine->phase == PHASE_SIDE) {
        *err = sentence;
        return PREF_FAIL;
    }
    if (engine->malformed != NULL) {
        int status = pref_sink_write(engine->malformed, bytes.ptr, bytes.len, err);
        if (status != PREF_OK)
            return status;
    }
    if (config->on_error == PREF_ON_ERROR_STOP) {
        *err = sentence;
        return PREF_FAIL;
    }
    if (config->warn != NULL)
        config->warn(config->warn_user, sentence.text);
    return too_many(engine, 1000) ? fail_too_many(engine, err) : PREF_OK;
}

/* The same sentence whether a line outgrew a block or only the limit. */
void engine_overlong_text(const struct engine *engine, struct pref_err *why)
{
    pref_fail(why, "line longer than %llu bytes, the limit of --max-line",
              (unsigned long long)engine->config->max_line);
}

/* A part of a line that is longer than --max-line: it goes to --malformed as it comes. */
static int commit_overlong(struct engine *engine, const struct batch *batch, struct pref_err *err)
{
    struct pref_span bytes = pref_buf_span(&batch->block);
    if (batch->overlong & OVERLONG_FIRST) {
        struct pref_err why;
        engine_overlong_text(engine, &why);
        return commit_malformed(engine, batch, 0, PREF_FAULT_LENGTH, bytes,
                                pref_span_of(why.text), err);
    }
    if (engine->malformed == NULL || engine->had_learn)
        return PREF_OK;
    return pref_sink_write(engine->malformed, bytes.ptr, bytes.len, err);
}

/* ---- Rejected records ---------------------------------------------------------------------- */

/* Write the record that the committer's worker holds, with the edits collected for it. */
static int write_edited(struct engine *engine, struct pref_sink *sink, struct pref_err *err)
{
    struct pref_buf *text = &engine->row_text;
    struct pref_job *job = &engine->workers[engine->threads].job;
    pref_buf_clear(text);
    int status = pref_edits_apply(&job->edits, text, err);
    pref_buf_add_byte(text, '\n');
    int failed = text->failed;
    for (size_t i = 0; i < sizeof job->scratch / sizeof job->scratch[0]; i++)
        failed |= job->scratch[i].failed; /* a value that was put into the record is not whole */
    if (status != PREF_OK || failed)
        return status != PREF_OK ? status : pref_fail_memory(err, "an edited record");
    return sink == NULL ? PREF_OK : pref_sink_write(sink, text->ptr, text->len, err);
}

/* The record's own bytes plus "reject":{"by":TOOL,"why":REASON}. */
static int write_reject(struct engine *engine, const struct pref_row *row, struct pref_err *err)
{
    struct worker *worker = &engine->workers[engine->threads];
    struct pref_edits *edits = &worker->job.edits;
    struct pref_buf *json = &worker->job.scratch[0];
    struct pref_fault fault;
    if (pref_scan(worker->scanner, row->line.ptr, row->line.len, worker->doc, &fault) != 0)
        return pref_fail(err, "a rejected record cannot be read again");
    pref_buf_clear(json);
    pref_buf_add_text(json, "{\"by\":");
    pref_buf_add_json(json, pref_span_of(engine->filter->name));
    pref_buf_add_text(json, ",\"why\":");
    pref_buf_add_json(json, pref_buf_span(row->why));
    pref_buf_add_byte(json, '}');
    pref_edits_begin(edits, worker->doc);
    pref_edit_put(edits, "reject", pref_doc_at(worker->doc, engine->reject), pref_buf_span(json));
    return write_edited(engine, engine->rejects, err);
}

/* ---- One row ------------------------------------------------------------------------------- */

/* Ask the filter's serial half, where it has one. */
static enum pref_verdict decide(struct engine *engine, struct pref_row *row, void *note)
{
    const struct pref_filter *filter = engine->filter;
    if (row->verdict == PREF_MALFORMED)
        return PREF_MALFORMED;
    if (engine->phase == PHASE_SIDE)
        return row->verdict == PREF_USE ? filter->gather(engine->self, row, note) : row->verdict;
    if (engine->phase == PHASE_LEARN)
        return row->verdict == PREF_USE ? filter->absorb(engine->self, row, note) : row->verdict;
    return filter->commit == NULL ? row->verdict : filter->commit(engine->self, row, note);
}

static void count(struct engine *engine, const struct row *row, enum pref_verdict verdict)
{
    struct pref_counts *counts = engine->now.counts;
    counts->in++;
    counts->missing += (row->flags & ROW_MISSING) != 0;
    if (engine->phase == PHASE_LEARN) {
        counts->fitted++;
        return;
    }
    counts->rejected += verdict == PREF_REJECT;
    counts->out += verdict == PREF_PASS;
    counts->used += verdict == PREF_USE || verdict == PREF_PASS;
    engine->later |= (row->flags & ROW_LATER) != 0;
}

static int commit_row(struct engine *engine, struct batch *batch, size_t index,
                      struct span_run *run, struct pref_err *err)
{
    struct row *row = &batch->rows[index];
    struct pref_buf *why = &engine->why;
    struct pref_row view = {.verdict = (enum pref_verdict)row->verdict,
                            .line = {batch->block.ptr + row->start, row->len},
                            .file = pref_source_name(engine->now.source, batch->file),
                            .number = engine->line + row->line + 1,
                            .input = batch->file,
                            .ordinal = engine->ordinal++,
                            .why = why,
                            .err = err,
                            .engine = engine,
                            .batch = batch,
                            .index = index};
    engine->row_job = 0;
    pref_buf_clear(why);
    if (row->why_len > 0)
        pref_buf_add(why, batch->why.ptr + row->why, row->why_len);
    enum pref_verdict verdict = decide(engine, &view, batch_note(engine, batch, index));
    if (why->failed || engine->row_text.failed)
        return pref_fail_memory(err, "a reason or a record");
    if (verdict == PREF_BROKEN)
        return PREF_FAIL;
    if (verdict == PREF_MALFORMED) {
        engine->now.counts->missing += (row->flags & ROW_MISSING) != 0;
        struct pref_span bytes = {view.line.ptr, view.line.len + 1};
        unsigned kind = row->flags & ROW_FAULT ? row->kind : PREF_FAULT_NONE;
        int status = run_write(engine, run, err);
        return status != PREF_OK ? status
                                 : commit_malformed(engine, batch, row->line, kind, bytes,
                                                    pref_buf_span(why), err);
    }
    count(engine, row, verdict);
    if (engine->phase != PHASE_APPLY)
        return PREF_OK;
    if (verdict == PREF_REJECT)
        return engine->rejects == NULL ? PREF_OK : write_reject(engine, &view, err);
    if (verdict != PREF_PASS)
        return PREF_OK;
    if (engine->row_job) {
        int status = run_write(engine, run, err);
        return status != PREF_OK ? status : write_edited(engine, engine->out, err);
    }
    if (row->flags & ROW_EDITED)
        return run_add_edited(engine, run, batch, row, err);
    return run_add(engine, run, view.line.ptr, view.line.len + 1, err);
}

int batch_commit(struct engine *engine, struct batch *batch, struct pref_err *err)
{
    const struct pref_filter *filter = engine->filter;
    struct span_run run = {NULL, 0};
    int status = PREF_OK;
    if (batch->first)
        engine->line = 0;
    if (batch->overlong)
        status = commit_overlong(engine, batch, err);
    int warms = filter->warm != NULL && engine->phase == PHASE_APPLY;
    for (size_t i = 0; i < batch->count && status == PREF_OK; i++) {
        if (warms && i + WARM_AHEAD < batch->count)
            filter->warm(engine->self, batch_note(engine, batch, i + WARM_AHEAD));
        status = commit_row(engine, batch, i, &run, err);
    }
    struct pref_err *quiet = status == PREF_OK ? err : NULL;
    int written = run_write(engine, &run, quiet);
    if (engine->out != NULL && written == PREF_OK)
        written = pref_sink_flush(engine->out, quiet);
    engine->line += batch->lines;
    engine->now.counts->blank += batch->blank;
    return status != PREF_OK ? status : written;
}
