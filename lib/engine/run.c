/* SPDX-License-Identifier: Apache-2.0 */
/* run.c - a run from its beginning to its end: the phases in their order. */
#include "config.h"

#include "engine.h"

#include <stdio.h>
#include <stdlib.h>

struct pref_config pref_config_default(void)
{
    struct pref_config config = {.common = {.names = pref_names_default()},
                                 .threads = 1,
                                 .level = 3,
                                 .max_line = PREF_MAX_LINE,
                                 .stop_fd = -1};
    return config;
}

static int begin(struct engine *engine, struct pref_err *err)
{
    return engine->filter->begin == NULL ? PREF_OK : engine->filter->begin(engine->self, err);
}

static int settle(struct engine *engine, struct pref_err *err)
{
    return engine->filter->settle == NULL ? PREF_OK : engine->filter->settle(engine->self, err);
}

/* Whether the input is still what it was when it was read first. */
static int same_input(const struct engine *engine, struct pref_err *err)
{
    const struct pref_counts *counts = engine->now.counts;
    if (counts->in == engine->learnt.in && counts->malformed == engine->learnt.malformed)
        return PREF_OK;
    return pref_fail(err, "the input changed between its two readings");
}

/* One pass over the whole input. What is wrong with the input is found in the first one. */
static int pass(struct engine *engine, enum phase phase, struct pref_err *err)
{
    int status = engine_pass(engine, phase, err);
    if (status != PREF_OK)
        return status;
    if (engine->had_learn)
        return same_input(engine, err);
    status = engine_errors_final(engine, err);
    return status == PREF_OK ? engine_check_after(engine, err) : status;
}

/* Learn one step from the whole input. The counts stay for a run that ends here; else they start
 * anew. */
static int learn(struct engine *engine, struct pref_err *err)
{
    int status = pass(engine, PHASE_LEARN, err);
    if (status != PREF_OK || engine->config->fit != NULL)
        return status;
    engine->had_learn = 1;
    engine->learnt = *engine->now.counts;
    *engine->now.counts = (struct pref_counts){0};
    status = settle(engine, err);
    return status == PREF_OK ? pref_source_rewind(engine->now.source, err) : status;
}

static int run(struct engine *engine, struct pref_err *err)
{
    const struct pref_config *config = engine->config;
    int status = engine_open(engine, err);
    if (status == PREF_OK)
        status = engine_read_side(engine, err);
    if (status == PREF_OK)
        status = begin(engine, err);
    for (unsigned step = 0; step < engine->steps && status == PREF_OK; step++) {
        if (step < config->use.count) {
            status = engine_load_fit(engine, config->use.text[step], err);
            if (status == PREF_OK)
                status = settle(engine, err);
        } else {
            status = learn(engine, err);
            if (config->fit != NULL)
                break;
        }
    }
    if (status == PREF_OK && engine->steps == 0)
        status = settle(engine, err);
    if (status == PREF_OK && config->fit == NULL && !engine->opening.no_records)
        status = pass(engine, PHASE_APPLY, err);
    return status == PREF_OK ? engine_finish(engine, err) : status;
}

/* Everything went well but for the oracle, or for the budget of questions. */
static int fail_later(const struct engine *engine, struct pref_err *err)
{
    const char *trouble = pref_oracle_trouble(engine->oracle);
    char refused[100] = "";
    if (engine->refused)
        snprintf(refused, sizeof refused, "a budget of %llu questions left no room for them",
                 (unsigned long long)engine->budget.limit);
    if (engine->refused && !engine->unanswered)
        pref_fail(err, "records were not asked about and are among the rejected: %s", refused);
    else
        pref_fail(err, "records were left unanswered and are among the rejected: the oracle %s%s%s",
                  trouble == NULL ? "stayed away" : trouble,
                  engine->refused ? "; as to others, " : "", refused);
    return PREF_LATER;
}

/* All is done and written; what remains is to say why the status is not 0. */
static int end(const struct engine *engine, struct pref_err *err)
{
    int status = engine_end_status(engine);
    engine->now.counts->complete = 1;
    if (engine->later)
        return fail_later(engine, err);
    *err = (struct pref_err){{0}};
    if (status != PREF_OK && status == engine->before)
        pref_fail(err, "--after: '%s' says that the stage before ended with status %d",
                  engine->config->after, status);
    return status;
}

int pref_run(const struct pref_filter *filter, void *self, const struct pref_config *config,
             struct pref_counts *counts, int *stopped, struct pref_err *err)
{
    *counts = (struct pref_counts){0};
    *stopped = 0;
    struct engine *engine = calloc(1, sizeof *engine);
    if (engine == NULL) {
        if (filter->close != NULL)
            filter->close(self);
        return pref_fail_memory(err, "the engine");
    }
    engine->filter = filter;
    engine->self = self;
    engine->config = config;
    engine->now.counts = counts;
    int status = run(engine, err);
    *stopped = status == PREF_LATER; /* whoever ended the run, it was because of stop_fd */
    if (status == PREF_OK)
        status = end(engine, err);
    engine_close(engine);
    if (filter->close != NULL)
        filter->close(self);
    pref_press_free(engine->press);
    free(engine);
    return status;
}
