/* SPDX-License-Identifier: Apache-2.0 */
/*
 * press.h - the compression of frames by whichever threads have time, in order. Any number of
 * sinks share a press (a thousand shards need a handful of compressors); all of them are used from
 * one thread at a time, which alone writes: whoever helps only turns plain bytes into frames.
 * Frames leave in the order in which they came, whichever is ready first. Made by the engine, whose
 * threads help, for its own outputs and those of filters; and by a sink that was given none.
 */
#ifndef PREF_PRESS_H
#define PREF_PRESS_H

#include "crew.h"
#include "pref/base.h"
#include "pref/buf.h"

struct pref_press;

/* A press for `frames` at once, 1 or more. Memory, once they were in use: for each a compressor,
 * and its bytes plain and compressed. Freed by pref_press_free when neither a sink nor a helper
 * uses it any more; NULL is allowed there. */
int pref_press_new(struct pref_press **press, size_t frames, struct pref_err *err);
void pref_press_free(struct pref_press *press);

/* Who helps to compress. Where nobody does, the sinks' thread does it all. */
struct pref_crew *pref_press_crew(const struct pref_press *press);

/* What follows is for the sink. */

/* Whether pref_press_put must wait for pref_press_oldest first. */
int pref_press_full(const struct pref_press *press);

/* Give a frame's plain bytes away: *plain is exchanged for an empty buffer. Not when full. */
void pref_press_put(struct pref_press *press, void *owner, int level, struct pref_buf *plain);

/* Whether the oldest frame is ready, so that pref_press_oldest would not wait. */
int pref_press_ready(const struct pref_press *press);

/* The oldest frame, compressed: waits, lending a hand meanwhile. *owner is what was given with it;
 * *frame lives until pref_press_drop. Returns PREF_FAIL where it could not be compressed. Only
 * when there is one. */
int pref_press_oldest(struct pref_press *press, void **owner, struct pref_span *frame,
                      struct pref_err *err);
void pref_press_drop(struct pref_press *press);

#endif
