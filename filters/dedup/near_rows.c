/* SPDX-License-Identifier: Apache-2.0 */
/* near_rows.c - records in order where near ones go, too. Where the first of them stays, and as
 * it came, that is told as they come; else all are known before one leaves. */
#include "config.h"

#include "near_rows.h"

#include "row.h"

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

/* Records without words are similar only where they are equal. */
static double similarity_of(struct near_common common)
{
    return common.either == 0 ? 1 : (double)common.both / (double)common.either;
}

static void add_similarity(const struct dedup *dedup, struct near_common common,
                           struct pref_buf *why)
{
    char least[PREF_SHARE_MAX];
    if (common.either == 0)
        return;
    pref_share_print(least, dedup->near.rule.near);
    pref_buf_addf(why, ": similarity %llu/%llu >= %s", (unsigned long long)common.both,
                  (unsigned long long)common.either, least);
}

/* The row is near to a record that stays: to the one at `place`, which is protected, or, where that
 * is NULL, to one whose place, if any is kept, is under `kept`. */
static enum pref_verdict reject_near(struct dedup *dedup, const struct audit_place *place,
                                     uint64_t kept, struct near_common common,
                                     struct pref_row *row, const struct dedup_note *note)
{
    double similarity = similarity_of(common);
    dedup->near.removed += place == NULL; /* else it is counted under `against` */
    int status = place != NULL
                     ? dedup_write_gone(dedup, place, AUDIT_NEAR, similarity, row, note)
                     : dedup_write_removed(dedup, &kept, AUDIT_NEAR, similarity, row, note);
    if (status != PREF_OK)
        return PREF_BROKEN;
    if (!pref_row_is_told(row))
        return PREF_REJECT;
    pref_buf_clear(row->why);
    pref_buf_add_text(row->why, "near ");
    name_leader(dedup, place, row->why);
    pref_buf_add_text(row->why, " on ");
    pref_buf_add_text(row->why, dedup->fields.on);
    add_similarity(dedup, common, row->why);
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

/* ---- As they come ---------------------------------------------------------------------------- */

/* The key of the same pair with its sides exchanged, among those of records that were kept. */
static uint32_t find_partner(const struct dedup *dedup, const struct dedup_note *note)
{
    uint32_t key;
    return dedup_keys_exchangeable(&note->keys) &&
                   pref_keyset_find_number(dedup->seen, note->keys.exchanged, &key)
               ? key
               : RANKED_NOBODY;
}

/* The row stays, and is looked for the other way round. */
static int count_contradictions(struct dedup *dedup, struct pref_row *row,
                                const struct dedup_note *note, struct near_match match)
{
    if (!dedup->near.turns.on || note->near == NULL)
        return PREF_OK;
    return near_look_turned(&dedup->near, note->near, NULL, find_partner(dedup, note), &match,
                            row->err);
}

/* Only what stays has its key in the table, so that what equals a record that went is compared with
 * those that stay, as that was. */
static enum pref_verdict commit_streaming(struct dedup *dedup, struct pref_row *row,
                                          const struct dedup_note *note)
{
    struct near_match match;
    uint32_t key = 0;
    if (pref_keyset_find_number(dedup->seen, note->keys.own, &key))
        return dedup_reject_duplicate(dedup, key, row, note);
    if (near_find(&dedup->near, note->near, row, &match) != PREF_OK)
        return PREF_BROKEN;
    if (match.found && near_is_protected(&dedup->near, match.number))
        return reject_protected(dedup, match.number, match.common, row, note);
    if (match.found)
        return reject_near(dedup, NULL, near_key(&dedup->near, match.number), match.common, row,
                           note);
    if (count_contradictions(dedup, row, note, match) != PREF_OK)
        return PREF_BROKEN;
    return dedup_keep_first(dedup, row, note, &key) < 0 ||
                   near_keep(&dedup->near, note->near, key, row->err) != PREF_OK
               ? PREF_BROKEN
               : row->verdict;
}

/* ---- When all are known ---------------------------------------------------------------------- */

/* The best has the least rank; a record without a value has none, as that is NaN. */
static double rank_of(const struct dedup *dedup, const struct pref_row *row, double value)
{
    switch (dedup->rule) {
    case KEEP_LAST: return -(double)row->ordinal;
    case KEEP_MAX: return -value;
    case KEEP_MIN: return value;
    default: return 0;
    }
}

static enum pref_verdict fail_unknown(struct pref_row *row)
{
    pref_fail(row->err, "a record was not there when the input was first read");
    return PREF_BROKEN;
}

/* The first reading. */
static int absorb_record(struct dedup *dedup, struct pref_row *row, const struct dedup_note *note)
{
    uint64_t number = dedup->ranked.count;
    uint32_t key, partner = RANKED_NOBODY;
    int added = dedup_keep_key(dedup, row, note, &key), status = PREF_OK;
    if (added < 0)
        return PREF_FAIL;
    if (added)
        partner = find_partner(dedup, note);
    if (partner != RANKED_NOBODY)
        status = ranked_pair(&dedup->ranked, key, partner, row->err);
    if (status == PREF_OK)
        status = ranked_add(&dedup->ranked, &dedup->near, note->near,
                            rank_of(dedup, row, note->value), key, row);
    return status == PREF_OK && dedup_needs_places(dedup)
               ? dedup_keep_place(dedup, number, row, note)
               : status;
}

/* Whether the record that stays for this one gets its votes: of all that go, or of the first that
 * was joined to it. */
static int gives_votes(const struct dedup *dedup, uint32_t record)
{
    const struct ranked *ranked = &dedup->ranked;
    uint32_t leader = ranked->records[record].leader;
    return leader != record && !near_is_protected(&dedup->near, leader) &&
           !ranked_is_dropped(ranked, record) &&
           (dedup->merge_votes || ranked_is_first_joined(ranked, record));
}

/* The second reading: keep the votes of what goes. */
static int absorb_votes(struct dedup *dedup, uint32_t record, struct pref_row *row)
{
    const struct ranked *ranked = &dedup->ranked;
    uint32_t leader = ranked->records[record].leader;
    if (!gives_votes(dedup, record))
        return PREF_OK;
    struct pref_job *job = pref_row_job(row);
    struct votes_how how = {ranked_is_turned(ranked, record), ranked_is_joined(ranked, leader)};
    return job == NULL ? PREF_FAIL
                       : votes_keep(&dedup->votes, leader, row->ordinal, job->doc, how, row->err);
}

enum pref_verdict dedup_absorb_near(struct dedup *dedup, struct pref_row *row,
                                    const struct dedup_note *note)
{
    int status;
    if (dedup->step == 0) {
        status = absorb_record(dedup, row, note);
    } else {
        int64_t record = ranked_next(&dedup->ranked);
        if (record < 0)
            return fail_unknown(row);
        status = absorb_votes(dedup, (uint32_t)record, row);
    }
    return status == PREF_OK ? PREF_USE : PREF_BROKEN;
}

/* The record contradicts another, or what stands for it does: none of them stays. */
static enum pref_verdict reject_dropped(struct dedup *dedup, uint32_t record, struct pref_row *row,
                                        const struct dedup_note *note)
{
    struct near_common common;
    uint32_t leader = dedup->ranked.records[record].leader;
    dedup->contradicting++;
    if (ranked_turned_common(&dedup->ranked, &dedup->near, leader, &common, row->err) != PREF_OK ||
        dedup_write_removed(dedup, NULL, AUDIT_CONTRADICTION, similarity_of(common), row, note) !=
            PREF_OK)
        return PREF_BROKEN;
    pref_buf_clear(row->why);
    pref_buf_add_text(row->why, "contradiction: the same pair, or one near to it, is there the "
                                "other way round");
    add_similarity(dedup, common, row->why);
    return PREF_REJECT;
}

/* The record was joined to the one that stays for it, which it contradicts. */
static enum pref_verdict reject_turned(struct dedup *dedup, uint32_t record, struct pref_row *row,
                                       const struct dedup_note *note)
{
    struct near_common common;
    struct audit_place place;
    uint64_t leader = dedup->ranked.records[record].leader;
    dedup->contradicting++;
    if (ranked_turned_common(&dedup->ranked, &dedup->near, record, &common, row->err) != PREF_OK ||
        dedup_write_removed(dedup, &leader, AUDIT_CONTRADICTION, similarity_of(common), row,
                            note) != PREF_OK ||
        audit_find(&dedup->audit, leader, &place, row->err) != PREF_OK)
        return PREF_BROKEN;
    dedup_name_place(row, gives_votes(dedup, record) ? "merged into " : "contradiction of ",
                     &place);
    return PREF_REJECT;
}

static enum pref_verdict reject_ranked(struct dedup *dedup, uint32_t record, struct pref_row *row,
                                       const struct dedup_note *note)
{
    uint32_t leader = dedup->ranked.records[record].leader;
    struct near_common common;
    int is_protected = near_is_protected(&dedup->near, leader);
    if (!is_protected && near_key(&dedup->near, record) == near_key(&dedup->near, leader))
        return dedup_reject_duplicate(dedup, leader, row, note);
    if (ranked_common(&dedup->ranked, &dedup->near, record, &common, row->err) != PREF_OK)
        return PREF_BROKEN;
    return is_protected ? reject_protected(dedup, leader, common, row, note)
                        : reject_near(dedup, NULL, leader, common, row, note);
}

/* The record stays, with what the others leave it. */
static enum pref_verdict pass_leader(struct dedup *dedup, uint32_t record, struct pref_row *row)
{
    const struct ranked *ranked = &dedup->ranked;
    uint32_t copies = ranked->records[record].copies;
    int joined = ranked_is_joined(ranked, record);
    int gets = joined || (dedup->merge_votes && copies > 1);
    if (!gets && !dedup->count)
        return row->verdict;
    struct pref_job *job = pref_row_job(row);
    if (job == NULL || (gets && votes_merge(&dedup->votes, record, row->ordinal, &job->edits,
                                            joined, row->err) != PREF_OK))
        return PREF_BROKEN;
    return dedup_annotate(dedup, job, copies);
}

static enum pref_verdict commit_ranked(struct dedup *dedup, struct pref_row *row,
                                       const struct dedup_note *note)
{
    const struct ranked *ranked = &dedup->ranked;
    int64_t next = ranked_next(&dedup->ranked);
    if (next < 0)
        return fail_unknown(row);
    uint32_t record = (uint32_t)next;
    if (ranked_is_dropped(ranked, record))
        return reject_dropped(dedup, record, row, note);
    if (ranked_is_turned(ranked, record))
        return reject_turned(dedup, record, row, note);
    return ranked->records[record].leader == record ? pass_leader(dedup, record, row)
                                                    : reject_ranked(dedup, record, row, note);
}

enum pref_verdict dedup_commit_near(struct dedup *dedup, struct pref_row *row,
                                    const struct dedup_note *note)
{
    return dedup->learns > 0 ? commit_ranked(dedup, row, note)
                             : commit_streaming(dedup, row, note);
}
