/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "words_map.h"

#include "words_own.h"

#define WORDS_TARGET

static struct words_map map_block(const char *text)
{
    struct words_map map = {0, 0};
    for (unsigned bit = 0; bit < 64; bit++) {
        unsigned char c = (unsigned char)text[bit];
        uint64_t high = c >> 7;
        uint64_t run = high | ((c | 0x20u) - 'a' < 26u) | (c - (unsigned)'0' < 10u);
        map.high |= high << bit;
        map.run |= run << bit;
    }
    return map;
}

static void hash_runs(const char *text, const uint32_t *edge, size_t runs, uint64_t *hash)
{
    for (size_t i = 0; i < runs; i++)
        hash[i] = words_hash(text + edge[2 * i], edge[2 * i + 1] - edge[2 * i]);
}

static inline void put_edges(uint64_t change, uint32_t at, struct words_runs *runs)
{
    for (; change != 0; change &= change - 1)
        runs->edge[runs->edges++] = at + (uint32_t)__builtin_ctzll(change);
}

#include "words_runs.inc"

const struct words_kernel pref_words_portable = {find_runs, hash_runs};
