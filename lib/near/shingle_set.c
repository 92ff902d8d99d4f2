/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "pref/shingle_set.h"

#include "pref/hash.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_BITS = 4 };

void pref_shingle_set_init(struct pref_shingle_set *set, uint64_t seed)
{
    *set = (struct pref_shingle_set){.scatter = pref_hash64(&seed, sizeof seed, seed) | 1,
                                     .bits = FIRST_BITS};
}

void pref_shingle_set_release(struct pref_shingle_set *set)
{
    free(set->slots);
    *set = (struct pref_shingle_set){0};
}

/* Empty, with at least twice as many slots as there are hashes to come. */
static int clear(struct pref_shingle_set *set, size_t n, struct pref_err *err)
{
    set->bits = FIRST_BITS;
    while ((size_t)1 << set->bits < 2 * n)
        set->bits++;
    size_t slots = (size_t)1 << set->bits;
    if (slots > set->cap) {
        free(set->slots);
        set->cap = 0;
        set->slots = malloc(slots * sizeof *set->slots);
        if (set->slots == NULL)
            return pref_fail_memory(err, "the shingles of a record");
        set->cap = slots;
    }
    memset(set->slots, 0, slots * sizeof *set->slots);
    set->count = 0;
    set->has_zero = 0;
    return PREF_OK;
}

/* The slot of a hash that is not 0: its own, or the free one where it belongs. */
static inline uint64_t *slot_of(const struct pref_shingle_set *set, uint64_t hash)
{
    size_t mask = ((size_t)1 << set->bits) - 1;
    size_t at = (size_t)(hash * set->scatter >> (64 - set->bits));
    while (set->slots[at] != 0 && set->slots[at] != hash)
        at = (at + 1) & mask;
    return &set->slots[at];
}

/* Whether the hash was not in the set, which it is now. */
static inline int add(struct pref_shingle_set *set, uint64_t hash)
{
    if (hash == 0) {
        int is_new = !set->has_zero;
        set->has_zero = 1;
        return is_new;
    }
    uint64_t *slot = slot_of(set, hash);
    int is_new = *slot == 0;
    *slot = hash;
    return is_new;
}

static inline int has(const struct pref_shingle_set *set, uint64_t hash)
{
    return hash == 0 ? set->has_zero : set->slots != NULL && *slot_of(set, hash) == hash;
}

int pref_shingle_set_fill(struct pref_shingle_set *set, const uint64_t *hashes, size_t n,
                          struct pref_err *err)
{
    if (clear(set, n, err) != PREF_OK)
        return PREF_FAIL;
    for (size_t i = 0; i < n; i++)
        set->count += (size_t)add(set, hashes[i]);
    return PREF_OK;
}

int pref_shingle_set_reduce(struct pref_shingle_set *set, uint64_t *hashes, size_t n,
                            struct pref_err *err)
{
    if (clear(set, n, err) != PREF_OK)
        return PREF_FAIL;
    for (size_t i = 0; i < n; i++) {
        uint64_t hash = hashes[i];
        hashes[set->count] = hash;
        set->count += (size_t)add(set, hash);
    }
    return PREF_OK;
}

uint64_t pref_shingle_set_common(const struct pref_shingle_set *set, const uint64_t *hashes,
                                 size_t n)
{
    uint64_t common = 0;
    for (size_t i = 0; i < n; i++)
        common += (uint64_t)has(set, hashes[i]);
    return common;
}
