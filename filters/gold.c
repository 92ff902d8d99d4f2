/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "gold.h"

/* In the order of enum pref_word. */
static const char *const sides[] = {"chosen", "rejected", NULL};
static const char *const sides_and_tie[] = {"chosen", "rejected", "tie", NULL};

pref_place gold_want(struct pref_shape *shape, const char *field, int tie)
{
    pref_place place = pref_shape_field(shape, field);
    pref_shape_demand(shape, place, PREF_IS(PREF_STRING), 0);
    pref_shape_words(shape, place, tie ? sides_and_tie : sides);
    return place;
}
