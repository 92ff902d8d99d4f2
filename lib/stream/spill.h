/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spill.h - entries of one size put aside on disk in lists, to be read back list by list in the
 * order in which they came: what does not fit into memory is divided, by bits of a key, into lists
 * that do. Up to PREF_SPILL_FAN lists are written at once; a list that was written may be read
 * while others are, and divided further. One scratch file (TMPDIR) holds all of them, in blocks
 * that are chained, so that a list costs no memory but a block while it is written. Serial.
 */
#ifndef PREF_SPILL_H
#define PREF_SPILL_H

#include "pref/base.h"

#define PREF_SPILL_FAN 64

struct pref_spill;

/* A list that was written. */
struct pref_spill_list {
    uint64_t first; /* where its first block stands */
    uint64_t count; /* entries */
};

/* Open with its scratch file, for entries of so many bytes, with blocks that come to at most
 * `memory` bytes together (but for the least there can be, some 20 KiB) and 4 MiB. */
int pref_spill_new(struct pref_spill **spill, size_t entry, size_t memory, struct pref_err *err);
void pref_spill_free(struct pref_spill *spill); /* NULL is allowed */

/* Append an entry to a list, by its number below PREF_SPILL_FAN. */
int pref_spill_add(struct pref_spill *spill, unsigned list, const void *entry,
                   struct pref_err *err);

/* The lists are complete: what they are, and others are begun in their places. */
int pref_spill_end(struct pref_spill *spill, struct pref_spill_list lists[PREF_SPILL_FAN],
                   struct pref_err *err);

/* Read a list from its beginning, one list at a time: *entry is the next one, until another call,
 * or NULL behind the last. */
void pref_spill_begin(struct pref_spill *spill, const struct pref_spill_list *list);
int pref_spill_next(struct pref_spill *spill, const void **entry, struct pref_err *err);

#endif
