/* SPDX-License-Identifier: Apache-2.0 */
/*
 * near_stored.c - sets as pieces of an index: the bytes of each field's value (4 each), then the
 * values. They stay in its file; each is read, and doubted, whenever it is compared with.
 */
#include "config.h"

#include "near_sets.h"
#include "lib/text/text.h"

#include <string.h>

int near_sets_print(struct near_sets *sets, uint32_t number, const struct near_rule *rule,
                    struct pref_span *piece, struct pref_err *err)
{
    int status = near_sets_read(sets, number, rule, err);
    if (status != PREF_OK)
        return status;
    for (unsigned f = 0; f < rule->fields; f++) {
        uint32_t bytes;
        char *at = sets->raw.ptr + f * sizeof bytes;
        memcpy(&bytes, at, sizeof bytes);
        pref_number_bytes((unsigned char *)at, bytes, sizeof bytes);
    }
    *piece = pref_buf_span(&sets->raw);
    return PREF_OK;
}

/* Whether what was read has the parts of a set, and texts can be made of them; its numbers become
 * those of this machine. */
static int is_set(struct near_sets *sets, const struct near_rule *rule)
{
    uint32_t bytes[DEDUP_FIELDS_MAX];
    size_t counts = rule->fields * sizeof *bytes, left = sets->raw.len;
    const char *value = sets->raw.ptr + counts;
    if (left < counts || left >= UINT32_MAX)
        return 0;
    left -= counts;
    for (unsigned f = 0; f < rule->fields; f++) {
        const char *at = sets->raw.ptr + f * sizeof *bytes;
        bytes[f] = (uint32_t)pref_number_of((const unsigned char *)at, sizeof *bytes);
        struct pref_span span = {value, bytes[f]};
        pref_buf_clear(&sets->text);
        if (bytes[f] > left || !pref_scan_is_value(sets->scanner, span) ||
            pref_text_add(span, &sets->text) != PREF_OK)
            return 0;
        value += bytes[f];
        left -= bytes[f];
    }
    memcpy(sets->raw.ptr, bytes, counts);
    return left == 0;
}

int near_stored_read(struct near_sets *sets, uint64_t at, uint64_t end,
                     const struct near_rule *rule, struct pref_err *err)
{
    const struct pref_store *store = sets->stored.store;
    int status = pref_store_read(store, at, end, &sets->raw, err);
    return status == PREF_OK && !is_set(sets, rule)
               ? pref_store_damaged(store, "the values of a record", err)
               : status;
}
