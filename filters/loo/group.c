/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "group.h"

#include <stdlib.h>
#include <string.h>

/* An item that has a value. */
struct valued {
    struct pref_h128 key;
    uint32_t item;
};

int loo_group_open(struct loo_group *group, const char *text, struct pref_shape *shape,
                   pref_place each, uint64_t seed, struct pref_err *err)
{
    *group = (struct loo_group){.each = each, .value = PREF_NOWHERE, .text = text, .seed = seed};
    if (text == NULL)
        return PREF_OK;
    if (text[0] != '/')
        return pref_usage(
            err, "--item-group: '%s', expected a JSON Pointer inside an item, such as /source",
            text);
    group->value = pref_shape_below(shape, each, text);
    pref_shape_demand(shape, group->value, PREF_IS_ANY, PREF_TEXT);
    return PREF_OK;
}

static int by_key(const void *a, const void *b)
{
    const struct valued *x = a, *y = b;
    if (x->key.high != y->key.high)
        return x->key.high < y->key.high ? -1 : 1;
    if (x->key.low != y->key.low)
        return x->key.low < y->key.low ? -1 : 1;
    return x->item < y->item ? -1 : x->item > y->item;
}

/* List the items that have a value. One hit of the array after the other. */
static enum pref_verdict read_values(const struct loo_group *group, struct pref_job *job,
                                     const struct pref_hit *array, struct valued *list,
                                     uint32_t *listed)
{
    const struct pref_hit *end = job->doc->hits + job->doc->count;
    uint32_t items = 0;
    *listed = 0;
    for (const struct pref_hit *hit = array + 1; hit < end && hit->start < array->end; hit++) {
        items += hit->place == group->each;
        if (hit->place != group->value)
            continue;
        struct valued *one = &list[(*listed)++];
        one->item = items - 1;
        int status = pref_key_value(job->keys, pref_hit_span(job->doc, hit), group->seed,
                                    &one->key, job->err);
        if (status != PREF_OK)
            return status == PREF_USAGE
                       ? pref_malformed(job, "--item-group %s: %s", group->text, job->err->text)
                       : PREF_BROKEN;
    }
    return PREF_PASS;
}

enum pref_verdict loo_group_items(const struct loo_group *group, struct pref_job *job,
                                  const struct pref_hit *array, uint32_t count,
                                  struct loo_units *units)
{
    struct pref_buf *room = &job->scratch[2];
    uint32_t listed;
    *units = (struct loo_units){NULL, count};
    if (group->value == PREF_NOWHERE || count == 0)
        return PREF_PASS;
    uint32_t *of = pref_job_alloc(job, count * sizeof *of);
    pref_buf_clear(room);
    struct valued *list = (struct valued *)(void *)pref_buf_reserve(room, count * sizeof *list);
    if (of == NULL || list == NULL) {
        pref_fail_memory(job->err, "the items of a record");
        return PREF_BROKEN;
    }
    enum pref_verdict verdict = read_values(group, job, array, list, &listed);
    if (verdict != PREF_PASS)
        return verdict;
    qsort(list, listed, sizeof *list, by_key);
    /* First the first item of each one's group, then the groups' numbers in the items' order. */
    for (uint32_t i = 0; i < count; i++)
        of[i] = i;
    for (uint32_t i = 1; i < listed; i++)
        if (list[i].key.low == list[i - 1].key.low && list[i].key.high == list[i - 1].key.high)
            of[list[i].item] = of[list[i - 1].item];
    units->count = 0;
    for (uint32_t i = 0; i < count; i++)
        of[i] = of[i] == i ? units->count++ : of[of[i]];
    units->of = of;
    return PREF_PASS;
}

int loo_group_order(struct pref_job *job, const struct loo_units *units, uint32_t *order,
                    uint32_t count)
{
    struct pref_buf *seen = &job->scratch[2];
    uint32_t n = 0;
    if (units->of == NULL || order == NULL)
        return PREF_OK;
    pref_buf_clear(seen);
    if (pref_buf_reserve(seen, units->count) == NULL)
        return PREF_FAIL;
    memset(seen->ptr, 0, units->count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t unit = units->of[order[i]];
        if (!seen->ptr[unit])
            order[n++] = unit;
        seen->ptr[unit] = 1;
    }
    return PREF_OK;
}
