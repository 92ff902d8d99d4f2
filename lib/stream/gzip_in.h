/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gzip_in.h - decompression of gzip (RFC 1952): the one file that knows zlib. All members of a file
 * are read, each with its header, checksum and length verified; zero bytes behind the last one, as
 * tapes leave them, are dropped as gzip drops them. Used by the source and the fuzz target.
 */
#ifndef PREF_GZIP_IN_H
#define PREF_GZIP_IN_H

#include "decoder.h"

/* A decoder (decoder.h), or NULL when memory ran out. It holds less than 64 KiB. */
struct pref_decoder *pref_gzip_in_new(void);

#endif
