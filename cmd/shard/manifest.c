/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "manifest.h"
#include "pref/number.h"
#include "pref/scan.h"
#include "pref/sink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MANIFEST_LIMIT ((size_t)64 << 20) /* bytes; the longest we write is about 20 MiB */
#define SEAL_KEY "\"manifest_xxh3_128\":"

/* ---- Writing --------------------------------------------------------------------------------- */

static void add_entry(struct pref_buf *json, const struct shard_entry *entry)
{
    char name[SHARD_NAME_SIZE], hash[33];
    shard_name_print(name, entry->name.split, entry->name.index, entry->name.count,
                     entry->name.packed);
    pref_h128_hex(entry->hash, hash);
    pref_buf_addf(json, "{\"name\":\"%s\",\"split\":", name);
    if (entry->unnamed)
        pref_buf_add_text(json, "null");
    else
        pref_buf_add_json(json, entry->name.split);
    pref_buf_add_text(json, ",\"records\":");
    pref_buf_add_u64(json, entry->records);
    pref_buf_add_text(json, ",\"bytes\":");
    pref_buf_add_u64(json, entry->bytes);
    pref_buf_add_text(json, ",\"compressed_bytes\":");
    pref_buf_add_u64(json, entry->packed_bytes);
    pref_buf_addf(json, ",\"xxh3_128\":\"%s\"}", hash);
}

int shard_manifest_write(const char *dir, struct pref_span options, const char *version,
                         const struct shard_entry *shards, size_t count, struct pref_err *err)
{
    struct pref_buf json = {0}, path = {0};
    uint64_t records = 0;
    char hash[33];
    for (size_t i = 0; i < count; i++)
        records += shards[i].records;
    pref_buf_addf(&json, "{\"tool\":\"shard\",\"version\":\"%s\",\"options\":", version);
    pref_buf_add_span(&json, options);
    pref_buf_add_text(&json, ",\"records\":");
    pref_buf_add_u64(&json, records);
    pref_buf_add_text(&json, ",\"shards\":[\n");
    for (size_t i = 0; i < count; i++) {
        add_entry(&json, &shards[i]);
        pref_buf_add_text(&json, i + 1 < count ? ",\n" : "\n");
    }
    pref_buf_add_text(&json, "],\n");
    if (!json.failed)
        pref_h128_hex(pref_hash128(json.ptr, json.len, 0), hash);
    pref_buf_addf(&json, SEAL_KEY "\"%s\"}\n", json.failed ? "" : hash);
    pref_buf_add_text(&path, dir);
    pref_buf_add(&path, "/" SHARD_MANIFEST, sizeof "/" SHARD_MANIFEST);
    int status = json.failed || path.failed ? pref_fail_memory(err, "the manifest")
                                            : pref_file_write(path.ptr, pref_buf_span(&json), err);
    pref_buf_release(&json);
    pref_buf_release(&path);
    return status;
}

/* ---- Reading --------------------------------------------------------------------------------- */

/* Where the members stand in the shape. */
struct places {
    pref_place tool, options, shards, each, name, split, records, bytes, packed, hash, seal;
};

/* One entry's hits; NULL where the member is absent or null. */
struct members {
    const struct pref_hit *name, *split, *records, *bytes, *packed, *hash;
};

static pref_place want(struct pref_shape *shape, pref_place parent, const char *name, unsigned type)
{
    pref_place place = pref_shape_key(shape, parent, pref_span_of(name));
    pref_shape_demand(shape, place, PREF_IS(type), PREF_REQUIRED);
    return place;
}

static struct pref_shape *make_shape(struct places *at)
{
    static const char *const tools[] = {"shard", NULL};
    struct pref_shape *shape = pref_shape_new();
    if (shape == NULL)
        return NULL;
    at->tool = want(shape, PREF_ROOT, "tool", PREF_STRING);
    pref_shape_words(shape, at->tool, tools);
    at->options = want(shape, PREF_ROOT, "options", PREF_OBJECT);
    at->seal = want(shape, PREF_ROOT, "manifest_xxh3_128", PREF_STRING);
    at->shards = want(shape, PREF_ROOT, "shards", PREF_ARRAY);
    at->each = pref_shape_each(shape, at->shards);
    pref_shape_demand(shape, at->each, PREF_IS(PREF_OBJECT), PREF_NULL_IS_VALUE);
    at->name = want(shape, at->each, "name", PREF_STRING);
    at->split = pref_shape_key(shape, at->each, pref_span_of("split"));
    pref_shape_demand(shape, at->split, PREF_IS(PREF_STRING), 0);
    at->records = want(shape, at->each, "records", PREF_NUMBER);
    at->bytes = want(shape, at->each, "bytes", PREF_NUMBER);
    at->packed = want(shape, at->each, "compressed_bytes", PREF_NUMBER);
    at->hash = want(shape, at->each, "xxh3_128", PREF_STRING);
    return shape;
}

/* The bytes between a string's quotes; a string with escapes is none of ours. */
static struct pref_span inside(const struct pref_doc *doc, const struct pref_hit *hit)
{
    struct pref_span text = pref_hit_span(doc, hit);
    return hit->escaped ? (struct pref_span){NULL, 0}
                        : (struct pref_span){text.ptr + 1, text.len - 2};
}

static int read_hash(struct pref_span hex, struct pref_h128 *hash)
{
    uint64_t half[2] = {0, 0};
    if (hex.len != 32)
        return 0;
    for (size_t i = 0; i < 32; i++) {
        char c = hex.ptr[i];
        unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
                                                : 16;
        if (digit > 15)
            return 0;
        half[i / 16] = half[i / 16] << 4 | digit;
    }
    *hash = (struct pref_h128){.high = half[0], .low = half[1]};
    return 1;
}

/* Gather the hits of the entry at *at and go on to the next. */
static struct members take_entry(const struct places *at, const struct pref_doc *doc, size_t *i)
{
    struct members m = {0};
    uint32_t end = doc->hits[*i].end;
    for (++*i; *i < doc->count && doc->hits[*i].start < end; ++*i) {
        const struct pref_hit *hit = &doc->hits[*i];
        const struct pref_hit **slot = hit->place == at->name      ? &m.name
                                       : hit->place == at->split   ? &m.split
                                       : hit->place == at->records ? &m.records
                                       : hit->place == at->bytes   ? &m.bytes
                                       : hit->place == at->packed  ? &m.packed
                                                                   : &m.hash;
        *slot = hit;
    }
    return m;
}

static int read_entry(const struct pref_doc *doc, const struct members *m,
                      struct shard_entry *entry, struct pref_err *err)
{
    struct pref_span name = inside(doc, m->name), shown = pref_hit_span(doc, m->name);
    int cut = (int)(shown.len < 200 ? shown.len : 200);
    if (!shard_name_parse(name, &entry->name))
        return pref_fail(err, "%.*s is no name of a shard", cut, shown.ptr);
    entry->unnamed = m->split == NULL;
    if (m->split != NULL && !pref_span_equal(inside(doc, m->split), entry->name.split))
        return pref_fail(err, "the split of %.*s is not in its name", cut, shown.ptr);
    if (pref_u64_parse(pref_hit_span(doc, m->records), &entry->records) != PREF_OK ||
        pref_u64_parse(pref_hit_span(doc, m->bytes), &entry->bytes) != PREF_OK ||
        pref_u64_parse(pref_hit_span(doc, m->packed), &entry->packed_bytes) != PREF_OK)
        return pref_fail(err, "a number of %.*s is no count", cut, shown.ptr);
    if (!read_hash(inside(doc, m->hash), &entry->hash))
        return pref_fail(err, "the xxh3_128 of %.*s is not 32 digits", cut, shown.ptr);
    return PREF_OK;
}

static int same_run(const struct shard_name *a, const struct shard_name *b)
{
    return a->count == b->count && a->packed == b->packed && pref_span_equal(a->split, b->split);
}

/* The shards of each split stand together, from the first to the last, and no split comes twice. */
static int check_order(const struct shard_manifest *manifest, struct pref_err *err)
{
    unsigned splits = 0;
    for (size_t i = 0; i < manifest->count; i += manifest->shards[i].name.count) {
        const struct shard_name *first = &manifest->shards[i].name;
        if (++splits > SHARD_SPLITS_MAX)
            return pref_fail(err, "there are more than %d splits", SHARD_SPLITS_MAX);
        if (first->count > manifest->count - i)
            return pref_fail(err, "the shards of '%.*s' are not all there", (int)first->split.len,
                             first->split.ptr);
        for (size_t k = 0; k < first->count; k++)
            if (manifest->shards[i + k].name.index != k ||
                !same_run(&manifest->shards[i + k].name, first))
                return pref_fail(err, "the shards of '%.*s' are not all there, once and in order",
                                 (int)first->split.len, first->split.ptr);
        for (size_t k = 0; k < i; k += manifest->shards[k].name.count)
            if (pref_span_equal(manifest->shards[k].name.split, first->split))
                return pref_fail(err, "the split '%.*s' comes twice", (int)first->split.len,
                                 first->split.ptr);
    }
    return PREF_OK;
}

/* Whether the last line holds the hash of those before it. */
static int is_sealed(const struct shard_manifest *manifest, struct pref_span seal)
{
    struct pref_h128 said;
    const char *text = manifest->text.ptr;
    size_t key = sizeof SEAL_KEY - 1;
    if (!read_hash(seal, &said))
        return 0;
    size_t at = (size_t)(seal.ptr - text);
    if (at < key + 1 || memcmp(text + at - 1 - key, SEAL_KEY, key) != 0)
        return 0;
    struct pref_h128 is = pref_hash128(text, at - 1 - key, 0);
    return is.low == said.low && is.high == said.high && manifest->text.len == at + seal.len + 3 &&
           memcmp(seal.ptr + seal.len, "\"}\n", 3) == 0;
}

static int take(struct shard_manifest *manifest, const struct places *at,
                const struct pref_doc *doc, struct pref_err *err)
{
    manifest->options = pref_hit_span(doc, pref_doc_at(doc, at->options));
    manifest->sealed = is_sealed(manifest, inside(doc, pref_doc_at(doc, at->seal)));
    size_t i = (size_t)doc->at[at->shards] + 1, room = 0;
    int status = PREF_OK;
    while (i < doc->count && doc->hits[i].place == at->each && status == PREF_OK) {
        struct members members = take_entry(at, doc, &i);
        if (manifest->count == room) {
            room = room == 0 ? 64 : 2 * room;
            struct shard_entry *more = realloc(manifest->shards, room * sizeof *more);
            if (more == NULL)
                return pref_fail_memory(err, "a manifest");
            manifest->shards = more;
        }
        status = read_entry(doc, &members, &manifest->shards[manifest->count++], err);
    }
    return status == PREF_OK ? check_order(manifest, err) : status;
}

int shard_manifest_read(struct shard_manifest *manifest, const char *path, struct pref_err *err)
{
    struct places at;
    struct pref_doc doc;
    struct pref_fault fault;
    struct pref_err why;
    *manifest = (struct shard_manifest){0};
    if (access(path, F_OK) != 0 && errno == ENOENT)
        return PREF_OK;
    manifest->found = 1;
    int status = pref_file_read(path, MANIFEST_LIMIT, -1, &manifest->text, err);
    if (status != PREF_OK)
        return status;
    struct pref_shape *shape = make_shape(&at);
    int usable = shape != NULL && pref_shape_check(shape, NULL) == PREF_OK;
    struct pref_scanner *scanner = usable ? pref_scanner_new(shape) : NULL;
    if (scanner == NULL) {
        status = pref_fail_memory(err, "a manifest");
    } else if (pref_scan(scanner, manifest->text.ptr, manifest->text.len, &doc, &fault) != 0) {
        pref_fault_text(shape, &fault, &why);
        status = pref_fail(err, "%s: is no manifest of shards: %s", path, why.text);
    } else if (take(manifest, &at, &doc, &why) != PREF_OK) {
        status = pref_fail(err, "%s: is no manifest of shards: %s", path, why.text);
    }
    pref_scanner_free(scanner);
    pref_shape_free(shape);
    return status;
}

void shard_manifest_release(struct shard_manifest *manifest)
{
    pref_buf_release(&manifest->text);
    free(manifest->shards);
    *manifest = (struct shard_manifest){0};
}

const struct shard_entry *shard_manifest_find(const struct shard_manifest *manifest,
                                              const struct shard_name *name)
{
    for (size_t i = 0; i < manifest->count; i += manifest->shards[i].name.count)
        if (same_run(&manifest->shards[i].name, name))
            return &manifest->shards[i + name->index];
    return NULL;
}
