/* SPDX-License-Identifier: Apache-2.0 */
/* open.c - what a run needs is checked, opened and closed. */
#include "config.h"

#include "engine.h"
#include "lib/stream/target_name.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK_BYTES ((size_t)512 << 10)
#define QUESTIONS_IN_FLIGHT 256 /* at one process, where the filter does not say */
#define BLOCK_BYTES_ASKING ((size_t)256 << 10)
#define WINDOW_EXTRA ((size_t)8 << 20) /* bytes of long lines in the ring beside its usual blocks */
#define SPARE_SLOTS 8 /* batches that wait to be mapped or committed, at most */
#define AHEAD_MOST 8    /* frames of input to decompress at once; */
#define AHEAD_PACKING 2 /* and where output is compressed, which takes five times as long */
#define LEVEL_MAX 19 /* beyond, zstd needs far more memory on either side */

/* For filters that name a command and leave the rest to us. */
#define ORACLE_WINDOW 64
#define ORACLE_TIMEOUT_MS 60000
#define ORACLE_RETRIES 2

/* ---- Options of the engine's own ------------------------------------------------------------- */

/* --max-errors N or P%. */
static int read_max_errors(struct engine *engine, struct pref_err *err)
{
    const char *text = engine->config->max_errors;
    if (text == NULL)
        return PREF_OK;
    size_t n = strlen(text);
    if (n > 0 && text[n - 1] == '%') {
        struct pref_share share;
        if (pref_share_parse(pref_span_of(text), &share, NULL) == PREF_OK) {
            engine->errors_limit = 2;
            engine->errors_share = share;
            return PREF_OK;
        }
    } else if (n > 0 && n < 19 && strspn(text, "0123456789") == n) {
        engine->errors_limit = 1;
        engine->errors_max = strtoull(text, NULL, 10);
        return PREF_OK;
    }
    return pref_usage(err, "--max-errors: '%s', expected a count or a percentage such as 1%%",
                      text);
}

static int check_config(const struct engine *engine, struct pref_err *err)
{
    const struct pref_config *config = engine->config;
    if (config->threads < 1 || config->threads > PREF_THREADS_MAX)
        return pref_usage(err, "--threads: expected 1 to %d", PREF_THREADS_MAX);
    if (config->max_line < 2 || config->max_line > PREF_MAX_LINE_LIMIT)
        return pref_usage(err, "--max-line: expected 2 to %llu bytes",
                          (unsigned long long)PREF_MAX_LINE_LIMIT);
    if (config->level < 1 || config->level > LEVEL_MAX)
        return pref_usage(err, "--level: expected 1 to %d", LEVEL_MAX);
    if ((config->fit != NULL || config->use.count > 0) && !(engine->filter->traits & PREF_FITS))
        return pref_usage(err, "%s learns nothing that a fit could hold", engine->filter->name);
    return PREF_OK;
}

/* ---- Parts ----------------------------------------------------------------------------------- */

/* A shape that has the id, by which messages name a record. */
static struct pref_shape *new_shape(const struct engine *engine, pref_place *id)
{
    struct pref_shape *shape = pref_shape_new();
    if (shape == NULL)
        return NULL;
    *id = pref_shape_field(shape, engine->config->common.names.id);
    pref_shape_demand(shape, *id, PREF_IS(PREF_STRING) | PREF_IS(PREF_NUMBER), 0);
    return shape;
}

static int open_shape(struct engine *engine, struct pref_err *err)
{
    struct pref_shape *shape = engine->now.shape = new_shape(engine, &engine->now.id);
    engine->side_shape = new_shape(engine, &engine->aside.id);
    if (shape == NULL || engine->side_shape == NULL)
        return pref_fail_memory(err, "a shape");
    engine->reject = pref_shape_field(shape, "reject");
    /* A null is replaced, not joined by a second key. */
    pref_shape_demand(shape, engine->reject, PREF_IS_ANY, PREF_NULL_IS_VALUE);
    engine->opening = (struct pref_opening){.shape = shape,
                                            .side_shape = engine->side_shape,
                                            .common = &engine->config->common,
                                            .press = engine->press,
                                            .stop_fd = engine->config->stop_fd,
                                            .to_fit = engine->config->fit != NULL,
                                            .from_fits = engine->config->use.count,
                                            .engine = engine};
    engine->opening.oracle = (struct pref_oracle_config){.jobs = 1,
                                                         .timeout_ms = ORACLE_TIMEOUT_MS,
                                                         .retries = ORACLE_RETRIES,
                                                         .window = ORACLE_WINDOW,
                                                         .repeat = 1,
                                                         .stop_fd = engine->config->stop_fd};
    int status = engine->filter->open == NULL
                     ? PREF_OK
                     : engine->filter->open(engine->self, &engine->opening, err);
    return status != PREF_OK ? status : pref_shape_check(shape, err);
}

/* Nobody may think that something was read which was not. */
static int check_unread(const struct engine *engine, struct pref_err *err)
{
    const struct pref_config *config = engine->config;
    if (!engine->opening.no_records || (config->inputs.count == 0 && config->after == NULL))
        return PREF_OK;
    return pref_usage(err, "%s%s: no record is read here",
                      config->inputs.count > 0 ? "" : "--after ",
                      config->inputs.count > 0 ? config->inputs.text[0] : config->after);
}

/* A function that this run will call and that is not there is an error now, not a crash later. */
static int check_filter(const struct engine *engine, struct pref_err *err)
{
    const struct pref_filter *filter = engine->filter;
    const char *missing = NULL;
    if (engine->opening.learns && (filter->learn == NULL || filter->absorb == NULL))
        missing = "learns, but lacks learn or absorb";
    else if (engine->opening.side_inputs.count > 0 &&
             (filter->study == NULL || filter->gather == NULL))
        missing = "names side inputs, but lacks study or gather";
    else if (engine->opening.oracle.command != NULL &&
             (filter->ask == NULL || filter->resume == NULL))
        missing = "names an oracle, but lacks ask or resume";
    else if (engine->opening.budget > 0 && filter->most == NULL)
        missing = "has a budget, but lacks most";
    else if ((filter->traits & PREF_FITS) && (filter->save == NULL || filter->load == NULL))
        missing = "fits, but lacks save or load";
    else if ((filter->enter == NULL) != (filter->leave == NULL))
        missing = "has one of enter and leave, but lacks the other";
    return missing == NULL ? PREF_OK : pref_usage(err, "the filter %s %s", filter->name, missing);
}

/* A frame a thread; of many threads some have other things to do, and the bound on memory, which
 * grows by one frame's plain bytes a thread, has no room for all of them to compress at once. */
static int open_press(struct engine *engine, struct pref_err *err)
{
    size_t threads = (size_t)engine->config->threads;
    size_t frames = threads < 2 + threads / 2 ? threads : 2 + threads / 2;
    return pref_press_new(&engine->press, frames, err);
}

/* Whether something that is written may be compressed: then most of the work and memory goes there.
 * A filter that has an output of its own in place of the engine's is taken to. */
static int packs(const struct engine *engine)
{
    const struct pref_config *config = engine->config;
    int any = config->silent_output || pref_sink_packs(config->output) ||
              pref_sink_packs(config->rejects) || pref_sink_packs(config->malformed);
    for (const struct pref_side *side = engine->sides; side != NULL; side = side->next)
        any |= pref_sink_packs(side->path);
    return any;
}

/* Alone, a thread decompresses as it reads. */
static int open_ahead(struct engine *engine, struct pref_err *err)
{
    size_t threads = (size_t)engine->config->threads;
    size_t most = packs(engine) ? AHEAD_PACKING : AHEAD_MOST;
    if (threads == 1)
        return PREF_OK;
    return pref_ahead_new(&engine->ahead, threads < most ? threads : most, err);
}

static int open_sink(struct engine *engine, struct pref_sink **sink, const char *name,
                     unsigned flags, struct pref_err *err)
{
    const struct pref_config *config = engine->config;
    struct pref_sink_config sink_config = {
        .name = name, .flags = flags, .level = (int)config->level, .stop_fd = config->stop_fd,
        .press = engine->press};
    return pref_sink_open(sink, &sink_config, err);
}

static int open_sinks(struct engine *engine, struct pref_err *err)
{
    const struct pref_config *config = engine->config;
    int status = PREF_OK;
    if (!config->silent_output && config->fit == NULL)
        status = open_sink(engine, &engine->out, config->output, PREF_SINK_ATOMIC, err);
    if (status == PREF_OK && config->rejects != NULL)
        status = open_sink(engine, &engine->rejects, config->rejects, PREF_SINK_IN_PLACE, err);
    if (status == PREF_OK && config->malformed != NULL)
        status = open_sink(engine, &engine->malformed, config->malformed, PREF_SINK_IN_PLACE, err);
    for (struct pref_side *side = engine->sides; side != NULL && status == PREF_OK;
         side = side->next)
        status = open_sink(engine, &side->sink, side->path, PREF_SINK_IN_PLACE, err);
    return status;
}

static int open_oracle(struct engine *engine, struct pref_err *err)
{
    if (engine->opening.oracle.command == NULL)
        return PREF_OK;
    if (pipe(engine->wake) != 0)
        return pref_fail_errno(err, errno, "cannot make a pipe");
    for (int i = 0; i < 2; i++) {
        fcntl(engine->wake[i], F_SETFL, O_NONBLOCK);
        fcntl(engine->wake[i], F_SETFD, FD_CLOEXEC);
    }
    engine->budget.limit = engine->opening.budget;
    if (engine->opening.oracle.window == 0)
        engine->opening.oracle.window = QUESTIONS_IN_FLIGHT;
    return pref_oracle_open(&engine->oracle, &engine->opening.oracle, err);
}

/* From now on records are scanned for this shape. */
int engine_scan_with(struct engine *engine, struct pref_shape *shape, struct pref_err *err)
{
    for (unsigned i = 0; i <= engine->threads; i++) {
        struct worker *worker = &engine->workers[i];
        pref_scanner_free(worker->scanner);
        worker->scanner = pref_scanner_new(shape);
        if (worker->scanner == NULL)
            return pref_fail_memory(err, "a thread");
    }
    return PREF_OK;
}

static int open_worker(struct engine *engine, struct worker *worker, struct pref_err *err)
{
    worker->engine = engine;
    worker->unseen = engine->awaited;
    worker->doc = malloc(sizeof *worker->doc);
    worker->job.keys = pref_key_scratch_new();
    worker->job.doc = worker->doc;
    worker->job.err = &worker->err;
    worker->job.engine = engine;
    if (worker->doc == NULL || worker->job.keys == NULL)
        return pref_fail_memory(err, "a thread");
    return engine->filter->enter == NULL
               ? PREF_OK
               : engine->filter->enter(engine->self, &worker->job.own, err);
}

/* One worker a thread, and one more for whoever commits. */
static int open_workers(struct engine *engine, struct pref_err *err)
{
    engine->threads = (unsigned)engine->config->threads;
    unsigned spare = engine->threads < SPARE_SLOTS ? engine->threads : SPARE_SLOTS;
    engine->slots = engine->oracle != NULL ? ENGINE_SLOTS_ASKING : engine->threads + spare + 1;
    engine->block_size = engine->oracle != NULL ? BLOCK_BYTES_ASKING : BLOCK_BYTES;
    engine->window = engine->slots * engine->block_size + WINDOW_EXTRA;
    engine->batches = calloc(engine->slots, sizeof *engine->batches);
    engine->ring = calloc(engine->slots, sizeof *engine->ring);
    engine->workers = calloc(engine->threads + 1, sizeof *engine->workers);
    if (engine->batches == NULL || engine->ring == NULL || engine->workers == NULL)
        return pref_fail_memory(err, "the threads");
    for (unsigned i = engine->slots; i-- > 0;) {
        engine->batches[i].next = engine->idle;
        engine->idle = &engine->batches[i];
    }
    int status = PREF_OK;
    for (unsigned i = 0; i <= engine->threads && status == PREF_OK; i++)
        status = open_worker(engine, &engine->workers[i], err);
    return status == PREF_OK ? engine_scan_with(engine, engine->now.shape, err) : status;
}

/* The fits given stand for the first steps of learning, and --fit for the next one. */
static int check_steps(struct engine *engine, struct pref_err *err)
{
    const struct pref_config *config = engine->config;
    engine->steps = engine->opening.learns;
    if (engine->steps == 0 && (config->use.count > 0 || config->fit != NULL))
        return pref_usage(err, "--%s: with these options nothing is learnt",
                          config->fit != NULL ? "fit" : "use");
    if (config->use.count > engine->steps)
        return pref_usage(err, "--use: %zu fits, expected at most %u here", config->use.count,
                          engine->steps);
    if (config->fit != NULL && config->use.count == engine->steps)
        return pref_usage(err, "--fit: nothing is left to learn");
    return PREF_OK;
}

int engine_open(struct engine *engine, struct pref_err *err)
{
    const struct pref_config *config = engine->config;
    engine->wake[0] = engine->wake[1] = -1;
    pthread_mutex_init(&engine->lock, NULL);
    pthread_cond_init(&engine->turned, NULL);
    if (config->summary != NULL && config->after != NULL &&
        pref_target_is_same(config->summary, config->after))
        return pref_usage(err, "--summary and --after are one file, '%s'", config->after);
    int status = engine_forget_summary(engine, err);
    if (status == PREF_OK)
        status = check_config(engine, err);
    if (status == PREF_OK)
        status = read_max_errors(engine, err);
    if (status == PREF_OK)
        status = open_press(engine, err);
    if (status == PREF_OK)
        status = open_shape(engine, err);
    if (status != PREF_OK)
        return status;
    status = check_filter(engine, err);
    if (status == PREF_OK)
        status = check_unread(engine, err);
    if (status == PREF_OK)
        status = check_steps(engine, err);
    if (status == PREF_OK)
        status = open_ahead(engine, err);
    if (status != PREF_OK)
        return status;
    struct pref_source_config source = {
        .names = config->inputs.text,
        .count = config->inputs.count,
        .expected = config->expected,
        .replay = config->fit == NULL && engine->steps > config->use.count,
        .long_windows = config->long_windows,
        .ahead = engine->ahead,
        .rereads = engine->rereads,
        .stop_fd = config->stop_fd};
    status = pref_source_open(&engine->now.source, &source, err);
    if (status == PREF_OK)
        status = engine_open_side(engine, err);
    if (status == PREF_OK)
        status = engine_check_targets(engine, err);
    if (status == PREF_OK)
        status = open_oracle(engine, err);
    if (status == PREF_OK)
        status = open_sinks(engine, err);
    return status == PREF_OK ? open_workers(engine, err) : status;
}

/* ---- Closing --------------------------------------------------------------------------------- */

static void close_worker(const struct pref_filter *filter, struct worker *worker)
{
    if (worker->job.own != NULL)
        filter->leave(worker->job.own);
    pref_scanner_free(worker->scanner);
    free(worker->doc);
    pref_key_scratch_free(worker->job.keys);
    pref_edits_release(&worker->job.edits);
    pref_buf_release(&worker->job.why);
    for (size_t i = 0; i < sizeof worker->job.scratch / sizeof worker->job.scratch[0]; i++)
        pref_buf_release(&worker->job.scratch[i]);
}

void engine_close(struct engine *engine)
{
    if (engine->oracle != NULL)
        pref_oracle_close(engine->oracle);
    for (int i = 0; i < 2; i++)
        if (engine->wake[i] >= 0)
            close(engine->wake[i]);
    pref_sink_abort(engine->out);
    pref_sink_abort(engine->rejects);
    pref_sink_abort(engine->malformed);
    while (engine->sides != NULL) {
        struct pref_side *side = engine->sides;
        engine->sides = side->next;
        pref_sink_abort(side->sink);
        pref_buf_release(&side->line);
        free(side);
    }
    while (engine->side_files != NULL) {
        struct side_file *file = engine->side_files;
        engine->side_files = file->next;
        free(file);
    }
    for (unsigned i = 0; engine->workers != NULL && i <= engine->threads; i++)
        close_worker(engine->filter, &engine->workers[i]);
    for (unsigned i = 0; engine->batches != NULL && i < engine->slots; i++)
        batch_release(&engine->batches[i]);
    free(engine->workers);
    free(engine->batches);
    free(engine->ring);
    pref_source_close(engine->now.source);
    pref_source_close(engine->aside.source);
    pref_ahead_free(engine->ahead);
    pref_rereads_free(engine->rereads);
    pref_shape_free(engine->now.shape);
    pref_shape_free(engine->side_shape);
    pref_buf_release(&engine->carry);
    pref_buf_release(&engine->why);
    pref_buf_release(&engine->question);
    pref_buf_release(&engine->row_text);
    pthread_mutex_destroy(&engine->lock);
    pthread_cond_destroy(&engine->turned);
}
