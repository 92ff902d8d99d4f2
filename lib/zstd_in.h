/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zstd_in.h - decompression of zstd: one of the two files that know libzstd. A decoder (decoder.h)
 * takes any file, concatenated, skippable and empty frames, as a stream. Whole frames of a known
 * and modest size can be taken at once instead, several by several threads. Used by the source, its
 * read-ahead, and the fuzz target.
 */
#ifndef PREF_ZSTD_IN_H
#define PREF_ZSTD_IN_H

#include "decoder.h"

/* A decoder, or NULL when memory ran out. With `long_windows`, frames with windows above 128 MiB
 * are taken, up to what libzstd can do. */
struct pref_decoder *pref_zstd_in_new(int long_windows);

#endif
