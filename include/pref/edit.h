/* SPDX-License-Identifier: Apache-2.0 */
/*
 * edit.h - changes to a record as splices: a value's bytes are replaced, a member is added before
 * the closing brace or taken away; every other byte stays as it came. Nothing is ever parsed and
 * printed again.
 *
 * Edits are collected against one scanned line and applied together. All offsets refer to the line
 * as it came, so edits do not see one another; two that overlap are an error. The bytes given are
 * copied. Memory that runs out shows in pref_edits_extent and pref_edits_apply.
 */
#ifndef PREF_EDIT_H
#define PREF_EDIT_H

#include "buf.h"
#include "scan.h"

struct pref_edit {
    uint32_t start, end; /* the bytes of the line that go */
    uint32_t text, len;  /* the bytes that come, in pref_edits.bytes */
    uint32_t order;      /* as given: decides among edits at one place */
};

struct pref_edits {
    const struct pref_doc *doc; /* the line being edited */
    struct pref_edit *list;
    size_t count, cap;
    uint32_t *dropped;          /* indices into doc->hits of the members to go */
    size_t dropped_count, dropped_cap;
    struct pref_buf bytes;      /* what replacements say */
    struct pref_buf added;      /* members to stand before the closing brace: "k":v,"k":v */
    int failed;                 /* memory ran out, or the bytes outgrew 32 bits */
};

void pref_edits_release(struct pref_edits *edits);

/* Start on another line; forgets what was collected. `doc` must live until the apply. */
void pref_edits_begin(struct pref_edits *edits, const struct pref_doc *doc);

/* Whether anything was collected, or could not be for want of memory, which the apply will tell. */
int pref_edits_any(const struct pref_edits *edits);

/* Replace the bytes from `start` to `end` (start == end: insert). */
void pref_edit_replace(struct pref_edits *edits, uint32_t start, uint32_t end,
                       struct pref_span with);

/* Exchange the bytes of two values that do not overlap. */
void pref_edit_exchange(struct pref_edits *edits, const struct pref_hit *a,
                        const struct pref_hit *b);

/* Give the top-level member `name` (no escapes needed) the value `json`: `old`, its present hit,
 * is replaced; where it is NULL the member is added at the end. */
void pref_edit_put(struct pref_edits *edits, const char *name, const struct pref_hit *old,
                   struct pref_span json);

/* Take a top-level member away, with the comma it leaves behind. */
void pref_edit_drop(struct pref_edits *edits, const struct pref_hit *member);

/* Where the edits are all collected: the bytes of the line outside of *start to *end stay.
 * PREF_FAIL where two edits overlap or memory ran out. To be called once, before edits are
 * written. */
int pref_edits_extent(struct pref_edits *edits, uint32_t *start, uint32_t *end,
                      struct pref_err *err);

/* Append what becomes of the bytes from `start` to `end`, which hold the extent. */
void pref_edits_write(const struct pref_edits *edits, uint32_t start, uint32_t end,
                      struct pref_buf *out);

/* Both at once for the whole line: append the edited line to `out`, without LF. PREF_FAIL as from
 * pref_edits_extent. */
int pref_edits_apply(struct pref_edits *edits, struct pref_buf *out, struct pref_err *err);

#endif
