/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "accumulator_limbs.h"
#include "lib/base/wide.h"

#include <math.h>
#include <string.h>

#define LIMBS PREF_ACCUMULATOR_LIMBS
#define LOWEST PREF_LIMBS_LOWEST

/* Room for count * products and for the product of two sums, both in units of 2^-4296, and for what
 * these two come to together. */
#define DOUBLE_LIMBS (2 * LIMBS + 2)

/* Add value * 2^(32 at) to `limbs`, whose room must hold the sum. */
static void add_at(uint32_t *limbs, size_t at, uint64_t value)
{
    for (; value != 0; at++) {
        value += limbs[at];
        limbs[at] = (uint32_t)value;
        value >>= 32;
    }
}

/* out = a * b */
static void multiply(const uint32_t a[LIMBS], const uint32_t b[LIMBS], uint32_t out[DOUBLE_LIMBS])
{
    memset(out, 0, DOUBLE_LIMBS * sizeof *out);
    for (size_t i = 0; i < LIMBS; i++) {
        uint64_t carry = 0;
        for (size_t j = 0; a[i] != 0 && j < LIMBS; j++) {
            carry += (uint64_t)a[i] * b[j] + out[i + j];
            out[i + j] = (uint32_t)carry;
            carry >>= 32;
        }
        out[i + LIMBS] = (uint32_t)carry;
    }
}

/* out = limbs * count * 2^LOWEST */
static void scale(const uint32_t limbs[LIMBS], uint64_t count, uint32_t out[DOUBLE_LIMBS])
{
    memset(out, 0, DOUBLE_LIMBS * sizeof *out);
    for (size_t i = 0; i < LIMBS; i++)
        for (size_t half = 0; half < 2; half++) {
            struct pref_wide product =
                pref_wide_multiply(limbs[i], count >> (32 * half) & 0xffffffff);
            size_t at = i + half + LOWEST / 32;
            add_at(out, at, (product.lo & 0xffffffff) << (LOWEST % 32));
            add_at(out, at + 1, (product.lo >> 32) << (LOWEST % 32));
        }
}

/* out += limbs */
static void add(uint32_t out[DOUBLE_LIMBS], const uint32_t limbs[DOUBLE_LIMBS])
{
    uint64_t carry = 0;
    for (size_t i = 0; i < DOUBLE_LIMBS; i++) {
        carry += (uint64_t)out[i] + limbs[i];
        out[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

/* out = |out - limbs|. Returns whether the difference was negative. */
static bool subtract(uint32_t out[DOUBLE_LIMBS], const uint32_t limbs[DOUBLE_LIMBS])
{
    uint64_t borrow = 0, carry = 1;
    for (size_t i = 0; i < DOUBLE_LIMBS; i++) {
        uint64_t limb = (uint64_t)out[i] - limbs[i] - borrow;
        out[i] = (uint32_t)limb;
        borrow = limb >> 63;
    }
    for (size_t i = 0; borrow != 0 && i < DOUBLE_LIMBS; i++) {
        carry += (uint32_t)~out[i];
        out[i] = (uint32_t)carry;
        carry >>= 32;
    }
    return borrow != 0;
}

struct pref_moment pref_accumulator_moment(const struct pref_accumulator *x,
                                           const struct pref_accumulator *y,
                                           const struct pref_accumulator *products,
                                           uint64_t count)
{
    uint32_t left[LIMBS], right[LIMBS], apart[DOUBLE_LIMBS], together[DOUBLE_LIMBS];
    bool of_sums = pref_limbs_magnitude(x, left) != pref_limbs_magnitude(y, right);
    multiply(left, right, apart);
    bool negative = pref_limbs_magnitude(products, left);
    scale(left, count, together);
    if (negative != of_sums)
        add(together, apart);
    else if (subtract(together, apart))
        negative = !negative;
    /* In units of 2^-4296. An even power of two is left out, so that it has a root. */
    int length = pref_limbs_length(together, DOUBLE_LIMBS);
    int place = length > 52 ? (length - 52) / 2 * 2 : 0;
    double value = pref_limbs_round(together, DOUBLE_LIMBS, place);
    return (struct pref_moment){negative ? -value : value, place / 2 - LOWEST};
}

int pref_accumulator_deviation(const struct pref_accumulator *sum,
                               const struct pref_accumulator *squares, uint64_t count,
                               double *out)
{
    struct pref_moment moment = pref_accumulator_moment(sum, sum, squares, count);
    if (count == 0 || moment.value < 0)
        return PREF_FAIL;
    *out = ldexp(sqrt(moment.value) / (double)count, moment.half);
    return PREF_OK;
}
