/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shard.h - what the parts of `pref shard` share: the filter that writes records into shards
 * (shard/filter.c), its options (shard/options.c), the command around it (shard.c), and --verify
 * (shard/verify.c).
 */
#ifndef CMD_SHARD_H
#define CMD_SHARD_H

#include "cmd/shard/dir.h"
#include "cmd/shard/manifest.h"
#include "cmd/shard/strata.h"
#include "cmd/shard/writer.h"
#include "pref/run.h"

/* The filter's state. */
struct shard {
    const char *dir, *shards, *group, *splits, *stratify; /* options */
    int by, plain, force; /* by: -1 until they are read */
    struct shard_limit limit;
    uint64_t seed, memory;

    const struct pref_config *config; /* set by the command, before the run */

    int grouped, learns; /* what the options come to */
    const char *field;   /* what is grouped by */
    pref_place place, stratum;
    uint64_t table_seed;
    struct shard_plan plan;
    struct shard_orders orders; /* learnt, with one split only their number; */
    struct shard_strata strata; /* or this, with --stratify */
    struct shard_dir folder;
    struct pref_buf options; /* for the manifest */
    struct shard_writer writer;
    int complete; /* the manifest was written */
};

extern const struct pref_filter filter_shard;

/* Read the options into what they come to. PREF_USAGE with a sentence. */
int shard_options_read(struct shard *shard, struct pref_err *err);

/* Print them as the manifest holds them: all that decides which record lies where. */
void shard_options_print(struct shard *shard);

/* Check the folder `dir` against its manifest: a line on standard error for each problem; PREF_OK
 * or PREF_FAIL. `verbose`: also say what was verified. */
int shard_verify(const char *dir, int verbose);

#endif
