/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole run, given any options and any records. The first line has the filter's name and its
 * options as NAME=VALUE, between TABs; what follows is the corpus, read from a file so that it can
 * be read twice. Options that name a file or a command are left out, but for --against, which is
 * the corpus itself. Where a fit stands before the corpus, up to an empty line, it is used and not
 * learnt; a right last line is put behind it.
 *
 * No record may be lost: in = out + rejected + malformed. What leaves must be as many JSON objects.
 * With other threads and another seed of the tables all of it must come again.
 */
#include "config.h"

#include "filters/filters.h"
#include "pref/buf.h"
#include "pref/hash.h"
#include "pref/run.h"
#include "pref/sink.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { IN, OUT, REJECTS, FIT, FILES };

static const struct pref_filter *const filters[] = {
    &filter_check,  &filter_decon, &filter_dedup,    &filter_filter, &filter_flip,
    &filter_import, &filter_loo,   &filter_strength, &filter_vote,
};

/* Reads no field: what it passes is a JSON object. */
static const struct pref_filter any_object = {.name = "any"};

static char folder[64], paths[FILES][80];

static void require(int condition)
{
    if (!condition)
        abort();
}

static void remove_files(void)
{
    for (int i = 0; i < FILES; i++)
        unlink(paths[i]);
    rmdir(folder);
}

/* Outputs are synced: in memory that costs nothing. */
static void name_files(void)
{
    static const char *const names[FILES] = {"in", "out", "rejects", "fit"};
    if (folder[0] != '\0')
        return;
    strcpy(folder, access("/dev/shm", W_OK) == 0 ? "/dev/shm/fuzz.XXXXXX" : "/tmp/fuzz.XXXXXX");
    require(mkdtemp(folder) != NULL);
    for (int i = 0; i < FILES; i++)
        snprintf(paths[i], sizeof paths[i], "%s/%s", folder, names[i]);
    atexit(remove_files);
}

static void read_back(int which, struct pref_buf *bytes)
{
    struct pref_err err;
    if (access(paths[which], F_OK) == 0)
        require(pref_file_read(paths[which], SIZE_MAX, -1, bytes, &err) == 0);
}

/* What one run came to. */
struct outcome {
    int status;
    struct pref_counts counts;
    struct pref_buf out, rejects;
};

static struct outcome run(const struct pref_filter *filter, void *self, uint64_t seed,
                          uint64_t threads)
{
    struct outcome outcome = {.status = 0};
    struct pref_config config = pref_config_default();
    struct pref_err err = {""};
    int stopped = 0;
    const char *input = paths[IN], *fit = paths[FIT];
    config.inputs = (struct pref_texts){.text = &input, .count = 1};
    config.use.text = &fit;
    config.use.count = (filter->traits & PREF_FITS) != 0 && access(fit, F_OK) == 0;
    config.output = paths[OUT];
    config.rejects = paths[REJECTS];
    config.common.table_seed = seed;
    config.on_error = PREF_ON_ERROR_SKIP;
    config.if_missing = PREF_MISSING_REJECT;
    config.threads = threads;
    config.stop_fd = -1;
    unlink(paths[OUT]);
    unlink(paths[REJECTS]);
    outcome.status = pref_run(filter, self, &config, &outcome.counts, &stopped, &err);
    require(!stopped && (outcome.status == 0) == (err.text[0] == '\0'));
    /* A fault in an expression is shown below it. */
    require(outcome.status == PREF_USAGE || strchr(err.text, '\n') == NULL);
    read_back(OUT, &outcome.out);
    read_back(REJECTS, &outcome.rejects);
    return outcome;
}

/* Give the filter one option; 0 if there is none of this name, or not for a fuzz target. */
static int set_option(const struct pref_filter *filter, void *self, char *word)
{
    struct pref_err err = {""};
    char *value = strchr(word, '=');
    if (value != NULL)
        *value++ = '\0';
    for (const struct pref_option *o = filter->options; o != NULL && o->name != NULL; o++) {
        if (strcmp(o->name, word) != 0 || (o->kind == PREF_OPTION_FLAG) != (value == NULL))
            continue;
        if (o->argument != NULL && strcmp(o->argument, "FIT") == 0)
            value = paths[FIT];
        if (o->argument != NULL && strstr(o->argument, "FILE") != NULL) {
            if (strcmp(o->name, "against") != 0)
                return 0;
            value = paths[IN];
        }
        if (value != NULL && strncmp(value, "exec", 4) == 0)
            return 0;
        int status = pref_option_set(o, self, value, &err);
        require(status == 0 || (status == PREF_USAGE && strncmp(err.text, "--", 2) == 0));
        return status == 0;
    }
    return 0;
}

static void forget(const struct pref_filter *filter, void *self)
{
    if (self != NULL && filter->options != NULL)
        pref_options_release(filter->options, self);
    free(self);
}

/* A filter's state with the options of a line, which is taken apart and must outlive it; NULL where
 * some cannot be had. */
static void *prepare(const struct pref_filter **filter, char *line)
{
    char *rest = NULL, *word = strtok_r(line, "\t", &rest);
    *filter = NULL;
    for (size_t i = 0; word != NULL && i < sizeof filters / sizeof filters[0]; i++)
        if (strcmp(filters[i]->name, word) == 0)
            *filter = filters[i];
    if (*filter == NULL)
        return NULL;
    void *self = calloc(1, (*filter)->self_size + 1);
    require(self != NULL);
    if ((*filter)->preset != NULL)
        (*filter)->preset(self);
    while ((word = strtok_r(NULL, "\t", &rest)) != NULL)
        if (!set_option(*filter, self, word)) {
            forget(*filter, self);
            return NULL;
        }
    return self;
}

/* Run with the options of a line; 0 if there is nothing to run. */
static int run_line(const char *line, uint64_t seed, uint64_t threads, struct outcome *outcome,
                    const struct pref_filter **filter)
{
    char *words = strdup(line);
    require(words != NULL);
    void *self = prepare(filter, words);
    if (self != NULL)
        *outcome = run(*filter, self, seed, threads);
    int ran = self != NULL;
    forget(*filter, self);
    free(words);
    return ran;
}

static void release(struct outcome *outcome)
{
    pref_buf_release(&outcome->out);
    pref_buf_release(&outcome->rejects);
}

static void put(int which, const void *bytes, size_t size)
{
    FILE *file = fopen(paths[which], "wb");
    require(file != NULL && fwrite(bytes, 1, size, file) == size && fclose(file) == 0);
}

/* The bytes are `count` JSON objects, a line each. */
static void require_objects(const struct pref_buf *bytes, uint64_t count)
{
    char nothing;
    unlink(paths[FIT]);
    put(IN, bytes->ptr, bytes->len);
    struct outcome outcome = run(&any_object, &nothing, 1, 1);
    require(outcome.status == 0 && outcome.counts.malformed == 0 && outcome.counts.blank == 0);
    require(outcome.counts.in == count);
    release(&outcome);
}

static void put_fit(const char *bytes, size_t size, size_t rows)
{
    struct pref_buf fit = {0};
    char hex[33];
    pref_h128_hex(pref_hash128(bytes, size, 0), hex);
    pref_buf_add(&fit, bytes, size);
    pref_buf_addf(&fit, "{\"rows\":%zu,\"xxh3_128\":\"%s\"}\n", rows, hex);
    put(FIT, fit.ptr, fit.len);
    pref_buf_release(&fit);
}

/* What follows the options: a fit, perhaps, and the corpus. */
static void put_inputs(const char *rest, size_t size)
{
    static const char head[] = "{\"fit\":";
    size_t lines = 0, at = 0;
    unlink(paths[FIT]);
    if (size > sizeof head && memcmp(rest, head, sizeof head - 1) == 0) {
        for (at = 1; at < size && (rest[at] != '\n' || rest[at - 1] != '\n'); at++)
            lines += rest[at] == '\n';
        put_fit(rest, at, lines - 1);
        at += at < size;
    }
    put(IN, rest + at, size - at);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct pref_filter *filter;
    struct outcome first, second;
    const uint8_t *end = memchr(data, '\n', size);
    char line[512];
    if (end == NULL || end == data || (size_t)(end - data) >= sizeof line)
        return 0;
    memcpy(line, data, (size_t)(end - data));
    line[end - data] = '\0';
    name_files();
    put_inputs((const char *)end + 1, size - (size_t)(end + 1 - data));
    if (!run_line(line, 1, 1, &first, &filter))
        return 0;
    require(run_line(line, 2, 2, &second, &filter));
    require(first.status == second.status);
    require(memcmp(&first.counts, &second.counts, sizeof first.counts) == 0);
    require(pref_span_equal(pref_buf_span(&first.out), pref_buf_span(&second.out)));
    require(pref_span_equal(pref_buf_span(&first.rejects), pref_buf_span(&second.rejects)));
    if (first.status == 0) {
        struct pref_counts *counts = &first.counts;
        uint64_t kept = filter->traits & PREF_MAKES ? counts->used : counts->out;
        require(counts->in == kept + counts->rejected + counts->malformed);
        require_objects(&first.out, counts->out);
        require_objects(&first.rejects, counts->rejected);
    }
    release(&first);
    release(&second);
    return 0;
}
