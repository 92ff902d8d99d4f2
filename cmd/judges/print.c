/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "print.h"

#include "cmd/columns.h"

#include <stddef.h>


static const struct column columns[] = {
    {"coverage", "coverage", offsetof(struct judge_measure, coverage), COLUMN_SHARE},
    {"agreement", "agreement", offsetof(struct judge_measure, agreement), COLUMN_SHARE},
    {"kappa", "kappa", offsetof(struct judge_measure, kappa), COLUMN_SHARE},
    {"position_bias", "bias", offsetof(struct judge_measure, bias), COLUMN_SHARE},
    {"sensitivity", "sens", offsetof(struct judge_measure, sensitivity), COLUMN_SHARE},
    {"specificity", "spec", offsetof(struct judge_measure, specificity), COLUMN_SHARE},
    {"correlation", "corr", offsetof(struct judge_measure, correlation), COLUMN_SHARE}};
enum { COLUMNS = sizeof columns / sizeof columns[0] };

/* The name of a judge, escaped as in fits: no line and no column breaks in it. */
static struct pref_span name_of(const struct judges_report *report, uint32_t judge)
{
    return judge == VOTE_NO_JUDGE ? (struct pref_span){"-", 1}
                                  : vote_patterns_name(report->patterns, judge);
}

/* ---- A table to read ------------------------------------------------------------------------- */

static void print_text(const struct judges_report *report, struct pref_buf *out)
{
    uint32_t count = (uint32_t)report->patterns->judge_count;
    size_t names = column_widen(0, pref_span_of("judge"));
    for (uint32_t i = 0; i < count; i++)
        names = column_widen(names, name_of(report, i));
    column_print_name(out, pref_span_of("judge"), names);
    pref_buf_add_text(out, "       votes");
    for (int c = 0; c < COLUMNS; c++)
        column_print_head(out, &columns[c]);
    pref_buf_add_text(out, "  twin\n");
    for (uint32_t i = 0; i < count; i++) {
        const struct judge_measure *judge = &report->judges[i];
        column_print_name(out, name_of(report, i), names);
        pref_buf_addf(out, "  %10llu", (unsigned long long)judge->votes);
        for (int c = 0; c < COLUMNS; c++)
            column_print_cell(out, &columns[c], judge);
        pref_buf_add_text(out, "  ");
        pref_buf_add_span(out, name_of(report, judge->twin));
        pref_buf_add_byte(out, '\n');
    }
    pref_buf_addf(out, "\n%llu records with votes, %llu votes of %u judges, %zu patterns\n",
                  (unsigned long long)report->panel.records,
                  (unsigned long long)report->panel.votes, count, report->patterns->count);
    pref_buf_add_text(out, "Krippendorff's alpha ");
    column_print_rounded(out, report->panel.alpha);
    pref_buf_add_text(out, ", chosen is better in ");
    column_print_rounded(out, report->model.prior);
    pref_buf_add_text(out, " of the records\n");
}

/* ---- For programs ---------------------------------------------------------------------------- */

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
        for (int c = 0; c < COLUMNS; c++)
            column_print_tsv(out, &columns[c], judge);
        pref_buf_add_byte(out, '\t');
        if (judge->twin != VOTE_NO_JUDGE)
            pref_buf_add_span(out, name_of(report, judge->twin));
        pref_buf_add_byte(out, '\n');
    }
}

static void print_name(const struct judges_report *report, uint32_t judge, struct pref_buf *out)
{
    if (judge == VOTE_NO_JUDGE)
        pref_buf_add_text(out, "null");
    else
        column_print_json_name(out, name_of(report, judge));
}

static void print_json(const struct judges_report *report, struct pref_buf *out)
{
    for (uint32_t i = 0; i < report->patterns->judge_count; i++) {
        const struct judge_measure *judge = &report->judges[i];
        pref_buf_add_text(out, "{\"judge\":");
        print_name(report, i, out);
        pref_buf_addf(out, ",\"votes\":%llu", (unsigned long long)judge->votes);
        for (int c = 0; c < COLUMNS; c++)
            column_print_json(out, &columns[c], judge);
        pref_buf_add_text(out, ",\"twin\":");
        print_name(report, judge->twin, out);
        pref_buf_add_text(out, "}\n");
    }
    pref_buf_addf(
        out, "{\"panel\":{\"records\":%llu,\"votes\":%llu,\"judges\":%zu,\"patterns\":%zu",
        (unsigned long long)report->panel.records, (unsigned long long)report->panel.votes,
        report->patterns->judge_count, report->patterns->count);
    pref_buf_add_text(out, ",\"alpha\":");
    column_print_number(out, report->panel.alpha);
    pref_buf_add_text(out, ",\"prior\":");
    column_print_number(out, report->model.prior);
    pref_buf_addf(out, ",\"iterations\":%u,\"converged\":%s,\"mirrored\":%s,\"log_likelihood\":",
                  report->model.iterations, report->model.converged ? "true" : "false",
                  report->model.mirrored ? "true" : "false");
    column_print_number(out, report->model.log_likelihood);
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
