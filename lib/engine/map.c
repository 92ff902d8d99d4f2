/* SPDX-License-Identifier: Apache-2.0 */
/* map.c - the lines of a batch are scanned and handed to the filter. */
#include "config.h"

#include "engine.h"

#include <string.h>

/* Rows that are in memory at once for each batch. A block of records seldom has as many; one of
 * tiny lines, whose rows take far more memory than their bytes, is mapped and committed in parts.
 */
#define ROWS_MAX 8192

/* Put down why a row does not go on. */
static void row_reason(struct batch *batch, struct row *row, struct pref_span why)
{
    row->why = (uint32_t)batch->why.len;
    row->why_len = (uint32_t)why.len;
    pref_buf_add_span(&batch->why, why);
}

/* A malformed record is named by its id where it has one, cut to a readable length. */
static void add_id(struct engine *engine, const struct pref_doc *doc, struct pref_buf *why)
{
    const struct pref_hit *id = pref_doc_at(doc, engine->now.id);
    if (id == NULL || id->end > doc->len)
        return;
    struct pref_span text = pref_hit_span(doc, id);
    pref_buf_addf(why, " (id %.*s%s)", (int)(text.len < 200 ? text.len : 200), text.ptr,
                  text.len < 200 ? "" : "...");
}

/* The scanner refused the line. */
static void row_fault(struct engine *engine, struct worker *worker, struct batch *batch,
                      struct row *row, const struct pref_fault *fault)
{
    struct pref_buf *why = &worker->job.why;
    struct pref_err sentence;
    pref_fault_text(engine->now.shape, fault, &sentence);
    pref_buf_clear(why);
    pref_buf_add_text(why, sentence.text);
    add_id(engine, worker->doc, why);
    row->verdict = PREF_MALFORMED;
    row->flags |= ROW_FAULT;
    row->kind = (uint8_t)fault->kind;
    row_reason(batch, row, pref_buf_span(why));
}

/* What ran out of memory must end the run: a reason would be missing, a part of a record, or an
 * annotation that the filter wrote in a scratch buffer; and it is not the line's fault. */
static int check_memory(struct worker *worker, const struct batch *batch, const struct row *row)
{
    const struct pref_job *job = &worker->job;
    int failed = batch->text.failed || batch->why.failed || job->why.failed ||
                 ((row->flags & ROW_FAULT) && row->kind == PREF_FAULT_MEMORY);
    for (size_t i = 0; i < sizeof job->scratch / sizeof job->scratch[0]; i++)
        failed |= job->scratch[i].failed;
    return failed ? pref_fail_memory(&worker->err, "a batch of records") : PREF_OK;
}

/* Put down what edits replace, and by what. What stays of a line leaves from the block itself;
 * where the sink would copy every part of it, one after the other, the whole is replaced here. */
static int edit_row(struct worker *worker, struct batch *batch, struct row *row)
{
    struct pref_edits *edits = &worker->job.edits;
    struct pref_buf *text = &batch->text;
    uint32_t start, end;
    if (pref_edits_extent(edits, &start, &end, &worker->err) != PREF_OK)
        return PREF_FAIL;
    int whole = row->len - (end - start) < PREF_SINK_LENT_MIN;
    if (whole) {
        start = 0;
        end = row->len;
    }
    row->text = (uint32_t)text->len;
    pref_edits_write(edits, start, end, text);
    if (whole)
        pref_buf_add_byte(text, '\n');
    if (text->len > UINT32_MAX)
        return pref_fail(&worker->err, "an edited record is over 4 GiB");
    row->flags |= ROW_EDITED;
    row->text_len = (uint32_t)text->len - row->text;
    row->from = row->start + start;
    row->to = row->start + end + (uint32_t)whole;
    return PREF_OK;
}

/* Note what map, learn or resume made of a record. */
static int settle_row(struct engine *engine, struct worker *worker, struct batch *batch,
                      struct row *row, enum pref_verdict verdict)
{
    struct pref_job *job = &worker->job;
    int may_ask = engine->oracle != NULL && engine->phase == PHASE_APPLY &&
                  !(row->flags & ROW_SUSPENDED);
    row->verdict = (uint8_t)verdict;
    row->flags = (uint8_t)((job->missing ? ROW_MISSING : 0) | (job->later ? ROW_LATER : 0));
    if (verdict == PREF_BROKEN)
        return PREF_FAIL;
    if (verdict == PREF_ASK && !may_ask)
        return pref_fail(&worker->err, "the filter %s asks without an oracle, or outside of map",
                         engine->filter->name);
    if (verdict == PREF_ASK) {
        row->flags |= ROW_SUSPENDED;
        batch->suspended++;
    } else if (verdict == PREF_PASS && pref_edits_any(&job->edits)) {
        if (edit_row(worker, batch, row) != PREF_OK)
            return PREF_FAIL;
    } else if (verdict == PREF_REJECT || verdict == PREF_MALFORMED) {
        if (verdict == PREF_MALFORMED)
            add_id(engine, worker->doc, &job->why);
        row_reason(batch, row, pref_buf_span(&job->why));
    }
    return check_memory(worker, batch, row);
}

/* Scan a row's line and make the job ready. Returns 0 where the line is malformed. */
static int scan_row(struct engine *engine, struct worker *worker, struct batch *batch,
                    struct row *row)
{
    struct pref_job *job = &worker->job;
    struct pref_fault fault;
    const char *line = batch->block.ptr + row->start;
    if (row->len > engine->config->max_line) {
        struct pref_err why;
        engine_overlong_text(engine, &why);
        row->verdict = PREF_MALFORMED;
        row->flags |= ROW_FAULT;
        row->kind = PREF_FAULT_LENGTH;
        row_reason(batch, row, pref_span_of(why.text));
        return 0;
    }
    if (pref_scan(worker->scanner, line, row->len, worker->doc, &fault) != 0) {
        row_fault(engine, worker, batch, row, &fault);
        return 0;
    }
    if (engine->phase != PHASE_SIDE && worker->unseen.count > 0)
        await_see(&worker->unseen, worker->doc);
    pref_edits_begin(&job->edits, worker->doc);
    pref_buf_clear(&job->why);
    job->missing = 0;
    job->later = 0;
    job->batch = batch;
    return 1;
}

static int map_row(struct engine *engine, struct worker *worker, struct batch *batch,
                   struct row *row)
{
    const struct pref_filter *filter = engine->filter;
    if (!scan_row(engine, worker, batch, row))
        return check_memory(worker, batch, row);
    void *note = batch_note(engine, batch, (size_t)(row - batch->rows));
    enum pref_verdict verdict = PREF_PASS;
    if (engine->phase == PHASE_SIDE)
        verdict = filter->study(engine->self, &worker->job, note);
    else if (engine->phase == PHASE_LEARN)
        verdict = filter->learn(engine->self, &worker->job, note);
    else if (filter->map != NULL)
        verdict = filter->map(engine->self, &worker->job, note);
    return settle_row(engine, worker, batch, row, verdict);
}

static int is_blank_line(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\r'))
        p++;
    return p == end;
}

int batch_map(struct engine *engine, struct worker *worker, struct batch *batch)
{
    const char *block = batch->block.ptr;
    const char *end = block + batch->block.len;
    const char *p = block + batch->mapped;
    if (batch->overlong) {
        batch->lines = batch->overlong & OVERLONG_LAST ? 1 : 0;
        batch->mapped = batch->block.len;
        return PREF_OK;
    }
    if (batch->first && end - p >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
        p += 3;
    while (p < end && batch->count < ROWS_MAX) {
        const char *lf = memchr(p, '\n', (size_t)(end - p));
        uint64_t number = batch->lines++;
        if (is_blank_line(p, lf)) {
            batch->blank++;
            p = lf + 1;
            continue;
        }
        struct row *row = batch_add_row(engine, batch);
        if (row == NULL)
            return pref_fail_memory(&worker->err, "a batch of records");
        row->start = (uint32_t)(p - block);
        row->len = (uint32_t)(lf - p);
        row->line = (uint32_t)number;
        int status = map_row(engine, worker, batch, row);
        if (status != PREF_OK)
            return status;
        p = lf + 1;
    }
    batch->mapped = (size_t)(p - block);
    return PREF_OK;
}

int batch_resume(struct engine *engine, struct worker *worker, struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        struct row *row = &batch->rows[i];
        if (!(row->flags & ROW_SUSPENDED))
            continue;
        if (!scan_row(engine, worker, batch, row))
            return pref_fail(&worker->err, "a record cannot be read again after its answers");
        enum pref_verdict verdict =
            engine->filter->resume(engine->self, &worker->job, batch_note(engine, batch, i));
        int status = settle_row(engine, worker, batch, row, verdict);
        if (status != PREF_OK)
            return status;
    }
    return PREF_OK;
}
