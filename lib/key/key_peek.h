/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key_peek.h - a look at a set of keys that another thread adds to: by it map can tell what commit
 * will find, and spare itself the work for a record that is there already. Where it says yes that
 * is so, since no key is ever taken out; where it says no, nothing is known.
 *
 * The set is its owner's, who adds to it from one thread at a time, between begin and end, and asks
 * it as ever.
 */
#ifndef PREF_KEY_PEEK_H
#define PREF_KEY_PEEK_H

#include "pref/keyset.h"

struct pref_key_peek;

struct pref_key_peek *pref_key_peek_new(const struct pref_keyset *set); /* NULL: no memory */
void pref_key_peek_free(struct pref_key_peek *peek);                    /* NULL is allowed */

/* Around all that changes the set. Waits for looks, each no longer than pref_keyset_has. */
void pref_key_peek_begin(struct pref_key_peek *peek);
void pref_key_peek_end(struct pref_key_peek *peek);

/* Whether a key is in the set, on any thread. 0 also where others are at it: nobody waits. */
int pref_key_peek(struct pref_key_peek *peek, struct pref_h128 key);

#endif
