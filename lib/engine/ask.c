/* SPDX-License-Identifier: Apache-2.0 */
/* ask.c - suspended records: their questions go to the oracle, its answers to them. One
 * thread at a time is here (engine->pumping). */
#include "config.h"

#include "engine.h"

#include <unistd.h>

/* Who asks: lives in the batch's own memory until the batch is committed. */
struct asker {
    struct engine *engine;
    struct batch *batch;
    size_t row;
    uint64_t left;      /* questions of the budget that are open to it */
    struct asker *next; /* among those that wait for the budget */
};

void engine_wake(struct engine *engine)
{
    if (engine->oracle != NULL) {
        ssize_t ignored = write(engine->wake[1], "", 1); /* full is as good: the pump is awake */
        (void)ignored;
    }
}

void engine_forget_wakes(struct engine *engine)
{
    char bytes[256];
    while (read(engine->wake[0], bytes, sizeof bytes) == (ssize_t)sizeof bytes)
        continue;
}

/* Give the record an answer; it asks on, or knows enough: *ends is then 1. */
static int advance(struct asker *asker, enum pref_answer answer, int *ends)
{
    struct engine *engine = asker->engine;
    struct pref_buf *question = &engine->question;
    void *note = batch_note(engine, asker->batch, asker->row);
    pref_buf_clear(question);
    enum pref_verdict verdict = engine->filter->ask(engine->self, note, answer, question);
    *ends = verdict != PREF_ASK;
    if (question->failed)
        return pref_fail_memory(&engine->ask_err, "a question");
    if (verdict == PREF_ASK)
        return pref_oracle_ask(engine->oracle, pref_buf_span(question), asker, &engine->ask_err);
    asker->batch->suspended--;
    return PREF_OK;
}

/* ---- The budget ------------------------------------------------------------------------------ */

static void wait_for_budget(struct engine *engine, struct asker *asker)
{
    if (engine->first == NULL)
        engine->first = asker;
    else
        engine->last->next = asker;
    engine->last = asker;
}

/* Begin a record that was granted the most it may ask. */
static int begin(struct asker *asker, uint64_t most)
{
    struct budget *budget = &asker->engine->budget;
    int ends;
    budget_begin(budget, most);
    asker->left = most;
    int status = advance(asker, PREF_ANSWER_FIRST, &ends);
    if (ends)
        budget_end(budget, asker->left);
    return status;
}

/* Begin what the budget allows, in input order, up to the first record of which it cannot be said
 * yet: one that is under way will tell. */
static int grant(struct engine *engine)
{
    int status = PREF_OK, ends;
    for (struct asker *asker; status == PREF_OK && (asker = engine->first) != NULL;) {
        const void *note = batch_note(engine, asker->batch, asker->row);
        uint64_t most = engine->filter->most(engine->self, note) * engine->opening.oracle.repeat;
        enum budget_verdict verdict = budget_judge(&engine->budget, most);
        if (verdict == BUDGET_WAIT)
            break;
        engine->first = asker->next;
        engine->refused |= verdict == BUDGET_REFUSED;
        status = verdict == BUDGET_GRANTED ? begin(asker, most)
                                           : advance(asker, PREF_ANSWER_REFUSED, &ends);
    }
    return status;
}

/* ---- Questions and answers ------------------------------------------------------------------- */

/* An answer came, and took `asked` of the budget's questions. */
static int take(struct asker *asker, enum pref_answer answer, unsigned asked)
{
    struct engine *engine = asker->engine;
    int ends;
    if (engine->budget.limit == 0)
        return advance(asker, answer, &ends);
    if (asked > asker->left)
        return pref_fail(&engine->ask_err, "the filter %s asks more than it said",
                         engine->filter->name);
    asker->left -= asked;
    budget_spend(&engine->budget, asked);
    int status = advance(asker, answer, &ends);
    if (ends)
        budget_end(&engine->budget, asker->left);
    return status;
}

static void told(void *user, void *tag, enum pref_answer answer, unsigned asked)
{
    struct engine *engine = user;
    engine->unanswered |= answer == PREF_ANSWER_NONE;
    int status = take(tag, answer, asked);
    if (status != PREF_OK && engine->ask_status == PREF_OK)
        engine->ask_status = status;
}

/* Put the first questions of a batch that was mapped since the last pump. */
static int start_batch(struct engine *engine, struct batch *batch)
{
    int status = PREF_OK, ends;
    batch->asked = 1;
    for (size_t i = 0; i < batch->count && status == PREF_OK; i++) {
        if (!(batch->rows[i].flags & ROW_SUSPENDED))
            continue;
        struct asker *asker = batch_alloc(batch, sizeof *asker);
        if (asker == NULL)
            return pref_fail_memory(&engine->ask_err, "a question");
        *asker = (struct asker){.engine = engine, .batch = batch, .row = i};
        if (engine->budget.limit > 0)
            wait_for_budget(engine, asker);
        else
            status = advance(asker, PREF_ANSWER_FIRST, &ends);
    }
    return status;
}

int engine_pump(struct engine *engine, struct batch *const *fresh, size_t count, int wait_ms,
                int input_fd, struct pref_err *err)
{
    int status = PREF_OK;
    for (size_t i = 0; i < count && status == PREF_OK; i++)
        status = start_batch(engine, fresh[i]);
    if (status == PREF_OK)
        status = grant(engine);
    if (status == PREF_OK && pref_oracle_pending(engine->oracle) > 0) {
        int fds[2] = {engine->wake[0], input_fd};
        status = pref_oracle_pump(engine->oracle, wait_ms, fds, told, engine, &engine->ask_err);
    }
    if (status == PREF_OK)
        status = engine->ask_status;
    if (status == PREF_OK) /* who waited may have its turn; whoever still does, waits for another */
        status = grant(engine);
    if (status != PREF_OK)
        *err = engine->ask_err;
    return status;
}
