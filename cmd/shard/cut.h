/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cut.h - where shards end that are filled one after the other (--by order): when so many
 * shards are wanted that each gets its part, or when each has as much as it may hold. Plain
 * arithmetic, called by what writes the shards.
 */
#ifndef CMD_SHARD_CUT_H
#define CMD_SHARD_CUT_H

#include <stdint.h>

#define SHARD_NO_LIMIT UINT64_MAX

/* What a shard may hold. */
struct shard_limit {
    uint64_t records, bytes; /* bytes plain; SHARD_NO_LIMIT: any */
};

/* The records that shard `index` of `count` gets of `records`: those counts differ by at most one,
 * and the larger ones come first. */
uint64_t shard_cut_quota(uint64_t records, uint32_t count, uint32_t index);

/* Whether a shard of so many records and bytes must end before a record of `len` bytes, its LF
 * counted. A shard without a record takes any: a record beyond the limit has a shard of its own. */
int shard_cut_here(struct shard_limit limit, uint64_t records, uint64_t bytes, uint64_t len);

#endif
