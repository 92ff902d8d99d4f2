/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vote - the consensus of a record's votes (vote/ballot.h takes them, consensus.h says what they
 * come to), written down under "vote", and what follows from it where an option asks: the record is
 * rejected or flipped. By majority or weight all can be said of a record by itself; a model of the
 * judges (vote/model.h) is learnt from the whole corpus first. Commit only counts.
 */
#include "config.h"

#include "filters.h"
#include "filters/vote/state.h"
#include "lib/number/put.h"

#include <stddef.h>
#include <string.h>

static const struct pref_option options[] = {
    {"min-votes", 0, PREF_OPTION_COUNT, offsetof(struct vote, min_votes), "N",
     "reject a record of which fewer votes count"},
    {"min-agreement", 0, PREF_OPTION_SHARE, offsetof(struct vote, min_agreement), "X",
     "reject a record whose agreement is below X, such as 0.75 or 2/3"},
    {"max-agreement", 0, PREF_OPTION_SHARE, offsetof(struct vote, max_agreement), "X",
     "reject a record whose agreement is above X: it is too easy"},
    {"max-spread", 0, PREF_OPTION_COUNT, offsetof(struct vote, grades.max_spread), "N",
     "reject a record whose votes' grades are further apart than N"},
    {"mean-band", 0, PREF_OPTION_TEXT, offsetof(struct vote, grades.band), "LO..HI",
     "reject a record whose mean grade is from LO to HI"},
    {"method", 0, PREF_OPTION_CHOICE, offsetof(struct vote, method),
     "majority|weighted|dawid-skene|calibrated", "how votes are counted (majority)"},
    {"weights", 0, PREF_OPTION_TEXT, offsetof(struct vote, weights), "JUDGE=W,...",
     "what each judge's vote weighs; *=W for all others (1)"},
    {"by-confidence", 0, PREF_OPTION_FLAG, offsetof(struct vote, plan.by_confidence), NULL,
     "a vote's weight is multiplied by its confidence, from 0 to 1"},
    {"by-order", 0, PREF_OPTION_FLAG, offsetof(struct vote, model.by_order), NULL,
     "learn a judge's reliability apart for each order it saw the two in"},
    {"gold", 0, PREF_OPTION_TEXT, offsetof(struct vote, model.gold), "POINTER",
     "where records have gold labels, chosen or rejected, true or false (gold)"},
    {"memory", 0, PREF_OPTION_SIZE, offsetof(struct vote, model.memory), "SIZE",
     "stop where what is learnt of the votes needs more memory than that"},
    {"from-scores", 0, PREF_OPTION_FLAG, offsetof(struct vote, plan.from_scores), NULL,
     "the sign of each row of scores is a vote of its model"},
    {"per-token", 0, PREF_OPTION_FLAG, offsetof(struct vote, plan.per_token), NULL,
     "log-probabilities count by their mean over the tokens, not by their sum"},
    {"swap-consistent", 0, PREF_OPTION_FLAG, offsetof(struct vote, plan.swap_consistent), NULL,
     "count a judge once if it says the same in both orders, else not"},
    {"ties", 0, PREF_OPTION_CHOICE, offsetof(struct vote, ties), "half|drop|keep",
     "what a vote tie counts as (half)"},
    {"both-bad", 0, PREF_OPTION_CHOICE, offsetof(struct vote, both_bad), "drop|tie|reject",
     "what a vote both_bad counts as (drop)"},
    {"accept", 0, PREF_OPTION_TEXT, offsetof(struct vote, accept), "EXPR",
     "reject a record of whose judges this does not hold"},
    {"recycle", 0, PREF_OPTION_TEXT, offsetof(struct vote, recycle), "EXPR",
     "flip it instead, and let it pass, where this holds"},
    {"on-tie", 0, PREF_OPTION_CHOICE, offsetof(struct vote, on_tie), "keep|drop",
     "what to do where the consensus is tie (keep)"},
    {"on-rejected", 0, PREF_OPTION_CHOICE, offsetof(struct vote, on_rejected), "keep|drop|flip",
     "what to do where the consensus is rejected (keep)"},
    FLIPPING_OPTIONS(vote, flipping),
    PREF_OPTIONS_END};

/* Room for any annotation: its words, two doubles and five counts, and its grades. */
#define ANNOTATION_MAX (512 + VOTE_GRADES_MAX)

/* The annotation's keys, in the order in which they are written. */
static const char *const keys[] = {"label", "agreement", "n",        "chosen", "rejected",
                                   "tie",   "both_bad",  "p",        "grades", "grade",
                                   "spread", NULL};

static void vote_preset(void *state)
{
    struct vote *vote = state;
    vote_grade_rules_preset(&vote->grades);
}

/* Whether the method learns a model of the judges. */
static int learns(const struct vote *vote)
{
    return vote->method >= METHOD_DAWID_SKENE;
}

/* Options that contradict one another, or would do nothing. */
static int check_options(const struct vote *vote, struct pref_err *err)
{
    char least[PREF_SHARE_MAX], most[PREF_SHARE_MAX];
    struct pref_share min = vote->min_agreement, max = vote->max_agreement;
    if (vote->method == METHOD_WEIGHTED && vote->weights == NULL)
        return pref_usage(err, "--method weighted needs --weights");
    if (vote->method != METHOD_WEIGHTED && vote->weights != NULL)
        return pref_usage(err, "--weights needs --method weighted");
    if (vote->plan.by_confidence && learns(vote))
        return pref_usage(err, "--by-confidence needs --method majority or weighted: a model "
                               "learns itself how far a vote can be believed");
    if (vote->plan.per_token && !vote->plan.from_scores)
        return pref_usage(err, "--per-token needs --from-scores");
    if (vote->plan.from_scores && vote->plan.by_confidence)
        return pref_usage(err, "--by-confidence asks for the confidence of votes, which "
                               "--from-scores does not have");
    if (vote->plan.from_scores && vote_grade_rules_any(&vote->grades))
        return pref_usage(err, "--max-spread and --mean-band ask for grades of votes, which "
                               "--from-scores does not have");
    if (vote->plan.from_scores && vote->plan.swap_consistent)
        return pref_usage(err, "--swap-consistent asks for the order of votes, which --from-scores "
                               "does not have");
    if (vote->recycle != NULL && vote->accept == NULL)
        return pref_usage(err, "--recycle needs --accept");
    if (min.den != 0 && max.den != 0 && pref_share_compare(min.num, min.den, max) > 0) {
        pref_share_print(least, min);
        pref_share_print(most, max);
        return pref_usage(err, "--min-agreement %s is above --max-agreement %s", least, most);
    }
    return vote_model_check(&vote->model, &vote->plan, err);
}

/* Whether a record may be flipped. */
static int flips(const struct vote *vote)
{
    return vote->on_rejected == ON_REJECTED_FLIP || vote->recycle != NULL;
}

static int open_expressions(struct vote *vote, struct pref_err *err)
{
    struct judges *judges = &vote->plan.judges;
    int status = PREF_OK;
    if (vote->accept != NULL)
        status = judges_expr_parse(&vote->accepts, judges, "--accept", vote->accept, err);
    if (vote->recycle != NULL && status == PREF_OK)
        status = judges_expr_parse(&vote->recycles, judges, "--recycle", vote->recycle, err);
    return status;
}

static int open_flip(struct vote *vote, struct pref_opening *opening, struct pref_err *err)
{
    if (!flips(vote))
        return flipping_unused(&vote->flipping, "--on-rejected flip or --recycle", err);
    if (strcmp(vote->key, "flipped") == 0)
        return pref_usage(err, "--as: 'flipped' is the key that a flip writes, expected another");
    vote->flipping.label = vote_model_gold(&vote->model);
    return flipping_open(&vote->flipping, opening, err);
}

static int vote_open(void *state, struct pref_opening *opening, struct pref_err *err)
{
    struct vote *vote = state;
    struct ballot_plan *plan = &vote->plan;
    const struct pref_common *common = opening->common;
    static const enum vote_model_kind models[] = {[METHOD_DAWID_SKENE] = VOTE_MODEL_DAWID_SKENE,
                                                  [METHOD_CALIBRATED] = VOTE_MODEL_CALIBRATED};
    vote->model.kind = models[vote->method];
    int status = check_options(vote, err);
    if (status == PREF_OK)
        status = vote_grade_rules_open(&vote->grades, err);
    if (status == PREF_OK)
        status = open_expressions(vote, err);
    if (status == PREF_OK && vote->weights != NULL) {
        plan->weigh = &vote->weigh;
        status = vote_weights_parse(&vote->weigh, "--weights", vote->weights, err);
    }
    opening->learns = learns(vote) ? 1 : 0;
    if (status == PREF_OK && learns(vote))
        status = vote_model_open(&vote->model, opening, err);
    if (status != PREF_OK)
        return status;
    vote->key = common->as == NULL ? "vote" : common->as;
    vote->annotation = pref_shape_key(opening->shape, PREF_ROOT, pref_span_of(vote->key));
    /* A null is replaced, not joined by a second key. */
    pref_shape_demand(opening->shape, vote->annotation, PREF_IS_ANY, PREF_NULL_IS_VALUE);
    vote->field = plan->from_scores ? common->names.scores : common->names.votes;
    ballot_want(plan, opening->shape, vote->field, common->names.scale);
    pref_open_await(opening, plan->from_scores ? plan->scores.array : plan->votes.array);
    if (plan->by_confidence)
        pref_want_probabilities(opening->shape, &plan->votes);
    return open_flip(vote, opening, err);
}

/* Every record gets one, so it is written straight into the buffer. */
static void write_annotation(struct pref_buf *json, const struct ballot *ballot,
                             const struct pref_consensus *consensus)
{
    const uint64_t *counts = ballot->cast;
    pref_buf_clear(json);
    char *at = pref_buf_reserve(json, ANNOTATION_MAX);
    if (at == NULL)
        return;
    at = pref_put_text(at, "{\"label\":\"");
    at = pref_put_text(at, pref_vote_words[consensus->label]);
    at = pref_put_text(at, "\",\"agreement\":");
    if (consensus->weight == 0)
        at = pref_put_text(at, "null");
    else
        at = pref_put_double(at, pref_consensus_agreement(consensus));
    at = pref_put_text(at, ",\"n\":");
    at = pref_put_u64(at, consensus->n);
    at = pref_put_u64(pref_put_text(at, ",\"chosen\":"), counts[PREF_CHOSEN]);
    at = pref_put_u64(pref_put_text(at, ",\"rejected\":"), counts[PREF_REJECTED]);
    at = pref_put_u64(pref_put_text(at, ",\"tie\":"), counts[PREF_TIE]);
    at = pref_put_u64(pref_put_text(at, ",\"both_bad\":"), counts[PREF_BOTH_BAD]);
    at = pref_put_double(pref_put_text(at, ",\"p\":"), consensus->p);
    at = pref_put_text(vote_grades_put(at, &ballot->grades), "}");
    json->len = (size_t)(at - json->ptr);
}

/* The consensus of a ballot, given the model's p where there is a model. */
static struct pref_consensus decide(const struct vote *vote, const struct ballot *ballot, double p)
{
    if (learns(vote))
        return pref_consensus_believe(ballot->counted, p, (enum pref_ties)vote->ties,
                                      (enum pref_both_bad)vote->both_bad);
    return pref_consensus_weigh(ballot->counted, ballot->weight, ballot_unit(&vote->plan),
                                (enum pref_ties)vote->ties, (enum pref_both_bad)vote->both_bad);
}

static enum pref_verdict vote_map(const void *state, struct pref_job *job, void *note)
{
    const struct vote *vote = state;
    struct found *found = note;
    struct pref_span nothing = {NULL, 0};
    struct ballot ballot;
    double p = 0.5;
    int absent = ballot_absent(&vote->plan, job->doc);
    enum pref_verdict verdict =
        absent ? pref_missing(job, vote->field)
               : pref_annotate(job, vote->key, vote->annotation, keys, nothing);
    if (verdict != PREF_PASS)
        return verdict;
    if (ballot_take(&vote->plan, job, &ballot) != PREF_OK)
        return PREF_BROKEN;
    if (learns(vote) &&
        vote_model_ask(&vote->model, &vote->plan, job, &found->model, &p) != PREF_OK)
        return PREF_BROKEN;
    struct pref_consensus consensus = decide(vote, &ballot, p);
    found->voted = !absent;
    found->heard = ballot.seen;
    found->weighed = ballot.weighed;
    found->label = (uint8_t)consensus.label;
    found->agreed = ballot.agreed;
    found->disagreed = ballot.disagreed;
    found->unpaired = ballot.unpaired;
    found->unsure = ballot.unsure;
    found->ungraded = ballot.grades.n == 0;
    verdict = vote_rule(vote, job, &ballot, &consensus, found);
    if (verdict != PREF_PASS || (absent && !found->flipped))
        return verdict;
    if (found->flipped) {
        ballot_flip(&vote->plan, &ballot);
        consensus = decide(vote, &ballot, 1 - p);
    }
    write_annotation(&job->scratch[0], &ballot, &consensus);
    verdict = pref_annotate(job, vote->key, vote->annotation, keys,
                            pref_buf_span(&job->scratch[0]));
    if (verdict == PREF_PASS && found->flipped)
        found->untouched = pref_flip_edit(&vote->flipping.plan, &job->edits, vote->annotation);
    return verdict;
}

static enum pref_verdict vote_commit(void *state, struct pref_row *row, void *note)
{
    struct vote *vote = state;
    const struct found *found = note;
    vote->labels[found->label] += found->voted;
    vote->heard |= found->heard;
    vote->weighed |= found->weighed;
    vote->flips += found->flipped;
    vote->recycled += found->recycled;
    vote->agreed += found->agreed;
    vote->disagreed += found->disagreed;
    vote->unpaired += found->unpaired;
    vote->unknown += found->model.unknown;
    vote->unsure += found->unsure;
    vote->ungraded += found->ungraded;
    vote->apart += found->grades_fault == VOTE_GRADES_APART;
    vote->in_band += found->grades_fault == VOTE_GRADES_IN_BAND;
    vote->flipping.untouched += found->untouched;
    return row->verdict;
}

/* ---- Learning -------------------------------------------------------------------------------- */

static enum pref_verdict vote_learn(const void *state, struct pref_job *job, void *note)
{
    const struct vote *vote = state;
    struct found *found = note;
    const struct pref_span nothing = {NULL, 0};
    if (ballot_absent(&vote->plan, job->doc))
        return pref_missing(job, vote->field);
    enum pref_verdict verdict = pref_annotate(job, vote->key, vote->annotation, keys, nothing);
    if (verdict != PREF_PASS)
        return verdict;
    return vote_model_look(&vote->model, &vote->plan, job, &found->model) == PREF_OK ? PREF_USE
                                                                                     : PREF_BROKEN;
}

static enum pref_verdict vote_absorb(void *state, struct pref_row *row, void *note)
{
    struct vote *vote = state;
    const struct found *found = note;
    return vote_model_add(&vote->model, &vote->plan, row, &found->model) == PREF_OK ? PREF_USE
                                                                                    : PREF_BROKEN;
}

static int vote_settle(void *state, struct pref_err *err)
{
    struct vote *vote = state;
    return learns(vote) ? vote_model_settle(&vote->model, err) : PREF_OK;
}

static void vote_fit_options(const void *state, struct pref_buf *json)
{
    const struct vote *vote = state;
    vote_model_options(&vote->model, &vote->plan, json);
}

static int vote_save(void *state, struct pref_fit_writer *writer, struct pref_err *err)
{
    struct vote *vote = state;
    return vote_model_save(&vote->model, writer, err);
}

static int vote_load(void *state, const struct pref_fit_row *row, struct pref_err *err)
{
    struct vote *vote = state;
    return vote_patterns_load(&vote->model.patterns, row, err);
}

/* ---- The end --------------------------------------------------------------------------------- */

static void vote_report(const void *state, struct pref_report *report)
{
    const struct vote *vote = state;
    pref_report_count(report, "consensus_chosen", vote->labels[PREF_CHOSEN]);
    pref_report_count(report, "consensus_rejected", vote->labels[PREF_REJECTED]);
    pref_report_count(report, "consensus_tie", vote->labels[PREF_TIE]);
    if (vote->plan.swap_consistent) {
        pref_report_count(report, "swap_agreed", vote->agreed);
        pref_report_count(report, "swap_disagreed", vote->disagreed);
        pref_report_count(report, "swap_unpaired", vote->unpaired);
    }
    if (vote_grade_rules_any(&vote->grades)) {
        pref_report_count(report, "ungraded", vote->ungraded);
        pref_report_count(report, "grades_apart", vote->apart);
        pref_report_count(report, "grade_in_band", vote->in_band);
    }
    if (vote->plan.by_confidence)
        pref_report_count(report, "without_confidence", vote->unsure);
    if (learns(vote)) {
        vote_model_report(&vote->model, report);
        pref_report_count(report, "unknown_judges", vote->unknown);
    }
    if (vote->recycle != NULL)
        pref_report_count(report, "recycled", vote->recycled);
    vote_rule_report(vote, report);
    if (!flips(vote))
        return;
    pref_report_count(report, "flipped", vote->flips);
    flipping_report(&vote->flipping, report);
}

static void vote_close(void *state)
{
    struct vote *vote = state;
    judges_release(&vote->plan.judges);
    vote_weights_release(&vote->weigh);
    vote_model_release(&vote->model);
}

const struct pref_filter filter_vote = {
    .name = "vote",
    .brief = "write the consensus of each record's votes, and act on it",
    .options = options,
    .traits = PREF_FITS,
    .self_size = sizeof(struct vote),
    .note_size = sizeof(struct found),
    .preset = vote_preset,
    .open = vote_open,
    .learn = vote_learn,
    .absorb = vote_absorb,
    .settle = vote_settle,
    .map = vote_map,
    .commit = vote_commit,
    .fit_options = vote_fit_options,
    .fit_format = 1,
    .save = vote_save,
    .load = vote_load,
    .report = vote_report,
    .close = vote_close,
};
