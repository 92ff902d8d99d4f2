/* SPDX-License-Identifier: Apache-2.0 */
/*
 * near_again.c - sets whose values are read again from the input when they are wanted. In scratch
 * storage stand, for each field, the bytes of its value and where it begins in the span from the
 * first value to the last (4 each); then struct near_again. What is read may be anything, since
 * others may write to the file: it is doubted, and then must give the same shingles.
 */
#include "config.h"

#include "near_sets.h"
#include "lib/text/text.h"

#include <string.h>

/* A span may be twice as long as the values in it, and so much longer. */
#define FURTHER 4096

/* Bytes kept of a set of the most fields. */
#define KEPT_MAX (DEDUP_FIELDS_MAX * 2 * sizeof(uint32_t) + sizeof(struct near_again))

/* Where the values of a set stand in its line: from the first to behind the last. */
struct reach {
    uint32_t from, to;
};

static struct reach reach_of(const struct near_set *set, const struct near_rule *rule)
{
    struct reach reach = {UINT32_MAX, 0};
    for (unsigned f = 0; f < rule->fields; f++) {
        uint32_t start = set->start[f], end = start + set->bytes[f];
        reach.from = start < reach.from ? start : reach.from;
        reach.to = end > reach.to ? end : reach.to;
    }
    return reach;
}

int near_again_suits(const struct near_set *set, const struct near_rule *rule)
{
    struct reach reach = reach_of(set, rule);
    uint64_t sum = 0;
    for (unsigned f = 0; f < rule->fields; f++)
        sum += set->bytes[f];
    return set->place != 0 && reach.to - reach.from <= 2 * sum + FURTHER;
}

/* The sum of shingles, modulo 2^64. */
static uint64_t sum_of(const uint64_t *list, size_t count)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += list[i];
    return sum;
}

/* The bytes that are kept of a set. */
static size_t size_of(const struct near_rule *rule)
{
    return rule->fields * 2 * sizeof(uint32_t) + sizeof(struct near_again);
}

int near_again_add(struct near_sets *sets, const struct near_set *set,
                   const struct near_rule *rule, struct pref_err *err)
{
    struct reach reach = reach_of(set, rule);
    struct near_again again = {set->place + reach.from, sum_of(set->list, set->count)};
    uint32_t kept[KEPT_MAX / sizeof(uint32_t)], *to = kept;
    for (unsigned f = 0; f < rule->fields; f++) {
        *to++ = set->bytes[f];
        *to++ = set->start[f] - reach.from;
    }
    memcpy(to, &again, sizeof again);
    return pref_scratch_add(sets->scratch, kept, size_of(rule), err);
}

/* What was kept of a set: the numbers into *set, the rest into sets->again. */
static int read_kept(struct near_sets *sets, uint64_t at, const struct near_rule *rule,
                     struct near_set *set, struct pref_err *err)
{
    uint32_t kept[KEPT_MAX / sizeof(uint32_t)];
    const uint32_t *from = kept;
    int status = pref_scratch_read(sets->scratch, at, kept, size_of(rule), err);
    if (status != PREF_OK)
        return status;
    for (unsigned f = 0; f < rule->fields; f++) {
        set->bytes[f] = *from++;
        set->start[f] = *from++;
    }
    memcpy(&sets->again, from, sizeof sets->again);
    return PREF_OK;
}

/* Whether a text can be made of what was read as the value of a field. */
static int is_value(struct near_sets *sets, struct pref_span value)
{
    struct pref_span text;
    return pref_scan_is_value(sets->scanner, value) &&
           pref_text_of(value, &sets->text, &text) == PREF_OK;
}

/* Put the values one behind the other into sets->raw; 0 where one is none. */
static int take_values(struct near_sets *sets, const struct near_set *set,
                       const struct near_rule *rule)
{
    for (unsigned f = 0; f < rule->fields; f++) {
        struct pref_span value = {sets->other.ptr + set->start[f], set->bytes[f]};
        if (!is_value(sets, value))
            return 0;
        pref_buf_add_span(&sets->raw, value);
    }
    return 1;
}

int near_again_read(struct near_sets *sets, uint64_t at, const struct near_rule *rule,
                    struct pref_err *err)
{
    struct near_set set;
    int status = read_kept(sets, at, rule, &set, err);
    if (status != PREF_OK)
        return status;
    size_t len = reach_of(&set, rule).to;
    pref_buf_clear(&sets->other);
    char *span = pref_buf_reserve(&sets->other, len + PREF_PAD);
    if (span == NULL)
        return pref_fail_memory(err, "a record that stays");
    memset(span + len, 0, PREF_PAD);
    status = pref_reread(sets->rereads, sets->again.place, span, len, err);
    if (status != PREF_OK)
        return status;
    pref_buf_clear(&sets->raw);
    pref_buf_add(&sets->raw, (const char *)set.bytes, rule->fields * sizeof *set.bytes);
    if (!take_values(sets, &set, rule))
        return pref_reread_changed(sets->rereads, sets->again.place, err);
    pref_buf_reserve(&sets->raw, PREF_PAD);
    return sets->raw.failed ? pref_fail_memory(err, "a record that stays") : PREF_OK;
}

int near_again_check(const struct near_sets *sets, const struct pref_shingles *shingles,
                     struct pref_err *err)
{
    return sum_of(shingles->list, shingles->count) == sets->again.sum
               ? PREF_OK
               : pref_reread_changed(sets->rereads, sets->again.place, err);
}
