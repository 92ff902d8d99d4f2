/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "loo_search.h"

void loo_begin(struct loo_search *search, struct loo_item *items, const uint32_t *order,
               uint32_t count)
{
    *search =
        (struct loo_search){.items = items, .order = order, .count = count, .state = LOO_FULL};
    for (uint32_t i = 0; i < count; i++)
        items[i] = (struct loo_item){.kept = 1};
}

int loo_asks(const struct loo_search *search)
{
    return search->state == LOO_FULL || search->state == LOO_ROUNDS;
}

int loo_has(const struct loo_search *search, uint32_t i)
{
    return search->items[i].kept && (search->state != LOO_ROUNDS || i != search->at);
}

/* Move to the next item whose necessity is not known for the present set; the search is over when
 * there is none in a whole round from turn `from` on. */
static void seek(struct loo_search *search, uint32_t from)
{
    for (uint32_t step = 0; step < search->count; step++) {
        uint32_t turn = (from + step) % search->count;
        uint32_t i = search->order == NULL ? turn : search->order[turn];
        const struct loo_item *item = &search->items[i];
        if (item->kept && item->necessary_at != search->removals + 1) {
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
    struct loo_item *item = &search->items[search->at];
    if (sufficient) {
        item->kept = 0;
        search->removals++;
    } else {
        item->necessary_at = search->removals + 1;
    }
    seek(search, search->turn + 1);
}

uint64_t loo_most_calls(uint32_t count)
{
    return (uint64_t)count * ((uint64_t)count + 1) / 2 + 1;
}
