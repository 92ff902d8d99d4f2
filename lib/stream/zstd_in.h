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

/* What is at the beginning of some bytes, which is the beginning of a frame. */
enum pref_zstd_sight {
    PREF_ZSTD_WHOLE, /* all of a frame that says how much it holds */
    PREF_ZSTD_MORE,  /* perhaps, when more bytes are there */
    PREF_ZSTD_STREAM /* something else, for the decoder: no size, too much, garbage */
};

/* Look at a frame that is to hold at most `limit` bytes: of a whole one, *packed is the count of
 * its own bytes, and *plain of those that it says it holds. */
enum pref_zstd_sight pref_zstd_look(struct pref_span bytes, size_t limit, size_t *packed,
                                    size_t *plain);

/* What decompresses whole frames, one thread at a time; NULL when memory ran out. */
struct pref_zstd_whole;
struct pref_zstd_whole *pref_zstd_whole_new(void);
void pref_zstd_whole_free(struct pref_zstd_whole *zstd); /* NULL is allowed */

/* Decompress some whole frames into exactly `plain` bytes at `out`. PREF_FAIL where they are not
 * what they say: the decoder tells why. */
int pref_zstd_whole_run(struct pref_zstd_whole *zstd, struct pref_span packed, char *out,
                        size_t plain);

#endif
