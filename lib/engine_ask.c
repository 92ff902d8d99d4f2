/* SPDX-License-Identifier: Apache-2.0 */
/* engine_ask.c - suspended records: their questions go to the oracle, its answers to them. One
 * thread at a time is here (engine->pumping). */
#include "config.h"

#include "engine.h"

#include <unistd.h>

/* Who asked: lives in the batch's own memory until the batch is committed. */
struct asker {
    struct engine *engine;
    struct batch *batch;
    size_t row;
};

void engine_wake(struct engine *engine)
{
    if (engine->oracle != NULL) {
        ssize_t ignored = write(engine->wake[1], "", 1); /* full is as good: the pump is awake */
        (void)ignored;
    }
}

/* Give the record an answer; it asks on, or knows enough. */
static int advance(struct asker *asker, enum pref_answer answer)
{
    struct engine *engine = asker->engine;
    struct pref_buf *question = &engine->question;
    void *note = batch_note(engine, asker->batch, asker->row);
    pref_buf_clear(question);
    enum pref_verdict verdict = engine->filter->ask(engine->self, note, answer, question);
    if (question->failed)
        return pref_fail_memory(&engine->ask_err, "a question");
    if (verdict == PREF_ASK)
        return pref_oracle_ask(engine->oracle, pref_buf_span(question), asker, &engine->ask_err);
    asker->batch->suspended--;
    return PREF_OK;
}

static void told(void *user, void *tag, enum pref_answer answer, unsigned asked)
{
    struct engine *engine = user;
    (void)asked;
    int status = advance(tag, answer);
    if (status != PREF_OK && engine->ask_status == PREF_OK)
        engine->ask_status = status;
}

/* Put the first questions of a batch that was mapped since the last pump. */
static int start_batch(struct engine *engine, struct batch *batch)
{
    batch->asked = 1;
    for (size_t i = 0; i < batch->count; i++) {
        if (!(batch->rows[i].flags & ROW_SUSPENDED))
            continue;
        struct asker *asker = batch_alloc(batch, sizeof *asker);
        if (asker == NULL)
            return pref_fail_memory(&engine->ask_err, "a question");
        *asker = (struct asker){.engine = engine, .batch = batch, .row = i};
        int status = advance(asker, PREF_ANSWER_FIRST);
        if (status != PREF_OK)
            return status;
    }
    return PREF_OK;
}

static void drain_wakes(struct engine *engine)
{
    char bytes[256];
    while (read(engine->wake[0], bytes, sizeof bytes) == (ssize_t)sizeof bytes)
        continue;
}

int engine_pump(struct engine *engine, struct batch *const *fresh, size_t count, int wait_ms,
                int input_fd, struct pref_err *err)
{
    int status = PREF_OK;
    drain_wakes(engine);
    for (size_t i = 0; i < count && status == PREF_OK; i++)
        status = start_batch(engine, fresh[i]);
    if (status == PREF_OK && pref_oracle_pending(engine->oracle) > 0) {
        int fds[2] = {engine->wake[0], input_fd};
        status = pref_oracle_pump(engine->oracle, wait_ms, fds, told, engine, &engine->ask_err);
    }
    if (status == PREF_OK)
        status = engine->ask_status;
    if (status != PREF_OK)
        *err = engine->ask_err;
    return status;
}
