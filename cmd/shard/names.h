/* SPDX-License-Identifier: Apache-2.0 */
/*
 * names.h - what shards are called: SPLIT-00000-of-00016.jsonl.zst, or .jsonl where they are
 * plain. Whatever a manifest or a folder says goes through shard_name_parse before a file is
 * touched: nothing else is ever opened, replaced or removed.
 */
#ifndef CMD_SHARD_NAMES_H
#define CMD_SHARD_NAMES_H

#include "pref/base.h"

#define SHARD_SPLIT_MAX 64                     /* bytes of a split's name */
#define SHARD_NAME_SIZE (SHARD_SPLIT_MAX + 32) /* room for any name, with its NUL */
#define SHARD_SPLITS_MAX 64                    /* splits of one folder */
#define SHARD_COUNT_MAX 65536                  /* shards of one folder */
#define SHARD_MANIFEST "manifest.json"
#define SHARD_MARKER ".pref-shard" /* stands in a folder while its shards are unfinished */

/* A name taken apart. */
struct shard_name {
    struct pref_span split; /* into the name that was parsed */
    uint32_t index, count;  /* shard `index` of `count` */
    int packed;             /* 1: .zst */
};

/* Whether a split may be called so: letters, digits, '_', '-', '.', beginning with none of the
 * last two, at most SHARD_SPLIT_MAX bytes. */
int shard_split_is_name(struct pref_span split);

/* Write a shard's name and a NUL. */
void shard_name_print(char out[SHARD_NAME_SIZE], struct pref_span split, uint32_t index,
                      uint32_t count, int packed);

/* Take a name apart; 0 if it is no shard's. */
int shard_name_parse(struct pref_span name, struct shard_name *out);

/* Whether `name` is what a sink calls a shard or the manifest while it is being written:
 * .NAME.pref-PID-TRY. */
int shard_name_is_temporary(struct pref_span name);

#endif
