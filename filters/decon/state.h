/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state.h - the state of decon, shared by its parts: decon.c has the options and the verdict,
 * items.c the benchmarks, find.c what a record shares with them, say.c the words
 * in which that is told, common.c how many records have an n-gram.
 */
#ifndef FILTERS_DECON_STATE_H
#define FILTERS_DECON_STATE_H

#include "filters/filter/text.h"
#include "lib/near/ngram_index.h"
#include "pref/share.h"
#include "pref/words.h"

enum { DECON_TURNS_UNSAID = -1, DECON_TURNS_ALL, DECON_TURNS_FIRST };

#define DECON_COMMON_ANY UINT64_MAX /* --common was not given */

struct decon {
    /* Options. */
    struct pref_texts against;
    const char *index_file, *save_index;
    const char *text, *item_id, *benchmark; /* fields of an item */
    const char *on, *evidence_file;
    uint64_t ngram, min_matches, common;
    struct pref_share coverage;
    int turns, annotate, dry_run;

    struct filter_fields fields;            /* of a record, that are looked at */
    pref_place id;                          /* of a record */
    pref_place item_text, item_name, item_number; /* of an item: text, benchmark, id */
    const char *key;                        /* of the annotation */
    pref_place annotation;
    struct pref_side *evidence;             /* NULL: none is wanted */

    struct pref_ngram_index *index;
    struct pref_buf index_hash;             /* in hex, for fits */
    uint64_t *records;   /* by n-gram: records that have it; only with --common */
    uint64_t *ignored;   /* a bit by n-gram: too common; only with --common */
    uint32_t *left;      /* by item: distinct n-grams that are not ignored; only with --common */
    uint64_t ignored_count;

    int judges;          /* records are judged, not only counted */
    uint64_t hits;       /* records */
    uint64_t *matched;   /* a bit by item: some record hits it */
    struct decon_tally {
        uint64_t hits;   /* records */
        uint64_t last;   /* the ordinal of the last of them, and 1 */
        uint64_t matched; /* items */
    } *tally;            /* by benchmark */
    struct pref_buf line; /* of evidence */
};

/* An n-gram of the index that a record has, and where it has it first. */
struct decon_found {
    uint32_t ngram, word, field;
};

/* An item that a record hits. */
struct decon_hit {
    uint32_t item;
    uint32_t matches;    /* distinct n-grams */
    uint32_t covered;    /* words of the item */
    uint32_t first;      /* which of own->found is the first of the item's, */
    uint32_t field;      /* and the field that it stands in */
    size_t at, len;      /* where its words stand among the excerpts, if evidence is wanted */
};

/* What a thread works with. */
struct decon_own {
    struct pref_words words;
    struct pref_buf text;   /* of a field, where it had to be decoded */
    uint64_t *sums;         /* of the words (ngram.h) */
    size_t sums_cap;
    uint64_t *seen;         /* a bit by n-gram: it is among those found; made when first needed */
    struct decon_found *found;
    size_t found_count, found_cap;
    struct decon_reach *reach;
    size_t reach_count, reach_cap;
    struct decon_hit *hit;
    size_t hit_count, hit_cap;
    struct pref_buf excerpts;
};

/* What a record, or an item, brings to its serial half. */
struct decon_note {
    uint32_t id, id_len; /* in its line */
    uint32_t count;
    union {
        const struct decon_hit *hits; /* of map */
        const uint32_t *ngrams;       /* of learn: those of the record */
        const uint64_t *words;        /* of study: hashes */
    } of;
    struct pref_span text; /* of map: the excerpts; of study: the benchmark, if the item names it */
};

static inline uint64_t decon_bit(const uint64_t *bits, uint32_t number)
{
    return bits[number / 64] >> number % 64 & 1;
}

/* ---- items.c -------------------------------------------------------------------------- */

int decon_items_open(struct decon *decon, struct pref_opening *opening, struct pref_err *err);
enum pref_verdict decon_study(const void *state, struct pref_job *job, void *state_note);
enum pref_verdict decon_gather(void *state, struct pref_row *row, void *state_note);
int decon_begin(void *state, struct pref_err *err);

/* ---- find.c --------------------------------------------------------------------------- */

/* The text of a value, as --turns asks. 0, or -1 when memory ran out. */
int decon_text(const struct decon *decon, struct pref_span value, struct pref_buf *scratch,
               struct pref_span *text);

/* Find the n-grams of the index that a record has, into own->found, each once. */
int decon_find(const struct decon *decon, struct pref_job *job);

/* Find the items that own->found hits, by item, into own->hit. */
int decon_hits(const struct decon *decon, struct decon_own *own, struct pref_err *err);

void decon_own_free(struct decon_own *own);

/* ---- say.c ---------------------------------------------------------------------------- */

/* Collect what the record says where it has the first n-gram of each hit, in own->excerpts. */
int decon_excerpts(const struct decon *decon, struct pref_job *job);

/* Why a record with hits is rejected. */
void decon_why(const struct decon *decon, const struct decon_own *own, struct pref_buf *why);

/* The annotation of a record. */
void decon_annotation(const struct decon *decon, const struct decon_own *own,
                      struct pref_buf *json);

/* One line of evidence. */
int decon_evidence(struct decon *decon, struct pref_row *row, const struct decon_note *note,
                   const struct decon_hit *hit);

void decon_report(const void *state, struct pref_report *report);

/* ---- common.c ------------------------------------------------------------------------- */

enum pref_verdict decon_absorb(void *state, struct pref_row *row, void *state_note);
int decon_settle(void *state, struct pref_err *err);
void decon_fit_options(const void *state, struct pref_buf *json);
int decon_save(void *state, struct pref_fit_writer *writer, struct pref_err *err);
int decon_load(void *state, const struct pref_fit_row *row, struct pref_err *err);

#endif
