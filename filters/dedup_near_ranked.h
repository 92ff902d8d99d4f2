/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dedup_near_ranked.h - near-duplicates of which another than the first may stay. All records are
 * known before one leaves: leaders are then clustered in the order of their rank, the best first,
 * and of equal rank the first. So who stays is the best of all that it stands for, and chains do not
 * form either.
 *
 * In memory each record takes 48 bytes, 55 while lists grow, beside what the index takes for those
 * that stay and the table of keys for each distinct record; their shingles and values lie in scratch
 * storage. Used from absorb, settle and commit.
 */
#ifndef PREF_DEDUP_NEAR_RANKED_H
#define PREF_DEDUP_NEAR_RANKED_H

#include "dedup_near.h"

/* A record by its number: those of protected corpora, then those of the input in its order. */
struct ranked_record {
    double rank;     /* the least stays */
    uint32_t leader; /* who stays for it, maybe itself; until that is known, itself */
    uint32_t copies; /* of a leader: how many it stands for */
};

struct ranked {
    struct ranked_record *records;
    size_t count, cap;
    uint32_t *of_id;  /* who has this number in the index */
    uint32_t *of_key; /* who stays for this key, or UINT32_MAX */
    size_t next;      /* the record that commit will ask for; before that, the first of the input */
    uint64_t leaders; /* how many stay */
};

void ranked_close(struct ranked *ranked);

/* A record of a protected corpus was kept, and is its own leader. Before any of the input. */
int ranked_protect(struct ranked *ranked, struct pref_err *err);

/* Add the next record, of a rank and under the number of its key. */
int ranked_add(struct ranked *ranked, struct near *near, struct near_record *record, double rank,
               uint32_t key, const struct pref_row *row);

/* All are there, with so many keys: find who stays. */
int ranked_judge(struct ranked *ranked, struct near *near, uint64_t keys, struct pref_err *err);

/* The next record, in the order of adding: its number, or -1 where none is left. */
int64_t ranked_next(struct ranked *ranked);

/* What a record has in common with its leader. */
int ranked_common(const struct ranked *ranked, struct near *near, uint32_t record,
                  struct near_common *common, struct pref_err *err);

#endif
