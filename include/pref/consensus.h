/* SPDX-License-Identifier: Apache-2.0 */
/*
 * consensus.h - what a record's votes come to by majority, each vote being one or having a weight.
 * Pure arithmetic on four counts, in integers: a vote is counted as two half votes, so that a tie
 * can be halved and nothing is ever rounded before the one division that gives a number to print.
 *
 * Called by vote, which annotates it, and by loo's majority oracle, which asks whether it stays.
 * Plain values; nothing to release.
 */
#ifndef PREF_CONSENSUS_H
#define PREF_CONSENSUS_H

#include "record.h"

/* What a vote "tie" counts as. */
enum pref_ties {
    PREF_TIES_HALF, /* half a vote for each side */
    PREF_TIES_DROP, /* nothing */
    PREF_TIES_KEEP  /* a vote for a label of its own */
};

/* What a vote "both_bad" counts as. */
enum pref_both_bad {
    PREF_BOTH_BAD_DROP,  /* nothing */
    PREF_BOTH_BAD_TIE,   /* a tie, whatever that counts as */
    PREF_BOTH_BAD_REJECT /* nothing, but the caller rejects a record that has it in front */
};

struct pref_consensus {
    enum pref_word label; /* PREF_CHOSEN, PREF_REJECTED or PREF_TIE */
    uint64_t n;           /* votes counted */
    uint64_t weight;      /* of all votes counted; n where each weighs one */
    uint64_t top;         /* the label's weight; without a strict plurality, of each label
                           * that shares the lead. In halves, as lead */
    uint64_t lead;        /* by how much the label is ahead of the next; 0 without a strict
                           * plurality */
    double p;             /* posterior probability that chosen is better */
    int both_bad_leads;   /* both_bad has more votes than any other word, each as cast (a word
                           * that does not count, tie under PREF_TIES_DROP, is not compared) */
};

/*
 * The consensus of `counts` votes, by enum pref_word, each below 2^60.
 *
 * The label is the strict plurality of what is counted: of the two sides, each with its half of
 * the ties (half); of the two sides (drop); of the two sides and tie (keep). There being none, it
 * is tie. p is the mean of a Beta posterior with a flat prior, the rule of succession, in which a
 * tie that counts is half a success: (chosen + tie/2 + 1) / (n + 2).
 */
struct pref_consensus pref_consensus_of(const uint64_t counts[PREF_WORDS], enum pref_ties ties,
                                        enum pref_both_bad both_bad);

/*
 * The same where votes have weights: `weights` are their sums by word, in multiples of 1 / `unit`,
 * each below 2^60 as are the counts. Label, agreement and both_bad_leads go by weight, n by count;
 * p = (W_chosen + W_tie/2 + 1) / (W + 2), the weights standing as they are for numbers of votes.
 * Both sides of that division are integers, exact in a double while W < 2^52 / unit - 2.
 */
struct pref_consensus pref_consensus_weigh(const uint64_t counts[PREF_WORDS],
                                           const uint64_t weights[PREF_WORDS], uint64_t unit,
                                           enum pref_ties ties, enum pref_both_bad both_bad);

/*
 * The same where a model of the judges says how probable it is that chosen is better: p is that,
 * and the label the side that it favours. n and the weight are as of counted votes; top is what
 * the label has of them, which need not be most, and lead 0. Where p is 1/2 neither side is
 * favoured: the label is tie, and top the mean of what the two sides have.
 */
struct pref_consensus pref_consensus_believe(const uint64_t counts[PREF_WORDS], double p,
                                             enum pref_ties ties, enum pref_both_bad both_bad);

/* The agreement, top / (2 weight), as a double; `consensus->weight` must not be 0. */
double pref_consensus_agreement(const struct pref_consensus *consensus);

#endif
