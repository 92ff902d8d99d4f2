/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "against.h"

int against_open(struct against *against, struct pref_opening *opening, int on_disk,
                 struct pref_err *err)
{
    if (against->files.count > 0) {
        opening->side_inputs = against->files;
        opening->side_shape = opening->shape;
    }
    against->keys = on_disk ? NULL : pref_keyset_new_numbered();
    if (!on_disk && against->keys == NULL)
        return pref_fail_memory(err, "the table of protected keys");
    return audit_open(&against->places, opening, NULL, on_disk, err);
}

void against_close(struct against *against)
{
    pref_keyset_free(against->keys);
    audit_close(&against->places);
}

int against_add(struct against *against, struct pref_h128 key, const struct audit_place *place,
                struct pref_err *err)
{
    uint32_t number;
    uint64_t record = against->records++;
    if (against->keys == NULL)
        return audit_keep(&against->places, record, place, err);
    int added = pref_keyset_add_number(against->keys, key, &number);
    if (added < 0)
        return pref_fail_memory(err, "the table of protected keys");
    return added ? audit_keep(&against->places, number, place, err) : PREF_OK;
}

uint64_t against_keys(const struct against *against)
{
    return against->keys == NULL ? 0 : pref_keyset_count(against->keys);
}

int against_find(const struct against *against, struct pref_h128 key, uint32_t *number)
{
    return against->keys != NULL && pref_keyset_find_number(against->keys, key, number);
}
