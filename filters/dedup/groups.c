/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "groups.h"

#include <math.h>
#include <stdlib.h>

#define KEY_BYTES_MOST 28 /* of a numbered set of keys, see keyset.h */

static int has_best(struct groups_rules rules)
{
    return rules.keep == KEEP_MAX || rules.keep == KEEP_MIN;
}

int groups_open(struct groups *groups, struct groups_rules rules, struct pref_err *err)
{
    groups->rules = rules;
    groups->keys = pref_keyset_new_numbered();
    return groups->keys == NULL ? pref_fail_memory(err, "the table of keys") : PREF_OK;
}

void groups_close(struct groups *groups)
{
    pref_keyset_free(groups->keys);
    free(groups->winner);
    free(groups->best);
    free(groups->copies);
    *groups = (struct groups){.cap = 0};
}

int groups_clear(struct groups *groups, struct pref_err *err)
{
    pref_keyset_free(groups->keys);
    groups->keys = pref_keyset_new_numbered();
    return groups->keys == NULL ? pref_fail_memory(err, "the table of keys") : PREF_OK;
}

static size_t array_bytes(struct groups_rules rules)
{
    return sizeof(uint64_t) + sizeof(uint32_t) + (has_best(rules) ? sizeof(double) : 0);
}

uint64_t groups_bytes(const struct groups *groups)
{
    return pref_keyset_bytes(groups->keys) + groups->cap * array_bytes(groups->rules);
}

size_t groups_bytes_each(struct groups_rules rules)
{
    return KEY_BYTES_MOST + array_bytes(rules);
}

static int resize(struct groups *groups, size_t cap)
{
    uint64_t *winner = realloc(groups->winner, cap * sizeof *winner);
    if (winner == NULL)
        return -1;
    groups->winner = winner;
    uint32_t *copies = realloc(groups->copies, cap * sizeof *copies);
    if (copies == NULL)
        return -1;
    groups->copies = copies;
    if (has_best(groups->rules)) {
        double *best = realloc(groups->best, cap * sizeof *best);
        if (best == NULL)
            return -1;
        groups->best = best;
    }
    groups->cap = cap;
    return 0;
}

int groups_reserve(struct groups *groups, size_t count, struct pref_err *err)
{
    return resize(groups, count) == 0 ? PREF_OK : pref_fail_memory(err, "the table of records");
}

/* Whether a value is better than one that came earlier. */
static int is_better(int keep, double value, double than)
{
    if (isnan(than))
        return !isnan(value);
    return keep == KEEP_MAX ? value > than : value < than;
}

/* Arrays grow by a quarter, so that little of them lies idle. */
static int add_new(struct groups *groups, uint32_t group, double value, uint64_t ordinal,
                   uint32_t copies)
{
    if (group >= groups->cap && resize(groups, groups->cap + groups->cap / 4 + 1024) != 0)
        return -1;
    groups->winner[group] = ordinal;
    groups->copies[group] = copies;
    if (groups->best != NULL)
        groups->best[group] = value;
    return 0;
}

static int add(struct groups *groups, struct pref_h128 key, double value, uint64_t ordinal,
               uint32_t copies, uint32_t *group, struct pref_err *err)
{
    int added = pref_keyset_add_number(groups->keys, key, group);
    if (added < 0 || (added && add_new(groups, *group, value, ordinal, copies) != 0)) {
        pref_fail_memory(err, "the table of keys: --memory SIZE bounds it");
        return -1;
    }
    return added;
}

int groups_protect(struct groups *groups, struct pref_h128 key, uint64_t number,
                   struct pref_err *err)
{
    uint32_t group;
    return add(groups, key, NAN, number, 0, &group, err);
}

int groups_add(struct groups *groups, struct pref_h128 key, double value, uint64_t ordinal,
               struct pref_err *err)
{
    uint32_t group;
    int added = add(groups, key, value, ordinal, 1, &group, err);
    if (added != 0 || groups->copies[group] == 0)
        return added;
    if (groups->copies[group] == UINT32_MAX) {
        pref_fail(err, "more than %lu equal records", (unsigned long)UINT32_MAX);
        return -1;
    }
    groups->copies[group]++;
    if (groups->rules.keep == KEEP_LAST) {
        groups->winner[group] = ordinal;
    } else if (groups->best != NULL &&
               is_better(groups->rules.keep, value, groups->best[group])) {
        groups->winner[group] = ordinal;
        groups->best[group] = value;
    }
    return 0;
}

int groups_find(const struct groups *groups, struct pref_h128 key, uint32_t *group)
{
    return pref_keyset_find_number(groups->keys, key, group);
}

int groups_find_partner(const struct groups *groups, const struct dedup_keys *keys,
                        uint32_t *partner)
{
    return dedup_keys_exchangeable(keys) && groups_find(groups, keys->exchanged, partner) &&
           groups->copies[*partner] > 0;
}

/* Whichever of two groups has the record that stays if both were one. */
static uint32_t choose(const struct groups *groups, uint32_t a, uint32_t b)
{
    if (groups->winner[a] > groups->winner[b]) {
        uint32_t earlier = b;
        b = a;
        a = earlier;
    }
    if (groups->rules.keep == KEEP_LAST)
        return b;
    return groups->best != NULL &&
                   is_better(groups->rules.keep, groups->best[b], groups->best[a])
               ? b
               : a;
}

int groups_stand(const struct groups *groups, const struct dedup_keys *keys, uint64_t ordinal,
                 struct standing *at)
{
    uint32_t group, partner;
    if (!groups_find(groups, keys->own, &group))
        return 0;
    *at = (struct standing){ordinal, group, groups->copies[group], 0};
    if (at->copies == 0) {
        at->kept = groups->winner[group];
        at->is = STANDS_PROTECTED;
        return 1;
    }
    int first = groups->winner[group] == ordinal; /* of its own way round */
    if (groups_find_partner(groups, keys, &partner))
        at->is |= STANDS_OPPOSED;
    if ((at->is & STANDS_OPPOSED) && groups->rules.contradictions == CONTRADICTIONS_MERGE) {
        at->is |= STANDS_JOINED;
        at->kept = choose(groups, group, partner);
    }
    if ((at->is & STANDS_JOINED) || at->copies > 1)
        at->is |= STANDS_SEVERAL;
    if (at->kept != group)
        at->is |= STANDS_TURNED;
    else if (first)
        at->is |= STANDS_STAYS;
    if (groups->rules.merge_votes || ((at->is & STANDS_JOINED) && first))
        at->is |= STANDS_GIVES;
    return 1;
}
