/* SPDX-License-Identifier: Apache-2.0 */
/* dedup_near_rows.c - records in order where near ones go, too. Where the first of them stays, and as
 * it came, that is told as they come; else all are known before one leaves. */
#include "config.h"

#include "dedup_state.h"

#include <math.h>

/* The row is near to a record that stays, whose place, if any is kept, is under `kept`. */
static enum pref_verdict reject_near(struct dedup *dedup, uint64_t kept,
                                     struct near_common common, struct pref_row *row,
                                     const struct dedup_note *note)
{
    char least[PREF_SHARE_MAX];
    unsigned long long both = common.both, either = common.either;
    double similarity = (double)common.both / (double)common.either;
    if (dedup_write_removed(dedup, &kept, AUDIT_NEAR, similarity, row, note) != PREF_OK)
        return PREF_BROKEN;
    pref_share_print(least, dedup->near.rule.near);
    const char *by = dedup->rule == KEEP_FIRST  ? "an earlier record"
                     : dedup->rule == KEEP_LAST ? "a later record"
                                                : "the record kept by ";
    int is_chosen = dedup->rule == KEEP_MAX || dedup->rule == KEEP_MIN;
    return pref_row_reject(row, "near %s%s on %s: similarity %llu/%llu >= %s", by,
                           is_chosen ? dedup->keep : "", dedup->fields.on, both, either, least);
}

/* ---- As they come ------------------------------------------------------------------------------- */

/* Only what stays has its key in the table, so that what equals a record that went is compared with
 * those that stay, as that was. */
static enum pref_verdict commit_streaming(struct dedup *dedup, struct pref_row *row,
                                          const struct dedup_note *note)
{
    struct near_match match;
    uint32_t key = 0;
    if (pref_keyset_find_number(dedup->seen, note->keys.own, &key))
        return dedup_reject_duplicate(dedup, key, AUDIT_EXACT, row, note);
    if (near_find(&dedup->near, note->near, row, &match) != PREF_OK)
        return PREF_BROKEN;
    if (match.found)
        return reject_near(dedup, near_key(&dedup->near, match.number), match.common, row, note);
    return dedup_keep_first(dedup, row, note, &key) < 0 ||
                   near_keep(&dedup->near, note->near, key, row->err) != PREF_OK
               ? PREF_BROKEN
               : row->verdict;
}

/* ---- When all are known ------------------------------------------------------------------------- */

/* The best has the least rank; a record without a value has the greatest. */
static double rank_of(const struct dedup *dedup, const struct pref_row *row, double value)
{
    switch (dedup->rule) {
    case KEEP_LAST: return -(double)row->ordinal;
    case KEEP_MAX: return isnan(value) ? INFINITY : -value;
    case KEEP_MIN: return isnan(value) ? INFINITY : value;
    default: return 0;
    }
}

enum pref_verdict dedup_absorb_near(struct dedup *dedup, struct pref_row *row,
                                    const struct dedup_note *note)
{
    uint64_t number = dedup->ranked.count;
    uint32_t key;
    if (dedup_keep_key(dedup, row, note, &key) < 0 ||
        ranked_add(&dedup->ranked, &dedup->near, note->near, rank_of(dedup, row, note->value), key,
                   row) != PREF_OK)
        return PREF_BROKEN;
    return dedup->clusters == NULL || dedup_keep_place(dedup, number, row, note) == PREF_OK
               ? PREF_USE
               : PREF_BROKEN;
}

static enum pref_verdict reject_ranked(struct dedup *dedup, uint32_t record, struct pref_row *row,
                                       const struct dedup_note *note)
{
    uint32_t leader = dedup->ranked.records[record].leader;
    struct near_common common;
    if (near_key(&dedup->near, record) == near_key(&dedup->near, leader))
        return dedup_reject_duplicate(dedup, leader, AUDIT_EXACT, row, note);
    return ranked_common(&dedup->ranked, &dedup->near, record, &common, row->err) == PREF_OK
               ? reject_near(dedup, leader, common, row, note)
               : PREF_BROKEN;
}

static enum pref_verdict commit_ranked(struct dedup *dedup, struct pref_row *row,
                                       const struct dedup_note *note)
{
    int64_t record = ranked_next(&dedup->ranked);
    if (record < 0) {
        pref_fail(row->err, "a record was not there when the input was first read");
        return PREF_BROKEN;
    }
    const struct ranked_record *own = &dedup->ranked.records[record];
    if (own->leader != (uint32_t)record)
        return reject_ranked(dedup, (uint32_t)record, row, note);
    if (!dedup->count)
        return row->verdict;
    struct pref_job *job = pref_row_job(row);
    return job == NULL ? PREF_BROKEN : dedup_annotate(dedup, job, own->copies);
}

enum pref_verdict dedup_commit_near(struct dedup *dedup, struct pref_row *row,
                                    const struct dedup_note *note)
{
    return dedup->learns > 0 ? commit_ranked(dedup, row, note)
                             : commit_streaming(dedup, row, note);
}
