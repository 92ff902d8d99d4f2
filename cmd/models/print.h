/* SPDX-License-Identifier: Apache-2.0 */
/* print.h - the figures of models, or of groups of records, as text, JSON Lines or TSV. For
 * pref models alone. */
#ifndef CMD_MODELS_PRINT_H
#define CMD_MODELS_PRINT_H

#include "groups.h"
#include "measure.h"
#include "pref/buf.h"

enum models_format { MODELS_TEXT, MODELS_JSON, MODELS_TSV };

struct models_report {
    const struct models *models;
    struct models_panel panel; /* of --pairs */
    struct pref_share low;
    int matrix;                /* in text and TSV the correlations, in place of the table */
};

/* Append the whole report. Out of memory shows in out->failed. */
void models_print(const struct models_report *report, enum models_format format,
                  struct pref_buf *out);

/* The same of groups, once they are cut. */
void models_groups_print(const struct models_groups *groups, enum models_format format,
                         struct pref_buf *out);

#endif
