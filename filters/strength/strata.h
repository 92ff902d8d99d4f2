/* SPDX-License-Identifier: Apache-2.0 */
/*
 * strata.h - the strata of strength's --by: the values of one field, each of which is a
 * corpus of its own for quantiles, bands and scales. A stratum's text is its value as JSON, a
 * string in its shortest form, so that 1 and "1" are two; where the field is absent, it is null.
 *
 * Without --by all records are in stratum 0, and no text is read. Texts are read on any thread;
 * strata are added by one thread at a time while something is learnt or loaded.
 *
 * Memory: 96 bytes a stratum and its text; at most --max-strata of them, of at most
 * STRENGTH_STRATUM_MAX bytes each.
 */
#ifndef STRENGTH_STRATA_H
#define STRENGTH_STRATA_H

#include "bands.h"
#include "lib/key/name_table.h"
#include "pref/filter.h"

#define STRENGTH_STRATA_DEFAULT 4096
#define STRENGTH_STRATUM_MAX 1024

struct strength_stratum {
    uint64_t records;                 /* learnt from, or in the fit that was loaded */
    uint64_t acted[STRENGTH_ACTIONS]; /* records by what was done */
};

struct strength_strata {
    const char *field; /* of --by, or NULL */
    uint64_t max;      /* --max-strata */
    pref_place place;
    struct pref_name_table names;
    struct strength_stratum *list; /* by number */
    size_t cap;
    uint64_t unknown; /* records of strata that were not learnt */
};

/* A record's stratum: text.ptr is NULL without --by. */
struct strength_value {
    struct pref_span text;
    uint64_t hash;
};

int strength_strata_open(struct strength_strata *strata, struct pref_opening *opening,
                         struct pref_err *err);
void strength_strata_release(struct strength_strata *strata);

/* Read a record's stratum; it lives as long as the record's note and line. PREF_USE, or what
 * becomes of the record. */
enum pref_verdict strength_strata_read(const struct strength_strata *strata, struct pref_job *job,
                                       struct strength_value *value);

/* The number of a stratum, which is made if it is new. PREF_FAIL when memory ran out, or the
 * strata become too many. */
int strength_strata_add(struct strength_strata *strata, const struct strength_value *value,
                        uint32_t *number, struct pref_err *err);

/* The same with the text that stands in a fit; it is refused if it is none. */
int strength_strata_load(struct strength_strata *strata, struct pref_span text, uint32_t *number,
                         struct pref_err *err);

/* The number of a stratum, or PREF_NO_NAME. */
uint32_t strength_strata_find(const struct strength_strata *strata,
                              const struct strength_value *value);

/* The place of each stratum among the texts in bytewise order, by number: an array for the caller
 * to free, or NULL when memory ran out. */
uint32_t *strength_strata_places(const struct strength_strata *strata);

/* With --by: the summary's `strata`, `unknown_strata` and `by_stratum`, and a warning. */
void strength_strata_report(const struct strength_strata *strata, struct pref_report *report);

#endif
