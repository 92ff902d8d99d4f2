/* SPDX-License-Identifier: Apache-2.0 */
/* side.c - side inputs: what a filter compares records with is read before the first one. */
#include "config.h"

#include "engine.h"

#include <string.h>

int engine_open_side(struct engine *engine, struct pref_err *err)
{
    const struct pref_texts *names = &engine->opening.side_inputs;
    struct pref_source_config config = {.names = names->text,
                                        .count = names->count,
                                        .long_windows = engine->config->long_windows,
                                        .ahead = engine->ahead,
                                        .stop_fd = engine->config->stop_fd};
    if (names->count == 0)
        return PREF_OK;
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->text[i], "-") == 0)
            return pref_usage(err, "'-' is standard input, expected the name of a side input");
    engine->aside.shape = engine->opening.side_shape;
    if (engine->aside.shape == engine->now.shape)
        engine->aside.id = engine->now.id;
    engine->aside.counts = &engine->side_counts;
    int status = pref_shape_check(engine->aside.shape, err);
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
