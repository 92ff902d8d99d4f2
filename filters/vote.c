/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vote - the consensus of a record's votes by majority (lib/consensus.h), written down under
 * "vote", and what follows from it where an option asks: the record is rejected or flipped. All
 * can be said of a record by itself; commit only counts.
 */
#include "config.h"

#include "consensus.h"
#include "filters.h"
#include "flipping.h"
#include "share.h"

#include <stddef.h>
#include <string.h>

enum on_rejected { ON_REJECTED_KEEP, ON_REJECTED_DROP, ON_REJECTED_FLIP };

struct vote {
    uint64_t min_votes;
    struct pref_share min_agreement; /* its den is 0 where it was not given */
    int ties, both_bad, on_rejected; /* enum pref_ties, pref_both_bad, on_rejected */
    const char *key;   /* of the annotation */
    const char *field; /* the votes' */
    pref_place annotation;
    struct pref_votes votes;
    struct flipping flipping;
    uint64_t labels[PREF_TIE + 1], flips;
};

/* What commit counts of one record. */
struct found {
    uint8_t voted, label, flipped;
    uint32_t untouched;
};

static const struct pref_option options[] = {
    {"min-votes", 0, PREF_OPTION_COUNT, offsetof(struct vote, min_votes), "N",
     "reject a record of which fewer votes count"},
    {"min-agreement", 0, PREF_OPTION_SHARE, offsetof(struct vote, min_agreement), "X",
     "reject a record whose agreement is below X, such as 0.75 or 2/3"},
    {"ties", 0, PREF_OPTION_CHOICE, offsetof(struct vote, ties), "half|drop|keep",
     "what a vote tie counts as (half)"},
    {"both-bad", 0, PREF_OPTION_CHOICE, offsetof(struct vote, both_bad), "drop|tie|reject",
     "what a vote both_bad counts as (drop)"},
    {"on-rejected", 0, PREF_OPTION_CHOICE, offsetof(struct vote, on_rejected), "keep|drop|flip",
     "what to do where the consensus is rejected (keep)"},
    FLIPPING_OPTIONS(vote, flipping),
    PREF_OPTIONS_END};

/* The annotation's keys, in the order in which they are written. */
static const char *const keys[] = {"label", "agreement", "n",        "chosen", "rejected",
                                   "tie",   "both_bad",  "p", NULL};

static int open_flip(struct vote *vote, struct pref_opening *opening, struct pref_err *err)
{
    if (strcmp(vote->key, "flipped") == 0)
        return pref_usage(err, "--as: 'flipped' is the key that a flip writes, expected another");
    return flipping_open(&vote->flipping, opening, err);
}

static int vote_open(void *state, struct pref_opening *opening, struct pref_err *err)
{
    struct vote *vote = state;
    const struct pref_common *common = opening->common;
    vote->key = common->as == NULL ? "vote" : common->as;
    vote->field = common->names.votes;
    vote->annotation = pref_shape_key(opening->shape, PREF_ROOT, pref_span_of(vote->key));
    /* A null is replaced, not joined by a second key. */
    pref_shape_demand(opening->shape, vote->annotation, PREF_IS_ANY, PREF_NULL_IS_VALUE);
    vote->votes = pref_want_votes(opening->shape, vote->field);
    return vote->on_rejected == ON_REJECTED_FLIP
               ? open_flip(vote, opening, err)
               : flipping_unused(&vote->flipping, "--on-rejected flip", err);
}

static void write_annotation(struct pref_buf *json, const uint64_t counts[PREF_WORDS],
                             const struct pref_consensus *consensus)
{
    pref_buf_clear(json);
    pref_buf_add_text(json, "{\"label\":\"");
    pref_buf_add_text(json, pref_vote_words[consensus->label]);
    pref_buf_add_text(json, "\",\"agreement\":");
    if (consensus->n == 0)
        pref_buf_add_text(json, "null");
    else
        pref_buf_add_double(json, pref_consensus_agreement(consensus));
    pref_buf_add_text(json, ",\"n\":");
    pref_buf_add_u64(json, consensus->n);
    for (int word = PREF_CHOSEN; word < PREF_WORDS; word++) {
        pref_buf_add_text(json, ",\"");
        pref_buf_add_text(json, pref_vote_words[word]);
        pref_buf_add_text(json, "\":");
        pref_buf_add_u64(json, counts[word]);
    }
    pref_buf_add_text(json, ",\"p\":");
    pref_buf_add_double(json, consensus->p);
    pref_buf_add_byte(json, '}');
}

/* What the options reject: the verdict on a record with this consensus. */
static enum pref_verdict judge(const struct vote *vote, struct pref_job *job,
                               const struct pref_consensus *consensus)
{
    char least[PREF_SHARE_MAX];
    if (vote->both_bad == PREF_BOTH_BAD_REJECT && consensus->both_bad_leads)
        return pref_reject(job, "both_bad has the most votes");
    if (consensus->n < vote->min_votes)
        return pref_reject(job, "votes %llu < %llu", (unsigned long long)consensus->n,
                           (unsigned long long)vote->min_votes);
    if (vote->min_agreement.den != 0 &&
        !pref_share_at_least(vote->min_agreement, consensus->top, 2 * consensus->n)) {
        pref_share_print(least, vote->min_agreement);
        if (consensus->n == 0)
            return pref_reject(job, "no votes to agree, expected agreement %s", least);
        return pref_reject(job, "agreement %llu%s/%llu < %s",
                           (unsigned long long)(consensus->top / 2),
                           consensus->top % 2 != 0 ? ".5" : "", (unsigned long long)consensus->n,
                           least);
    }
    if (vote->on_rejected == ON_REJECTED_DROP && consensus->label == PREF_REJECTED)
        return pref_reject(job, "consensus is rejected");
    return PREF_PASS;
}

static enum pref_verdict vote_map(const void *state, struct pref_job *job, void *note)
{
    const struct vote *vote = state;
    struct found *found = note;
    uint64_t counts[PREF_WORDS] = {0};
    struct pref_span nothing = {NULL, 0};
    struct pref_vote one;
    int absent = pref_doc_at(job->doc, vote->votes.array) == NULL;
    enum pref_verdict verdict =
        absent ? pref_missing(job, vote->field)
               : pref_annotate(job, vote->key, vote->annotation, keys, nothing);
    if (verdict != PREF_PASS)
        return verdict;
    for (size_t at = pref_votes_begin(&vote->votes, job->doc);
         pref_vote_next(&vote->votes, job->doc, &at, &one);)
        counts[one.word]++;
    struct pref_consensus consensus =
        pref_consensus_of(counts, (enum pref_ties)vote->ties, (enum pref_both_bad)vote->both_bad);
    found->voted = !absent;
    found->label = (uint8_t)consensus.label;
    verdict = judge(vote, job, &consensus);
    if (verdict != PREF_PASS || absent)
        return verdict;
    int flips = vote->on_rejected == ON_REJECTED_FLIP && consensus.label == PREF_REJECTED;
    if (flips) {
        uint64_t chosen = counts[PREF_REJECTED];
        counts[PREF_REJECTED] = counts[PREF_CHOSEN];
        counts[PREF_CHOSEN] = chosen;
        consensus = pref_consensus_of(counts, (enum pref_ties)vote->ties,
                                      (enum pref_both_bad)vote->both_bad);
    }
    write_annotation(&job->scratch[0], counts, &consensus);
    verdict = pref_annotate(job, vote->key, vote->annotation, keys,
                            pref_buf_span(&job->scratch[0]));
    if (flips) {
        found->flipped = 1;
        found->untouched = pref_flip_edit(&vote->flipping.plan, &job->edits, vote->annotation);
    }
    return verdict;
}

static enum pref_verdict vote_commit(void *state, struct pref_row *row, void *note)
{
    struct vote *vote = state;
    const struct found *found = note;
    vote->labels[found->label] += found->voted;
    vote->flips += found->flipped;
    vote->flipping.untouched += found->untouched;
    return row->verdict;
}

static void vote_report(const void *state, struct pref_report *report)
{
    const struct vote *vote = state;
    pref_report_count(report, "consensus_chosen", vote->labels[PREF_CHOSEN]);
    pref_report_count(report, "consensus_rejected", vote->labels[PREF_REJECTED]);
    pref_report_count(report, "consensus_tie", vote->labels[PREF_TIE]);
    if (vote->on_rejected != ON_REJECTED_FLIP)
        return;
    pref_report_count(report, "flipped", vote->flips);
    flipping_report(&vote->flipping, report);
}

const struct pref_filter filter_vote = {
    .name = "vote",
    .brief = "write the consensus of each record's votes, and act on it",
    .options = options,
    .self_size = sizeof(struct vote),
    .note_size = sizeof(struct found),
    .open = vote_open,
    .map = vote_map,
    .commit = vote_commit,
    .report = vote_report,
};
