/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zstd_in.h - decompression: one of the two files that know libzstd. A reader is given a file's
 * raw bytes piece by piece, as they arrive, and gives plain bytes as soon as they can be had.
 * Concatenated, skippable and empty frames are read; anything else between frames is an error.
 * Used by the source and the fuzz target.
 */
#ifndef PREF_ZSTD_IN_H
#define PREF_ZSTD_IN_H

#include "base.h"

struct pref_zstd_in;

/* A reader, or NULL when memory ran out. With `long_windows`, frames with windows above 128 MiB
 * are taken, up to what libzstd can do. Freed by pref_zstd_in_free; NULL is allowed there. */
struct pref_zstd_in *pref_zstd_in_new(int long_windows);
void pref_zstd_in_free(struct pref_zstd_in *zstd);

/* Forget all, to begin another file. */
void pref_zstd_in_reset(struct pref_zstd_in *zstd);

/* Decompress from the front of *in, which is moved past what was consumed, into out. Goes on until
 * the input is consumed or the output full; *made is the count of plain bytes. When *made < cap,
 * everything that the input so far holds has been given. A failure names the file by `name`. */
int pref_zstd_in_run(struct pref_zstd_in *zstd, const char *name, struct pref_span *in, char *out,
                     size_t cap, size_t *made, struct pref_err *err);

/* Whether pref_zstd_in_run may give more bytes without more input. */
int pref_zstd_in_pending(const struct pref_zstd_in *zstd);

/* The file has ended: an error if that was inside a frame. */
int pref_zstd_in_end(const struct pref_zstd_in *zstd, const char *name, struct pref_err *err);

#endif
