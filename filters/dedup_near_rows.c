/* SPDX-License-Identifier: Apache-2.0 */
/* dedup_near_rows.c - records in order where near ones go, too: of those that are equal or near, the
 * first stays. */
#include "config.h"

#include "dedup_state.h"

static enum pref_verdict reject_near(struct dedup *dedup, const struct near_match *match,
                                     struct pref_row *row, const struct dedup_note *note)
{
    char least[PREF_SHARE_MAX];
    uint64_t both = match->common.both, either = match->common.either;
    uint64_t key = near_key(&dedup->near, match->id);
    double similarity = (double)both / (double)either;
    if (dedup_write_removed(dedup, &key, AUDIT_NEAR, similarity, row, note) != PREF_OK)
        return PREF_BROKEN;
    pref_share_print(least, dedup->near.rule.near);
    return pref_row_reject(row, "near an earlier record on %s: similarity %llu/%llu >= %s",
                           dedup->fields.on, (unsigned long long)both, (unsigned long long)either,
                           least);
}

/* Only what stays has its key in the table, so that what equals a record that went is compared with
 * those that stay, as that was. */
enum pref_verdict dedup_commit_near(struct dedup *dedup, struct pref_row *row,
                                    const struct dedup_note *note)
{
    struct near_match match;
    uint32_t key = 0;
    if (pref_keyset_find_number(dedup->seen, note->keys.own, &key))
        return dedup_reject_duplicate(dedup, key, AUDIT_EXACT, row, note);
    if (near_find(&dedup->near, note->near, row, &match) != PREF_OK)
        return PREF_BROKEN;
    if (match.found)
        return reject_near(dedup, &match, row, note);
    return dedup_keep_first(dedup, row, note, &key) < 0 ||
                   near_keep(&dedup->near, note->near, key, row->err) != PREF_OK
               ? PREF_BROKEN
               : row->verdict;
}
