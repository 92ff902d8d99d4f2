/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shingle.h - N words in a row as one 64-bit hash (an n-gram), and the set of them that a record
 * has (its shingles; shingle_set.h makes a set of them). Words come as the hashes of words.h. Used
 * from map, on any thread.
 *
 * The hash of the words w[0] to w[n-1] is
 *
 *     mix(w[0] B^(n-1) + w[1] B^(n-2) + ... + w[n-1]  modulo 2^64)
 *
 * which follows from that of the words one place before by two products, whatever n is. B is odd:
 * n-grams that differ in one word alone never meet; that others do is as likely as for 64 random
 * bits, but for a few of them (for two words exchanged with each other 8 places apart, 59). mix is
 * one-to-one: the finisher of SplitMix64 (Steele, Lea and Flood 2014),
 *
 *     x ^= x >> 30;  x *= M1;  x ^= x >> 27;  x *= M2;  x ^= x >> 31
 *
 * The hash is the same on every machine and in every run, and is no secret.
 */
#ifndef PREF_SHINGLE_H
#define PREF_SHINGLE_H

#include "base.h"

#define PREF_NGRAM_B UINT64_C(0xd1342543de82ef95)
#define PREF_NGRAM_FIELD UINT64_C(0x2545f4914f6cdd1d)
#define PREF_NGRAM_M1 UINT64_C(0xbf58476d1ce4e5b9)
#define PREF_NGRAM_M2 UINT64_C(0x94d049bb133111eb)

/* The hash of all n-grams of `count` words: count - n + 1 of them, in order, into `out`, which may
 * not be `words`. None where count < n; n is at least 1. Returns their number. */
size_t pref_ngram_hashes(const uint64_t *words, size_t count, size_t n, uint64_t *out);

/* ---- Sets --------------------------------------------------------------------------------------
 *
 * A record's shingles are the set of (field's number, N words in a row), none across the end of a
 * field; a field of 1 to N-1 words has one shingle of all of them, a field of none has none. The
 * hash of one of field f is that above, with f PREF_NGRAM_FIELD added before the mix. */

/* Memory that is kept from record to record: of one thread. Zeroed before its first use. Holds 8
 * to 12 bytes for each word of the longest record. */
struct pref_shingles {
    uint64_t *list; /* as they came, each any number of times */
    size_t count, cap;
};

void pref_shingles_release(struct pref_shingles *shingles);

/* Start on another record. */
void pref_shingles_begin(struct pref_shingles *shingles);

/* Add those of a field; `field` is its number. PREF_FAIL when memory ran out. */
int pref_shingles_add(struct pref_shingles *shingles, unsigned field, const uint64_t *words,
                      size_t count, size_t n, struct pref_err *err);

/* Add hashes as they are. */
int pref_shingles_add_hashes(struct pref_shingles *shingles, const uint64_t *hashes, size_t count,
                             struct pref_err *err);

/* Make hashes of field `from` those of the same words in field `to`. */
void pref_shingles_move(uint64_t *hashes, size_t count, unsigned from, unsigned to);

#endif
