/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "groups.h"

#include "tally.h"
#include "filters/common/gold.h"
#include "pref/hash.h"

#include <stdlib.h>

#define SLOTS_FIRST 1024
#define GOLD_DEFAULT "/vote/label"

int strength_groups_open(struct strength_groups *groups, struct pref_opening *opening,
                         struct pref_err *err)
{
    groups->seed = opening->common->table_seed;
    if (!groups->wanted)
        return groups->gold == NULL ? PREF_OK : pref_usage(err, "--gold needs --groups");
    groups->place = gold_want(opening->shape, strength_groups_field(groups), 1);
    return PREF_OK;
}

void strength_groups_release(struct strength_groups *groups)
{
    for (size_t i = 0; i < groups->slot_count; i++) {
        pref_narrow_sum_release(&groups->slots[i].mean);
        pref_narrow_sum_release(&groups->slots[i].sd);
    }
    free(groups->slots);
    groups->slots = NULL;
    groups->slot_count = groups->used = 0;
}

const char *strength_groups_field(const struct strength_groups *groups)
{
    return groups->gold == NULL ? GOLD_DEFAULT : groups->gold;
}

enum pref_word strength_groups_label(const struct strength_groups *groups,
                                     const struct pref_job *job)
{
    return groups->wanted ? gold_word(job->doc, groups->place) : PREF_WORDS;
}

/* ---- Adding ---------------------------------------------------------------------------------- */

/* The slot of a key, or the empty one where it would go. */
static struct strength_group *find(struct strength_group *slots, size_t slot_count, uint64_t seed,
                                   uint64_t key)
{
    size_t mask = slot_count - 1, at = pref_hash64(&key, sizeof key, seed) & mask;
    while (slots[at].records != 0 && slots[at].key != key)
        at = (at + 1) & mask;
    return &slots[at];
}

/* Twice the slots, so that half of them stay empty. */
static int grow(struct strength_groups *groups)
{
    size_t count = groups->slot_count == 0 ? SLOTS_FIRST : groups->slot_count * 2;
    struct strength_group *slots = calloc(count, sizeof *slots);
    if (slots == NULL)
        return PREF_FAIL;
    for (size_t i = 0; i < groups->slot_count; i++)
        if (groups->slots[i].records != 0)
            *find(slots, count, groups->seed, groups->slots[i].key) = groups->slots[i];
    free(groups->slots);
    groups->slots = slots;
    groups->slot_count = count;
    return PREF_OK;
}

int strength_groups_add(struct strength_groups *groups, uint32_t stratum, uint32_t bucket,
                        const struct strength_moments *m, enum pref_word label,
                        struct pref_err *err)
{
    uint64_t key = STRENGTH_CELL_KEY(stratum, bucket);
    if (2 * (groups->used + 1) > groups->slot_count && grow(groups) != PREF_OK)
        return pref_fail_memory(err, "the sums of groups");
    struct strength_group *group = find(groups->slots, groups->slot_count, groups->seed, key);
    groups->used += group->records == 0;
    group->key = key;
    group->records++;
    group->agree += label == PREF_CHOSEN;
    group->disagree += label == PREF_REJECTED;
    if (pref_narrow_sum_add(&group->mean, m->mean) != PREF_OK ||
        pref_narrow_sum_add(&group->sd, m->sd) != PREF_OK)
        return pref_fail_memory(err, "the sums of groups");
    return PREF_OK;
}

/* ---- Fits ------------------------------------------------------------------------------------ */

/* A group with its place among the rows. */
struct placed {
    uint64_t order; /* its bucket, then the place of its stratum */
    const struct strength_group *group;
};

static int by_order(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    return (x->order > y->order) - (x->order < y->order);
}

/* All groups in the order of their rows: an array for the caller to free. */
static struct placed *place_all(const struct strength_groups *groups, const uint32_t *places)
{
    struct placed *all = malloc((groups->used + 1) * sizeof *all);
    size_t count = 0;
    for (size_t i = 0; all != NULL && i < groups->slot_count; i++) {
        const struct strength_group *group = &groups->slots[i];
        if (group->records == 0)
            continue;
        uint64_t bucket = STRENGTH_CELL_BUCKET(group->key);
        uint32_t place = places == NULL ? 0 : places[STRENGTH_CELL_OWNER(group->key)];
        all[count++] = (struct placed){bucket << 32 | place, group};
    }
    if (all != NULL)
        qsort(all, count, sizeof *all, by_order);
    return all;
}

static int save_one(const struct strength_group *group, const struct strength_strata *strata,
                    struct pref_buf *key, struct pref_fit_writer *writer, struct pref_err *err)
{
    struct pref_accumulator sums[2];
    struct pref_span text = {NULL, 0};
    if (strata->field != NULL)
        text = pref_name_table_name(&strata->names, STRENGTH_CELL_OWNER(group->key));
    strength_key_print(key, STRENGTH_CELL_BUCKET(group->key), strata->field == NULL ? NULL : &text);
    if (key->failed)
        return pref_fail_memory(err, "a fit");
    pref_narrow_sum_value(&group->mean, &sums[0]);
    pref_narrow_sum_value(&group->sd, &sums[1]);
    struct pref_fit_row row = {.key = pref_buf_span(key),
                               .n = {group->records, group->agree, group->disagree},
                               .counts = 3,
                               .sum = sums,
                               .sums = 2};
    return pref_fit_put(writer, &row, err);
}

int strength_groups_save(struct strength_groups *groups, const struct strength_strata *strata,
                         struct pref_fit_writer *writer, struct pref_err *err)
{
    struct pref_buf key = {0};
    uint32_t *places = strata->field == NULL ? NULL : strength_strata_places(strata);
    int failed = strata->field != NULL && places == NULL;
    struct placed *all = failed ? NULL : place_all(groups, places);
    int status = all == NULL ? pref_fail_memory(err, "a fit") : PREF_OK;
    for (size_t i = 0; status == PREF_OK && i < groups->used; i++)
        status = save_one(all[i].group, strata, &key, writer, err);
    free(all);
    free(places);
    pref_buf_release(&key);
    return status;
}
