/* SPDX-License-Identifier: Apache-2.0 */
/*
 * against.h - the records of protected corpora, for --against: their keys in memory, 31 to 38
 * bytes each with where their places stand, and the places in scratch storage. Where memory is
 * bounded the keys are the ledger's, and only places are kept here. Filled from gather; read from
 * map on any thread, and the places from commit.
 */
#ifndef PREF_DEDUP_AGAINST_H
#define PREF_DEDUP_AGAINST_H

#include "filters/common/audit.h"
#include "pref/keyset.h"

struct against {
    struct pref_texts files;   /* of --against */
    struct pref_keyset *keys;  /* NULL where memory is bounded */
    struct audit places;       /* by the key's number, of the first record that has it; without
                                * keys by the record's, from 0 */
    uint64_t records, matched; /* read from the files; rejected because of them */
};

/* Open, where something is protected, and name the files, if it is they, to the engine: they are
 * scanned as the input is. */
int against_open(struct against *against, struct pref_opening *opening, int on_disk,
                 struct pref_err *err);
void against_close(struct against *against);

/* A record of a protected corpus. */
int against_add(struct against *against, struct pref_h128 key, const struct audit_place *place,
                struct pref_err *err);

/* How many distinct keys are protected: their numbers are those below. */
uint64_t against_keys(const struct against *against);

/* Whether a key is protected: 1, with its number, or 0. */
int against_find(const struct against *against, struct pref_h128 key, uint32_t *number);

#endif
