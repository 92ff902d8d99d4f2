/* SPDX-License-Identifier: Apache-2.0 */
/* dedup_rows.c - dedup's records in order: what is learnt of them, and which of them stay. */
#include "config.h"

#include "dedup_state.h"

static struct audit_place place_of(const struct pref_row *row, const struct dedup_note *note)
{
    struct audit_place place = {row->file, row->number, {NULL, 0}};
    if (note->id_len > 0)
        place.id = (struct pref_span){row->line.ptr + note->id, note->id_len};
    return place;
}

static int keep_place(struct dedup *dedup, uint32_t key, struct pref_row *row,
                      const struct dedup_note *note)
{
    struct audit_place place = place_of(row, note);
    return audit_keep(&dedup->audit, key, &place, row->err);
}

enum pref_verdict dedup_gather(void *state, struct pref_row *row, void *state_note)
{
    struct dedup *dedup = state;
    const struct dedup_note *note = state_note;
    struct audit_place place = place_of(row, note);
    return against_add(&dedup->against, note->keys.own, &place, row->err) == PREF_OK
               ? PREF_USE
               : PREF_BROKEN;
}

/* The row goes because of the record kept for `key` (NULL: because of none). */
static int write_removed(struct dedup *dedup, const uint32_t *key, enum audit_kind kind,
                         struct pref_row *row, const struct dedup_note *note)
{
    struct audit_place place = place_of(row, note), kept = {NULL, 0, {NULL, 0}};
    if (dedup->clusters == NULL)
        return PREF_OK;
    int status = key == NULL ? PREF_OK : audit_find(&dedup->audit, *key, &kept, row->err);
    if (status == PREF_OK)
        status = audit_removed(&dedup->audit, &place, key == NULL ? NULL : &kept, kind, row->err);
    return status;
}

/* Write a reason that names a place. */
static void name_place(struct pref_row *row, const char *what, const struct audit_place *place)
{
    pref_buf_clear(row->why);
    pref_buf_add_text(row->why, what);
    audit_file_name(row->why, place->file);
    pref_buf_add_byte(row->why, ':');
    pref_buf_add_u64(row->why, place->line);
}

/* The row is in a protected corpus. */
static enum pref_verdict reject_protected(struct dedup *dedup, struct pref_row *row,
                                          const struct dedup_note *note)
{
    struct audit_place place = place_of(row, note), kept;
    dedup->against.matched++;
    if (audit_find(&dedup->against.places, note->protected, &kept, row->err) != PREF_OK ||
        audit_removed(&dedup->audit, &place, &kept, AUDIT_EXACT, row->err) != PREF_OK)
        return PREF_BROKEN;
    name_place(row, "duplicate of ", &kept);
    pref_buf_add_text(row->why, " on ");
    pref_buf_add_text(row->why, dedup->fields.on);
    return PREF_REJECT;
}

static int is_exchangeable(const struct dedup_note *note)
{
    return note->keys.own.low != note->keys.exchanged.low ||
           note->keys.own.high != note->keys.exchanged.high;
}

/* The group of the same pair with its sides exchanged, if there is one. */
static int find_partner(const struct dedup *dedup, const struct dedup_note *note, uint32_t *partner)
{
    return is_exchangeable(note) && groups_find(&dedup->groups, note->keys.exchanged, partner);
}

/* The row is a duplicate, or one of the other way round, of the record kept for `key`. */
static enum pref_verdict reject_duplicate(struct dedup *dedup, uint32_t key, enum audit_kind kind,
                                          struct pref_row *row, const struct dedup_note *note)
{
    const char *on = dedup->fields.on;
    dedup->duplicates++;
    if (write_removed(dedup, &key, kind, row, note) != PREF_OK)
        return PREF_BROKEN;
    if (dedup->rule == KEEP_FIRST)
        return pref_row_reject(row, "duplicate of an earlier record on %s", on);
    if (dedup->rule == KEEP_LAST)
        return pref_row_reject(row, "duplicate of a later record on %s", on);
    return pref_row_reject(row, "duplicate of the record kept by %s on %s", dedup->keep, on);
}

/* Where a row stands among the records that are equal to it, its own way round or the other. */
struct standing {
    uint32_t group, kept; /* its group, and that of the record that stays */
    int contradicts; /* the same pair is there the other way round */
    int joined;      /* and the two are to become one */
    int several;     /* the record that stays stands for others, too */
    int stays;       /* it is that record */
    int gives;       /* its votes are for the record that stays */
};

/* Returns 0 where the row has no group, which cannot be if the input is what it was. */
static int stand(const struct dedup *dedup, const struct pref_row *row,
                 const struct dedup_note *note, struct standing *at)
{
    const struct groups *groups = &dedup->groups;
    uint32_t partner;
    if (!groups_find(groups, note->keys.own, &at->group)) {
        pref_fail(row->err, "a record was not there when the input was first read");
        return 0;
    }
    int first = groups->winner[at->group] == row->ordinal; /* of its own way round */
    at->contradicts = find_partner(dedup, note, &partner);
    at->joined = at->contradicts && dedup->contradictions_do == CONTRADICTIONS_MERGE;
    at->kept = at->joined ? groups_choose(groups, at->group, partner) : at->group;
    at->several = at->joined || groups->copies[at->group] > 1;
    at->stays = first && at->kept == at->group;
    at->gives = dedup->merge_votes || (at->joined && first);
    return 1;
}

/* The second reading: keep what the groups need that have several records. */
static int keep_details(struct dedup *dedup, struct pref_row *row, const struct dedup_note *note)
{
    struct standing at;
    if (!stand(dedup, row, note, &at))
        return PREF_FAIL;
    if (!at.several)
        return PREF_OK;
    if (at.stays)
        return dedup_needs_places(dedup) ? keep_place(dedup, at.kept, row, note) : PREF_OK;
    if (!dedup_merges(dedup) || !at.gives)
        return PREF_OK;
    struct pref_job *job = pref_row_job(row);
    struct votes_how how = {at.kept != at.group, at.joined};
    return job == NULL ? PREF_FAIL
                       : votes_keep(&dedup->votes, at.kept, row->ordinal, job->doc, how, row->err);
}

enum pref_verdict dedup_absorb(void *state, struct pref_row *row, void *state_note)
{
    struct dedup *dedup = state;
    const struct dedup_note *note = state_note;
    uint32_t partner;
    if (dedup->step > 0)
        return keep_details(dedup, row, note) == PREF_OK ? PREF_USE : PREF_BROKEN;
    int added =
        groups_add(&dedup->groups, note->keys.own, note->value, row->ordinal, row->err);
    if (added > 0)
        dedup->contradictions += (uint64_t)find_partner(dedup, note, &partner);
    return added < 0 ? PREF_BROKEN : PREF_USE;
}

int dedup_settle(void *state, struct pref_err *err)
{
    struct dedup *dedup = state;
    (void)err;
    dedup->step++;
    return PREF_OK;
}

void dedup_warm(const void *state, const void *state_note)
{
    const struct dedup *dedup = state;
    const struct dedup_note *note = state_note;
    const struct pref_keyset *keys = dedup->learns > 0 ? dedup->groups.keys : dedup->seen;
    pref_keyset_prefetch(keys, note->keys.own);
    pref_keyset_prefetch(keys, note->keys.exchanged);
}

/* Nothing was learnt: the first of its key stays. */
static enum pref_verdict commit_streaming(struct dedup *dedup, struct pref_row *row,
                                          const struct dedup_note *note)
{
    uint32_t key = 0;
    int added = dedup->clusters == NULL
                    ? pref_keyset_add(dedup->seen, note->keys.own)
                    : pref_keyset_add_number(dedup->seen, note->keys.own, &key);
    if (added < 0) {
        pref_fail_memory(row->err, "the table of keys");
        return PREF_BROKEN;
    }
    if (!added)
        return reject_duplicate(dedup, key, AUDIT_EXACT, row, note);
    if (is_exchangeable(note))
        dedup->contradictions +=
            (uint64_t)pref_keyset_has(dedup->seen, note->keys.exchanged);
    if (dedup->clusters != NULL && keep_place(dedup, key, row, note) != PREF_OK)
        return PREF_BROKEN;
    return row->verdict;
}

/* The row is joined to the record that stays. */
static enum pref_verdict reject_joined(struct dedup *dedup, uint32_t kept, struct pref_row *row,
                                       const struct dedup_note *note)
{
    struct audit_place place;
    dedup->contradicting++;
    if (write_removed(dedup, &kept, AUDIT_CONTRADICTION, row, note) != PREF_OK ||
        audit_find(&dedup->audit, kept, &place, row->err) != PREF_OK)
        return PREF_BROKEN;
    name_place(row, "merged into ", &place);
    return PREF_REJECT;
}

/* The row stays, with the votes of the others. */
static enum pref_verdict commit_votes(struct dedup *dedup, const struct standing *at,
                                      struct pref_row *row, const struct dedup_note *note)
{
    struct pref_job *job = pref_row_job(row);
    if (job == NULL || votes_merge(&dedup->votes, at->kept, row->ordinal, &job->edits, at->joined,
                                   row->err) != PREF_OK)
        return PREF_BROKEN;
    return dedup_annotate(dedup, job, note);
}

static enum pref_verdict commit_learnt(struct dedup *dedup, struct pref_row *row,
                                       const struct dedup_note *note)
{
    struct standing at;
    if (!stand(dedup, row, note, &at))
        return PREF_BROKEN;
    if (dedup->contradictions_do == CONTRADICTIONS_DROP && at.contradicts) {
        dedup->contradicting++;
        if (write_removed(dedup, NULL, AUDIT_CONTRADICTION, row, note) != PREF_OK)
            return PREF_BROKEN;
        return pref_row_reject(row, "contradiction: the same pair is there the other way round");
    }
    if (!at.stays && at.kept != at.group && at.gives)
        return reject_joined(dedup, at.kept, row, note);
    if (!at.stays)
        return reject_duplicate(dedup, at.kept,
                                at.kept == at.group ? AUDIT_EXACT : AUDIT_CONTRADICTION, row,
                                note);
    if (at.several && dedup->clusters != NULL && dedup->learns == 1 &&
        keep_place(dedup, at.group, row, note) != PREF_OK)
        return PREF_BROKEN;
    return at.several && dedup_merges(dedup) ? commit_votes(dedup, &at, row, note) : row->verdict;
}

enum pref_verdict dedup_commit(void *state, struct pref_row *row, void *state_note)
{
    struct dedup *dedup = state;
    const struct dedup_note *note = state_note;
    if (note->part == NOTE_PROTECTED)
        return reject_protected(dedup, row, note);
    if (note->part == NOTE_NONE)
        return row->verdict;
    return dedup->learns > 0 ? commit_learnt(dedup, row, note)
                             : commit_streaming(dedup, row, note);
}
