/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "items.h"

const char *const loo_keys[] = {"before", "after", "calls", "removed", NULL};

uint32_t loo_count(const struct pref_doc *doc, const struct pref_hit *array, pref_place each)
{
    const struct pref_hit *end = doc->hits + doc->count;
    uint32_t count = 0;
    for (const struct pref_hit *hit = array + 1; hit < end && hit->start < array->end; hit++)
        count += hit->place == each;
    return count;
}

struct loo_work *loo_work_new(struct pref_job *job, const struct pref_hit *array, pref_place each,
                              const struct loo_units *units, const uint32_t *order,
                              uint32_t count)
{
    const struct pref_doc *doc = job->doc;
    struct loo_work *work = pref_job_alloc(job, sizeof *work);
    struct loo_unit *list = pref_job_alloc(job, units->count * sizeof *list);
    struct loo_span *span = pref_job_alloc(job, count * sizeof *span);
    if (work == NULL || list == NULL || span == NULL)
        return NULL;
    *work = (struct loo_work){.span = span,
                              .line = doc->line,
                              .open = doc->open,
                              .close = doc->close,
                              .start = array->start,
                              .end = array->end};
    uint32_t n = 0;
    for (const struct pref_hit *hit = array + 1; n < count; hit++)
        if (hit->place == each)
            span[n++] = (struct loo_span){hit->start, hit->end};
    loo_begin_grouped(&work->search, list, order, units->count, units->of, count);
    return work;
}

static void add_bytes(const struct loo_work *work, uint32_t from, uint32_t to, struct pref_buf *out)
{
    pref_buf_add(out, work->line + from, to - from);
}

void loo_add_array(const struct loo_work *work, struct pref_buf *out)
{
    const struct loo_span *span = work->span;
    uint32_t count = work->search.items, inside = work->start + 1;
    int any = 0;
    pref_buf_add_byte(out, '[');
    for (uint32_t i = 0; i < count; i++) {
        if (!loo_has(&work->search, i))
            continue;
        if (any)
            add_bytes(work, span[i - 1].end, span[i].end, out);
        else {
            add_bytes(work, inside, span[0].start, out);
            add_bytes(work, span[i].start, span[i].end, out);
        }
        any = 1;
    }
    if (any || count == 0) /* nothing but blanks */
        add_bytes(work, count == 0 ? inside : span[count - 1].end, work->end - 1, out);
    pref_buf_add_byte(out, ']');
}

void loo_add_question(const struct loo_work *work, struct pref_buf *out)
{
    add_bytes(work, work->open, work->start, out);
    loo_add_array(work, out);
    add_bytes(work, work->end, work->close + 1, out);
}

void loo_add_annotation(const struct loo_work *work, struct pref_buf *json)
{
    const struct loo_search *search = &work->search;
    int any = 0;
    pref_buf_add_text(json, "{\"before\":");
    pref_buf_add_u64(json, search->items);
    pref_buf_add_text(json, ",\"after\":");
    pref_buf_add_u64(json, loo_left(search));
    pref_buf_add_text(json, ",\"calls\":");
    pref_buf_add_u64(json, search->calls);
    pref_buf_add_text(json, ",\"removed\":[");
    for (uint32_t i = 0; i < search->items; i++) {
        if (loo_has(search, i))
            continue;
        if (any)
            pref_buf_add_byte(json, ',');
        pref_buf_add_u64(json, i);
        any = 1;
    }
    pref_buf_add_text(json, "]}");
}
