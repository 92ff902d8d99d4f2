/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "order.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* When an item is tried. */
struct turn {
    double number; /* infinite where it has none, and so after all that have one */
    uint32_t item;
};

int loo_order_open(struct loo_order *order, const char *text, struct pref_shape *shape,
                   pref_place each, struct pref_err *err)
{
    *order = (struct loo_order){.by = LOO_ORDER_INPUT, .each = each, .number = PREF_NOWHERE};
    if (text == NULL || strcmp(text, "input") == 0)
        return PREF_OK;
    if (strcmp(text, "reverse") == 0) {
        order->by = LOO_ORDER_REVERSE;
        return PREF_OK;
    }
    if (text[0] != '/')
        return pref_usage(err, "--order: '%s', expected input, reverse, or a JSON Pointer inside "
                               "an item, such as /score", text);
    order->by = LOO_ORDER_NUMBER;
    order->number = pref_shape_below(shape, each, text);
    pref_shape_demand(shape, order->number, PREF_IS(PREF_NUMBER), PREF_FINITE);
    return PREF_OK;
}

static int by_turn(const void *a, const void *b)
{
    const struct turn *x = a, *y = b;
    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return x->item < y->item ? -1 : x->item > y->item;
}

/* Find the number of each item; one hit of the array after the other. */
static void read_turns(const struct loo_order *order, const struct pref_doc *doc,
                       const struct pref_hit *array, struct turn *turns)
{
    const struct pref_hit *end = doc->hits + doc->count;
    uint32_t n = 0;
    for (const struct pref_hit *hit = array + 1; hit < end && hit->start < array->end; hit++) {
        if (hit->place == order->each) {
            turns[n] = (struct turn){INFINITY, n};
            n++;
        } else if (hit->place == order->number) {
            turns[n - 1].number = pref_hit_number(doc, hit);
        }
    }
}

int loo_order_items(const struct loo_order *order, struct pref_job *job,
                    const struct pref_hit *array, uint32_t count, uint32_t **list)
{
    struct pref_buf *room = &job->scratch[2];
    *list = NULL;
    if (order->by == LOO_ORDER_INPUT || count == 0)
        return PREF_OK;
    uint32_t *items = pref_job_alloc(job, count * sizeof *items);
    if (items == NULL)
        return PREF_FAIL;
    *list = items;
    if (order->by == LOO_ORDER_REVERSE) {
        for (uint32_t i = 0; i < count; i++)
            items[i] = count - 1 - i;
        return PREF_OK;
    }
    pref_buf_clear(room);
    struct turn *turns = (struct turn *)(void *)pref_buf_reserve(room, count * sizeof *turns);
    if (turns == NULL)
        return PREF_FAIL;
    read_turns(order, job->doc, array, turns);
    qsort(turns, count, sizeof *turns, by_turn);
    for (uint32_t i = 0; i < count; i++)
        items[i] = turns[i].item;
    return PREF_OK;
}
