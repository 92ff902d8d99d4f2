/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "consensus.h"

/* The strict plurality among half votes by word, what it has and by how much it leads. */
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

struct pref_consensus pref_consensus_of(const uint64_t counts[PREF_WORDS], enum pref_ties ties,
                                        enum pref_both_bad both_bad)
{
    struct pref_consensus consensus = {0};
    uint64_t chosen = counts[PREF_CHOSEN], rejected = counts[PREF_REJECTED];
    uint64_t bad = counts[PREF_BOTH_BAD], tie = counts[PREF_TIE];
    consensus.both_bad_leads =
        bad > chosen && bad > rejected && (ties == PREF_TIES_DROP || bad > tie);
    if (both_bad == PREF_BOTH_BAD_TIE)
        tie += bad;
    if (ties == PREF_TIES_DROP)
        tie = 0;
    uint64_t shared = ties == PREF_TIES_HALF ? tie : 0;
    uint64_t halves[3] = {2 * chosen + shared, 2 * rejected + shared, 2 * (tie - shared)};
    find_plurality(&consensus, halves);
    consensus.n = chosen + rejected + tie;
    consensus.p = (double)(2 * chosen + tie + 2) / (double)(2 * consensus.n + 4);
    return consensus;
}

double pref_consensus_agreement(const struct pref_consensus *consensus)
{
    return (double)consensus->top / (double)(2 * consensus->n);
}
