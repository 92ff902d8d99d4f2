/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "near_ranked.h"

#include <math.h>
#include <stdlib.h>

#define NOBODY RANKED_NOBODY

void ranked_close(struct ranked *ranked)
{
    free(ranked->records);
    free(ranked->of_id);
    free(ranked->of_key);
    free(ranked->partner);
    free(ranked->opposite);
    *ranked = (struct ranked){0};
}

/* Room for one more: the list grows by a quarter, so that little of it lies idle. */
static int make_room(struct ranked *ranked)
{
    if (ranked->count < ranked->cap)
        return 0;
    size_t cap = ranked->cap + ranked->cap / 4 + 1024;
    struct ranked_record *records = realloc(ranked->records, cap * sizeof *records);
    if (records == NULL)
        return -1;
    ranked->records = records;
    ranked->cap = cap;
    return 0;
}

static int add(struct ranked *ranked, double rank, struct pref_err *err)
{
    uint32_t number = (uint32_t)ranked->count;
    if (ranked->count == NOBODY)
        return pref_fail(err, "more than %lu records", (unsigned long)NOBODY);
    if (make_room(ranked) != 0)
        return pref_fail_memory(err, "the ranks of records");
    ranked->records[ranked->count++] = (struct ranked_record){rank, number, 0};
    return PREF_OK;
}

int ranked_protect(struct ranked *ranked, struct pref_err *err)
{
    ranked->first++;
    return add(ranked, 0, err);
}

int ranked_add(struct ranked *ranked, struct near *near, struct near_record *record, double rank,
               uint32_t key, const struct pref_row *row)
{
    struct near_set none = {.base = row->line.ptr}; /* of a record without words */
    if (add(ranked, rank, row->err) != PREF_OK)
        return PREF_FAIL;
    if (record != NULL)
        near_set_row(&record->set, row);
    return near_sets_add(&near->sets, record == NULL ? &none : &record->set, &near->rule, key,
                         row->err);
}

int ranked_pair(struct ranked *ranked, uint32_t key, uint32_t other, struct pref_err *err)
{
    size_t needed = (size_t)(key > other ? key : other) + 1;
    if (needed > ranked->partners) {
        size_t cap = needed + needed / 4 + 1024;
        uint32_t *partner = realloc(ranked->partner, cap * sizeof *partner);
        if (partner == NULL)
            return pref_fail_memory(err, "the pairs of records");
        while (ranked->partners < cap)
            partner[ranked->partners++] = NOBODY;
        ranked->partner = partner;
    }
    ranked->partner[key] = other;
    ranked->partner[other] = key;
    return PREF_OK;
}

/* ---- Judging --------------------------------------------------------------------------------- */

/* A place in the order in which leaders are found. */
struct turn {
    double rank;
    uint32_t record;
};

static int compare_turns(const void *a, const void *b)
{
    const struct turn *x = a, *y = b;
    int unranked = (isnan(x->rank) != 0) - (isnan(y->rank) != 0);
    if (unranked != 0)
        return unranked;
    if (x->rank < y->rank || x->rank > y->rank)
        return x->rank < y->rank ? -1 : 1;
    return (x->record > y->record) - (x->record < y->record);
}

/* The record stays: it is asked for by its key, and by its words where it has any. */
static int add_leader(struct ranked *ranked, struct near *near, uint32_t record,
                      const struct pref_sketch *sketch, struct pref_err *err)
{
    uint32_t id;
    ranked->of_key[near_key(near, record)] = record;
    if (sketch == NULL)
        return PREF_OK;
    int status = pref_lsh_add(near->index, *sketch, &id, err);
    if (status == PREF_OK)
        ranked->of_id[id] = record;
    return status;
}

static uint32_t partner_of(const struct ranked *ranked, uint32_t key)
{
    return key < ranked->partners ? ranked->partner[key] : NOBODY;
}

/* The leader that is the same pair with its sides exchanged, if there is one. */
static uint32_t find_same_pair(const struct ranked *ranked, const struct near *near,
                               uint32_t record)
{
    uint32_t key = partner_of(ranked, near_key(near, record));
    uint32_t leader = key == NOBODY ? NOBODY : ranked->of_key[key];
    return leader != NOBODY && near_key(near, leader) == key ? leader : NOBODY;
}

/* Whom a record that duplicates none contradicts most: *opposite, or NOBODY. All of them are in
 * near->turns.found then, but for the same pair. */
static int find_opposite(struct ranked *ranked, struct near *near, uint32_t record,
                         const struct near_record *own, struct near_match match,
                         uint32_t *opposite, struct pref_err *err)
{
    *opposite = find_same_pair(ranked, near, record);
    ranked->same_pairs += *opposite != NOBODY;
    near->turns.found_count = 0;
    if (!near->turns.on || own == NULL)
        return PREF_OK;
    int status =
        near_look_turned(near, own, ranked->of_id, partner_of(ranked, near_key(near, record)),
                              &match, err);
    if (match.found && *opposite == NOBODY)
        *opposite = match.number;
    return status;
}

/* A leader contradicts another, and others. */
static void drop(struct ranked *ranked, const struct near *near, uint32_t record, uint32_t opposite)
{
    const struct near_turns *turns = &near->turns;
    ranked->opposite[record] = opposite;
    if (ranked->opposite[opposite] == NOBODY)
        ranked->opposite[opposite] = record;
    for (size_t i = 0; i < turns->found_count; i++)
        if (ranked->opposite[turns->found[i]] == NOBODY)
            ranked->opposite[turns->found[i]] = record;
}

/* A record is joined to the leader that it contradicts, and so will be those that equal it. */
static void join(struct ranked *ranked, const struct near *near, uint32_t record, uint32_t leader)
{
    ranked->of_key[near_key(near, record)] = leader;
    ranked->opposite[record] = leader;
    if (ranked->opposite[leader] == NOBODY)
        ranked->opposite[leader] = record;
}

/* Who stays for a record that is none of the above: maybe itself. */
static int find_leader_of_new(struct ranked *ranked, struct near *near, uint32_t record,
                              uint32_t *leader, struct pref_err *err)
{
    struct near_memory memory;
    struct near_record own;
    struct near_match match = {.found = 0};
    uint32_t opposite = NOBODY;
    int status = near_recall(near, record, &memory, &own, err);
    int has_words = status == PREF_OK && own.set.count > 0;
    if (has_words)
        status = near_look(near, &own, ranked->of_id, &match, err);
    *leader = match.found ? match.number : record;
    if (status != PREF_OK || match.found)
        return status;
    status = find_opposite(ranked, near, record, has_words ? &own : NULL, match, &opposite, err);
    if (status != PREF_OK)
        return status;
    if (opposite != NOBODY && ranked->contradictions == RANKED_JOINS) {
        *leader = opposite;
        join(ranked, near, record, opposite);
        return PREF_OK;
    }
    if (opposite != NOBODY && ranked->contradictions == RANKED_DROPS)
        drop(ranked, near, record, opposite);
    return add_leader(ranked, near, record, has_words ? &own.sketch : NULL, err);
}

/* Who stays for a record that has another's key, is near to one or, turned, is joined to one. */
static int find_leader(struct ranked *ranked, struct near *near, uint32_t record, uint32_t *leader,
                       struct pref_err *err)
{
    uint32_t key = near_key(near, record);
    *leader = ranked->of_key[key];
    if (*leader == NOBODY)
        return find_leader_of_new(ranked, near, record, leader, err);
    if (near_key(near, *leader) != key)
        ranked->opposite[record] = *leader;
    return PREF_OK;
}

static int judge_in_turn(struct ranked *ranked, struct near *near, struct turn *turns,
                         struct pref_err *err)
{
    size_t first = ranked->first, count = ranked->count - first;
    int status = PREF_OK;
    for (size_t i = 0; i < first; i++)
        ranked->of_id[i] = (uint32_t)i;
    for (size_t i = 0; i < count; i++)
        turns[i] = (struct turn){ranked->records[first + i].rank, (uint32_t)(first + i)};
    qsort(turns, count, sizeof *turns, compare_turns);
    for (size_t i = 0; i < count && status == PREF_OK; i++) {
        uint32_t record = turns[i].record, leader = record;
        status = find_leader(ranked, near, record, &leader, err);
        ranked->records[record].leader = leader;
        ranked->records[leader].copies += !ranked_is_turned(ranked, record);
    }
    for (size_t i = first; i < ranked->count; i++)
        ranked->leaders +=
            ranked->records[i].leader == i && !ranked_is_dropped(ranked, (uint32_t)i);
    return status;
}

int ranked_judge(struct ranked *ranked, struct near *near, uint64_t keys, struct pref_err *err)
{
    struct turn *turns = malloc((ranked->count + 1) * sizeof *turns);
    ranked->of_id = malloc((ranked->count + 1) * sizeof *ranked->of_id);
    ranked->of_key = malloc((keys + 1) * sizeof *ranked->of_key);
    int status = turns == NULL || ranked->of_id == NULL || ranked->of_key == NULL
                     ? pref_fail_memory(err, "the order of records")
                     : PREF_OK;
    if (status == PREF_OK && ranked->contradictions != RANKED_KEEPS) {
        ranked->opposite = malloc((ranked->count + 1) * sizeof *ranked->opposite);
        if (ranked->opposite == NULL)
            status = pref_fail_memory(err, "the contradictions of records");
        for (size_t i = 0; i < ranked->count && status == PREF_OK; i++)
            ranked->opposite[i] = NOBODY;
    }
    for (uint64_t key = 0; key < keys && status == PREF_OK; key++)
        ranked->of_key[key] = NOBODY;
    if (status == PREF_OK)
        status = judge_in_turn(ranked, near, turns, err);
    free(turns);
    return status;
}

/* ---- Afterwards ------------------------------------------------------------------------------ */

int64_t ranked_next(struct ranked *ranked)
{
    return ranked->next < ranked->count ? (int64_t)ranked->next++ : -1;
}

void ranked_rewind(struct ranked *ranked)
{
    ranked->next = ranked->first;
}

static int has_opposite(const struct ranked *ranked, uint32_t record)
{
    return ranked->opposite != NULL && ranked->opposite[record] != NOBODY;
}

int ranked_is_dropped(const struct ranked *ranked, uint32_t record)
{
    return ranked->contradictions == RANKED_DROPS &&
           has_opposite(ranked, ranked->records[record].leader);
}

int ranked_is_turned(const struct ranked *ranked, uint32_t record)
{
    return ranked->contradictions == RANKED_JOINS && ranked->records[record].leader != record &&
           has_opposite(ranked, record);
}

int ranked_is_joined(const struct ranked *ranked, uint32_t leader)
{
    return ranked->contradictions == RANKED_JOINS && has_opposite(ranked, leader);
}

int ranked_is_first_joined(const struct ranked *ranked, uint32_t record)
{
    return ranked_is_turned(ranked, record) &&
           ranked->opposite[ranked->records[record].leader] == record;
}

int ranked_common(const struct ranked *ranked, struct near *near, uint32_t record,
                  struct near_common *common, struct pref_err *err)
{
    struct near_memory memory;
    struct near_record own;
    int is_near;
    int status = near_recall(near, record, &memory, &own, err);
    if (status == PREF_OK)
        status = near_sets_take(&near->sets, &own.set, &near->rule, err);
    return status != PREF_OK ? status
                             : near_sets_compare(&near->sets, ranked->records[record].leader,
                                                 &own.set, &near->rule, common, &is_near, err);
}

int ranked_turned_common(const struct ranked *ranked, struct near *near, uint32_t record,
                         struct near_common *common, struct pref_err *err)
{
    struct near_memory memory;
    struct near_record own;
    int status = near_recall(near, record, &memory, &own, err);
    return status != PREF_OK
               ? status
               : near_turned_common(near, &own, ranked->opposite[record], common, err);
}
