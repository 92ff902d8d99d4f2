/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hash.h - XXH3 behind one file: 64- and 128-bit hashes of bytes, the same on every machine. XXH3
 * is fast and well mixed but not collision-resistant against someone who knows the seed.
 *
 * Used by whatever makes keys (key.h), tables and checksums. Source of the method: XXH3 of the
 * xxHash library, stable since 0.8.0.
 */
#ifndef PREF_HASH_H
#define PREF_HASH_H

#include "base.h"

struct pref_h128 {
    uint64_t low, high;
};

/* The hash of `len` bytes (`bytes` may be NULL where len is 0). Cannot fail. */
uint64_t pref_hash64(const void *bytes, size_t len, uint64_t seed);
struct pref_h128 pref_hash128(const void *bytes, size_t len, uint64_t seed);

/* The canonical hex of XXH3-128, as xxh128sum prints it: 32 digits and a NUL. */
void pref_h128_hex(struct pref_h128 hash, char out[33]);

/* The 16-byte image that is hashed where a hash is part of something larger: low, then high, each
 * least significant byte first, on any machine. */
void pref_h128_bytes(struct pref_h128 hash, unsigned char out[16]);
struct pref_h128 pref_h128_of(const unsigned char bytes[16]); /* and back */

/* Streaming XXH3-128, for files and for what lies in pieces: the value equals pref_hash128 over
 * all bytes added since the last reset. NULL when memory ran out; the owner frees it. */
struct pref_hasher;
struct pref_hasher *pref_hasher_new(uint64_t seed);
void pref_hasher_free(struct pref_hasher *hasher);
void pref_hasher_reset(struct pref_hasher *hasher);                 /* with the seed it has */
void pref_hasher_reseed(struct pref_hasher *hasher, uint64_t seed); /* with another */
void pref_hasher_add(struct pref_hasher *hasher, const void *bytes, size_t len);
struct pref_h128 pref_hasher_value(const struct pref_hasher *hasher); /* more may be added after */

/* A seed for the tables of one run, from the system's random source. */
uint64_t pref_seed_random(void);

#endif
