/* SPDX-License-Identifier: Apache-2.0 */
/*
 * caret.h - what is wrong with a text that an option gave, and where: a sentence, and below it the
 * text with a caret under the place. Called by the parser of expressions over judges, and where a
 * pattern does not compile.
 */
#ifndef FILTERS_CARET_H
#define FILTERS_CARET_H

#include "pref/base.h"

struct caret_place {
    const char *option;    /* that the text came with, or where else it stands */
    struct pref_span text; /* valid UTF-8 */
    struct pref_err *err;
};

/* Say what is wrong at byte `at` of the text (its length: at the end), from the beginning of a
 * character. Returns PREF_USAGE. A long text is shown in part, a control character as a blank. */
int caret_usage(const struct caret_place *place, size_t at, const char *format, ...)
    PREF_PRINTF(3, 4);

#endif
