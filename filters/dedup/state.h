/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state.h - the state of dedup, shared by its two halves: dedup.c has the options and what is
 * said of one record on any thread, rows.c what is decided in order.
 */
#ifndef PREF_DEDUP_STATE_H
#define PREF_DEDUP_STATE_H

#include "against.h"
#include "fields.h"
#include "groups.h"
#include "index.h"
#include "ledger.h"
#include "near_ranked.h"
#include "votes.h"
#include "filters/common/audit.h"

#define MEMORY_FREE UINT64_MAX /* tables lie in memory, as far as there is any */

struct dedup {
    const char *keep, *clusters;
    int contradictions_do, count, merge_votes;
    uint64_t memory;       /* of --memory, or MEMORY_FREE */
    uint64_t most;         /* bytes that tables in memory may have */
    struct dedup_fields fields;
    int rule;              /* enum groups_keep */
    pref_place value, id;  /* what max and min compare; what audits name */
    const char *key;       /* of the annotation */
    pref_place annotation;
    unsigned learns, step; /* steps of learning needed, and done */
    struct pref_keyset *seen; /* where nothing is learnt */
    struct groups groups;     /* where something is, in memory */
    struct ledger ledger;     /* where something is, and memory is bounded */
    struct against against;
    struct dedup_index index; /* of what is protected, as a file */
    struct audit audit;
    struct votes votes;
    struct near near;
    struct ranked ranked;     /* where something is near and must be learnt */
    uint64_t duplicates, contradictions, contradicting;
};

/* What a record brings to absorb and commit. */
struct dedup_note {
    struct dedup_keys keys;
    struct near_record *near; /* NULL: it has no word, or nothing is near */
    double value;         /* NaN: it has none */
    uint32_t id, id_len;  /* in its line */
    uint32_t protected;   /* under NOTE_PROTECTED: the number of its key among those */
    int part;             /* it takes: one of these */
};

enum { NOTE_NONE, /* it lacks a field */
       NOTE_PRESENT,
       NOTE_PROTECTED /* it is in a corpus of --against, and goes whatever else there is */
};

/* Whether votes, and places, must be known of records that are not at hand. */
static inline int dedup_merges(const struct dedup *dedup)
{
    return dedup->merge_votes || dedup->contradictions_do == CONTRADICTIONS_MERGE;
}

static inline int dedup_is_bounded(const struct dedup *dedup)
{
    return dedup->memory != MEMORY_FREE;
}

static inline int dedup_needs_places(const struct dedup *dedup)
{
    return dedup->clusters != NULL || dedup->contradictions_do == CONTRADICTIONS_MERGE;
}

/* Write how many there are of the record. Which of them stays is for commit to say. */
enum pref_verdict dedup_annotate(const struct dedup *dedup, struct pref_job *job,
                                 uint32_t copies);

/* Whether something is protected. */
static inline int dedup_protects(const struct dedup *dedup)
{
    return dedup->against.files.count > 0 || dedup->index.use != NULL;
}

/* Whether ids are told, now or by another run. */
static inline int dedup_tells_ids(const struct dedup *dedup)
{
    return dedup->clusters != NULL || dedup->index.save != NULL;
}

/* Whether tables in memory, which have so many keys now, may grow on. Looked at now and then. */
int dedup_check_memory(const struct dedup *dedup, uint64_t keys, struct pref_err *err);

/* Pieces of the serial half that near-duplicates share (dedup_near_rows.c) ... */

/* Take the row's key into the table of keys that were seen: 1 if it is new, 0, or -1 for a failure.
 * *key is its number, where keys are numbered. */
int dedup_keep_key(struct dedup *dedup, struct pref_row *row, const struct dedup_note *note,
                   uint32_t *key);

/* The same, and the place of a row that is the first of its key, where audits are written. */
int dedup_keep_first(struct dedup *dedup, struct pref_row *row, const struct dedup_note *note,
                     uint32_t *key);

/* Keep the row's place under a number. */
int dedup_keep_place(struct dedup *dedup, uint64_t key, struct pref_row *row,
                     const struct dedup_note *note);

/* The row is a duplicate, or one of the other way round, of the record kept for `key`. */
enum pref_verdict dedup_reject_duplicate(struct dedup *dedup, uint64_t key, enum audit_kind kind,
                                         struct pref_row *row, const struct dedup_note *note);

/* Write the audit's line: the row goes because of the record kept for `key` (NULL: of none). */
int dedup_write_removed(struct dedup *dedup, const uint64_t *key, enum audit_kind kind,
                        double similarity, struct pref_row *row, const struct dedup_note *note);

/* The same, of a record that is at `kept` (NULL: there is none). */
int dedup_write_gone(struct dedup *dedup, const struct audit_place *kept, enum audit_kind kind,
                     double similarity, struct pref_row *row, const struct dedup_note *note);

/* Write a reason that names a place. */
void dedup_name_place(struct pref_row *row, const char *what, const struct audit_place *place);

/* ... and what they do beside gather, and instead of absorb and commit. `key` is the number of a
 * new key of a protected corpus. */
int dedup_gather_near(struct dedup *dedup, struct pref_row *row, const struct dedup_note *note,
                      uint32_t key);
enum pref_verdict dedup_absorb_near(struct dedup *dedup, struct pref_row *row,
                                    const struct dedup_note *note);
enum pref_verdict dedup_commit_near(struct dedup *dedup, struct pref_row *row,
                                    const struct dedup_note *note);

/* The serial half, as in struct pref_filter. */
enum pref_verdict dedup_gather(void *state, struct pref_row *row, void *state_note);
enum pref_verdict dedup_absorb(void *state, struct pref_row *row, void *state_note);
int dedup_settle(void *state, struct pref_err *err);
void dedup_warm(const void *state, const void *state_note);
enum pref_verdict dedup_commit(void *state, struct pref_row *row, void *state_note);

#endif
