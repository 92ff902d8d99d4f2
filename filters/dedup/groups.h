/* SPDX-License-Identifier: Apache-2.0 */
/*
 * groups.h - what dedup learns of equal records before it lets the first one go: of each key
 * the record that stays, and how many have it. Filled from absorb, read from map on any thread; or
 * filled and emptied part by part where memory is bounded (ledger.h).
 */
#ifndef PREF_DEDUP_GROUPS_H
#define PREF_DEDUP_GROUPS_H

#include "fields.h"
#include "pref/keyset.h"

/* Which of equal records stays; of those that are alike in this, the first. */
enum groups_keep { KEEP_FIRST, KEEP_LAST, KEEP_MAX, KEEP_MIN };

enum { CONTRADICTIONS_KEEP, CONTRADICTIONS_DROP, CONTRADICTIONS_MERGE };

struct groups_rules {
    int keep;           /* enum groups_keep */
    int contradictions; /* what becomes of them */
    int merge_votes;    /* all records give theirs, not only those of contradictions */
};

/* The groups lie in arrays, by their keys' numbers. */
struct groups {
    struct groups_rules rules;
    struct pref_keyset *keys;
    uint64_t *winner; /* the ordinal of the record that stays */
    double *best;     /* its value, under KEEP_MAX and KEEP_MIN; NaN: it has none */
    uint32_t *copies; /* records of this key; 0: it is protected, and `winner` is any number */
    size_t cap;
};

/* Where a record stands among those that are equal to it, its own way round or the other. */
enum {
    STANDS_OPPOSED = 1,   /* the same pair is there the other way round */
    STANDS_JOINED = 2,    /* and the two are to become one */
    STANDS_SEVERAL = 4,   /* the record that stays stands for others, too */
    STANDS_STAYS = 8,     /* it is that record */
    STANDS_GIVES = 16,    /* its votes are for the record that stays */
    STANDS_TURNED = 32,   /* the record that stays is the other way round */
    STANDS_PROTECTED = 64 /* it goes because of a protected one, whose number `kept` is */
};

struct standing {
    uint64_t ordinal;
    uint64_t kept;   /* the number of the group of the record that stays */
    uint32_t copies; /* of its own way round */
    uint32_t is;     /* a mask of the above */
};

int groups_open(struct groups *groups, struct groups_rules rules, struct pref_err *err);
void groups_close(struct groups *groups);

/* Room for so many groups at once: arrays that are not to grow. */
int groups_reserve(struct groups *groups, size_t count, struct pref_err *err);

/* Forget all groups, keep the arrays. */
int groups_clear(struct groups *groups, struct pref_err *err);

/* Memory held, in bytes, and what it is at most for each group whose room is reserved. */
uint64_t groups_bytes(const struct groups *groups);
size_t groups_bytes_each(struct groups_rules rules);

/* Another record. `value` is what KEEP_MAX and KEEP_MIN compare; NaN stands for none, and loses
 * against any. Returns 1 if its key is new, 0 if not, -1 with a sentence in *err. */
int groups_add(struct groups *groups, struct pref_h128 key, double value, uint64_t ordinal,
               struct pref_err *err);

/* A key that is protected: records that have it form no group. Returns as groups_add. */
int groups_protect(struct groups *groups, struct pref_h128 key, uint64_t number,
                   struct pref_err *err);

/* The group of a key: 1, or 0 if there is none. */
int groups_find(const struct groups *groups, struct pref_h128 key, uint32_t *group);

/* The group of the same pair with its sides exchanged, if there is one: 1 or 0. */
int groups_find_partner(const struct groups *groups, const struct dedup_keys *keys,
                        uint32_t *partner);

/* Where a record stands: 1, or 0 if it was not added. */
int groups_stand(const struct groups *groups, const struct dedup_keys *keys, uint64_t ordinal,
                 struct standing *at);

#endif
