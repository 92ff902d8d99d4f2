/* SPDX-License-Identifier: Apache-2.0 */
/*
 * panel_queue.h - who of a panel's judges goes next, by what that changes and saves: before all
 * others those without whom no label is lost, of these the most costly; then by labels lost for the
 * cost; of equals the one without whom most labels stay, then the last by number.
 *
 * A binary heap that knows where each judge stands in it. Called by panel.c, which owns what is
 * compared and says when it has changed.
 */
#ifndef PREF_PANEL_QUEUE_H
#define PREF_PANEL_QUEUE_H

#include "pref/base.h"

#include <stdint.h>

struct pref_panel_queue {
    const int64_t *change; /* by judge: labels won, or below 0 lost, if that one goes */
    const uint64_t *cost;  /* by judge */
    uint32_t *heap;        /* judges: none goes before the one at half its place */
    uint32_t *place;       /* by judge: its place in the heap, or that it is in none */
    uint32_t count;
};

/* An empty queue for so many judges; what it compares is the caller's. PREF_FAIL when memory ran
 * out; release it in any case. */
int pref_panel_queue_init(struct pref_panel_queue *queue, uint32_t judges, const int64_t *change,
                          const uint64_t *cost, struct pref_err *err);
void pref_panel_queue_release(struct pref_panel_queue *queue);

/* Fill an empty queue with those of the judges that may go; NULL: all. Linear. */
void pref_panel_queue_fill(struct pref_panel_queue *queue, uint32_t judges, const uint8_t *may);

/* Take out who goes next; the queue is not empty. Logarithmic, as is the next one. */
uint32_t pref_panel_queue_take(struct pref_panel_queue *queue);

/* The change of a judge is another one now. One who is not in the queue does not matter. */
void pref_panel_queue_move(struct pref_panel_queue *queue, uint32_t judge);

#endif
