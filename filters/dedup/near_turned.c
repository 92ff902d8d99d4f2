/* SPDX-License-Identifier: Apache-2.0 */
/* near_turned.c - records that are near to each other with the sides of one exchanged. */
#include "config.h"

#include "near.h"

#include <stdlib.h>

int near_turns_open(struct near *near, const struct dedup_fields *fields, int treated,
                    struct pref_err *err)
{
    struct near_turns *turns = &near->turns;
    turns->on = near_is_on(near) && (turns->counted || treated);
    if (!turns->on)
        return PREF_OK;
    if (!dedup_fields_sides(fields))
        return pref_usage(err, "--near-contradictions: --on must have chosen and rejected");
    turns->chosen = (unsigned)fields->chosen;
    turns->rejected = (unsigned)fields->rejected;
    return PREF_OK;
}

void near_turns_close(struct near_turns *turns)
{
    pref_shingles_release(&turns->list);
    pref_shingles_release(&turns->other);
    pref_buf_release(&turns->memory);
    free(turns->found);
}

/* ---- Turning --------------------------------------------------------------------------------- */

/* The field that comes to stand in the place of `f`. */
static unsigned opposite_of(const struct near_turns *turns, unsigned f)
{
    return f == turns->chosen ? turns->rejected : f == turns->rejected ? turns->chosen : f;
}

int near_turn(const struct near_turns *turns, const struct near_set *set,
              const struct near_rule *rule, struct pref_shingles *list, struct near_set *turned,
              struct pref_err *err)
{
    size_t from[DEDUP_FIELDS_MAX], sum = 0;
    for (unsigned f = 0; f < rule->fields; f++) {
        from[f] = sum;
        sum += set->shingles[f];
    }
    *turned = *set;
    pref_shingles_begin(list);
    for (unsigned f = 0; f < rule->fields; f++) {
        unsigned other = opposite_of(turns, f);
        size_t at = list->count;
        if (pref_shingles_add_hashes(list, set->list + from[other], set->shingles[other], err) !=
            PREF_OK)
            return PREF_FAIL;
        if (other != f)
            pref_shingles_move(list->list + at, set->shingles[other], other, f);
        turned->shingles[f] = set->shingles[other];
        turned->start[f] = set->start[other];
        turned->bytes[f] = set->bytes[other];
    }
    turned->list = list->list;
    return PREF_OK;
}

/* ---- Looking --------------------------------------------------------------------------------- */

/* Whether the set taken, which is `turned`, is near to the set that it was made of. */
static int is_near_itself(struct near *near, const struct near_set *turned,
                          const struct near_set *set, int *itself, struct pref_err *err)
{
    struct near_common common;
    return near_sets_compare_with(&near->sets, set, turned, &near->rule, &common, itself, err);
}

/* The same for a set that was kept; afterwards another is taken. */
static int is_kept_near_itself(struct near *near, uint32_t number, int *itself,
                               struct pref_err *err)
{
    struct near_turns *turns = &near->turns;
    struct near_set set, turned;
    int status =
        near_sets_recall(&near->sets, number, &near->rule, &turns->memory, &set, err);
    if (status == PREF_OK)
        status = near_turn(turns, &set, &near->rule, &turns->other, &turned, err);
    if (status == PREF_OK)
        status = near_sets_take(&near->sets, &turned, &near->rule, err);
    return status == PREF_OK ? is_near_itself(near, &turned, &set, itself, err) : status;
}

/* Whether the turned set, which is taken, contradicts the one kept under a number. */
static int contradicts(struct near *near, const struct near_set *turned, uint32_t number,
                       struct near_common *common, int *does, struct pref_err *err)
{
    int itself = 0;
    int status =
        near_sets_compare(&near->sets, number, turned, &near->rule, common, does, err);
    if (status != PREF_OK || !*does)
        return status;
    status = is_kept_near_itself(near, number, &itself, err);
    *does = !itself;
    return status == PREF_OK ? near_sets_take(&near->sets, turned, &near->rule, err) : status;
}

static int add_found(struct near_turns *turns, uint32_t number, struct pref_err *err)
{
    if (turns->found_count == turns->found_cap) {
        size_t cap = turns->found_cap * 2 + 16;
        uint32_t *found = realloc(turns->found, cap * sizeof *found);
        if (found == NULL)
            return pref_fail_memory(err, "the contradictions of a record");
        turns->found = found;
        turns->found_cap = cap;
    }
    turns->found[turns->found_count++] = number;
    turns->pairs++;
    return PREF_OK;
}

/* Compare the turned set with all candidates. */
static int look_at(struct near *near, const struct pref_lsh_found *found,
                   const struct near_set *turned, const uint32_t *number_of, uint32_t exact,
                   struct near_match *match, struct pref_err *err)
{
    int status = PREF_OK;
    for (size_t i = 0; i < found->count && status == PREF_OK; i++) {
        uint32_t number = number_of == NULL ? found->ids[i] : number_of[found->ids[i]];
        struct near_common common;
        int does;
        if (near_is_protected(near, number) || near_key(near, number) == exact)
            continue;
        status = contradicts(near, turned, number, &common, &does, err);
        if (status != PREF_OK || !does)
            continue;
        status = add_found(&near->turns, number, err);
        if (!match->found || near_is_nearer(common, match->common))
            *match = (struct near_match){1, number, common, match->cut};
    }
    return status;
}

int near_look_turned(struct near *near, const struct near_record *record,
                     const uint32_t *number_of, uint32_t exact, struct near_match *match,
                     struct pref_err *err)
{
    struct near_turns *turns = &near->turns;
    struct pref_lsh_found found;
    struct near_set turned;
    int itself = 0, was_cut = match->cut;
    *match = (struct near_match){.found = 0};
    turns->found_count = 0;
    int status =
        pref_lsh_find(near->index, record->turned, near->least, near->bucket, &found, err);
    if (status != PREF_OK)
        return status;
    near->cut += (uint64_t)(found.cut && !was_cut);
    if (found.count == 0)
        return PREF_OK;
    status = near_turn(turns, &record->set, &near->rule, &turns->list, &turned, err);
    if (status == PREF_OK)
        status = near_sets_take(&near->sets, &turned, &near->rule, err);
    if (status == PREF_OK)
        status = is_near_itself(near, &turned, &record->set, &itself, err);
    return status != PREF_OK || itself
               ? status
               : look_at(near, &found, &turned, number_of, exact, match, err);
}

int near_turned_common(struct near *near, const struct near_record *record, uint32_t number,
                       struct near_common *common, struct pref_err *err)
{
    struct near_set turned;
    int is_near;
    int status =
        near_turn(&near->turns, &record->set, &near->rule, &near->turns.list, &turned, err);
    if (status == PREF_OK)
        status = near_sets_take(&near->sets, &turned, &near->rule, err);
    return status != PREF_OK ? status
                             : near_sets_compare(&near->sets, number, &turned, &near->rule, common,
                                                 &is_near, err);
}
