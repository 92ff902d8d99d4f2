/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ledger.h"

#include <math.h>
#include <stdlib.h>

/* What is put aside of a record. Of the two keys of a pair it is the lesser; which of them is its
 * own, and what else there is to say, stands in the top bits of its number. */
struct entry {
    struct pref_h128 key;
    uint64_t number;
    double value; /* only where one is compared: else the entry ends before it */
};

#define ENTRY_TURNED (UINT64_C(1) << 63)
#define ENTRY_PAIR (UINT64_C(1) << 62) /* there is another way round */
#define ENTRY_PROTECTED (UINT64_C(1) << 61)
#define ENTRY_NUMBER (ENTRY_PROTECTED - 1)

/* Records whose keys agree in all bits of the level above. */
struct ledger_part {
    struct pref_spill_list list;
    unsigned level;
};

enum { LEVEL_BITS = 6, LEVELS = 10 }; /* PREF_SPILL_FAN lists; the high word of a key is used */

static size_t entry_size(struct groups_rules rules)
{
    return rules.keep == KEEP_MAX || rules.keep == KEEP_MIN ? sizeof(struct entry)
                                                            : offsetof(struct entry, value);
}

int ledger_open(struct ledger *ledger, struct groups_rules rules, int all, uint64_t memory,
                struct pref_err *err)
{
    size_t bytes = memory < SIZE_MAX ? (size_t)memory : SIZE_MAX;
    ledger->rules = rules;
    ledger->all = all;
    ledger->memory = memory;
    ledger->most = bytes / 2 / groups_bytes_each(rules);
    if (ledger->most >= UINT32_MAX)
        ledger->most = UINT32_MAX - 1;
    int status = pref_spill_new(&ledger->spill, entry_size(rules), bytes / 4, err);
    return status == PREF_OK ? verdicts_open(&ledger->verdicts, bytes / 4, err) : status;
}

void ledger_close(struct ledger *ledger)
{
    pref_spill_free(ledger->spill);
    groups_close(&ledger->groups);
    verdicts_close(&ledger->verdicts);
    free(ledger->parts);
    *ledger = (struct ledger){.memory = 0};
}

/* ---- The first reading ----------------------------------------------------------------------- */

static unsigned list_of(struct pref_h128 key, unsigned level)
{
    return (unsigned)(key.high >> (64 - LEVEL_BITS * (level + 1))) & (PREF_SPILL_FAN - 1);
}

static int put(struct ledger *ledger, const struct dedup_keys *keys, struct entry *entry,
               struct pref_err *err)
{
    struct pref_h128 own = keys->own, other = keys->exchanged;
    entry->key = own;
    if (dedup_keys_exchangeable(keys))
        entry->number |= ENTRY_PAIR;
    if (other.high < own.high || (other.high == own.high && other.low < own.low)) {
        entry->key = other;
        entry->number |= ENTRY_TURNED;
    }
    ledger->records++;
    return pref_spill_add(ledger->spill, list_of(entry->key, 0), entry, err);
}

int ledger_protect(struct ledger *ledger, const struct dedup_keys *keys, uint64_t number,
                   struct pref_err *err)
{
    struct entry entry = {.number = number | ENTRY_PROTECTED, .value = NAN};
    return put(ledger, keys, &entry, err);
}

int ledger_add(struct ledger *ledger, const struct dedup_keys *keys, double value,
               uint64_t ordinal, struct pref_err *err)
{
    struct entry entry = {.number = ordinal, .value = value};
    return put(ledger, keys, &entry, err);
}

/* ---- Judging --------------------------------------------------------------------------------- */

/* The lists that were written last are parts to be judged. */
static int take_lists(struct ledger *ledger, unsigned level, struct pref_err *err)
{
    struct pref_spill_list lists[PREF_SPILL_FAN];
    int status = pref_spill_end(ledger->spill, lists, err);
    if (status == PREF_OK && ledger->cap - ledger->count < PREF_SPILL_FAN) {
        size_t cap = ledger->cap * 2 + PREF_SPILL_FAN;
        struct ledger_part *parts = realloc(ledger->parts, cap * sizeof *parts);
        if (parts == NULL)
            return pref_fail_memory(err, "the parts of the table of keys");
        ledger->parts = parts;
        ledger->cap = cap;
    }
    for (unsigned i = 0; i < PREF_SPILL_FAN && status == PREF_OK; i++)
        if (lists[i].count > 0)
            ledger->parts[ledger->count++] = (struct ledger_part){lists[i], level};
    return status;
}

/* The keys of an entry: its two ways round differ in the last bit alone, which is as good. */
static struct dedup_keys keys_of(const struct entry *entry)
{
    struct dedup_keys keys = {entry->key, entry->key};
    keys.own.low &= ~UINT64_C(1);
    keys.exchanged.low = keys.own.low;
    if (entry->number & ENTRY_TURNED)
        keys.own.low |= 1;
    else if (entry->number & ENTRY_PAIR)
        keys.exchanged.low |= 1;
    return keys;
}

/* Read a part's next entry; *there is 0 behind the last one. */
static int next_entry(struct ledger *ledger, const struct entry **entry, struct pref_err *err)
{
    const void *bytes = NULL;
    int status = pref_spill_next(ledger->spill, &bytes, err);
    *entry = bytes;
    return status;
}

/* The value of an entry, which need not have one. */
static double value_of(const struct ledger *ledger, const struct entry *entry)
{
    return entry_size(ledger->rules) == sizeof *entry ? entry->value : NAN;
}

/* Make the groups of a part. *fits is 0 where there are more of them than memory. */
static int learn_part(struct ledger *ledger, const struct ledger_part *part, int *fits,
                      struct pref_err *err)
{
    struct groups *groups = &ledger->groups;
    const struct entry *entry;
    uint64_t distinct = 0, contradictions = 0;
    uint32_t partner;
    int status = groups_clear(groups, err);
    pref_spill_begin(ledger->spill, &part->list);
    *fits = 1;
    while (status == PREF_OK && *fits) {
        status = next_entry(ledger, &entry, err);
        if (status != PREF_OK || entry == NULL)
            break;
        struct dedup_keys keys = keys_of(entry);
        uint64_t number = entry->number & ENTRY_NUMBER;
        int added;
        if (entry->number & ENTRY_PROTECTED) {
            added = groups_protect(groups, keys.own, number, err);
        } else {
            added = groups_add(groups, keys.own, value_of(ledger, entry), number, err);
            distinct += added > 0;
            contradictions += added > 0 && groups_find_partner(groups, &keys, &partner);
        }
        if (added < 0)
            return PREF_FAIL;
        *fits = pref_keyset_count(groups->keys) <= ledger->most;
    }
    ledger->distinct += *fits ? distinct : 0;
    ledger->contradictions += *fits ? contradictions : 0;
    return status;
}

/* Put aside how the records of a part stand whose groups were made. */
static int judge_part(struct ledger *ledger, const struct ledger_part *part, struct pref_err *err)
{
    const struct entry *entry;
    struct standing at;
    uint32_t wanted = STANDS_PROTECTED | (ledger->all ? STANDS_SEVERAL : 0) |
                      (ledger->rules.contradictions == CONTRADICTIONS_DROP ? STANDS_OPPOSED : 0);
    int status = verdicts_begin(&ledger->verdicts, err);
    pref_spill_begin(ledger->spill, &part->list);
    while (status == PREF_OK) {
        status = next_entry(ledger, &entry, err);
        if (status != PREF_OK || entry == NULL)
            break;
        if (entry->number & ENTRY_PROTECTED)
            continue;
        struct dedup_keys keys = keys_of(entry);
        if (!groups_stand(&ledger->groups, &keys, entry->number & ENTRY_NUMBER, &at))
            return pref_fail(err, "a scratch file holds other bytes than were written");
        if (!(at.is & STANDS_PROTECTED))
            at.kept += ledger->numbers;
        if (!(at.is & STANDS_STAYS) || (at.is & wanted))
            status = verdicts_add(&ledger->verdicts, &at, err);
    }
    ledger->numbers += pref_keyset_count(ledger->groups.keys);
    return status;
}

/* Divide a part by further bits of the keys. */
static int divide(struct ledger *ledger, const struct ledger_part *part, struct pref_err *err)
{
    const struct entry *entry;
    int status = PREF_OK;
    if (part->level + 1 == LEVELS)
        return pref_fail(err, "more than %zu records cannot be told apart by %d bits: give "
                         "--memory more than %llu bytes", ledger->most, LEVELS * LEVEL_BITS,
                         (unsigned long long)ledger->memory);
    pref_spill_begin(ledger->spill, &part->list);
    while (status == PREF_OK) {
        status = next_entry(ledger, &entry, err);
        if (status != PREF_OK || entry == NULL)
            break;
        status = pref_spill_add(ledger->spill, list_of(entry->key, part->level + 1), entry, err);
    }
    return status == PREF_OK ? take_lists(ledger, part->level + 1, err) : status;
}

int ledger_judge(struct ledger *ledger, struct pref_err *err)
{
    size_t room = ledger->records < ledger->most ? (size_t)ledger->records : ledger->most;
    int status = take_lists(ledger, 0, err);
    if (status == PREF_OK)
        status = groups_open(&ledger->groups, ledger->rules, err);
    if (status == PREF_OK)
        status = groups_reserve(&ledger->groups, room + 1, err);
    for (size_t i = 0; i < ledger->count && status == PREF_OK; i++) {
        struct ledger_part part = ledger->parts[i];
        int fits = 0;
        status = learn_part(ledger, &part, &fits, err);
        if (status == PREF_OK)
            status = fits ? judge_part(ledger, &part, err) : divide(ledger, &part, err);
    }
    groups_close(&ledger->groups);
    pref_spill_free(ledger->spill);
    ledger->spill = NULL;
    return status;
}

/* ---- Later readings -------------------------------------------------------------------------- */

int ledger_rewind(struct ledger *ledger, struct pref_err *err)
{
    return verdicts_rewind(&ledger->verdicts, err);
}

int ledger_stand(struct ledger *ledger, uint64_t ordinal, struct standing *at,
                 struct pref_err *err)
{
    int found = 0;
    int status = verdicts_next(&ledger->verdicts, ordinal, at, &found, err);
    if (!found) /* it is alone of its kind */
        *at = (struct standing){
            ordinal, 0, 1, STANDS_STAYS | (ledger->rules.merge_votes ? STANDS_GIVES : 0)};
    return status;
}
