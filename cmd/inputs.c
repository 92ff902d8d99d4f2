/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "inputs.h"
#include "cmd/shard/manifest.h"
#include "pref/buf.h"
#include "pref/hash.h"
#include "pref/sink.h"

#include <stdlib.h>
#include <string.h>

#define LIST_LIMIT ((size_t)256 << 20) /* bytes of a list of files */

/* The inputs as they are put together. */
struct list {
    struct pref_texts names, lists;
    struct pref_expected *expected; /* one a name, or NULL: no manifest was met */
    int expands;                    /* 1: manifests are */
};

/* Add a copy of a name in a folder, whose length may be 0. */
static int add_text(struct pref_texts *texts, const char *folder, size_t folder_len,
                    const char *name, size_t len, struct pref_err *err)
{
    const char **text = realloc(texts->text, (texts->count + 1) * sizeof *text);
    char *copy = malloc(folder_len + len + 1);
    if (text != NULL)
        texts->text = text;
    if (text == NULL || copy == NULL) {
        free(copy);
        return pref_fail_memory(err, "the names of the inputs");
    }
    memcpy(copy, folder, folder_len);
    memcpy(copy + folder_len, name, len);
    copy[folder_len + len] = '\0';
    texts->text[texts->count++] = copy;
    texts->owned = 1;
    return PREF_OK;
}

static int add_input(struct list *list, const char *folder, size_t folder_len, const char *name,
                     size_t len, struct pref_err *err)
{
    size_t count = list->names.count;
    int status = add_text(&list->names, folder, folder_len, name, len, err);
    if (status != PREF_OK || list->expected == NULL)
        return status;
    struct pref_expected *expected = realloc(list->expected, (count + 1) * sizeof *expected);
    if (expected == NULL)
        return pref_fail_memory(err, "the names of the inputs");
    list->expected = expected;
    expected[count] = (struct pref_expected){.known = 0};
    return PREF_OK;
}

static int is_manifest(const char *name)
{
    const char *slash = strrchr(name, '/');
    return strcmp(slash == NULL ? name : slash + 1, SHARD_MANIFEST) == 0;
}

static int add_shards(struct list *list, const struct shard_manifest *manifest, const char *path,
                      struct pref_err *err)
{
    char name[SHARD_NAME_SIZE];
    size_t folder = strlen(path) - strlen(SHARD_MANIFEST);
    int status = PREF_OK;
    if (!manifest->sealed)
        return pref_fail(err, "%s: was changed after it was written", path);
    if (list->expected == NULL)
        list->expected = calloc(list->names.count + 1, sizeof *list->expected);
    if (list->expected == NULL)
        return pref_fail_memory(err, "a manifest");
    for (size_t i = 0; i < manifest->count && status == PREF_OK; i++) {
        const struct shard_entry *shard = &manifest->shards[i];
        shard_name_print(name, shard->name.split, shard->name.index, shard->name.count,
                         shard->name.packed);
        status = add_input(list, path, folder, name, strlen(name), err);
        if (status == PREF_OK)
            list->expected[list->names.count - 1] =
                (struct pref_expected){.known = 1, .bytes = shard->bytes, .hash = shard->hash};
    }
    return status;
}

/* A file, or the shards that a manifest lists. */
static int add_name(struct list *list, const char *name, size_t len, struct pref_err *err)
{
    int status = add_input(list, "", 0, name, len, err);
    const char *path = status == PREF_OK ? list->names.text[list->names.count - 1] : "";
    if (!list->expands || !is_manifest(path))
        return status;
    struct shard_manifest manifest;
    status = shard_manifest_read(&manifest, path, err);
    if (status == PREF_OK && manifest.found)
        status = add_text(&list->lists, "", 0, path, strlen(path), err);
    if (status == PREF_OK && manifest.found) {
        list->names.count--;
        status = add_shards(list, &manifest, path, err);
        free((char *)(uintptr_t)path);
    }
    shard_manifest_release(&manifest);
    return status;
}

/* Standard input holds the names of inputs, and so is none itself. */
static int check_no_stdin(const struct pref_texts *names, struct pref_err *err)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->text[i], "-") == 0)
            return pref_usage(err, "--files-from: '-' is standard input, which is an input too");
    return PREF_OK;
}

static int add_list(struct list *list, const char *file, int stop_fd, struct pref_err *err)
{
    struct pref_buf text = {0};
    size_t before = list->names.count;
    int is_stdin = strcmp(file, "-") == 0;
    int status = is_stdin ? check_no_stdin(&list->names, err) : PREF_OK;
    if (status == PREF_OK)
        status = add_text(&list->lists, "", 0, file, strlen(file), err);
    if (status == PREF_OK)
        status = pref_file_read(is_stdin ? NULL : file, LIST_LIMIT, stop_fd, &text, err);
    for (size_t at = 0; status == PREF_OK && at < text.len;) {
        const char *lf = memchr(text.ptr + at, '\n', text.len - at);
        size_t len = lf == NULL ? text.len - at : (size_t)(lf - text.ptr) - at;
        if (memchr(text.ptr + at, '\0', len) != NULL)
            status = pref_fail(err, "--files-from: '%s' holds a NUL byte", file);
        else if (len > 0)
            status = add_name(list, text.ptr + at, len, err);
        at += len + 1;
    }
    pref_buf_release(&text);
    if (status == PREF_OK && list->names.count == before)
        status = pref_fail(err, "--files-from: '%s' names no file", file);
    return status == PREF_OK && is_stdin ? check_no_stdin(&list->names, err) : status;
}

int inputs_complete(struct pref_texts *inputs, const char *list, struct pref_texts *lists,
                    struct pref_expected **expected, int stop_fd, struct pref_err *err)
{
    struct list all = {.expands = expected != NULL};
    int status = PREF_OK;
    for (size_t i = 0; i < inputs->count && status == PREF_OK; i++)
        status = add_name(&all, inputs->text[i], strlen(inputs->text[i]), err);
    if (status == PREF_OK && list != NULL)
        status = add_list(&all, list, stop_fd, err);
    if (status == PREF_OK && all.names.count == 0 && inputs->count > 0)
        status = pref_fail(err, "the manifest lists no shard");
    free(inputs->text);
    *inputs = all.names;
    inputs->owned = 1;
    *lists = all.lists;
    if (expected != NULL)
        *expected = all.expected;
    return status;
}

void inputs_release(struct pref_texts *inputs)
{
    for (size_t i = 0; inputs->owned && i < inputs->count; i++)
        free((char *)(uintptr_t)inputs->text[i]);
    free(inputs->text);
    *inputs = (struct pref_texts){0};
}

uint64_t inputs_seed(void)
{
    const char *forced = getenv("PREF_TABLE_SEED");
    return forced == NULL ? pref_seed_random() : strtoull(forced, NULL, 10);
}
