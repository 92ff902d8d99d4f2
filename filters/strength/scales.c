/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "scales.h"

#include "measure.h"
#include "pref/buckets.h"
#include "pref/mathfn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* So many differences of a model are kept as they are before exact sums take their place: in a
 * corpus of many models, each seen a few times, sums would need far more room than the corpus. */
#define FEW_FIRST 4
#define FEW_MAX 64

#define NAMES_SHOWN 3

/* A score as far above the median as the quartiles are apart becomes 1 / (1 + e^-3). */
#define STEEPNESS 3.0

/* Beyond this, what was divided by a scale counts as this, so that no mean and no deviation of it
 * leaves a double's range: a record is never malformed for the company it is in. */
#define SCALED_MAX 0x1p1022

/* Sums of a model's differences and of their squares. */
struct sums {
    struct pref_accumulator of[2];
};

int strength_scales_open(struct strength_scales *scales, enum strength_normalize kind,
                         uint64_t seed, struct pref_err *err)
{
    scales->kind = kind;
    strength_models_init(&scales->models, seed);
    strength_tally_init(&scales->tally, seed);
    scales->rows = pref_hasher_new(0);
    return scales->rows == NULL ? pref_fail_memory(err, "the scales") : PREF_OK;
}

void strength_scales_release(struct strength_scales *scales)
{
    strength_models_release(&scales->models);
    strength_tally_release(&scales->tally);
    pref_hasher_free(scales->rows);
    pref_buf_release(&scales->line);
    scales->rows = NULL;
}

/* ---- Learning -------------------------------------------------------------------------------- */

static int count_more(struct strength_model *model, uint64_t count, struct pref_err *err)
{
    if (count > PREF_BUCKETS_MAX - model->n)
        return pref_fail(err, "a model's differences exceed 2^62");
    model->n += count;
    return PREF_OK;
}

static void sum_up(struct sums *sums, double d)
{
    pref_accumulator_add(&sums->of[0], d);
    pref_accumulator_add_product(&sums->of[1], d, d);
}

/* The sums of all that a model has as single differences. */
static void sum_few(struct sums *sums, const struct strength_model *model)
{
    const double *few = model->learnt;
    for (int i = 0; i < 2; i++)
        pref_accumulator_init(&sums->of[i]);
    for (uint64_t i = 0; i < model->n; i++)
        sum_up(sums, few[i]);
}

/* Single differences have become too many. */
static int make_sums(struct strength_model *model)
{
    struct sums *sums = malloc(sizeof *sums);
    if (sums == NULL)
        return PREF_FAIL;
    sum_few(sums, model);
    free(model->learnt);
    model->learnt = sums;
    model->room = 0;
    return PREF_OK;
}

static int make_room(struct strength_model *model)
{
    uint32_t room = model->room == 0 ? FEW_FIRST : model->room * 4;
    double *few = realloc(model->learnt, room * sizeof *few);
    if (few == NULL)
        return PREF_FAIL;
    model->learnt = few;
    model->room = room;
    return PREF_OK;
}

static int add_to_sums(struct strength_model *model, double d, struct pref_err *err)
{
    int status = PREF_OK;
    if (model->n == FEW_MAX && model->room > 0)
        status = make_sums(model);
    else if (model->n < FEW_MAX && model->n == model->room)
        status = make_room(model);
    if (status != PREF_OK)
        return pref_fail_memory(err, "the sums of a model");
    if (model->room > 0)
        ((double *)model->learnt)[model->n] = d;
    else
        sum_up(model->learnt, d);
    return count_more(model, 1, err);
}

void strength_scales_warm(const struct strength_scales *scales,
                          const struct strength_sample *sample)
{
    if (scales->kind == STRENGTH_ZSCORE)
        return; /* its sums are few, and hot */
    uint32_t number = pref_name_table_find(&scales->models.names, sample->hash, sample->name);
    if (number != PREF_NO_NAME)
        strength_tally_warm(&scales->tally, number, pref_bucket_of(sample->x));
}

int strength_scales_add(struct strength_scales *scales, const struct strength_sample *sample,
                        struct pref_err *err)
{
    uint32_t number;
    int status =
        strength_models_add(&scales->models, sample->hash, sample->name, &number, err);
    if (status != PREF_OK)
        return status;
    struct strength_model *model = &scales->models.list[number];
    if (scales->kind == STRENGTH_ZSCORE)
        return add_to_sums(model, sample->x, err);
    status = count_more(model, 1, err);
    return status != PREF_OK ? status
                             : strength_tally_add(&scales->tally, number,
                                                  pref_bucket_of(sample->x), 1, err);
}

/* ---- Scales ---------------------------------------------------------------------------------- */

/* PREF_FAIL where no differences have such sums. */
static int deviation(struct strength_model *model, const struct pref_accumulator *sums)
{
    return pref_accumulator_deviation(&sums[0], &sums[1], model->n, &model->scale);
}

static void settle_sums(struct strength_models *models)
{
    struct sums few;
    for (size_t i = 0; i < models->names.count; i++) {
        struct strength_model *model = &models->list[i];
        if (model->learnt == NULL)
            continue; /* it was loaded, with its scale */
        if (model->room > 0)
            sum_few(&few, model);
        deviation(model, model->room > 0 ? few.of : ((struct sums *)model->learnt)->of);
        free(model->learnt);
        model->learnt = NULL;
    }
}

static void settle_ranges(struct strength_scales *scales)
{
    const struct pref_share quarter = {1, 4}, half = {1, 2}, three = {3, 4};
    struct strength_tally *tally = &scales->tally;
    strength_tally_sort(tally);
    for (size_t i = 0; i < tally->used;) {
        uint32_t number = STRENGTH_CELL_OWNER(tally->slots[i].key);
        struct strength_model *model = &scales->models.list[number];
        const struct strength_cell *cells = &tally->slots[i];
        model->middle = strength_cells_at_rank(cells, pref_share_of(half, model->n));
        model->scale = strength_cells_at_rank(cells, pref_share_of(three, model->n)) -
                       strength_cells_at_rank(cells, pref_share_of(quarter, model->n));
        while (i < tally->used && STRENGTH_CELL_OWNER(tally->slots[i].key) == number)
            i++;
    }
    strength_tally_release(tally);
}

void strength_scales_settle(struct strength_scales *scales)
{
    if (scales->kind == STRENGTH_ZSCORE)
        settle_sums(&scales->models);
    else
        settle_ranges(scales);
    for (size_t i = 0; i < scales->models.names.count; i++) {
        struct strength_model *model = &scales->models.list[i];
        if (!isfinite(model->scale))
            model->scale = 0;
        scales->without += model->scale == 0;
    }
}

const struct strength_model *strength_scales_find(const struct strength_scales *scales,
                                                  struct pref_span name)
{
    const struct pref_name_table *names = &scales->models.names;
    uint32_t number = pref_name_table_find(names, pref_name_table_hash(names, name), name);
    return number == PREF_NO_NAME || scales->models.list[number].scale == 0
               ? NULL
               : &scales->models.list[number];
}

double strength_scales_divide(const struct strength_model *model, double difference)
{
    return fmin(fmax(difference / model->scale, -SCALED_MAX), SCALED_MAX);
}

/* What a score is on the log-odds scale; far beyond where its logistic function is 0 or 1, a number
 * that stays finite in sums. */
static double log_odds(const struct strength_model *model, double score)
{
    double x = STEEPNESS * ((score - model->middle) / model->scale);
    return fmin(fmax(x, -0x1p20), 0x1p20);
}

double strength_scales_logistic(const struct strength_model *model, double chosen, double rejected)
{
    double a = log_odds(model, chosen), b = log_odds(model, rejected);
    double high = fmax(a, b), low = fmin(a, b);
    /* s(high) - s(low), as a product: a difference of two that are nearly 1 would lose its sign. */
    double difference = pref_sigmoid(high) * pref_sigmoid(-low) * (1 - pref_exp(low - high));
    return a < b ? 0 - difference : difference;
}

void strength_scales_name_without(const struct strength_scales *scales, struct pref_buf *out)
{
    size_t shown = 0;
    uint32_t *sorted = pref_name_table_sorted(&scales->models.names);
    if (sorted == NULL) {
        out->failed = 1;
        return;
    }
    for (size_t i = 0; i < scales->models.names.count && shown <= NAMES_SHOWN; i++) {
        if (scales->models.list[sorted[i]].scale != 0)
            continue;
        if (shown > 0)
            pref_buf_add_text(out, ", ");
        if (shown++ == NAMES_SHOWN)
            pref_buf_add_text(out, "...");
        else
            pref_buf_add_json(out, pref_name_table_name(&scales->models.names, sorted[i]));
    }
    free(sorted);
}

/* ---- Fits ------------------------------------------------------------------------------------ */

static int save_sums(const struct strength_models *models, const uint32_t *sorted,
                     struct pref_fit_writer *writer, struct pref_err *err)
{
    struct sums few;
    int status = PREF_OK;
    for (size_t i = 0; i < models->names.count && status == PREF_OK; i++) {
        const struct strength_model *model = &models->list[sorted[i]];
        if (model->room > 0)
            sum_few(&few, model);
        struct pref_fit_row row = {
            .key = pref_name_table_name(&models->names, sorted[i]),
            .n = {model->n},
            .counts = 1,
            .sum = model->room > 0 ? few.of : ((struct sums *)model->learnt)->of,
            .sums = 2};
        status = pref_fit_put(writer, &row, err);
    }
    return status;
}

int strength_scales_save(struct strength_scales *scales, struct pref_fit_writer *writer,
                         struct pref_err *err)
{
    if (scales->kind != STRENGTH_ZSCORE)
        return strength_tally_save(&scales->tally, &scales->models.names, writer, err);
    uint32_t *sorted = pref_name_table_sorted(&scales->models.names);
    int status = sorted == NULL ? pref_fail_memory(err, "a fit")
                                : save_sums(&scales->models, sorted, writer, err);
    free(sorted);
    return status;
}

static int refuse(const struct pref_fit_row *row, const char *expected, struct pref_err *err)
{
    return pref_fail(err, "row '%s' is no %s", pref_fit_show(row->key).text, expected);
}

/* A model's scale is worked out at once: its sums need not be kept. */
static int load_sums(struct strength_scales *scales, const struct pref_fit_row *row,
                     struct pref_err *err)
{
    static const char expected[] = "model with one count and the sums of its differences";
    uint32_t number;
    if (row->counts != 1 || row->sums != 2 || row->n[0] == 0)
        return refuse(row, expected, err);
    uint64_t hash = pref_name_table_hash(&scales->models.names, row->key);
    int status = strength_models_add(&scales->models, hash, row->key, &number, err);
    if (status != PREF_OK)
        return status;
    struct strength_model *model = &scales->models.list[number];
    model->n = row->n[0];
    return deviation(model, row->sum) == PREF_OK ? PREF_OK : refuse(row, expected, err);
}

static int load_range(struct strength_scales *scales, const struct pref_fit_row *row,
                      struct pref_err *err)
{
    static const char expected[] = "bucket and model with one count";
    uint32_t number, bucket;
    struct pref_span name;
    if (row->counts != 1 || row->sums != 0 || row->n[0] == 0 ||
        strength_key_parse(row->key, &bucket, &name) != PREF_OK || name.ptr == NULL)
        return refuse(row, expected, err);
    uint64_t hash = pref_name_table_hash(&scales->models.names, name);
    int status = strength_models_add(&scales->models, hash, name, &number, err);
    if (status == PREF_OK)
        status = count_more(&scales->models.list[number], row->n[0], err);
    return status != PREF_OK
               ? status
               : strength_tally_add(&scales->tally, number, bucket, row->n[0], err);
}

int strength_scales_load(struct strength_scales *scales, const struct pref_fit_row *row,
                         struct pref_err *err)
{
    pref_buf_clear(&scales->line);
    pref_fit_row_print(&scales->line, row);
    if (scales->line.failed)
        return pref_fail_memory(err, "a row of a fit");
    pref_hasher_add(scales->rows, scales->line.ptr, scales->line.len);
    return scales->kind == STRENGTH_ZSCORE ? load_sums(scales, row, err)
                                           : load_range(scales, row, err);
}

void strength_scales_digest(const struct strength_scales *scales, char out[33])
{
    pref_h128_hex(pref_hasher_value(scales->rows), out);
}
