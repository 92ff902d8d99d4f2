/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crew.h - jobs that whoever has time does, given and taken back in one order. An owner, one
 * thread at a time, puts jobs and takes them back, oldest first; any thread may lend a hand with
 * those that nobody has begun. A crew has no threads of its own: where nobody helps, the owner
 * does all of it when it asks for the oldest.
 *
 * The jobs are numbers, of memory that is the owner's: from 0 to count - 1, in turn. Used by the
 * press (frames to compress) and the read-ahead (frames to decompress), helped by the engine.
 */
#ifndef PREF_CREW_H
#define PREF_CREW_H

#include "pref/base.h"

struct pref_crew;

/* Does one job: on any thread, several at once, but never two with the same number. */
typedef void pref_crew_work(void *user, size_t job);

/* A crew with at most `count` jobs in hand, 1 or more. Freed when nobody helps any more, whatever
 * jobs there are; NULL is allowed there. */
int pref_crew_new(struct pref_crew **crew, size_t count, pref_crew_work *work, void *user,
                  struct pref_err *err);
void pref_crew_free(struct pref_crew *crew);

/* ---- For the owner --------------------------------------------------------------------------- */

/* How many jobs are in hand, and whether these are all there can be. */
size_t pref_crew_held(const struct pref_crew *crew);
int pref_crew_full(const struct pref_crew *crew);

/* The job to be made ready next; and give it to the crew. Not when full. */
size_t pref_crew_next(const struct pref_crew *crew);
void pref_crew_put(struct pref_crew *crew);

/* Whether the oldest job is done, so that pref_crew_oldest would neither work nor wait. */
int pref_crew_ready(struct pref_crew *crew);

/* The oldest job, done: waits for it, lending a hand meanwhile. Only when there is one. It stays
 * the oldest until it is dropped. */
size_t pref_crew_oldest(struct pref_crew *crew);
void pref_crew_drop(struct pref_crew *crew);

/* ---- For anyone ------------------------------------------------------------------------------ */

/* Whether there is a job that nobody has begun. */
int pref_crew_wants(struct pref_crew *crew);

/* Do one; returns 0 where there was none. */
int pref_crew_help(struct pref_crew *crew);

/* Do jobs as they come, until the crew is dismissed, which is for good. */
void pref_crew_serve(struct pref_crew *crew);
void pref_crew_dismiss(struct pref_crew *crew);

#endif
