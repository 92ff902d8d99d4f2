/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "search.h"

void loo_begin_grouped(struct loo_search *search, struct loo_unit *units, const uint32_t *order,
                       uint32_t count, const uint32_t *of, uint32_t items)
{
    *search = (struct loo_search){.units = units,
                                  .of = of,
                                  .order = order,
                                  .count = count,
                                  .items = items,
                                  .state = LOO_FULL};
    for (uint32_t i = 0; i < count; i++)
        units[i] = (struct loo_unit){.kept = 1};
}

void loo_begin(struct loo_search *search, struct loo_unit *units, const uint32_t *order,
               uint32_t items)
{
    loo_begin_grouped(search, units, order, items, NULL, items);
}

int loo_asks(const struct loo_search *search)
{
    return search->state == LOO_FULL || search->state == LOO_ROUNDS;
}

int loo_has(const struct loo_search *search, uint32_t i)
{
    uint32_t unit = search->of == NULL ? i : search->of[i];
    return search->units[unit].kept && (search->state != LOO_ROUNDS || unit != search->at);
}

uint32_t loo_left(const struct loo_search *search)
{
    uint32_t left = 0;
    for (uint32_t i = 0; i < search->items; i++)
        left += (uint32_t)loo_has(search, i);
    return left;
}

/* Move to the next unit whose necessity is not known for the present set; the search is over when
 * there is none in a whole round from turn `from` on. */
static void seek(struct loo_search *search, uint32_t from)
{
    for (uint32_t step = 0; step < search->count; step++) {
        uint32_t turn = (from + step) % search->count;
        uint32_t i = search->order == NULL ? turn : search->order[turn];
        const struct loo_unit *unit = &search->units[i];
        if (unit->kept && unit->necessary_at != search->removals + 1) {
            search->turn = turn;
            search->at = i;
            return;
        }
    }
    search->state = LOO_DONE;
}

void loo_answer(struct loo_search *search, int sufficient)
{
    search->calls++;
    if (search->state == LOO_FULL) {
        search->state = sufficient ? LOO_ROUNDS : LOO_INSUFFICIENT;
        if (sufficient)
            seek(search, 0);
        return;
    }
    struct loo_unit *unit = &search->units[search->at];
    if (sufficient) {
        unit->kept = 0;
        search->removals++;
    } else {
        unit->necessary_at = search->removals + 1;
    }
    seek(search, search->turn + 1);
}

uint64_t loo_most_calls(uint32_t count)
{
    return (uint64_t)count * ((uint64_t)count + 1) / 2 + 1;
}
