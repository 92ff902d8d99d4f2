/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An index of protected records, given anything, and used by whole runs of dedup. The first byte
 * chooses the options; then come the list from behind its words to its sets, after its length (2
 * bytes), and of each set the key and the bytes of the piece as they stand in the list (8), and a
 * piece after its length (2). The words, which have the version of Unicode, the sketches and all
 * hashes are put right, so that what they would stop is reached, too.
 *
 * A run ends well or with one sentence; no record is lost, and the audit is JSON.
 */
#include "config.h"

#include "filters/filters.h"
#include "lib/near/lsh.h"
#include "lib/stream/store.h"
#include "pref/buf.h"
#include "pref/run.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define KIND (struct pref_store_kind){"\x9aprefdx\n", "an index", 1}

enum { IN, OLD, INDEX, OUT, REJECTS, CLUSTERS, FILES };

static char folder[64], paths[FILES][80];

/* What tests/fuzz/corpus/index was made of, too. */
static const char old[] =
    "{\"id\":1,\"prompt\":\"one two three four five six\",\"chosen\":"
    "[{\"role\":\"user\",\"content\":\"a\\u0062c\"}],\"rejected\":\"no\"}\n"
    "{\"id\":\"x\",\"prompt\":\"seven\",\"chosen\":\"\",\"rejected\":\"-\"}\n";

static const char in[] = "{\"prompt\":\"one two three four five six!\",\"chosen\":"
                         "[{\"role\":\"user\",\"content\":\"abc\"}],\"rejected\":\"no\"}\n"
                         "{\"prompt\":\"one two three four five six\",\"chosen\":\"no\","
                         "\"rejected\":\"abc\"}\n"
                         "{\"prompt\":\"seven\",\"chosen\":\"\",\"rejected\":\"-\"}\n"
                         "{\"prompt\":\"Seven\",\"chosen\":\"\",\"rejected\":\"\"}\n";

/* Ways to make and to use an index: what both runs say, what the second says beside, and the tenths
 * of
 * --near. */
static const struct {
    const char *both, *second;
    uint64_t tenths;
} ways[] = {
    {"", "", 0},
    {"", "memory=64K", 0},
    {"near=0.5", "", 5},
    {"near=0.5", "keep=last\tcontradictions=merge\tmerge-votes", 5},
    {"on=prompt\tnear=0.7\tngram=2", "each-field=0.5\tcount", 7},
};

enum { WAYS = sizeof ways / sizeof ways[0] };

static void require(int condition)
{
    if (!condition)
        abort();
}

static void write_file(int which, const char *bytes, size_t len)
{
    FILE *file = fopen(paths[which], "wb");
    require(file != NULL && fwrite(bytes, 1, len, file) == len && fclose(file) == 0);
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
    static const char *const names[FILES] = {"in", "old", "index", "out", "rejects", "clusters"};
    if (folder[0] != '\0')
        return;
    strcpy(folder, access("/dev/shm", W_OK) == 0 ? "/dev/shm/fuzz.XXXXXX" : "/tmp/fuzz.XXXXXX");
    require(mkdtemp(folder) != NULL);
    for (int i = 0; i < FILES; i++)
        snprintf(paths[i], sizeof paths[i], "%s/%s", folder, names[i]);
    atexit(remove_files);
    write_file(IN, in, sizeof in - 1);
    write_file(OLD, old, sizeof old - 1);
}

static void set(void *self, const char *name, const char *value)
{
    const struct pref_option *option = filter_dedup.options;
    struct pref_err err;
    while (strcmp(option->name, name) != 0)
        option++;
    require(pref_option_set(option, self, value, &err) == 0);
}

/* Set options NAME=VALUE with TABs between them, which must outlive the run. */
static void set_all(void *self, char *words)
{
    char *rest = NULL;
    for (char *word = strtok_r(words, "\t", &rest); word != NULL;
         word = strtok_r(NULL, "\t", &rest)) {
        char *value = strchr(word, '=');
        if (value != NULL)
            *value++ = '\0';
        set(self, word, value);
    }
}

/* Run dedup with a way's options, and files by the names of options; its status. */
static int run(unsigned way, int use, struct pref_counts *counts)
{
    struct pref_config config = pref_config_default();
    struct pref_err err = {""};
    const char *input = use ? paths[IN] : "/dev/null";
    char words[2][100];
    int stopped = 0;
    void *self = calloc(1, filter_dedup.self_size);
    require(self != NULL);
    filter_dedup.preset(self);
    set_all(self, strcpy(words[0], ways[way].both));
    if (use)
        set_all(self, strcpy(words[1], ways[way].second));
    set(self, use ? "index" : "against", use ? paths[INDEX] : paths[OLD]);
    set(self, use ? "clusters" : "save-index", use ? paths[CLUSTERS] : paths[INDEX]);
    config.inputs = (struct pref_texts){.text = &input, .count = 1};
    config.output = use ? paths[OUT] : "/dev/null";
    config.rejects = use ? paths[REJECTS] : NULL;
    config.common.table_seed = way;
    config.threads = 1;
    config.stop_fd = -1;
    int status = pref_run(&filter_dedup, self, &config, counts, &stopped, &err);
    require(!stopped && (status == 0) == (err.text[0] == '\0'));
    require(strchr(err.text, '\n') == NULL && status != PREF_USAGE);
    pref_options_release(filter_dedup.options, self);
    free(self);
    return status;
}

/* What an index of a way begins with, and the sketches of its two sets. */
struct right {
    struct pref_buf words, list;
    size_t sketch; /* bytes of one; 0: there are none */
};

/* The size of a way's sketches, which is what the similarity and the usual recall make it. */
static size_t sketch_size(unsigned way)
{
    const struct pref_share share = {ways[way].tenths, 10}, recall = {19, 20};
    struct pref_lsh_plan plan;
    struct pref_minhash family;
    struct pref_err err;
    if (share.num == 0)
        return 0;
    require(pref_lsh_plan(share, recall, &plan, &err) == 0);
    pref_minhash_init(&family, plan.bands * plan.rows);
    return pref_sketch_size(plan, family.count);
}

static const struct right *read_right(unsigned way)
{
    static struct right rights[WAYS];
    struct right *right = &rights[way];
    struct pref_store *store;
    struct pref_counts counts;
    struct pref_err err;
    if (right->words.len > 0)
        return right;
    require(run(way, 0, &counts) == 0);
    require(pref_store_open(paths[INDEX], KIND, &store, &err) == 0);
    pref_store_take_text(store, &right->words);
    right->list.len = (size_t)pref_store_left(store);
    right->list.ptr = malloc(right->list.len);
    require(right->list.ptr != NULL);
    pref_store_take(store, right->list.ptr, right->list.len);
    pref_store_close(store);
    right->sketch = sketch_size(way);
    return right;
}

/* The next bytes of the input, as many as there are. */
static struct pref_span next(struct pref_span *data, size_t len)
{
    struct pref_span bytes = {data->ptr, len < data->len ? len : data->len};
    data->ptr += bytes.len;
    data->len -= bytes.len;
    return bytes;
}

static struct pref_span next_sized(struct pref_span *data)
{
    unsigned char size[2] = {0, 0};
    struct pref_span bytes = next(data, sizeof size);
    memcpy(size, bytes.ptr, bytes.len);
    return next(data, (size_t)pref_number_of(size, sizeof size));
}

static void write_index(unsigned way, struct pref_span data)
{
    const struct right *right = read_right(way);
    struct pref_store_writer *writer;
    struct pref_err err;
    struct pref_span records = next_sized(&data), sets = data;
    require(pref_store_create(paths[INDEX], KIND, &writer, &err) == 0);
    pref_store_add_text(writer, pref_buf_span(&right->words));
    pref_store_add(writer, records.ptr, records.len);
    for (size_t i = 0; data.len > 0; i++) {
        struct pref_span set = next(&data, 8);
        size_t behind = right->sketch + i % 2 * (8 + right->sketch);
        pref_store_add(writer, set.ptr, set.len);
        pref_store_add(writer, right->list.ptr + right->list.len - behind, right->sketch);
        next_sized(&data);
    }
    while (sets.len > 0) {
        next(&sets, 8);
        pref_store_add_piece(writer, next_sized(&sets));
    }
    require(pref_store_publish(writer, &err) == 0);
}

/* A file is so many JSON objects, a line each. */
static void require_objects(int which, uint64_t count)
{
    static const struct pref_filter any_object = {.name = "any"};
    struct pref_config config = pref_config_default();
    struct pref_counts counts;
    struct pref_err err;
    const char *input = paths[which];
    char nothing;
    int stopped;
    config.inputs = (struct pref_texts){.text = &input, .count = 1};
    config.output = "/dev/null";
    config.threads = 1;
    config.stop_fd = -1;
    require(pref_run(&any_object, &nothing, &config, &counts, &stopped, &err) == 0);
    require(counts.in == count && counts.blank == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pref_counts counts;
    if (size == 0)
        return 0;
    unsigned way = data[0] % WAYS;
    name_files();
    write_index(way, (struct pref_span){(const char *)data + 1, size - 1});
    if (run(way, 1, &counts) == 0) {
        require(counts.in == 4 && counts.in == counts.out + counts.rejected);
        require_objects(OUT, counts.out);
        require_objects(REJECTS, counts.rejected);
        require_objects(CLUSTERS, counts.rejected);
    }
    return 0;
}
