/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "panel_queue.h"

#include "lib/base/wide.h"

#include <stdlib.h>

#define NO_PLACE UINT32_MAX

int pref_panel_queue_init(struct pref_panel_queue *queue, uint32_t judges, const int64_t *change,
                          const uint64_t *cost, struct pref_err *err)
{
    *queue = (struct pref_panel_queue){.change = change, .cost = cost};
    queue->heap = malloc(((size_t)judges + 1) * sizeof *queue->heap);
    queue->place = malloc(((size_t)judges + 1) * sizeof *queue->place);
    if (queue->heap == NULL || queue->place == NULL)
        return pref_fail_memory(err, "the panel");
    for (uint32_t j = 0; j < judges; j++)
        queue->place[j] = NO_PLACE;
    return PREF_OK;
}

void pref_panel_queue_release(struct pref_panel_queue *queue)
{
    free(queue->heap);
    free(queue->place);
    *queue = (struct pref_panel_queue){.count = 0};
}

/* ---- The order ------------------------------------------------------------------------------- */

/* Whether `a` goes rather than `b`, by what they change and cost; of equals neither. */
static int goes_before(int64_t a, uint64_t cost_of_a, int64_t b, uint64_t cost_of_b)
{
    if (a >= 0 || b >= 0) {
        if (a < 0 || b < 0)
            return a >= 0;
        return cost_of_a != cost_of_b ? cost_of_a > cost_of_b : a > b;
    }
    struct pref_wide of_a = pref_wide_multiply(cost_of_a, (uint64_t)-b);
    struct pref_wide of_b = pref_wide_multiply(cost_of_b, (uint64_t)-a);
    if (of_a.hi != of_b.hi)
        return of_a.hi > of_b.hi;
    return of_a.lo != of_b.lo ? of_a.lo > of_b.lo : a > b;
}

/* The same of two judges, of whom one does. */
static int precedes(const struct pref_panel_queue *queue, uint32_t a, uint32_t b)
{
    const int64_t *change = queue->change;
    const uint64_t *cost = queue->cost;
    if (change[a] == change[b] && cost[a] == cost[b])
        return a > b;
    return goes_before(change[a], cost[a], change[b], cost[b]);
}

/* ---- The heap -------------------------------------------------------------------------------- */

static void put(struct pref_panel_queue *queue, uint32_t at, uint32_t judge)
{
    queue->heap[at] = judge;
    queue->place[judge] = at;
}

/* Move the judge at a place up, past all that it precedes. */
static void rise(struct pref_panel_queue *queue, uint32_t at)
{
    uint32_t judge = queue->heap[at];
    for (; at > 0 && precedes(queue, judge, queue->heap[(at - 1) / 2]); at = (at - 1) / 2)
        put(queue, at, queue->heap[(at - 1) / 2]);
    put(queue, at, judge);
}

/* Move the judge at a place down, past all that precede it. */
static void fall(struct pref_panel_queue *queue, uint32_t at)
{
    uint32_t judge = queue->heap[at];
    while (at < queue->count / 2) {
        uint32_t next = 2 * at + 1;
        if (next + 1 < queue->count && precedes(queue, queue->heap[next + 1], queue->heap[next]))
            next++;
        if (!precedes(queue, queue->heap[next], judge))
            break;
        put(queue, at, queue->heap[next]);
        at = next;
    }
    put(queue, at, judge);
}

void pref_panel_queue_fill(struct pref_panel_queue *queue, uint32_t judges, const uint8_t *may)
{
    for (uint32_t j = 0; j < judges; j++)
        if (may == NULL || may[j])
            put(queue, queue->count++, j);
    for (uint32_t at = queue->count / 2; at-- > 0;)
        fall(queue, at);
}

uint32_t pref_panel_queue_take(struct pref_panel_queue *queue)
{
    uint32_t judge = queue->heap[0], last = queue->heap[--queue->count];
    queue->place[judge] = NO_PLACE;
    if (queue->count > 0) {
        put(queue, 0, last);
        fall(queue, 0);
    }
    return judge;
}

void pref_panel_queue_move(struct pref_panel_queue *queue, uint32_t judge)
{
    if (queue->place[judge] == NO_PLACE)
        return;
    rise(queue, queue->place[judge]);
    fall(queue, queue->place[judge]);
}
