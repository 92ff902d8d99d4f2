/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "loo_rules.h"

static int64_t balance(const struct loo_search *search, const int8_t *side)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < search->count; i++)
        sum += search->items[i].kept ? side[i] : 0;
    return sum;
}

void loo_by_majority(struct loo_search *search, const int8_t *side, uint64_t lead)
{
    int64_t all = balance(search, side), left = all;
    int64_t sign = all < 0 ? -1 : 1;
    while (loo_asks(search)) {
        uint32_t at = search->at;
        int64_t without = search->state == LOO_FULL ? left : left - side[at];
        int sufficient = all != 0 && without * sign > 0 && (uint64_t)(without * sign) >= lead;
        int leaves = search->state == LOO_ROUNDS && sufficient;
        loo_answer(search, sufficient);
        if (leaves)
            left -= side[at];
    }
}

/* The mean and population variance of the differences in the subset being asked about. */
static uint32_t moments(const struct loo_search *search, const double *difference, double *mean,
                        double *variance)
{
    uint32_t n = 0;
    double sum = 0, squares = 0;
    for (uint32_t i = 0; i < search->count; i++) {
        if (loo_has(search, i)) {
            sum += difference[i];
            n++;
        }
    }
    *mean = n == 0 ? 0 : sum / n;
    for (uint32_t i = 0; i < search->count; i++) {
        double off = difference[i] - *mean;
        squares += loo_has(search, i) ? off * off : 0;
    }
    *variance = n == 0 ? 0 : squares / n;
    return n;
}

void loo_by_strength(struct loo_search *search, const double *difference, double z)
{
    double all = 0;
    while (loo_asks(search)) {
        double mean, variance;
        uint32_t n = moments(search, difference, &mean, &variance);
        if (search->state == LOO_FULL)
            all = mean;
        int keeps_sign = (mean > 0 && all > 0) || (mean < 0 && all < 0);
        loo_answer(search, n >= 2 && keeps_sign && mean * mean * n >= z * z * variance);
    }
}
