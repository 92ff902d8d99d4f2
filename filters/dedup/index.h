/* SPDX-License-Identifier: Apache-2.0 */
/*
 * index.h - what is known of protected records, as a file (store.h) that is made once, by
 * --save-index, and that many runs read instead of the records, by --index: keys and places of
 * those that are distinct and, under --near, their sketches; the pieces are their values, of which
 * only those of candidates are read. The list, numbers least significant byte first:
 *
 *   what it was made with, in words: length (4), bytes
 *   numbers of records (8), files, keys, sets (4 each)
 *   files: length of the name (4), bytes
 *   keys: XXH3-128 of the record and of the one with its sides exchanged, under the seed 0 (16
 * each), file (4), line (8), length of the id (4), bytes sets: number of the key (4), bytes of the
 * piece (4), sketch: bands (8 each), low bytes
 *
 * Used by dedup from open, gather and finish.
 */
#ifndef PREF_DEDUP_INDEX_H
#define PREF_DEDUP_INDEX_H

#include "fields.h"
#include "lib/stream/scratch.h"
#include "lib/stream/store.h"

#define DEDUP_INDEX_KIND (struct pref_store_kind){"\x9aprefdx\n", "an index of records", 1}

struct dedup;

struct dedup_index {
    const char *save, *use;       /* --save-index and --index, or NULL */
    struct pref_scratch *keys;    /* to be saved: of each distinct record, as in the list */
    struct pref_store *store;     /* that is used, */
    struct pref_shape *shape;     /* and what is doubted with what it holds */
    struct pref_scanner *scanner;
    char **files;                 /* names of the files that it was made of */
    uint32_t file_count;
};

/* Whether there is one: keys must be the same in every run then. */
int dedup_index_is_on(const struct dedup_index *index);

/* Check the options, and read the index that is used. All else must be open. */
int dedup_index_open(struct dedup *dedup, struct pref_opening *opening, struct pref_err *err);
void dedup_index_close(struct dedup_index *index);

/* A protected record of new keys, not scattered, was added under the next number. */
int dedup_index_add(struct dedup_index *index, const struct dedup_keys *keys,
                    struct pref_err *err);

/* Write the index that is to be saved, if any. */
int dedup_index_save(struct dedup *dedup, struct pref_err *err);

/* Append what decides which records are equal or near, in the words of the options. */
int dedup_index_describe(const struct dedup *dedup, struct pref_buf *out, struct pref_err *err);

/* Read the index that is used: protect what it holds (index_use.c). */
int dedup_index_read(struct dedup *dedup, const int *stop_fd, struct pref_err *err);

#endif
