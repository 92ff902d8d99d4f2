/* SPDX-License-Identifier: Apache-2.0 */
/*
 * press.h - the compression of frames by several threads, in order. Any number of sinks share a
 * press (a thousand shards need a handful of compressors); all of them are used from one thread,
 * which alone writes: workers only turn plain bytes into frames. Frames leave in the order in which
 * they came, whichever is ready first. Made by the engine and by commands with many outputs.
 */
#ifndef PREF_PRESS_H
#define PREF_PRESS_H

#include "base.h"
#include "buf.h"

struct pref_press;

/* A press of `threads` workers, which block all signals; 0 (or where no thread can be had): the
 * caller compresses. Memory: a compressor for each thread and the caller, and threads + 1 frames,
 * plain and compressed. Freed by pref_press_free when no sink uses it any more; NULL is allowed. */
int pref_press_new(struct pref_press **press, unsigned threads, struct pref_err *err);
void pref_press_free(struct pref_press *press);

/* What follows is for the sink. */

/* Whether pref_press_put must wait for pref_press_oldest first. */
int pref_press_full(const struct pref_press *press);

/* Give a frame's plain bytes away: *plain is exchanged for an empty buffer. Not when full. */
void pref_press_put(struct pref_press *press, void *owner, int level, struct pref_buf *plain);

/* Whether the oldest frame is ready, so that pref_press_oldest would not wait. */
int pref_press_ready(struct pref_press *press);

/* The oldest frame, compressed: waits, lending a hand meanwhile. *owner is what was given with it;
 * *frame lives until pref_press_drop. Returns PREF_FAIL where it could not be compressed. Only
 * when there is one. */
int pref_press_oldest(struct pref_press *press, void **owner, struct pref_span *frame,
                      struct pref_err *err);
void pref_press_drop(struct pref_press *press);

#endif
