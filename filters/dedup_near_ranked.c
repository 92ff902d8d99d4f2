/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "dedup_near_ranked.h"

#include <stdlib.h>

#define NOBODY UINT32_MAX

void ranked_close(struct ranked *ranked)
{
    free(ranked->records);
    free(ranked->of_id);
    free(ranked->of_key);
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
    ranked->next++;
    return add(ranked, 0, err);
}

int ranked_add(struct ranked *ranked, struct near *near, struct near_record *record, double rank,
               uint32_t key, const struct pref_row *row)
{
    struct near_set none = {.base = row->line.ptr}; /* of a record without words */
    if (add(ranked, rank, row->err) != PREF_OK)
        return PREF_FAIL;
    if (record != NULL)
        record->set.base = row->line.ptr;
    return near_sets_add(&near->sets, record == NULL ? &none : &record->set, &near->rule, key,
                         row->err);
}

/* ---- Judging ------------------------------------------------------------------------------------ */

/* A place in the order in which leaders are found. */
struct turn {
    double rank;
    uint32_t record;
};

static int compare_turns(const void *a, const void *b)
{
    const struct turn *x = a, *y = b;
    if (x->rank != y->rank)
        return (x->rank > y->rank) - (x->rank < y->rank);
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

/* Who stays for a record that has another's key, or is near to one: maybe itself. */
static int find_leader(struct ranked *ranked, struct near *near, uint32_t record, uint32_t *leader,
                       struct pref_err *err)
{
    uint64_t memory[NEAR_SKETCH_MAX / sizeof(uint64_t)];
    struct near_record own;
    struct near_match match = {.found = 0};
    *leader = ranked->of_key[near_key(near, record)];
    if (*leader != NOBODY)
        return PREF_OK;
    int status = near_recall(near, record, memory, &own, err);
    int has_words = status == PREF_OK && own.set.count > 0;
    if (has_words)
        status = near_look(near, &own, ranked->of_id, &match, err);
    *leader = match.found ? match.number : record;
    if (status != PREF_OK || match.found)
        return status;
    ranked->leaders++;
    return add_leader(ranked, near, record, has_words ? &own.sketch : NULL, err);
}

static int judge_in_turn(struct ranked *ranked, struct near *near, struct turn *turns,
                         struct pref_err *err)
{
    size_t first = ranked->next, count = ranked->count - first;
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
        ranked->records[leader].copies++;
    }
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
    for (uint64_t key = 0; key < keys && status == PREF_OK; key++)
        ranked->of_key[key] = NOBODY;
    if (status == PREF_OK)
        status = judge_in_turn(ranked, near, turns, err);
    free(turns);
    return status;
}

/* ---- Afterwards --------------------------------------------------------------------------------- */

int64_t ranked_next(struct ranked *ranked)
{
    return ranked->next < ranked->count ? (int64_t)ranked->next++ : -1;
}

int ranked_common(const struct ranked *ranked, struct near *near, uint32_t record,
                  struct near_common *common, struct pref_err *err)
{
    uint64_t memory[NEAR_SKETCH_MAX / sizeof(uint64_t)];
    struct near_record own;
    int is_near;
    int status = near_recall(near, record, memory, &own, err);
    if (status == PREF_OK)
        status = near_sets_take(&near->sets, &own.set, &near->rule, err);
    return status != PREF_OK ? status
                             : near_sets_compare(&near->sets, ranked->records[record].leader,
                                                 &own.set, &near->rule, common, &is_near, err);
}
