/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "strata.h"

#include <stdlib.h>

#define PART_FIRST 128   /* members that a part begins with room for */
#define STRATA_FIRST 256 /* the same of strata; a power of two */

/* ---- Collecting ------------------------------------------------------------------------------ */

/* Account for `more` bytes. */
static int allow(struct shard_strata *strata, uint64_t more, struct pref_err *err)
{
    if (strata->limit != 0 && strata->bytes + more > strata->limit)
        return pref_fail(err,
                         "--memory: the hashes of more than %llu records in %u strata need more "
                         "than that: allow 20 bytes a record and 100 a stratum",
                         (unsigned long long)strata->total, strata->count);
    strata->bytes += more;
    return PREF_OK;
}

/* The slot where a stratum stands, or would. */
static uint32_t *find_slot(struct shard_strata *strata, struct pref_h128 key)
{
    uint64_t mask = 2 * (uint64_t)strata->cap - 1, i = key.low & mask;
    while (strata->slots[i] != 0) {
        const struct shard_stratum *there = &strata->list[strata->slots[i] - 1];
        if (there->key.low == key.low && there->key.high == key.high)
            break;
        i = (i + 1) & mask;
    }
    return &strata->slots[i];
}

static int grow_strata(struct shard_strata *strata, struct pref_err *err)
{
    uint32_t cap = strata->cap == 0 ? STRATA_FIRST : 2 * strata->cap;
    if (cap > UINT32_MAX / 4)
        return pref_fail(err, "--stratify: more than %u strata", strata->count);
    int status = allow(strata, (uint64_t)(cap - strata->cap) *
                                   (sizeof *strata->list + 2 * sizeof *strata->slots), err);
    if (status != PREF_OK)
        return status;
    struct shard_stratum *list = realloc(strata->list, cap * sizeof *list);
    if (list == NULL)
        return pref_fail_memory(err, "the strata");
    strata->list = list;
    uint32_t *slots = calloc(2 * (size_t)cap, sizeof *slots);
    if (slots == NULL)
        return pref_fail_memory(err, "the strata");
    free(strata->slots);
    strata->slots = slots;
    strata->cap = cap;
    for (uint32_t i = 0; i < strata->count; i++)
        *find_slot(strata, list[i].key) = i + 1;
    return PREF_OK;
}

static int number_of(struct shard_strata *strata, struct pref_h128 key, uint32_t *number,
                     struct pref_err *err)
{
    int status = strata->count == strata->cap ? grow_strata(strata, err) : PREF_OK;
    if (status != PREF_OK)
        return status;
    uint32_t *slot = find_slot(strata, key);
    if (*slot == 0) {
        strata->list[strata->count] = (struct shard_stratum){.key = key};
        *slot = ++strata->count;
    }
    *number = *slot - 1;
    return PREF_OK;
}

int shard_strata_add(struct shard_strata *strata, uint64_t order, struct pref_h128 stratum,
                     struct pref_err *err)
{
    unsigned i = (unsigned)(order >> 56);
    size_t count = strata->part[i].count, cap = strata->part[i].cap;
    uint32_t number = 0;
    int status = number_of(strata, stratum, &number, err);
    if (status != PREF_OK)
        return status;
    if (count == UINT32_MAX)
        return pref_fail(err, "--stratify: too many records");
    if (count == cap) {
        size_t more = cap == 0 ? PART_FIRST : cap / 4;
        status = allow(strata, more * sizeof(struct shard_member), err);
        if (status != PREF_OK)
            return status;
        struct shard_member *at = realloc(strata->part[i].at, (cap + more) * sizeof *at);
        if (at == NULL)
            return pref_fail_memory(err, "the hashes of the records");
        strata->part[i].at = at;
        strata->part[i].cap = cap + more;
    }
    strata->part[i].at[count] = (struct shard_member){order, number, (uint32_t)count};
    strata->part[i].count++;
    strata->total++;
    return PREF_OK;
}

void shard_strata_release(struct shard_strata *strata)
{
    for (unsigned i = 0; i < SHARD_ORDER_PARTS; i++)
        free(strata->part[i].at);
    free(strata->list);
    free(strata->slots);
    *strata = (struct shard_strata){.limit = strata->limit};
}

/* ---- Cutting --------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    const struct shard_member *x = a, *y = b;
    if (x->order != y->order)
        return x->order < y->order ? -1 : 1;
    return x->count < y->count ? -1 : x->count > y->count;
}

/* Make a part's records groups, in the order of their hashes. The first record of each, which
 * stands first, names the stratum. */
static void gather(struct shard_strata *strata, unsigned part)
{
    struct shard_member *at = strata->part[part].at;
    size_t count = strata->part[part].count, groups = 0;
    if (count > 0)
        qsort(at, count, sizeof *at, compare);
    for (size_t i = 0, next; i < count; i = next) {
        for (next = i + 1; next < count && at[next].order == at[i].order; next++)
            continue;
        at[groups++] = (struct shard_member){at[i].order, at[i].where, (uint32_t)(next - i)};
        strata->list[at[i].where].records += next - i;
    }
    strata->part[part].count = groups;
}

/* A split goes on while its groups and those before them fit into the sum of the shares. */
static void place(struct shard_strata *strata, struct shard_plan *plan, struct shard_member *group)
{
    struct shard_stratum *stratum = &strata->list[group->where];
    stratum->taken += group->count;
    while (stratum->side + 1 < plan->count &&
           pref_share_compare(stratum->taken, stratum->records,
                              plan->split[stratum->side].upto) > 0)
        stratum->side++;
    group->where = stratum->side;
    plan->split[stratum->side].records += group->count;
}

void shard_strata_cut(struct shard_strata *strata, struct shard_plan *plan)
{
    for (unsigned i = 0; i < SHARD_ORDER_PARTS; i++)
        gather(strata, i);
    for (unsigned i = 0; i < SHARD_ORDER_PARTS; i++)
        for (size_t k = 0; k < strata->part[i].count; k++)
            place(strata, plan, &strata->part[i].at[k]);
}

unsigned shard_strata_side(const struct shard_strata *strata, const struct shard_plan *plan,
                           uint64_t order)
{
    unsigned part = (unsigned)(order >> 56);
    const struct shard_member *at = strata->part[part].at;
    size_t from = 0, to = strata->part[part].count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (at[middle].order == order)
            return at[middle].where;
        if (at[middle].order < order)
            from = middle + 1;
        else
            to = middle;
    }
    return plan->count - 1;
}

uint32_t shard_strata_used(const struct shard_strata *strata)
{
    uint32_t used = 0;
    for (uint32_t i = 0; i < strata->count; i++)
        used += strata->list[i].records > 0;
    return used;
}
