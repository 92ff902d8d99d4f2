/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "pairs.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void strength_pairs_init(struct strength_pairs *pairs, uint64_t seed)
{
    pref_name_table_init(&pairs->names, seed);
}

void strength_pairs_release(struct strength_pairs *pairs)
{
    for (size_t i = 0; i < sizeof pairs->models / sizeof pairs->models[0]; i++)
        free(pairs->models[i]);
    for (size_t i = 0; i < sizeof pairs->pairs / sizeof pairs->pairs[0]; i++)
        free(pairs->pairs[i]);
    pref_name_table_release(&pairs->names);
}

/* ---- Adding ---------------------------------------------------------------------------------- */

static int find_model(struct strength_pairs *pairs, const struct strength_sample *sample,
                      uint32_t *model, struct pref_err *err)
{
    *model = pref_name_table_find(&pairs->names, sample->hash, sample->name);
    if (*model != PREF_NO_NAME)
        return PREF_OK;
    if (pairs->names.count == STRENGTH_PAIRS_MODELS)
        return pref_fail(err, "--pairs: more than %d models, which is the most it can compare",
                         STRENGTH_PAIRS_MODELS);
    int status = pref_name_table_add(&pairs->names, sample->hash, sample->name, model, err);
    if (status == PREF_OK && (pairs->models[*model] = calloc(1, sizeof **pairs->models)) == NULL)
        status = pref_fail_memory(err, "the sums of a model");
    return status;
}

/* What rounding has put beyond the largest double is that. */
static double bounded(double value)
{
    return fmin(fmax(value, -DBL_MAX), DBL_MAX);
}

/* List the record's models with the mean of their rows. *count becomes how many there are. */
static int meet(struct strength_pairs *pairs, const struct strength_sample *samples,
                size_t *count, struct pref_err *err)
{
    uint32_t place[STRENGTH_PAIRS_MODELS], model; /* 1 + that in `met` */
    size_t found = 0;
    memset(place, 0, sizeof place);
    for (size_t i = 0; i < *count; i++) {
        int status = find_model(pairs, &samples[i], &model, err);
        if (status != PREF_OK)
            return status;
        if (place[model] == 0) {
            pairs->met[found++] = (struct strength_pairs_met){.model = model};
            place[model] = (uint32_t)found;
        }
        pairs->met[place[model] - 1].rows++;
    }
    for (size_t i = 0; i < *count; i++) {
        model = pref_name_table_find(&pairs->names, samples[i].hash, samples[i].name);
        struct strength_pairs_met *met = &pairs->met[place[model] - 1];
        met->d = bounded(met->d + samples[i].x / met->rows);
    }
    *count = found;
    return PREF_OK;
}

static void add_alone(struct strength_pairs_model *model, double d)
{
    model->records++;
    model->positive += d > 0;
    model->negative += d < 0;
    (void)pref_accumulator_add(&model->sum[0], d);
    (void)pref_accumulator_add_product(&model->sum[1], d, d);
}

/* The others of each are those before and those behind it: nothing is subtracted, so that a wild
 * model does not wipe out the rest. */
static void add_rests(struct strength_pairs *pairs, size_t count)
{
    double behind[STRENGTH_PAIRS_MODELS + 1], before = 0, others = (double)count - 1;
    behind[count] = 0;
    for (size_t i = count; i-- > 0;)
        behind[i] = behind[i + 1] + pairs->met[i].d / others;
    for (size_t i = 0; i < count; i++) {
        const struct strength_pairs_met *met = &pairs->met[i];
        double rest = bounded(before + behind[i + 1]);
        (void)pref_correlation_add(&pairs->models[met->model]->rest, met->d, rest);
        before += met->d / others;
    }
}

size_t strength_pairs_place(uint32_t a, uint32_t b)
{
    return (size_t)b * (b - 1) / 2 + a;
}

static int add_pair(struct strength_pairs *pairs, const struct strength_pairs_met *a,
                    const struct strength_pairs_met *b)
{
    int turned = a->model > b->model;
    const struct strength_pairs_met *x = turned ? b : a, *y = turned ? a : b;
    struct pref_correlation **at = &pairs->pairs[strength_pairs_place(x->model, y->model)];
    if (*at == NULL && (*at = calloc(1, sizeof **at)) == NULL)
        return PREF_FAIL;
    return pref_correlation_add(*at, x->d, y->d);
}

int strength_pairs_add(struct strength_pairs *pairs, const struct strength_sample *samples,
                       size_t count, struct pref_err *err)
{
    int status = meet(pairs, samples, &count, err);
    if (status != PREF_OK)
        return status;
    pairs->records++;
    for (size_t i = 0; i < count; i++)
        add_alone(pairs->models[pairs->met[i].model], pairs->met[i].d);
    if (count > 1)
        add_rests(pairs, count);
    for (size_t b = 1; b < count; b++)
        for (size_t a = 0; a < b; a++)
            if (add_pair(pairs, &pairs->met[a], &pairs->met[b]) != PREF_OK)
                return pref_fail_memory(err, "the sums of two models");
    return PREF_OK;
}
