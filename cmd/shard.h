/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shard.h - what the parts of `pref shard` share: the filter that writes records into shards
 * (shard_filter.c), the command around it (shard.c), and --verify (shard_verify.c).
 */
#ifndef CMD_SHARD_H
#define CMD_SHARD_H

#include "run.h"
#include "shard_dir.h"
#include "shard_manifest.h"

struct pref_sink;
struct pref_press;

/* One shard that is being written. */
struct shard_out {
    struct pref_sink *sink;
    struct pref_hasher *hasher;
    struct shard_entry entry;
};

/* The filter's state. */
struct shard {
    const char *dir, *shards, *group, *splits; /* options */
    int by, plain, force;
    uint64_t seed, memory;

    const struct pref_config *config; /* set by the command, before the run */

    const char *field; /* what is grouped by */
    pref_place place;
    int required; /* the field is the prompt */
    struct shard_plan plan;
    struct shard_orders orders;
    struct shard_dir folder;
    struct pref_buf options; /* for the manifest */
    struct pref_buf path;
    struct pref_press *press;
    struct shard_out *out; /* plan.total of them, or NULL */
    int complete;          /* the manifest was written */
};

extern const struct pref_filter filter_shard;

/* Check the folder `dir` against its manifest: a line on standard error for each problem; PREF_OK
 * or PREF_FAIL. `verbose`: also say what was verified. */
int shard_verify(const char *dir, int verbose);

#endif
