/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ledger.h - what dedup learns where its memory is bounded (--memory). When the input is read
 * first, each record's key and ordinal are put aside on disk, divided by the key; a pair and its
 * other way round have one key there, so that they come together. Behind the last record the parts
 * are judged one by one in memory (groups.h), those that are too large divided further. How
 * each record stands that is not alone of its kind goes to disk again and comes back in the order
 * of the input. Serial.
 */
#ifndef PREF_DEDUP_LEDGER_H
#define PREF_DEDUP_LEDGER_H

#include "verdicts.h"
#include "lib/stream/spill.h"

#define LEDGER_LEAST ((uint64_t)64 << 10) /* bytes of memory that it can do with */

struct ledger {
    struct groups_rules rules;
    int all;                   /* the standing of those that stay for others is wanted, too */
    uint64_t memory;           /* bytes; 0: the ledger is not in use */
    struct pref_spill *spill;
    struct groups groups;      /* of one part at a time */
    size_t most;               /* groups that fit into memory */
    struct ledger_part *parts; /* to be judged */
    size_t count, cap;
    uint64_t records;          /* put aside, those that are protected included */
    uint64_t numbers;          /* of groups, given so far */
    struct verdicts verdicts;
    uint64_t distinct, contradictions;
};

/* Open for so many bytes of memory, at least LEDGER_LEAST. */
int ledger_open(struct ledger *ledger, struct groups_rules rules, int all, uint64_t memory,
                struct pref_err *err);
void ledger_close(struct ledger *ledger);

/* The first reading: a protected key, under a number by which its place is known, before all
 * records; a record, in the order of the input. */
int ledger_protect(struct ledger *ledger, const struct dedup_keys *keys, uint64_t number,
                   struct pref_err *err);
int ledger_add(struct ledger *ledger, const struct dedup_keys *keys, double value,
               uint64_t ordinal, struct pref_err *err);

/* Behind it: judge. Fills distinct and contradictions. */
int ledger_judge(struct ledger *ledger, struct pref_err *err);

/* Before and in each later reading: where the record with this ordinal stands. Ordinals rise. The
 * numbers in `kept` are below that of all distinct records. */
int ledger_rewind(struct ledger *ledger, struct pref_err *err);
int ledger_stand(struct ledger *ledger, uint64_t ordinal, struct standing *at,
                 struct pref_err *err);

#endif
