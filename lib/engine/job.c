/* SPDX-License-Identifier: Apache-2.0 */
/* job.c - what filters call (filter.h): verdicts, annotations, side outputs, reports. */
#include "config.h"

#include "engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- map ----------------------------------------------------------------------------------- */

static void set_reason(struct pref_buf *why, const char *format, va_list args)
{
    char text[512];
    int n = vsnprintf(text, sizeof text, format, args);
    pref_buf_clear(why);
    if (n > 0)
        pref_buf_add(why, text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

/* Whether anybody will read why a record was rejected. */
static int is_told(const struct engine *engine)
{
    return engine->rejects != NULL;
}

enum pref_verdict pref_reject(struct pref_job *job, const char *format, ...)
{
    va_list args;
    if (!is_told(job->engine))
        return PREF_REJECT;
    va_start(args, format);
    set_reason(&job->why, format, args);
    va_end(args);
    return PREF_REJECT;
}

enum pref_verdict pref_malformed(struct pref_job *job, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set_reason(&job->why, format, args);
    va_end(args);
    return PREF_MALFORMED;
}

enum pref_verdict pref_missing(struct pref_job *job, const char *field)
{
    const struct engine *engine = job->engine;
    job->missing = 1;
    switch (engine->config->if_missing) {
    case PREF_MISSING_REJECT: return pref_reject(job, "no '%s'", field);
    case PREF_MISSING_ERROR: return pref_malformed(job, "field '%s' is missing", field);
    default: return PREF_PASS;
    }
}

enum pref_verdict pref_later(struct pref_job *job, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set_reason(&job->why, format, args);
    va_end(args);
    job->later = 1;
    return PREF_REJECT;
}

enum pref_verdict pref_unanswered(struct pref_job *job)
{
    return pref_later(job, "unanswered");
}

void *pref_job_alloc(struct pref_job *job, size_t size)
{
    return batch_alloc(job->batch, size);
}

void *pref_job_room(struct pref_job *job, size_t size)
{
    return batch_room(job->batch, size);
}

enum pref_verdict pref_annotate(struct pref_job *job, const char *name, pref_place place,
                                const char *const *keys, struct pref_span json)
{
    const struct pref_hit *old = pref_doc_at(job->doc, place);
    if (old != NULL && old->type != PREF_NULL &&
        (old->type != PREF_OBJECT ||
         !pref_object_is_own(pref_hit_span(job->doc, old), keys[0], keys)))
        return pref_malformed(job, "key '%s' holds something else: name another with --as KEY",
                              name);
    if (json.ptr != NULL)
        pref_edit_put(&job->edits, name, old, json);
    return PREF_PASS;
}

/* ---- commit -------------------------------------------------------------------------------- */

int pref_row_is_told(const struct pref_row *row)
{
    return is_told(row->engine);
}

enum pref_verdict pref_row_reject(struct pref_row *row, const char *format, ...)
{
    va_list args;
    if (!is_told(row->engine))
        return PREF_REJECT;
    va_start(args, format);
    set_reason(row->why, format, args);
    va_end(args);
    return PREF_REJECT;
}

struct pref_span pref_row_text(const struct pref_row *row)
{
    const struct batch *batch = row->batch;
    const struct row *inner = &batch->rows[row->index];
    struct pref_buf *text = &((struct engine *)row->engine)->row_text;
    const char *block = batch->block.ptr;
    if (!(inner->flags & ROW_EDITED))
        return row->line;
    pref_buf_clear(text);
    pref_buf_add(text, block + inner->start, inner->from - inner->start);
    pref_buf_add(text, batch->text.ptr + inner->text, inner->text_len);
    pref_buf_add(text, block + inner->to, inner->start + inner->len + 1 - inner->to);
    return (struct pref_span){text->ptr, text->failed ? 0 : text->len - 1};
}

struct pref_job *pref_row_job(struct pref_row *row)
{
    struct engine *engine = row->engine;
    struct worker *worker = &engine->workers[engine->threads];
    struct pref_fault fault;
    if (pref_scan(worker->scanner, row->line.ptr, row->line.len, worker->doc, &fault) != 0) {
        pref_fault_text(engine->now.shape, &fault, row->err);
        return NULL;
    }
    pref_edits_begin(&worker->job.edits, worker->doc);
    engine->row_job = 1;
    return &worker->job;
}

/* ---- Reading again ------------------------------------------------------------------------- */

int pref_open_rereads(struct pref_opening *opening, struct pref_rereads **rereads,
                      struct pref_err *err)
{
    struct engine *engine = opening->engine;
    int status = engine->rereads == NULL ? pref_rereads_new(&engine->rereads, err) : PREF_OK;
    *rereads = engine->rereads;
    return status;
}

uint64_t pref_row_place(const struct pref_row *row)
{
    const struct engine *engine = row->engine;
    const struct batch *batch = row->batch;
    return pref_source_place(engine->now.source, batch->file,
                             batch->at + batch->rows[row->index].start, row->line.len);
}

/* ---- Side outputs -------------------------------------------------------------------------- */

int pref_open_side(struct pref_opening *opening, const char *option, const char *path,
                   struct pref_side **side, struct pref_err *err)
{
    struct engine *engine = opening->engine;
    struct pref_side *made = calloc(1, sizeof *made);
    if (made == NULL)
        return pref_fail_memory(err, "a side output");
    made->option = option;
    made->path = path;
    made->next = engine->sides;
    engine->sides = made; /* opened by the engine, once every option is known to be right */
    *side = made;
    return PREF_OK;
}

int pref_side_write(struct pref_side *side, struct pref_span line, struct pref_err *err)
{
    pref_buf_clear(&side->line);
    pref_buf_add_span(&side->line, line);
    pref_buf_add_byte(&side->line, '\n');
    if (side->line.failed)
        return pref_fail_memory(err, "a side output");
    return pref_sink_write(side->sink, side->line.ptr, side->line.len, err);
}

/* ---- Reports ------------------------------------------------------------------------------- */

void pref_report_json(struct pref_report *report, const char *name, struct pref_span json)
{
    if (json.ptr == NULL)
        report->json.failed = 1; /* of a buffer that ran out of memory */
    pref_buf_add_byte(&report->json, ',');
    pref_buf_add_json(&report->json, pref_span_of(name));
    pref_buf_add_byte(&report->json, ':');
    pref_buf_add_span(&report->json, json);
}

void pref_report_count(struct pref_report *report, const char *name, uint64_t count)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%llu", (unsigned long long)count);
    pref_report_json(report, name, pref_span_of(digits));
}

void pref_report_warn(struct pref_report *report, const char *format, ...)
{
    struct pref_err sentence;
    va_list args;
    if (report->warn == NULL)
        return;
    va_start(args, format);
    vsnprintf(sentence.text, sizeof sentence.text, format, args);
    va_end(args);
    report->warn(report->user, sentence.text);
}
