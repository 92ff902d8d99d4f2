/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state.h - the state of vote, shared by its parts: vote.c has the options and what is written,
 * rules.c what the options make of a consensus.
 */
#ifndef PREF_VOTE_STATE_H
#define PREF_VOTE_STATE_H

#include "ballot.h"
#include "model.h"
#include "filters/common/flipping.h"
#include "pref/consensus.h"
#include "pref/share.h"

enum method { METHOD_MAJORITY, METHOD_WEIGHTED, METHOD_DAWID_SKENE, METHOD_CALIBRATED };
enum on_tie { ON_TIE_KEEP, ON_TIE_DROP };
enum on_rejected { ON_REJECTED_KEEP, ON_REJECTED_DROP, ON_REJECTED_FLIP };

struct vote {
    uint64_t min_votes;
    struct pref_share min_agreement, max_agreement; /* den is 0 where it was not given */
    struct vote_grade_rules grades;
    int method, ties, both_bad, on_tie, on_rejected; /* enum method, pref_ties, ... */
    const char *weights, *accept, *recycle;  /* as given, or NULL */
    const char *key;   /* of the annotation */
    const char *field; /* that the votes come from */
    pref_place annotation;
    struct ballot_plan plan;
    struct vote_weights weigh;
    struct vote_model model; /* where the method learns one */
    struct judges_expr accepts, recycles;
    struct flipping flipping;
    uint64_t labels[PREF_TIE + 1], flips, recycled, agreed, disagreed, unpaired, unknown;
    uint64_t ungraded, apart, in_band, unsure;
    uint64_t heard, weighed; /* sets of judges that had a vote: as struct ballot has them */
};

/* What commit counts of one record, and absorb learns of it. */
struct found {
    struct vote_model_note model;
    uint64_t heard, weighed;
    uint8_t voted, label, flipped, recycled;
    uint8_t ungraded, grades_fault; /* enum vote_grades_fault */
    uint32_t agreed, disagreed, unpaired; /* judges, see struct ballot */
    uint32_t untouched, unsure;
};

/* What the options make of a record with this ballot and consensus: PASS, with what becomes of it
 * in `found`, or a rejection. */
enum pref_verdict vote_rule(const struct vote *vote, struct pref_job *job,
                            const struct ballot *ballot, const struct pref_consensus *consensus,
                            struct found *found);

/* Warn of a judge that --accept or --recycle names and that had no vote in any record: what is
 * asked of it then holds of all records or of none. And of one that --weights names. */
void vote_rule_report(const struct vote *vote, struct pref_report *report);

#endif
