/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "text.h"
#include "lib/text/text.h"

#include <stdlib.h>
#include <string.h>

/* ---- Fields ---------------------------------------------------------------------------------- */

/* The record's name for one of the three texts of a pair, or NULL for any other field. */
static const char *own_name(const struct pref_names *names, struct pref_span name)
{
    if (pref_span_equal(name, pref_span_of("prompt")))
        return names->prompt;
    if (pref_span_equal(name, pref_span_of("chosen")))
        return names->chosen;
    return pref_span_equal(name, pref_span_of("rejected")) ? names->rejected : NULL;
}

int filter_field_is_own(struct pref_span name)
{
    const struct pref_names names = pref_names_default();
    return own_name(&names, name) != NULL;
}

int filter_fields_add(struct filter_fields *fields, struct pref_opening *opening,
                      struct pref_span name, unsigned *field, struct pref_err *err)
{
    for (*field = 0; *field < fields->count; ++*field)
        if (pref_span_equal(name, pref_span_of(fields->name[*field])))
            return PREF_OK;
    if (fields->count == FILTER_FIELDS_MAX)
        return pref_usage(err, "field '%.*s' is one too many, expected at most %d",
                          (int)(name.len < 200 ? name.len : 200), name.ptr, FILTER_FIELDS_MAX);
    char *copy = strndup(name.ptr, name.len);
    if (copy == NULL)
        return pref_fail_memory(err, "a field");
    const char *own = own_name(&opening->common->names, name);
    fields->name[fields->count] = copy;
    fields->place[fields->count] =
        own != NULL ? pref_want_text(opening->shape, own, PREF_INSIDE)
                    : pref_want_text_optional(opening->shape, copy, PREF_INSIDE);
    fields->count++;
    return PREF_OK;
}

void filter_fields_release(struct filter_fields *fields)
{
    for (unsigned i = 0; i < fields->count; i++)
        free(fields->name[i]);
    fields->count = 0;
}

/* ---- Views ----------------------------------------------------------------------------------- */

struct filter_view *filter_view_new(const struct filter_fields *fields, uint64_t seed)
{
    struct filter_view *view = calloc(1, sizeof *view);
    if (view == NULL)
        return NULL;
    view->fields = fields;
    view->repeats.seed = seed;
    view->matcher = pref_matcher_new();
    view->json = filter_json_new();
    if (view->matcher == NULL || view->json == NULL) {
        filter_view_free(view);
        return NULL;
    }
    return view;
}

void filter_view_free(struct filter_view *view)
{
    if (view == NULL)
        return;
    pref_matcher_free(view->matcher);
    filter_json_free(view->json);
    filter_repeats_release(&view->repeats);
    for (unsigned i = 0; i < FILTER_FIELDS_MAX; i++)
        pref_buf_release(&view->seen[i].bytes);
    free(view);
}

void filter_view_begin(struct filter_view *view, struct pref_job *job)
{
    view->job = job;
    for (unsigned i = 0; i < view->fields->count; i++)
        view->seen[i].read = view->seen[i].counted = view->seen[i].searched = 0;
}

void filter_view_begin_given(struct filter_view *view)
{
    view->job = NULL;
    for (unsigned i = 0; i < view->fields->count; i++) {
        view->seen[i].read = 1;
        view->seen[i].there = view->seen[i].counted = 0;
    }
}

void filter_view_give(struct filter_view *view, unsigned field, struct pref_span text)
{
    struct filter_seen *seen = &view->seen[field];
    static const char pad[PREF_PAD] = {0};
    pref_buf_clear(&seen->bytes);
    pref_buf_add_span(&seen->bytes, text);
    pref_buf_add(&seen->bytes, pad, sizeof pad);
    seen->text = (struct pref_span){seen->bytes.ptr, seen->bytes.failed ? 0 : text.len};
    seen->there = !seen->bytes.failed;
}

static void read_text(const struct filter_view *view, unsigned field, struct filter_seen *seen)
{
    static const char nothing[PREF_PAD] = {0};
    const struct pref_doc *doc = view->job->doc;
    const struct pref_hit *hit = pref_doc_at(doc, view->fields->place[field]);
    seen->read = 1;
    seen->there = hit != NULL;
    /* The shape asked that every text decode; memory is asked after by filter_view_failed. */
    if (hit == NULL ||
        pref_text_of(pref_hit_span(doc, hit), &seen->bytes, &seen->text) != PREF_OK ||
        seen->bytes.failed)
        seen->text = (struct pref_span){nothing, 0};
}

int filter_view_text(struct filter_view *view, unsigned field, struct pref_span *text)
{
    struct filter_seen *seen = &view->seen[field];
    if (!seen->read)
        read_text(view, field, seen);
    *text = seen->text;
    return seen->there;
}

uint64_t filter_view_chars(struct filter_view *view, unsigned field)
{
    struct filter_seen *seen = &view->seen[field];
    if (!seen->counted) {
        seen->chars = pref_text_characters(seen->text);
        seen->counted = 1;
    }
    return seen->chars;
}

int filter_view_failed(const struct filter_view *view)
{
    int failed = 0;
    for (unsigned i = 0; i < view->fields->count; i++)
        failed |= view->seen[i].bytes.failed;
    return failed;
}
