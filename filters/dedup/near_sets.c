/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "near_sets.h"
#include "lib/text/text.h"

#include <stdlib.h>
#include <string.h>

int near_sets_open(struct near_sets *sets, uint64_t seed, struct pref_err *err)
{
    pref_shingle_set_init(&sets->field, seed);
    for (unsigned f = 0; f < DEDUP_FIELDS_MAX; f++)
        pref_shingle_set_init(&sets->mine[f], seed);
    sets->folder = pref_folder_new();
    sets->shape = pref_shape_new_any();
    sets->scanner = sets->shape == NULL ? NULL : pref_scanner_new(sets->shape);
    if (sets->folder == NULL || sets->scanner == NULL)
        return pref_fail_memory(err, "the words of records that stay");
    int status = near_recent_open(&sets->recent, err);
    return status == PREF_OK ? pref_scratch_new(&sets->scratch, err) : status;
}

void near_sets_close(struct near_sets *sets)
{
    pref_scratch_free(sets->scratch);
    near_recent_close(&sets->recent);
    pref_folder_free(sets->folder);
    pref_scanner_free(sets->scanner);
    pref_shape_free(sets->shape);
    pref_words_release(&sets->words);
    pref_buf_release(&sets->raw);
    pref_buf_release(&sets->text);
    pref_buf_release(&sets->other);
    pref_shingles_release(&sets->list);
    pref_shingle_set_release(&sets->field);
    for (unsigned f = 0; f < DEDUP_FIELDS_MAX; f++)
        pref_shingle_set_release(&sets->mine[f]);
    free(sets->at);
    free(sets->key);
    *sets = (struct near_sets){0};
}

/* ---- In scratch storage: the bytes of each value, then the values or where they are ---------- */

/* In a set's place: its values are in the input. */
#define AGAIN (UINT64_C(1) << 63)

/* Room for one more: the lists grow by a quarter, so that little of them lies idle. */
static int make_room(struct near_sets *sets)
{
    if (sets->count < sets->cap)
        return 0;
    size_t cap = sets->cap + sets->cap / 4 + 1024;
    uint64_t *at = realloc(sets->at, cap * sizeof *at);
    if (at == NULL)
        return -1;
    sets->at = at;
    uint32_t *key = realloc(sets->key, cap * sizeof *key);
    if (key == NULL)
        return -1;
    sets->key = key;
    sets->cap = cap;
    return 0;
}

static int add_number(struct near_sets *sets, uint64_t at, uint32_t key, struct pref_err *err)
{
    if (make_room(sets) != 0)
        return pref_fail_memory(err, "the list of records that stay");
    sets->at[sets->count] = at;
    sets->key[sets->count++] = key;
    return PREF_OK;
}

int near_sets_add_stored(struct near_sets *sets, size_t len, uint32_t key, struct pref_err *err)
{
    uint64_t at = sets->stored.end;
    sets->stored.end = pref_store_after(at, len);
    return add_number(sets, at, key, err);
}

static uint64_t end_of(const struct near_sets *sets)
{
    return sets->stored.end + pref_scratch_end(sets->scratch);
}

/* Where in scratch storage a set stands that is there. */
static uint64_t place_of(const struct near_sets *sets, uint32_t number)
{
    return (sets->at[number] & ~AGAIN) - sets->stored.end;
}

int near_sets_add(struct near_sets *sets, const struct near_set *set, const struct near_rule *rule,
                  uint32_t key, struct pref_err *err)
{
    struct pref_scratch *scratch = sets->scratch;
    int again = near_again_suits(set, rule);
    int status = add_number(sets, again ? end_of(sets) | AGAIN : end_of(sets), key, err);
    if (status == PREF_OK && again)
        return near_again_add(sets, set, rule, err);
    if (status == PREF_OK)
        status = pref_scratch_add(scratch, set->bytes, rule->fields * sizeof *set->bytes, err);
    for (unsigned f = 0; f < rule->fields && status == PREF_OK; f++)
        status = pref_scratch_add(scratch, set->base + set->start[f], set->bytes[f], err);
    return status;
}

int near_sets_read(struct near_sets *sets, uint32_t number, const struct near_rule *rule,
                   struct pref_err *err)
{
    uint64_t at = sets->at[number];
    if (at & AGAIN)
        return near_again_read(sets, place_of(sets, number), rule, err);
    uint64_t end = number + 1 < sets->count ? sets->at[number + 1] & ~AGAIN : end_of(sets);
    size_t len = (size_t)(end - at);
    if (at < sets->stored.end)
        return near_stored_read(sets, at, end, rule, err);
    pref_buf_clear(&sets->raw);
    char *to = pref_buf_reserve(&sets->raw, len + PREF_PAD);
    if (to == NULL)
        return pref_fail_memory(err, "a record that stays");
    sets->raw.len = len;
    return pref_scratch_read(sets->scratch, place_of(sets, number), to, len, err);
}

/* Add the shingles of a field's value, as they were when the record came. */
static int add_shingles(struct near_sets *sets, unsigned f, struct pref_span value, size_t ngram,
                        struct pref_shingles *shingles, struct pref_err *err)
{
    struct pref_span text;
    struct pref_words *words = &sets->words;
    if (value.len == 0)
        return PREF_OK;
    if (pref_text_of(value, &sets->text, &text) != PREF_OK || sets->text.failed)
        return pref_fail_memory(err, "the text of a record");
    int status = pref_words_find(words, text, err);
    return status != PREF_OK
               ? status
               : pref_shingles_add(shingles, f, words->hash, words->count, ngram, err);
}

/* A set that was kept: its shingles, and its values where they are asked for, in `to`. Shingles are
 * found once more, which costs less than to put them by for every record. */
static int read_set(struct near_sets *sets, uint32_t number, const struct near_rule *rule,
                    int values, struct pref_buf *to, struct near_set *set, struct pref_err *err)
{
    struct pref_shingles *shingles = &sets->list;
    int status = near_sets_read(sets, number, rule, err);
    if (status != PREF_OK)
        return status;
    size_t at = rule->fields * sizeof *set->bytes;
    memcpy(set->bytes, sets->raw.ptr, at);
    pref_shingles_begin(shingles);
    for (unsigned f = 0; f < rule->fields && status == PREF_OK; f++) {
        struct pref_span value = {sets->raw.ptr + at, set->bytes[f]};
        size_t before = shingles->count;
        status = add_shingles(sets, f, value, rule->ngram, shingles, err);
        set->shingles[f] = (uint32_t)(shingles->count - before);
        set->start[f] = (uint32_t)at;
        at += value.len;
    }
    if (status == PREF_OK && (sets->at[number] & AGAIN))
        status = near_again_check(sets, shingles, err);
    size_t lists = shingles->count * sizeof *shingles->list;
    pref_buf_clear(to);
    pref_buf_add(to, (const char *)shingles->list, lists);
    if (values)
        pref_buf_add(to, sets->raw.ptr, sets->raw.len);
    pref_buf_reserve(to, PREF_PAD);
    if (status == PREF_OK && to->failed)
        status = pref_fail_memory(err, "a record that stays");
    set->count = shingles->count;
    set->list = (const uint64_t *)(const void *)to->ptr;
    set->base = to->ptr + lists;
    return status;
}

int near_sets_recall(struct near_sets *sets, uint32_t number, const struct near_rule *rule,
                     struct pref_buf *memory, struct near_set *set, struct pref_err *err)
{
    return read_set(sets, number, rule, 1, memory, set, err);
}

/* ---- Comparing ------------------------------------------------------------------------------- */

int near_sets_take(struct near_sets *sets, const struct near_set *set, const struct near_rule *rule,
                   struct pref_err *err)
{
    const uint64_t *list = set->list;
    int status = PREF_OK;
    for (unsigned f = 0; f < rule->fields && status == PREF_OK; f++) {
        status = pref_shingle_set_fill(&sets->mine[f], list, set->shingles[f], err);
        list += set->shingles[f];
    }
    return status;
}

/* What the set taken has in common with another, of different shingles, in each field. */
static void count_fields(const struct near_sets *sets, const struct near_set *other,
                         const struct near_rule *rule, struct near_counts *counts)
{
    const uint64_t *list = other->list;
    for (unsigned f = 0; f < rule->fields; f++) {
        const struct pref_shingle_set *mine = &sets->mine[f];
        counts[f] = (struct near_counts){mine->count, other->shingles[f],
                                         pref_shingle_set_common(mine, list, other->shingles[f])};
        list += other->shingles[f];
    }
}

/* Whether sets with this much in common, less `fewer` in both, reach a share. */
static int reaches(struct pref_share share, uint64_t both, uint64_t either, uint64_t fewer)
{
    if (either == 0)
        return 1;
    return both >= fewer && pref_share_compare(both - fewer, either + fewer, share) >= 0;
}

/* Whether the rule holds where any one field has `fewer` shingles in both than were counted. */
static int holds(const struct near_rule *rule, const struct near_counts *counts, uint64_t fewer,
                 struct near_common *common)
{
    *common = (struct near_common){0, 0};
    for (unsigned f = 0; f < rule->fields; f++) {
        uint64_t either = counts[f].a + counts[f].b - counts[f].both;
        if (rule->each.num > 0 && !reaches(rule->each, counts[f].both, either, fewer))
            return 0;
        common->both += counts[f].both;
        common->either += either;
    }
    return reaches(rule->near, common->both, common->either, fewer);
}

/* Whether the set taken is near to another, of different shingles, as far as hashes tell; *doubtful
 * is 1 where it is, and would not be were but one pair of equal hashes of different words. */
static int compare_hashes(const struct near_sets *sets, const struct near_set *other,
                          const struct near_rule *rule, struct near_common *common, int *doubtful)
{
    struct near_counts counts[DEDUP_FIELDS_MAX];
    struct near_common less;
    count_fields(sets, other, rule, counts);
    int near = holds(rule, counts, 0, common);
    *doubtful = near && !holds(rule, counts, 1, &less);
    return near;
}

static int compare_words(struct near_sets *sets, const struct near_set *other,
                         const struct near_set *set, const struct near_rule *rule,
                         struct near_common *common, int *near, struct pref_err *err)
{
    struct near_counts counts[DEDUP_FIELDS_MAX];
    int status = near_words_compare(sets, set, other, rule, counts, err);
    *near = status == PREF_OK && holds(rule, counts, 0, common);
    return status;
}

/* Leave each shingle of a set's list once, in its field. */
static int make_distinct(struct near_sets *sets, const struct near_rule *rule, uint64_t *list,
                         struct near_set *set, struct pref_err *err)
{
    uint64_t *from = list, *to = list;
    for (unsigned f = 0; f < rule->fields; f++) {
        size_t n = set->shingles[f];
        if (pref_shingle_set_reduce(&sets->field, from, n, err) != PREF_OK)
            return PREF_FAIL;
        memmove(to, from, sets->field.count * sizeof *to);
        set->shingles[f] = (uint32_t)sets->field.count;
        to += sets->field.count;
        from += n;
    }
    set->list = list;
    set->count = (size_t)(to - list);
    return PREF_OK;
}

/* In the ring are the number of shingles in each field, then these. */
static void put_recent(struct near_sets *sets, uint32_t number, const struct near_rule *rule,
                       const struct near_set *set)
{
    uint64_t *to = near_recent_room(&sets->recent, number, rule->fields + set->count);
    if (to == NULL)
        return;
    for (unsigned f = 0; f < rule->fields; f++)
        *to++ = set->shingles[f];
    memcpy(to, set->list, set->count * sizeof *to);
}

/* The different shingles of a set that was kept, without its values. */
static int find_shingles(struct near_sets *sets, uint32_t number, const struct near_rule *rule,
                         struct near_set *set, struct pref_err *err)
{
    const uint64_t *recent = near_recent_find(&sets->recent, number);
    if (recent != NULL) {
        set->count = 0;
        for (unsigned f = 0; f < rule->fields; f++)
            set->count += set->shingles[f] = (uint32_t)recent[f];
        set->list = recent + rule->fields;
        return PREF_OK;
    }
    int status = read_set(sets, number, rule, 0, &sets->other, set, err);
    if (status == PREF_OK)
        status = make_distinct(sets, rule, (uint64_t *)(void *)sets->other.ptr, set, err);
    if (status == PREF_OK)
        put_recent(sets, number, rule, set);
    return status;
}

int near_sets_compare(struct near_sets *sets, uint32_t number, const struct near_set *set,
                      const struct near_rule *rule, struct near_common *common, int *near,
                      struct pref_err *err)
{
    struct near_set other;
    int doubtful;
    int status = find_shingles(sets, number, rule, &other, err);
    if (status != PREF_OK)
        return status;
    *near = compare_hashes(sets, &other, rule, common, &doubtful);
    if (!doubtful)
        return PREF_OK;
    status = read_set(sets, number, rule, 1, &sets->other, &other, err);
    return status == PREF_OK ? compare_words(sets, &other, set, rule, common, near, err) : status;
}

int near_sets_compare_with(struct near_sets *sets, const struct near_set *other,
                           const struct near_set *set, const struct near_rule *rule,
                           struct near_common *common, int *near, struct pref_err *err)
{
    struct near_set distinct = *other;
    size_t lists = other->count * sizeof *other->list;
    int doubtful;
    pref_buf_clear(&sets->other);
    char *list = pref_buf_reserve(&sets->other, lists + PREF_PAD);
    if (list == NULL)
        return pref_fail_memory(err, "the shingles of a record");
    memcpy(list, other->list, lists);
    if (make_distinct(sets, rule, (uint64_t *)(void *)list, &distinct, err) != PREF_OK)
        return PREF_FAIL;
    *near = compare_hashes(sets, &distinct, rule, common, &doubtful);
    return doubtful ? compare_words(sets, other, set, rule, common, near, err) : PREF_OK;
}
