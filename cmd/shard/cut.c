/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "cut.h"

uint64_t shard_cut_quota(uint64_t records, uint32_t count, uint32_t index)
{
    return records / count + (index < records % count);
}

int shard_cut_here(struct shard_limit limit, uint64_t records, uint64_t bytes, uint64_t len)
{
    if (records == 0)
        return 0;
    if (records >= limit.records)
        return 1;
    return limit.bytes != SHARD_NO_LIMIT && (bytes > limit.bytes || len > limit.bytes - bytes);
}
