/* SPDX-License-Identifier: Apache-2.0 */
/*
 * option.h - options as data. A filter or a command describes its options in a table; parsing,
 * --help, the completion scripts and the tests that compare the manual pages are all made from it.
 * The values land in the owner's own struct, at the offset the table names.
 */
#ifndef PREF_OPTION_H
#define PREF_OPTION_H

#include "base.h"

enum pref_option_kind {
    PREF_OPTION_FLAG,   /* int: set to 1 */
    PREF_OPTION_TEXT,   /* const char *: the argument itself, which lives as long as argv */
    PREF_OPTION_LIST,   /* struct pref_texts: may be given again and again */
    PREF_OPTION_COUNT,  /* uint64_t: decimal digits */
    PREF_OPTION_SIZE,   /* uint64_t: decimal digits and K, M, G (powers of 1024) */
    PREF_OPTION_CHOICE, /* int: the argument's number among `values` */
    PREF_OPTION_SHARE,  /* struct pref_share: a decimal or a fraction from 0 to 1 */
    PREF_OPTION_SCALE   /* struct pref_scale: two integers, "1..7" */
};

struct pref_option {
    const char *name;          /* without the dashes */
    char letter;               /* a short form, or 0 */
    enum pref_option_kind kind;
    size_t offset;             /* of the value in the owner's struct */
    const char *argument;      /* how --help calls the argument; for a choice: "a|b|c" */
    const char *help;          /* one line */
};

/* The arguments of a repeatable option, in order; the array belongs to the parser. */
struct pref_texts {
    const char **text;
    size_t count;
    int owned; /* 1 if the texts themselves are the owner's to free, too */
};

/* A table ends with an entry whose name is NULL. */
#define PREF_OPTIONS_END {NULL, 0, PREF_OPTION_FLAG, 0, NULL, NULL}

/* Store one argument of `option` into `owner`. PREF_USAGE with a sentence that names the option,
 * what came and what was expected. `argument` is NULL for flags and must outlive the owner. */
int pref_option_set(const struct pref_option *option, void *owner, const char *argument,
                    struct pref_err *err);

/* Free what pref_option_set allocated in `owner` (the lists). */
void pref_options_release(const struct pref_option *table, void *owner);

#endif
