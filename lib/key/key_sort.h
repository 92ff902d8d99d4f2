/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key_sort.h - the members of the objects that key.c has open, and their order by decoded key.
 *
 * The list is a stack: an object's members stand at its end while it is the innermost. A member is
 * a stretch of the canonical form: the frame of its key, then that of its value.
 */
#ifndef PREF_KEY_SORT_H
#define PREF_KEY_SORT_H

#include "pref/base.h"

struct pref_key_member {
    uint32_t start, end; /* offsets into the canonical form */
};

struct pref_key_members {
    struct pref_key_member *list;
    struct pref_key_member *spare; /* room for sorting, made when first needed */
    size_t count, cap, spare_cap;
};

void pref_key_members_release(struct pref_key_members *members);

/* Push a member that starts at `start`; its end is set later. PREF_FAIL when memory ran out. */
int pref_key_members_add(struct pref_key_members *members, uint32_t start);

/* Whether the members from `first` on are in order already: 1 or 0. */
int pref_key_members_sorted(const struct pref_key_members *members, size_t first, const char *form);

/* Sort the members from `first` on by key, those of equal keys staying as they are: a bottom-up
 * merge sort, O(n log n) whatever the input, without recursion. PREF_FAIL when memory ran out. */
int pref_key_members_sort(struct pref_key_members *members, size_t first, const char *form);

#endif
