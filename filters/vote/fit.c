/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "fit.h"

#include <string.h>

/* Whether a fit with these options is one of a model of this kind, whatever else it was made with:
 * which that is, is then in the model and the plan. */
static int recognise(struct vote_model *model, struct ballot_plan *plan, enum vote_model_kind kind,
                     const char *options, struct pref_buf *text)
{
    model->kind = kind;
    for (unsigned flags = 0; flags < 6; flags++) {
        plan->from_scores = flags % 3 > 0;
        plan->per_token = flags % 3 > 1;
        model->by_order = flags >= 3;
        pref_buf_clear(text);
        vote_model_options(model, plan, text);
        pref_buf_add_byte(text, '\0');
        if (!text->failed && strcmp(text->ptr, options) == 0)
            return 1;
    }
    return 0;
}

/* What a fit is read into. */
struct reading {
    struct vote_model *model;
    struct ballot_plan *plan;
    unsigned kinds;
};

static int take_head(void *self, const struct pref_fit_head *head, struct pref_err *err)
{
    struct reading *reading = self;
    struct vote_model *model = reading->model;
    struct pref_buf text = {0};
    int known = 0;
    if (strcmp(head->tool, "vote") == 0 && head->format == 1)
        for (int kind = VOTE_MODEL_DAWID_SKENE; kind <= VOTE_MODEL_CALIBRATED && !known; kind++)
            known = (reading->kinds >> kind & 1) != 0 &&
                    recognise(model, reading->plan, (enum vote_model_kind)kind, head->options,
                              &text);
    int failed = text.failed;
    pref_buf_release(&text);
    model->patterns.labelled = model->kind == VOTE_MODEL_CALIBRATED;
    if (failed)
        return pref_fail_memory(err, "a fit");
    if (known)
        return PREF_OK;
    return pref_fail(err,
                     "a fit of %s, format %u, %.400s, expected one of vote --method dawid-skene%s",
                     head->tool, head->format, head->options,
                     reading->kinds >> VOTE_MODEL_CALIBRATED & 1 ? " or calibrated" : "");
}

static int take_row(void *self, const struct pref_fit_row *row, struct pref_err *err)
{
    struct reading *reading = self;
    return vote_patterns_load(&reading->model->patterns, row, err);
}

int vote_fit_read(struct vote_model *model, struct ballot_plan *plan, unsigned kinds,
                  const char *path, uint64_t seed, struct pref_err *err)
{
    static const struct pref_fit_taker into_patterns = {take_head, take_row};
    struct reading reading = {model, plan, kinds};
    int status = vote_patterns_open(&model->patterns, seed, model->memory, err);
    model->patterns.stop_fd = &model->stop_fd;
    return status == PREF_OK ? pref_fit_take(path, model->stop_fd, &into_patterns, &reading, err)
                             : status;
}
