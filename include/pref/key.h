/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key.h - what makes two values equal: a 128-bit hash over the *decoded* value, the same however
 * the JSON was written. Called from map, on any thread, with scratch memory of that thread.
 *
 * A string's hash is XXH3-128 of its decoded bytes under the seed. The hash of any other value is
 * XXH3-128, under pref_key_seed(seed) so that no string meets it, of its canonical form:
 *
 *   null, absent   n              array     [ and the frame of each element
 *   true, false    t, f           object    { and for each member the frame of its key and of its
 *   number         # as written             value; members sorted by decoded key, of equal keys in
 *                                           the order of the input
 *
 * In a container, a string is framed as s, its length in 4 bytes (least significant first) and its
 * decoded bytes; a container as h and the 16-byte image of its own hash (pref_h128_bytes), so that
 * sorting a deep object moves no byte twice; all else as above. Every frame tells its own end:
 * ["ab","c"] differs from ["a","bc"], and "1" from 1. A field that is absent or null is one value,
 * distinct from every other; inside a container null is a value like any other.
 */
#ifndef PREF_KEY_H
#define PREF_KEY_H

#include "hash.h"
#include "scan.h"

/* Scratch memory of one thread; grows with the longest value met. NULL when memory ran out. */
struct pref_key_scratch;
struct pref_key_scratch *pref_key_scratch_new(void);
void pref_key_scratch_free(struct pref_key_scratch *scratch);

/* The hash of one value that pref_scan has accepted (its bytes as in the line, no blanks around);
 * an empty span stands for absent. Returns 0; PREF_USAGE for a value that has no key, which is the
 * record's fault: a lone surrogate in a string, a container of more than 4 GiB; PREF_FAIL when
 * memory ran out, which is not. Time O(n log n) in the members of an object, else
 * linear in the bytes; memory linear; nesting down to PREF_DEPTH_MAX. */
int pref_key_value(struct pref_key_scratch *scratch, struct pref_span value, uint64_t seed,
                   struct pref_h128 *out, struct pref_err *err);

/* The same with every string value in it folded first, by a mask of enum pref_fold (unicode.h):
 * the string itself, or those at any depth in a container. Keys of objects stay as they are. */
int pref_key_folded(struct pref_key_scratch *scratch, struct pref_span value, unsigned folds,
                    uint64_t seed, struct pref_h128 *out, struct pref_err *err);

/* The seed under which values that are not strings are hashed. */
uint64_t pref_key_seed(uint64_t seed);

/* One key from the hashes of several fields, in order: XXH3-128 over their 16-byte images. Beyond
 * 16 fields in blocks of 16 images, of which the first is the hash of the block before. */
struct pref_h128 pref_key_join(const struct pref_h128 *fields, size_t count, uint64_t seed);

#endif
