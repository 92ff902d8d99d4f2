/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "pref/consensus.h"

/* The strict plurality among halves by word, what it has and by how much it leads. */
static void find_plurality(struct pref_consensus *consensus, const uint64_t halves[3])
{
    uint64_t next = 0;
    consensus->label = PREF_TIE;
    for (int word = PREF_CHOSEN; word <= PREF_TIE; word++) {
        if (halves[word] > consensus->top) {
            next = consensus->top;
            consensus->top = halves[word];
            consensus->label = (enum pref_word)word;
        } else if (halves[word] > next) {
            next = halves[word];
        }
    }
    consensus->lead = consensus->top - next;
    if (consensus->lead == 0)
        consensus->label = PREF_TIE;
}

/* How many of the votes, or how much of the weight, counts. */
static uint64_t sum_of(const uint64_t votes[PREF_WORDS], enum pref_ties ties,
                       enum pref_both_bad both_bad)
{
    uint64_t tie = votes[PREF_TIE] + (both_bad == PREF_BOTH_BAD_TIE ? votes[PREF_BOTH_BAD] : 0);
    return votes[PREF_CHOSEN] + votes[PREF_REJECTED] + (ties == PREF_TIES_DROP ? 0 : tie);
}

struct pref_consensus pref_consensus_weigh(const uint64_t counts[PREF_WORDS],
                                           const uint64_t weights[PREF_WORDS], uint64_t unit,
                                           enum pref_ties ties, enum pref_both_bad both_bad)
{
    struct pref_consensus consensus = {0};
    uint64_t chosen = weights[PREF_CHOSEN], rejected = weights[PREF_REJECTED];
    uint64_t bad = weights[PREF_BOTH_BAD];
    consensus.both_bad_leads = bad > chosen && bad > rejected &&
                               (ties == PREF_TIES_DROP || bad > weights[PREF_TIE]);
    consensus.n = sum_of(counts, ties, both_bad);
    consensus.weight = sum_of(weights, ties, both_bad);
    uint64_t tie = consensus.weight - chosen - rejected;
    uint64_t shared = ties == PREF_TIES_HALF ? tie : 0;
    uint64_t halves[3] = {2 * chosen + shared, 2 * rejected + shared, 2 * (tie - shared)};
    find_plurality(&consensus, halves);
    consensus.p = (double)(2 * chosen + tie + 2 * unit) / (double)(2 * consensus.weight + 4 * unit);
    return consensus;
}

struct pref_consensus pref_consensus_of(const uint64_t counts[PREF_WORDS], enum pref_ties ties,
                                        enum pref_both_bad both_bad)
{
    return pref_consensus_weigh(counts, counts, 1, ties, both_bad);
}

struct pref_consensus pref_consensus_believe(const uint64_t counts[PREF_WORDS], double p,
                                             enum pref_ties ties, enum pref_both_bad both_bad)
{
    struct pref_consensus consensus = pref_consensus_of(counts, ties, both_bad);
    uint64_t tie = consensus.weight - counts[PREF_CHOSEN] - counts[PREF_REJECTED];
    uint64_t shared = ties == PREF_TIES_HALF ? tie : 0;
    consensus.p = p;
    consensus.lead = 0;
    consensus.label = p > 0.5 ? PREF_CHOSEN : p < 0.5 ? PREF_REJECTED : PREF_TIE;
    if (consensus.label == PREF_TIE) /* what a side has of them, on average */
        consensus.top = counts[PREF_CHOSEN] + counts[PREF_REJECTED] + shared;
    else
        consensus.top = 2 * counts[consensus.label] + shared;
    return consensus;
}

double pref_consensus_agreement(const struct pref_consensus *consensus)
{
    return (double)consensus->top / (double)(2 * consensus->weight);
}
