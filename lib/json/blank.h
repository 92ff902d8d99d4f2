/* SPDX-License-Identifier: Apache-2.0 */
/*
 * blank.h - the blanks of JSON (RFC 8259, section 2). For whatever steps over them.
 */
#ifndef PREF_BLANK_H
#define PREF_BLANK_H

#include <stdint.h>

/* Whether a byte is a space, a tab, a line feed or a carriage return. */
static inline int pref_is_blank(char c)
{
    const uint64_t blanks = UINT64_C(1) << ' ' | 1u << '\t' | 1u << '\n' | 1u << '\r';
    return (unsigned char)c <= ' ' && (blanks >> (unsigned char)c & 1) != 0;
}

#endif
