/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ngram.h - the arithmetic behind the hashes of shingle.h: sums over the words so far, from which
 * that of any n-gram follows by one product. For shingle.c and whoever looks for n-grams of several
 * lengths in one text.
 */
#ifndef PREF_NGRAM_H
#define PREF_NGRAM_H

#include "pref/shingle.h"

/* What M1 and M2 are undone by: their inverses modulo 2^64. */
#define PREF_NGRAM_W1 UINT64_C(0x96de1b173f119089)
#define PREF_NGRAM_W2 UINT64_C(0x319642b2d24d8ec3)

/* The last step: one-to-one. */
static inline uint64_t pref_ngram_mix(uint64_t x)
{
    x = (x ^ x >> 30) * PREF_NGRAM_M1;
    x = (x ^ x >> 27) * PREF_NGRAM_M2;
    return x ^ x >> 31;
}

/* What was mixed. x ^ x >> s is undone by adding x >> s and x >> 2s; 3s is beyond 64 bits. */
static inline uint64_t pref_ngram_unmix(uint64_t x)
{
    x = (x ^ x >> 31 ^ x >> 62) * PREF_NGRAM_W2;
    x = (x ^ x >> 27 ^ x >> 54) * PREF_NGRAM_W1;
    return x ^ x >> 30 ^ x >> 60;
}

/* B^n modulo 2^64. */
static inline uint64_t pref_ngram_power(size_t n)
{
    uint64_t base = PREF_NGRAM_B, product = 1;
    for (; n > 0; n >>= 1, base *= base)
        if (n & 1)
            product *= base;
    return product;
}

/* sums[i], for i from 0 to count: w[0] B^(i-1) + ... + w[i-1]. */
static inline void pref_ngram_sum(const uint64_t *words, size_t count, uint64_t *sums)
{
    sums[0] = 0;
    for (size_t i = 0; i < count; i++)
        sums[i + 1] = sums[i] * PREF_NGRAM_B + words[i];
}

/* The hash of the n-gram that begins with word `at`; `power` is that of n. */
static inline uint64_t pref_ngram_at(const uint64_t *sums, size_t at, size_t n, uint64_t power)
{
    return pref_ngram_mix(sums[at + n] - sums[at] * power);
}

#endif
