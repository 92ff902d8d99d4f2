/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keyset.h - a set of 128-bit keys, for exact deduplication: open addressing, partitioned by the
 * key's high bits from the start (each part grows alone, and could go to disk alone), 19 to 22
 * bytes a key at any moment, growth included, beside some 400 KiB. Serial: one thread at a time.
 *
 * Keys are hashes, seeded from pref_seed_random or otherwise unknown to an adversary: the table
 * mixes nothing further. Keys that agree in many bits cost time, linear in their number for each,
 * but no memory.
 *
 * A numbered set also gives each key a number, from 0 in the order in which keys came, so that what
 * is known of a key can lie in plain arrays. It holds 23 to 28 bytes a key.
 */
#ifndef PREF_KEYSET_H
#define PREF_KEYSET_H

#include "hash.h"

struct pref_keyset;

struct pref_keyset *pref_keyset_new(void); /* NULL when memory ran out */
struct pref_keyset *pref_keyset_new_numbered(void);
void pref_keyset_free(struct pref_keyset *set);

/* Add a key: 1 if it was new, 0 if it was there, -1 when memory ran out (the set is as it was). */
int pref_keyset_add(struct pref_keyset *set, struct pref_h128 key);

/* Whether a key is there: 1 or 0. */
int pref_keyset_has(const struct pref_keyset *set, struct pref_h128 key);

/* The same for a numbered set; *number is the key's. -1 also beyond 2^32 - 1 keys. */
int pref_keyset_add_number(struct pref_keyset *set, struct pref_h128 key, uint32_t *number);
int pref_keyset_find_number(const struct pref_keyset *set, struct pref_h128 key, uint32_t *number);

/* Fetch the cache line that add or has of this key will touch; worth calling some 16 keys ahead. */
void pref_keyset_prefetch(const struct pref_keyset *set, struct pref_h128 key);

uint64_t pref_keyset_count(const struct pref_keyset *set);
uint64_t pref_keyset_bytes(const struct pref_keyset *set); /* memory held */

#endif
