/* SPDX-License-Identifier: Apache-2.0 */
/*
 * models.h - the reward models of a corpus by name (name_table.h): what was learnt of
 * each, its scale.
 *
 * Memory: 72 bytes a model, its name, and 8 to 16 bytes of index; lists and names have room for up
 * to twice as much, and are there twice for the moment in which they grow.
 */
#ifndef STRENGTH_MODELS_H
#define STRENGTH_MODELS_H

#include "lib/key/name_table.h"

struct strength_model {
    uint64_t n;    /* differences, or scores, learnt */
    void *learnt;  /* for its learner, or NULL; freed with the table */
    double scale;  /* what its differences or scores are divided by; 0: it is left out */
    double middle; /* of its scores, under logistic */
    uint32_t room; /* for its learner (scales.c) */
};

struct strength_models {
    struct pref_name_table names;
    struct strength_model *list; /* by number */
    size_t cap;
};

/* Make it empty; all bytes zero but the seed is the same. */
void strength_models_init(struct strength_models *models, uint64_t seed);
void strength_models_release(struct strength_models *models);

/* The number of a model, which is made if it is new; `hash` is its name's. PREF_FAIL when memory
 * ran out. */
int strength_models_add(struct strength_models *models, uint64_t hash, struct pref_span name,
                        uint32_t *number, struct pref_err *err);

#endif
