/* SPDX-License-Identifier: Apache-2.0 */
/*
 * near_ranked.h - near-duplicates of which another than the first may stay. All records are
 * known before one leaves: leaders are then clustered in the order of their rank, the best first,
 * and of equal rank the first. So who stays is the best of all that it stands for, and chains do
 * not form either.
 *
 * Where contradictions are dropped or joined, they are told by the same order: of two, the better
 * is the one that others are joined to.
 *
 * In memory each record takes 48 bytes, 55 while lists grow, beside what the index takes for those
 * that stay and the table of keys for each distinct record; their values lie
 * where near_sets.h says. Used from absorb, settle and commit.
 */
#ifndef PREF_DEDUP_NEAR_RANKED_H
#define PREF_DEDUP_NEAR_RANKED_H

#include "near.h"

#define RANKED_NOBODY UINT32_MAX

/* A record by its number: those of protected corpora, then those of the input in its order. */
struct ranked_record {
    double rank;     /* the least stays, and NaN only where none has another */
    uint32_t leader; /* who stays for it, maybe itself; until that is known, itself */
    uint32_t copies; /* of a leader: how many it stands for */
};

/* What becomes of records that contradict each other. */
enum { RANKED_KEEPS, RANKED_DROPS, RANKED_JOINS };

struct ranked {
    struct ranked_record *records;
    size_t count, cap;
    uint32_t *of_id;  /* who has this number in the index */
    uint32_t *of_key; /* who stays for this key, or RANKED_NOBODY */
    size_t first, next; /* the first record of the input; the one that will be asked for */
    uint64_t leaders; /* how many stay */
    uint64_t same_pairs; /* leaders, or who was joined to one, that are such a one turned */
    int contradictions;
    uint32_t *partner; /* of a key: that of the same pair turned, or RANKED_NOBODY */
    size_t partners;
    uint32_t *opposite; /* by record. Of a leader: whom it contradicts, or who was joined to it
                         * first; of one that was joined: its leader. Else RANKED_NOBODY. NULL where
                         * contradictions are kept */
};

void ranked_close(struct ranked *ranked);

/* A record of a protected corpus was kept, and is its own leader. Before any of the input. */
int ranked_protect(struct ranked *ranked, struct pref_err *err);

/* Add the next record, of a rank, or NaN, and under the number of its key. */
int ranked_add(struct ranked *ranked, struct near *near, struct near_record *record, double rank,
               uint32_t key, const struct pref_row *row);

/* Two keys are those of one pair, either way round. */
int ranked_pair(struct ranked *ranked, uint32_t key, uint32_t other, struct pref_err *err);

/* All are there, with so many keys: find who stays. */
int ranked_judge(struct ranked *ranked, struct near *near, uint64_t keys, struct pref_err *err);

/* The next record, in the order of adding: its number, or -1 where none is left. Rewind begins
 * again with the first of the input. */
int64_t ranked_next(struct ranked *ranked);
void ranked_rewind(struct ranked *ranked);

/* Whether a record goes since its leader contradicts another; since it contradicts its leader, to
 * which it was joined; whether to a leader any was joined, of which `record` is the first. */
int ranked_is_dropped(const struct ranked *ranked, uint32_t record);
int ranked_is_turned(const struct ranked *ranked, uint32_t record);
int ranked_is_joined(const struct ranked *ranked, uint32_t leader);
int ranked_is_first_joined(const struct ranked *ranked, uint32_t record);

/* What a record has in common with its leader; or, turned, with the one that `opposite` names. */
int ranked_common(const struct ranked *ranked, struct near *near, uint32_t record,
                  struct near_common *common, struct pref_err *err);
int ranked_turned_common(const struct ranked *ranked, struct near *near, uint32_t record,
                         struct near_common *common, struct pref_err *err);

#endif
