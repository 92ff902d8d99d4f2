/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "measure.h"

#include <math.h>

static void meet(struct model *model, uint32_t other, double correlation)
{
    if (correlation > model->correlation ||
        (model->twin == MODELS_NONE && !isnan(correlation))) {
        model->correlation = correlation;
        model->twin = other;
    }
}

static void raise_flag(struct model *model, double low, struct models_panel *panel)
{
    if (model->rest < 0)
        model->flag = MODELS_NEGATIVE;
    else if (model->rest < low)
        model->flag = MODELS_LOW;
    panel->negative += model->flag == MODELS_NEGATIVE;
    panel->low += model->flag == MODELS_LOW;
}

/* All pairs in the order of their names, so that sums round in one way. */
void models_measure(struct models *models, struct pref_share low, struct models_panel *panel)
{
    size_t count = models->names.count;
    double squares = 0, sum = 0, met = 0;
    *panel = (struct models_panel){.effective = NAN};
    for (size_t i = 0; i < count; i++) {
        struct model *model = &models->list[models->order[i]];
        raise_flag(model, (double)low.num / (double)low.den, panel);
        panel->varying += model->sd > 0;
        for (size_t j = 0; j < i; j++) {
            struct model *other = &models->list[models->order[j]];
            double r = models_correlation(models, models->order[i], models->order[j]);
            meet(model, models->order[j], r);
            meet(other, models->order[i], r);
            if (isnan(r)) {
                panel->apart += model->sd > 0 && other->sd > 0;
                continue;
            }
            sum += r;
            squares += r * r;
            met++;
        }
    }
    panel->mean = sum / met;
    double m = panel->varying;
    if (m > 0 && panel->apart == 0)
        panel->effective = m * m / (m + 2 * squares);
}
