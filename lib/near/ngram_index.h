/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ngram_index.h - the n-grams of benchmarks, and which of their items each stands in. Filled from
 * one thread, made once, and then read-only: any thread may look.
 *
 * An item of N words or more has an n-gram at every word that N words begin with. A shorter one of
 * at least PREF_ITEM_WORDS_MIN words has one, which is all of it; to find these in a text, the
 * three words that they begin with (leads) tell which lengths are worth a try.
 *
 * Memory: for each distinct n-gram 18 to 24 bytes and for each place of it 8, some 32 in all where
 * most stand in one place; 32 more for each place while it is made. An item: 32 bytes and its id.
 */
#ifndef PREF_NGRAM_INDEX_H
#define PREF_NGRAM_INDEX_H

#include "ngram_table.h"
#include "pref/buf.h"
#include "pref/hash.h"
#include "pref/keyset.h"

#define PREF_ITEM_WORDS_MIN 3 /* of an item that is looked for, and of leads */
#define PREF_NGRAM_MIN 3
#define PREF_NGRAM_MAX 64

struct pref_ngram_benchmark {
    uint64_t name;     /* where its name stands in `texts` */
    uint32_t name_len;
    uint32_t items, skipped; /* skipped: of less than PREF_ITEM_WORDS_MIN words */
};

struct pref_ngram_item {
    uint64_t id;        /* where its id, a JSON value, stands in `texts` */
    uint32_t id_len;    /* 0: it has none */
    uint32_t benchmark;
    uint32_t words;
    uint32_t ngrams;    /* distinct ones */
};

/* Where an n-gram stands: at a word of an item. */
struct pref_ngram_place {
    uint32_t item, word;
};

struct pref_ngram_index {
    unsigned n;
    unsigned first_turn;            /* 1: of messages an item's text is the first turn alone; for
                                     * whoever fills the index to set */
    struct pref_ngram_table ngrams;
    uint32_t *first;                /* of an n-gram's places, by its number; one more at the end */
    struct pref_ngram_place *place; /* those of one n-gram by item, then word */
    struct pref_ngram_table leads;
    uint64_t *lengths;              /* of the items that begin so, bit k for k words */

    struct pref_ngram_item *item;   /* as they were added */
    uint32_t items;
    struct pref_ngram_benchmark *benchmark; /* as they were met */
    uint32_t benchmarks;
    struct pref_buf texts;

    /* While it is filled: */
    size_t item_cap, benchmark_cap;
    struct pref_keyset *names;      /* numbers of benchmarks */
    struct pref_ngram_entry *entry, *lead;
    size_t entries, entry_cap, lead_count, lead_cap;
};

/* An empty index of n-grams of `n` words, from PREF_NGRAM_MIN to PREF_NGRAM_MAX. NULL when memory
 * ran out. */
struct pref_ngram_index *pref_ngram_index_new(unsigned n);
void pref_ngram_index_free(struct pref_ngram_index *index);

/* The number of the benchmark `name`, which is new if it was not met before. */
int pref_ngram_index_benchmark(struct pref_ngram_index *index, struct pref_span name,
                               uint32_t *number, struct pref_err *err);

/* Add an item: the hashes of its words (words.h). Too few of them are counted as skipped. */
int pref_ngram_index_add(struct pref_ngram_index *index, uint32_t benchmark, struct pref_span id,
                         const uint64_t *words, size_t count, struct pref_err *err);

/* All were added: make what is needed to look. */
int pref_ngram_index_make(struct pref_ngram_index *index, struct pref_err *err);

/* How many words the n-grams of an item have. */
uint32_t pref_ngram_index_length(const struct pref_ngram_index *index, uint32_t item);

/* ---- As a file -------------------------------------------------------------------------------
 *
 * An index as bytes, the same for the same benchmarks on every machine: magic, version, n,
 * the turns, the version of Unicode that words were found with, the parts above, and XXH3-128 over
 * all before. */

/* XXH3-128 of these bytes: two indexes that agree in it are the same. */
int pref_ngram_index_hash(const struct pref_ngram_index *index, struct pref_h128 *hash,
                          struct pref_err *err);

/* Write it, by temporary name, fsync and rename. */
int pref_ngram_index_write(const struct pref_ngram_index *index, const char *path,
                           struct pref_err *err);

/* An index from its bytes, whatever they are: PREF_FAIL says what is wrong with them. Memory is
 * bounded by their number. */
int pref_ngram_index_parse(struct pref_span bytes, struct pref_ngram_index **index,
                           struct pref_err *err);

/* The same from a file; PREF_LATER where `stop_fd` (-1: none) became readable before its end. */
int pref_ngram_index_read(const char *path, int stop_fd, struct pref_ngram_index **index,
                          struct pref_err *err);

#endif
