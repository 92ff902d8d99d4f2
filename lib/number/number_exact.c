/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "number_exact.h"

#include <stddef.h>

#include "lib/base/wide.h"

/*
 * How large the integers become. A half-way point between doubles has at most 768 significant
 * digits, so the first 19 + KEPT digits of the text and one more that stands for all others
 * decide any comparison with it; they make a number below 2^2660. Against it stands a 54-bit
 * integer times 5^k, k <= 342 + KEPT + 1, below 2^2670. The powers of two are cancelled before they
 * are multiplied in, so the side that is shifted only catches up with the other, within the factor
 * that the caller promises. 2^2816 holds all of it.
 */
#define KEPT 760
#define LIMBS 44

/* A non-negative integer, least significant limb first, without leading zero limbs. */
struct big {
    uint64_t limb[LIMBS];
    size_t count;
};

/* value = value * factor + addend. */
static void big_multiply_add(struct big *value, uint64_t factor, uint64_t addend)
{
    uint64_t carry = addend;

    for (size_t i = 0; i < value->count; i++) {
        struct pref_wide product = pref_wide_multiply(value->limb[i], factor);

        product.lo += carry;
        carry = product.hi + (product.lo < carry);
        value->limb[i] = product.lo;
    }
    if (carry != 0 && value->count < LIMBS) {
        value->limb[value->count++] = carry;
    }
}

/* value = value * 5^power. */
static void big_multiply_pow5(struct big *value, unsigned power)
{
    const uint64_t five27 = UINT64_C(7450580596923828125);
    uint64_t rest = 1;

    for (; power >= 27; power -= 27) {
        big_multiply_add(value, five27, 0);
    }
    for (; power > 0; power--) {
        rest *= 5;
    }
    big_multiply_add(value, rest, 0);
}

/* value = value * 2^bits. */
static void big_shift(struct big *value, unsigned bits)
{
    size_t whole = bits / 64;
    size_t count;

    big_multiply_add(value, UINT64_C(1) << (bits % 64), 0);
    count = value->count + whole;
    if (value->count == 0 || count > LIMBS) {
        return;
    }
    for (size_t i = count; i-- > whole;) {
        value->limb[i] = value->limb[i - whole];
    }
    for (size_t i = 0; i < whole; i++) {
        value->limb[i] = 0;
    }
    value->count = count;
}

static int big_compare(const struct big *a, const struct big *b)
{
    if (a->count != b->count) {
        return a->count < b->count ? -1 : 1;
    }
    for (size_t i = a->count; i-- > 0;) {
        if (a->limb[i] != b->limb[i]) {
            return a->limb[i] < b->limb[i] ? -1 : 1;
        }
    }
    return 0;
}

/*
 * Append up to KEPT digits to `value`, and a last digit 1 if anything but zeros follows: the value
 * is then strictly between the cut one and the next, as the true one is. Returns how many digits
 * went in.
 */
static int big_append(struct big *value, struct pref_span digits)
{
    uint64_t chunk = 0, scale = 1;
    int count = 0;
    size_t at = 0;

    for (; at < digits.len && count < KEPT; at++) {
        if (digits.ptr[at] == '.') {
            continue;
        }
        chunk = chunk * 10 + (uint64_t)(digits.ptr[at] - '0');
        scale *= 10;
        count++;
        if (count % 19 == 0) { /* 10^19 is the largest power of ten below 2^64 */
            big_multiply_add(value, scale, chunk);
            chunk = 0;
            scale = 1;
        }
    }
    big_multiply_add(value, scale, chunk);
    for (; at < digits.len; at++) {
        if (digits.ptr[at] != '.' && digits.ptr[at] != '0') {
            big_multiply_add(value, 10, 1);
            return count + 1;
        }
    }
    return count;
}

int pref_number_exact_compare(uint64_t lead, int exponent10, struct pref_span rest,
                              uint64_t floor_bits)
{
    const uint64_t hidden = UINT64_C(1) << 52;
    struct big decimal, half;
    uint64_t fraction = floor_bits & (hidden - 1);
    int biased = (int)(floor_bits >> 52);
    int exponent2, shift;

    decimal.count = 1;
    decimal.limb[0] = lead;
    exponent10 -= big_append(&decimal, rest);

    /* The half-way point is (2m + 1) * 2^(e - 1), where the double is m * 2^e. */
    half.count = 1;
    half.limb[0] = 2 * (biased != 0 ? fraction + hidden : fraction) + 1;
    exponent2 = (biased != 0 ? biased : 1) - 1075 - 1;

    /* Both sides are integers times 10^exponent10 and 2^exponent2: bring the fives to the side
     * where their power is positive, and the same with the twos that are left. */
    if (exponent10 >= 0) {
        big_multiply_pow5(&decimal, (unsigned)exponent10);
    } else {
        big_multiply_pow5(&half, (unsigned)-exponent10);
    }
    shift = exponent10 - exponent2;
    if (shift >= 0) {
        big_shift(&decimal, (unsigned)shift);
    } else {
        big_shift(&half, (unsigned)-shift);
    }
    return big_compare(&decimal, &half);
}
