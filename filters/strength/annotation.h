/* SPDX-License-Identifier: Apache-2.0 */
/*
 * annotation.h - what strength writes of a record, as JSON.
 */
#ifndef STRENGTH_ANNOTATION_H
#define STRENGTH_ANNOTATION_H

#include "bands.h"
#include "levels.h"
#include "pref/buf.h"

/* Of the record as it leaves, but for its quantile. */
struct strength_annotation {
    double mean, sd, quantile, label;
    size_t n;
    enum strength_action action;
    struct strength_levels levels;
};

/* The object, and two of its numbers where they stand in it. Live as long as the buffer. */
struct strength_texts {
    struct pref_span object, margin, label;
};

/* The keys of the object, the first one of which makes it strength's own. NULL-terminated. */
extern const char *const strength_annotation_keys[];

/* Write it into `buf`, from its beginning. PREF_FAIL, with a sentence, when memory ran out. */
int strength_annotation_print(struct pref_buf *buf, const struct strength_annotation *a,
                              struct strength_texts *texts, struct pref_err *err);

#endif
