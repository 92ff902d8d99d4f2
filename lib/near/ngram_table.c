/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ngram_table.h"

#include <stdlib.h>

#define BITS_LEAST 16 /* of the filter, for each hash */

void pref_ngram_table_release(struct pref_ngram_table *table)
{
    free(table->hash);
    free(table->from);
    free(table->word);
    *table = (struct pref_ngram_table){0};
}

int pref_ngram_table_make(struct pref_ngram_table *table, uint64_t *hash, uint32_t count,
                          struct pref_err *err)
{
    uint64_t bits = 64;
    unsigned high = 1;
    while (bits < (uint64_t)count * BITS_LEAST)
        bits *= 2;
    while (high < 31 && UINT32_C(1) << high < count)
        high++;
    const size_t places = (size_t)1 << high;
    *table = (struct pref_ngram_table){
        .hash = hash,
        .count = count,
        .from = calloc(places + 1, sizeof *table->from),
        .shift = 64 - high,
        .word = calloc(bits / 64, sizeof *table->word),
        .word_mask = bits / 64 - 1,
    };
    if (table->from == NULL || table->word == NULL)
        return pref_fail_memory(err, "a table of n-grams");
    for (uint32_t i = 0; i < count; i++) {
        *pref_ngram_table_word(table, hash[i]) |= pref_ngram_table_bits(hash[i]);
        table->from[(hash[i] >> table->shift) + 1] = i + 1;
    }
    for (size_t i = 1; i <= places; i++)
        if (table->from[i] == 0)
            table->from[i] = table->from[i - 1];
    return PREF_OK;
}

int pref_ngram_table_search(const struct pref_ngram_table *table, uint64_t hash, uint32_t *number)
{
    uint32_t low = table->from[hash >> table->shift];
    uint32_t high = table->from[(hash >> table->shift) + 1];
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (table->hash[middle] < hash)
            low = middle + 1;
        else
            high = middle;
    }
    *number = low;
    return low < table->count && table->hash[low] == hash;
}
