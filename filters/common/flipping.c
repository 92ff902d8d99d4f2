/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "flipping.h"

int flipping_open(struct flipping *flipping, struct pref_opening *opening, struct pref_err *err)
{
    struct pref_flip *plan = &flipping->plan;
    int status = PREF_OK;
    pref_flip_want(plan, opening->shape, &opening->common->names);
    for (size_t i = 0; i < flipping->sides.count && status == PREF_OK; i++)
        status = pref_flip_add_side(plan, opening->shape, flipping->sides.text[i], err);
    for (size_t i = 0; i < flipping->turns.count && status == PREF_OK; i++)
        status = pref_flip_add_turn(plan, opening->shape, flipping->turns.text[i], err);
    if (status != PREF_OK)
        return status;
    for (unsigned i = 0; i < plan->sides; i++) {
        pref_open_await(opening, plan->side[i][0]);
        pref_open_await(opening, plan->side[i][1]);
    }
    for (unsigned i = 0; i < plan->turns; i++)
        pref_open_await(opening, plan->turn[i]);
    if (flipping->label != NULL)
        pref_flip_add_label(plan, opening->shape, flipping->label);
    return pref_flip_check(plan, opening->shape, err);
}

int flipping_unused(const struct flipping *flipping, const char *instead, struct pref_err *err)
{
    if (flipping->sides.count == 0 && flipping->turns.count == 0)
        return PREF_OK;
    return pref_usage(err, "--%s needs %s", flipping->sides.count > 0 ? "sides" : "turn", instead);
}

void flipping_report(const struct flipping *flipping, struct pref_report *report)
{
    pref_report_count(report, "sided_untouched", flipping->untouched);
    if (flipping->untouched > 0)
        pref_report_warn(report,
                         "%llu other values name a side and were left alone: see --sides, --turn",
                         (unsigned long long)flipping->untouched);
}
