/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options.h - the rules that options of pref filter ask for. Each is a rule like those of a
 * pack, called by the option and its argument: "min-chars chosen=20".
 */
#ifndef FILTERS_FILTER_OPTIONS_H
#define FILTERS_FILTER_OPTIONS_H

#include "rule.h"

struct filter_options {
    struct pref_texts min_chars, max_chars, match, no_match; /* FIELD=VALUE each */
    const char *max_ratio; /* or NULL */
    int distinct;
};

/* Add the rules: lengths first, then the ratio, --distinct, and patterns, which take longest. */
int filter_options_add(const struct filter_options *options, struct filter_rules *rules,
                       struct pref_opening *opening, struct pref_err *err);

/* Compile a pattern that stands at `place`, a text of a person: PREF_USAGE with a caret under what
 * is wrong. */
int filter_compile(struct pref_regex **regex, const char *place, struct pref_span pattern,
                   struct pref_err *err);

/* The same as the pattern that a rule is about. */
int filter_rule_compile(struct filter_rule *rule, const char *place, const char *pattern,
                        struct pref_err *err);

/* Read a ratio, a decimal from 1 to FILTER_RATIO_MOST with at most 6 digits behind the point, as
 * millionths: 1, or 0 where it is none. */
int filter_ratio_parse(const char *text, uint64_t *ratio);

#endif
