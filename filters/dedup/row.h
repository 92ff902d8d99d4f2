/* SPDX-License-Identifier: Apache-2.0 */
/*
 * row.h - what dedup does with one record in order, whoever decided it: keep it, with its key and
 * its place; annotate it; let it go, with a reason and a line of the audit. Called by rows.c and
 * near_rows.c; nothing here decides.
 */
#ifndef PREF_DEDUP_ROW_H
#define PREF_DEDUP_ROW_H

#include "state.h"

/* Where the row stands in the input, and its id, which points into its line. */
struct audit_place dedup_place_of(const struct pref_row *row, const struct dedup_note *note);

/* Whether tables in memory, which have so many keys now, may grow on. Looked at now and then. */
int dedup_check_memory(const struct dedup *dedup, uint64_t keys, struct pref_err *err);

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

/* The keys of the annotation of --count. */
extern const char *const dedup_annotation_keys[];

/* Write how many there are of the record. Which of them stays is for commit to say. */
enum pref_verdict dedup_annotate(const struct dedup *dedup, struct pref_job *job,
                                 uint32_t copies);

/* The row is a duplicate of the record kept for `key`. */
enum pref_verdict dedup_reject_duplicate(struct dedup *dedup, uint64_t key, struct pref_row *row,
                                         const struct dedup_note *note);

/* Write the audit's line: the row goes because of the record kept for `key` (NULL: of none). */
int dedup_write_removed(struct dedup *dedup, const uint64_t *key, enum audit_kind kind,
                        double similarity, struct pref_row *row, const struct dedup_note *note);

/* The same, of a record that is at `kept` (NULL: there is none). */
int dedup_write_gone(struct dedup *dedup, const struct audit_place *kept, enum audit_kind kind,
                     double similarity, struct pref_row *row, const struct dedup_note *note);

/* Write a reason that names a place. */
void dedup_name_place(struct pref_row *row, const char *what, const struct audit_place *place);

#endif
