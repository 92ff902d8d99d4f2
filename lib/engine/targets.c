/* SPDX-License-Identifier: Apache-2.0 */
/* targets.c - whether what a run writes gets in the way of itself or of what it reads. */
#include "config.h"

#include "engine.h"
#include "lib/stream/target_name.h"
#include "pref/buf.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct target {
    const char *option, *path;
};

/* What stands under a name; 0 where nothing does. */
static int look(const char *path, struct stat *st)
{
    return (pref_target_is_stdout(path) ? fstat(STDOUT_FILENO, st) : stat(path, st)) == 0;
}

/* Where the file of a name will be made: the identity of its folder, and its name there, which is
 * the end of *path, to be freed by the caller. */
static int place_of(const char *name, struct stat *folder, char **path, const char **last)
{
    struct pref_err err;
    if (pref_target_resolve(path, name, &err) != PREF_OK)
        return -1;
    size_t len = pref_target_folder(*path);
    struct pref_buf text = {0};
    pref_buf_add(&text, *path, len);
    pref_buf_add(&text, ".", sizeof ".");
    *last = *path + len;
    int status = text.failed ? -1 : stat(text.ptr, folder);
    pref_buf_release(&text);
    return status;
}

static int is_same(const struct stat *x, const struct stat *y)
{
    return x->st_dev == y->st_dev && x->st_ino == y->st_ino;
}

/* The same of names under which there is nothing yet. */
static int will_be_same(const char *a, const char *b)
{
    struct stat x, y;
    char *path_a = NULL, *path_b = NULL;
    const char *last_a, *last_b;
    int same = place_of(a, &x, &path_a, &last_a) == 0 && place_of(b, &y, &path_b, &last_b) == 0
                   ? is_same(&x, &y) && strcmp(last_a, last_b) == 0
                   : strcmp(a, b) == 0;
    free(path_a);
    free(path_b);
    return same;
}

int engine_same_target(const char *a, const char *b)
{
    struct stat x, y;
    int std_a = pref_target_is_stdout(a), std_b = pref_target_is_stdout(b);
    if (std_a && std_b)
        return 1;
    int have_x = look(a, &x), have_y = look(b, &y);
    if (have_x && have_y)
        return S_ISREG(x.st_mode) && is_same(&x, &y);
    return !have_x && !have_y && !std_a && !std_b && will_be_same(a, b);
}

/* Whether a path names an open file, to be written as it is: no new one will take its place. */
static int is_open(const char *path)
{
    struct pref_err err;
    char *behind = NULL;
    int open = pref_target_is_stdout(path) ||
               (pref_target_resolve(&behind, path, &err) == PREF_OK && pref_target_is_open(behind));
    free(behind);
    return open;
}

/* Whether what is written to `path` changes a regular file that is read, be it by `>>`. */
static int changes(const struct pref_source *source, const char *path)
{
    struct stat st;
    return source != NULL && look(path, &st) && S_ISREG(st.st_mode) &&
           pref_source_is_input(source, pref_target_is_stdout(path) ? "/dev/stdout" : path);
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
                              {"a file of the tool's own", engine->opening.own_output}};
    size_t count = 7;
    for (struct pref_side *side = engine->sides; side != NULL && count < 16; side = side->next)
        list[count++] = (struct target){"a side output", side->path};
    for (size_t i = 0; i < count; i++) {
        const char *option = list[i].option, *path = list[i].path;
        const char *shown = pref_target_is_stdout(path) ? "standard output" : path;
        if (path == NULL)
            continue;
        /* --output makes a new file, unless it is one that is open: a run would never come to the
         * end of an input that it adds to. */
        if (is_open(path) ? changes(engine->now.source, path)
                          : i > 0 && pref_source_is_input(engine->now.source, path))
            return pref_usage(err, "%s '%s' is also an input", option, shown);
        if (changes(engine->aside.source, path))
            return pref_usage(err, "%s '%s' is a side input, which is never written", option,
                              shown);
        for (size_t k = 0; k < i; k++)
            if (list[k].path != NULL && engine_same_target(list[k].path, path))
                return pref_usage(err, "%s and %s are one file, '%s'", list[k].option, option,
                                  shown);
    }
    return PREF_OK;
}
