/* SPDX-License-Identifier: Apache-2.0 */
/* targets.c - whether what a run writes gets in the way of itself or of what it reads. */
#include "config.h"

#include "engine.h"
#include "lib/stream/target_name.h"

#include <sys/stat.h>

struct target {
    const char *option, *path;
};

/* Whether what is written to `path`, which is open, changes an input that is a regular file. */
static int adds_to_input(const struct engine *engine, const char *path)
{
    struct stat st;
    const char *name = pref_target_is_stdout(path) ? "/dev/stdout" : path;
    return stat(name, &st) == 0 && S_ISREG(st.st_mode) &&
           pref_source_is_input(engine->now.source, name);
}

/* Whether a path is that of a side input, or of what else is read beside the input. */
static int is_aside(const struct engine *engine, const char *path)
{
    for (const struct side_file *file = engine->side_files; file != NULL; file = file->next)
        if (pref_target_is_input(path, file->path))
            return 1;
    return 0;
}

int engine_check_targets(struct engine *engine, struct pref_err *err)
{
    const struct pref_config *config = engine->config;
    const char *output = pref_target_is_stdout(config->output) ? "-" : config->output;
    int writes = !config->silent_output && config->fit == NULL;
    struct target list[16] = {{"--output", writes ? output : NULL},
                              {"--rejects", config->rejects},
                              {"--malformed", config->malformed},
                              {"--summary", config->summary},
                              {"--fit", config->fit},
                              {"--cache", engine->opening.oracle.cache},
                              {engine->opening.own_option, engine->opening.own_output}};
    size_t count = 7;
    for (struct pref_side *side = engine->sides; side != NULL && count < 16; side = side->next)
        list[count++] = (struct target){side->option, side->path};
    for (size_t i = 0; i < count; i++) {
        const char *option = list[i].option, *path = list[i].path;
        const char *shown = pref_target_show(path);
        if (path == NULL)
            continue;
        int status = pref_sink_check_name(path, err);
        if (status != PREF_OK)
            return status;
        /* --output makes a new file, unless it is one that is open: a run would never come to the
         * end of an input that it adds to. */
        if (pref_target_in_place(path)
                ? adds_to_input(engine, path)
                : i > 0 && pref_source_is_input(engine->now.source, path))
            return pref_usage(err, "%s '%s' is also an input", option, shown);
        if (is_aside(engine, path))
            return pref_usage(err, "%s '%s' is a side input, which is never written", option,
                              shown);
        for (size_t k = 0; k < i; k++)
            if (list[k].path != NULL && pref_target_is_same(list[k].path, path))
                return pref_usage(err, "%s and %s are one file, '%s'", list[k].option, option,
                                  shown);
    }
    return PREF_OK;
}
