/* SPDX-License-Identifier: Apache-2.0 */
/* run.c - a run from its beginning to its end: the phases in their order. */
#include "config.h"

#include "engine.h"

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

/* Learn from the whole input. The counts stay for a run that ends here; else they start anew. */
static int learn(struct engine *engine, struct pref_err *err)
{
    int status = engine_pass(engine, PHASE_LEARN, err);
    if (status == PREF_OK)
        status = engine_errors_final(engine, err);
    if (status == PREF_OK)
        status = engine_check_after(engine, err);
    if (status != PREF_OK || engine->config->fit != NULL)
        return status;
    engine->had_learn = 1;
    engine->learnt = *engine->counts;
    *engine->counts = (struct pref_counts){0};
    return pref_source_rewind(engine->source, err);
}

static int apply(struct engine *engine, struct pref_err *err)
{
    const struct pref_counts *counts = engine->counts;
    int status = engine_pass(engine, PHASE_APPLY, err);
    if (status != PREF_OK)
        return status;
    if (engine->had_learn && (counts->in != engine->learnt.in ||
                              counts->malformed != engine->learnt.malformed))
        return pref_fail(err, "the input changed between its two readings");
    if (engine->had_learn)
        return PREF_OK;
    status = engine_errors_final(engine, err);
    return status == PREF_OK ? engine_check_after(engine, err) : status;
}

static int run(struct engine *engine, struct pref_err *err)
{
    const struct pref_config *config = engine->config;
    int status = engine_open(engine, err);
    if (status == PREF_OK && config->use != NULL)
        status = engine_load_fit(engine, err);
    else if (status == PREF_OK && engine->opening.learns)
        status = learn(engine, err);
    if (status == PREF_OK && config->fit == NULL) {
        if (engine->filter->settle != NULL)
            status = engine->filter->settle(engine->self, err);
        if (status == PREF_OK)
            status = apply(engine, err);
    }
    return status == PREF_OK ? engine_finish(engine, err) : status;
}

/* Everything went well but for the oracle. */
static int fail_later(const struct engine *engine, struct pref_err *err)
{
    const char *trouble = pref_oracle_trouble(engine->oracle);
    pref_fail(err, "records were left unanswered and are among the rejected: the oracle %s",
              trouble == NULL ? "stayed away" : trouble);
    return PREF_LATER;
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
    engine->counts = counts;
    int status = run(engine, err);
    *stopped = engine->stopped;
    if (status == PREF_OK && engine->later)
        status = fail_later(engine, err);
    engine_close(engine);
    if (filter->close != NULL)
        filter->close(self);
    free(engine);
    return status;
}
