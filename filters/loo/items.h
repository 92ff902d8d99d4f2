/* SPDX-License-Identifier: Apache-2.0 */
/*
 * items.h - a record while loo distils it: where its items stand in its line, how far the
 * search is, and the bytes that come of it. A suspended record has nothing else; it lives in the
 * memory of the record's note, and its line in that of the record's batch.
 */
#ifndef FILTERS_LOO_ITEMS_H
#define FILTERS_LOO_ITEMS_H

#include "group.h"
#include "search.h"
#include "pref/filter.h"

/* Where an item stands in the line. */
struct loo_span {
    uint32_t start, end;
};

struct loo_work {
    struct loo_search search;
    struct loo_span *span; /* search.items of them */
    const char *line;
    struct loo_span id;   /* the record's; empty where it has none */
    uint32_t open, close; /* the record's braces */
    uint32_t start, end;  /* the array, brackets included */
    uint32_t unknown;     /* votes of judges that the model does not know */
    uint8_t unanswered, unasked;
};

/* How many items the array at hit `array` has; `each` is the place of its elements. */
uint32_t loo_count(const struct pref_doc *doc, const struct pref_hit *array, pref_place each);

/* Note where the `count` items stand and begin the search, which tries their units in `order` (as
 * for loo_begin). NULL when memory ran out. */
struct loo_work *loo_work_new(struct pref_job *job, const struct pref_hit *array, pref_place each,
                              const struct loo_units *units, const uint32_t *order,
                              uint32_t count);

/* Append the array with only the items of the subset being asked about (or of the result, once the
 * search is over). An item that is not the first one left brings along what stood between it and
 * the item before it, so that no other byte changes. */
void loo_add_array(const struct loo_work *work, struct pref_buf *out);

/* Append the record with that array in the place of its own. */
void loo_add_question(const struct loo_work *work, struct pref_buf *out);

/* The annotation's keys, NULL-terminated, and the annotation of a search that is over. */
extern const char *const loo_keys[];
void loo_add_annotation(const struct loo_work *work, struct pref_buf *json);

#endif
