/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verdicts.h - standings of records, put aside in scratch storage in runs, each in the order
 * of the input, and read back as one sequence in that order, as often as wanted. A run costs 64
 * bytes of memory and its part of the buffers. Used by dedup's ledger.
 */
#ifndef PREF_DEDUP_VERDICTS_H
#define PREF_DEDUP_VERDICTS_H

#include "groups.h"
#include "lib/stream/scratch.h"

struct verdicts {
    struct pref_scratch *scratch;
    size_t memory;            /* bytes for buffers */
    struct verdicts_run *runs;
    size_t count, cap;
    size_t each;              /* standings in the buffer of a run */
    struct standing *buffers;
    size_t *heap;             /* runs that are not at their end, that of the least ordinal first */
    size_t left;
};

int verdicts_open(struct verdicts *verdicts, size_t memory, struct pref_err *err);
void verdicts_close(struct verdicts *verdicts);

/* Begin another run; add to the last one, in rising order of ordinals. */
int verdicts_begin(struct verdicts *verdicts, struct pref_err *err);
int verdicts_add(struct verdicts *verdicts, const struct standing *at, struct pref_err *err);

/* Go to the beginning; nothing may be added from now on. */
int verdicts_rewind(struct verdicts *verdicts, struct pref_err *err);

/* The standing of this ordinal, if one was added: *found is 1 or 0. Ordinals rise from call to
 * call, and none that was added may be left out. */
int verdicts_next(struct verdicts *verdicts, uint64_t ordinal, struct standing *at, int *found,
                  struct pref_err *err);

#endif
