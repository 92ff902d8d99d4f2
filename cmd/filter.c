/* SPDX-License-Identifier: Apache-2.0 */
/* pref filter --list and --explain: the rule packs there are, and what is in one. */
#include "config.h"

#include "drive.h"
#include "say.h"
#include "table.h"
#include "filters/filter/pack.h"
#include "filters/filters.h"
#include "pref/sink.h"

#include <dirent.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct packs {
    int list;
    const char *explain;
};

static const struct pref_option options[] = {
    {"list", 0, PREF_OPTION_FLAG, offsetof(struct packs, list), NULL,
     "list the packs there are: a name, a TAB, a description"},
    {"explain", 0, PREF_OPTION_TEXT, offsetof(struct packs, explain), "PACK",
     "show the rules of a pack, with their examples"},
    PREF_OPTIONS_END};

const struct command_own filter_own = {.options = options};

/* Read a pack as the filter does, examples included, and then once more as a tree. */
static int read_pack(const char *name, struct pref_cold **root, struct pref_err *err)
{
    struct pref_common common = {.names = pref_names_default()};
    struct pref_opening opening = {
        .shape = pref_shape_new(), .common = &common, .stop_fd = -1};
    struct filter_rules rules = {0};
    struct pref_buf path = {0}, text = {0};
    int status = opening.shape == NULL ? pref_fail_memory(err, "a rule pack")
                                       : filter_pack_load(name, &rules, &opening, err);
    filter_pack_path(name, &path);
    if (status == PREF_OK && path.failed)
        status = pref_fail_memory(err, "a rule pack");
    if (status == PREF_OK)
        status = pref_file_read(path.ptr, FILTER_PACK_BYTES, -1, &text, err);
    if (status == PREF_OK)
        status = pref_cold_parse(root, pref_buf_span(&text), err);
    filter_rules_release(&rules);
    pref_shape_free(opening.shape);
    pref_buf_release(&path);
    pref_buf_release(&text);
    return status;
}

static int print(struct pref_buf *out, struct pref_err *err)
{
    if (out->failed)
        return pref_fail_memory(err, "a rule pack");
    fwrite(out->ptr, 1, out->len, stdout);
    return fflush(stdout) == 0 ? PREF_OK : pref_fail_errno(err, errno, "standard output");
}

/* ---- --explain ------------------------------------------------------------------------------- */

static const char *text_of(const struct pref_cold *object, const char *member)
{
    const struct pref_cold *value = pref_cold_member(object, member);
    return value == NULL || pref_cold_text(value) == NULL ? "" : pref_cold_text(value);
}

/* A value on one line, as JSON. Its depth is bounded by that of a pack. */
static void add_value(struct pref_buf *out, const struct pref_cold *root)
{
    const struct pref_cold *way[PREF_COLD_DEPTH + 1] = {root};
    int depth = 0;
    while (depth >= 0) {
        const struct pref_cold *at = way[depth];
        enum pref_type type = pref_cold_type(at);
        if (depth > 0 && pref_cold_type(way[depth - 1]) == PREF_OBJECT) {
            pref_buf_add_json(out, pref_span_of(pref_cold_key(at)));
            pref_buf_add_text(out, ": ");
        }
        if (type == PREF_STRING)
            pref_buf_add_json(out, pref_span_of(pref_cold_text(at)));
        else if (type == PREF_NUMBER)
            pref_buf_add_double(out, pref_cold_number(at));
        else if (type == PREF_OBJECT || type == PREF_ARRAY)
            pref_buf_add_byte(out, type == PREF_OBJECT ? '{' : '[');
        else
            pref_buf_add_text(out, type == PREF_TRUE    ? "true"
                                   : type == PREF_FALSE ? "false"
                                                        : "null");
        if (pref_cold_first(at) != NULL) {
            way[++depth] = pref_cold_first(at);
            continue;
        }
        for (;; depth--) {
            type = pref_cold_type(way[depth]);
            if (type == PREF_OBJECT || type == PREF_ARRAY)
                pref_buf_add_byte(out, type == PREF_OBJECT ? '}' : ']');
            if (depth == 0)
                return;
            way[depth] = pref_cold_next(way[depth]);
            if (way[depth] != NULL)
                break;
        }
        pref_buf_add_text(out, ", ");
    }
}

static void add_examples(struct pref_buf *out, const struct pref_cold *rule, const char *member,
                         const char *says)
{
    const struct pref_cold *list = pref_cold_member(rule, member);
    for (const struct pref_cold *e = pref_cold_first(list); e != NULL; e = pref_cold_next(e)) {
        pref_buf_add_text(out, says);
        add_value(out, e);
        pref_buf_add_byte(out, '\n');
    }
}

static void add_rule(struct pref_buf *out, const char *pack, const struct pref_cold *rule)
{
    const struct pref_cold *fields = pref_cold_member(rule, "fields");
    const char *comma = "";
    pref_buf_addf(out, "\n%s/%s (", pack, text_of(rule, "name"));
    for (const struct pref_cold *f = pref_cold_first(fields); f != NULL; f = pref_cold_next(f)) {
        pref_buf_addf(out, "%s%.100s", comma, pref_cold_text(f));
        comma = ", ";
    }
    pref_buf_addf(out, ")%s\n  ", *text_of(rule, "action") == 'a' ? " annotates" : "");
    pref_buf_add_text(out, text_of(rule, "about"));
    pref_buf_add_text(out, "\n  test    ");
    add_value(out, pref_cold_member(rule, "test"));
    pref_buf_add_byte(out, '\n');
    add_examples(out, rule, "match", "  hits    ");
    add_examples(out, rule, "pass", "  passes  ");
}

static int explain(const char *name, struct pref_err *err)
{
    struct pref_cold *root = NULL;
    struct pref_buf out = {0};
    int status = read_pack(name, &root, err);
    if (status == PREF_OK) {
        const char *pack = text_of(root, "pack");
        pref_buf_add_text(&out, pack);
        pref_buf_add_text(&out, ": ");
        pref_buf_add_text(&out, text_of(root, "about"));
        pref_buf_add_byte(&out, '\n');
        for (const struct pref_cold *r = pref_cold_first(pref_cold_member(root, "rules"));
             r != NULL; r = pref_cold_next(r))
            add_rule(&out, pack, r);
        status = print(&out, err);
    }
    pref_buf_release(&out);
    pref_cold_free(root);
    return status;
}

/* ---- --list ---------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int is_pack(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);
    return len > 5 && entry->d_name[0] != '.' && strcmp(entry->d_name + len - 5, ".json") == 0;
}

/* The packs of the folder without their ending, sorted. */
static int find_packs(char ***names, size_t *count, struct pref_err *err)
{
    DIR *folder = opendir(filter_pack_folder());
    int status = PREF_OK;
    if (folder == NULL)
        return pref_fail_errno(err, errno, "%s: cannot open", filter_pack_folder());
    for (const struct dirent *e; status == PREF_OK && (e = readdir(folder)) != NULL;) {
        if (!is_pack(e))
            continue;
        char **more = realloc(*names, (*count + 1) * sizeof *more);
        if (more != NULL)
            *names = more;
        char *name = more == NULL ? NULL : strndup(e->d_name, strlen(e->d_name) - 5);
        if (name == NULL)
            status = pref_fail_memory(err, "the rule packs");
        else
            (*names)[(*count)++] = name;
    }
    closedir(folder);
    if (*count > 0)
        qsort(*names, *count, sizeof **names, by_name);
    return status;
}

static int list(struct pref_err *err)
{
    struct pref_buf out = {0};
    char **names = NULL;
    size_t count = 0;
    int status = find_packs(&names, &count, err);
    for (size_t i = 0; i < count && status == PREF_OK; i++) {
        struct pref_cold *root = NULL;
        status = read_pack(names[i], &root, err);
        if (status == PREF_OK) {
            pref_buf_add_text(&out, names[i]);
            pref_buf_add_byte(&out, '\t');
            pref_buf_add_text(&out, text_of(root, "about"));
            pref_buf_add_byte(&out, '\n');
        }
        pref_cold_free(root);
    }
    if (status == PREF_OK)
        status = print(&out, err);
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
    pref_buf_release(&out);
    return status;
}

/* ---------------------------------------------------------------------------------------------- */

static int asks(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--list") == 0 || strcmp(argv[i], "--explain") == 0 ||
            strncmp(argv[i], "--explain=", 10) == 0)
            return 1;
    return 0;
}

static int packs_main(int argc, char **argv)
{
    struct packs packs = {0};
    struct args_table tables[] = {{options, &packs, ""}, {NULL, NULL, NULL}};
    struct pref_texts operands = {0};
    struct pref_err err;
    say_as("filter");
    int status = args_parse(tables, argc, argv, &operands, &err);
    if (status == PREF_OK && (operands.count > 0 || (packs.list && packs.explain != NULL)))
        status = pref_usage(&err, "--list and --explain stand alone");
    if (status == PREF_OK)
        status = packs.list ? list(&err) : explain(packs.explain, &err);
    if (status != PREF_OK)
        say_error(err.text);
    free(operands.text);
    return status;
}

int filter_main(int argc, char **argv)
{
    struct packs packs = {0};
    struct drive_extra extra = {.options = options, .owner = &packs};
    return asks(argc, argv) ? packs_main(argc, argv) : drive(&filter_filter, &extra, argc, argv);
}
