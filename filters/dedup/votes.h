/* SPDX-License-Identifier: Apache-2.0 */
/*
 * votes.h - votes of records that go, for the record that stays. They are put into scratch
 * storage when the input is read for the second time, and come back when the record that stays is
 * committed; in memory they take 8 bytes a key, 10 while it grows, or none where these are on disk,
 * too. Used by dedup from absorb and commit.
 */
#ifndef PREF_DEDUP_VOTES_H
#define PREF_DEDUP_VOTES_H

#include "lib/stream/scratch.h"
#include "lib/stream/slots.h"
#include "pref/filter.h"

struct votes {
    const char *field;        /* the votes' key */
    struct pref_votes places;
    const char *judge;        /* --as-judge, or NULL: */
    pref_place source;        /* its string is the judge of a record that has no votes */
    struct pref_scratch *scratch;
    struct pref_slots last;   /* by key: one more than where its last votes stand; 0: none */
    struct entry_at *list;    /* of one key, while they are read back */
    size_t list_cap;
    struct pref_buf text, before, after;
};

/* How the votes of a record are taken. */
struct votes_how {
    int turned;  /* its sides are the other way round than in the record that stays */
    int implied; /* without votes, the record itself is one: for what it calls chosen */
};

/* `implied`: some records will be asked for with that. */
int votes_open(struct votes *votes, struct pref_opening *opening, int implied, int on_disk,
               struct pref_err *err);
void votes_close(struct votes *votes);

/* Put the votes of a record aside for the record that stays for `key`. Ordinals rise. */
int votes_keep(struct votes *votes, uint64_t key, uint64_t ordinal, const struct pref_doc *doc,
               struct votes_how how, struct pref_err *err);

/* Collect the edits that give the record of `edits`, which stays, all votes kept for `key`: those
 * of earlier records before its own, the others behind. */
int votes_merge(struct votes *votes, uint64_t key, uint64_t ordinal, struct pref_edits *edits,
                int implied, struct pref_err *err);

#endif
