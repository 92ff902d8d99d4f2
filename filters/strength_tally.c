/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "strength_tally.h"

#include "hash.h"

#include <stdlib.h>

#define SLOTS_FIRST 1024

void strength_tally_init(struct strength_tally *tally, uint64_t seed)
{
    *tally = (struct strength_tally){.seed = seed};
}

void strength_tally_release(struct strength_tally *tally)
{
    free(tally->slots);
    strength_tally_init(tally, tally->seed);
}

/* Where the search for a key begins. */
static size_t slot_of(size_t slot_count, uint64_t seed, uint64_t key)
{
    return pref_hash64(&key, sizeof key, seed) & (slot_count - 1);
}

/* The slot of a key, or the empty one where it would go. */
static struct strength_cell *find(struct strength_cell *slots, size_t slot_count, uint64_t seed,
                                  uint64_t key)
{
    size_t mask = slot_count - 1, at = slot_of(slot_count, seed, key);
    while (slots[at].count != 0 && slots[at].key != key)
        at = (at + 1) & mask;
    return &slots[at];
}

/* Twice the slots, so that half of them stay empty. */
static int grow(struct strength_tally *tally, struct pref_err *err)
{
    size_t count = tally->slot_count == 0 ? SLOTS_FIRST : tally->slot_count * 2;
    struct strength_cell *slots = calloc(count, sizeof *slots);
    if (slots == NULL)
        return pref_fail_memory(err, "the counts of models' differences");
    for (size_t i = 0; i < tally->slot_count; i++)
        if (tally->slots[i].count != 0)
            *find(slots, count, tally->seed, tally->slots[i].key) = tally->slots[i];
    free(tally->slots);
    tally->slots = slots;
    tally->slot_count = count;
    return PREF_OK;
}

int strength_tally_add(struct strength_tally *tally, uint32_t model, uint32_t bucket,
                       uint64_t count, struct pref_err *err)
{
    uint64_t key = STRENGTH_CELL_KEY(model, bucket);
    if (2 * (tally->used + 1) > tally->slot_count) {
        int status = grow(tally, err);
        if (status != PREF_OK)
            return status;
    }
    struct strength_cell *cell = find(tally->slots, tally->slot_count, tally->seed, key);
    tally->used += cell->count == 0;
    cell->key = key;
    cell->count += count;
    return PREF_OK;
}

void strength_tally_warm(const struct strength_tally *tally, uint32_t model, uint32_t bucket)
{
    uint64_t key = STRENGTH_CELL_KEY(model, bucket);
    if (tally->slot_count > 0)
        __builtin_prefetch(&tally->slots[slot_of(tally->slot_count, tally->seed, key)], 1);
}

static int by_key(const void *a, const void *b)
{
    const struct strength_cell *x = a, *y = b;
    return (x->key > y->key) - (x->key < y->key);
}

void strength_cells_sort(struct strength_cell *cells, size_t count)
{
    if (count > 1)
        qsort(cells, count, sizeof *cells, by_key);
}

void strength_tally_sort(struct strength_tally *tally)
{
    size_t kept = 0;
    for (size_t i = 0; i < tally->slot_count; i++)
        if (tally->slots[i].count != 0)
            tally->slots[kept++] = tally->slots[i];
    strength_cells_sort(tally->slots, kept);
}
