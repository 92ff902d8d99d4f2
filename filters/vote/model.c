/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "model.h"

#include "filters/common/gold.h"
#include "pref/mathfn.h"

#include <math.h>

int vote_model_check(const struct vote_model *model, const struct ballot_plan *plan,
                     struct pref_err *err)
{
    int used = model->kind != VOTE_MODEL_NONE;
    if (model->by_order && model->kind != VOTE_MODEL_DAWID_SKENE)
        return pref_usage(err, "--by-order needs --method dawid-skene");
    if (model->gold != NULL && model->kind != VOTE_MODEL_CALIBRATED)
        return pref_usage(err, "--gold needs --method calibrated");
    if (model->memory != 0 && !used)
        return pref_usage(err, "--memory needs --method dawid-skene or calibrated");
    if (used && plan->swap_consistent)
        return pref_usage(err, "--swap-consistent: a model learns from all votes, and of orders by "
                               "--by-order or --method calibrated");
    if (plan->from_scores && model->by_order)
        return pref_usage(err, "--by-order asks for the order of votes, which --from-scores does "
                               "not have");
    return PREF_OK;
}

const char *vote_model_gold(const struct vote_model *model)
{
    if (model->kind != VOTE_MODEL_CALIBRATED)
        return NULL;
    return model->gold == NULL ? "gold" : model->gold;
}

int vote_model_open(struct vote_model *model, struct pref_opening *opening, struct pref_err *err)
{
    int status =
        vote_patterns_open(&model->patterns, opening->common->table_seed, model->memory, err);
    model->stop_fd = opening->stop_fd;
    model->patterns.stop_fd = &model->stop_fd;
    if (model->kind != VOTE_MODEL_CALIBRATED)
        return status;
    model->patterns.labelled = 1;
    model->gold_place = gold_want(opening->shape, vote_model_gold(model), 0);
    return status;
}

void vote_model_release(struct vote_model *model)
{
    vote_patterns_release(&model->patterns);
    pref_ds_release(&model->ds);
    vote_calibrated_release(&model->calibrated);
}

/* ---- One record's votes ---------------------------------------------------------------------- */

/* The order in which a judge saw the two sides, where the model asks for it. */
static enum vote_order order_of(const struct vote_model *model, const struct pref_hit *swapped)
{
    int asked = model->by_order || model->kind == VOTE_MODEL_CALIBRATED;
    if (!asked || swapped == NULL)
        return VOTE_ORDER_UNKNOWN;
    return swapped->type == PREF_TRUE ? VOTE_ORDER_SWAPPED : VOTE_ORDER_PLAIN;
}

static size_t begin(const struct ballot_plan *plan, const struct pref_doc *doc)
{
    return plan->from_scores ? pref_scores_begin(&plan->scores, doc)
                             : pref_votes_begin(&plan->votes, doc);
}

/* Read the vote at *at and go on: 1, or 0 after the last. The name may lie in scratch[1]. */
static int next(const struct vote_model *model, const struct ballot_plan *plan,
                struct pref_job *job, size_t *at, struct vote_cast *cast)
{
    const struct pref_hit *judge;
    if (plan->from_scores) {
        struct pref_score score;
        if (!pref_score_next(&plan->scores, job->doc, at, &score))
            return 0;
        judge = score.model;
        cast->word = ballot_sign(job->doc, &score);
        cast->order = VOTE_ORDER_UNKNOWN;
    } else {
        struct pref_vote vote;
        if (!pref_vote_next(&plan->votes, job->doc, at, &vote))
            return 0;
        judge = vote.judge;
        cast->word = vote.word;
        cast->order = order_of(model, vote.swapped);
    }
    cast->judge = (struct pref_span){NULL, 0};
    /* The scanner lets no name pass that does not decode; memory is asked for by the caller. */
    (void)pref_string_text(pref_hit_span(job->doc, judge), &job->scratch[1], &cast->judge);
    return 1;
}

static int no_memory(struct pref_err *err)
{
    return pref_fail_memory(err, "the name of a judge");
}

/* ---- Learning -------------------------------------------------------------------------------- */

int vote_model_look(const struct vote_model *model, const struct ballot_plan *plan,
                    struct pref_job *job, struct vote_model_note *note)
{
    struct vote_cast cast;
    if (model->kind == VOTE_MODEL_CALIBRATED) {
        enum pref_word gold = gold_word(job->doc, model->gold_place);
        vote_pattern_key_label(&note->key, gold == PREF_WORDS ? VOTE_UNLABELLED : gold);
    }
    for (size_t at = begin(plan, job->doc); next(model, plan, job, &at, &cast);)
        vote_pattern_key_add(&model->patterns, &note->key, &cast);
    return job->scratch[1].failed ? no_memory(job->err) : PREF_OK;
}

int vote_model_add(struct vote_model *model, const struct ballot_plan *plan, struct pref_row *row,
                   const struct vote_model_note *note)
{
    struct vote_patterns *patterns = &model->patterns;
    struct vote_cast cast;
    int fresh = 0;
    int status = note->key.votes == 0
                     ? PREF_OK
                     : vote_patterns_count(patterns, &note->key, 1, &fresh, row->err);
    if (status != PREF_OK || !fresh)
        return status;
    /* The votes themselves are read again: distinct patterns are few beside records. */
    struct pref_job *job = pref_row_job(row);
    if (job == NULL)
        return PREF_FAIL;
    for (size_t at = begin(plan, job->doc);
         status == PREF_OK && next(model, plan, job, &at, &cast);)
        status = vote_patterns_vote(patterns, &cast, row->err);
    if (job->scratch[1].failed)
        return no_memory(row->err);
    return status == PREF_OK ? vote_patterns_close(patterns, row->err) : status;
}

int vote_model_settle(struct vote_model *model, struct pref_err *err)
{
    int status = vote_patterns_settle(&model->patterns, err);
    if (status != PREF_OK)
        return status;
    struct pref_ds_data data = vote_patterns_data(&model->patterns);
    status = model->kind == VOTE_MODEL_CALIBRATED
                 ? vote_calibrated_fit(&model->calibrated, &model->patterns, err)
                 : pref_ds_fit(&model->ds, &data, err);
    vote_patterns_forget(&model->patterns);
    model->solved = 1;
    return status;
}

/* ---- Applying -------------------------------------------------------------------------------- */

int vote_model_cells(const struct vote_model *model, const struct ballot_plan *plan,
                     struct pref_job *job, struct pref_buf *cells, uint32_t *unknown)
{
    struct vote_cast cast;
    for (size_t at = begin(plan, job->doc); next(model, plan, job, &at, &cast);) {
        uint32_t judge = vote_patterns_judge(&model->patterns, cast.judge);
        uint32_t cell = (judge * VOTE_ORDERS + cast.order) * PREF_WORDS + cast.word;
        if (judge == VOTE_NO_JUDGE) {
            cell = VOTE_NO_CELL;
            ++*unknown;
        }
        pref_buf_add(cells, (const char *)&cell, sizeof cell);
    }
    return job->scratch[1].failed || cells->failed ? no_memory(job->err) : PREF_OK;
}

double vote_model_p(const struct vote_model *model, uint32_t *cells, size_t votes)
{
    int64_t evidence = 0;
    size_t known = 0;
    if (votes == 0)
        return 0.5;
    for (size_t v = 0; v < votes; v++)
        if (cells[v] != VOTE_NO_CELL)
            cells[known++] = cells[v];
    if (model->kind == VOTE_MODEL_CALIBRATED)
        return pref_sigmoid(vote_calibrated_odds(&model->calibrated, cells, known));
    for (size_t v = 0; v < known; v++)
        evidence += pref_ds_evidence(&model->ds, cells[v]);
    return pref_ds_posterior(&model->ds, evidence);
}

int vote_model_ask(const struct vote_model *model, const struct ballot_plan *plan,
                   struct pref_job *job, struct vote_model_note *note, double *p)
{
    struct pref_buf *cells = &job->scratch[2];
    pref_buf_clear(cells);
    if (vote_model_cells(model, plan, job, cells, &note->unknown) != PREF_OK)
        return PREF_FAIL;
    *p = vote_model_p(model, (uint32_t *)(void *)cells->ptr, cells->len / sizeof(uint32_t));
    return PREF_OK;
}

/* ---- Fits and the summary -------------------------------------------------------------------- */

void vote_model_options(const struct vote_model *model, const struct ballot_plan *plan,
                        struct pref_buf *json)
{
    static const char *const is[] = {"false", "true", "true,\"per_token\":true"};
    const char *from_scores = is[(plan->from_scores != 0) + (plan->per_token != 0)];
    if (model->kind == VOTE_MODEL_CALIBRATED)
        pref_buf_addf(json, "{\"method\":\"calibrated\",\"from_scores\":%s}", from_scores);
    else
        pref_buf_addf(json, "{\"method\":\"dawid-skene\",\"from_scores\":%s,\"by_order\":%s}",
                      from_scores, is[model->by_order != 0]);
}

int vote_model_save(struct vote_model *model, struct pref_fit_writer *writer, struct pref_err *err)
{
    int status = vote_patterns_settle(&model->patterns, err);
    return status == PREF_OK ? vote_patterns_save(&model->patterns, writer, err) : status;
}

static void report_number(struct pref_report *report, const char *name, double value)
{
    struct pref_buf number = {0};
    if (isfinite(value))
        pref_buf_add_double(&number, value);
    else
        pref_buf_add_text(&number, "null");
    pref_report_json(report, name, pref_buf_span(&number));
    pref_buf_release(&number);
}

static void report_truth(struct pref_report *report, const char *name, int truth)
{
    pref_report_json(report, name, pref_span_of(truth ? "true" : "false"));
}

static void report_calibrated(const struct vote_calibrated *model, struct pref_report *report)
{
    pref_report_count(report, "gold_labels", model->labels);
    report_number(report, "penalty", model->fit.penalty);
    report_truth(report, "by_steadiness", model->fit.stiff);
    report_number(report, "gold_accuracy", model->fit.accuracy);
    report_number(report, "gold_log_loss", model->fit.log_loss);
    report_number(report, "gold_calibration_error", model->fit.calibration_error);
    if (model->labels == 0)
        pref_report_warn(report, "no record has votes and a gold label: judges are believed as "
                                 "--method dawid-skene does");
}

void vote_model_report(const struct vote_model *model, struct pref_report *report)
{
    pref_report_count(report, "judges", model->patterns.judge_count);
    pref_report_count(report, "patterns", model->patterns.count);
    if (!model->solved)
        return;
    if (model->kind == VOTE_MODEL_CALIBRATED) {
        report_calibrated(&model->calibrated, report);
        return;
    }
    pref_report_count(report, "iterations", model->ds.iterations);
    report_truth(report, "converged", model->ds.converged);
    report_truth(report, "mirrored", model->ds.mirrored);
    report_number(report, "log_likelihood", model->ds.log_likelihood);
    if (!model->ds.converged)
        pref_report_warn(report, "the model did not converge in %u iterations",
                         model->ds.iterations);
}
