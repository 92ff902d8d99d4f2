/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "dedup_groups.h"

#include <math.h>
#include <stdlib.h>

int groups_open(struct groups *groups, int keep, struct pref_err *err)
{
    groups->keep = keep;
    groups->keys = pref_keyset_new_numbered();
    return groups->keys == NULL ? pref_fail_memory(err, "the table of keys") : PREF_OK;
}

void groups_close(struct groups *groups)
{
    pref_keyset_free(groups->keys);
    free(groups->winner);
    free(groups->best);
    free(groups->copies);
    *groups = (struct groups){0};
}

/* Room for one more group: arrays grow by a quarter, so that little of them lies idle. */
static int make_room(struct groups *groups)
{
    size_t cap = groups->cap + groups->cap / 4 + 1024;
    uint64_t *winner = realloc(groups->winner, cap * sizeof *winner);
    if (winner == NULL)
        return -1;
    groups->winner = winner;
    uint32_t *copies = realloc(groups->copies, cap * sizeof *copies);
    if (copies == NULL)
        return -1;
    groups->copies = copies;
    if (groups->keep == KEEP_MAX || groups->keep == KEEP_MIN) {
        double *best = realloc(groups->best, cap * sizeof *best);
        if (best == NULL)
            return -1;
        groups->best = best;
    }
    groups->cap = cap;
    return 0;
}

/* Whether a value is better than one that came earlier. */
static int is_better(int keep, double value, double than)
{
    if (isnan(than))
        return !isnan(value);
    return keep == KEEP_MAX ? value > than : value < than;
}

static int add_new(struct groups *groups, uint32_t group, double value, uint64_t ordinal)
{
    if (group >= groups->cap && make_room(groups) != 0)
        return -1;
    groups->winner[group] = ordinal;
    groups->copies[group] = 1;
    if (groups->best != NULL)
        groups->best[group] = value;
    return 0;
}

int groups_add(struct groups *groups, struct pref_h128 key, double value, uint64_t ordinal,
               struct pref_err *err)
{
    uint32_t group;
    int added = pref_keyset_add_number(groups->keys, key, &group);
    if (added < 0 || (added && add_new(groups, group, value, ordinal) != 0)) {
        pref_fail_memory(err, "the table of keys");
        return -1;
    }
    if (added)
        return 1;
    if (groups->copies[group] == UINT32_MAX) {
        pref_fail(err, "more than %lu equal records", (unsigned long)UINT32_MAX);
        return -1;
    }
    groups->copies[group]++;
    if (groups->keep == KEEP_LAST) {
        groups->winner[group] = ordinal;
    } else if (groups->best != NULL && is_better(groups->keep, value, groups->best[group])) {
        groups->winner[group] = ordinal;
        groups->best[group] = value;
    }
    return 0;
}

int groups_find(const struct groups *groups, struct pref_h128 key, uint32_t *group)
{
    return pref_keyset_find_number(groups->keys, key, group);
}

uint32_t groups_choose(const struct groups *groups, uint32_t a, uint32_t b)
{
    if (groups->winner[a] > groups->winner[b]) {
        uint32_t earlier = b;
        b = a;
        a = earlier;
    }
    if (groups->keep == KEEP_LAST)
        return b;
    return groups->best != NULL && is_better(groups->keep, groups->best[b], groups->best[a]) ? b
                                                                                             : a;
}
