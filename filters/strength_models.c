/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "strength_models.h"

#include "hash.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST 64
#define MODELS_FIRST 16
#define MODELS_MAX (STRENGTH_NO_MODEL - 1)

void strength_models_init(struct strength_models *models, uint64_t seed)
{
    *models = (struct strength_models){.seed = seed};
}

void strength_models_release(struct strength_models *models)
{
    for (size_t i = 0; i < models->count; i++)
        free(models->list[i].learnt);
    free(models->list);
    free(models->slots);
    pref_buf_release(&models->names);
    *models = (struct strength_models){.seed = models->seed};
}

uint64_t strength_models_hash(const struct strength_models *models, struct pref_span name)
{
    return pref_hash64(name.ptr, name.len, models->seed);
}

struct pref_span strength_models_name(const struct strength_models *models, uint32_t number)
{
    const struct strength_model *model = &models->list[number];
    return (struct pref_span){models->names.ptr + model->name, model->length};
}

uint32_t strength_models_find(const struct strength_models *models, uint64_t hash,
                              struct pref_span name)
{
    size_t mask = models->slot_count - 1;
    for (size_t at = hash & mask; models->count > 0 && models->slots[at] != 0;
         at = (at + 1) & mask) {
        uint32_t number = models->slots[at] - 1;
        if (models->list[number].hash == hash &&
            pref_span_equal(strength_models_name(models, number), name))
            return number;
    }
    return STRENGTH_NO_MODEL;
}

static void place(struct strength_models *models, uint32_t number)
{
    size_t mask = models->slot_count - 1, at = models->list[number].hash & mask;
    while (models->slots[at] != 0)
        at = (at + 1) & mask;
    models->slots[at] = number + 1;
}

/* Room for one more: half of the slots stay empty. */
static int grow(struct strength_models *models)
{
    if (models->count == models->cap) {
        size_t cap = models->cap == 0 ? MODELS_FIRST : models->cap * 2;
        struct strength_model *list = realloc(models->list, cap * sizeof *list);
        if (list == NULL)
            return PREF_FAIL;
        models->list = list;
        models->cap = cap;
    }
    if (2 * (models->count + 1) <= models->slot_count)
        return PREF_OK;
    size_t count = models->slot_count == 0 ? SLOTS_FIRST : models->slot_count * 2;
    uint32_t *slots = calloc(count, sizeof *slots);
    if (slots == NULL)
        return PREF_FAIL;
    free(models->slots);
    models->slots = slots;
    models->slot_count = count;
    for (size_t i = 0; i < models->count; i++)
        place(models, (uint32_t)i);
    return PREF_OK;
}

int strength_models_add(struct strength_models *models, uint64_t hash, struct pref_span name,
                        uint32_t *number, struct pref_err *err)
{
    *number = strength_models_find(models, hash, name);
    if (*number != STRENGTH_NO_MODEL)
        return PREF_OK;
    if (models->count == MODELS_MAX)
        return pref_fail(err, "more than %lu models", (unsigned long)MODELS_MAX);
    size_t at = models->names.len;
    pref_buf_add_span(&models->names, name);
    if (models->names.failed || grow(models) != PREF_OK)
        return pref_fail_memory(err, "the names of models");
    *number = (uint32_t)models->count;
    models->list[models->count++] =
        (struct strength_model){.hash = hash, .name = at, .length = (uint32_t)name.len};
    place(models, *number);
    return PREF_OK;
}

/* ---- In order -------------------------------------------------------------------------------- */

struct named {
    struct pref_span name;
    uint32_t number;
};

static int by_name(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    return pref_span_compare(x->name, y->name);
}

uint32_t *strength_models_sorted(const struct strength_models *models)
{
    size_t count = models->count;
    struct named *all = malloc((count + 1) * sizeof *all);
    uint32_t *sorted = malloc((count + 1) * sizeof *sorted);
    for (size_t i = 0; all != NULL && i < count; i++)
        all[i] = (struct named){strength_models_name(models, (uint32_t)i), (uint32_t)i};
    if (all == NULL || sorted == NULL) {
        free(all);
        free(sorted);
        return NULL;
    }
    qsort(all, count, sizeof *all, by_name);
    for (size_t i = 0; i < count; i++)
        sorted[i] = all[i].number;
    free(all);
    return sorted;
}
