/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text.h - the texts that the rules of pref filter look at: the fields that any rule names,
 * found once a record by the scan, and decoded once a record however many rules ask.
 */
#ifndef FILTERS_FILTER_TEXT_H
#define FILTERS_FILTER_TEXT_H

#include "repeats.h"
#include "structure.h"
#include "lib/text/regex.h"
#include "pref/filter.h"

#define FILTER_FIELDS_MAX 32
#define FILTER_RULES_MAX 512
#define FILTER_MASK_WORDS (FILTER_RULES_MAX / 64)

/* The fields, opened once and then read-only. */
struct filter_fields {
    char *name[FILTER_FIELDS_MAX]; /* as rules and options name them; owned */
    pref_place place[FILTER_FIELDS_MAX];
    unsigned count;
};

/* Whether `name` is one of prompt, chosen and rejected, which every pair has. */
int filter_field_is_own(struct pref_span name);

/* The number of the field `name`: prompt, chosen or rejected, by whatever name the record has it;
 * else a top-level key or a JSON Pointer, which a record may lack. Added where it is new. */
int filter_fields_add(struct filter_fields *fields, struct pref_opening *opening,
                      struct pref_span name, unsigned *field, struct pref_err *err);
void filter_fields_release(struct filter_fields *fields);

/* The texts of one record, and what a thread reads them with. */
struct filter_view {
    const struct filter_fields *fields;
    struct pref_job *job; /* NULL: the texts were given */
    struct pref_matcher *matcher;
    struct filter_json *json;
    struct filter_repeats repeats;
    struct filter_seen {
        struct pref_buf bytes; /* where decoding had to copy */
        struct pref_span text;
        uint64_t chars;
        uint64_t possible[FILTER_MASK_WORDS]; /* patterns, by rule, that the text may have */
        uint8_t read, there, counted, searched;
    } seen[FILTER_FIELDS_MAX];
};

/* A view of a thread's own; `seed` is that of the run's tables. NULL when memory ran out. */
struct filter_view *filter_view_new(const struct filter_fields *fields, uint64_t seed);
void filter_view_free(struct filter_view *view);

/* Look at another record. */
void filter_view_begin(struct filter_view *view, struct pref_job *job);

/* Look at given texts instead, which filter_view_give copies. */
void filter_view_begin_given(struct filter_view *view);
void filter_view_give(struct filter_view *view, unsigned field, struct pref_span text);

/* The text of a field, followed by PREF_PAD readable bytes: 1, or 0 where the record lacks it. */
int filter_view_text(struct filter_view *view, unsigned field, struct pref_span *text);

/* The characters of a text that is there. */
uint64_t filter_view_chars(struct filter_view *view, unsigned field);

/* Whether decoding a text ran out of memory. */
int filter_view_failed(const struct filter_view *view);

#endif
