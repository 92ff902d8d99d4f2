/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "load.h"

#include "lib/fit/field.h"
#include "pref/buckets.h"
#include "pref/correlation.h"
#include "pref/scan.h"
#include "pref/share.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void models_init(struct models *models, uint64_t seed)
{
    *models = (struct models){.kind = MODELS_ZSCORE};
    pref_name_table_init(&models->names, seed);
    strength_tally_init(&models->tally, seed);
}

void models_release(struct models *models)
{
    pref_name_table_release(&models->names);
    strength_tally_release(&models->tally);
    pref_buf_release(&models->name);
    free(models->list);
    free(models->order);
    free(models->matrix);
    free(models->shared);
}

/* ---- The head -------------------------------------------------------------------------------- */

struct pref_span models_option(const char *options, const char *name)
{
    struct pref_cursor cursor = pref_cursor_in(pref_span_of(options));
    struct pref_span key, value;
    while (pref_cursor_next(&cursor, &key, &value))
        if (key.len == strlen(name) + 2 && memcmp(key.ptr + 1, name, key.len - 2) == 0)
            return value;
    return (struct pref_span){NULL, 0};
}

static int says(struct pref_span value, const char *json)
{
    return value.ptr != NULL && pref_span_equal(value, pref_span_of(json));
}

int models_take_head(void *self, const struct pref_fit_head *head, struct pref_err *err)
{
    struct models *models = self;
    if (strcmp(head->tool, "strength") == 0 && head->format == 1) {
        struct pref_span step = models_option(head->options, "step");
        struct pref_span normalize = models_option(head->options, "normalize");
        int scales = says(step, "\"scales\"") && models_option(head->options, "by").ptr == NULL;
        models->kind = !scales                                ? MODELS_PAIRS
                       : says(normalize, "\"zscore\"") ? MODELS_ZSCORE
                       : says(normalize, "\"iqr\"")    ? MODELS_IQR
                                                         : MODELS_LOGISTIC;
        if (scales || says(models_option(head->options, "pairs"), "true"))
            return PREF_OK;
    }
    return pref_fail(err,
                     "a fit of %s, format %u, %s, expected one of strength --pairs, or of the "
                     "scales of --normalize without --by",
                     head->tool, head->format, head->options);
}

/* ---- Rows ------------------------------------------------------------------------------------ */

static int refuse(const struct pref_fit_row *row, const char *expected, struct pref_err *err)
{
    return pref_fail(err, "row '%.*s' is no %s", (int)(row->key.len < 40 ? row->key.len : 40),
                     row->key.len == 0 ? "" : row->key.ptr, expected);
}

/* The number of a model by its escaped name, which is added with no figures if it is new. */
static int add_model(struct models *models, struct pref_span name, uint32_t *number,
                     struct pref_err *err)
{
    size_t before = models->names.count;
    uint64_t hash = pref_name_table_hash(&models->names, name);
    int status = pref_name_table_add(&models->names, hash, name, number, err);
    if (status != PREF_OK || models->names.count == before)
        return status;
    if (before == models->cap) {
        size_t cap = before == 0 ? 16 : 2 * before;
        struct model *list = realloc(models->list, cap * sizeof *list);
        if (list == NULL)
            return pref_fail_memory(err, "the models");
        models->list = list;
        models->cap = cap;
    }
    models->list[*number] = (struct model){.coverage = NAN,
                                           .mean = NAN,
                                           .sd = NAN,
                                           .positive = NAN,
                                           .q1 = NAN,
                                           .median = NAN,
                                           .q3 = NAN,
                                           .iqr = NAN,
                                           .rest = NAN,
                                           .correlation = NAN,
                                           .twin = MODELS_NONE};
    return PREF_OK;
}

/* The same by its decoded name. */
static int add_decoded(struct models *models, struct pref_span name, uint32_t *number,
                       struct pref_err *err)
{
    pref_buf_clear(&models->name);
    pref_fit_field_escape(name, &models->name);
    if (models->name.failed)
        return pref_fail_memory(err, "the name of a model");
    return add_model(models, models->name.len == 0 ? pref_span_of("")
                                                   : pref_buf_span(&models->name),
                     number, err);
}

/* The mean and the deviation of n differences with such sums. */
static int take_sums(struct model *model, const struct pref_fit_row *row)
{
    if (row->counts < 1 || row->sums != 2 || row->n[0] == 0)
        return PREF_FAIL;
    model->n = row->n[0];
    model->mean = pref_accumulator_mean(&row->sum[0], model->n) + 0.0; /* -0 + 0 is 0 */
    return pref_accumulator_deviation(&row->sum[0], &row->sum[1], model->n, &model->sd);
}

static int take_zscore(struct models *models, const struct pref_fit_row *row,
                       struct pref_err *err)
{
    uint32_t number;
    int status = add_decoded(models, row->key, &number, err);
    if (status == PREF_OK &&
        (row->counts != 1 || take_sums(&models->list[number], row) != PREF_OK))
        status = refuse(row, "model with one count and the sums of its differences", err);
    return status;
}

static int take_bucket(struct models *models, const struct pref_fit_row *row, struct pref_err *err)
{
    uint32_t number, bucket;
    struct pref_span name;
    if (row->counts != 1 || row->sums != 0 || row->n[0] == 0 ||
        strength_key_parse(row->key, &bucket, &name) != PREF_OK || name.ptr == NULL)
        return refuse(row, "bucket and model with one count", err);
    int status = add_decoded(models, name, &number, err);
    if (status != PREF_OK)
        return status;
    struct model *model = &models->list[number];
    if (row->n[0] > PREF_BUCKETS_MAX - model->n)
        return pref_fail(err, "a model's differences exceed 2^62");
    model->n += row->n[0];
    return strength_tally_add(&models->tally, number, bucket, row->n[0], err);
}

/* ---- Rows of --pairs ------------------------------------------------------------------------- */

static int take_model(struct models *models, const struct pref_fit_row *row,
                      struct pref_span name, struct pref_err *err)
{
    uint32_t number;
    int status = add_model(models, name, &number, err);
    if (status != PREF_OK)
        return status;
    struct model *model = &models->list[number];
    if (models->matrix != NULL || row->counts != 3 || take_sums(model, row) != PREF_OK ||
        row->n[1] > model->n || row->n[2] > model->n - row->n[1])
        return refuse(row, "model with three counts and the sums of its differences", err);
    model->positive = (double)row->n[1] / (double)model->n;
    return PREF_OK;
}

/* The number of a model that has a row of its own. */
static int find_model(const struct models *models, struct pref_span name, uint32_t *number)
{
    uint64_t hash = pref_name_table_hash(&models->names, name);
    *number = pref_name_table_find(&models->names, hash, name);
    return *number == PREF_NO_NAME ? PREF_FAIL : PREF_OK;
}

static int take_correlation(const struct pref_fit_row *row, double *correlation)
{
    if (row->counts != 1 || row->sums != PREF_CORRELATION_SUMS || row->n[0] == 0)
        return PREF_FAIL;
    return pref_correlation_of(row->sum, row->n[0], correlation);
}

static int make_matrix(struct models *models, struct pref_err *err)
{
    size_t count = models->names.count;
    if (count > MODELS_PAIRS_MAX)
        return pref_fail(err, "%zu models, expected at most %d", count, MODELS_PAIRS_MAX);
    models->matrix = malloc((count * count + 1) * sizeof *models->matrix);
    models->shared = calloc(count * count + 1, sizeof *models->shared);
    if (models->matrix == NULL || models->shared == NULL)
        return pref_fail_memory(err, "the correlations");
    for (size_t i = 0; i < count * count; i++)
        models->matrix[i] = NAN;
    return PREF_OK;
}

static int take_pair(struct models *models, const struct pref_fit_row *row,
                     struct pref_span names, struct pref_err *err)
{
    size_t at = 0;
    uint32_t a, b;
    double correlation;
    struct pref_span first = pref_fit_field_next(names, &at);
    int fits = at <= names.len;
    struct pref_span second = {names.ptr + at, fits ? names.len - at : 0};
    if (!fits || find_model(models, first, &a) != PREF_OK ||
        find_model(models, second, &b) != PREF_OK || a == b ||
        take_correlation(row, &correlation) != PREF_OK || row->n[0] > models->list[a].n ||
        row->n[0] > models->list[b].n)
        return refuse(row, "pair of models with the sums of a correlation", err);
    size_t cells[2] = {models_cell(models, a, b), models_cell(models, b, a)};
    for (int i = 0; i < 2; i++) {
        models->matrix[cells[i]] = correlation;
        models->shared[cells[i]] = row->n[0];
    }
    return PREF_OK;
}

static int take_panel(struct models *models, const struct pref_fit_row *row, struct pref_err *err)
{
    if (row->counts != 1 || row->sums != 0)
        return refuse(row, "panel with one count", err);
    models->records = row->n[0];
    return PREF_OK;
}

static int take_rest(struct models *models, const struct pref_fit_row *row, struct pref_span name,
                     struct pref_err *err)
{
    uint32_t number;
    double correlation;
    if (find_model(models, name, &number) != PREF_OK ||
        take_correlation(row, &correlation) != PREF_OK || row->n[0] > models->list[number].n)
        return refuse(row, "model with the sums of a correlation", err);
    models->list[number].rest = correlation;
    return PREF_OK;
}

/* What stands behind a word at the beginning of the key; ptr is NULL if another stands there. */
static struct pref_span behind(const struct pref_fit_row *row, const char *word)
{
    size_t len = strlen(word);
    if (row->key.len < len || memcmp(row->key.ptr, word, len) != 0)
        return (struct pref_span){NULL, 0};
    return (struct pref_span){row->key.ptr + len, row->key.len - len};
}

/* A row of --pairs, or of the means among which it stands. */
static int take_pairs(struct models *models, const struct pref_fit_row *row, struct pref_err *err)
{
    struct pref_span of_model = behind(row, "model "), of_pair = behind(row, "pair ");
    struct pref_span of_rest = behind(row, "rest ");
    if (of_model.ptr != NULL)
        return take_model(models, row, of_model, err);
    int first = of_pair.ptr != NULL && models->matrix == NULL;
    int status = first ? make_matrix(models, err) : PREF_OK;
    if (status != PREF_OK)
        return status;
    if (of_pair.ptr != NULL)
        return take_pair(models, row, of_pair, err);
    if (of_rest.ptr != NULL)
        return take_rest(models, row, of_rest, err);
    if (pref_span_equal(row->key, pref_span_of("panel")))
        return take_panel(models, row, err);
    return PREF_OK;
}

int models_take_row(void *self, const struct pref_fit_row *row, struct pref_err *err)
{
    struct models *models = self;
    return models->kind == MODELS_PAIRS    ? take_pairs(models, row, err)
           : models->kind == MODELS_ZSCORE ? take_zscore(models, row, err)
                                           : take_bucket(models, row, err);
}

/* ---- The end --------------------------------------------------------------------------------- */

static void settle_quartiles(struct models *models)
{
    static const struct pref_share shares[3] = {{1, 4}, {1, 2}, {3, 4}};
    struct strength_tally *tally = &models->tally;
    strength_tally_sort(tally);
    for (size_t i = 0; i < tally->used;) {
        uint32_t number = STRENGTH_CELL_OWNER(tally->slots[i].key);
        struct model *model = &models->list[number];
        double quartile[3];
        uint64_t positive = 0;
        for (int q = 0; q < 3; q++)
            quartile[q] =
                strength_cells_at_rank(&tally->slots[i], pref_share_of(shares[q], model->n));
        for (; i < tally->used && STRENGTH_CELL_OWNER(tally->slots[i].key) == number; i++)
            if (STRENGTH_CELL_BUCKET(tally->slots[i].key) > PREF_BUCKET_ZERO)
                positive += tally->slots[i].count;
        model->q1 = quartile[0];
        model->median = quartile[1];
        model->q3 = quartile[2];
        model->iqr = model->q3 - model->q1;
        if (models->kind == MODELS_IQR)
            model->positive = (double)positive / (double)model->n;
    }
    strength_tally_release(tally);
}

int models_settle(struct models *models, struct pref_err *err)
{
    models->order = pref_name_table_sorted(&models->names);
    if (models->order == NULL)
        return pref_fail_memory(err, "the models");
    settle_quartiles(models);
    for (size_t i = 0; models->kind == MODELS_PAIRS && i < models->names.count; i++)
        models->list[i].coverage = (double)models->list[i].n / (double)models->records;
    return PREF_OK;
}
