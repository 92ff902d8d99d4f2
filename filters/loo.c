/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loo - leave-one-out distillation: of a record's items only a minimal sufficient set stays, as
 * judged by an oracle. The rules majority, posterior and strength decide within map; exec asks a
 * co-process, one subset of a record at a time, many records at once.
 */
#include "config.h"

#include "filters.h"
#include "filters/loo/items.h"
#include "filters/loo/oracle.h"
#include "filters/loo/order.h"
#include "filters/loo/removed.h"
#include "filters/loo/rules.h"
#include "filters/vote/fit.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#define MAX_ITEMS 256
#define MAX_ITEMS_LIMIT 65535 /* the most whose calls can be counted in 32 bits */

enum { INSUFFICIENT_REJECT, INSUFFICIENT_KEEP };

struct loo {
    const char *items, *oracle_text, *order_text, *group_text, *removed_path, *use;
    int insufficient, mark, per_token;
    uint64_t max_items;
    struct loo_oracle oracle;
    struct loo_order order;
    struct loo_group group;
    const char *as;
    pref_place array, each, annotation, id;
    struct ballot_plan plan; /* what the items are, where they are votes or scores */
    struct vote_model model; /* of posterior */
    struct pref_side *removed; /* NULL: not asked for */
    struct pref_buf line;
    uint64_t before, after, calls, insufficient_count, unanswered, unasked, unknown;
};

struct note {
    struct loo_work *work; /* NULL: nothing was asked about the record */
};

static const struct pref_option options[] = {
    {"items", 0, PREF_OPTION_TEXT, offsetof(struct loo, items), "POINTER",
     "the array to distil (the votes for majority and posterior, the scores for strength)"},
    {"oracle", 0, PREF_OPTION_TEXT, offsetof(struct loo, oracle_text), "ORACLE",
     "who says what suffices: majority[:M], posterior[:P], strength[:Z], exec:COMMAND"},
    {"use", 0, PREF_OPTION_TEXT, offsetof(struct loo, use), "FIT",
     "what vote --method dawid-skene or calibrated learnt (for posterior, or for --panel)"},
    {"per-token", 0, PREF_OPTION_FLAG, offsetof(struct loo, per_token), NULL,
     "log-probabilities of scores count by their mean over the tokens, not by their sum"},
    {"order", 0, PREF_OPTION_TEXT, offsetof(struct loo, order_text), "ORDER",
     "which item is tried first: input, reverse, or by the number at a POINTER in it (input)"},
    {"item-group", 0, PREF_OPTION_TEXT, offsetof(struct loo, group_text), "POINTER",
     "leave out items together that have the same value at POINTER in them"},
    {"insufficient", 0, PREF_OPTION_CHOICE, offsetof(struct loo, insufficient), "reject|keep",
     "what to do with a record whose items do not suffice (reject)"},
    {"mark", 0, PREF_OPTION_FLAG, offsetof(struct loo, mark), NULL,
     "leave the array whole: only annotate"},
    {"removed", 0, PREF_OPTION_TEXT, offsetof(struct loo, removed_path), "FILE",
     "write what was cut, a line an item"},
    {"max-items", 0, PREF_OPTION_COUNT, offsetof(struct loo, max_items), "N",
     "reject a record of more items (256)"},
    {"jobs", 0, PREF_OPTION_COUNT, offsetof(struct loo, oracle.jobs), "N",
     "run N processes of COMMAND (1)"},
    {"timeout", 0, PREF_OPTION_COUNT, offsetof(struct loo, oracle.timeout), "SECONDS",
     "wait so long for an answer of COMMAND (60)"},
    {"retries", 0, PREF_OPTION_COUNT, offsetof(struct loo, oracle.retries), "N",
     "ask so often again where no answer came (3)"},
    {"repeat", 0, PREF_OPTION_COUNT, offsetof(struct loo, oracle.repeat), "M",
     "take the majority of M answers, an odd number (1)"},
    {"cache", 0, PREF_OPTION_TEXT, offsetof(struct loo, oracle.cache), "FILE",
     "keep the answers of COMMAND, and ask nothing twice"},
    {"cache-salt", 0, PREF_OPTION_TEXT, offsetof(struct loo, oracle.salt), "TEXT",
     "set answers apart from those kept under another TEXT"},
    {"budget", 0, PREF_OPTION_COUNT, offsetof(struct loo, oracle.budget), "N",
     "ask for no more than N answers in the whole run"},
    PREF_OPTIONS_END};

static void loo_preset(void *state)
{
    struct loo *loo = state;
    loo->max_items = MAX_ITEMS;
    loo_oracle_preset(&loo->oracle);
}

/* ---- Opening --------------------------------------------------------------------------------- */

/* Solve the model whose posterior is asked for; what its fit learnt from is what is distilled. */
static int open_model(struct loo *loo, struct pref_opening *opening, struct pref_err *err)
{
    if (loo->oracle.kind != LOO_POSTERIOR)
        return loo->use == NULL ? PREF_OK : pref_usage(err, "--use needs --oracle posterior");
    if (loo->use == NULL)
        return pref_usage(err, "--oracle posterior needs --use FIT, which vote --method "
                               "dawid-skene or calibrated writes");
    unsigned kinds = 1u << VOTE_MODEL_DAWID_SKENE | 1u << VOTE_MODEL_CALIBRATED;
    loo->model.stop_fd = opening->stop_fd;
    int status = pref_open_read(opening, loo->use, err);
    if (status == PREF_OK)
        status = vote_fit_read(&loo->model, &loo->plan, kinds, loo->use,
                               opening->common->table_seed, err);
    return status == PREF_OK ? vote_model_settle(&loo->model, err) : status;
}

static int want_items(struct loo *loo, struct pref_shape *shape, const struct pref_names *names,
                      struct pref_err *err)
{
    struct ballot_plan *plan = &loo->plan;
    if (loo->oracle.kind == LOO_EXEC) {
        if (loo->items == NULL)
            return pref_usage(err, "--items is missing: the array to distil");
        loo->array = pref_shape_field(shape, loo->items);
        loo->each = pref_shape_each(shape, loo->array);
        pref_shape_demand(shape, loo->each, PREF_IS_ANY, PREF_NULL_IS_VALUE);
    } else {
        plan->from_scores |= loo->oracle.kind == LOO_STRENGTH;
        plan->per_token |= loo->per_token;
        if (loo->items == NULL)
            loo->items = plan->from_scores ? names->scores : names->votes;
        ballot_want(plan, shape, loo->items, names->scale);
        loo->array = plan->from_scores ? plan->scores.array : plan->votes.array;
        loo->each = plan->from_scores ? plan->scores.each : plan->votes.each;
    }
    pref_shape_demand(shape, loo->array, PREF_IS(PREF_ARRAY), 0);
    return PREF_OK;
}

/* The annotation must not be written over the items or what holds them. */
static int check_key(const struct loo *loo, const struct pref_shape *shape, struct pref_err *err)
{
    for (pref_place at = loo->array; at < shape->count && at != PREF_ROOT;
         at = shape->rule[at].parent)
        if (at == loo->annotation)
            return pref_usage(err, "--as: '%s' holds the items, expected another key", loo->as);
    return PREF_OK;
}

static int loo_open(void *state, struct pref_opening *opening, struct pref_err *err)
{
    struct loo *loo = state;
    const struct pref_common *common = opening->common;
    struct pref_shape *shape = opening->shape;
    int status = loo_oracle_read(&loo->oracle, loo->oracle_text, &opening->oracle, err);
    if (status == PREF_OK && loo->per_token && loo->oracle.kind != LOO_STRENGTH)
        return pref_usage(err, "--per-token needs --oracle strength or --panel");
    if (status == PREF_OK)
        status = open_model(loo, opening, err);
    if (status == PREF_OK)
        status = want_items(loo, shape, &common->names, err);
    if (status != PREF_OK)
        return status;
    pref_open_await(opening, loo->array);
    if (loo->max_items < 1 || loo->max_items > MAX_ITEMS_LIMIT)
        return pref_usage(err, "--max-items: expected 1 to %d", MAX_ITEMS_LIMIT);
    if (loo->oracle.kind == LOO_EXEC)
        opening->budget = loo->oracle.budget;
    status = loo_order_open(&loo->order, loo->order_text, shape, loo->each, err);
    if (status == PREF_OK)
        status = loo_group_open(&loo->group, loo->group_text, shape, loo->each,
                                common->table_seed, err);
    if (status == PREF_OK && loo->removed_path != NULL)
        status = pref_open_side(opening, "--removed", loo->removed_path, &loo->removed, err);
    if (status != PREF_OK)
        return status;
    loo->id = pref_shape_field(shape, common->names.id);
    loo->as = common->as == NULL ? "loo" : common->as;
    loo->annotation = pref_shape_key(shape, PREF_ROOT, pref_span_of(loo->as));
    /* A null is replaced, not joined by a second key. */
    pref_shape_demand(shape, loo->annotation, PREF_IS_ANY, PREF_NULL_IS_VALUE);
    return check_key(loo, shape, err);
}

/* ---- Deciding -------------------------------------------------------------------------------- */

static enum pref_verdict no_memory(struct pref_job *job)
{
    pref_fail_memory(job->err, "the items of a record");
    return PREF_BROKEN;
}

/* The search is over: what becomes of the record. */
static enum pref_verdict conclude(const struct loo *loo, struct pref_job *job,
                                  const struct loo_work *work)
{
    struct pref_buf *json = &job->scratch[0], *array = &job->scratch[1];
    if (work->unanswered)
        return pref_unanswered(job);
    if (work->unasked)
        return pref_later(job, "budget: up to %llu questions, more than were left of %llu",
                          (unsigned long long)(loo_most_calls(work->search.count) *
                                               loo->oracle.repeat),
                          (unsigned long long)loo->oracle.budget);
    if (work->search.state == LOO_INSUFFICIENT && loo->insufficient == INSUFFICIENT_REJECT)
        return pref_reject(job, "insufficient: not accepted with all its items (%u)",
                           (unsigned)work->search.items);
    pref_buf_clear(json);
    pref_buf_clear(array);
    loo_add_annotation(work, json);
    loo_add_array(work, array);
    if (json->failed || array->failed)
        return no_memory(job);
    if (work->search.removals > 0 && !loo->mark)
        pref_edit_replace(&job->edits, work->start, work->end, pref_buf_span(array));
    return pref_annotate(job, loo->as, loo->annotation, loo_keys, pref_buf_span(json));
}

static enum pref_verdict by_majority(const struct loo *loo, struct pref_job *job,
                                     struct loo_work *work)
{
    struct pref_buf *words = &job->scratch[2];
    struct pref_vote vote;
    pref_buf_clear(words);
    for (size_t at = pref_votes_begin(&loo->plan.votes, job->doc);
         pref_vote_next(&loo->plan.votes, job->doc, &at, &vote);)
        pref_buf_add_byte(words, (char)vote.word);
    if (words->failed)
        return no_memory(job);
    loo_by_majority(&work->search, (const uint8_t *)words->ptr, loo->oracle.lead);
    return conclude(loo, job, work);
}

static enum pref_verdict by_posterior(const struct loo *loo, struct pref_job *job,
                                      struct loo_work *work)
{
    struct pref_buf *cells = &job->scratch[2], *room = &job->scratch[0];
    const struct pref_share least = loo->oracle.posterior;
    pref_buf_clear(cells);
    pref_buf_clear(room);
    if (vote_model_cells(&loo->model, &loo->plan, job, cells, &work->unknown) != PREF_OK)
        return PREF_BROKEN;
    if (pref_buf_reserve(room, cells->len + 1) == NULL)
        return no_memory(job);
    loo_by_posterior(&work->search, &loo->model, (const uint32_t *)(const void *)cells->ptr,
                     (uint32_t *)(void *)room->ptr, (double)least.num / (double)least.den);
    return conclude(loo, job, work);
}

static enum pref_verdict by_strength(const struct loo *loo, struct pref_job *job,
                                     struct loo_work *work)
{
    struct pref_buf *room = &job->scratch[2];
    struct pref_score score;
    size_t count = work->search.items, n = 0;
    pref_buf_clear(room);
    double *d = (double *)(void *)pref_buf_reserve(room, (2 * count + 1) * sizeof *d);
    if (d == NULL)
        return no_memory(job);
    for (size_t at = pref_scores_begin(&loo->plan.scores, job->doc);
         pref_score_next(&loo->plan.scores, job->doc, &at, &score);) {
        d[n] = pref_score_difference(job->doc, &score);
        if (!isfinite(d[n++]))
            return pref_malformed(job, "score difference is not finite");
    }
    loo_by_strength(&work->search, d, d + count, loo->oracle.z);
    return conclude(loo, job, work);
}

static enum pref_verdict loo_map(const void *state, struct pref_job *job, void *note)
{
    const struct loo *loo = state;
    const struct pref_hit *array = pref_doc_at(job->doc, loo->array);
    struct pref_span nothing = {NULL, 0};
    if (array == NULL)
        return pref_missing(job, loo->items);
    enum pref_verdict verdict = pref_annotate(job, loo->as, loo->annotation, loo_keys, nothing);
    if (verdict != PREF_PASS)
        return verdict;
    uint32_t count = loo_count(job->doc, array, loo->each);
    if (count > loo->max_items)
        return pref_reject(job, "items %u > %u", (unsigned)count, (unsigned)loo->max_items);
    struct loo_units units;
    verdict = loo_group_items(&loo->group, job, array, count, &units);
    if (verdict != PREF_PASS)
        return verdict;
    uint32_t *order;
    if (loo_order_items(&loo->order, job, array, count, &order) != PREF_OK ||
        loo_group_order(job, &units, order, count) != PREF_OK)
        return no_memory(job);
    struct loo_work *work = loo_work_new(job, array, loo->each, &units, order, count);
    if (work == NULL)
        return no_memory(job);
    const struct pref_hit *id = pref_doc_at(job->doc, loo->id);
    if (id != NULL)
        work->id = (struct loo_span){id->start, id->end};
    ((struct note *)note)->work = work;
    switch (loo->oracle.kind) {
    case LOO_MAJORITY:
        return by_majority(loo, job, work);
    case LOO_POSTERIOR:
        return by_posterior(loo, job, work);
    case LOO_STRENGTH:
        return by_strength(loo, job, work);
    default:
        return PREF_ASK;
    }
}

static enum pref_verdict loo_ask(const void *state, void *note, enum pref_answer answer,
                                 struct pref_buf *question)
{
    struct loo_work *work = ((struct note *)note)->work;
    (void)state;
    if (answer == PREF_ANSWER_NONE)
        work->unanswered = 1;
    else if (answer == PREF_ANSWER_REFUSED)
        work->unasked = 1;
    else if (answer != PREF_ANSWER_FIRST)
        loo_answer(&work->search, answer == PREF_ANSWER_YES);
    if (work->unanswered || work->unasked || !loo_asks(&work->search))
        return PREF_PASS;
    loo_add_question(work, question);
    return PREF_ASK;
}

static uint64_t loo_most(const void *state, const void *note)
{
    (void)state;
    return loo_most_calls(((const struct note *)note)->work->search.count);
}

static enum pref_verdict loo_resume(const void *state, struct pref_job *job, void *note)
{
    return conclude(state, job, ((struct note *)note)->work);
}

/* before and after are counted as in the annotations, so of records that leave with one. */
static enum pref_verdict loo_commit(void *state, struct pref_row *row, void *note)
{
    struct loo *loo = state;
    const struct loo_work *work = ((struct note *)note)->work;
    if (work == NULL)
        return row->verdict;
    loo->calls += work->search.calls;
    loo->unknown += work->unknown;
    loo->unanswered += work->unanswered;
    loo->unasked += work->unasked;
    loo->insufficient_count += !work->unanswered && work->search.state == LOO_INSUFFICIENT;
    if (row->verdict == PREF_PASS) {
        loo->before += work->search.items;
        loo->after += loo_left(&work->search);
        if (loo->removed != NULL &&
            loo_removed_write(loo->removed, &loo->line, row, work) != PREF_OK)
            return PREF_BROKEN;
    }
    return row->verdict;
}

static void loo_report(const void *state, struct pref_report *report)
{
    const struct loo *loo = state;
    pref_report_count(report, "items", loo->before);
    pref_report_count(report, "items_left", loo->after);
    pref_report_count(report, "calls", loo->calls);
    pref_report_count(report, "insufficient", loo->insufficient_count);
    pref_report_count(report, "unanswered", loo->unanswered);
    pref_report_count(report, "unasked", loo->unasked);
    if (loo->oracle.kind == LOO_POSTERIOR)
        pref_report_count(report, "unknown_judges", loo->unknown);
}

static void loo_close(void *state)
{
    struct loo *loo = state;
    pref_buf_release(&loo->line);
    vote_model_release(&loo->model);
}

const struct pref_filter filter_loo = {
    .name = "loo",
    .brief = "keep a minimal sufficient set of each record's items",
    .options = options,
    .self_size = sizeof(struct loo),
    .note_size = sizeof(struct note),
    .preset = loo_preset,
    .open = loo_open,
    .map = loo_map,
    .ask = loo_ask,
    .most = loo_most,
    .resume = loo_resume,
    .commit = loo_commit,
    .report = loo_report,
    .close = loo_close,
};
