/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fit of any rows, given to the commands that make a table of one. The first byte says which and
 * how; the rest is the fit but for its last line, which is put right. A refusal is one line; else
 * each line of JSON must be an object, and all of it UTF-8.
 */
#include "config.h"

#include "cmd/judges/print.h"
#include "cmd/models/print.h"
#include "cmd/one_fit.h"
#include "lib/json/utf8.h"
#include "lib/text/cold_json.h"
#include "pref/hash.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char path[64];

static void require(int condition)
{
    if (!condition)
        abort();
}

static void remove_file(void)
{
    unlink(path);
}

static void put_fit(const uint8_t *data, size_t size)
{
    char hex[33];
    size_t lines = 0;
    if (path[0] == '\0') {
        strcpy(path, access("/dev/shm", W_OK) == 0 ? "/dev/shm/fuzz.XXXXXX" : "/tmp/fuzz.XXXXXX");
        int fd = mkstemp(path);
        require(fd >= 0 && close(fd) == 0 && atexit(remove_file) == 0);
    }
    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n';
    pref_h128_hex(pref_hash128(data, size, 0), hex);
    FILE *file = fopen(path, "wb");
    require(file != NULL && fwrite(data, 1, size, file) == size);
    fprintf(file, "{\"rows\":%zu,\"xxh3_128\":\"%s\"}\n", lines == 0 ? 0 : lines - 1, hex);
    require(fclose(file) == 0);
}

static int read_fit(const struct pref_fit_taker *into, void *self, struct pref_err *err)
{
    const char *name = path;
    const struct pref_texts operands = {.text = &name, .count = 1};
    return one_fit_read(&operands, "-", into, self, -1, err);
}

static int tell_models(unsigned how, struct pref_buf *out, struct pref_err *err)
{
    static const struct pref_fit_taker into_models = {models_take_head, models_take_row};
    struct models models;
    struct models_report report = {.models = &models, .low = {3, 10}, .matrix = (how & 4) != 0};
    models_init(&models, 1);
    int status = read_fit(&into_models, &models, err);
    if (status == PREF_OK)
        status = models_settle(&models, err);
    if (status == PREF_OK && models.kind == MODELS_PAIRS)
        models_measure(&models, report.low, &report.panel);
    if (status == PREF_OK && (!report.matrix || models.kind == MODELS_PAIRS))
        models_print(&report, (enum models_format)(how % 3), out);
    models_release(&models);
    return status;
}

static int tell_groups(unsigned how, struct pref_buf *out, struct pref_err *err)
{
    static const struct pref_fit_taker into_groups = {models_groups_take_head,
                                                      models_groups_take_row};
    struct models_groups groups = {.count = 0};
    int status = read_fit(&into_groups, &groups, err);
    if (status == PREF_OK)
        status = models_groups_cut(&groups, 1 + how / 4, err);
    if (status == PREF_OK)
        models_groups_print(&groups, (enum models_format)(how % 3), out);
    models_groups_release(&groups);
    return status;
}

static int take_any_head(void *self, const struct pref_fit_head *head, struct pref_err *err)
{
    (void)self;
    (void)head;
    (void)err;
    return PREF_OK;
}

static int take_pattern(void *patterns, const struct pref_fit_row *row, struct pref_err *err)
{
    return vote_patterns_load(patterns, row, err);
}

static int tell_judges(unsigned how, struct pref_buf *out, struct pref_err *err)
{
    static const struct pref_fit_taker into_patterns = {take_any_head, take_pattern};
    struct vote_patterns patterns = {.count = 0};
    struct judges_report report = {.patterns = &patterns};
    int status = vote_patterns_open(&patterns, 1, 0, err);
    if (status == PREF_OK)
        status = read_fit(&into_patterns, &patterns, err);
    if (status == PREF_OK)
        status = vote_patterns_settle(&patterns, err);
    if (status == PREF_OK) {
        struct pref_ds_data data = vote_patterns_data(&patterns);
        report.judges = calloc(patterns.judge_count + 1, sizeof *report.judges);
        require(report.judges != NULL);
        status = pref_ds_fit(&report.model, &data, err);
    }
    if (status == PREF_OK)
        status = judges_measure(&patterns, &report.model, report.judges, &report.panel, err);
    if (status == PREF_OK)
        judges_print(&report, (enum judges_format)(how % 3), out);
    free(report.judges);
    pref_ds_release(&report.model);
    vote_patterns_release(&patterns);
    return status;
}

/* Each line is a JSON object; a name with U+0000 is beyond who looks. */
static void require_objects(const struct pref_buf *text)
{
    const char *at = text->ptr, *end = text->ptr + text->len;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        struct pref_cold *root = NULL;
        struct pref_err err;
        require(stop != NULL);
        struct pref_span span = {at, (size_t)(stop - at)};
        char *line = calloc(1, span.len + PREF_PAD);
        require(line != NULL);
        span.ptr = memcpy(line, at, span.len);
        if (pref_cold_parse(&root, span, &err) == PREF_OK)
            require(pref_cold_type(root) == PREF_OBJECT);
        else
            require(strstr(line, "\\u0000") != NULL);
        pref_cold_free(root);
        free(line);
        at = stop + 1;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int (*const tell[])(unsigned, struct pref_buf *, struct pref_err *) = {
        tell_models, tell_groups, tell_judges};
    struct pref_buf out = {0};
    struct pref_err err = {""};
    if (size == 0)
        return 0;
    unsigned how = data[0] / 4;
    put_fit(data + 1, size - 1);
    int status = tell[data[0] % 3](how, &out, &err);
    require((status == PREF_OK) == (err.text[0] == '\0') && strchr(err.text, '\n') == NULL);
    require(status == PREF_OK || out.len == 0);
    if (out.len > 0) {
        require(pref_utf8_check_portable(out.ptr, out.len) == out.len);
        if (how % 3 == 1)
            require_objects(&out);
    }
    pref_buf_release(&out);
    return 0;
}
