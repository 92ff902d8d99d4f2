/* SPDX-License-Identifier: Apache-2.0 */
/* flip - exchange the two sides of every record; pref/flip.h says what that means. */
#include "config.h"

#include "filters.h"
#include "filters/common/flipping.h"

#include <stddef.h>

struct flip {
    struct flipping flipping;
};

static const struct pref_option options[] = {FLIPPING_OPTIONS(flip, flipping), PREF_OPTIONS_END};

static int flip_open(void *state, struct pref_opening *opening, struct pref_err *err)
{
    struct flip *flip = state;
    return flipping_open(&flip->flipping, opening, err);
}

static enum pref_verdict flip_map(const void *state, struct pref_job *job, void *note)
{
    const struct flip *flip = state;
    *(uint32_t *)note = pref_flip_edit(&flip->flipping.plan, &job->edits, PREF_NOWHERE);
    return PREF_PASS;
}

static enum pref_verdict flip_commit(void *state, struct pref_row *row, void *note)
{
    struct flip *flip = state;
    flip->flipping.untouched += *(const uint32_t *)note;
    return row->verdict;
}

static void flip_report(const void *state, struct pref_report *report)
{
    const struct flip *flip = state;
    flipping_report(&flip->flipping, report);
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
