/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "pref/number.h"

#include <stdbool.h>
#include <string.h>

#include "number_pow10.h"
#include "lib/base/wide.h"

static const char pairs[] = "00010203040506070809101112131415161718192021222324"
                            "25262728293031323334353637383940414243444546474849"
                            "50515253545556575859606162636465666768697071727374"
                            "75767778798081828384858687888990919293949596979899";

/* digits * 10^exponent10 */
struct shortest {
    uint64_t digits;
    int exponent10;
};

/*
 * power * value / 2^128, cut, but its last bit set if what was cut was not nothing: enough to
 * compare with multiples of 2 (Schubfach's "round to odd"). A power that was rounded up adds less
 * than 2^64 to a product, so where the true one has nothing to cut, `middle` is still 0.
 */
static uint64_t multiply_to_odd(struct pref_wide power, uint64_t value)
{
    struct pref_wide low = pref_wide_multiply(power.lo, value);
    struct pref_wide high = pref_wide_multiply(power.hi, value);
    uint64_t middle = high.lo + low.hi;

    high.hi += middle < low.hi;
    return high.hi | (middle != 0);
}

/*
 * Schubfach, for a positive double `significand` * 2^exponent2. `even_spaced` is false where the
 * double below is only half as far as the one above (powers of two).
 *
 * Of all decimals that round to the double, those with the largest power of ten are wanted, and of
 * them the closest; the paper proves that the power is k or k + 1 of below. All quantities carry
 * a factor of 4, so that the bounds, halfway to the neighbours, are integers.
 */
static struct shortest find_shortest(uint64_t significand, int exponent2, bool even_spaced)
{
    uint64_t odd = significand & 1; /* ties go to even: only then the bounds read back as us */
    /* floor(log10(2^q)), or of 3/4 * 2^q for the uneven ones */
    int k = (exponent2 * 1262611 - (even_spaced ? 0 : 524031)) >> 22;
    /* -k of 10^-k in binary: floor(log2(10^-k)) */
    int h = exponent2 + ((-k * 1741647) >> 19) + 1;
    struct pref_wide power = pref_pow10[-k - PREF_POW10_FIRST];
    uint64_t lower, value, upper, s;

    /* The method asks for the power rounded up where it is not exact. */
    if (-k < 0 || -k > PREF_POW10_EXACT) {
        power.lo++;
        power.hi += power.lo == 0;
    }
    lower = multiply_to_odd(power, (4 * significand - (even_spaced ? 2 : 1)) << h) + odd;
    value = multiply_to_odd(power, (4 * significand) << h);
    upper = multiply_to_odd(power, (4 * significand + 2) << h) - odd;

    s = value / 4;
    if (s >= 10) {
        uint64_t tens = s / 10;
        bool below_in = lower <= 40 * tens;
        bool above_in = 40 * tens + 40 <= upper;

        if (below_in != above_in) {
            return (struct shortest){tens + above_in, k + 1};
        }
    }
    {
        bool below_in = lower <= 4 * s;
        bool above_in = 4 * s + 4 <= upper;
        bool up = above_in;

        if (below_in == above_in) { /* both will do: the closer, of equals the even one */
            uint64_t middle = 4 * s + 2;

            up = value > middle || (value == middle && (s & 1) != 0);
        }
        return (struct shortest){s + up, k};
    }
}

/* The eight digits of a number below 10^8. */
static void put_eight(char *out, uint32_t value)
{
    uint32_t high = value / 10000, low = value % 10000;

    memcpy(out, pairs + (size_t)(high / 100) * 2, 2);
    memcpy(out + 2, pairs + (size_t)(high % 100) * 2, 2);
    memcpy(out + 4, pairs + (size_t)(low / 100) * 2, 2);
    memcpy(out + 6, pairs + (size_t)(low % 100) * 2, 2);
}

/* The 24 digits of a number, with leading zeros. Returns how many zeros lead, at most 23. */
static size_t put_all(char digits[24], uint64_t value)
{
    uint64_t high = value / 100000000;
    size_t first;

    put_eight(digits + 16, (uint32_t)(value % 100000000));
    if (high == 0) {
        first = 16;
    } else {
        put_eight(digits + 8, (uint32_t)(high % 100000000));
        high /= 100000000;
        first = 8;
        if (high != 0) {
            put_eight(digits, (uint32_t)high);
            first = 0;
        }
    }
    while (first < 23 && digits[first] == '0') {
        first++;
    }
    return first;
}

/* A number without leading zeros, at most 20 digits. Returns how many. */
static size_t put_u64(char *out, uint64_t value)
{
    char digits[24];
    size_t first;

    if (value < 10) { /* most counts are */
        *out = (char)('0' + value);
        return 1;
    }
    first = put_all(digits, value);
    memcpy(out, digits + first, sizeof digits - first);
    return sizeof digits - first;
}

/* Lay out `count` digits, the first of which is not 0, as a number whose decimal point stands
 * after `point` digits. Returns the end. */
static char *lay_out(char *out, const char *digits, int count, int point)
{
    if (point > 17 || point < -4) {
        int exponent = point - 1;

        *out++ = digits[0];
        if (count > 1) {
            *out++ = '.';
            memcpy(out, digits + 1, (size_t)count - 1);
            out += count - 1;
        }
        *out++ = 'e';
        if (exponent < 0) {
            *out++ = '-';
            exponent = -exponent;
        }
        return out + put_u64(out, (uint64_t)exponent);
    }
    if (point <= 0) {
        memcpy(out, "0.0000", 6);
        out += 2 - point;
        memcpy(out, digits, (size_t)count);
        return out + count;
    }
    if (count <= point) {
        memcpy(out, digits, (size_t)count);
        memset(out + count, '0', (size_t)(point - count));
        return out + point;
    }
    memcpy(out, digits, (size_t)point);
    out[point] = '.';
    memcpy(out + point + 1, digits + point, (size_t)(count - point));
    return out + count + 1;
}

size_t pref_u64_print(char out[PREF_NUMBER_MAX], uint64_t value)
{
    size_t length = put_u64(out, value);

    out[length] = '\0';
    return length;
}

size_t pref_number_print(char out[PREF_NUMBER_MAX], double value)
{
    uint64_t bits, fraction;
    int biased, first, last;
    struct shortest shortest;
    char digits[24];
    char *end = out;

    memcpy(&bits, &value, sizeof bits);
    fraction = bits & ((UINT64_C(1) << 52) - 1);
    biased = (int)(bits >> 52 & 0x7ff);
    if (biased == 0x7ff) {
        *out = '\0';
        return 0;
    }
    if (bits >> 63 != 0) {
        *end++ = '-';
        value = -value;
    }
    /* Integers that doubles hold one by one: no other decimal as short rounds to them. */
    if (value < 9007199254740992.0 && value == (double)(uint64_t)value) {
        end += put_u64(end, (uint64_t)value);
        *end = '\0';
        return (size_t)(end - out);
    }
    if (biased == 0) {
        shortest = find_shortest(fraction, -1074, true);
    } else {
        shortest = find_shortest(fraction | UINT64_C(1) << 52, biased - 1075,
                                 fraction != 0 || biased == 1);
    }
    first = (int)put_all(digits, shortest.digits);
    for (last = (int)sizeof digits; digits[last - 1] == '0'; last--) {
    }
    end = lay_out(end, digits + first, last - first,
                  (int)sizeof digits - first + shortest.exponent10);
    *end = '\0';
    return (size_t)(end - out);
}
