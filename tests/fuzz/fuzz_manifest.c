/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A manifest of shards of any bytes. Where the first byte is odd the seal behind them is made
 * right. What is taken names shards and nothing else, each split whole, in order and once; every
 * entry is found again by its name; and what is sealed is taken again as it was when it is written
 * anew. The name of a split, and the options --split and --shards, of any bytes too.
 */
#include "config.h"

#include "cmd/shard/manifest.h"
#include "cmd/shard/split.h"
#include "pref/sink.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[64], path[96];

static void require(int condition)
{
    if (!condition)
        abort();
}

static void remove_folder(void)
{
    unlink(path);
    rmdir(folder);
}

/* Files are synced: in memory that costs nothing. */
static void name_folder(void)
{
    if (folder[0] != '\0')
        return;
    strcpy(folder, access("/dev/shm", W_OK) == 0 ? "/dev/shm/fuzz.XXXXXX" : "/tmp/fuzz.XXXXXX");
    require(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/%s", folder, SHARD_MANIFEST);
    atexit(remove_folder);
}

static void put(const uint8_t *bytes, size_t size, int seal)
{
    FILE *file = fopen(path, "wb");
    char hex[33];
    require(file != NULL && fwrite(bytes, 1, size, file) == size);
    pref_h128_hex(pref_hash128(bytes, size, 0), hex);
    if (seal)
        fprintf(file, "\"manifest_xxh3_128\":\"%s\"}\n", hex);
    require(fclose(file) == 0);
}

/* Read the file; 1 if it is a manifest. */
static int read_manifest(struct shard_manifest *manifest)
{
    struct pref_err err = {""};
    int status = shard_manifest_read(manifest, path, &err);
    require((status == 0) == (err.text[0] == '\0') && strchr(err.text, '\n') == NULL);
    for (size_t i = 0; status == 0 && i < manifest->count; i++) {
        char name[SHARD_NAME_SIZE];
        const struct shard_name *parts = &manifest->shards[i].name;
        struct shard_name again;
        shard_name_print(name, parts->split, parts->index, parts->count, parts->packed);
        require(strchr(name, '/') == NULL && name[0] != '.' && name[0] != '-');
        require(shard_name_parse(pref_span_of(name), &again));
        require(shard_manifest_find(manifest, &again) == &manifest->shards[i]);
    }
    return status == 0;
}

static void check_same(const struct shard_manifest *a, const struct shard_manifest *b)
{
    require(b->sealed && a->count == b->count && pref_span_equal(a->options, b->options));
    for (size_t i = 0; i < a->count; i++) {
        const struct shard_entry *x = &a->shards[i], *y = &b->shards[i];
        require(pref_span_equal(x->name.split, y->name.split) && x->unnamed == y->unnamed);
        require(x->records == y->records && x->bytes == y->bytes);
        require(x->packed_bytes == y->packed_bytes && x->hash.low == y->hash.low);
    }
}

/* The bytes as text of an option: what is taken adds up. */
static void plan(const uint8_t *data, size_t size)
{
    struct shard_plan plan = {.count = 0};
    struct pref_err err = {""};
    char *text = malloc(size + 1);
    require(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    char *counts = strchr(text, ';');
    if (counts != NULL)
        *counts++ = '\0';
    uint64_t total = 0;
    if (shard_plan_read(&plan, text, counts, &err) == 0) {
        for (unsigned i = 0; i < plan.count; i++) {
            require(shard_split_is_name(plan.split[i].name) && plan.split[i].count > 0);
            total += plan.split[i].count;
        }
        require(plan.count >= 1 && plan.count <= SHARD_SPLITS_MAX);
        require(total == plan.total && total <= SHARD_COUNT_MAX);
    } else {
        require(strncmp(err.text, "--", 2) == 0);
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct shard_manifest first, second;
    struct pref_err err;
    if (size == 0)
        return 0;
    name_folder();
    plan(data + 1, size - 1);
    put(data + 1, size - 1, data[0] & 1);
    if (read_manifest(&first) && first.sealed) {
        require(shard_manifest_write(folder, first.options, "1", first.shards, first.count,
                                     &err) == 0);
        require(read_manifest(&second));
        check_same(&first, &second);
        shard_manifest_release(&second);
    }
    shard_manifest_release(&first);
    return 0;
}
