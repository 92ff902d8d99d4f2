/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "panel.h"

#include "lib/fit/field.h"

#include <math.h>
#include <stdlib.h>

#define CELLS_A_JUDGE (VOTE_ORDERS * PREF_WORDS)
#define EVIDENCE_UNIT 0x1p36
#define BIAS_MOST 0x1p60 /* beyond what all votes of a record can say against it */

/* ---- One vote -------------------------------------------------------------------------------- */

/* By majority: halves of votes, so that a tie can be one half for each side. */
static void say_word(const struct loo_panel *panel, enum pref_word word,
                     struct pref_panel_voice *voice)
{
    if (word == PREF_BOTH_BAD) {
        if (panel->both_bad != PREF_BOTH_BAD_TIE)
            return;
        word = PREF_TIE;
    }
    if (word == PREF_TIE && panel->ties == PREF_TIES_DROP)
        return;
    if (word == PREF_TIE && panel->ties == PREF_TIES_HALF) {
        voice->says[PREF_CHOSEN]++;
        voice->says[PREF_REJECTED]++;
    } else {
        voice->says[word] += 2;
    }
    voice->votes++;
}

/* By the model: evidence for chosen, and as much against rejected. */
static void say_evidence(int64_t evidence, struct pref_panel_voice *voice)
{
    voice->says[PREF_CHOSEN] += evidence;
    voice->says[PREF_REJECTED] -= evidence;
    voice->votes++;
}

/* ---- All of them ----------------------------------------------------------------------------- */

/* The voices of one pattern, whose cells are sorted by judge. Returns how many there are. */
static uint32_t add_voices(const struct loo_panel *panel, const struct pref_ds *model,
                           const uint32_t *cells, uint32_t votes, struct pref_panel_voice *voices)
{
    uint32_t count = 0;
    for (uint32_t v = 0; v < votes;) {
        struct pref_panel_voice voice = {.judge = cells[v] / CELLS_A_JUDGE};
        for (; v < votes && cells[v] / CELLS_A_JUDGE == voice.judge; v++) {
            if (model != NULL)
                say_evidence(pref_ds_evidence(model, cells[v]), &voice);
            else
                say_word(panel, (enum pref_word)(cells[v] % PREF_WORDS), &voice);
        }
        if (voice.votes > 0)
            voices[count++] = voice;
    }
    return count;
}

static void fill(struct loo_panel_cases *cases, const struct loo_panel *panel,
                 const struct pref_ds *model)
{
    struct pref_ds_data patterns = vote_patterns_data(&panel->model.patterns);
    size_t used = 0;
    for (size_t i = 0; i < patterns.count; i++) {
        const struct pref_ds_pattern *pattern = &patterns.patterns[i];
        struct pref_panel_case *one = &cases->cases[i];
        *one = (struct pref_panel_case){.times = pattern->times, .start = used};
        one->voices = add_voices(panel, model, patterns.cells + pattern->start, pattern->votes,
                                 cases->voices + used);
        used += one->voices;
    }
    if (model != NULL)
        cases->data.bias =
            (int64_t)floor(fmin(fmax(model->base * EVIDENCE_UNIT, -BIAS_MOST), BIAS_MOST) + 0.5);
}

static int find_costs(const struct loo_panel *panel, uint64_t *cost, struct pref_err *err)
{
    struct pref_buf name = {0};
    int failed = 0;
    for (uint32_t j = 0; j < panel->model.patterns.judge_count; j++) {
        cost[j] = VOTE_WEIGHT_ONE;
        if (panel->cost_text == NULL)
            continue;
        pref_buf_clear(&name);
        failed |= pref_fit_field_unescape(vote_patterns_name(&panel->model.patterns, j), &name);
        cost[j] = vote_weights_of(&panel->costs, pref_buf_span(&name));
    }
    failed |= name.failed;
    pref_buf_release(&name);
    return failed ? pref_fail_memory(err, "the names of judges") : PREF_OK;
}

int loo_panel_cases_make(struct loo_panel_cases *cases, const struct loo_panel *panel,
                         struct pref_err *err)
{
    struct pref_ds_data patterns = vote_patterns_data(&panel->model.patterns);
    struct pref_ds model = {0};
    size_t votes = 0, judges = panel->model.patterns.judge_count;
    for (size_t i = 0; i < patterns.count; i++)
        votes += patterns.patterns[i].votes;
    *cases = (struct loo_panel_cases){.voices = malloc((votes + 1) * sizeof *cases->voices),
                                      .cases = malloc((patterns.count + 1) * sizeof *cases->cases),
                                      .cost = malloc((judges + 1) * sizeof *cases->cost)};
    int status = PREF_OK;
    if (cases->voices == NULL || cases->cases == NULL || cases->cost == NULL)
        status = pref_fail_memory(err, "the votes of a panel");
    if (status == PREF_OK)
        status = find_costs(panel, cases->cost, err);
    if (status == PREF_OK && panel->method == LOO_PANEL_DAWID_SKENE)
        status = pref_ds_fit(&model, &patterns, err);
    if (status == PREF_OK) {
        fill(cases, panel, panel->method == LOO_PANEL_DAWID_SKENE ? &model : NULL);
        cases->data.voices = cases->voices;
        cases->data.cases = cases->cases;
        cases->data.count = patterns.count;
        cases->data.judges = (uint32_t)judges;
        cases->data.cost = cases->cost;
        cases->data.stop_fd = panel->model.patterns.stop_fd;
    }
    pref_ds_release(&model);
    return status;
}

void loo_panel_cases_release(struct loo_panel_cases *cases)
{
    free(cases->voices);
    free(cases->cases);
    free(cases->cost);
    *cases = (struct loo_panel_cases){0};
}
