/* SPDX-License-Identifier: Apache-2.0 */
/* side.c - side inputs: what a filter compares records with is read before the first one; and the
 * names of whatever else a run reads beside its input. */
#include "config.h"

#include "engine.h"

#include <stdlib.h>
#include <string.h>

int pref_open_read(struct pref_opening *opening, const char *path, struct pref_err *err)
{
    struct engine *engine = opening->engine;
    size_t size = strlen(path) + 1;
    struct side_file *made = malloc(sizeof *made + size);
    if (made == NULL)
        return pref_fail_memory(err, "a name");
    memcpy(made->path, path, size);
    made->next = engine->side_files;
    engine->side_files = made;
    return PREF_OK;
}

static int note_all(struct engine *engine, const struct pref_texts *names, struct pref_err *err)
{
    int status = PREF_OK;
    for (size_t i = 0; i < names->count && status == PREF_OK; i++)
        status = pref_open_read(&engine->opening, names->text[i], err);
    return status;
}

/* Note the side inputs, and the files that options of all filters name. */
static int note_read(struct engine *engine, struct pref_err *err)
{
    const struct pref_config *config = engine->config;
    int status = note_all(engine, &engine->opening.side_inputs, err);
    if (status == PREF_OK && config->after != NULL)
        status = pref_open_read(&engine->opening, config->after, err);
    if (status == PREF_OK)
        status = note_all(engine, &config->use, err);
    return status == PREF_OK ? note_all(engine, &config->lists, err) : status;
}

int engine_open_side(struct engine *engine, struct pref_err *err)
{
    const struct pref_texts *names = &engine->opening.side_inputs;
    struct pref_source_config config = {.names = names->text,
                                        .count = names->count,
                                        .long_windows = engine->config->long_windows,
                                        .ahead = engine->ahead,
                                        .stop_fd = engine->config->stop_fd};
    int status = note_read(engine, err);
    if (status != PREF_OK || names->count == 0)
        return status;
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->text[i], "-") == 0)
            return pref_usage(err, "'-' is standard input, expected the name of a side input");
    engine->aside.shape = engine->opening.side_shape;
    if (engine->aside.shape == engine->now.shape)
        engine->aside.id = engine->now.id;
    engine->aside.counts = &engine->side_counts;
    status = pref_shape_check(engine->aside.shape, err);
    return status == PREF_OK ? pref_source_open(&engine->aside.source, &config, err) : status;
}

static void exchange(struct engine *engine)
{
    struct reading now = engine->now;
    engine->now = engine->aside;
    engine->aside = now;
}

int engine_read_side(struct engine *engine, struct pref_err *err)
{
    if (engine->aside.source == NULL)
        return PREF_OK;
    exchange(engine);
    int status = engine_scan_with(engine, engine->now.shape, err);
    if (status == PREF_OK)
        status = engine_pass(engine, PHASE_SIDE, err);
    exchange(engine);
    return status == PREF_OK ? engine_scan_with(engine, engine->now.shape, err) : status;
}
