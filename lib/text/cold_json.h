/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cold_json.h - small JSON texts as trees, for files that people write and that are read once when
 * a run opens, such as rule packs. Behind it stands cJSON, which makes the tree; what is wrong with
 * a text is found before, by the one scanner of records and by what is said below, so that nothing
 * is guessed and every sentence has its place. Records are never read this way.
 *
 * A tree belongs to whoever parsed it; its values live as long as it does.
 */
#ifndef PREF_COLD_JSON_H
#define PREF_COLD_JSON_H

#include "pref/shape.h"

#define PREF_COLD_DEPTH 16      /* containers in one another */
#define PREF_COLD_MEMBERS 1024  /* members of one object */
#define PREF_COLD_BYTES (4 << 20)

struct pref_cold;

/*
 * Parse one JSON text; PREF_PAD readable bytes must follow it. Refused with PREF_USAGE and a
 * sentence: what RFC 8259 does not allow, invalid UTF-8, a lone surrogate, U+0000, a key twice in
 * one object (keys are compared decoded), and more than the bounds above. PREF_FAIL: out of memory.
 * Linear, but for the members of one object. *root is to be freed.
 */
int pref_cold_parse(struct pref_cold **root, struct pref_span text, struct pref_err *err);
void pref_cold_free(struct pref_cold *root);

enum pref_type pref_cold_type(const struct pref_cold *value);

/* The member `name` of an object, or NULL (also where `object` is none). */
const struct pref_cold *pref_cold_member(const struct pref_cold *object, const char *name);

/* The members of an object or elements of an array, in order: the first, and the next; NULL after
 * the last, and for values that are no containers. */
const struct pref_cold *pref_cold_first(const struct pref_cold *container);
const struct pref_cold *pref_cold_next(const struct pref_cold *value);

/* The key of a member. */
const char *pref_cold_key(const struct pref_cold *member);

/* The characters of a string, or NULL for any other value. */
const char *pref_cold_text(const struct pref_cold *value);

/* A number as the nearest double; 0 for any other value. */
double pref_cold_number(const struct pref_cold *value);

/* A whole number from 0 to 2^53: 0, or PREF_FAIL for any other value. */
int pref_cold_count(const struct pref_cold *value, uint64_t *count);

#endif
