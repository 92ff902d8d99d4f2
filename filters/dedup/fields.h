/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fields.h - what makes records equal for dedup: the fields of --on, and the key that is
 * made of them. Opened once, then read from any thread.
 */
#ifndef PREF_DEDUP_FIELDS_H
#define PREF_DEDUP_FIELDS_H

#include "pref/buf.h"
#include "pref/filter.h"

#define DEDUP_FIELDS_MAX 16

struct dedup_fields {
    const char *on, *normalize; /* as the options have them */
    const struct pref_common *common;
    char *words;                         /* `on`, cut at its commas */
    const char *name[DEDUP_FIELDS_MAX];  /* of each field, as --on gives it */
    pref_place place[DEDUP_FIELDS_MAX];
    unsigned count;
    unsigned folds;                      /* a mask of enum pref_fold */
    int whole_line;                      /* --on line */
    int chosen, rejected;                /* which fields they are, or -1 */
    int fixed;                           /* keys are the same in every run, until scattered */
};

/* A record's key, and that of the same pair with its sides exchanged: equal where there is nothing
 * to exchange. */
struct dedup_keys {
    struct pref_h128 own, exchanged;
};

static inline int dedup_keys_exchangeable(const struct dedup_keys *keys)
{
    return keys->own.low != keys->exchanged.low || keys->own.high != keys->exchanged.high;
}

/* Read --on and --normalize, which are set, and tell the shape. */
int dedup_fields_open(struct dedup_fields *fields, struct pref_opening *opening,
                      struct pref_err *err);
void dedup_fields_close(struct dedup_fields *fields);

/* Whether pairs can contradict each other: both sides are compared. */
int dedup_fields_sides(const struct dedup_fields *fields);

/* The keys of a record: USE, or what becomes of a record that has none. */
enum pref_verdict dedup_fields_keys(const struct dedup_fields *fields, struct pref_job *job,
                                    struct dedup_keys *keys);

/* Keys as the tables of this run have them: what is the same in every run is hashed once more under
 * the run's seed, so that nobody can prepare keys that crowd one place; all else is that already.
 */
void dedup_fields_scatter(const struct dedup_fields *fields, struct dedup_keys *keys);

#endif
