/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "rules.h"

#include "filters/strength/measure.h"
#include "pref/consensus.h"

#include <math.h>

static struct pref_consensus consensus_of(const uint64_t counts[PREF_WORDS])
{
    return pref_consensus_of(counts, PREF_TIES_HALF, PREF_BOTH_BAD_DROP);
}

/* Add or take away the votes of the unit that is being left out. */
static void move_votes(const struct loo_search *search, const uint8_t *words,
                       uint64_t counts[PREF_WORDS], int sign)
{
    if (search->of == NULL) {
        counts[words[search->at]] += (uint64_t)sign;
        return;
    }
    for (uint32_t i = 0; i < search->items; i++)
        if (search->of[i] == search->at)
            counts[words[i]] += (uint64_t)sign;
}

void loo_by_majority(struct loo_search *search, const uint8_t *words, uint64_t lead)
{
    uint64_t counts[PREF_WORDS] = {0};
    for (uint32_t i = 0; i < search->items; i++)
        counts[words[i]]++;
    enum pref_word label = consensus_of(counts).label;
    while (loo_asks(search)) {
        /* The counts are those of the items kept; one unit is left out for a moment. */
        int tries = search->state == LOO_ROUNDS;
        if (tries)
            move_votes(search, words, counts, -1);
        struct pref_consensus left = consensus_of(counts);
        int sufficient = label != PREF_TIE && left.label == label && left.lead / 2 >= lead;
        if (tries && !sufficient)
            move_votes(search, words, counts, 1);
        loo_answer(search, sufficient);
    }
}

void loo_by_posterior(struct loo_search *search, const struct vote_model *model,
                      const uint32_t *cells, uint32_t *room, double least)
{
    double all = 0.5;
    while (loo_asks(search)) {
        uint32_t n = 0;
        for (uint32_t i = 0; i < search->items; i++)
            if (loo_has(search, i))
                room[n++] = cells[i];
        double p = vote_model_p(model, room, n);
        if (search->state == LOO_FULL)
            all = p;
        loo_answer(search, (all > 0.5 && p > 0.5 && p >= least) ||
                               (all < 0.5 && p < 0.5 && 1 - p >= least));
    }
}

void loo_by_strength(struct loo_search *search, const double *d, double *room, double z)
{
    double all = 0;
    while (loo_asks(search)) {
        uint32_t n = 0;
        for (uint32_t i = 0; i < search->items; i++)
            if (loo_has(search, i))
                room[n++] = d[i];
        struct strength_moments m = {0, 0};
        if (n > 0)
            m = strength_measure(room, n);
        if (search->state == LOO_FULL)
            all = m.mean;
        int keeps_sign = (m.mean > 0 && all > 0) || (m.mean < 0 && all < 0);
        loo_answer(search, n >= 2 && keeps_sign && fabs(m.mean) >= z * (m.sd / sqrt(n)));
    }
}
