/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "split.h"
#include "lib/base/wide.h"

#include <stdlib.h>
#include <string.h>

#define PART_FIRST 128 /* orders that a part begins with room for */

static const struct pref_share whole = {1, 1};

/* ---- Reading --------------------------------------------------------------------------------- */

/* Cut the next "NAME=VALUE" off a comma list: 1, 0 at its end, -1 where it is none. *name has the
 * whole item then. */
static int next_item(const char **at, struct pref_span *name, struct pref_span *value)
{
    if (*at == NULL)
        return 0;
    const char *comma = strchr(*at, ',');
    *name = pref_span_of(*at);
    if (comma != NULL)
        name->len = (size_t)(comma - *at);
    *at = comma == NULL ? NULL : comma + 1;
    const char *equals = name->len == 0 ? NULL : memchr(name->ptr, '=', name->len);
    if (equals == NULL)
        return -1;
    *value = (struct pref_span){equals + 1, name->len - (size_t)(equals + 1 - name->ptr)};
    name->len = (size_t)(equals - name->ptr);
    return 1;
}

static struct shard_split *find(struct shard_plan *plan, struct pref_span name)
{
    for (unsigned i = 0; i < plan->count; i++)
        if (pref_span_equal(plan->split[i].name, name))
            return &plan->split[i];
    return NULL;
}

static int add_split(struct shard_plan *plan, struct pref_span name, struct pref_span value,
                     struct pref_err *err)
{
    struct pref_err why;
    struct shard_split *split = &plan->split[plan->count];
    struct pref_share before = {0, 1};
    if (!shard_split_is_name(name))
        return pref_usage(err,
                          "--split: '%.*s' cannot name files: expected up to %d letters, digits, "
                          "'_', '-' and '.', the first no '-' or '.'",
                          (int)(name.len < 80 ? name.len : 80), name.ptr, SHARD_SPLIT_MAX);
    if (find(plan, name) != NULL)
        return pref_usage(err, "--split: '%.*s' is named twice", (int)name.len, name.ptr);
    if (plan->count == SHARD_SPLITS_MAX)
        return pref_usage(err, "--split: more than %d splits", SHARD_SPLITS_MAX);
    if (pref_share_parse(value, &split->share, &why) != PREF_OK)
        return pref_usage(err, "--split: %s", why.text);
    if (split->share.num == 0)
        return pref_usage(err, "--split: '%.*s' has no share", (int)name.len, name.ptr);
    if (plan->count > 0)
        before = plan->split[plan->count - 1].upto;
    if (pref_share_add(before, split->share, &split->upto) != PREF_OK)
        return pref_usage(err, "--split: the shares have no common denominator below 2^37");
    if (split->upto.num > split->upto.den)
        return pref_usage(err, "--split: the shares add up to more than 1");
    split->name = name;
    plan->count++;
    return PREF_OK;
}

static int read_splits(struct shard_plan *plan, const char *text, struct pref_err *err)
{
    const char *at = text;
    struct pref_span name, value;
    int status = PREF_OK, found;
    while (status == PREF_OK && (found = next_item(&at, &name, &value)) != 0) {
        if (found < 0)
            return pref_usage(err,
                              "--split: '%.*s', expected NAME=SHARE, as in train=0.98,test=0.02",
                              (int)(name.len < 80 ? name.len : 80), name.ptr);
        status = add_split(plan, name, value, err);
    }
    if (status != PREF_OK)
        return status;
    struct pref_share sum = plan->split[plan->count - 1].upto;
    char printed[PREF_SHARE_MAX];
    pref_share_print(printed, sum);
    if (sum.num != sum.den)
        return pref_usage(err, "--split: the shares add up to %s, expected 1", printed);
    return PREF_OK;
}

static int read_count(struct pref_span text, uint32_t *count, struct pref_err *err)
{
    uint32_t value = 0;
    size_t i = 0;
    for (; i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++) {
        value = value * 10 + (uint32_t)(text.ptr[i] - '0');
        if (value > SHARD_COUNT_MAX)
            break;
    }
    if (text.len == 0 || i < text.len || value < 1)
        return pref_usage(err, "--shards: '%.*s', expected 1 to %d",
                          (int)(text.len < 80 ? text.len : 80), text.ptr, SHARD_COUNT_MAX);
    *count = value;
    return PREF_OK;
}

/* "train=16,valid=1": each split once. */
static int read_named_counts(struct shard_plan *plan, const char *text, struct pref_err *err)
{
    const char *at = text;
    struct pref_span name, value;
    int status = PREF_OK, found;
    while (status == PREF_OK && (found = next_item(&at, &name, &value)) != 0) {
        struct shard_split *split = found > 0 && plan->named ? find(plan, name) : NULL;
        if (split == NULL)
            return pref_usage(err,
                              "--shards: '%.*s', expected a number, or SPLIT=NUMBER for each split",
                              (int)(name.len < 80 ? name.len : 80), name.ptr);
        if (split->count != 0)
            return pref_usage(err, "--shards: '%.*s' is named twice", (int)name.len, name.ptr);
        status = read_count(value, &split->count, err);
    }
    for (unsigned i = 0; i < plan->count && status == PREF_OK; i++)
        if (plan->split[i].count == 0)
            status = pref_usage(err, "--shards: says nothing of the split '%.*s'",
                                (int)plan->split[i].name.len, plan->split[i].name.ptr);
    return status;
}

int shard_plan_read(struct shard_plan *plan, const char *split, const char *counts,
                    struct pref_err *err)
{
    int status = PREF_OK;
    *plan = (struct shard_plan){.named = split != NULL};
    if (split != NULL) {
        status = read_splits(plan, split, err);
    } else {
        plan->split[0] =
            (struct shard_split){.name = pref_span_of("part"), .share = whole, .upto = whole};
        plan->count = 1;
    }
    if (status == PREF_OK && counts != NULL && strchr(counts, '=') != NULL) {
        status = read_named_counts(plan, counts, err);
    } else {
        uint32_t each = 1;
        if (status == PREF_OK && counts != NULL)
            status = read_count(pref_span_of(counts), &each, err);
        for (unsigned i = 0; i < plan->count; i++)
            plan->split[i].count = each;
    }
    for (unsigned i = 0; i < plan->count && status == PREF_OK; i++) {
        plan->total += plan->split[i].count;
        if (plan->total > SHARD_COUNT_MAX)
            status = pref_usage(err, "--shards: more than %d shards in all", SHARD_COUNT_MAX);
    }
    return status;
}

/* ---- Placing --------------------------------------------------------------------------------- */

unsigned shard_plan_side(const struct shard_plan *plan, uint64_t order)
{
    unsigned side = 0;
    while (side + 1 < plan->count && order >= plan->split[side].below)
        side++;
    return side;
}

uint32_t shard_split_part(const struct shard_split *split, uint64_t part)
{
    return (uint32_t)pref_wide_multiply(part, split->count).hi;
}

/* ---- Orders ---------------------------------------------------------------------------------- */

int shard_orders_add(struct shard_orders *orders, uint64_t order, struct pref_err *err)
{
    unsigned i = (unsigned)(order >> 56);
    size_t cap = orders->part[i].cap;
    if (orders->part[i].count == cap) {
        size_t more = cap == 0 ? PART_FIRST : cap / 4;
        uint64_t bytes = orders->bytes + more * sizeof order;
        if (orders->limit != 0 && bytes > orders->limit)
            return pref_fail(err,
                             "--memory: the hashes of more than %llu records need more than "
                             "that: allow 10 bytes a record",
                             (unsigned long long)orders->total);
        uint64_t *at = realloc(orders->part[i].at, (cap + more) * sizeof *at);
        if (at == NULL)
            return pref_fail_memory(err, "the hashes of the records");
        orders->part[i].at = at;
        orders->part[i].cap = cap + more;
        orders->bytes = bytes;
    }
    orders->part[i].at[orders->part[i].count++] = order;
    orders->total++;
    return PREF_OK;
}

void shard_orders_release(struct shard_orders *orders)
{
    for (unsigned i = 0; i < SHARD_ORDER_PARTS; i++)
        free(orders->part[i].at);
    *orders = (struct shard_orders){.limit = orders->limit};
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

uint64_t shard_orders_at(struct shard_orders *orders, uint64_t rank)
{
    unsigned i = 0;
    while (rank >= orders->part[i].count)
        rank -= orders->part[i++].count;
    qsort(orders->part[i].at, orders->part[i].count, sizeof *orders->part[i].at, compare);
    return orders->part[i].at[rank];
}

uint64_t shard_orders_before(const struct shard_orders *orders, uint64_t order)
{
    uint64_t before = 0;
    unsigned last = (unsigned)(order >> 56);
    for (unsigned i = 0; i < last; i++)
        before += orders->part[i].count;
    for (size_t k = 0; k < orders->part[last].count; k++)
        before += orders->part[last].at[k] < order;
    return before;
}

/* The most records that may come before a boundary: share * total, rounded down. */
static uint64_t records_within(struct pref_share share, uint64_t total)
{
    uint64_t count = pref_share_of(share, total);
    return pref_share_compare(count, total, share) > 0 ? count - 1 : count;
}

void shard_plan_cut(struct shard_plan *plan, struct shard_orders *orders)
{
    /* The group of the first record that fits no more is the first of the next split. Shares before
     * the last sum to less than 1, so that there is such a record. */
    uint64_t before = 0;
    for (unsigned i = 0; i + 1 < plan->count && orders->total > 0; i++) {
        struct shard_split *split = &plan->split[i];
        split->below = shard_orders_at(orders, records_within(split->upto, orders->total));
        split->records = shard_orders_before(orders, split->below) - before;
        before += split->records;
    }
    plan->split[plan->count - 1].records = orders->total - before;
}
