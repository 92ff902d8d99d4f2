/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wide.h - the 128-bit product of two 64-bit numbers, for modules that must not round.
 *
 * Used by number, share and accumulator. With a compiler that has a 128-bit integer this is one
 * instruction; PREF_WIDE_PORTABLE (or a compiler without one) gives the same by four products of
 * halves.
 */
#ifndef PREF_WIDE_H
#define PREF_WIDE_H

#include <stdint.h>

/* The number hi * 2^64 + lo. */
struct pref_wide {
    uint64_t hi;
    uint64_t lo;
};

/* a * b, exactly. */
static inline struct pref_wide pref_wide_multiply(uint64_t a, uint64_t b)
{
    struct pref_wide product;
#if defined(__SIZEOF_INT128__) && !defined(PREF_WIDE_PORTABLE)
    __extension__ typedef unsigned __int128 u128;
    u128 whole = (u128)a * b;

    product.hi = (uint64_t)(whole >> 64);
    product.lo = (uint64_t)whole;
#else
    uint64_t a0 = a & 0xffffffffu, a1 = a >> 32;
    uint64_t b0 = b & 0xffffffffu, b1 = b >> 32;
    uint64_t low = a0 * b0;
    /* At most (2^32-1)^2 + 2 * (2^32-1) < 2^64: neither of these sums wraps. */
    uint64_t middle = a1 * b0 + (low >> 32);
    uint64_t cross = a0 * b1 + (middle & 0xffffffffu);

    product.hi = a1 * b1 + (middle >> 32) + (cross >> 32);
    product.lo = (cross << 32) | (low & 0xffffffffu);
#endif
    return product;
}

#endif
