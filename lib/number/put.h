/* SPDX-License-Identifier: Apache-2.0 */
/*
 * put.h - texts and numbers put one after the other into memory that is known to have room: what a
 * tool writes of every record, where asking a buffer for each word would be half of the work. The
 * caller reserves (pref_buf_reserve) and counts what it needs at most. No NUL follows.
 */
#ifndef PREF_PUT_H
#define PREF_PUT_H

#include <string.h>

#include "pref/number.h"

/* Each returns the place behind what it put. */
static inline char *pref_put_text(char *at, const char *text)
{
    size_t len = strlen(text); /* known to the compiler where the text is */
    memcpy(at, text, len);
    return at + len;
}

/* At most PREF_NUMBER_MAX bytes, as pref_number_print; the value is finite. */
static inline char *pref_put_double(char *at, double value)
{
    return at + pref_number_print(at, value);
}

/* At most PREF_NUMBER_MAX bytes. */
static inline char *pref_put_u64(char *at, uint64_t value)
{
    return at + pref_u64_print(at, value);
}

#endif
