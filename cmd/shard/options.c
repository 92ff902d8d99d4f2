/* SPDX-License-Identifier: Apache-2.0 */
/* What the options of `pref shard` come to, which of them do not go together, and how the manifest
 * holds them. */
#include "config.h"

#include "cmd/shard.h"

#include <string.h>

static const char *const ways[] = {"hash", "round-robin", "order"};

/* --by, and what ends a shard. */
static int read_way(struct shard *shard, struct pref_err *err)
{
    int limited = shard->limit.bytes != SHARD_NO_LIMIT || shard->limit.records != SHARD_NO_LIMIT;
    const char *which = shard->limit.bytes != SHARD_NO_LIMIT ? "--max-bytes" : "--max-records";
    if (shard->limit.bytes == 0 || shard->limit.records == 0)
        return pref_usage(err, "%s: '0', expected at least 1",
                          shard->limit.bytes == 0 ? "--max-bytes" : "--max-records");
    if (limited && shard->by >= 0 && shard->by != SHARD_BY_ORDER)
        return pref_usage(err, "%s: such shards are cut by order, not by %s", which,
                          ways[shard->by]);
    if (limited && shard->shards != NULL)
        return pref_usage(err, "%s: how many shards there are follows from it: no --shards", which);
    if (shard->shards == NULL && shard->splits == NULL && !limited)
        return pref_usage(err, "--shards: how many shards are there to be?");
    if (shard->by < 0)
        shard->by = limited ? SHARD_BY_ORDER : SHARD_BY_HASH;
    shard->grouped = shard->by == SHARD_BY_HASH || shard->splits != NULL;
    if (!shard->grouped && (shard->group != NULL || shard->seed != 0))
        return pref_usage(err, "--%s: nothing is hashed by %s, but with --split",
                          shard->group != NULL ? "group" : "seed", ways[shard->by]);
    if (shard->stratify != NULL && shard->splits == NULL)
        return pref_usage(err, "--stratify: there are no splits to stratify: give --split");
    if (shard->memory != 0 && shard->splits == NULL)
        return pref_usage(err, "--memory: nothing is held to be limited, but with --split");
    return PREF_OK;
}

int shard_options_read(struct shard *shard, struct pref_err *err)
{
    struct shard_plan *plan = &shard->plan;
    if (shard->dir == NULL)
        return pref_usage(err, "--dir: where are the shards to go?");
    int status = read_way(shard, err);
    if (status == PREF_OK)
        status = shard_plan_read(plan, shard->splits, shard->shards, err);
    if (status != PREF_OK)
        return status;
    int limited = shard->limit.bytes != SHARD_NO_LIMIT || shard->limit.records != SHARD_NO_LIMIT;
    for (unsigned i = 0; limited && i < plan->count; i++)
        plan->split[i].count = 0;
    if (limited)
        plan->total = 0;
    /* Shards of equal parts need the whole's size; one shard is the whole. */
    shard->learns = plan->count > 1 || shard->stratify != NULL ||
                    (shard->by == SHARD_BY_ORDER && plan->total > plan->count);
    return PREF_OK;
}

static void print_splits(const struct shard_plan *plan, struct pref_buf *json)
{
    char share[PREF_SHARE_MAX];
    for (unsigned i = 0; i < plan->count; i++) {
        const struct shard_split *split = &plan->split[i];
        pref_share_print(share, split->share);
        pref_buf_addf(json, "%s{\"split\":\"%.*s\",\"share\":\"%s\"",
                      i == 0 ? ",\"splits\":[" : ",", (int)split->name.len, split->name.ptr,
                      share);
        if (split->count != 0)
            pref_buf_addf(json, ",\"shards\":%u", split->count);
        pref_buf_add_text(json, i + 1 == plan->count ? "}]" : "}");
    }
}

void shard_options_print(struct shard *shard)
{
    struct pref_buf *json = &shard->options;
    pref_buf_addf(json, "{\"by\":\"%s\"", ways[shard->by]);
    if (shard->grouped) {
        pref_buf_add_text(json, ",\"group\":");
        pref_buf_add_json(json, pref_span_of(shard->field));
        /* Readers of JSON that know only doubles keep a seed that is a string. */
        pref_buf_addf(json, shard->seed >> 53 == 0 ? ",\"seed\":%llu" : ",\"seed\":\"%llu\"",
                      (unsigned long long)shard->seed);
    }
    if (shard->stratify != NULL) {
        pref_buf_add_text(json, ",\"stratify\":");
        pref_buf_add_json(json, pref_span_of(shard->stratify));
    }
    if (shard->limit.bytes != SHARD_NO_LIMIT)
        pref_buf_addf(json, ",\"max_bytes\":%llu", (unsigned long long)shard->limit.bytes);
    if (shard->limit.records != SHARD_NO_LIMIT)
        pref_buf_addf(json, ",\"max_records\":%llu", (unsigned long long)shard->limit.records);
    pref_buf_addf(json, ",\"plain\":%s", shard->plain ? "true" : "false");
    if (shard->plan.named)
        print_splits(&shard->plan, json);
    else if (shard->plan.total != 0)
        pref_buf_addf(json, ",\"shards\":%u", shard->plan.total);
    pref_buf_add_byte(json, '}');
}
