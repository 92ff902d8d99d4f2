/* SPDX-License-Identifier: Apache-2.0 */
/* engine.c - the loop that every thread of a run turns in. */
#include "config.h"

#include "engine.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>

#define KEEP_BYTES ((size_t)2 << 20) /* what each buffer of an idle batch may hold on to */

static struct batch *slot(struct engine *engine, uint64_t number)
{
    return engine->ring[number % engine->slots];
}

/* Take a batch for the next slot: the one put away last, whose memory is still in the cache. */
static struct batch *take_idle(struct engine *engine)
{
    struct batch *batch = engine->idle;
    engine->idle = batch->next;
    engine->ring[engine->next_read++ % engine->slots] = batch;
    return batch;
}

static void put_away(struct engine *engine, struct batch *batch)
{
    batch->state = BATCH_FREE;
    batch->next = engine->idle;
    engine->idle = batch;
}

/* The oldest batch in a state, or NULL. */
static struct batch *find(struct engine *engine, enum batch_state state)
{
    for (uint64_t i = engine->next_commit; i < engine->next_read; i++)
        if (slot(engine, i)->state == state)
            return slot(engine, i);
    return NULL;
}

static int is_readable(int fd)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    return fd >= 0 && poll(&poll_fd, 1, 0) > 0;
}

/* The run is over with a failure; the first one counts. */
static void fail(struct engine *engine, int status, const struct pref_err *err)
{
    if (engine->status == PREF_OK) {
        engine->status = status;
        engine->err = *err;
    }
}

static void turn(struct engine *engine)
{
    pthread_cond_broadcast(&engine->turned);
    engine_wake(engine);
}

/* ---- Steps: called and left with the lock held, working without it --------------------------- */

static void step_commit(struct engine *engine, struct batch *batch)
{
    struct pref_err err = {{0}};
    const struct pref_config *config = engine->config;
    engine->committing = 1;
    batch->state = BATCH_BUSY;
    pthread_mutex_unlock(&engine->lock);
    int status = batch_commit(engine, batch, &err);
    int parts_left = status == PREF_OK && batch->mapped < batch->block.len;
    if (parts_left)
        batch_next_part(batch, KEEP_BYTES);
    else
        batch_empty(batch, KEEP_BYTES);
    if (config->tick != NULL) {
        uint64_t total = 0, bytes = pref_source_bytes(engine->now.source, &total);
        config->tick(config->tick_user, engine->now.counts, bytes, total);
    }
    pthread_mutex_lock(&engine->lock);
    engine->committing = 0;
    if (parts_left) {
        batch->state = BATCH_FILLED;
    } else {
        engine->held -= batch->held;
        engine->next_commit++;
        put_away(engine, batch);
    }
    if (status != PREF_OK)
        fail(engine, status, &err);
}

static void step_map(struct engine *engine, struct worker *worker, struct batch *batch)
{
    int resumes = batch->state == BATCH_ANSWERED;
    batch->state = BATCH_BUSY;
    pthread_mutex_unlock(&engine->lock);
    int status = resumes ? batch_resume(engine, worker, batch) : batch_map(engine, worker, batch);
    pthread_mutex_lock(&engine->lock);
    batch->state = batch->suspended > 0 ? BATCH_ASKING : BATCH_READY;
    if (status != PREF_OK)
        fail(engine, status, &worker->err);
}

/* Compress a frame of output, or decompress one of input. */
static void step_help(struct engine *engine, struct pref_crew *crew)
{
    pthread_mutex_unlock(&engine->lock);
    pref_crew_help(crew);
    pthread_mutex_lock(&engine->lock);
}

static void step_read(struct engine *engine)
{
    struct batch *batch = take_idle(engine);
    int filled = 0;
    engine->reading = 1;
    batch->state = BATCH_BUSY;
    pthread_mutex_unlock(&engine->lock);
    struct pref_err err = {{0}};
    int status = batch_fill(engine, batch, &filled, &err);
    pthread_mutex_lock(&engine->lock);
    engine->reading = 0;
    batch->state = BATCH_FILLED;
    batch->held = batch->block.len;
    if (status == PREF_OK && filled) {
        engine->held += batch->held;
        return;
    }
    engine->input_done = 1;
    engine->next_read--;
    put_away(engine, batch);
    if (status == PREF_LATER)
        fail(engine, status, &err);
    engine->read_status = status;
    engine->read_err = err;
}

/* Records in batches that wait for answers. */
static size_t rows_asking(const struct engine *engine)
{
    size_t rows = 0;
    for (uint64_t i = engine->next_commit; i < engine->next_read; i++) {
        const struct batch *batch = engine->ring[i % engine->slots];
        rows += batch->state == BATCH_ASKING ? batch->count : 0;
    }
    return rows;
}

/* Nobody is reading, there is a free slot to read into, and neither long lines nor many records
 * that wait have filled the ring's memory before its slots. */
static int has_room(const struct engine *engine)
{
    return !engine->reading && !engine->input_done &&
           engine->next_read - engine->next_commit < engine->slots &&
           engine->held < engine->window &&
           (engine->oracle == NULL || rows_asking(engine) < ENGINE_ROWS_ASKING);
}

/* Records wait for answers: input is then read only where it does not block. */
static int may_read(struct engine *engine)
{
    if (!has_room(engine))
        return 0;
    if (engine->oracle == NULL || find(engine, BATCH_ASKING) == NULL)
        return 1;
    int fd = pref_source_poll_fd(engine->now.source);
    return fd < 0 || is_readable(fd);
}

/* Fewer batches are read than there are threads: one that finished mapping would wait for whoever
 * reads just then, and a wait costs more than a read. Only where reading cannot block. */
static int wants_more(struct engine *engine)
{
    size_t filled = 0;
    if (engine->oracle != NULL || !has_room(engine) ||
        pref_source_poll_fd(engine->now.source) >= 0)
        return 0;
    for (uint64_t i = engine->next_commit; i < engine->next_read; i++)
        filled += slot(engine, i)->state == BATCH_FILLED;
    return filled < engine->threads;
}

/* There is a place for one more frame to be compressed, or a finished one can make it: whoever
 * commits need not wait for others. */
static int press_has_room(const struct engine *engine)
{
    return !pref_press_full(engine->press) || pref_press_ready(engine->press);
}

/* Frames of input were read that nobody has begun to decompress. */
static int ahead_wants(const struct engine *engine)
{
    return engine->ahead != NULL && pref_crew_wants(pref_ahead_crew(engine->ahead));
}

/* Whether all records of a batch that may ask are known: none is in the hands of a thread, or in
 * what is not mapped yet. */
static int is_known(const struct batch *batch)
{
    return batch->state != BATCH_BUSY && batch->state != BATCH_FILLED &&
           batch->mapped == batch->block.len;
}

/* The batches whose first questions are to be put. Where a budget grants them in input order, a
 * batch comes after all the records before it. */
static size_t find_fresh(struct engine *engine, struct batch *fresh[ENGINE_SLOTS_ASKING])
{
    size_t count = 0;
    for (uint64_t i = engine->next_commit; i < engine->next_read; i++) {
        struct batch *batch = slot(engine, i);
        if (batch->state == BATCH_ASKING && !batch->asked)
            fresh[count++] = batch;
        if (engine->budget.limit > 0 && !is_known(batch))
            break;
    }
    return count;
}

/* Records wait for answers, and there is a first question to put or an answer to wait for. */
static int is_asking(struct engine *engine)
{
    struct batch *fresh[ENGINE_SLOTS_ASKING];
    return engine->pumping || (find(engine, BATCH_ASKING) != NULL &&
                               (pref_oracle_pending(engine->oracle) > 0 ||
                                find_fresh(engine, fresh) > 0));
}

/* Nothing leaves while it is not known whether the oracle's command can be started at all. */
static int may_commit(struct engine *engine)
{
    return !engine->committing && engine->next_commit < engine->next_read &&
           slot(engine, engine->next_commit)->state == BATCH_READY && press_has_room(engine) &&
           (engine->oracle == NULL || engine->heard || !is_asking(engine));
}

static void step_pump(struct engine *engine)
{
    struct pref_err err = {{0}};
    struct batch *fresh[ENGINE_SLOTS_ASKING];
    engine_forget_wakes(engine);
    size_t count = find_fresh(engine, fresh);
    int input_fd = has_room(engine) ? pref_source_poll_fd(engine->now.source) : -1;
    engine->pumping = 1;
    pthread_mutex_unlock(&engine->lock);
    int status = engine_pump(engine, fresh, count, -1, input_fd, &err);
    pthread_mutex_lock(&engine->lock);
    engine->pumping = 0;
    engine->heard |= pref_oracle_heard(engine->oracle);
    for (uint64_t i = engine->next_commit; i < engine->next_read; i++) {
        struct batch *batch = slot(engine, i);
        if (batch->state == BATCH_ASKING && batch->asked && batch->suspended == 0)
            batch->state = BATCH_ANSWERED;
    }
    if (status != PREF_OK)
        fail(engine, status, &err);
}

/* Take the most urgent step there is, or wait for one. 0 when there is nothing left to do. */
static int step(struct engine *engine, struct worker *worker)
{
    struct batch *batch;
    struct pref_err stop = {"stopped by a signal"};
    if (engine->status == PREF_OK && is_readable(engine->config->stop_fd))
        fail(engine, PREF_LATER, &stop);
    if (engine->status != PREF_OK)
        return 0;
    if (may_commit(engine))
        step_commit(engine, slot(engine, engine->next_commit));
    else if (pref_crew_wants(pref_press_crew(engine->press)))
        step_help(engine, pref_press_crew(engine->press));
    else if (wants_more(engine))
        step_read(engine);
    else if ((batch = find(engine, BATCH_ANSWERED)) != NULL ||
             (batch = find(engine, BATCH_FILLED)) != NULL)
        step_map(engine, worker, batch);
    else if (may_read(engine))
        step_read(engine);
    else if (ahead_wants(engine))
        step_help(engine, pref_ahead_crew(engine->ahead));
    else if (engine->oracle != NULL && !engine->pumping && is_asking(engine))
        step_pump(engine);
    else if (engine->input_done && engine->next_commit == engine->next_read)
        return 0;
    else {
        pthread_cond_wait(&engine->turned, &engine->lock);
        return 1;
    }
    turn(engine);
    return 1;
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    struct engine *engine = worker->engine;
    pthread_mutex_lock(&engine->lock);
    while (step(engine, worker))
        continue;
    turn(engine);
    pthread_mutex_unlock(&engine->lock);
    return NULL;
}

unsigned engine_spawn(struct engine *engine, pthread_t *threads, void *(*run)(void *worker))
{
    sigset_t all, old;
    unsigned spawned = 0;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    for (unsigned i = 1; i < engine->threads; i++) {
        if (pthread_create(&threads[spawned], NULL, run, &engine->workers[i]) != 0)
            break; /* the fewer do the same work */
        spawned++;
    }
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return spawned;
}

int engine_pass(struct engine *engine, enum phase phase, struct pref_err *err)
{
    pthread_t threads[PREF_THREADS_MAX];
    engine->phase = phase;
    engine->next_read = engine->next_commit = 0;
    engine->held = 0;
    engine->input_done = engine->read_status = 0;
    engine->fresh = 1;
    engine->between = engine->drained = engine->in_overlong = 0;
    engine->line = 0;
    engine->ordinal = 0;
    pref_buf_clear(&engine->carry);
    unsigned spawned = engine_spawn(engine, threads, work);
    work(&engine->workers[0]);
    for (unsigned i = 0; i < spawned; i++)
        pthread_join(threads[i], NULL);
    if (engine->status == PREF_OK && engine->read_status != PREF_OK)
        fail(engine, engine->read_status, &engine->read_err);
    if (engine->status != PREF_OK)
        *err = engine->err;
    return engine->status;
}
