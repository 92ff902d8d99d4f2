/* SPDX-License-Identifier: Apache-2.0 */
/*
 * manifest.h - DIR/manifest.json: what lies in a folder of shards. Written last, by rename:
 * where it stands, all of it is there.
 *
 *   {"tool":"shard","version":"...","options":{...},"records":R,"shards":[
 *   {"name":"...","split":...,"records":R,"bytes":B,"compressed_bytes":C,"xxh3_128":"..."},
 *   ...
 *   ],
 *   "manifest_xxh3_128":"..."}
 *
 * The last line holds the hash of all lines before it, so that a change shows. A manifest that is
 * read may be hostile: it is taken only if every name is a shard's (names.h) and the shards
 * of each split are all listed, once, in order. Its text is scanned like a record; counts beyond
 * 2^53 stay exact.
 */
#ifndef CMD_SHARD_MANIFEST_H
#define CMD_SHARD_MANIFEST_H

#include "names.h"
#include "pref/buf.h"
#include "pref/hash.h"

struct shard_entry {
    struct shard_name name;
    int unnamed; /* 1: made without --split; the manifest's "split" is null */
    uint64_t records, bytes, packed_bytes;
    struct pref_h128 hash; /* of the plain bytes */
};

struct shard_manifest {
    int found;  /* 0: there is none */
    int sealed; /* 1: its own hash is right */
    struct pref_buf text;
    struct pref_span options;   /* as it stands in the text */
    struct shard_entry *shards; /* names point into the text */
    size_t count;
};

/* Write the manifest of `dir`. `options` is JSON. */
int shard_manifest_write(const char *dir, struct pref_span options, const char *version,
                         const struct shard_entry *shards, size_t count, struct pref_err *err);

/* Read the manifest at `path`, if there is one. PREF_FAIL where it is no manifest of shards. The
 * manifest is to be released whatever happened. */
int shard_manifest_read(struct shard_manifest *manifest, const char *path, struct pref_err *err);
void shard_manifest_release(struct shard_manifest *manifest);

/* The entry of a shard, or NULL. */
const struct shard_entry *shard_manifest_find(const struct shard_manifest *manifest,
                                              const struct shard_name *name);

#endif
