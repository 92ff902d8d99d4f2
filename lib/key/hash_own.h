/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hash_own.h - the kernels of hash.c that are compiled for one kind of processor. Private to it;
 * pref_cpu_avx2 says whether they may be called.
 */
#ifndef PREF_HASH_OWN_H
#define PREF_HASH_OWN_H

#include "pref/hash.h"

/* pref_hash128 of any input; it pays from some hundred bytes on. */
struct pref_h128 pref_hash128_avx2(const void *bytes, size_t len, uint64_t seed);

/* Add bytes to an XXH3_state_t, whose layout is the same for all processors. */
void pref_hash_update_avx2(void *state, const void *bytes, size_t len);

#endif
