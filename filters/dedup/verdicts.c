/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "verdicts.h"

#include <stdlib.h>

#define EACH_MOST 2048 /* standings in a buffer */

struct verdicts_run {
    uint64_t from, to;  /* where it stands in scratch storage */
    uint64_t at;        /* what is not in the buffer yet */
    size_t used, held;  /* standings of the buffer */
};

int verdicts_open(struct verdicts *verdicts, size_t memory, struct pref_err *err)
{
    verdicts->memory = memory;
    return pref_scratch_new(&verdicts->scratch, err);
}

void verdicts_close(struct verdicts *verdicts)
{
    pref_scratch_free(verdicts->scratch);
    free(verdicts->runs);
    free(verdicts->buffers);
    free(verdicts->heap);
    *verdicts = (struct verdicts){.count = 0};
}

int verdicts_begin(struct verdicts *verdicts, struct pref_err *err)
{
    if (verdicts->count == verdicts->cap) {
        size_t cap = verdicts->cap * 2 + 64;
        struct verdicts_run *runs = realloc(verdicts->runs, cap * sizeof *runs);
        if (runs == NULL)
            return pref_fail_memory(err, "the records that go");
        verdicts->runs = runs;
        verdicts->cap = cap;
    }
    uint64_t end = pref_scratch_end(verdicts->scratch);
    verdicts->runs[verdicts->count++] = (struct verdicts_run){.from = end, .to = end};
    return PREF_OK;
}

int verdicts_add(struct verdicts *verdicts, const struct standing *at, struct pref_err *err)
{
    verdicts->runs[verdicts->count - 1].to += sizeof *at;
    return pref_scratch_add(verdicts->scratch, at, sizeof *at, err);
}

/* ---- Reading --------------------------------------------------------------------------------- */

static struct standing *buffer_of(const struct verdicts *verdicts, size_t run)
{
    return verdicts->buffers + run * verdicts->each;
}

static uint64_t ordinal_of(const struct verdicts *verdicts, size_t run)
{
    return buffer_of(verdicts, run)[verdicts->runs[run].used].ordinal;
}

/* Fill a run's buffer with what comes next; held is 0 at its end. */
static int fill(struct verdicts *verdicts, size_t number, struct pref_err *err)
{
    struct verdicts_run *run = &verdicts->runs[number];
    uint64_t left = (run->to - run->at) / sizeof(struct standing);
    run->used = 0;
    run->held = left < verdicts->each ? (size_t)left : verdicts->each;
    size_t len = run->held * sizeof(struct standing);
    uint64_t at = run->at;
    run->at += len;
    return pref_scratch_read(verdicts->scratch, at, buffer_of(verdicts, number), len, err);
}

/* Let the run at a place of the heap sink to where it belongs. */
static void sink(struct verdicts *verdicts, size_t at)
{
    size_t *heap = verdicts->heap;
    for (;;) {
        size_t least = at, below = 2 * at + 1;
        for (size_t i = below; i < below + 2 && i < verdicts->left; i++)
            if (ordinal_of(verdicts, heap[i]) < ordinal_of(verdicts, heap[least]))
                least = i;
        if (least == at)
            return;
        size_t run = heap[at];
        heap[at] = heap[least];
        heap[least] = run;
        at = least;
    }
}

/* Buffers and heap, once it is known how many runs there are. */
static int make_room(struct verdicts *verdicts, struct pref_err *err)
{
    size_t count = verdicts->count, each;
    if (verdicts->buffers != NULL || count == 0)
        return PREF_OK;
    each = verdicts->memory / sizeof *verdicts->buffers / count;
    verdicts->each = each > EACH_MOST ? EACH_MOST : each == 0 ? 1 : each;
    verdicts->buffers = calloc(count * verdicts->each, sizeof *verdicts->buffers);
    verdicts->heap = calloc(count, sizeof *verdicts->heap);
    return verdicts->buffers == NULL || verdicts->heap == NULL
               ? pref_fail_memory(err, "the records that go")
               : PREF_OK;
}

int verdicts_rewind(struct verdicts *verdicts, struct pref_err *err)
{
    int status = make_room(verdicts, err);
    verdicts->left = 0;
    for (size_t i = 0; i < verdicts->count && status == PREF_OK; i++) {
        verdicts->runs[i].at = verdicts->runs[i].from;
        status = fill(verdicts, i, err);
        if (verdicts->runs[i].held > 0)
            verdicts->heap[verdicts->left++] = i;
    }
    for (size_t i = verdicts->left / 2; i > 0 && status == PREF_OK; i--)
        sink(verdicts, i - 1);
    return status;
}

int verdicts_next(struct verdicts *verdicts, uint64_t ordinal, struct standing *at, int *found,
                  struct pref_err *err)
{
    *found = 0;
    if (verdicts->left == 0)
        return PREF_OK;
    size_t number = verdicts->heap[0];
    struct verdicts_run *run = &verdicts->runs[number];
    const struct standing *least = &buffer_of(verdicts, number)[run->used];
    if (least->ordinal > ordinal)
        return PREF_OK;
    if (least->ordinal < ordinal)
        return pref_fail(err, "a record is not there that was when the input was first read");
    *at = *least;
    *found = 1;
    int status = ++run->used < run->held ? PREF_OK : fill(verdicts, number, err);
    if (status == PREF_OK && run->held == 0)
        verdicts->heap[0] = verdicts->heap[--verdicts->left];
    if (status == PREF_OK)
        sink(verdicts, 0);
    return status;
}
