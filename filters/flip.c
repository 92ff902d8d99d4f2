/* SPDX-License-Identifier: Apache-2.0 */
/* flip - exchange the two sides of every record; lib/flip.h says what that means. */
#include "config.h"

#include "filters.h"
#include "flip.h"

#include <stddef.h>

struct flip {
    struct pref_texts sides, turns;
    struct pref_flip plan;
    uint64_t untouched;
};

static const struct pref_option options[] = {
    {"sides", 0, PREF_OPTION_LIST, offsetof(struct flip, sides), "A:B",
     "exchange the values of these two fields too; may be repeated"},
    {"turn", 0, PREF_OPTION_LIST, offsetof(struct flip, turns), "POINTER",
     "turn this label, chosen or rejected, too; may be repeated"},
    PREF_OPTIONS_END};

static int flip_open(void *state, struct pref_opening *opening, struct pref_err *err)
{
    struct flip *flip = state;
    int status = PREF_OK;
    pref_flip_want(&flip->plan, opening->shape, &opening->common->names);
    for (size_t i = 0; i < flip->sides.count && status == PREF_OK; i++)
        status = pref_flip_add_side(&flip->plan, opening->shape, flip->sides.text[i], err);
    for (size_t i = 0; i < flip->turns.count && status == PREF_OK; i++)
        status = pref_flip_add_turn(&flip->plan, opening->shape, flip->turns.text[i], err);
    return status == PREF_OK ? pref_flip_check(&flip->plan, opening->shape, err) : status;
}

static enum pref_verdict flip_map(const void *state, struct pref_job *job, void *note)
{
    const struct flip *flip = state;
    *(uint32_t *)note = pref_flip_edit(&flip->plan, &job->edits, PREF_NOWHERE);
    return PREF_PASS;
}

static enum pref_verdict flip_commit(void *state, struct pref_row *row, void *note)
{
    struct flip *flip = state;
    flip->untouched += *(const uint32_t *)note;
    return row->verdict;
}

static void flip_report(const void *state, struct pref_report *report)
{
    const struct flip *flip = state;
    pref_report_count(report, "sided_untouched", flip->untouched);
    if (flip->untouched > 0)
        pref_report_warn(report,
                         "%llu other values name a side and were left alone: see --sides, --turn",
                         (unsigned long long)flip->untouched);
}

const struct pref_filter filter_flip = {
    .name = "flip",
    .brief = "exchange the two sides of every record",
    .options = options,
    .self_size = sizeof(struct flip),
    .note_size = sizeof(uint32_t),
    .open = flip_open,
    .map = flip_map,
    .commit = flip_commit,
    .report = flip_report,
};
