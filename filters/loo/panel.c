/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "panel.h"

#include "filters/common/unheard.h"
#include "filters/vote/fit.h"

#include <stddef.h>

#define AT(member) offsetof(struct loo_panel, member)

const struct pref_option loo_panel_options[] = {
    {"use", 0, PREF_OPTION_TEXT, AT(use), "FIT",
     "take the votes from what vote --method dawid-skene --fit learnt of them"},
    {"per-token", 0, PREF_OPTION_FLAG, AT(plan.per_token), NULL,
     "log-probabilities count by their mean over the tokens, not by their sum"},
    {"panel", 0, PREF_OPTION_FLAG, AT(on), NULL,
     "show instead which judges can be left out of the whole corpus"},
    {"keep-labels", 0, PREF_OPTION_SHARE, AT(keep), "X",
     "at least that share of the consensus labels must stay (0.99)"},
    {"cost", 0, PREF_OPTION_TEXT, AT(cost_text), "JUDGE=C,...",
     "what each judge costs; *=C for all others (1)"},
    {"method", 0, PREF_OPTION_CHOICE, AT(method), "majority|dawid-skene",
     "whose labels are to stay (majority)"},
    {"from-scores", 0, PREF_OPTION_FLAG, AT(plan.from_scores), NULL,
     "the sign of each row of scores is a vote of its model"},
    {"ties", 0, PREF_OPTION_CHOICE, AT(ties), "half|drop|keep",
     "what a vote tie counts as (half)"},
    {"both-bad", 0, PREF_OPTION_CHOICE, AT(both_bad), "drop|tie",
     "what a vote both_bad counts as (drop)"},
    {"memory", 0, PREF_OPTION_SIZE, AT(model.memory), "SIZE",
     "stop where the patterns of votes need more memory than that"},
    {"format", 0, PREF_OPTION_CHOICE, AT(format), "text|json",
     "a report to read, or JSON Lines (text)"},
    PREF_OPTIONS_END};

const char *loo_panel_stray(const struct loo_panel *panel)
{
    const struct {
        const char *name;
        int given;
    } options[] = {{"keep-labels", panel->keep.den != 0}, {"cost", panel->cost_text != NULL},
                   {"method", panel->method != 0},        {"from-scores", panel->plan.from_scores},
                   {"ties", panel->ties != 0},            {"both-bad", panel->both_bad != 0},
                   {"memory", panel->model.memory != 0},  {"format", panel->format != 0}};
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        if (options[i].given)
            return options[i].name;
    return NULL;
}

/* ---- Opening --------------------------------------------------------------------------------- */

static int check_options(struct loo_panel *panel, struct pref_err *err)
{
    if (panel->keep.den == 0)
        panel->keep = (struct pref_share){99, 100};
    if (panel->plan.per_token && !panel->plan.from_scores)
        return pref_usage(err, "--per-token needs --from-scores");
    if (panel->use != NULL && panel->plan.from_scores)
        return pref_usage(err, "--from-scores: the fit of --use says whether its votes were that");
    if (panel->method == LOO_PANEL_DAWID_SKENE && (panel->ties != 0 || panel->both_bad != 0))
        return pref_usage(err, "--ties and --both-bad need --method majority: the model knows what "
                               "each word of a judge is worth");
    return panel->cost_text == NULL
               ? PREF_OK
               : vote_weights_parse(&panel->costs, "--cost", panel->cost_text, err);
}

static int panel_open(void *state, struct pref_opening *opening, struct pref_err *err)
{
    struct loo_panel *panel = state;
    const struct pref_common *common = opening->common;
    panel->seed = common->table_seed;
    panel->model.kind = VOTE_MODEL_DAWID_SKENE;
    panel->model.stop_fd = opening->stop_fd;
    opening->no_records = panel->use != NULL;
    int status = check_options(panel, err);
    if (status != PREF_OK)
        return status;
    if (panel->use != NULL)
        return pref_open_read(opening, panel->use, err);
    panel->field = panel->plan.from_scores ? common->names.scores : common->names.votes;
    ballot_want(&panel->plan, opening->shape, panel->field, common->names.scale);
    pref_open_await(opening, panel->plan.from_scores ? panel->plan.scores.array
                                                     : panel->plan.votes.array);
    return vote_model_open(&panel->model, opening, err);
}

static int panel_begin(void *state, struct pref_err *err)
{
    struct loo_panel *panel = state;
    return panel->use == NULL ? PREF_OK
                              : vote_fit_read(&panel->model, &panel->plan,
                                              1u << VOTE_MODEL_DAWID_SKENE, panel->use,
                                              panel->seed, err);
}

/* ---- Records --------------------------------------------------------------------------------- */

static enum pref_verdict panel_map(const void *state, struct pref_job *job, void *note)
{
    const struct loo_panel *panel = state;
    if (ballot_absent(&panel->plan, job->doc)) {
        enum pref_verdict verdict = pref_missing(job, panel->field);
        return verdict == PREF_PASS ? PREF_USE : verdict;
    }
    return vote_model_look(&panel->model, &panel->plan, job, note) == PREF_OK ? PREF_USE
                                                                              : PREF_BROKEN;
}

static enum pref_verdict panel_commit(void *state, struct pref_row *row, void *note)
{
    struct loo_panel *panel = state;
    if (row->verdict != PREF_USE)
        return row->verdict;
    return vote_model_add(&panel->model, &panel->plan, row, note) == PREF_OK ? PREF_USE
                                                                             : PREF_BROKEN;
}

/* ---- The end --------------------------------------------------------------------------------- */

static int panel_tail(void *state, struct pref_buf *text, struct pref_err *err)
{
    struct loo_panel *panel = state;
    struct loo_panel_cases cases = {.cost = NULL};
    int status = vote_patterns_settle(&panel->model.patterns, err);
    if (status == PREF_OK)
        status = loo_panel_cases_make(&cases, panel, err);
    if (status == PREF_OK)
        status = pref_panel_search(&panel->found, &cases.data, panel->keep, err);
    if (status == PREF_OK)
        loo_panel_print(panel, cases.cost, text);
    loo_panel_cases_release(&cases);
    return status;
}

/* A name that is misspelt would leave its judge at the cost of all others. */
static void warn_of_unknown(const struct loo_panel *panel, struct pref_report *report)
{
    const struct vote_weights *costs = &panel->costs;
    size_t i = 0;
    while (i < costs->count && vote_patterns_judge(&panel->model.patterns,
                                                   vote_weights_name(costs, i)) != VOTE_NO_JUDGE)
        i++;
    if (i < costs->count)
        unheard_warn(report, vote_weights_name(costs, i), "--cost names");
}

static void panel_report(const void *state, struct pref_report *report)
{
    const struct loo_panel *panel = state;
    const struct vote_patterns *patterns = &panel->model.patterns;
    pref_report_count(report, "judges", patterns->judge_count);
    pref_report_count(report, "patterns", patterns->count);
    pref_report_count(report, "labels", panel->found.labels);
    pref_report_count(report, "panel", patterns->judge_count - panel->found.removed);
    pref_report_count(report, "labels_kept", panel->found.kept);
    if (panel->found.labels == 0)
        pref_report_warn(report, "no record has a vote that counts: there is no label to keep");
    warn_of_unknown(panel, report);
}

static void panel_close(void *state)
{
    struct loo_panel *panel = state;
    vote_weights_release(&panel->costs);
    vote_model_release(&panel->model);
    pref_panel_release(&panel->found);
}

const struct pref_filter filter_loo_panel = {
    .name = "loo",
    .brief = "show which judges can be left out of the whole corpus",
    .options = loo_panel_options,
    .traits = PREF_MAKES,
    .self_size = sizeof(struct loo_panel),
    .note_size = sizeof(struct vote_model_note),
    .open = panel_open,
    .begin = panel_begin,
    .map = panel_map,
    .commit = panel_commit,
    .tail = panel_tail,
    .report = panel_report,
    .close = panel_close,
};
