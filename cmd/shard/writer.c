/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "dir.h"
#include "writer.h"
#include "pref/sink.h"

#include <stdlib.h>
#include <string.h>

#define FRAMES_BYTES ((size_t)512 << 20) /* open frames of all shards, roughly */
#define FRAME_MAX ((size_t)4 << 20)
#define FRAME_MIN ((size_t)64 << 10)
#define GATHERS_BYTES ((size_t)64 << 20) /* the same of plain shards */
#define GATHER_MAX ((size_t)256 << 10)
#define GATHER_MIN ((size_t)4 << 10)
#define ROOM_FIRST 16 /* shards that a set of unknown size begins with room for */

/* ---- Beginning a shard ----------------------------------------------------------------------- */

/* A part of `all` for each shard; where their number is not known, for each that is open. */
static size_t per_shard(const struct shard_writer *writer, size_t all, size_t least, size_t most)
{
    size_t shards = writer->plan->total != 0 ? writer->plan->total : writer->plan->count;
    size_t each = all / shards;
    return each < least ? least : each > most ? most : each;
}

static const char *path_of(struct shard_writer *writer, const struct shard_name *name)
{
    char text[SHARD_NAME_SIZE];
    shard_name_print(text, name->split, name->index, name->count, name->packed);
    return shard_dir_path(&writer->path, writer->dir, text);
}

static int make_room(struct shard_writer *writer, struct shard_set *set, struct pref_err *err)
{
    if (writer->begun == SHARD_COUNT_MAX)
        return pref_fail(err, "--max-bytes, --max-records: more than %d shards", SHARD_COUNT_MAX);
    if (set->count < set->room)
        return PREF_OK;
    uint32_t room = set->room == 0 ? ROOM_FIRST : 2 * set->room;
    struct shard_out *out = realloc(set->out, room * sizeof *out);
    if (out == NULL)
        return pref_fail_memory(err, "the shards");
    set->out = out;
    set->room = room;
    return PREF_OK;
}

/* Begin the next shard of a set. */
static int begin_shard(struct shard_writer *writer, struct shard_set *set, struct pref_err *err)
{
    const struct shard_split *split = &writer->plan->split[set - writer->set];
    int status = make_room(writer, set, err);
    if (status != PREF_OK)
        return status;
    struct shard_out *out = &set->out[set->count];
    *out = (struct shard_out){.hasher = pref_hasher_new(0)};
    out->entry.unnamed = !writer->plan->named;
    out->entry.name = (struct shard_name){
        .split = split->name,
        .index = set->count,
        .count = split->count != 0 ? split->count : SHARD_COUNT_MAX, /* until it is known */
        .packed = !writer->plain};
    struct pref_sink_config config = {
        .name = path_of(writer, &out->entry.name),
        .flags = PREF_SINK_ATOMIC | PREF_SINK_GROUP | (writer->plain ? PREF_SINK_PLAIN : 0),
        .level = writer->level,
        .frame = per_shard(writer, FRAMES_BYTES, FRAME_MIN, FRAME_MAX),
        .gather = per_shard(writer, GATHERS_BYTES, GATHER_MIN, GATHER_MAX),
        .stop_fd = -1,
        .press = writer->press};
    set->count++;
    writer->begun++;
    if (config.name == NULL || out->hasher == NULL)
        return pref_fail_memory(err, "a shard");
    return pref_sink_open(&out->sink, &config, err);
}

/* All of the split's shards at once. */
static int begin_all(struct shard_writer *writer, struct shard_set *set, struct pref_err *err)
{
    int status = PREF_OK;
    while (set->count < writer->plan->split[set - writer->set].count && status == PREF_OK)
        status = begin_shard(writer, set, err);
    return status;
}

int shard_writer_open(struct shard_writer *writer, struct pref_err *err)
{
    const struct shard_plan *plan = writer->plan;
    int status = PREF_OK;
    writer->set = calloc(plan->count, sizeof *writer->set);
    if (writer->set == NULL)
        return pref_fail_memory(err, "the shards");
    for (unsigned i = 0; i < plan->count && status == PREF_OK; i++)
        status = writer->by == SHARD_BY_ORDER ? begin_shard(writer, &writer->set[i], err)
                                              : begin_all(writer, &writer->set[i], err);
    return status;
}

/* ---- Filling --------------------------------------------------------------------------------- */

/* The shard is on the disk, if without a name, and needs no more than its entry. */
static int end_shard(struct shard_out *out, struct pref_err *err)
{
    int status = pref_sink_finish(out->sink, err);
    out->entry.bytes = pref_sink_bytes(out->sink, &out->entry.packed_bytes);
    out->entry.hash = pref_hasher_value(out->hasher);
    pref_hasher_free(out->hasher);
    out->hasher = NULL;
    return status;
}

static struct shard_limit limit_of(const struct shard_writer *writer, const struct shard_set *set)
{
    const struct shard_split *split = &writer->plan->split[set - writer->set];
    if (split->count == 0)
        return writer->limit;
    uint64_t quota = shard_cut_quota(split->records, split->count, set->count - 1);
    int last = set->count == split->count;
    return (struct shard_limit){last ? SHARD_NO_LIMIT : quota, SHARD_NO_LIMIT};
}

/* By order: end the shard of a set that is being filled, and begin the next one. */
static int turn_to_next(struct shard_writer *writer, struct shard_set *set, struct pref_err *err)
{
    int status = end_shard(&set->out[set->count - 1], err);
    return status == PREF_OK ? begin_shard(writer, set, err) : status;
}

/* The shard of a set that is being filled, which a record of `len` bytes may end. */
static int next_in_order(struct shard_writer *writer, struct shard_set *set, uint64_t len,
                         struct shard_out **out, struct pref_err *err)
{
    struct shard_out *last = &set->out[set->count - 1];
    int status = PREF_OK;
    if (shard_cut_here(limit_of(writer, set), last->entry.records,
                       pref_sink_bytes(last->sink, NULL), len))
        status = turn_to_next(writer, set, err);
    *out = &set->out[set->count - 1];
    return status;
}

int shard_writer_add(struct shard_writer *writer, unsigned side, uint64_t part,
                     struct pref_span text, struct pref_err *err)
{
    struct shard_set *set = &writer->set[side];
    struct shard_out *out = NULL;
    int status = PREF_OK;
    if (writer->by == SHARD_BY_ORDER)
        status = next_in_order(writer, set, (uint64_t)text.len + 1, &out, err);
    else if (writer->by == SHARD_BY_ROUND_ROBIN)
        out = &set->out[set->records % set->count];
    else
        out = &set->out[shard_split_part(&writer->plan->split[side], part)];
    if (status != PREF_OK)
        return status;
    pref_hasher_add(out->hasher, text.ptr, text.len);
    pref_hasher_add(out->hasher, "\n", 1);
    out->entry.records++;
    set->records++;
    status = pref_sink_write(out->sink, text.ptr, text.len, err);
    return status == PREF_OK ? pref_sink_write(out->sink, "\n", 1, err) : status;
}

/* ---- The end --------------------------------------------------------------------------------- */

/* Every shard that is still open has had its last record; by order, those that got none are still
 * to come. */
static int end_set(struct shard_writer *writer, struct shard_set *set, struct pref_err *err)
{
    int status = PREF_OK;
    while (set->count < writer->plan->split[set - writer->set].count && status == PREF_OK)
        status = turn_to_next(writer, set, err);
    for (uint32_t i = 0; i < set->count && status == PREF_OK; i++)
        if (set->out[i].hasher != NULL)
            status = pref_sink_end(set->out[i].sink, err);
    return status;
}

static int store_set(struct shard_set *set, struct pref_err *err)
{
    int status = PREF_OK;
    for (uint32_t i = 0; i < set->count && status == PREF_OK; i++)
        if (set->out[i].hasher != NULL)
            status = end_shard(&set->out[i], err);
    return status;
}

static int name_set(struct shard_writer *writer, struct shard_set *set, struct pref_err *err)
{
    int status = PREF_OK;
    for (uint32_t i = 0; i < set->count && status == PREF_OK; i++) {
        struct shard_out *out = &set->out[i];
        struct pref_sink *sink = out->sink;
        if (out->entry.name.count != set->count) {
            out->entry.name.count = set->count;
            const char *path = path_of(writer, &out->entry.name);
            status = path == NULL ? pref_fail_memory(err, "a name")
                                  : pref_sink_rename(sink, path, err);
        }
        if (status == PREF_OK) {
            out->sink = NULL;
            status = pref_sink_publish(sink, err);
        }
    }
    return status;
}

int shard_writer_finish(struct shard_writer *writer, struct pref_err *err)
{
    int status = PREF_OK;
    for (unsigned i = 0; i < writer->plan->count && status == PREF_OK; i++)
        status = end_set(writer, &writer->set[i], err);
    for (unsigned i = 0; i < writer->plan->count && status == PREF_OK; i++)
        status = store_set(&writer->set[i], err);
    for (unsigned i = 0; i < writer->plan->count && status == PREF_OK; i++)
        status = name_set(writer, &writer->set[i], err);
    return status == PREF_OK ? pref_folder_sync(writer->dir, err) : status;
}

struct shard_entry *shard_writer_entries(const struct shard_writer *writer)
{
    struct shard_entry *entries = malloc(writer->begun * sizeof *entries);
    size_t count = 0;
    for (unsigned i = 0; entries != NULL && i < writer->plan->count; i++)
        for (uint32_t k = 0; k < writer->set[i].count; k++)
            entries[count++] = writer->set[i].out[k].entry;
    return entries;
}

void shard_writer_close(struct shard_writer *writer)
{
    for (unsigned i = 0; writer->set != NULL && i < writer->plan->count; i++) {
        for (uint32_t k = 0; k < writer->set[i].count; k++) {
            pref_sink_abort(writer->set[i].out[k].sink);
            pref_hasher_free(writer->set[i].out[k].hasher);
        }
        free(writer->set[i].out);
    }
    free(writer->set);
    writer->set = NULL;
    pref_buf_release(&writer->path);
}
