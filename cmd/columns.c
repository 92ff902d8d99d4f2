/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "columns.h"

#include "lib/fit/field.h"

#include <math.h>

enum { NAME_MOST = 40, CELL_LEAST = 6 };

static double value_at(const struct column *column, const void *of)
{
    return *(const double *)(const void *)((const char *)of + column->at);
}

/* ---- A table to read ------------------------------------------------------------------------- */

/* Its characters, which in most scripts are its columns. */
static size_t width_of(struct pref_span text)
{
    size_t width = 0;
    for (size_t i = 0; i < text.len; i++)
        width += ((unsigned char)text.ptr[i] & 0xc0) != 0x80;
    return width;
}

static void pad(struct pref_buf *out, size_t width, size_t to)
{
    for (; width < to; width++)
        pref_buf_add_byte(out, ' ');
}

size_t column_widen(size_t width, struct pref_span name)
{
    size_t wanted = width_of(name);
    if (wanted > NAME_MOST)
        wanted = NAME_MOST;
    return wanted > width ? wanted : width;
}

void column_print_name(struct pref_buf *out, struct pref_span name, size_t width)
{
    pref_buf_add_span(out, name);
    pad(out, width_of(name), width);
}

void column_print_right(struct pref_buf *out, struct pref_span text, size_t width)
{
    pad(out, width_of(text), (width < CELL_LEAST ? CELL_LEAST : width) + 2);
    pref_buf_add_span(out, text);
}

void column_print_figure(struct pref_buf *out, double value, enum column_form form, size_t width)
{
    struct pref_buf text = {0};
    if (form == COLUMN_QUANTITY && !isnan(value))
        pref_buf_addf(&text, "%.4g", value);
    else
        column_print_rounded(&text, value);
    column_print_right(out, pref_buf_span(&text), width);
    out->failed |= text.failed;
    pref_buf_release(&text);
}

void column_print_head(struct pref_buf *out, const struct column *column)
{
    struct pref_span head = pref_span_of(column->head);
    column_print_right(out, head, head.len);
}

void column_print_cell(struct pref_buf *out, const struct column *column, const void *of)
{
    column_print_figure(out, value_at(column, of), column->form, pref_span_of(column->head).len);
}

void column_print_rounded(struct pref_buf *out, double value)
{
    if (isnan(value))
        pref_buf_add_byte(out, '-');
    else /* no -0.000 */
        pref_buf_addf(out, "%.3f", fabs(value) < 0.0005 ? 0.0 : value);
}

/* ---- For programs ---------------------------------------------------------------------------- */

void column_print_field(struct pref_buf *out, double value)
{
    pref_buf_add_byte(out, '\t');
    if (isfinite(value))
        pref_buf_add_double(out, value);
}

void column_print_tsv(struct pref_buf *out, const struct column *column, const void *of)
{
    column_print_field(out, value_at(column, of));
}

void column_print_json(struct pref_buf *out, const struct column *column, const void *of)
{
    pref_buf_addf(out, ",\"%s\":", column->name);
    column_print_number(out, value_at(column, of));
}

void column_print_number(struct pref_buf *out, double value)
{
    if (isfinite(value))
        pref_buf_add_double(out, value);
    else
        pref_buf_add_text(out, "null");
}

void column_print_json_name(struct pref_buf *out, struct pref_span name)
{
    struct pref_buf decoded = {0};
    (void)pref_fit_field_unescape(name, &decoded); /* it was escaped by us */
    out->failed |= decoded.failed;
    pref_buf_add_json(out, decoded.len == 0 ? pref_span_of("") : pref_buf_span(&decoded));
    pref_buf_release(&decoded);
}
