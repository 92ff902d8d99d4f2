/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reread.h - lines of plain regular files, read again at any place: what a filter may want of a
 * few of its records need not be put by for all of them. The source keeps the files open as it
 * meets them, PREF_REREAD_FILES at most; the engine owns the whole, and gives it to a filter that
 * asks for it in open (pref_open_rereads of filter.h).
 *
 * Nothing here can tell whether the bytes are those of the first reading: who reads again keeps a
 * hash of what it will want, compares, and fails by pref_reread_changed where that is not right.
 */
#ifndef PREF_REREAD_H
#define PREF_REREAD_H

#include "base.h"

#define PREF_REREAD_FILES 64

struct pref_rereads;

/* Read `len` bytes that stand `place` and further; a place is what pref_row_place gave, or so many
 * bytes behind that in the same line. Any number of threads may call it. PREF_FAIL, with the name
 * of the file, where it cannot be read or has become too short. */
int pref_reread(const struct pref_rereads *rereads, uint64_t place, void *out, size_t len,
                struct pref_err *err);

/* The sentence for bytes that are not what they were. Returns PREF_FAIL. */
int pref_reread_changed(const struct pref_rereads *rereads, uint64_t place, struct pref_err *err);

/* ---- For the engine and the source ----------------------------------------------------------- */

int pref_rereads_new(struct pref_rereads **rereads, struct pref_err *err);
void pref_rereads_free(struct pref_rereads *rereads); /* closes what it owns; NULL is allowed */

/* Keep an open file of `size` bytes; sentences say `name`, which must outlive the whole. With
 * `owned` the descriptor is closed by pref_rereads_free. Returns its number from 1, or 0 where no
 * more are kept and the descriptor stays the caller's. By one thread at a time. */
unsigned pref_rereads_keep(struct pref_rereads *rereads, int fd, int owned, uint64_t size,
                           const char *name);

/* The place of `len` bytes at byte `at` of a file that was kept: 0 where the file had no such bytes
 * when it was, so that it may not have them for long. */
uint64_t pref_rereads_place(const struct pref_rereads *rereads, unsigned file, uint64_t at,
                            size_t len);

#endif
