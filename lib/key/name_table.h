/* SPDX-License-Identifier: Apache-2.0 */
/*
 * name_table.h - names and their numbers: a hash table with any number of decoded names, numbered
 * from 0 as they come. That order depends on the input: nothing that leaves may show the numbers.
 *
 * Filters add to it from one thread at a time while they learn, and ask it from any thread once
 * nothing is added any more. strength keeps its models and its strata in such tables.
 *
 * Memory: 24 bytes a name, the name, and 8 to 16 bytes of index; the list and the names have room
 * for up to twice as much, and are there twice for the moment in which they grow.
 */
#ifndef PREF_NAME_TABLE_H
#define PREF_NAME_TABLE_H

#include "pref/buf.h"

#define PREF_NO_NAME UINT32_MAX

struct pref_name_table_entry {
    uint64_t hash;
    size_t start; /* of the name in `names` */
    uint32_t length;
};

struct pref_name_table {
    struct pref_name_table_entry *list;
    size_t count, cap;
    struct pref_buf names; /* one after the other */
    uint32_t *slots;       /* the number of a name plus 1, or 0; a power of two of them */
    size_t slot_count;
    uint64_t seed;
};

/* Make it empty; all bytes zero but the seed is the same. */
void pref_name_table_init(struct pref_name_table *table, uint64_t seed);
void pref_name_table_release(struct pref_name_table *table);

/* The hash of a name, for the two below. */
uint64_t pref_name_table_hash(const struct pref_name_table *table, struct pref_span name);

/* The number of a name, or PREF_NO_NAME. */
uint32_t pref_name_table_find(const struct pref_name_table *table, uint64_t hash,
                              struct pref_span name);

/* The number of a name, which is added if it is new: it is then one less than the count. PREF_FAIL
 * with a sentence when memory ran out, or the numbers. */
int pref_name_table_add(struct pref_name_table *table, uint64_t hash, struct pref_span name,
                        uint32_t *number, struct pref_err *err);

/* A name by its number; lives until the next one is added. */
struct pref_span pref_name_table_name(const struct pref_name_table *table, uint32_t number);

/* All numbers in bytewise order of their names: an array for the caller to free, or NULL when
 * memory ran out (never where there are none). */
uint32_t *pref_name_table_sorted(const struct pref_name_table *table);

#endif
