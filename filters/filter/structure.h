/* SPDX-License-Identifier: Apache-2.0 */
/*
 * structure.h - whether what looks like structure in a text is whole: fenced blocks of code,
 * JSON, tags such as <think>, calls of tools. All are linear in the text. Called by rules, in map.
 */
#ifndef FILTERS_FILTER_STRUCTURE_H
#define FILTERS_FILTER_STRUCTURE_H

#include "pref/scan.h"

/* Reads JSON in texts; belongs to one thread. */
struct filter_json;
struct filter_json *filter_json_new(void); /* NULL when memory ran out */
void filter_json_free(struct filter_json *json);

/* What is asked below: 1 for yes, 0 for no, -1 where memory ran out. PREF_PAD readable bytes must
 * follow the texts. A yes leaves what is wrong in *where, a span of the text. */

/* Not one JSON text (RFC 8259), blanks around it allowed. */
int filter_json_broken(struct filter_json *json, struct pref_span text, struct pref_span *where);

/* Begins as an object, or an array of objects, and is not one JSON text. */
int filter_json_claimed(struct filter_json *json, struct pref_span text, struct pref_span *where);

/* Has a closed fenced block that says it is json, and is not one JSON text. */
int filter_json_fenced(struct filter_json *json, struct pref_span text, struct pref_span *where);

/* Has a fence (CommonMark 0.31, section 4.5) that nothing closes. */
int filter_fence_open(struct pref_span text, struct pref_span *where);

/* Has a tag of this name that is opened while it is open, closed while it is not, or never closed.
 * A tag is written <name> or </name>, exactly. */
int filter_tag_broken(struct pref_span text, const char *name, struct pref_span *where);

/* Has tool_call tags that are broken, or that hold anything but calls: one JSON object, or one a
 * line, each with a `name` that is a string and `arguments` or `parameters` that are an object. */
int filter_call_broken(struct filter_json *json, struct pref_span text, struct pref_span *where);

#endif
