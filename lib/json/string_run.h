/* SPDX-License-Identifier: Apache-2.0 */
/*
 * string_run.h - the inner loop of decoding strings. For string.c alone.
 */
#ifndef PREF_STRING_RUN_H
#define PREF_STRING_RUN_H

/* Copy the inside of an accepted string from *from, with its two-character escapes decoded, to
 * `to`, where there is room for end - *from bytes. Stops where fewer than 32 bytes are left or at
 * an escape \uXXXX; *from is moved there. Returns the end of what was written. Only where
 * pref_cpu_avx2() says so. */
char *pref_string_run_avx2(const char **from, const char *end, char *to);

#endif
