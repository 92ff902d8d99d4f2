/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zstd_out.h - compression: one of the two files that know libzstd. It makes whole frames, each
 * from bytes at hand, so that the result depends on the bytes and the level alone, and so that
 * frames can be made by several threads at once (one compressor a thread). Used by the sink, its
 * press, and the spool.
 */
#ifndef PREF_ZSTD_OUT_H
#define PREF_ZSTD_OUT_H

#include "pref/base.h"
#include "pref/buf.h"

struct pref_zstd_out;

/* The level that commands take by default, and the highest there is. */
#define PREF_ZSTD_LEVEL 3
int pref_zstd_out_level_max(void);

/* A compressor, or NULL when memory ran out. Freed by pref_zstd_out_free; NULL is allowed there. */
struct pref_zstd_out *pref_zstd_out_new(void);
void pref_zstd_out_free(struct pref_zstd_out *zstd);

/* Append one frame to `out`: `plain`, which may be empty, at `level` (clamped to what there is),
 * with its size in the header and a checksum at the end. On failure `out` is as it was. */
int pref_zstd_out_frame(struct pref_zstd_out *zstd, int level, struct pref_span plain,
                        struct pref_buf *out, struct pref_err *err);

#endif
