/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "patterns.h"

#include "lib/base/fdio.h"
#include "lib/base/memory.h"

#include "lib/fit/field.h"

#include <stdlib.h>
#include <string.h>

#define RECORDS_MAX (UINT64_C(1) << 52)
#define CELLS_A_JUDGE (VOTE_ORDERS * PREF_WORDS)
#define SORTING 64 /* bytes a pattern: two of struct listed */
#define A_JUDGE 28 /* bytes of a numbered key in lib/keyset.h, at most */
#define RUN 4096 /* patterns that are sorted in one go */
#define JUDGES_MAX_HERE (UINT32_MAX / CELLS_A_JUDGE - 1)

static struct vote_judge *judge_at(const struct vote_patterns *patterns, size_t i)
{
    return (struct vote_judge *)(void *)patterns->judges.ptr + i;
}

static struct pref_ds_pattern *pattern_at(const struct vote_patterns *patterns, size_t i)
{
    return (struct pref_ds_pattern *)(void *)patterns->list.ptr + i;
}

static uint32_t *cells_at(const struct vote_patterns *patterns, size_t i)
{
    return (uint32_t *)(void *)patterns->cells.ptr + i;
}

static struct pref_span name_at(const struct vote_patterns *patterns,
                                const struct vote_judge *judge)
{
    return (struct pref_span){patterns->names.ptr + judge->name, judge->length};
}

int vote_patterns_open(struct vote_patterns *patterns, uint64_t seed, uint64_t limit,
                       struct pref_err *err)
{
    *patterns = (struct vote_patterns){
        .seed = seed, .limit = limit, .most = limit > 0 ? limit : pref_memory_most()};
    patterns->judge_set = pref_keyset_new_numbered();
    patterns->set = pref_keyset_new_numbered();
    return patterns->judge_set == NULL || patterns->set == NULL
               ? pref_fail_memory(err, "the patterns of votes")
               : PREF_OK;
}

void vote_patterns_release(struct vote_patterns *patterns)
{
    pref_keyset_free(patterns->judge_set);
    pref_keyset_free(patterns->set);
    pref_buf_release(&patterns->names);
    pref_buf_release(&patterns->judges);
    pref_buf_release(&patterns->cells);
    pref_buf_release(&patterns->list);
    free(patterns->rank);
    *patterns = (struct vote_patterns){0};
}

/* ---- Adding ---------------------------------------------------------------------------------- */

void vote_pattern_key_add(const struct vote_patterns *patterns, struct vote_pattern_key *key,
                          const struct vote_cast *cast)
{
    uint64_t cell = (uint64_t)cast->order * PREF_WORDS + (uint64_t)cast->word;
    struct pref_h128 hash =
        pref_hash128(cast->judge.ptr, cast->judge.len, patterns->seed + 1 + cell);
    key->sum.low += hash.low;
    key->sum.high += hash.high + (key->sum.low < hash.low);
    key->votes++;
}

void vote_pattern_key_label(struct vote_pattern_key *key, enum pref_word label)
{
    key->label = label;
    key->sum.low ^= (uint64_t)label + 1;
}

/* The patterns are there and are sorted, or counted; sorting takes more. What a table holds for a
 * key varies with its seed, and must not decide where a run stops: its most is taken. */
static uint64_t bytes_held(const struct vote_patterns *patterns)
{
    return A_JUDGE * (uint64_t)patterns->judge_count + SORTING * (uint64_t)patterns->count +
           patterns->names.cap + patterns->judges.cap + patterns->cells.cap + patterns->list.cap;
}

static int check_memory(const struct vote_patterns *patterns, struct pref_err *err)
{
    uint64_t held = bytes_held(patterns);
    if (held <= patterns->most)
        return PREF_OK;
    return pref_fail(err,
                     "%s: %zu distinct patterns of the votes of %zu judges in %llu records need "
                     "more than %llu bytes, %llu a record: allow more, or learn from fewer judges "
                     "or records",
                     patterns->limit > 0 ? "--memory" : "memory", patterns->count,
                     patterns->judge_count, (unsigned long long)patterns->records,
                     (unsigned long long)patterns->most,
                     (unsigned long long)(held / patterns->records));
}

int vote_patterns_count(struct vote_patterns *patterns, const struct vote_pattern_key *key,
                        uint64_t times, int *fresh, struct pref_err *err)
{
    uint32_t number;
    if (times > RECORDS_MAX - patterns->records)
        return pref_fail(err, "more than 2^52 records have votes");
    int added = pref_keyset_add_number(patterns->set, key->sum, &number);
    if (added < 0)
        return pref_fail_memory(err, "the patterns of votes");
    patterns->records += times;
    *fresh = added;
    if (!added) {
        pattern_at(patterns, number)->times += times;
        return PREF_OK;
    }
    struct pref_ds_pattern pattern = {
        .times = times, .label = key->label, .start = patterns->cells.len / sizeof(uint32_t)};
    pref_buf_add(&patterns->list, (const char *)&pattern, sizeof pattern);
    patterns->count++;
    return patterns->list.failed ? pref_fail_memory(err, "the patterns of votes") : PREF_OK;
}

/* The number of a judge, who may be new. */
static int number_judge(struct vote_patterns *patterns, struct pref_span name, uint32_t *number,
                        struct pref_err *err)
{
    struct pref_h128 hash = pref_hash128(name.ptr, name.len, patterns->seed);
    int added = pref_keyset_add_number(patterns->judge_set, hash, number);
    if (added == 0)
        return PREF_OK;
    struct vote_judge judge = {.name = patterns->names.len};
    pref_fit_field_escape(name, &patterns->names);
    judge.length = patterns->names.len - judge.name;
    pref_buf_add(&patterns->judges, (const char *)&judge, sizeof judge);
    patterns->judge_count++;
    if (added > 0 && patterns->judge_count > JUDGES_MAX_HERE)
        return pref_fail(err, "more than %lu judges", (unsigned long)JUDGES_MAX_HERE);
    return added < 0 || patterns->names.failed || patterns->judges.failed
               ? pref_fail_memory(err, "the names of judges")
               : PREF_OK;
}

int vote_patterns_vote(struct vote_patterns *patterns, const struct vote_cast *cast,
                       struct pref_err *err)
{
    uint32_t number;
    int status = number_judge(patterns, cast->judge, &number, err);
    if (status != PREF_OK)
        return status;
    uint32_t cell = (number * VOTE_ORDERS + cast->order) * PREF_WORDS + cast->word;
    pref_buf_add(&patterns->cells, (const char *)&cell, sizeof cell);
    pattern_at(patterns, patterns->count - 1)->votes++;
    return PREF_OK;
}

int vote_patterns_close(struct vote_patterns *patterns, struct pref_err *err)
{
    return patterns->cells.failed ? pref_fail_memory(err, "the patterns of votes")
                                  : check_memory(patterns, err);
}

/* ---- In order -------------------------------------------------------------------------------- */

/* What is sorted, with what it is compared by: qsort hands its callback nothing else. */
struct named {
    struct pref_span name;
    struct vote_judge judge;
    uint32_t number;
};

struct listed {
    struct pref_ds_pattern pattern;
    const uint32_t *cells;
};

static int by_name(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    return pref_span_compare(x->name, y->name);
}

static int by_cell(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* The bytewise order of the keys in a fit, in which the end of a judge's votes comes before any
 * further vote of it. */
static int by_votes(const void *a, const void *b)
{
    const struct listed *x = a, *y = b;
    uint32_t least = x->pattern.votes < y->pattern.votes ? x->pattern.votes : y->pattern.votes,
             i = 0;
    if (x->pattern.label != y->pattern.label)
        return x->pattern.label > y->pattern.label ? 1 : -1;
    while (i < least && x->cells[i] == y->cells[i])
        i++;
    if (i == least)
        return (x->pattern.votes > least) - (y->pattern.votes > least);
    uint32_t of_x = x->cells[i] / CELLS_A_JUDGE, of_y = y->cells[i] / CELLS_A_JUDGE;
    if (i > 0 && of_x != of_y) {
        uint32_t before = x->cells[i - 1] / CELLS_A_JUDGE;
        if (of_x == before || of_y == before)
            return of_x == before ? 1 : -1;
    }
    return x->cells[i] > y->cells[i] ? 1 : -1;
}

static int sort_judges(struct vote_patterns *patterns)
{
    size_t count = patterns->judge_count;
    struct named *all = malloc((count + 1) * sizeof *all);
    patterns->rank = malloc((count + 1) * sizeof *patterns->rank);
    if (all == NULL || patterns->rank == NULL) {
        free(all);
        return PREF_FAIL;
    }
    for (size_t i = 0; i < count; i++) {
        const struct vote_judge *judge = judge_at(patterns, i);
        all[i] = (struct named){name_at(patterns, judge), *judge, (uint32_t)i};
    }
    qsort(all, count, sizeof *all, by_name);
    for (size_t i = 0; i < count; i++) {
        *judge_at(patterns, i) = all[i].judge;
        patterns->rank[all[i].number] = (uint32_t)i;
    }
    free(all);
    return PREF_OK;
}

/* Number the judges of a pattern's votes by their places, and sort them. */
static struct listed list_pattern(const struct vote_patterns *patterns, size_t i)
{
    const struct pref_ds_pattern *pattern = pattern_at(patterns, i);
    uint32_t *cells = cells_at(patterns, pattern->start);
    for (uint32_t v = 0; v < pattern->votes; v++)
        cells[v] =
            patterns->rank[cells[v] / CELLS_A_JUDGE] * CELLS_A_JUDGE + cells[v] % CELLS_A_JUDGE;
    qsort(cells, pattern->votes, sizeof *cells, by_cell);
    return (struct listed){*pattern, cells};
}

/* Merge two runs, the second behind the first. PREF_LATER where the run must end. */
static int merge(const int *stop_fd, const struct listed *a, size_t a_count, size_t b_count,
                 struct listed *out)
{
    const struct listed *b = a + a_count;
    while (a_count > 0 && b_count > 0) {
        int first = by_votes(a, b) <= 0;
        *out++ = first ? *a++ : *b++;
        a_count -= (size_t)first;
        b_count -= (size_t)!first;
        if ((a_count + b_count) % RUN == 0 && pref_stop_asked(stop_fd))
            return PREF_LATER;
    }
    memcpy(out, a, a_count * sizeof *a);
    memcpy(out + a_count, b, b_count * sizeof *b);
    return PREF_OK;
}

/* A pass over all runs of `length`, which are merged in pairs. */
static int merge_runs(const struct vote_patterns *patterns, const struct listed *from,
                      struct listed *to, size_t length)
{
    int status = PREF_OK;
    for (size_t i = 0; i < patterns->count && status == PREF_OK;) {
        size_t rest = patterns->count - i, a = rest < length ? rest : length;
        size_t b = rest - a < length ? rest - a : length;
        status = merge(patterns->stop_fd, from + i, a, b, to + i);
        i += a + b;
    }
    return status;
}

/* Sorted in runs, which are then merged: a signal need not wait for millions to be sorted. */
static int sort_list(const struct vote_patterns *patterns, struct listed *all, struct listed *other)
{
    size_t count = patterns->count;
    for (size_t i = 0; i < count; i++) {
        all[i] = list_pattern(patterns, i);
        if (i % RUN != RUN - 1 && i != count - 1)
            continue;
        qsort(all + i / RUN * RUN, i % RUN + 1, sizeof *all, by_votes);
        if (pref_stop_asked(patterns->stop_fd))
            return PREF_LATER;
    }
    for (size_t length = RUN; length < count; length *= 2) {
        if (merge_runs(patterns, all, other, length) != PREF_OK)
            return PREF_LATER;
        struct listed *merged = other;
        other = all;
        all = merged;
    }
    for (size_t i = 0; i < count; i++)
        *pattern_at(patterns, i) = all[i].pattern;
    return PREF_OK;
}

static int sort_patterns(const struct vote_patterns *patterns)
{
    struct listed *room = malloc((2 * patterns->count + 1) * sizeof *room);
    int status = room == NULL ? PREF_FAIL : sort_list(patterns, room, room + patterns->count);
    free(room);
    return status;
}

int vote_patterns_settle(struct vote_patterns *patterns, struct pref_err *err)
{
    pref_keyset_free(patterns->set);
    patterns->set = NULL;
    int status = sort_judges(patterns);
    if (status == PREF_OK)
        status = sort_patterns(patterns);
    return status == PREF_FAIL ? pref_fail_memory(err, "the patterns of votes") : status;
}

struct pref_ds_data vote_patterns_data(const struct vote_patterns *patterns)
{
    return (struct pref_ds_data){
        .cells = (const uint32_t *)(const void *)patterns->cells.ptr,
        .patterns = (const struct pref_ds_pattern *)(const void *)patterns->list.ptr,
        .count = patterns->count,
        .sources = (uint32_t)patterns->judge_count * VOTE_ORDERS,
        .stop_fd = patterns->stop_fd};
}

void vote_patterns_forget(struct vote_patterns *patterns)
{
    pref_buf_release(&patterns->cells);
    pref_buf_release(&patterns->list);
}

uint32_t vote_patterns_judge(const struct vote_patterns *patterns, struct pref_span name)
{
    uint32_t number;
    struct pref_h128 hash = pref_hash128(name.ptr, name.len, patterns->seed);
    return pref_keyset_find_number(patterns->judge_set, hash, &number) ? patterns->rank[number]
                                                                       : VOTE_NO_JUDGE;
}

struct pref_span vote_patterns_name(const struct vote_patterns *patterns, uint32_t place)
{
    return name_at(patterns, judge_at(patterns, place));
}
