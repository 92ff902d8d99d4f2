/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "name_table.h"

#include "pref/hash.h"

#include <stdlib.h>

#define SLOTS_FIRST 64
#define LIST_FIRST 16
#define NAMES_MAX (PREF_NO_NAME - 1)

void pref_name_table_init(struct pref_name_table *table, uint64_t seed)
{
    *table = (struct pref_name_table){.seed = seed};
}

void pref_name_table_release(struct pref_name_table *table)
{
    free(table->list);
    free(table->slots);
    pref_buf_release(&table->names);
    pref_name_table_init(table, table->seed);
}

uint64_t pref_name_table_hash(const struct pref_name_table *table, struct pref_span name)
{
    return pref_hash64(name.ptr, name.len, table->seed);
}

struct pref_span pref_name_table_name(const struct pref_name_table *table, uint32_t number)
{
    const struct pref_name_table_entry *entry = &table->list[number];
    return (struct pref_span){table->names.ptr + entry->start, entry->length};
}

uint32_t pref_name_table_find(const struct pref_name_table *table, uint64_t hash,
                              struct pref_span name)
{
    size_t mask = table->slot_count - 1;
    for (size_t at = hash & mask; table->count > 0 && table->slots[at] != 0; at = (at + 1) & mask) {
        uint32_t number = table->slots[at] - 1;
        if (table->list[number].hash == hash &&
            pref_span_equal(pref_name_table_name(table, number), name))
            return number;
    }
    return PREF_NO_NAME;
}

static void place(struct pref_name_table *table, uint32_t number)
{
    size_t mask = table->slot_count - 1, at = table->list[number].hash & mask;
    while (table->slots[at] != 0)
        at = (at + 1) & mask;
    table->slots[at] = number + 1;
}

/* Room for one more: half of the slots stay empty. */
static int grow(struct pref_name_table *table)
{
    if (table->count == table->cap) {
        size_t cap = table->cap == 0 ? LIST_FIRST : table->cap * 2;
        struct pref_name_table_entry *list = realloc(table->list, cap * sizeof *list);
        if (list == NULL)
            return PREF_FAIL;
        table->list = list;
        table->cap = cap;
    }
    if (2 * (table->count + 1) <= table->slot_count)
        return PREF_OK;
    size_t count = table->slot_count == 0 ? SLOTS_FIRST : table->slot_count * 2;
    uint32_t *slots = calloc(count, sizeof *slots);
    if (slots == NULL)
        return PREF_FAIL;
    free(table->slots);
    table->slots = slots;
    table->slot_count = count;
    for (size_t i = 0; i < table->count; i++)
        place(table, (uint32_t)i);
    return PREF_OK;
}

int pref_name_table_add(struct pref_name_table *table, uint64_t hash, struct pref_span name,
                        uint32_t *number, struct pref_err *err)
{
    *number = pref_name_table_find(table, hash, name);
    if (*number != PREF_NO_NAME)
        return PREF_OK;
    if (table->count == NAMES_MAX)
        return pref_fail(err, "more than %lu names", (unsigned long)NAMES_MAX);
    size_t start = table->names.len;
    pref_buf_add_span(&table->names, name);
    if (table->names.failed || grow(table) != PREF_OK)
        return pref_fail_memory(err, "a table of names");
    *number = (uint32_t)table->count;
    table->list[table->count++] =
        (struct pref_name_table_entry){hash, start, (uint32_t)name.len};
    place(table, *number);
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

uint32_t *pref_name_table_sorted(const struct pref_name_table *table)
{
    size_t count = table->count;
    struct named *all = malloc((count + 1) * sizeof *all);
    uint32_t *sorted = malloc((count + 1) * sizeof *sorted);
    for (size_t i = 0; all != NULL && i < count; i++)
        all[i] = (struct named){pref_name_table_name(table, (uint32_t)i), (uint32_t)i};
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
