/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rule.h - one rule of pref filter: a test of some fields of one record, which hits or does
 * not. Rules come from options (options.h) and from packs (pack.h); they are made
 * when the filter opens, and are then read-only.
 */
#ifndef FILTERS_FILTER_RULE_H
#define FILTERS_FILTER_RULE_H

#include "text.h"
#include "lib/text/needles.h"
#include "pref/share.h"

#define FILTER_RATIO_ONE 1000000 /* a ratio of 1: they are kept in millionths */
#define FILTER_RATIO_MOST 1000
#define FILTER_TAGS_MAX 8

/* What a rule tests. It hits where ... */
enum filter_kind {
    FILTER_CHARS,    /* a field's characters are below min, or above max */
    FILTER_RATIO,    /* the longer field has more than max / FILTER_RATIO_ONE as many characters as
                      * the shorter one; a blank one has none */
    FILTER_EQUAL,    /* two fields have equal values */
    FILTER_HISTORIES, /* two conversations part before their last message */
    FILTER_PATTERN,  /* the pattern is found in a field */
    FILTER_LACKS,    /* the pattern is not found in a field */
    FILTER_LUHN,     /* what the pattern finds in a field has digits that pass the Luhn check */
    FILTER_WORDS,    /* a field's words (words.h) are below min, or above max */
    FILTER_LINES,    /* of `least` lines or more, over `share` stood before */
    FILTER_NGRAMS,   /* the same of runs of `n` words */
    FILTER_LOOP,     /* the end repeats a unit `n` times over at least `least` bytes */
    FILTER_SCRIPT,   /* of `least` letters or more, under `share` are what the pattern finds */
    FILTER_JSON,     /* structure.h: a field is no JSON text, */
    FILTER_CLAIMED,  /* looks like one and is none, */
    FILTER_FENCED,   /* has a fenced block that is none, */
    FILTER_FENCE,    /* has a fence that is never closed, */
    FILTER_TAGS,     /* broken tags of the names in `tag`, */
    FILTER_CALLS     /* broken calls of tools */
};

struct filter_rule {
    char *name; /* "PACK/RULE", or an option with its argument; owned */
    enum filter_kind kind;
    int annotates; /* a hit is noted, and does not reject */
    unsigned field[FILTER_FIELDS_MAX];
    unsigned fields;
    uint64_t min, max, least, n;
    struct pref_share share;
    struct pref_regex *regex, *letters; /* letters: of any script, for FILTER_SCRIPT */
    char *pattern;                      /* that regex was made of; owned */
    char *tag[FILTER_TAGS_MAX]; /* owned */
    unsigned tags;
};

/* All rules of a run, in the order in which they are tried. */
struct filter_rules {
    struct pref_needles *needles; /* of all patterns; NULL where that would spare none */
    struct filter_fields fields;
    struct filter_rule *list;
    unsigned count, cap;
};

/* A new last rule of this name, which is copied and must be new. *rule lives until the next one
 * is added. */
int filter_rules_add(struct filter_rules *rules, enum filter_kind kind, struct pref_span name,
                     struct filter_rule **rule, struct pref_err *err);
/* All rules were added: prepare what they share. */
int filter_rules_ready(struct filter_rules *rules, struct pref_err *err);
void filter_rules_release(struct filter_rules *rules);

enum filter_result {
    FILTER_MISS,
    FILTER_HIT,
    FILTER_GAVE_UP, /* a pattern took too many steps */
    FILTER_BROKEN   /* out of memory */
};

/* Where a rule hit, or gave up, and on what. */
struct filter_finding {
    unsigned field;
    struct pref_span found; /* the match of a pattern, or what is broken */
    uint64_t measured[2];   /* lengths, or counts; the steps that a pattern had and gave up */
};

/* Try one rule on a record. A field that the record does not have does not hit. `rules` tells which
 * patterns need not be tried, or is NULL: all are. */
enum filter_result filter_rule_try(const struct filter_rules *rules,
                                   const struct filter_rule *rule, struct filter_view *view,
                                   struct filter_finding *finding);

/* Append to `out` what was found, as a sentence: "max-ratio 4: 812 characters to 40". */
void filter_rule_explain(const struct filter_rule *rule, const struct filter_fields *fields,
                         const struct filter_finding *finding, struct pref_buf *out);

#endif
