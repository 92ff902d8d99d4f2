/* SPDX-License-Identifier: Apache-2.0 */
/*
 * escape.h - decoding the escapes of JSON strings that have already been accepted. Used by the
 * string functions of scan.h and by the scanner where it compares keys and words decoded.
 */
#ifndef PREF_ESCAPE_H
#define PREF_ESCAPE_H

#include <stddef.h>

/* What pref_escape_decode_upto returns where no text comes of it. */
#define PREF_ESCAPE_NONE ((size_t)-1)

/* Decode the escape at *p (a backslash; the string is accepted, so it is complete) into `out`.
 * Returns the number of UTF-8 bytes, 1 to 4, and moves *p past the escape, or past both of a
 * surrogate pair; 0 at a lone surrogate, *p staying. */
size_t pref_escape_decode(const char **p, char out[4]);

/* Decode the inside of an accepted string (no quotes), p up to end, into at most `cap` bytes.
 * Returns the length, or PREF_ESCAPE_NONE at a lone surrogate or where it would be longer. */
size_t pref_escape_decode_upto(const char *p, const char *end, char *out, size_t cap);

/* The first lone surrogate escape in the inside of an accepted string, or NULL. */
const char *pref_escape_lone(const char *p, const char *end);

#endif
