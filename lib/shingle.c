/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "shingle.h"

#include "ngram.h"

#include <stdlib.h>
#include <string.h>

#define CROWD 64         /* a place of more hashes is no longer put in order by insertion */
#define PLACE_BITS_MAX 12

/* ---- n-grams --------------------------------------------------------------------------------- */

/* The sum of n words, and that of the n words from the next one on. */
static uint64_t sum_of(const uint64_t *words, size_t n)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum = sum * PREF_NGRAM_B + words[i];
    return sum;
}

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
    const uint64_t *const later = words + half;
    uint64_t first = sum_of(words, n), second = sum_of(later, n);
    for (size_t i = 0; i < half; i++) {
        out[i] = pref_ngram_mix(first + offset);
        out[half + i] = pref_ngram_mix(second + offset);
        first = next_sum(first, words + i, n, gone);
        if (half + i + n < count)
            second = next_sum(second, later + i, n, gone);
    }
    if (all % 2 != 0)
        out[all - 1] = pref_ngram_mix(second + offset);
}

size_t pref_ngram_hashes(const uint64_t *words, size_t count, size_t n, uint64_t *out)
{
    if (n == 0 || count < n)
        return 0;
    roll(words, count, n, 0, out);
    return count - n + 1;
}

/* ---- Sets ------------------------------------------------------------------------------------ */

void pref_shingles_release(struct pref_shingles *shingles)
{
    free(shingles->list);
    free(shingles->other);
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

static void insert_in_order(uint64_t *list, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        uint64_t taken = list[i];
        size_t at = i;
        for (; at > 0 && list[at - 1] > taken; at--)
            list[at] = list[at - 1];
        list[at] = taken;
    }
}

/* Put hashes into places by their highest bits, and each place in order: they are spread evenly
 * unless somebody saw to it that they are not. Returns 0, with nothing done, where a place is
 * crowded. */
static int sort_spread(uint64_t *list, uint64_t *other, size_t n)
{
    uint32_t start[(1 << PLACE_BITS_MAX) + 1];
    unsigned bits = 4;
    while (bits < PLACE_BITS_MAX && (size_t)1 << bits < n)
        bits++;
    const size_t places = (size_t)1 << bits;
    const unsigned shift = 64 - bits;
    memset(start, 0, (places + 1) * sizeof *start);
    for (size_t i = 0; i < n; i++)
        start[(list[i] >> shift) + 1]++;
    for (size_t i = 1; i <= places; i++) {
        if (start[i] > CROWD)
            return 0;
        start[i] += start[i - 1];
    }
    for (size_t i = 0; i < n; i++)
        other[start[list[i] >> shift]++] = list[i];
    /* Each start has moved to its place's end. */
    for (size_t i = 0, from = 0; i < places; from = start[i++])
        insert_in_order(other + from, start[i] - from);
    memcpy(list, other, n * sizeof *list);
    return 1;
}

/* The same for any numbers, by one byte after the other from the lowest: 8 rounds, so that the
 * result is back in `list`. */
static void sort_any(uint64_t *list, uint64_t *other, size_t n)
{
    for (unsigned shift = 0; shift < 64; shift += 8) {
        size_t start[257] = {0};
        for (size_t i = 0; i < n; i++)
            start[(list[i] >> shift & 255) + 1]++;
        for (size_t i = 1; i < 257; i++)
            start[i] += start[i - 1];
        for (size_t i = 0; i < n; i++)
            other[start[list[i] >> shift & 255]++] = list[i];
        uint64_t *sorted = other;
        other = list;
        list = sorted;
    }
}

int pref_shingles_sort(struct pref_shingles *shingles, struct pref_err *err)
{
    size_t n = shingles->count, kept = 0;
    uint64_t *list = shingles->list;
    if (n == 0)
        return PREF_OK;
    if (n > shingles->other_cap) {
        free(shingles->other);
        shingles->other_cap = 0;
        shingles->other = malloc(shingles->cap * sizeof *shingles->other);
        if (shingles->other == NULL)
            return pref_fail_memory(err, "the shingles of a record");
        shingles->other_cap = shingles->cap;
    }
    if (n > (size_t)CROWD << PLACE_BITS_MAX || !sort_spread(list, shingles->other, n))
        sort_any(list, shingles->other, n);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || list[kept - 1] != list[i])
            list[kept++] = list[i];
    shingles->count = kept;
    return PREF_OK;
}
