/* SPDX-License-Identifier: Apache-2.0 */
/* rows.c - dedup's records in order: what is learnt of them, and which of them stay. */
#include "config.h"

#include "rows.h"

#include "near_rows.h"
#include "row.h"

enum pref_verdict dedup_gather(void *state, struct pref_row *row, void *state_note)
{
    struct dedup *dedup = state;
    struct dedup_note *note = state_note;
    struct dedup_keys fixed = note->keys;
    struct audit_place place = dedup_place_of(row, note);
    uint64_t record = dedup->against.records, keys = against_keys(&dedup->against);
    dedup_fields_scatter(&dedup->fields, &note->keys);
    int status = against_add(&dedup->against, note->keys.own, &place, row->err);
    if (status == PREF_OK && against_keys(&dedup->against) > keys)
        status = dedup_index_add(&dedup->index, &fixed, row->err);
    if (status == PREF_OK)
        status = dedup_is_bounded(dedup)
                     ? ledger_protect(&dedup->ledger, &note->keys, record, row->err)
                     : dedup_check_memory(dedup, against_keys(&dedup->against), row->err);
    if (status == PREF_OK && near_is_on(&dedup->near) && against_keys(&dedup->against) > keys)
        status = dedup_gather_near(dedup, row, note, (uint32_t)keys);
    return status == PREF_OK ? PREF_USE : PREF_BROKEN;
}

/* The row is in a protected corpus, under a number. */
static enum pref_verdict reject_protected(struct dedup *dedup, uint64_t number,
                                          struct pref_row *row, const struct dedup_note *note)
{
    struct audit_place kept;
    dedup->against.matched++;
    if (audit_find(&dedup->against.places, number, &kept, row->err) != PREF_OK ||
        dedup_write_gone(dedup, &kept, AUDIT_EXACT, 1, row, note) != PREF_OK)
        return PREF_BROKEN;
    dedup_name_place(row, "duplicate of ", &kept);
    pref_buf_add_text(row->why, " on ");
    pref_buf_add_text(row->why, dedup->fields.on);
    return PREF_REJECT;
}

/* Where a row stands among the records that are equal to it. */
static int stand(struct dedup *dedup, const struct pref_row *row, const struct dedup_note *note,
                 struct standing *at)
{
    if (dedup_is_bounded(dedup))
        return ledger_stand(&dedup->ledger, row->ordinal, at, row->err);
    return groups_stand(&dedup->groups, &note->keys, row->ordinal, at)
               ? PREF_OK
               : pref_fail(row->err, "a record was not there when the input was first read");
}

/* The second reading: keep what the groups need that have several records. */
static int keep_details(struct dedup *dedup, struct pref_row *row, const struct dedup_note *note)
{
    struct standing at;
    int status = stand(dedup, row, note, &at);
    if (status != PREF_OK || !(at.is & STANDS_SEVERAL))
        return status;
    if (at.is & STANDS_STAYS)
        return dedup_needs_places(dedup) ? dedup_keep_place(dedup, at.kept, row, note) : PREF_OK;
    if (!dedup_merges(dedup) || !(at.is & STANDS_GIVES))
        return PREF_OK;
    struct pref_job *job = pref_row_job(row);
    struct votes_how how = {(at.is & STANDS_TURNED) != 0, (at.is & STANDS_JOINED) != 0};
    return job == NULL ? PREF_FAIL
                       : votes_keep(&dedup->votes, at.kept, row->ordinal, job->doc, how, row->err);
}

/* The first reading. */
static int keep_key(struct dedup *dedup, struct pref_row *row, const struct dedup_note *note)
{
    uint32_t partner;
    if (dedup_is_bounded(dedup))
        return ledger_add(&dedup->ledger, &note->keys, note->value, row->ordinal, row->err);
    int added = groups_add(&dedup->groups, note->keys.own, note->value, row->ordinal, row->err);
    if (added <= 0)
        return added < 0 ? PREF_FAIL : PREF_OK;
    dedup->contradictions += (uint64_t)groups_find_partner(&dedup->groups, &note->keys, &partner);
    return dedup_check_memory(dedup, pref_keyset_count(dedup->groups.keys), row->err);
}

enum pref_verdict dedup_absorb(void *state, struct pref_row *row, void *state_note)
{
    struct dedup *dedup = state;
    const struct dedup_note *note = state_note;
    if (near_is_on(&dedup->near))
        return dedup_absorb_near(dedup, row, note);
    int status = dedup->step > 0 ? keep_details(dedup, row, note) : keep_key(dedup, row, note);
    return status == PREF_OK ? PREF_USE : PREF_BROKEN;
}

int dedup_settle(void *state, struct pref_err *err)
{
    struct dedup *dedup = state;
    int status = PREF_OK;
    dedup->step++;
    if (near_is_on(&dedup->near) && dedup->learns > 0) {
        ranked_rewind(&dedup->ranked);
        return dedup->step > 1 ? PREF_OK
                               : ranked_judge(&dedup->ranked, &dedup->near,
                                              pref_keyset_count(dedup->seen), err);
    }
    if (!dedup_is_bounded(dedup))
        return PREF_OK;
    if (dedup->step == 1)
        status = ledger_judge(&dedup->ledger, err);
    return status == PREF_OK ? ledger_rewind(&dedup->ledger, err) : status;
}

void dedup_warm(const void *state, const void *state_note)
{
    const struct dedup *dedup = state;
    const struct dedup_note *note = state_note;
    const struct pref_keyset *keys = dedup->seen != NULL ? dedup->seen : dedup->groups.keys;
    if (keys == NULL)
        return;
    near_warm(&dedup->near, note->near);
    pref_keyset_prefetch(keys, note->keys.own);
    pref_keyset_prefetch(keys, note->keys.exchanged);
}

/* Nothing was learnt: the first of its key stays. */
static enum pref_verdict commit_streaming(struct dedup *dedup, struct pref_row *row,
                                          const struct dedup_note *note)
{
    uint32_t key = 0;
    int added = dedup_keep_first(dedup, row, note, &key);
    if (added < 0)
        return PREF_BROKEN;
    return added ? row->verdict : dedup_reject_duplicate(dedup, key, row, note);
}

/* The row is joined to the record that stays, which is the other way round. */
static enum pref_verdict reject_joined(struct dedup *dedup, const struct standing *at,
                                       struct pref_row *row, const struct dedup_note *note)
{
    struct audit_place place;
    dedup->contradicting++;
    if (dedup_write_removed(dedup, &at->kept, AUDIT_CONTRADICTION, 1, row, note) != PREF_OK ||
        audit_find(&dedup->audit, at->kept, &place, row->err) != PREF_OK)
        return PREF_BROKEN;
    dedup_name_place(row, at->is & STANDS_GIVES ? "merged into " : "contradiction of ", &place);
    return PREF_REJECT;
}

/* The row stays, with what the others leave it: their votes, their number. */
static enum pref_verdict commit_changed(struct dedup *dedup, const struct standing *at, int votes,
                                        struct pref_row *row)
{
    int joined = (at->is & STANDS_JOINED) != 0;
    struct pref_job *job = pref_row_job(row);
    if (job == NULL || (votes && votes_merge(&dedup->votes, at->kept, row->ordinal, &job->edits,
                                             joined, row->err) != PREF_OK))
        return PREF_BROKEN;
    return dedup_annotate(dedup, job, at->copies);
}

static enum pref_verdict commit_learnt(struct dedup *dedup, struct pref_row *row,
                                       const struct dedup_note *note)
{
    struct standing at;
    if (stand(dedup, row, note, &at) != PREF_OK)
        return PREF_BROKEN;
    if (at.is & STANDS_PROTECTED)
        return reject_protected(dedup, at.kept, row, note);
    if (dedup->contradictions_do == CONTRADICTIONS_DROP && (at.is & STANDS_OPPOSED)) {
        dedup->contradicting++;
        if (dedup_write_removed(dedup, NULL, AUDIT_CONTRADICTION, 1, row, note) != PREF_OK)
            return PREF_BROKEN;
        return pref_row_reject(row, "contradiction: the same pair is there the other way round");
    }
    if (at.is & STANDS_TURNED)
        return reject_joined(dedup, &at, row, note);
    if (!(at.is & STANDS_STAYS))
        return dedup_reject_duplicate(dedup, at.kept, row, note);
    int several = (at.is & STANDS_SEVERAL) != 0;
    if (several && dedup->clusters != NULL && dedup->learns == 1 &&
        dedup_keep_place(dedup, at.kept, row, note) != PREF_OK)
        return PREF_BROKEN;
    if ((several && dedup_merges(dedup)) || (dedup->count && dedup_is_bounded(dedup)))
        return commit_changed(dedup, &at, several && dedup_merges(dedup), row);
    return row->verdict;
}

enum pref_verdict dedup_commit(void *state, struct pref_row *row, void *state_note)
{
    struct dedup *dedup = state;
    const struct dedup_note *note = state_note;
    if (note->part == NOTE_PROTECTED)
        return reject_protected(dedup, note->protected, row, note);
    if (note->part == NOTE_NONE)
        return row->verdict;
    if (near_is_on(&dedup->near))
        return dedup_commit_near(dedup, row, note);
    return dedup->learns > 0 ? commit_learnt(dedup, row, note)
                             : commit_streaming(dedup, row, note);
}
