/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "vote_model.h"

int vote_model_check(const struct vote_model *model, const struct ballot_plan *plan, int used,
                     struct pref_err *err)
{
    if (!used && (model->by_order || model->memory != 0))
        return pref_usage(err, "--%s needs --method dawid-skene",
                          model->by_order ? "by-order" : "memory");
    if (used && plan->swap_consistent)
        return pref_usage(err, "--swap-consistent: a model learns from all votes; --by-order tells "
                               "it of orders");
    if (plan->from_scores && model->by_order)
        return pref_usage(err, "--by-order asks for the order of votes, which --from-scores does "
                               "not have");
    return PREF_OK;
}

int vote_model_open(struct vote_model *model, uint64_t seed, struct pref_err *err)
{
    return vote_patterns_open(&model->patterns, seed, model->memory, err);
}

void vote_model_release(struct vote_model *model)
{
    vote_patterns_release(&model->patterns);
    pref_ds_release(&model->ds);
}

/* ---- One record's votes ---------------------------------------------------------------------- */

/* The order in which a judge saw the two sides, where the model asks for it. */
static enum vote_order order_of(const struct vote_model *model, const struct pref_hit *swapped)
{
    if (!model->by_order || swapped == NULL)
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
    status = pref_ds_fit(&model->ds, &data, err);
    vote_patterns_forget(&model->patterns);
    model->solved = 1;
    return status;
}

/* ---- Applying -------------------------------------------------------------------------------- */

int vote_model_ask(const struct vote_model *model, const struct ballot_plan *plan,
                   struct pref_job *job, struct vote_model_note *note, double *p)
{
    struct vote_cast cast;
    int64_t evidence = 0;
    int voted = 0;
    for (size_t at = begin(plan, job->doc); next(model, plan, job, &at, &cast); voted = 1) {
        uint32_t judge = vote_patterns_judge(&model->patterns, cast.judge);
        uint32_t source = judge * VOTE_ORDERS + cast.order;
        if (judge == VOTE_NO_JUDGE)
            note->unknown++;
        else
            evidence += pref_ds_evidence(&model->ds, source * PREF_WORDS + cast.word);
    }
    *p = voted ? pref_ds_posterior(&model->ds, evidence) : 0.5;
    return job->scratch[1].failed ? no_memory(job->err) : PREF_OK;
}

/* ---- Fits and the summary -------------------------------------------------------------------- */

void vote_model_options(const struct vote_model *model, const struct ballot_plan *plan,
                        struct pref_buf *json)
{
    static const char *const is[] = {"false", "true"};
    pref_buf_addf(json, "{\"method\":\"dawid-skene\",\"from_scores\":%s,\"by_order\":%s}",
                  is[plan->from_scores != 0], is[model->by_order != 0]);
}

int vote_model_save(struct vote_model *model, struct pref_fit_writer *writer, struct pref_err *err)
{
    int status = vote_patterns_settle(&model->patterns, err);
    return status == PREF_OK ? vote_patterns_save(&model->patterns, writer, err) : status;
}

void vote_model_report(const struct vote_model *model, struct pref_report *report)
{
    struct pref_buf number = {0};
    pref_report_count(report, "judges", model->patterns.judge_count);
    pref_report_count(report, "patterns", model->patterns.count);
    if (!model->solved)
        return;
    pref_report_count(report, "iterations", model->ds.iterations);
    pref_report_json(report, "converged", pref_span_of(model->ds.converged ? "true" : "false"));
    pref_report_json(report, "mirrored", pref_span_of(model->ds.mirrored ? "true" : "false"));
    pref_buf_add_double(&number, model->ds.log_likelihood);
    pref_report_json(report, "log_likelihood", pref_buf_span(&number));
    pref_buf_release(&number);
    if (!model->ds.converged)
        pref_report_warn(report, "the model did not converge in %u iterations",
                         model->ds.iterations);
}
