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

static int check_head(struct vote_model *model, struct ballot_plan *plan, unsigned kinds,
                      const struct pref_fit_head *head, const char *path, struct pref_err *err)
{
    struct pref_buf text = {0};
    int known = 0;
    if (strcmp(head->tool, "vote") == 0 && head->format == 1)
        for (unsigned kind = VOTE_MODEL_DAWID_SKENE; kind <= VOTE_MODEL_CALIBRATED && !known; kind++)
            known = (kinds >> kind & 1) != 0 &&
                    recognise(model, plan, (enum vote_model_kind)kind, head->options, &text);
    int failed = text.failed;
    pref_buf_release(&text);
    if (failed)
        return pref_fail_memory(err, "a fit");
    if (known)
        return PREF_OK;
    return pref_fail(err,
                     "%s: a fit of %s, format %u, %.400s, expected one of vote --method "
                     "dawid-skene%s",
                     path, head->tool, head->format, head->options,
                     kinds >> VOTE_MODEL_CALIBRATED & 1 ? " or calibrated" : "");
}

int vote_fit_read(struct vote_model *model, struct ballot_plan *plan, unsigned kinds,
                  const char *path, uint64_t seed, struct pref_err *err)
{
    struct pref_fit_reader *reader = NULL;
    struct pref_fit_head head;
    struct pref_fit_row row;
    struct pref_err why = {{0}};
    int more = 1;
    int status = vote_patterns_open(&model->patterns, seed, model->memory, err);
    if (status == PREF_OK)
        status = pref_fit_open(&reader, path, &head, err);
    if (status != PREF_OK)
        return status;
    status = check_head(model, plan, kinds, &head, path, err);
    model->patterns.labelled = model->kind == VOTE_MODEL_CALIBRATED;
    if (status == PREF_OK)
        status = pref_fit_next(reader, &row, &more, err);
    while (status == PREF_OK && more) {
        if (vote_patterns_load(&model->patterns, &row, &why) != PREF_OK)
            status = pref_fail(err, "%s: %.900s", path, why.text);
        else
            status = pref_fit_next(reader, &row, &more, err);
    }
    pref_fit_close(reader);
    return status;
}
