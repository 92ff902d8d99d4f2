/* SPDX-License-Identifier: Apache-2.0 */
/*
 * budget.h - so many questions for a whole run, granted in input order, whatever the timing. A
 * record may begin if the most that it may ask fits in what those before it leave. That is known
 * once they are all finished; but often sooner, since what they will have used lies between what
 * they must ask and what they may: a record is granted when even the most leaves room, refused when
 * even the least leaves none, and waits otherwise. So the verdict is always that of a run that does
 * one record after the other.
 *
 * Used by the engine, which asks for one record after the other in input order, and for the next
 * only once there is a verdict. Pure counting: nothing here can fail.
 */
#ifndef PREF_BUDGET_H
#define PREF_BUDGET_H

#include "pref/base.h"

struct budget {
    uint64_t limit;   /* questions in all */
    uint64_t used;    /* that have been asked */
    uint64_t open;    /* that the records which are under way may still ask, at most */
    uint64_t running; /* how many these are: each asks at least one more. used + open <= limit */
};

enum budget_verdict { BUDGET_GRANTED, BUDGET_REFUSED, BUDGET_WAIT };

/* What becomes of the next record, which may ask `most` questions, from 1. */
enum budget_verdict budget_judge(const struct budget *budget, uint64_t most);

/* A record that was granted `most` begins; has asked `n` of what was open to it; ends, and does not
 * need the `rest` of it. */
void budget_begin(struct budget *budget, uint64_t most);
void budget_spend(struct budget *budget, uint64_t n);
void budget_end(struct budget *budget, uint64_t rest);

#endif
