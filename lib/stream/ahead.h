/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ahead.h - the frames of a zstd file, read ahead and decompressed by whichever threads have time,
 * and given in order. Only whole frames of a known and modest size are taken this way, as the sink
 * and `pref shard` write them; where another comes, or one that is not what it says, the file goes
 * on as a stream. Made by the engine, whose threads help; used by one source at a time, which
 * reads.
 *
 * The source gives raw bytes until there are as many jobs as there may be, takes plain ones, and in
 * the end has the decoder stream what is left.
 */
#ifndef PREF_AHEAD_H
#define PREF_AHEAD_H

#include "crew.h"
#include "pref/base.h"

struct pref_ahead;

/* A read-ahead of `jobs` jobs, 1 or more. Memory, once they were in use: for each about 5 MiB, and
 * what they were decompressed from. Freed when neither a source nor a helper uses it any more; NULL
 * is allowed there. */
int pref_ahead_new(struct pref_ahead **ahead, size_t jobs, struct pref_err *err);
void pref_ahead_free(struct pref_ahead *ahead);

/* Who helps to decompress. Where nobody does, the source's thread does it all. */
struct pref_crew *pref_ahead_crew(const struct pref_ahead *ahead);

/* What follows is for the source. */

/* Forget all, to begin another file. */
void pref_ahead_reset(struct pref_ahead *ahead);

/* Where the next `n` raw bytes of the file can be put, or NULL when memory ran out; and that some
 * were. */
char *pref_ahead_room(struct pref_ahead *ahead, size_t n);
void pref_ahead_added(struct pref_ahead *ahead, size_t n);

/* Make jobs of the frames that are there. Returns 1 when more raw bytes are wanted, 0 when not yet
 * or not any more. With `last`, no more will come. */
int pref_ahead_cut(struct pref_ahead *ahead, int last);

/* Give plain bytes of the oldest job: waits for it, lending a hand. 0 where there is no job, or the
 * frames of the oldest are not what they say. */
size_t pref_ahead_give(struct pref_ahead *ahead, char *out, size_t cap);

/* After that, what the decoder is to take instead: raw bytes, which live until the next reset, and
 * where in the file they stand. *faulty is 1 when they are whole frames with a fault, which has to
 * be found in them; else the file goes on behind them. */
struct pref_span pref_ahead_rest(const struct pref_ahead *ahead, uint64_t *at, int *faulty);

#endif
