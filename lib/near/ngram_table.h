/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ngram_table.h - a set of 64-bit hashes that is made once and then asked very often, mostly for
 * hashes that are not in it: two bits in 16 to 32 for each tell nearly all of those apart at once
 * (a Bloom filter whose two bits lie in one word), and a directory by the highest bits leads to the
 * few that it might be. Hashes that somebody made to agree in their highest bits cost a binary
 * search. Read-only once made: any thread may ask.
 */
#ifndef PREF_NGRAM_TABLE_H
#define PREF_NGRAM_TABLE_H

#include "pref/base.h"

struct pref_ngram_table {
    uint64_t *hash;      /* ascending; a hash's number is its place here */
    uint32_t count;
    uint32_t *from;      /* by the highest bits: the first of these hashes; one more at the end */
    unsigned shift;
    uint64_t *word;      /* of the filter */
    uint64_t word_mask;
};

/* Make a table of `count` hashes, ascending and each once, which become its own. PREF_FAIL when
 * memory ran out; release it also then. */
int pref_ngram_table_make(struct pref_ngram_table *table, uint64_t *hash, uint32_t count,
                          struct pref_err *err);
void pref_ngram_table_release(struct pref_ngram_table *table);

/* The number of a hash that may be there. 1, or 0 where it is not. */
int pref_ngram_table_search(const struct pref_ngram_table *table, uint64_t hash,
                            uint32_t *number);

/* The bits of a hash in its word, and which word that is. */
static inline uint64_t pref_ngram_table_bits(uint64_t hash)
{
    return UINT64_C(1) << (hash & 63) | UINT64_C(1) << (hash >> 6 & 63);
}

static inline uint64_t *pref_ngram_table_word(const struct pref_ngram_table *table, uint64_t hash)
{
    return &table->word[hash >> 12 & table->word_mask];
}

/* The number of a hash: 1, or 0 where it is not there. */
static inline int pref_ngram_table_find(const struct pref_ngram_table *table, uint64_t hash,
                                        uint32_t *number)
{
    uint64_t bits = pref_ngram_table_bits(hash);
    return (*pref_ngram_table_word(table, hash) & bits) == bits &&
           pref_ngram_table_search(table, hash, number);
}

#endif
