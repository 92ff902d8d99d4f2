/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slots.h - numbers by number: an array of 64-bit values, zero until set, that grows to whatever
 * index is set. It lies in memory, 8 to 10 bytes a slot, or where memory is short in a scratch file
 * (TMPDIR), 8 bytes a slot and none resident. Serial: one thread at a time.
 */
#ifndef PREF_SLOTS_H
#define PREF_SLOTS_H

#include "pref/base.h"

struct pref_slots {
    uint64_t *at; /* in memory */
    size_t cap;
    int on_disk;
    int fd;       /* of the scratch file, where it is on disk */
};

/* Open; released whatever became of it. */
int pref_slots_open(struct pref_slots *slots, int on_disk, struct pref_err *err);
void pref_slots_release(struct pref_slots *slots); /* zeroed ones, too */

int pref_slots_set(struct pref_slots *slots, uint64_t index, uint64_t value, struct pref_err *err);
int pref_slots_get(const struct pref_slots *slots, uint64_t index, uint64_t *value,
                   struct pref_err *err);

#endif
