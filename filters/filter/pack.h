/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pack.h - rule packs, pref-rules(5): JSON files of named rules with examples. A pack is
 * somebody's text and is read strictly; one whose examples do not do what they say is refused, so
 * that a pattern that was broken by a change is noticed before it sees a record.
 */
#ifndef FILTERS_FILTER_PACK_H
#define FILTERS_FILTER_PACK_H

#include "rule.h"
#include "lib/text/cold_json.h"

#define FILTER_PACK_BYTES (1 << 20)

/* Where the pack `name` is: a file that is named with a '/' or ends in .json, else NAME.json in the
 * folder that PREF_RULES_DIR names, or in the one that was installed. */
void filter_pack_path(const char *name, struct pref_buf *path);
const char *filter_pack_folder(void);

/* Read a pack and add its rules, in their order, under PACK/RULE. PREF_USAGE with a sentence that
 * names the file, the rule and the member. */
int filter_pack_load(const char *name, struct filter_rules *rules, struct pref_opening *opening,
                     struct pref_err *err);

/* ---- For pack_test.c ------------------------------------------------------------------ */

/* The place in a pack that is being read. */
struct filter_pack {
    const char *file;
    const char *rule; /* or NULL: outside of any */
    struct filter_rules *rules;
    struct pref_opening *opening;
    struct pref_err *err;
};

/* "refusals.json: rule 'apology': test: ...". Returns PREF_USAGE. */
int filter_pack_fault(const struct filter_pack *pack, const char *member, const char *format, ...)
    PREF_PRINTF(3, 4);

/* An object of known members only: PREF_USAGE where it is none; `names` ends with NULL. */
int filter_pack_object(const struct filter_pack *pack, const struct pref_cold *value,
                       const char *member, const char *const *names);

/* The kind of the test `value`, an object with one member; *argument is that member. */
int filter_pack_kind(const struct filter_pack *pack, const struct pref_cold *value,
                     enum filter_kind *kind, const struct pref_cold **argument);

/* Read the argument of a test of its kind into the rule. */
int filter_pack_test(const struct filter_pack *pack, const struct pref_cold *argument,
                     struct filter_rule *rule);

#endif
