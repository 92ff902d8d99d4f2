/* SPDX-License-Identifier: Apache-2.0 */
/*
 * utf8.h - the pieces of UTF-8 checking that the scanner's kernels share. pref_utf8_check, for
 * everybody, is declared in scan.h. Nothing here is owned or kept.
 */
#ifndef PREF_UTF8_H
#define PREF_UTF8_H

#include <stddef.h>

/* The length of the UTF-8 sequence that begins at `p`, by the table of well-formed sequences in
 * the Unicode Standard (3.9, table 3-7): 1 to 4, or 0 where the bytes up to `end` do not begin
 * with one. Needs p < end. */
size_t pref_utf8_sequence(const unsigned char *p, const unsigned char *end);

/* pref_utf8_check by portable code alone. */
size_t pref_utf8_check_portable(const char *bytes, size_t len);

/* Whether `len` bytes are valid UTF-8, by the AVX2 kernel: 1 or 0. Only where pref_cpu_avx2(). */
int pref_utf8_valid_avx2(const char *bytes, size_t len);

#endif
