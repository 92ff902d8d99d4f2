/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minhash.h - signatures of sets whose agreement estimates their Jaccard similarity.
 *
 * A set is given as 64-bit hashes of its members (shingle.h). Under a random order of all members,
 * two sets have the same least member with a probability that is their Jaccard similarity; value i
 * of a signature is the least image of the set's members under the i-th of a family of orders
 * (Broder, On the resemblance and containment of documents, 1997):
 *
 *   h_i(x) = m_i * low32(x) + high32(x) mod 2^32
 *
 * where m_0 to m_7 are odd numbers from a documented generator, and m_i is m_(i-8) and an even
 * number more, which eight further ones are. So each value costs a sum instead of a product, and of
 * any eight values in a row the orders have nothing to do with each other.
 *
 * The orders are fixed, not seeded, since what is found by them is part of a result. Used by
 * dedup --near. A family is a plain value and owns nothing.
 */
#ifndef PREF_MINHASH_H
#define PREF_MINHASH_H

#include <stddef.h>
#include <stdint.h>

/* Values of a signature, at most. */
#define PREF_MINHASH_MAX 104

struct pref_minhash {
    unsigned count; /* values of a signature: a multiple of 8 */
    uint32_t multipliers[PREF_MINHASH_MAX];
};

/* A family of at least `count` orders, 1 to PREF_MINHASH_MAX: rounded up to a multiple of 8, which
 * is what `family->count` is then. */
void pref_minhash_init(struct pref_minhash *family, unsigned count);

/* The signature of a set of `len` members, in any order, each any number of times:
 * family->count values. Of the empty set all are UINT32_MAX. Costs some 2 ns a member and 64
 * values where AVX2 is there. Any number of threads may call it with one family. */
void pref_minhash_sign(const struct pref_minhash *family, const uint64_t *members, size_t len,
                       uint32_t *signature);

/* The same by portable code alone, and by AVX2: `pref_cpu_avx2()` must hold. */
void pref_minhash_sign_portable(const struct pref_minhash *family, const uint64_t *members,
                                size_t len, uint32_t *signature);
void pref_minhash_sign_avx2(const struct pref_minhash *family, const uint64_t *members, size_t len,
                            uint32_t *signature);

#endif
