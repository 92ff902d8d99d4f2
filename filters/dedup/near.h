/* SPDX-License-Identifier: Apache-2.0 */
/*
 * near.h - near-duplicates, for --near: a record goes only if its exact Jaccard similarity
 * with a record that stays is at least T. Leader clustering in input order: who goes is no leader,
 * so that no chains form.
 *
 * What a record is (its shingles, its sketch) is made on any thread; the index of the records that
 * stay is asked, and added to, from commit. Their texts lie in scratch storage, or in the
 * input still (near_sets.h), and are read for candidates alone.
 */
#ifndef PREF_DEDUP_NEAR_H
#define PREF_DEDUP_NEAR_H

#include "fields.h"
#include "near_sets.h"
#include "lib/near/lsh.h"
#include "lib/near/minhash.h"

/* What is known of records with their sides exchanged (near_turned.c). */
struct near_turns {
    int counted;               /* --near-contradictions */
    int on;                    /* contradictions are looked for */
    unsigned chosen, rejected; /* fields that are exchanged */
    struct pref_shingles list; /* of the set that is turned, */
    struct pref_shingles other; /* and of one that it is compared with */
    struct pref_buf memory;
    uint32_t *found;           /* whom the last record contradicts */
    size_t found_count, found_cap;
    uint64_t pairs;            /* that contradict each other, and not word by word */
};

struct near {
    struct pref_share recall;     /* --recall */
    uint64_t ngram, candidates;   /* --ngram; --candidates */
    struct near_rule rule;        /* when two records are near; --near, --each-field */
    struct pref_lsh_plan plan;
    struct pref_minhash family;
    unsigned bucket;              /* sets that are looked at in one, at most */
    unsigned least;               /* values that must agree before sets are compared */
    struct pref_lsh *index;
    struct near_sets sets;        /* by number in the index */
    uint32_t protected;           /* sets of --against: the first ones */
    uint64_t removed, cut;        /* records that went; whose search was cut short */
    struct pref_buf recalled;     /* a record that others are compared with */
    struct near_turns turns;
};

/* What a record brings; its memory is the note's. */
struct near_record {
    struct pref_sketch sketch;
    struct pref_sketch turned; /* with its sides exchanged; only where that is asked for */
    struct near_set set;
};

/* What one thread describes records with. */
struct near_own;
struct near_own *near_own_new(void); /* NULL when memory ran out */
void near_own_free(struct near_own *own);

void near_preset(struct near *near);

/* Whether --near was given: else nothing is near. */
int near_is_on(const struct near *near);

/* Read the options. The fields must be open. */
int near_open(struct near *near, const struct dedup_fields *fields, uint64_t table_seed,
              struct pref_err *err);
void near_close(struct near *near);

/* Bytes of memory that the index holds. */
uint64_t near_bytes(const struct near *near);

/* What a record that stays takes of them at most, with its key in a numbered table (keyset.h). */
unsigned near_bytes_each(const struct near *near);

/* Counts of the run: what went, what was cut short, and the plan. */
void near_report(const struct near *near, struct pref_report *report);

/* Describe a record, in memory of its note: *record is NULL where it has
 * no word. USE, or what becomes of a record that cannot be described. */
enum pref_verdict near_describe(const struct near *near, const struct dedup_fields *fields,
                                struct pref_job *job, struct near_own *own,
                                struct near_record **record);

void near_warm(const struct near *near, const struct near_record *record);

/* Whom a record is near to: the most similar of those that stay, then the earliest. */
struct near_match {
    int found;
    uint32_t number;            /* of its set */
    struct near_common common;
    int cut;                    /* there were more candidates */
};

/* Whether a/b > c/d, of what they have in common. */
static inline int near_is_nearer(struct near_common a, struct near_common b)
{
    return a.both * b.either > b.both * a.either; /* of counts below 2^32 */
}

/* Look for a record that is not in the index. Where numbers in the index are not those of the sets,
 * `number_of` gives these, else it is NULL. */
int near_look(struct near *near, const struct near_record *record, const uint32_t *number_of,
              struct near_match *match, struct pref_err *err);

/* The same for a record that is at hand, or NULL, which is near to nobody. */
int near_find(struct near *near, struct near_record *record, const struct pref_row *row,
              struct near_match *match);

/* ---- The other way round ------------------------------------------------------------------------
 *
 * Two records contradict each other nearly if one is near to the other with its sides exchanged,
 * and neither is near to itself with its own exchanged: such a one contradicts nothing. */

/* Open, where contradictions are treated or counted. */
int near_turns_open(struct near *near, const struct dedup_fields *fields, int treated,
                    struct pref_err *err);
void near_turns_close(struct near_turns *turns);

/* A set with its sides exchanged, its shingles in `list`; the values stay where they are. */
int near_turn(const struct near_turns *turns, const struct near_set *set,
              const struct near_rule *rule, struct pref_shingles *list, struct near_set *turned,
              struct pref_err *err);

/* Look for those that a record contradicts, which was looked for by near_look and is near to none:
 * *match is the most similar of them, then the earliest; all of them are left in near->turns.found.
 * Those of protected corpora contradict nobody; nor does the record that has the key `exact`
 * (UINT32_MAX: none), which is told elsewhere. */
int near_look_turned(struct near *near, const struct near_record *record,
                     const uint32_t *number_of, uint32_t exact, struct near_match *match,
                     struct pref_err *err);

/* What a record, with its sides exchanged, has in common with the one kept under a number. */
int near_turned_common(struct near *near, const struct near_record *record, uint32_t number,
                       struct near_common *common, struct pref_err *err);

/* ---- What stays ------------------------------------------------------------------------------ */

/* The record, which was looked for, stays; `key` is the number of its key, which near_key gives
 * back. */
int near_keep(struct near *near, const struct near_record *record, uint32_t key,
              struct pref_err *err);
uint32_t near_key(const struct near *near, uint32_t number);

/* A record of a protected corpus: it stays, and comes before all others. */
int near_protect(struct near *near, struct near_record *record, const struct pref_row *row,
                 uint32_t key);
/* The same of an index that was made before: its set is the next piece, of `len` bytes. */
int near_protect_stored(struct near *near, struct pref_sketch sketch, size_t len, uint32_t key,
                        struct pref_err *err);
int near_is_protected(const struct near *near, uint32_t number);

/* What sketches this build makes, as the hash of that of some values: it tells indexes apart that
 * were made before texts, words, shingles or signatures changed. */
int near_fingerprint(const struct near *near, uint64_t *print, struct pref_err *err);

/* A record whose set was kept, until the next call; its sketches, in `memory`, are made only where
 * it has words. */
#define NEAR_SKETCH_MAX (PREF_LSH_BANDS_MAX * sizeof(uint64_t) + PREF_MINHASH_MAX)
struct near_memory {
    uint64_t own[NEAR_SKETCH_MAX / sizeof(uint64_t)], turned[NEAR_SKETCH_MAX / sizeof(uint64_t)];
};
int near_recall(struct near *near, uint32_t number, struct near_memory *memory,
                struct near_record *record, struct pref_err *err);

#endif
