/* SPDX-License-Identifier: Apache-2.0 */
/*
 * near_recent.h - the shingles of the records that others were compared with last. Where many are
 * made by one template, the same ones are candidates again and again; with this they are read, and
 * their shingles found, once.
 *
 * A ring of words, of which the eldest are overwritten. What is in it changes how long a run takes
 * and nothing else. Owned by near_sets, used from commit; NEAR_RECENT_BYTES at most.
 */
#ifndef PREF_DEDUP_NEAR_RECENT_H
#define PREF_DEDUP_NEAR_RECENT_H

#include "pref/base.h"

#define NEAR_RECENT_BYTES ((size_t)4 << 20)

struct near_recent {
    uint64_t *ring;
    struct near_recent_place *places; /* by the low bits of a number */
    uint64_t end;                     /* words that were given out, ever */
};

/* Memory is taken as it is used. PREF_FAIL when there is none. */
int near_recent_open(struct near_recent *recent, struct pref_err *err);
void near_recent_close(struct near_recent *recent);

/* The words that were put in for a number; NULL where they are not there, or no more. */
const uint64_t *near_recent_find(const struct near_recent *recent, uint32_t number);

/* Room for a number's words, which the caller fills in; NULL where they are too many to be worth
 * it. */
uint64_t *near_recent_room(struct near_recent *recent, uint32_t number, size_t words);

#endif
