/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "pref/shingle.h"

#include "ngram.h"

#include <stdlib.h>
#include <string.h>

/* ---- n-grams --------------------------------------------------------------------------------- */

/* The sum of n words, and that of the n words from the next one on. */
static uint64_t sum_of(const uint64_t *words, size_t n)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum = sum * PREF_NGRAM_B + words[i];
    return sum;
}

/* The sum of the n words from the second one on, of that from the first. */
static inline uint64_t next_sum(uint64_t sum, const uint64_t *words, size_t n, uint64_t gone)
{
    return sum * PREF_NGRAM_B + (words[n] - words[0] * gone);
}

/* The hashes of count - n + 1 n-grams, with `offset` added before the mix; needs 1 <= n <= count.
 * Each sum waits for the one before: two halves abreast take half the time. */
static void roll(const uint64_t *words, size_t count, size_t n, uint64_t offset, uint64_t *out)
{
    const uint64_t gone = pref_ngram_power(n);
    const size_t all = count - n + 1, half = all / 2;
    uint64_t first = sum_of(words, n), second = sum_of(words + half, n);
    if (all % 2 != 0) {
        out[half] = pref_ngram_mix(second + offset);
        if (half == 0)
            return;
        second = next_sum(second, words + half, n, gone);
    }
    const uint64_t *const later = words + (all - half);
    uint64_t *const behind = out + (all - half);
    for (size_t i = 0;; i++) {
        out[i] = pref_ngram_mix(first + offset);
        behind[i] = pref_ngram_mix(second + offset);
        if (i + 1 == half)
            return;
        first = next_sum(first, words + i, n, gone);
        second = next_sum(second, later + i, n, gone);
    }
}

size_t pref_ngram_hashes(const uint64_t *words, size_t count, size_t n, uint64_t *out)
{
    if (n == 0 || count < n)
        return 0;
    roll(words, count, n, 0, out);
    return count - n + 1;
}

/* ---- A record's shingles --------------------------------------------------------------------- */

void pref_shingles_release(struct pref_shingles *shingles)
{
    free(shingles->list);
    *shingles = (struct pref_shingles){0};
}

void pref_shingles_begin(struct pref_shingles *shingles)
{
    shingles->count = 0;
}

/* Room for so many more. */
static int reserve(struct pref_shingles *shingles, size_t more, struct pref_err *err)
{
    if (more <= shingles->cap - shingles->count)
        return PREF_OK;
    size_t cap = (shingles->count + more) * 3 / 2;
    uint64_t *list = realloc(shingles->list, cap * sizeof *list);
    if (list == NULL)
        return pref_fail_memory(err, "the shingles of a record");
    shingles->list = list;
    shingles->cap = cap;
    return PREF_OK;
}

int pref_shingles_add(struct pref_shingles *shingles, unsigned field, const uint64_t *words,
                      size_t count, size_t n, struct pref_err *err)
{
    if (count == 0)
        return PREF_OK;
    if (n > count)
        n = count;
    size_t more = count - n + 1;
    if (reserve(shingles, more, err) != PREF_OK)
        return PREF_FAIL;
    roll(words, count, n, field * PREF_NGRAM_FIELD, shingles->list + shingles->count);
    shingles->count += more;
    return PREF_OK;
}

int pref_shingles_add_hashes(struct pref_shingles *shingles, const uint64_t *hashes, size_t count,
                             struct pref_err *err)
{
    if (count == 0)
        return PREF_OK;
    if (reserve(shingles, count, err) != PREF_OK)
        return PREF_FAIL;
    memcpy(shingles->list + shingles->count, hashes, count * sizeof *hashes);
    shingles->count += count;
    return PREF_OK;
}

void pref_shingles_move(uint64_t *hashes, size_t count, unsigned from, unsigned to)
{
    const uint64_t further = to * PREF_NGRAM_FIELD - from * PREF_NGRAM_FIELD;
    for (size_t i = 0; i < count; i++)
        hashes[i] = pref_ngram_mix(pref_ngram_unmix(hashes[i]) + further);
}
