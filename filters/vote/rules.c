/* SPDX-License-Identifier: Apache-2.0 */
/* rules.c - who passes: by the numbers of the consensus, by who says what, by the label. */
#include "config.h"

#include "state.h"
#include "filters/common/unheard.h"

/* "agreement 2.5/4 < 2/3": halves, and a sum, of weights in multiples of 1 / unit. */
static enum pref_verdict reject_agreement(struct pref_job *job, uint64_t unit,
                                          const struct pref_consensus *consensus, const char *sign,
                                          struct pref_share bound)
{
    char text[PREF_SHARE_MAX];
    struct pref_buf *why = &job->scratch[0];
    const uint64_t parts[2] = {consensus->top, 2 * consensus->weight};
    pref_share_print(text, bound);
    pref_buf_clear(why);
    for (int i = 0; i < 2; i++) {
        uint64_t rest = parts[i] % (2 * unit) * 5, digit = unit;
        pref_buf_add_text(why, i == 0 ? "agreement " : "/");
        pref_buf_add_u64(why, parts[i] / (2 * unit));
        if (rest > 0)
            pref_buf_add_byte(why, '.');
        for (; rest > 0; rest %= digit, digit /= 10)
            pref_buf_add_u64(why, rest / digit);
    }
    if (why->failed)
        return pref_reject(job, "agreement %s %s", sign, text);
    return pref_reject(job, "%.*s %s %s", (int)why->len, why->ptr, sign, text);
}

/* What the options reject by numbers: the verdict on a record with this consensus. */
static enum pref_verdict judge(const struct vote *vote, struct pref_job *job,
                               const struct pref_consensus *consensus)
{
    char least[PREF_SHARE_MAX];
    uint64_t unit = ballot_unit(&vote->plan), top = consensus->top, whole = 2 * consensus->weight;
    if (vote->both_bad == PREF_BOTH_BAD_REJECT && consensus->both_bad_leads)
        return pref_reject(job, "both_bad has the most votes");
    if (consensus->n < vote->min_votes)
        return pref_reject(job, "votes %llu < %llu", (unsigned long long)consensus->n,
                           (unsigned long long)vote->min_votes);
    if (vote->min_agreement.den != 0 && whole == 0) {
        pref_share_print(least, vote->min_agreement);
        return pref_reject(job, "no votes to agree, expected agreement %s", least);
    }
    if (vote->min_agreement.den != 0 && !pref_share_at_least(vote->min_agreement, top, whole))
        return reject_agreement(job, unit, consensus, "<", vote->min_agreement);
    if (vote->max_agreement.den != 0 && whole != 0 &&
        !pref_share_at_most(vote->max_agreement, top, whole))
        return reject_agreement(job, unit, consensus, ">", vote->max_agreement);
    return PREF_PASS;
}

/* "not accepted: gold no, best yes, llm -". */
static enum pref_verdict refuse(const struct vote *vote, struct pref_job *job,
                                const struct ballot *ballot)
{
    const struct judges *judges = &vote->plan.judges;
    enum pref_verdict verdict = pref_reject(job, "not accepted");
    for (unsigned i = 0; i < judges->count; i++) {
        pref_buf_add_text(&job->why, i == 0 ? ": " : ", ");
        pref_buf_add_span(&job->why, judges_name(judges, i));
        pref_buf_add_text(&job->why, !(ballot->seen >> i & 1)     ? " -"
                                     : ballot->spoiled >> i & 1 ? " no"
                                                                : " yes");
    }
    return verdict;
}

/* What the options make of which judges say what, and of the label. */
static enum pref_verdict choose(const struct vote *vote, struct pref_job *job,
                                const struct ballot *ballot, enum pref_word label,
                                struct found *found)
{
    uint64_t chosen = ballot->seen & ~ballot->spoiled;
    if (vote->accept != NULL && !judges_expr_holds(&vote->accepts, ballot->seen, chosen)) {
        if (vote->recycle == NULL || !judges_expr_holds(&vote->recycles, ballot->seen, chosen))
            return refuse(vote, job, ballot);
        found->recycled = found->flipped = 1;
        return PREF_PASS;
    }
    if (vote->on_tie == ON_TIE_DROP && label == PREF_TIE && found->voted)
        return pref_reject(job, "consensus is tie");
    if (vote->on_rejected == ON_REJECTED_DROP && label == PREF_REJECTED)
        return pref_reject(job, "consensus is rejected");
    found->flipped = vote->on_rejected == ON_REJECTED_FLIP && label == PREF_REJECTED;
    return PREF_PASS;
}

enum pref_verdict vote_rule(const struct vote *vote, struct pref_job *job,
                            const struct ballot *ballot, const struct pref_consensus *consensus,
                            struct found *found)
{
    enum pref_verdict verdict = judge(vote, job, consensus);
    if (verdict == PREF_PASS)
        verdict = vote_grade_rules_judge(&vote->grades, job, &ballot->grades,
                                         &found->grades_fault);
    return verdict == PREF_PASS ? choose(vote, job, ballot, consensus->label, found) : verdict;
}

/* The lowest number that is not in a set, or 64. */
static unsigned first_missing(uint64_t set)
{
    unsigned i = 0;
    while (i < 64 && set >> i & 1)
        i++;
    return i;
}

void vote_rule_report(const struct vote *vote, struct pref_report *report)
{
    const struct judges *judges = &vote->plan.judges;
    const uint64_t *labels = vote->labels;
    if (labels[PREF_CHOSEN] + labels[PREF_REJECTED] + labels[PREF_TIE] == 0)
        return;
    unsigned i = first_missing(vote->heard);
    if (i < judges->count)
        unheard_warn(report, judges_name(judges, i),
                     vote->recycle == NULL ? "--accept names" : "--accept or --recycle names");
    i = first_missing(vote->weighed);
    if (i < vote->weigh.count && i < 64)
        unheard_warn(report, vote_weights_name(&vote->weigh, i), "--weights names");
}
