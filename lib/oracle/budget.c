/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "budget.h"

enum budget_verdict budget_judge(const struct budget *budget, uint64_t most)
{
    uint64_t left = budget->limit - budget->used;
    if (most <= left - budget->open)
        return BUDGET_GRANTED;
    return most > left - budget->running ? BUDGET_REFUSED : BUDGET_WAIT;
}

void budget_begin(struct budget *budget, uint64_t most)
{
    budget->open += most;
    budget->running++;
}

void budget_spend(struct budget *budget, uint64_t n)
{
    budget->used += n;
    budget->open -= n;
}

void budget_end(struct budget *budget, uint64_t rest)
{
    budget->open -= rest;
    budget->running--;
}
