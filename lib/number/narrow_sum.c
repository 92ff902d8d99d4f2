/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "narrow_sum.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The unit of the integer is 2^-UNIT. A term takes at most TERM_BITS of it, so that it holds the
 * sum of at least 2^7 of them before it overflows. */
#define UNIT 88
#define TERM_BITS 120

/* The integer of a double: significand * 2^exponent, both of them whole. */
struct parts {
    uint64_t significand;
    int exponent;
};

static struct parts take_apart(double x)
{
    struct parts parts;
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    unsigned biased = (unsigned)(bits >> 52) & 0x7ff;
    parts.significand = bits & ((UINT64_C(1) << 52) - 1);
    if (biased != 0)
        parts.significand |= UINT64_C(1) << 52;
    parts.exponent = (int)(biased != 0 ? biased : 1) - 1075;
    return parts;
}

/* |x| in units, where it is a whole number of them and not too large. Returns whether it is. */
static int in_units(double x, uint64_t *high, uint64_t *low)
{
    struct parts parts = take_apart(x);
    int shift = parts.exponent + UNIT;
    if (shift + 53 > TERM_BITS)
        return 0;
    *high = 0;
    if (shift >= 64) {
        *high = parts.significand << (shift - 64);
        *low = 0;
    } else if (shift > 0) {
        *high = parts.significand >> (64 - shift);
        *low = parts.significand << shift;
    } else {
        int drop = -shift < 63 ? -shift : 63;
        *low = parts.significand >> drop;
        return *low << drop == parts.significand;
    }
    return 1;
}

/* Add the integer of `sum` to an accumulator, in pieces that are doubles. */
static void pour(const struct pref_narrow_sum *sum, struct pref_accumulator *into)
{
    int negative = sum->high >> 63 != 0;
    uint64_t low = negative ? 0 - sum->low : sum->low;
    uint64_t high = negative ? 0 - sum->high - (sum->low != 0) : sum->high;
    const uint32_t piece[] = {(uint32_t)low, (uint32_t)(low >> 32), (uint32_t)high,
                              (uint32_t)(high >> 32)};
    for (int i = 0; i < 4; i++)
        (void)pref_accumulator_add(into,
                                   ldexp(negative ? -(double)piece[i] : piece[i], 32 * i - UNIT));
}

static int make_wide(struct pref_narrow_sum *sum)
{
    if (sum->wide == NULL)
        sum->wide = calloc(1, sizeof *sum->wide);
    return sum->wide == NULL ? PREF_FAIL : PREF_OK;
}

/* What is added when the integer has no room for it: first it is emptied. */
static int make_room(struct pref_narrow_sum *sum)
{
    if (make_wide(sum) != PREF_OK)
        return PREF_FAIL;
    pour(sum, sum->wide);
    sum->low = sum->high = 0;
    return PREF_OK;
}

int pref_narrow_sum_add(struct pref_narrow_sum *sum, double x)
{
    uint64_t high, low;
    if (!in_units(x, &high, &low))
        return make_wide(sum) == PREF_OK ? pref_accumulator_add(sum->wide, x) : PREF_FAIL;
    if (x < 0) {
        high = 0 - high - (low != 0);
        low = 0 - low;
    }
    uint64_t sum_low = sum->low + low;
    uint64_t sum_high = sum->high + high + (sum_low < low);
    /* It overflows where both had one sign and the result has the other. */
    if ((~(sum->high ^ high) & (sum->high ^ sum_high)) >> 63 != 0) {
        if (make_room(sum) != PREF_OK)
            return PREF_FAIL;
        sum_low = low;
        sum_high = high;
    }
    sum->low = sum_low;
    sum->high = sum_high;
    return PREF_OK;
}

void pref_narrow_sum_value(const struct pref_narrow_sum *sum, struct pref_accumulator *out)
{
    if (sum->wide != NULL)
        *out = *sum->wide;
    else
        pref_accumulator_init(out);
    pour(sum, out);
}

void pref_narrow_sum_release(struct pref_narrow_sum *sum)
{
    free(sum->wide);
    *sum = (struct pref_narrow_sum){0};
}
