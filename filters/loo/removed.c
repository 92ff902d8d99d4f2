/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "removed.h"

#include "filters/common/audit.h"

int loo_removed_write(struct pref_side *side, struct pref_buf *line, const struct pref_row *row,
                      const struct loo_work *work)
{
    struct audit_place place = {row->file, row->number,
                                {work->line + work->id.start, work->id.end - work->id.start}};
    pref_buf_clear(line);
    pref_buf_add_text(line, "{\"removed\":");
    audit_add_place(line, &place);
    pref_buf_add_text(line, ",\"index\":");
    size_t head = line->len; /* the same for all of them */
    for (uint32_t i = 0; i < work->search.items; i++) {
        if (loo_has(&work->search, i))
            continue;
        line->len = head;
        pref_buf_add_u64(line, i);
        pref_buf_add_text(line, ",\"item\":");
        pref_buf_add(line, work->line + work->span[i].start,
                     work->span[i].end - work->span[i].start);
        pref_buf_add_byte(line, '}');
        if (line->failed)
            return pref_fail_memory(row->err, "a line of --removed");
        int status = pref_side_write(side, pref_buf_span(line), row->err);
        if (status != PREF_OK)
            return status;
    }
    return PREF_OK;
}
