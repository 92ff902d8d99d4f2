/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words_own.h - what words.c and words_split.c share: the memory behind struct pref_words, and the
 * pieces of a word's hash as words.h gives it.
 */
#ifndef PREF_WORDS_OWN_H
#define PREF_WORDS_OWN_H

#include "words_map.h"
#include "lib/base/wide.h"
#include "lib/text/unicode.h"
#include "pref/words.h"

#define PREF_WORDS_PAGES (0x110000 / 256)

struct pref_words_own {
    const struct words_kernel *kernel;
    struct words_runs runs;            /* of the blocks at hand */
    struct pref_buf word;              /* the open word in lower case */
    struct pref_folder *folder;        /* made when first needed */
    uint32_t *page[PREF_WORDS_PAGES];  /* pref_unicode_letters of 256 characters each; read when
                                        * first needed */
};

/* The words of the run of `text` from `start` to `end`: bytes that are ASCII letters and digits or
 * are not ASCII. Returns 0, or -1 when memory ran out. */
int pref_words_split(struct pref_words *words, const char *text, uint32_t start, uint32_t end);

static inline uint64_t words_fold(uint64_t a, uint64_t b)
{
    struct pref_wide product = pref_wide_multiply(a, b);
    return product.hi ^ product.lo;
}

/* The hash with one more block. */
static inline uint64_t words_add(uint64_t h, uint64_t a, uint64_t b)
{
    return words_fold(a ^ PREF_WORDS_K0 ^ h, b ^ PREF_WORDS_K1);
}

static inline uint64_t words_finish(uint64_t h)
{
    return words_fold(h, PREF_WORDS_K2);
}

/* Eight bytes, least significant first; compilers make one load of it. */
static inline uint64_t words_load(const char *at)
{
    const unsigned char *p = (const unsigned char *)at;
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
           (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
           (uint64_t)p[7] << 56;
}

/* The first `n` of eight bytes, the others zero; all of them from 8 on. */
static inline uint64_t words_first(uint64_t bytes, size_t n)
{
    return n < 8 ? bytes & ((UINT64_C(1) << 8 * n) - 1) : bytes;
}

/* Eight bytes of a word with ASCII's capitals in lower case: of letters, digits and zeros, only
 * ASCII's letters have bit 6 and not bit 7. */
static inline uint64_t words_lower(uint64_t bytes)
{
    uint64_t ascii = ~bytes & UINT64_C(0x8080808080808080);
    return bytes | (bytes >> 1 & ascii >> 2);
}

/* The hash of a word that stands in the text as it is compared, but for capitals of ASCII. */
static inline uint64_t words_hash(const char *p, size_t len)
{
    uint64_t h = 0;
    for (; len > 16; p += 16, len -= 16)
        h = words_add(h, words_lower(words_load(p)), words_lower(words_load(p + 8)));
    uint64_t a = words_first(words_load(p), len);
    uint64_t b = words_first(words_load(p + 8), len > 8 ? len - 8 : 0);
    return words_finish(words_add(h, words_lower(a), words_lower(b)));
}

#endif
