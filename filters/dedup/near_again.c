/* SPDX-License-Identifier: Apache-2.0 */
/*
 * near_again.c - sets whose values are read again from the input when they are wanted. In scratch
 * storage stand, for each field, the bytes of its value and where it begins in the span from the
 * first value to the last (4 each); then the place of that span, and the sum of the set's shingles
 * (8 each). What is read may be anything, since others may write to the file: it is doubted, and
 * then must give the same shingles.
 */
#include "config.h"

#include "near_sets.h"
#include "lib/text/text.h"

#include <string.h>

/* A span may be twice as long as the values in it, and so much longer. */
#define FURTHER 4096

/* What stands behind the numbers of the fields. */
struct again {
    uint64_t place, sum;
};

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

int near_again_add(struct near_sets *sets, const struct near_set *set,
                   const struct near_rule *rule, struct pref_err *err)
{
    struct reach reach = reach_of(set, rule);
    uint32_t start[DEDUP_FIELDS_MAX];
    struct again again = {set->place + reach.from, set->sum};
    size_t size = rule->fields * sizeof *start;
    for (unsigned f = 0; f < rule->fields; f++)
        start[f] = set->start[f] - reach.from;
    int status = pref_scratch_add(sets->scratch, set->bytes, size, err);
    if (status == PREF_OK)
        status = pref_scratch_add(sets->scratch, start, size, err);
    return status == PREF_OK ? pref_scratch_add(sets->scratch, &again, sizeof again, err) : status;
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

/* What was kept of a set, but for the place and the sum. */
static int read_numbers(const struct near_sets *sets, uint64_t at, const struct near_rule *rule,
                        struct near_set *set, struct pref_err *err)
{
    size_t size = rule->fields * sizeof *set->bytes;
    int status = pref_scratch_read(sets->scratch, at, set->bytes, size, err);
    return status == PREF_OK ? pref_scratch_read(sets->scratch, at + size, set->start, size, err)
                             : status;
}

static int read_again(const struct near_sets *sets, uint64_t at, const struct near_rule *rule,
                      struct again *again, struct pref_err *err)
{
    at += 2 * rule->fields * sizeof(uint32_t);
    return pref_scratch_read(sets->scratch, at, again, sizeof *again, err);
}

int near_again_read(struct near_sets *sets, uint64_t at, const struct near_rule *rule,
                    struct pref_err *err)
{
    struct near_set set;
    struct again again;
    int status = read_numbers(sets, at, rule, &set, err);
    if (status == PREF_OK)
        status = read_again(sets, at, rule, &again, err);
    if (status != PREF_OK)
        return status;
    size_t len = reach_of(&set, rule).to;
    pref_buf_clear(&sets->other);
    char *span = pref_buf_reserve(&sets->other, len + PREF_PAD);
    if (span == NULL)
        return pref_fail_memory(err, "a record that stays");
    memset(span + len, 0, PREF_PAD);
    status = pref_reread(sets->rereads, again.place, span, len, err);
    if (status != PREF_OK)
        return status;
    pref_buf_clear(&sets->raw);
    pref_buf_add(&sets->raw, (const char *)set.bytes, rule->fields * sizeof *set.bytes);
    if (!take_values(sets, &set, rule))
        return pref_reread_changed(sets->rereads, again.place, err);
    pref_buf_reserve(&sets->raw, PREF_PAD);
    return sets->raw.failed ? pref_fail_memory(err, "a record that stays") : PREF_OK;
}

int near_again_check(struct near_sets *sets, uint64_t at, const struct near_rule *rule,
                     const struct pref_shingles *shingles, struct pref_err *err)
{
    struct again again;
    int status = read_again(sets, at, rule, &again, err);
    return status == PREF_OK && near_sum(shingles->list, shingles->count) != again.sum
               ? pref_reread_changed(sets->rereads, again.place, err)
               : status;
}
