/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "models.h"

#include <stdlib.h>

#define MODELS_FIRST 16

void strength_models_init(struct strength_models *models, uint64_t seed)
{
    *models = (struct strength_models){0};
    pref_name_table_init(&models->names, seed);
}

void strength_models_release(struct strength_models *models)
{
    for (size_t i = 0; i < models->names.count && i < models->cap; i++)
        free(models->list[i].learnt);
    free(models->list);
    pref_name_table_release(&models->names);
    models->list = NULL;
    models->cap = 0;
}

/* Make the list as long as the table of names. */
static int make_room(struct strength_models *models)
{
    if (models->names.count <= models->cap)
        return PREF_OK;
    size_t cap = models->cap == 0 ? MODELS_FIRST : models->cap * 2;
    struct strength_model *list = realloc(models->list, cap * sizeof *list);
    if (list == NULL)
        return PREF_FAIL;
    for (size_t i = models->cap; i < cap; i++)
        list[i] = (struct strength_model){0};
    models->list = list;
    models->cap = cap;
    return PREF_OK;
}

int strength_models_add(struct strength_models *models, uint64_t hash, struct pref_span name,
                        uint32_t *number, struct pref_err *err)
{
    int status = pref_name_table_add(&models->names, hash, name, number, err);
    if (status != PREF_OK)
        return status;
    return make_room(models) == PREF_OK ? PREF_OK : pref_fail_memory(err, "the models");
}
