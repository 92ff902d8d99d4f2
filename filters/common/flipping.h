/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flipping.h - what every filter that can flip has in common: the options --sides and --turn, the
 * plan that pref/flip.h makes of them, and the count of values that were left alone.
 */
#ifndef FILTERS_FLIPPING_H
#define FILTERS_FLIPPING_H

#include "pref/filter.h"
#include "pref/flip.h"

/* Part of a filter's state, which starts zeroed. */
struct flipping {
    struct pref_texts sides, turns;
    const char *label; /* the field of a label that the filter goes by, or NULL: turned, too */
    struct pref_flip plan;
    uint64_t untouched;
};

/* Its two rows in the filter's table of options; `member` is its name in `struct state`. */
#define FLIPPING_OPTIONS(state, member)                                                            \
    {"sides", 0, PREF_OPTION_LIST, offsetof(struct state, member.sides), "A:B",                    \
     "a flip exchanges the values of these two fields too; may be repeated"},                      \
    {                                                                                              \
        "turn", 0, PREF_OPTION_LIST, offsetof(struct state, member.turns), "POINTER",              \
            "a flip turns this label, chosen or rejected, true or false; may be repeated"          \
    }

/* In open, where the filter flips: tell the shape what a flip reads, and check the options. */
int flipping_open(struct flipping *flipping, struct pref_opening *opening, struct pref_err *err);

/* In open, where it does not: refuse options that would do nothing. `instead` says what they need,
 * as in "--sides needs --on-rejected flip". */
int flipping_unused(const struct flipping *flipping, const char *instead, struct pref_err *err);

/* In report: the count, and a warning where it is not 0. */
void flipping_report(const struct flipping *flipping, struct pref_report *report);

#endif
