/* SPDX-License-Identifier: Apache-2.0 */
/*
 * columns.h - figures of named things (judges, models) as a table to read, as TSV and as JSON. A
 * figure that cannot be had is a NaN: "-" in the table, empty in TSV, null in JSON.
 *
 * Names are given as they stand in fits, escaped (lib/fit/field.h): no line and no column breaks in
 * them. Out of memory shows in out->failed.
 */
#ifndef CMD_COLUMNS_H
#define CMD_COLUMNS_H

#include "pref/buf.h"

/* How the table shows a figure. */
enum column_form {
    COLUMN_SHARE,   /* with three places behind the point; also for correlations */
    COLUMN_QUANTITY /* of any size: with four significant digits */
};

/* A column of figures: its name in JSON and TSV, what stands above the table, and where a struct
 * has the double. */
struct column {
    const char *name, *head;
    size_t at;
    enum column_form form;
};

/* ---- A table to read: all cells but the first have two blanks before them -------------------- */

/* The width of a column of names, so far `width`, once this name is in it too; longer ones than 40
 * characters stick out. */
size_t column_widen(size_t width, struct pref_span name);

/* A name at the left of its column. */
void column_print_name(struct pref_buf *out, struct pref_span name, size_t width);

/* What stands above a column of figures, and a figure of the struct `of`, at the right. */
void column_print_head(struct pref_buf *out, const struct column *column);
void column_print_cell(struct pref_buf *out, const struct column *column, const void *of);

/* A text, and a figure, at the right of a column of at least this width, and 6. */
void column_print_right(struct pref_buf *out, struct pref_span text, size_t width);
void column_print_figure(struct pref_buf *out, double value, enum column_form form, size_t width);

/* A figure with three places behind the point. */
void column_print_rounded(struct pref_buf *out, double value);

/* ---- For programs: all digits ---------------------------------------------------------------- */

/* A TAB and a figure; of a column. */
void column_print_field(struct pref_buf *out, double value);
void column_print_tsv(struct pref_buf *out, const struct column *column, const void *of);

/* A comma, the column's name and the figure, as a member of an object. */
void column_print_json(struct pref_buf *out, const struct column *column, const void *of);

/* A figure by itself, as a value of JSON. */
void column_print_number(struct pref_buf *out, double value);

/* A name as a string of JSON, as it was before it was escaped. */
void column_print_json_name(struct pref_buf *out, struct pref_span name);

#endif
