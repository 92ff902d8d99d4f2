/* SPDX-License-Identifier: Apache-2.0 */
/* await.c - fields that somebody named and that no record has: most likely the name is misspelt. */
#include "config.h"

#include "engine.h"

#include <string.h>

void pref_open_await(struct pref_opening *opening, pref_place place)
{
    struct engine *engine = opening->engine;
    struct awaited *awaited = &engine->awaited;
    if (place >= PREF_PLACES_MAX || memchr(awaited->place, place, awaited->count) != NULL)
        return; /* a place that could not be made is told by the shape */
    awaited->place[awaited->count++] = place;
}

void await_see(struct awaited *awaited, const struct pref_doc *doc)
{
    for (unsigned i = awaited->count; i-- > 0;)
        if (pref_doc_at(doc, awaited->place[i]) != NULL)
            awaited->place[i] = awaited->place[--awaited->count];
}

/* Every thread saw records of its own. */
static int is_unseen(const struct engine *engine, pref_place place)
{
    for (unsigned i = 0; i < engine->threads; i++) {
        const struct awaited *unseen = &engine->workers[i].unseen;
        if (memchr(unseen->place, place, unseen->count) == NULL)
            return 0;
    }
    return 1;
}

void await_warn(const struct engine *engine, struct pref_report *report)
{
    const struct pref_counts *counts = engine->now.counts;
    char field[200];
    if (counts->in == counts->malformed && counts->missing == 0)
        return; /* no record came */
    for (unsigned i = 0; i < engine->awaited.count; i++) {
        pref_place place = engine->awaited.place[i];
        if (!is_unseen(engine, place))
            continue;
        pref_shape_name(engine->now.shape, place, field, sizeof field);
        pref_report_warn(report, "no record has '%s'", field);
    }
}
