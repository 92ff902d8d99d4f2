/* SPDX-License-Identifier: Apache-2.0 */
/* dedup_near_rows.c - records in order where near ones go, too. Where the first of them stays, and as
 * it came, that is told as they come; else all are known before one leaves. */
#include "config.h"

#include "dedup_state.h"

#include <math.h>

/* Who stays, in words. */
static void name_leader(struct dedup *dedup, const struct audit_place *place, struct pref_buf *out)
{
    if (place != NULL) {
        audit_file_name(out, place->file);
        pref_buf_addf(out, ":%llu", (unsigned long long)place->line);
    } else if (dedup->rule == KEEP_FIRST) {
        pref_buf_add_text(out, "an earlier record");
    } else if (dedup->rule == KEEP_LAST) {
        pref_buf_add_text(out, "a later record");
    } else {
        pref_buf_add_text(out, "the record kept by ");
        pref_buf_add_text(out, dedup->keep);
    }
}

/* The row is near to a record that stays: to the one at `place`, which is protected, or, where that
 * is NULL, to one whose place, if any is kept, is under `kept`. */
static enum pref_verdict reject_near(struct dedup *dedup, const struct audit_place *place,
                                     uint64_t kept, struct near_common common,
                                     struct pref_row *row, const struct dedup_note *note)
{
    char least[PREF_SHARE_MAX];
    double similarity = (double)common.both / (double)common.either;
    int status = place != NULL
                     ? dedup_write_gone(dedup, place, AUDIT_NEAR, similarity, row, note)
                     : dedup_write_removed(dedup, &kept, AUDIT_NEAR, similarity, row, note);
    if (status != PREF_OK)
        return PREF_BROKEN;
    pref_buf_clear(row->why);
    pref_buf_add_text(row->why, "near ");
    name_leader(dedup, place, row->why);
    pref_share_print(least, dedup->near.rule.near);
    pref_buf_add_text(row->why, " on ");
    pref_buf_add_text(row->why, dedup->fields.on);
    pref_buf_addf(row->why, ": similarity %llu/%llu >= %s", (unsigned long long)common.both,
                  (unsigned long long)common.either, least);
    return PREF_REJECT;
}

/* The row is near to a record of a protected corpus. */
static enum pref_verdict reject_protected(struct dedup *dedup, uint32_t number,
                                          struct near_common common, struct pref_row *row,
                                          const struct dedup_note *note)
{
    struct audit_place place;
    dedup->against.matched++;
    return audit_find(&dedup->against.places, near_key(&dedup->near, number), &place, row->err) ==
                   PREF_OK
               ? reject_near(dedup, &place, 0, common, row, note)
               : PREF_BROKEN;
}

int dedup_gather_near(struct dedup *dedup, struct pref_row *row, const struct dedup_note *note,
                      uint32_t key)
{
    int status = near_protect(&dedup->near, note->near, row, key);
    return status == PREF_OK && dedup->learns > 0 && note->near != NULL
               ? ranked_protect(&dedup->ranked, row->err)
               : status;
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
    if (match.found && near_is_protected(&dedup->near, match.number))
        return reject_protected(dedup, match.number, match.common, row, note);
    if (match.found)
        return reject_near(dedup, NULL, near_key(&dedup->near, match.number), match.common, row,
                           note);
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
    int is_protected = near_is_protected(&dedup->near, leader);
    if (!is_protected && near_key(&dedup->near, record) == near_key(&dedup->near, leader))
        return dedup_reject_duplicate(dedup, leader, AUDIT_EXACT, row, note);
    if (ranked_common(&dedup->ranked, &dedup->near, record, &common, row->err) != PREF_OK)
        return PREF_BROKEN;
    return is_protected ? reject_protected(dedup, leader, common, row, note)
                        : reject_near(dedup, NULL, leader, common, row, note);
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
