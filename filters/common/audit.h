/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit.h - where the records that stay stand, and the lines of --clusters. A place (file,
 * line and id) is kept in scratch storage; in memory it takes 8 bytes a key, 10 while it grows, or
 * none where these are on disk, too. Used by dedup from gather, absorb and commit; decon and loo
 * write places into lines of their own.
 */
#ifndef PREF_DEDUP_AUDIT_H
#define PREF_DEDUP_AUDIT_H

#include "lib/stream/scratch.h"
#include "lib/stream/slots.h"
#include "pref/filter.h"

enum audit_kind { AUDIT_EXACT, AUDIT_CONTRADICTION, AUDIT_NEAR };

/* A record's place. `file` lives as long as the run, `id` (JSON; empty: none) until the next
 * call. */
struct audit_place {
    const char *file;
    uint64_t line;
    struct pref_span id;
};

struct audit {
    struct pref_side *side; /* NULL: no lines are wanted */
    struct pref_scratch *scratch;
    struct pref_slots at; /* by the key's number: one more than where its place stands */
    const char **files; /* names that places refer to by number */
    size_t file_count, file_cap;
    struct pref_buf line, id;
};

/* Open scratch storage for places, and the file of --clusters for lines, if it is not NULL. */
int audit_open(struct audit *audit, struct pref_opening *opening, const char *file, int on_disk,
               struct pref_err *err);
void audit_close(struct audit *audit);

/* The row stays: keep its place under the number of its key. */
int audit_keep(struct audit *audit, uint64_t key, const struct audit_place *place,
               struct pref_err *err);

/* The place kept under a number. */
int audit_find(struct audit *audit, uint64_t key, struct audit_place *place, struct pref_err *err);

/* Write a line, if any are wanted: a record went because of another (NULL: because of none), to
 * which it is so similar, from 0 to 1. */
int audit_removed(struct audit *audit, const struct audit_place *removed,
                  const struct audit_place *kept, enum audit_kind kind, double similarity,
                  struct pref_err *err);

/* Append a place as {"file":...,"line":...,"id":...}; where there is no id, it is null. */
void audit_add_place(struct pref_buf *line, const struct audit_place *place);

/* A file's name as text that any reader can decode: what is not UTF-8 in it becomes '?'. */
void audit_file_name(struct pref_buf *out, const char *file);

#endif
