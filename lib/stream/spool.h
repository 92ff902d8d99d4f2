/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spool.h - scratch storage for input that cannot be read twice. What comes from a pipe is kept,
 * compressed, in one scratch file without a name; each piped input is an extent of it that reads
 * back as a compressed file would. Used by the source; pref_scratch_open by whoever needs scratch
 * storage.
 */
#ifndef PREF_SPOOL_H
#define PREF_SPOOL_H

#include "pref/base.h"

/* Open a scratch file in $TMPDIR (else /tmp): mode 0600, without a name, gone when closed. The
 * descriptor is *fd and the caller's to close. */
int pref_scratch_open(int *fd, struct pref_err *err);

struct pref_spool;

/* A part of the spool's file, in bytes. */
struct pref_extent {
    uint64_t from, to;
};

/* Open with its scratch file. Freed, file and all, by pref_spool_free; NULL is allowed there. */
int pref_spool_new(struct pref_spool **spool, struct pref_err *err);
void pref_spool_free(struct pref_spool *spool);

/* Begin another input. What is added is compressed fast, unless it is `packed` already. */
void pref_spool_begin(struct pref_spool *spool, int packed);

/* Add bytes of the present input; small pieces are gathered. */
int pref_spool_add(struct pref_spool *spool, const char *bytes, size_t len, struct pref_err *err);

/* The present input has ended: *extent is where it lies. */
int pref_spool_end(struct pref_spool *spool, struct pref_extent *extent, struct pref_err *err);

/* The descriptor to read extents from, by pread: the spool's own, not to be closed or moved. */
int pref_spool_fd(const struct pref_spool *spool);

#endif
