/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "row.h"

/* ---- What stays ------------------------------------------------------------------------------ */

int dedup_check_memory(const struct dedup *dedup, uint64_t keys, struct pref_err *err)
{
    const uint64_t each = sizeof(uint64_t);
    uint64_t bytes = (dedup->audit.at.cap + dedup->votes.last.cap) * each;
    if (keys % 4096 != 0)
        return PREF_OK;
    if (dedup->seen != NULL)
        bytes += pref_keyset_bytes(dedup->seen);
    if (near_is_on(&dedup->near))
        bytes += near_bytes(&dedup->near);
    if (dedup->groups.keys != NULL)
        bytes += groups_bytes(&dedup->groups);
    if (dedup->against.keys != NULL)
        bytes += pref_keyset_bytes(dedup->against.keys) + dedup->against.places.at.cap * each;
    if (bytes <= dedup->most)
        return PREF_OK;
    if (near_is_on(&dedup->near))
        return pref_fail(err, "the index of near records takes %llu MiB, three quarters of the "
                              "memory there is, %u bytes a record",
                         (unsigned long long)bytes >> 20, near_bytes_each(&dedup->near));
    return pref_fail(err, "the table of keys takes %llu MiB, three quarters of the memory there "
                     "is: give --memory SIZE to keep it on disk", (unsigned long long)bytes >> 20);
}

struct audit_place dedup_place_of(const struct pref_row *row, const struct dedup_note *note)
{
    struct audit_place place = {row->file, row->number, {NULL, 0}};
    if (note->id_len > 0)
        place.id = (struct pref_span){row->line.ptr + note->id, note->id_len};
    return place;
}

int dedup_keep_place(struct dedup *dedup, uint64_t key, struct pref_row *row,
                     const struct dedup_note *note)
{
    struct audit_place place = dedup_place_of(row, note);
    return audit_keep(&dedup->audit, key, &place, row->err);
}

int dedup_keep_key(struct dedup *dedup, struct pref_row *row, const struct dedup_note *note,
                   uint32_t *key)
{
    if (dedup->peek != NULL)
        pref_key_peek_begin(dedup->peek);
    int added = dedup->clusters == NULL && !near_is_on(&dedup->near)
                    ? pref_keyset_add(dedup->seen, note->keys.own)
                    : pref_keyset_add_number(dedup->seen, note->keys.own, key);
    if (dedup->peek != NULL)
        pref_key_peek_end(dedup->peek);
    if (added < 0)
        pref_fail_memory(row->err, "the table of keys: --memory SIZE bounds it");
    if (added <= 0)
        return added;
    if (dedup_check_memory(dedup, pref_keyset_count(dedup->seen), row->err) != PREF_OK)
        return -1;
    /* Where near records are ranked, it is told later which keys are those of records that stay. */
    if (dedup_keys_exchangeable(&note->keys) && dedup->learns == 0)
        dedup->contradictions +=
            (uint64_t)pref_keyset_has(dedup->seen, note->keys.exchanged);
    return 1;
}

int dedup_keep_first(struct dedup *dedup, struct pref_row *row, const struct dedup_note *note,
                     uint32_t *key)
{
    int added = dedup_keep_key(dedup, row, note, key);
    return added > 0 && dedup->clusters != NULL &&
                   dedup_keep_place(dedup, *key, row, note) != PREF_OK
               ? -1
               : added;
}

const char *const dedup_annotation_keys[] = {"copies", NULL};

enum pref_verdict dedup_annotate(const struct dedup *dedup, struct pref_job *job, uint32_t copies)
{
    struct pref_buf *json = &job->scratch[0];
    if (!dedup->count)
        return PREF_PASS;
    pref_buf_clear(json);
    pref_buf_add_text(json, "{\"copies\":");
    pref_buf_add_u64(json, copies);
    pref_buf_add_byte(json, '}');
    return pref_annotate(job, dedup->key, dedup->annotation, dedup_annotation_keys,
                         pref_buf_span(json));
}

/* ---- What goes ------------------------------------------------------------------------------- */

int dedup_write_gone(struct dedup *dedup, const struct audit_place *kept, enum audit_kind kind,
                     double similarity, struct pref_row *row, const struct dedup_note *note)
{
    struct audit_place place = dedup_place_of(row, note);
    return audit_removed(&dedup->audit, &place, kept, kind, similarity, row->err);
}

int dedup_write_removed(struct dedup *dedup, const uint64_t *key, enum audit_kind kind,
                        double similarity, struct pref_row *row, const struct dedup_note *note)
{
    struct audit_place kept;
    if (dedup->clusters == NULL)
        return PREF_OK;
    int status = key == NULL ? PREF_OK : audit_find(&dedup->audit, *key, &kept, row->err);
    return status != PREF_OK
               ? status
               : dedup_write_gone(dedup, key == NULL ? NULL : &kept, kind, similarity, row, note);
}

void dedup_name_place(struct pref_row *row, const char *what, const struct audit_place *place)
{
    pref_buf_clear(row->why);
    pref_buf_add_text(row->why, what);
    audit_file_name(row->why, place->file);
    pref_buf_add_byte(row->why, ':');
    pref_buf_add_u64(row->why, place->line);
}

enum pref_verdict dedup_reject_duplicate(struct dedup *dedup, uint64_t key, struct pref_row *row,
                                         const struct dedup_note *note)
{
    const char *on = dedup->fields.on;
    dedup->duplicates++;
    if (dedup_write_removed(dedup, &key, AUDIT_EXACT, 1, row, note) != PREF_OK)
        return PREF_BROKEN;
    if (dedup->rule == KEEP_FIRST)
        return pref_row_reject(row, "duplicate of an earlier record on %s", on);
    if (dedup->rule == KEEP_LAST)
        return pref_row_reject(row, "duplicate of a later record on %s", on);
    return pref_row_reject(row, "duplicate of the record kept by %s on %s", dedup->keep, on);
}
