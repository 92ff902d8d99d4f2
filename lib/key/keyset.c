/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "pref/keyset.h"

#include <stdlib.h>
#include <string.h>

/*
 * A part is an open-addressing table with linear probing whose keys lie in ascending order. A
 * key's home is its low word scaled to the number of homes, so the order of keys is the order of
 * homes: a search ends at the first key that is not below its own, and growing is one sequential
 * sweep. Behind the last home are some slots of slack for the keys that probing pushes there, so
 * that nothing wraps around. A part grows by a sixth when six sevenths full: between 19 and 22
 * bytes a key, where doubling would need 40 at its worst. Fuller tables that grow by less come to
 * 18 to 20 bytes, but take some 1.6 times as long to fill as those that grow by a quarter.
 */
enum { PARTS = 256, FIRST_HOMES = 64, FIRST_SLACK = 32 };

/* A free slot is all ones, so that no key lies above it and searches need no test of their own. */
#define FREE UINT64_MAX

struct part {
    struct pref_h128 *slots; /* homes + slack of them; the last is always free */
    uint32_t *numbers;       /* of a numbered set: of the key in the slot of that index */
    uint32_t homes, slack, count;
};

struct pref_keyset {
    struct part parts[PARTS];
    uint64_t count;
    uint64_t bytes;
    int numbered;
    int has_ones; /* the key that looks like a free slot */
    uint32_t ones_number;
};

struct pref_keyset *pref_keyset_new(void)
{
    struct pref_keyset *set = calloc(1, sizeof *set);
    if (set != NULL)
        set->bytes = sizeof *set;
    return set;
}

struct pref_keyset *pref_keyset_new_numbered(void)
{
    struct pref_keyset *set = pref_keyset_new();
    if (set != NULL)
        set->numbered = 1;
    return set;
}

void pref_keyset_free(struct pref_keyset *set)
{
    if (set == NULL)
        return;
    for (unsigned i = 0; i < PARTS; i++) {
        free(set->parts[i].slots);
        free(set->parts[i].numbers);
    }
    free(set);
}

static unsigned part_of(struct pref_h128 key)
{
    return (unsigned)(key.high >> 56);
}

static uint32_t home_of(struct pref_h128 key, uint32_t homes)
{
    return (uint32_t)((key.low >> 32) * homes >> 32);
}

static int is_free(struct pref_h128 slot)
{
    return (slot.low & slot.high) == FREE;
}

static int is_equal(struct pref_h128 a, struct pref_h128 b)
{
    return a.low == b.low && a.high == b.high;
}

/* Where `key`, which is not all ones, stands or belongs: the first slot not below it. */
static struct pref_h128 *find(const struct part *part, struct pref_h128 key)
{
    struct pref_h128 *slot = part->slots + home_of(key, part->homes);
    while (slot->low < key.low || (slot->low == key.low && slot->high < key.high))
        slot++;
    return slot;
}

/* Room for so many slots, of which `was` are in use: 0, or -1 when memory ran out. */
static int resize(struct pref_keyset *set, struct part *part, size_t slots, size_t was)
{
    size_t width = sizeof *part->slots;
    if (set->numbered) {
        uint32_t *numbers = realloc(part->numbers, slots * sizeof *numbers);
        if (numbers == NULL)
            return -1;
        part->numbers = numbers;
        width += sizeof *numbers;
    }
    struct pref_h128 *list = realloc(part->slots, slots * sizeof *list);
    if (list == NULL)
        return -1;
    part->slots = list;
    set->bytes += (uint64_t)(slots - was) * width;
    return 0;
}

/*
 * Give a part more homes, more slack, or both. The C library extends a large block by its pages,
 * so memory is not torn into holes as the parts grow in turn. The old slots are moved to the end
 * of the block and swept from there to their new places: a key's home rises by no more than the
 * block grew, so the sweep never overtakes itself, and the last slot stays free.
 */
static int grow(struct pref_keyset *set, struct part *part, uint64_t homes, uint64_t slack)
{
    size_t was = part->homes == 0 ? 0 : (size_t)part->homes + part->slack;
    if (homes > UINT32_MAX || slack > UINT32_MAX || homes + slack > SIZE_MAX / sizeof *part->slots)
        return -1;
    size_t slots = (size_t)(homes + slack), next = 0, moved = slots - was;
    if (resize(set, part, slots, was) != 0)
        return -1;
    struct pref_h128 *list = part->slots;
    uint32_t *numbers = part->numbers;
    part->homes = (uint32_t)homes;
    part->slack = (uint32_t)slack;
    if (was > 0) {
        memmove(list + moved, list, was * sizeof *list);
        if (set->numbered)
            memmove(numbers + moved, numbers, was * sizeof *numbers);
    }
    for (size_t i = moved; i < slots; i++) {
        struct pref_h128 key = list[i];
        if (is_free(key))
            continue;
        size_t home = home_of(key, part->homes);
        while (next < home)
            list[next++] = (struct pref_h128){FREE, FREE};
        if (set->numbered)
            numbers[next] = numbers[i];
        list[next++] = key;
    }
    while (next < slots)
        list[next++] = (struct pref_h128){FREE, FREE};
    return 0;
}

/* Put `key` at `slot`, where it belongs, pushing what stands there and behind it one on: 1, or 0
 * if the slack is used up. */
static int put(struct part *part, struct pref_h128 *slot, struct pref_h128 key, uint32_t number)
{
    struct pref_h128 *end = slot;
    while (!is_free(*end))
        end++;
    if (end == part->slots + part->homes + part->slack - 1)
        return 0;
    size_t pushed = (size_t)(end - slot);
    memmove(slot + 1, slot, pushed * sizeof *slot);
    *slot = key;
    if (part->numbers != NULL) {
        uint32_t *at = part->numbers + (slot - part->slots);
        memmove(at + 1, at, pushed * sizeof *at);
        *at = number;
    }
    return 1;
}

/* Add the key that looks like a free slot. */
static int add_ones(struct pref_keyset *set, uint32_t *number)
{
    int fresh = !set->has_ones;
    if (fresh) {
        set->has_ones = 1;
        set->ones_number = *number;
        set->count++;
    }
    *number = set->ones_number;
    return fresh;
}

/* Add a key. *number is its number if it is new, and becomes its number if it was there. */
static int add(struct pref_keyset *set, struct pref_h128 key, uint32_t *number)
{
    if (is_free(key))
        return add_ones(set, number);
    struct part *part = &set->parts[part_of(key)];
    if (part->homes == 0 && grow(set, part, FIRST_HOMES, FIRST_SLACK) != 0)
        return -1;
    struct pref_h128 *slot = find(part, key);
    if (is_equal(*slot, key)) {
        if (part->numbers != NULL)
            *number = part->numbers[slot - part->slots];
        return 0;
    }
    if (part->count >= part->homes / 7 * 6) {
        if (grow(set, part, (uint64_t)part->homes + part->homes / 6, part->slack) != 0)
            return -1;
        slot = find(part, key);
    }
    while (!put(part, slot, key, *number)) {
        if (grow(set, part, part->homes, (uint64_t)part->slack * 2) != 0)
            return -1;
        slot = find(part, key);
    }
    part->count++;
    set->count++;
    return 1;
}

int pref_keyset_add(struct pref_keyset *set, struct pref_h128 key)
{
    uint32_t number = (uint32_t)set->count;
    return add(set, key, &number);
}

int pref_keyset_add_number(struct pref_keyset *set, struct pref_h128 key, uint32_t *number)
{
    if (set->count >= UINT32_MAX)
        return pref_keyset_find_number(set, key, number) ? 0 : -1;
    *number = (uint32_t)set->count;
    return add(set, key, number);
}

int pref_keyset_find_number(const struct pref_keyset *set, struct pref_h128 key, uint32_t *number)
{
    if (is_free(key)) {
        *number = set->ones_number;
        return set->has_ones;
    }
    const struct part *part = &set->parts[part_of(key)];
    if (part->homes == 0)
        return 0;
    const struct pref_h128 *slot = find(part, key);
    if (!is_equal(*slot, key))
        return 0;
    *number = part->numbers[slot - part->slots];
    return 1;
}

int pref_keyset_has(const struct pref_keyset *set, struct pref_h128 key)
{
    if (is_free(key))
        return set->has_ones;
    const struct part *part = &set->parts[part_of(key)];
    return part->homes > 0 && is_equal(*find(part, key), key);
}

void pref_keyset_prefetch(const struct pref_keyset *set, struct pref_h128 key)
{
#if defined(__GNUC__)
    const struct part *part = &set->parts[part_of(key)];
    if (part->homes > 0)
        __builtin_prefetch(part->slots + home_of(key, part->homes), 1);
#else
    (void)set;
    (void)key;
#endif
}

uint64_t pref_keyset_count(const struct pref_keyset *set)
{
    return set->count;
}

uint64_t pref_keyset_bytes(const struct pref_keyset *set)
{
    return set->bytes;
}
