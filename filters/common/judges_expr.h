/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judges_expr.h - expressions over judges, as --accept and --recycle of vote take them.
 *
 *   expression = judge | "not" e | e "and" e | e "or" e | "(" e ")"
 *              | "any(" e, ... ")" | "all(" e, ... ")" | "atleast(" N, e, ... ")"
 *              | "has(" judge ")"
 *
 * "not" binds before "and", "and" before "or". A judge is written as it is called if that is
 * letters of ASCII, digits, '_', '-', '.' and '/', and begins with none of the last three; else,
 * or if it is one of the words above, in double quotes, in which \" and \\ stand for '"' and '\'.
 *
 * An expression becomes a flat program for a small machine with a stack of truths: nothing nests
 * but in a stack of fixed size, and what is longer or deeper than the limits below is refused, so
 * that the cost for a record is bounded whatever came. Several expressions share one list of
 * judges, by whose numbers a caller keeps sets in 64 bits.
 */
#ifndef FILTERS_JUDGES_EXPR_H
#define FILTERS_JUDGES_EXPR_H

#include "pref/buf.h"

enum {
    JUDGES_MAX = 64,          /* judges in a list */
    JUDGES_LENGTH_MAX = 4096, /* bytes of an expression */
    JUDGES_OPS_MAX = 512,     /* steps of its program */
    JUDGES_NESTED_MAX = 64,   /* what is open at one place: parentheses, calls, operators */
    JUDGES_STACK_MAX = 128    /* truths that wait at one step */
};

/* The judges that are named, in order of their first appearance. Starts zeroed. */
struct judges {
    struct pref_buf bytes; /* of all names */
    struct {
        uint32_t start, len;
    } name[JUDGES_MAX];
    unsigned count;
};

enum judges_code { JUDGES_VOTED, JUDGES_HAS, JUDGES_NOT, JUDGES_AND, JUDGES_OR, JUDGES_COUNT };

/* One step: VOTED and HAS push the truth about judge `a`; NOT, AND and OR replace what is on top;
 * COUNT takes `a` truths and pushes whether at least `b` of them hold. */
struct judges_op {
    uint8_t code; /* enum judges_code */
    uint16_t a, b;
};

struct judges_expr {
    struct judges_op op[JUDGES_OPS_MAX];
    unsigned count;
};

/* Free what the list holds. */
void judges_release(struct judges *judges);

/* The bytes of a name, decoded; they live until the list grows. */
struct pref_span judges_name(const struct judges *judges, unsigned i);

/* The number of the judge called `name` (decoded), or JUDGES_MAX where the list has none. */
unsigned judges_find(const struct judges *judges, struct pref_span name);

/* Read `text` into `expr`, adding the judges it names to the list. `option` begins the sentence of
 * a failure: PREF_USAGE, with two more lines, the expression (or the part of it that is concerned)
 * and a caret under the place. PREF_FAIL where memory ran out. */
int judges_expr_parse(struct judges_expr *expr, struct judges *judges, const char *option,
                      const char *text, struct pref_err *err);

/* Whether the expression holds where the judges in the set `seen` have a vote, and those in
 * `chosen`, a part of it, have no vote but for chosen. Bit i is judge i. */
int judges_expr_holds(const struct judges_expr *expr, uint64_t seen, uint64_t chosen);

#endif
