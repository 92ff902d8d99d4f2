/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "gold.h"

/* In the order of enum pref_word. */
static const char *const sides[] = {"chosen", "rejected", NULL};
static const char *const sides_and_tie[] = {"chosen", "rejected", "tie", NULL};

pref_place gold_want(struct pref_shape *shape, const char *field, int tie)
{
    pref_place place = pref_shape_field(shape, field);
    pref_shape_demand(shape, place, PREF_IS(PREF_STRING) | PREF_IS_BOOL, 0);
    pref_shape_words(shape, place, tie ? sides_and_tie : sides);
    return place;
}

enum pref_word gold_word(const struct pref_doc *doc, pref_place place)
{
    const struct pref_hit *gold = pref_doc_at(doc, place);
    if (gold == NULL)
        return PREF_WORDS;
    if (gold->type == PREF_STRING)
        return (enum pref_word)gold->word;
    return gold->type == PREF_TRUE ? PREF_CHOSEN : PREF_REJECTED;
}
