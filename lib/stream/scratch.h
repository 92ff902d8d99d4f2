/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scratch.h - bytes put aside on disk and read back in any order: for what a tool must keep of its
 * records that is too much for memory. One file without a name (pref_scratch_open), written in
 * blocks; what was not yet written is read from memory. Used from commit and absorb, by one thread
 * at a time.
 */
#ifndef PREF_SCRATCH_H
#define PREF_SCRATCH_H

#include "pref/base.h"

struct pref_scratch;

/* Open with its file, in $TMPDIR (else /tmp). Freed, file and all, by pref_scratch_free; NULL is
 * allowed there. */
int pref_scratch_new(struct pref_scratch **scratch, struct pref_err *err);
void pref_scratch_free(struct pref_scratch *scratch);

/* Where the next bytes will stand. */
uint64_t pref_scratch_end(const struct pref_scratch *scratch);

/* Append bytes. PREF_FAIL when the disk refuses. */
int pref_scratch_add(struct pref_scratch *scratch, const void *bytes, size_t len,
                     struct pref_err *err);

/* Read `len` bytes that were put at `at`. */
int pref_scratch_read(struct pref_scratch *scratch, uint64_t at, void *out, size_t len,
                      struct pref_err *err);

#endif
