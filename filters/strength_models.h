/* SPDX-License-Identifier: Apache-2.0 */
/*
 * strength_models.h - the reward models of a corpus by name: what was learnt of each, its scale.
 *
 * A hash table with any number of models. strength adds to it from one thread at a time while it
 * learns, and asks it from any thread once nothing is added any more. Numbers of models follow the
 * order in which they were added, which depends on the input: nothing that leaves may show them.
 *
 * Memory: 56 bytes a model, its name, and 8 to 16 bytes of index; the list and the names have room
 * for up to twice as much, and are there twice for the moment in which they grow.
 */
#ifndef STRENGTH_MODELS_H
#define STRENGTH_MODELS_H

#include "buf.h"

#define STRENGTH_NO_MODEL UINT32_MAX

struct strength_model {
    uint64_t hash;
    size_t name;     /* where it begins in strength_models.names */
    uint32_t length; /* of the name */
    uint32_t room;   /* for its learner (strength_scales.c) */
    uint64_t n;      /* differences learnt */
    void *learnt;    /* for its learner, or NULL; freed with the table */
    double scale;    /* what its differences are divided by; 0: it is left out */
};

struct strength_models {
    struct strength_model *list;
    size_t count, cap;
    struct pref_buf names; /* one after the other, decoded */
    uint32_t *slots;       /* the number of a model plus 1, or 0; a power of two of them */
    size_t slot_count;
    uint64_t seed;
};

/* Make it empty; all bytes zero but the seed is the same. */
void strength_models_init(struct strength_models *models, uint64_t seed);
void strength_models_release(struct strength_models *models);

/* The hash of a decoded name, for the two below. */
uint64_t strength_models_hash(const struct strength_models *models, struct pref_span name);

/* The number of a model, or STRENGTH_NO_MODEL. */
uint32_t strength_models_find(const struct strength_models *models, uint64_t hash,
                              struct pref_span name);

/* The number of a model, which is made if it is new. PREF_FAIL when memory ran out. */
int strength_models_add(struct strength_models *models, uint64_t hash, struct pref_span name,
                        uint32_t *number, struct pref_err *err);

/* A model's name; lives until the next one is added. */
struct pref_span strength_models_name(const struct strength_models *models, uint32_t number);

/* The numbers of all models in bytewise order of their names: an array for the caller to free, or
 * NULL when memory ran out (never where there are none). */
uint32_t *strength_models_sorted(const struct strength_models *models);

#endif
