/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state.h - the state of dedup, and what is known of a record before it is decided in order.
 *
 * dedup.c has the options and what is said of one record on any thread; rows.h what is decided in
 * order, near_rows.h where near ones go, too; row.h what both do with one row.
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
#include "lib/key/key_peek.h"

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
    struct pref_key_peek *peek; /* at it, from map, where that spares it work; or NULL */
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

#endif
