/* SPDX-License-Identifier: Apache-2.0 */
/* print.h - the measures of judges as text, JSON Lines or TSV. For pref judges alone. */
#ifndef CMD_JUDGES_PRINT_H
#define CMD_JUDGES_PRINT_H

#include "measure.h"

enum judges_format { JUDGES_TEXT, JUDGES_JSON, JUDGES_TSV };

struct judges_report {
    const struct vote_patterns *patterns;
    struct pref_ds model;
    struct judge_measure *judges;
    struct panel_measure panel;
};

/* Append the whole report. Out of memory shows in out->failed. */
void judges_print(const struct judges_report *report, enum judges_format format,
                  struct pref_buf *out);

#endif
