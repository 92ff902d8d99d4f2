/* SPDX-License-Identifier: Apache-2.0 */
/*
 * writer.h - the shards of a run while they are written: opened, filled, ended, and given
 * their names. Called by the filter of `pref shard` from its serial half.
 *
 * By hash or round-robin, all shards are open at once. By order, only one of each split is: the
 * one that is being filled. Where a limit ends shards, nobody knows how many there will be: they
 * are written under names of the right form, and named when all are there.
 */
#ifndef CMD_SHARD_WRITER_H
#define CMD_SHARD_WRITER_H

#include "cut.h"
#include "manifest.h"
#include "split.h"

enum shard_by { SHARD_BY_HASH, SHARD_BY_ROUND_ROBIN, SHARD_BY_ORDER };

/* One shard. */
struct shard_out {
    struct pref_sink *sink;     /* NULL: it has its name, or never began */
    struct pref_hasher *hasher; /* NULL: ended, and its entry whole */
    struct shard_entry entry;
};

/* The shards of one split. */
struct shard_set {
    struct shard_out *out;
    uint32_t count, room; /* shards begun; memory for so many */
    uint64_t records;     /* in all of them */
};

struct shard_writer {
    /* Set before it is opened. */
    const char *dir;
    const struct shard_plan *plan; /* cut */
    int by;                        /* enum shard_by */
    int plain, level;
    struct pref_press *press;      /* of the run: its threads compress */
    struct shard_limit limit; /* of a shard, where the plan does not say how many there are */

    struct shard_set *set; /* one for each split, or NULL */
    uint32_t begun;        /* shards of all sets */
    struct pref_buf path;
};

/* Begin. The writer is to be closed whatever happens. */
int shard_writer_open(struct shard_writer *writer, struct pref_err *err);

/* Write a record, given without its LF, into the split `side`; `part` is its hash. */
int shard_writer_add(struct shard_writer *writer, unsigned side, uint64_t part,
                     struct pref_span text, struct pref_err *err);

/* All records were added: every shard gets its name, and only when all of them are on the disk.
 * What is left to do is the manifest. */
int shard_writer_finish(struct shard_writer *writer, struct pref_err *err);

/* All entries in the manifest's order, for the caller to free; NULL when memory ran out. */
struct shard_entry *shard_writer_entries(const struct shard_writer *writer);

/* Frees everything; removes shards that have no name yet. */
void shard_writer_close(struct shard_writer *writer);

#endif
