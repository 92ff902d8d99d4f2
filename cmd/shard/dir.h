/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dir.h - the folder that shards are written to, and who may write there.
 *
 * Its states, told by two files:
 *
 *   manifest.json        all shards that it lists are whole
 *   .pref-shard, alone   a run is at work, or was stopped: what is called a shard is replaced
 *   neither              what is called a shard is somebody's: only files that the run itself
 *                        would write are replaced, as by any output
 *
 * A run locks .pref-shard, which the system undoes however the run ends, so that two runs never
 * mix. Only files whose names are shards', their temporary names, and those two are ever touched.
 */
#ifndef CMD_SHARD_DIR_H
#define CMD_SHARD_DIR_H

#include "split.h"
#include "pref/option.h"

struct shard_dir {
    const char *path;
    int lock;  /* descriptor of .pref-shard; -1: nothing is held */
    int made;  /* 1: the folder was made by this run */
    int stale; /* 1: .pref-shard was there before */
    int fresh; /* 1: neither that nor a shard nor a manifest was there */
    int begun; /* 1: shard_dir_begin was called */
};

/* What a run would write. */
struct shard_claim {
    const struct shard_plan *plan;
    int packed;
    struct pref_span options; /* as the manifest will hold them */
    int force;
};

/* Whether `path` names a file in `dir` that a run there would write, replace or remove. */
int shard_dir_owns(const char *dir, const char *path);

/* Whether one of the files `paths` is a shard in `dir`, by whatever name: *which says which one. */
int shard_dir_holds(const char *dir, const struct pref_texts *paths, size_t *which);

/* Make the folder at need, lock it, and see whether the run may write there: PREF_USAGE where other
 * shards lie there. Nothing is removed yet. */
int shard_dir_claim(struct shard_dir *folder, const struct shard_claim *claim,
                    struct pref_err *err);

/* Remove the manifest: from here on the folder is unfinished. */
int shard_dir_begin(struct shard_dir *folder, struct pref_err *err);

/* Remove all shards and what is left of unfinished ones. */
int shard_dir_clean(const struct shard_dir *folder, struct pref_err *err);

/* The run went well: the manifest is there. Or it did not: a manifest it wrote is removed, and all
 * else it left in a fresh folder. Unlocks; does nothing where nothing is held. */
void shard_dir_end(struct shard_dir *folder, int well);

/* A file's path in the folder, with its NUL, in `out`; or NULL when memory ran out. */
struct pref_buf;
const char *shard_dir_path(struct pref_buf *out, const char *dir, const char *name);

/* Call `look` with each name in the folder that is a shard's, until it returns non-zero. */
int shard_dir_each(const char *dir,
                   int (*look)(void *user, const char *text, const struct shard_name *name),
                   void *user, struct pref_err *err);

#endif
