/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judges_fault.h - what is wrong with an expression over judges, and where: a sentence, and below
 * it the expression with a caret under the place. Called by the parser in judges_expr.c.
 */
#ifndef FILTERS_JUDGES_FAULT_H
#define FILTERS_JUDGES_FAULT_H

#include "base.h"

struct judges_place {
    const char *option;    /* that the text came with */
    struct pref_span text; /* UTF-8 */
    struct pref_err *err;
};

/* Say what is wrong at byte `at` of the text (its length: at the end), from the beginning of a
 * character. Returns PREF_USAGE. A long text is shown in part, a control character as a blank. */
int judges_fault(const struct judges_place *place, size_t at, const char *format, ...)
    PREF_PRINTF(3, 4);

#endif
