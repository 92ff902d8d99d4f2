/* SPDX-License-Identifier: Apache-2.0 */
/* pref shard --verify: a folder of shards is compared with its manifest, byte for byte. */
#include "config.h"

#include "cmd/say.h"
#include "cmd/shard.h"
#include "pref/buf.h"
#include "pref/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define BLOCK ((size_t)256 << 10)

struct check {
    const char *dir;
    struct shard_manifest manifest;
    struct pref_hasher *hasher;
    char *block;
    struct pref_buf path;
    uint64_t problems, records, bytes;
};

/* What a shard turned out to hold. */
struct content {
    uint64_t records, bytes;
    int open_end; /* 1: the last record has no LF */
};

static void complain(struct check *check, const struct pref_err *err)
{
    say_error(err->text);
    check->problems++;
}

static void take(struct check *check, struct content *content, size_t got)
{
    const char *at = check->block, *end = at + got;
    if (got == 0)
        return;
    pref_hasher_add(check->hasher, at, got);
    content->bytes += got;
    content->open_end = end[-1] != '\n';
    while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        content->records++;
        if (++at == end)
            break;
    }
}

static int read_shard(struct check *check, const char *path, struct content *content,
                      struct pref_err *err)
{
    const char *names[] = {path};
    struct pref_source_config config = {
        .names = names, .count = 1, .long_windows = 1, .stop_fd = -1};
    struct pref_source *source;
    int ended = 0;
    pref_hasher_reset(check->hasher);
    int status = pref_source_open(&source, &config, err);
    while (status == PREF_OK && !ended) {
        size_t got = 0;
        status = pref_source_read(source, check->block, BLOCK, 1, &got, &ended, err);
        take(check, content, got);
    }
    pref_source_close(source);
    return status;
}

static int compare(const char *path, const struct shard_entry *entry, const struct content *content,
                   struct pref_h128 hash, struct pref_err *err)
{
    if (content->records != entry->records || content->open_end)
        return pref_fail(err, "%s: holds %llu whole records, expected %llu", path,
                         (unsigned long long)content->records, (unsigned long long)entry->records);
    if (content->bytes != entry->bytes)
        return pref_fail(err, "%s: holds %llu bytes of records, expected %llu", path,
                         (unsigned long long)content->bytes, (unsigned long long)entry->bytes);
    if (hash.low != entry->hash.low || hash.high != entry->hash.high)
        return pref_fail(err, "%s: its records are not those that were written there", path);
    return PREF_OK;
}

static int check_shard(struct check *check, const struct shard_entry *entry, struct pref_err *err)
{
    struct content content = {0};
    struct stat st;
    char name[SHARD_NAME_SIZE];
    shard_name_print(name, entry->name.split, entry->name.index, entry->name.count,
                     entry->name.packed);
    const char *path = shard_dir_path(&check->path, check->dir, name);
    if (path == NULL)
        return pref_fail_memory(err, "a name");
    if (stat(path, &st) != 0)
        return pref_fail(err, "%s: is missing", path);
    if (!S_ISREG(st.st_mode))
        return pref_fail(err, "%s: is no regular file", path);
    if ((uint64_t)st.st_size != entry->packed_bytes)
        return pref_fail(err, "%s: is a file of %llu bytes, expected %llu", path,
                         (unsigned long long)st.st_size, (unsigned long long)entry->packed_bytes);
    int status = read_shard(check, path, &content, err);
    if (status == PREF_OK)
        status = compare(path, entry, &content, pref_hasher_value(check->hasher), err);
    if (status == PREF_OK) {
        check->records += content.records;
        check->bytes += content.bytes;
    }
    return status;
}

static int look_for_strangers(void *user, const char *text, const struct shard_name *name)
{
    struct check *check = user;
    struct pref_err err;
    if (shard_manifest_find(&check->manifest, name) == NULL) {
        pref_fail(&err, "%s/%s: is no shard of the manifest", check->dir, text);
        complain(check, &err);
    }
    return PREF_OK;
}

static void check_folder(struct check *check)
{
    struct pref_err err;
    if (!check->manifest.sealed) {
        pref_fail(&err, "%s/" SHARD_MANIFEST ": was changed after it was written", check->dir);
        complain(check, &err);
    }
    for (size_t i = 0; i < check->manifest.count; i++)
        if (check_shard(check, &check->manifest.shards[i], &err) != PREF_OK)
            complain(check, &err);
    if (shard_dir_each(check->dir, look_for_strangers, check, &err) != PREF_OK)
        complain(check, &err);
}

static int open_check(struct check *check, struct pref_err *err)
{
    const char *path = shard_dir_path(&check->path, check->dir, SHARD_MANIFEST);
    check->block = malloc(BLOCK);
    check->hasher = pref_hasher_new(0);
    if (path == NULL || check->block == NULL || check->hasher == NULL)
        return pref_fail_memory(err, "a buffer");
    int status = shard_manifest_read(&check->manifest, path, err);
    if (status == PREF_OK && !check->manifest.found)
        status = pref_fail(err, "%s: is missing: its shards were not written to the end", path);
    return status;
}

int shard_verify(const char *dir, int verbose)
{
    struct check check = {.dir = dir};
    struct pref_err err;
    if (open_check(&check, &err) == PREF_OK)
        check_folder(&check);
    else
        complain(&check, &err);
    if (verbose && check.problems == 0) {
        char line[160];
        snprintf(line, sizeof line, "verified %zu shards, %llu records, %llu bytes",
                 check.manifest.count, (unsigned long long)check.records,
                 (unsigned long long)check.bytes);
        say_note(line);
    }
    shard_manifest_release(&check.manifest);
    pref_hasher_free(check.hasher);
    pref_buf_release(&check.path);
    free(check.block);
    return check.problems == 0 ? PREF_OK : PREF_FAIL;
}
