/* SPDX-License-Identifier: Apache-2.0 */
/* targets.c - whether what a run writes gets in the way of itself or of what it reads. */
#include "config.h"

#include "engine.h"

#include <string.h>
#include <sys/stat.h>

struct target {
    const char *option, *path;
};

static int is_stdout(const char *path)
{
    return path == NULL || strcmp(path, "-") == 0 || strcmp(path, "/dev/stdout") == 0;
}

/* The identity of the folder that a path stands in, and where its last part begins. */
static int folder_of(const char *path, struct stat *folder, const char **last)
{
    char text[4096];
    const char *slash = strrchr(path, '/');
    size_t len = slash == NULL ? 0 : (size_t)(slash - path) + 1;
    if (len >= sizeof text)
        return -1;
    memcpy(text, path, len);
    text[len] = '\0';
    *last = path + len;
    return stat(len == 0 ? "." : text, folder);
}

int engine_same_target(const char *a, const char *b)
{
    struct stat x, y;
    const char *last_a, *last_b;
    if (is_stdout(a) || is_stdout(b))
        return is_stdout(a) && is_stdout(b);
    int have_x = stat(a, &x) == 0, have_y = stat(b, &y) == 0;
    if (have_x && have_y)
        return S_ISREG(x.st_mode) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
    if (have_x || have_y || folder_of(a, &x, &last_a) != 0 || folder_of(b, &y, &last_b) != 0)
        return strcmp(a, b) == 0;
    return x.st_dev == y.st_dev && x.st_ino == y.st_ino && strcmp(last_a, last_b) == 0;
}

/* Whether what is written to `path` would change a side input, be it by `>>`. */
static int is_side_input(const struct engine *engine, const char *path)
{
    struct stat st;
    if (is_stdout(path))
        path = "/dev/stdout";
    return engine->aside.source != NULL && stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
           pref_source_is_input(engine->aside.source, path);
}

int engine_check_targets(struct engine *engine, struct pref_err *err)
{
    const struct pref_config *config = engine->config;
    const char *output = is_stdout(config->output) ? "-" : config->output;
    int writes = !config->silent_output && config->fit == NULL;
    struct target list[16] = {{"--output", writes ? output : NULL},
                              {"--rejects", config->rejects},
                              {"--malformed", config->malformed},
                              {"--summary", config->summary},
                              {"--fit", config->fit},
                              {"--cache", engine->opening.oracle.cache},
                              {"a file of the tool's own", engine->opening.own_output}};
    size_t count = 7;
    for (struct pref_side *side = engine->sides; side != NULL && count < 16; side = side->next)
        list[count++] = (struct target){"a side output", side->path};
    for (size_t i = 0; i < count; i++) {
        if (list[i].path == NULL)
            continue;
        if (i > 0 && !is_stdout(list[i].path) &&
            pref_source_is_input(engine->now.source, list[i].path))
            return pref_usage(err, "%s '%s' is also an input", list[i].option, list[i].path);
        if (is_side_input(engine, list[i].path))
            return pref_usage(err, "%s '%s' is a side input, which is never written",
                              list[i].option,
                              is_stdout(list[i].path) ? "standard output" : list[i].path);
        for (size_t k = 0; k < i; k++)
            if (list[k].path != NULL && engine_same_target(list[k].path, list[i].path))
                return pref_usage(err, "%s and %s are one file, '%s'", list[k].option,
                                  list[i].option,
                                  is_stdout(list[i].path) ? "standard output" : list[i].path);
    }
    return PREF_OK;
}
