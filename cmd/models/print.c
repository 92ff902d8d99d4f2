/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "print.h"

#include "cmd/columns.h"

#include <stddef.h>

/* Which fits have a column. */
enum {
    ZSCORE = 1 << MODELS_ZSCORE,
    IQR = 1 << MODELS_IQR,
    QUARTILES = 1 << MODELS_IQR | 1 << MODELS_LOGISTIC,
    PAIRS = 1 << MODELS_PAIRS
};

static const struct {
    struct column column;
    int kinds;
} columns[] = {
    {{"coverage", "coverage", offsetof(struct model, coverage), COLUMN_SHARE}, PAIRS},
    {{"mean", "mean", offsetof(struct model, mean), COLUMN_QUANTITY}, ZSCORE | PAIRS},
    {{"sd", "sd", offsetof(struct model, sd), COLUMN_QUANTITY}, ZSCORE | PAIRS},
    {{"positive", "positive", offsetof(struct model, positive), COLUMN_SHARE}, IQR | PAIRS},
    {{"q1", "q1", offsetof(struct model, q1), COLUMN_QUANTITY}, QUARTILES},
    {{"median", "median", offsetof(struct model, median), COLUMN_QUANTITY}, QUARTILES},
    {{"q3", "q3", offsetof(struct model, q3), COLUMN_QUANTITY}, QUARTILES},
    {{"iqr", "iqr", offsetof(struct model, iqr), COLUMN_QUANTITY}, QUARTILES},
    {{"rest", "rest", offsetof(struct model, rest), COLUMN_SHARE}, PAIRS},
    {{"correlation", "corr", offsetof(struct model, correlation), COLUMN_SHARE}, PAIRS}};
enum { COLUMNS = sizeof columns / sizeof columns[0] };

static const char *const flags[] = {"", "low", "negative"};

/* The name of a model, escaped as in fits: no line and no column breaks in it. */
static struct pref_span name_of(const struct models *models, uint32_t number)
{
    return number == MODELS_NONE ? pref_span_of("-")
                                 : pref_name_table_name(&models->names, number);
}

static const struct model *model_at(const struct models *models, size_t place)
{
    return &models->list[models->order[place]];
}

/* ---- A table to read ------------------------------------------------------------------------- */

static size_t width_of_names(const struct models *models)
{
    size_t width = column_widen(0, pref_span_of("model"));
    for (uint32_t i = 0; i < models->names.count; i++)
        width = column_widen(width, name_of(models, i));
    return width;
}

static void print_table(const struct models *models, struct pref_buf *out)
{
    int pairs = models->kind == MODELS_PAIRS;
    size_t names = width_of_names(models);
    column_print_name(out, pref_span_of("model"), names);
    pref_buf_add_text(out, "           n");
    for (int c = 0; c < COLUMNS; c++)
        if (columns[c].kinds >> models->kind & 1)
            column_print_head(out, &columns[c].column);
    pref_buf_add_text(out, pairs ? "  twin\n" : "\n");
    for (size_t i = 0; i < models->names.count; i++) {
        const struct model *model = model_at(models, i);
        column_print_name(out, name_of(models, models->order[i]), names);
        pref_buf_addf(out, "  %10llu", (unsigned long long)model->n);
        for (int c = 0; c < COLUMNS; c++)
            if (columns[c].kinds >> models->kind & 1)
                column_print_cell(out, &columns[c].column, model);
        if (pairs) {
            pref_buf_add_text(out, "  ");
            pref_buf_add_span(out, name_of(models, model->twin));
        }
        pref_buf_add_byte(out, '\n');
    }
}

/* The models that a flag was raised for, behind a sentence, or nothing. */
static void print_flagged(const struct models *models, enum models_flag flag, struct pref_buf *out)
{
    const char *between = "";
    for (size_t i = 0; i < models->names.count; i++) {
        if (model_at(models, i)->flag != flag)
            continue;
        pref_buf_add_text(out, between);
        pref_buf_add_span(out, name_of(models, models->order[i]));
        between = ", ";
    }
    pref_buf_add_byte(out, '\n');
}

static void print_panel(const struct models_report *report, struct pref_buf *out)
{
    const struct models *models = report->models;
    const struct models_panel *panel = &report->panel;
    pref_buf_addf(out, "\n%llu records with scores, %zu models, effective number ",
                  (unsigned long long)models->records, models->names.count);
    column_print_rounded(out, panel->effective);
    pref_buf_add_text(out, ", mean correlation ");
    column_print_rounded(out, panel->mean);
    pref_buf_add_byte(out, '\n');
    if (panel->apart > 0)
        pref_buf_addf(out, "pairs of models without a correlation: %llu\n",
                      (unsigned long long)panel->apart);
    if (panel->negative > 0) {
        pref_buf_add_text(out, "against the others: ");
        print_flagged(models, MODELS_NEGATIVE, out);
    }
    if (panel->low > 0) {
        pref_buf_addf(out, "apart from the others (below %g): ",
                      (double)report->low.num / (double)report->low.den);
        print_flagged(models, MODELS_LOW, out);
    }
}

static void print_matrix(const struct models *models, struct pref_buf *out)
{
    const uint32_t *order = models->order;
    size_t count = models->names.count, names = width_of_names(models);
    column_print_name(out, pref_span_of("model"), names);
    for (size_t i = 0; i < count; i++)
        pref_buf_addf(out, "  %6zu", i + 1);
    pref_buf_add_byte(out, '\n');
    for (size_t i = 0; i < count; i++) {
        column_print_name(out, name_of(models, order[i]), names);
        for (size_t j = 0; j < count; j++)
            column_print_figure(out, models_correlation(models, order[i], order[j]), COLUMN_SHARE,
                                0);
        pref_buf_add_byte(out, '\n');
    }
}

static void print_text(const struct models_report *report, struct pref_buf *out)
{
    if (report->matrix) {
        print_matrix(report->models, out);
        return;
    }
    print_table(report->models, out);
    if (report->models->kind == MODELS_PAIRS)
        print_panel(report, out);
}

/* ---- For programs ---------------------------------------------------------------------------- */

static void print_tsv(const struct models *models, struct pref_buf *out)
{
    pref_buf_add_text(out, "model\tn");
    for (int c = 0; c < COLUMNS; c++)
        pref_buf_addf(out, "\t%s", columns[c].column.name);
    pref_buf_add_text(out, "\ttwin\tflag\n");
    for (size_t i = 0; i < models->names.count; i++) {
        const struct model *model = model_at(models, i);
        pref_buf_add_span(out, name_of(models, models->order[i]));
        pref_buf_addf(out, "\t%llu", (unsigned long long)model->n);
        for (int c = 0; c < COLUMNS; c++)
            column_print_tsv(out, &columns[c].column, model);
        pref_buf_add_byte(out, '\t');
        if (model->twin != MODELS_NONE)
            pref_buf_add_span(out, name_of(models, model->twin));
        pref_buf_addf(out, "\t%s\n", flags[model->flag]);
    }
}

static void print_tsv_matrix(const struct models *models, struct pref_buf *out)
{
    const uint32_t *order = models->order;
    pref_buf_add_text(out, "model");
    for (size_t i = 0; i < models->names.count; i++) {
        pref_buf_add_byte(out, '\t');
        pref_buf_add_span(out, name_of(models, order[i]));
    }
    pref_buf_add_byte(out, '\n');
    for (size_t i = 0; i < models->names.count; i++) {
        pref_buf_add_span(out, name_of(models, order[i]));
        for (size_t j = 0; j < models->names.count; j++)
            column_print_field(out, models_correlation(models, order[i], order[j]));
        pref_buf_add_byte(out, '\n');
    }
}

static void print_json_model(const struct models *models, uint32_t number, struct pref_buf *out)
{
    const struct model *model = &models->list[number];
    pref_buf_add_text(out, "{\"model\":");
    column_print_json_name(out, name_of(models, number));
    pref_buf_addf(out, ",\"n\":%llu", (unsigned long long)model->n);
    for (int c = 0; c < COLUMNS; c++)
        column_print_json(out, &columns[c].column, model);
    pref_buf_add_text(out, ",\"twin\":");
    if (model->twin == MODELS_NONE)
        pref_buf_add_text(out, "null");
    else
        column_print_json_name(out, name_of(models, model->twin));
    if (model->flag == MODELS_FINE)
        pref_buf_add_text(out, ",\"flag\":null}\n");
    else
        pref_buf_addf(out, ",\"flag\":\"%s\"}\n", flags[model->flag]);
}

static void print_json_pair(const struct models *models, uint32_t a, uint32_t b,
                            struct pref_buf *out)
{
    uint64_t shared = models->shared == NULL ? 0 : models->shared[models_cell(models, a, b)];
    pref_buf_add_text(out, "{\"pair\":[");
    column_print_json_name(out, name_of(models, a));
    pref_buf_add_byte(out, ',');
    column_print_json_name(out, name_of(models, b));
    pref_buf_addf(out, "],\"n\":%llu,\"correlation\":", (unsigned long long)shared);
    column_print_number(out, models_correlation(models, a, b));
    pref_buf_add_text(out, "}\n");
}

static void print_json(const struct models_report *report, struct pref_buf *out)
{
    const struct models *models = report->models;
    const struct models_panel *panel = &report->panel;
    size_t count = models->names.count;
    for (size_t i = 0; i < count; i++)
        print_json_model(models, models->order[i], out);
    if (models->kind != MODELS_PAIRS)
        return;
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++)
            print_json_pair(models, models->order[i], models->order[j], out);
    pref_buf_addf(out, "{\"panel\":{\"records\":%llu,\"models\":%zu,\"effective\":",
                  (unsigned long long)models->records, count);
    column_print_number(out, panel->effective);
    pref_buf_add_text(out, ",\"mean_correlation\":");
    column_print_number(out, panel->mean);
    pref_buf_addf(out, ",\"apart\":%llu,\"negative\":%u,\"low\":%u}}\n",
                  (unsigned long long)panel->apart, panel->negative, panel->low);
}

void models_print(const struct models_report *report, enum models_format format,
                  struct pref_buf *out)
{
    if (format == MODELS_TEXT)
        print_text(report, out);
    else if (format == MODELS_JSON)
        print_json(report, out);
    else if (report->matrix)
        print_tsv_matrix(report->models, out);
    else
        print_tsv(report->models, out);
}
