/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "judges_print.h"

#include <math.h>
#include <stddef.h>

enum { NAME_LEAST = 5, NAME_MOST = 40 };

/* The columns that are numbers, by their names in JSON and TSV, and above the table. */
struct column {
    const char *name, *head;
    size_t at;
};

static const struct column columns[] = {
    {"coverage", "coverage", offsetof(struct judge_measure, coverage)},
    {"agreement", "agreement", offsetof(struct judge_measure, agreement)},
    {"kappa", "kappa", offsetof(struct judge_measure, kappa)},
    {"position_bias", "bias", offsetof(struct judge_measure, bias)},
    {"sensitivity", "sens", offsetof(struct judge_measure, sensitivity)},
    {"specificity", "spec", offsetof(struct judge_measure, specificity)},
    {"correlation", "corr", offsetof(struct judge_measure, correlation)}};
enum { COLUMNS = sizeof columns / sizeof columns[0] };

static double value_at(const struct judge_measure *judge, const struct column *column)
{
    return *(const double *)(const void *)((const char *)judge + column->at);
}

/* The name of a judge, escaped as in fits: no line and no column breaks in it. */
static struct pref_span name_of(const struct judges_report *report, uint32_t judge)
{
    return judge == VOTE_NO_JUDGE ? (struct pref_span){"-", 1}
                                  : vote_patterns_name(report->patterns, judge);
}

/* ---- A table to read ------------------------------------------------------------------------- */

/* Its characters, which in most scripts are its columns. */
static size_t width_of(struct pref_span name)
{
    size_t width = 0;
    for (size_t i = 0; i < name.len; i++)
        width += ((unsigned char)name.ptr[i] & 0xc0) != 0x80;
    return width;
}

static void pad(struct pref_buf *out, size_t width, size_t to)
{
    for (; width < to; width++)
        pref_buf_add_byte(out, ' ');
}

static void print_rounded(struct pref_buf *out, double value)
{
    if (isnan(value))
        pref_buf_add_byte(out, '-');
    else /* no -0.000 */
        pref_buf_addf(out, "%.3f", fabs(value) < 0.0005 ? 0.0 : value);
}

/* A cell of the width of its head, with two blanks before it, at the right. */
static void print_cell(struct pref_buf *out, double value, size_t width)
{
    struct pref_buf text = {0};
    print_rounded(&text, value);
    pad(out, text.len, width + 2);
    pref_buf_add_span(out, pref_buf_span(&text));
    pref_buf_release(&text);
}

static size_t width_of_head(const struct column *column)
{
    size_t width = pref_span_of(column->head).len;
    return width < 6 ? 6 : width;
}

static void print_text(const struct judges_report *report, struct pref_buf *out)
{
    uint32_t count = (uint32_t)report->patterns->judge_count;
    size_t names = NAME_LEAST;
    for (uint32_t i = 0; i < count; i++) {
        size_t width = width_of(name_of(report, i));
        if (width > names)
            names = width < NAME_MOST ? width : NAME_MOST;
    }
    pref_buf_add_text(out, "judge");
    pad(out, NAME_LEAST, names + 2);
    pref_buf_add_text(out, "     votes");
    for (int c = 0; c < COLUMNS; c++) {
        pad(out, pref_span_of(columns[c].head).len, width_of_head(&columns[c]) + 2);
        pref_buf_add_text(out, columns[c].head);
    }
    pref_buf_add_text(out, "  twin\n");
    for (uint32_t i = 0; i < count; i++) {
        const struct judge_measure *judge = &report->judges[i];
        pref_buf_add_span(out, name_of(report, i));
        pad(out, width_of(name_of(report, i)), names + 2);
        pref_buf_addf(out, "%10llu", (unsigned long long)judge->votes);
        for (int c = 0; c < COLUMNS; c++)
            print_cell(out, value_at(judge, &columns[c]), width_of_head(&columns[c]));
        pref_buf_add_text(out, "  ");
        pref_buf_add_span(out, name_of(report, judge->twin));
        pref_buf_add_byte(out, '\n');
    }
    pref_buf_addf(out, "\n%llu records with votes, %llu votes of %u judges, %zu patterns\n",
                  (unsigned long long)report->panel.records,
                  (unsigned long long)report->panel.votes, count, report->patterns->count);
    pref_buf_add_text(out, "Krippendorff's alpha ");
    print_rounded(out, report->panel.alpha);
    pref_buf_add_text(out, ", chosen is better in ");
    print_rounded(out, report->model.prior);
    pref_buf_add_text(out, " of the records\n");
}

/* ---- For programs ---------------------------------------------------------------------------- */

static void print_number(struct pref_buf *out, double value)
{
    if (isfinite(value))
        pref_buf_add_double(out, value);
    else
        pref_buf_add_text(out, "null");
}

static void print_tsv(const struct judges_report *report, struct pref_buf *out)
{
    pref_buf_add_text(out, "judge\tvotes");
    for (int c = 0; c < COLUMNS; c++)
        pref_buf_addf(out, "\t%s", columns[c].name);
    pref_buf_add_text(out, "\ttwin\n");
    for (uint32_t i = 0; i < report->patterns->judge_count; i++) {
        const struct judge_measure *judge = &report->judges[i];
        pref_buf_add_span(out, name_of(report, i));
        pref_buf_addf(out, "\t%llu", (unsigned long long)judge->votes);
        for (int c = 0; c < COLUMNS; c++) {
            pref_buf_add_byte(out, '\t');
            if (isfinite(value_at(judge, &columns[c])))
                pref_buf_add_double(out, value_at(judge, &columns[c]));
        }
        pref_buf_add_byte(out, '\t');
        if (judge->twin != VOTE_NO_JUDGE)
            pref_buf_add_span(out, name_of(report, judge->twin));
        pref_buf_add_byte(out, '\n');
    }
}

static void print_name(const struct judges_report *report, uint32_t judge, struct pref_buf *out)
{
    struct pref_buf name = {0};
    if (judge == VOTE_NO_JUDGE) {
        pref_buf_add_text(out, "null");
        return;
    }
    (void)vote_name_unescape(name_of(report, judge), &name); /* it was escaped by us */
    out->failed |= name.failed;
    pref_buf_add_json(out, name.len == 0 ? pref_span_of("") : pref_buf_span(&name));
    pref_buf_release(&name);
}

static void print_json(const struct judges_report *report, struct pref_buf *out)
{
    for (uint32_t i = 0; i < report->patterns->judge_count; i++) {
        const struct judge_measure *judge = &report->judges[i];
        pref_buf_add_text(out, "{\"judge\":");
        print_name(report, i, out);
        pref_buf_addf(out, ",\"votes\":%llu", (unsigned long long)judge->votes);
        for (int c = 0; c < COLUMNS; c++) {
            pref_buf_addf(out, ",\"%s\":", columns[c].name);
            print_number(out, value_at(judge, &columns[c]));
        }
        pref_buf_add_text(out, ",\"twin\":");
        print_name(report, judge->twin, out);
        pref_buf_add_text(out, "}\n");
    }
    pref_buf_addf(
        out, "{\"panel\":{\"records\":%llu,\"votes\":%llu,\"judges\":%zu,\"patterns\":%zu",
        (unsigned long long)report->panel.records, (unsigned long long)report->panel.votes,
        report->patterns->judge_count, report->patterns->count);
    pref_buf_add_text(out, ",\"alpha\":");
    print_number(out, report->panel.alpha);
    pref_buf_add_text(out, ",\"prior\":");
    print_number(out, report->model.prior);
    pref_buf_addf(out, ",\"iterations\":%u,\"converged\":%s,\"mirrored\":%s,\"log_likelihood\":",
                  report->model.iterations, report->model.converged ? "true" : "false",
                  report->model.mirrored ? "true" : "false");
    print_number(out, report->model.log_likelihood);
    pref_buf_add_text(out, "}}\n");
}

void judges_print(const struct judges_report *report, enum judges_format format,
                  struct pref_buf *out)
{
    if (format == JUDGES_TEXT)
        print_text(report, out);
    else if (format == JUDGES_TSV)
        print_tsv(report, out);
    else
        print_json(report, out);
}
