/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "pref/number.h"

#include <float.h>
#include <stdbool.h>
#include <string.h>

#include "number_exact.h"
#include "number_pow10.h"
#include "lib/base/wide.h"

#if FLT_EVAL_METHOD != 0 && FLT_EVAL_METHOD != 1 /* 1: floats are widened, doubles are not */
#error "doubles must be computed as doubles (on x86: -msse2 -mfpmath=sse)"
#endif

/* An explicit exponent is held at this bound; no text is long enough to bring it back. */
#define EXPONENT_BOUND (INT64_C(1) << 60)

#define INFINITY_BITS (UINT64_C(0x7ff) << 52)

/* A decimal without its sign: the digits of `lead`, then those of `rest`, scaled so that `lead`
 * alone is lead * 10^exponent10. */
struct decimal {
    uint64_t lead; /* the first 19 significant digits, or all if they are fewer */
    int64_t exponent10;
    bool cut;              /* some digit of `rest` is not zero */
    struct pref_span rest; /* the digits after those 19; a '.' may be among them */
};

/* Eight ASCII digits at once: -1 if any of the eight is none. The lowest byte is the first digit;
 * each step joins neighbours into one number of twice the digits. */
static int64_t eight_digits(const char *text)
{
    uint64_t bytes = 0;

    for (unsigned i = 0; i < 8; i++) { /* compilers make one load of this */
        bytes |= (uint64_t)(unsigned char)text[i] << (8 * i);
    }
    /* A digit's high nibble is 3, and stays 3 when 6 is added to its low one. */
    if (((bytes & UINT64_C(0xf0f0f0f0f0f0f0f0)) |
         (((bytes + UINT64_C(0x0606060606060606)) & UINT64_C(0xf0f0f0f0f0f0f0f0)) >> 4)) !=
        UINT64_C(0x3333333333333333)) {
        return -1;
    }
    bytes -= UINT64_C(0x3030303030303030);
    bytes = (bytes * 10 + (bytes >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
    bytes = (bytes * 100 + (bytes >> 16)) & UINT64_C(0x0000ffff0000ffff);
    return (int64_t)((bytes * 10000 + (bytes >> 32)) & 0xffffffff);
}

/* Take digits up to the first byte that is none; the lead wraps if they are too many. */
static const char *read_digits(const char *at, const char *end, uint64_t *lead)
{
    uint64_t value = *lead;

    while (end - at >= 8) {
        int64_t eight = eight_digits(at);

        if (eight < 0) {
            break;
        }
        value = value * 100000000 + (uint64_t)eight;
        at += 8;
    }
    for (; at < end && *at >= '0' && *at <= '9'; at++) {
        value = value * 10 + (uint64_t)(*at - '0');
    }
    *lead = value;
    return at;
}

/* The value of an exponent, `at` standing behind its 'e'. */
static int64_t read_exponent(const char *at, const char *end)
{
    int64_t value = 0;
    bool negative = false;

    if (at < end && (*at == '-' || *at == '+')) {
        negative = *at == '-';
        at++;
    }
    for (; at < end && *at >= '0' && *at <= '9'; at++) {
        if (value < EXPONENT_BOUND / 10) {
            value = value * 10 + (*at - '0');
        }
    }
    return negative ? -value : value;
}

/* The rarer case of more than 19 digits (leading zeros among them): take the first 19 that count,
 * and remember where the others are. */
static void read_long(const char *at, const char *end, struct decimal *decimal)
{
    bool after_point = false;
    int count = 0;

    decimal->lead = 0;
    decimal->exponent10 = 0;
    for (; at < end && count < 19; at++) {
        if (*at == '.') {
            after_point = true;
            continue;
        }
        decimal->lead = decimal->lead * 10 + (uint64_t)(*at - '0');
        decimal->exponent10 -= after_point;
        count += decimal->lead != 0;
    }
    decimal->rest = (struct pref_span){at, (size_t)(end - at)};
    for (; at < end; at++) {
        if (*at == '.') {
            after_point = true;
            continue;
        }
        decimal->exponent10 += !after_point;
        decimal->cut |= *at != '0';
    }
}

static void read_decimal(const char *begin, const char *end, struct decimal *decimal)
{
    const char *point = read_digits(begin, end, &decimal->lead);
    const char *at = point;
    size_t digits = (size_t)(point - begin);

    if (at < end && *at == '.') {
        at = read_digits(at + 1, end, &decimal->lead);
        decimal->exponent10 = point + 1 - at;
        digits += (size_t)(at - point) - 1;
    }
    if (digits > 19) {
        read_long(begin, at, decimal);
    }
    if (at < end) {
        decimal->exponent10 += read_exponent(at + 1, end);
    }
}

/* An estimate of lead * 10^exponent10: the double at or below it, and whether the nearest is the
 * next one up. Unless `sure`, only the former holds. */
struct estimate {
    uint64_t floor_bits;
    bool up;
    bool sure;
};

/* lead != 0, PREF_POW10_FIRST <= exponent10 <= 308. */
static struct estimate scale(uint64_t lead, int exponent10)
{
    struct pref_wide power = pref_pow10[exponent10 - PREF_POW10_FIRST];
    bool exact = exponent10 >= 0 && exponent10 <= PREF_POW10_EXACT;
    int zeros = __builtin_clzll(lead);
    struct pref_wide upper, lower;
    uint64_t high, middle, low, half, rest;
    struct estimate estimate = {0, false, true};
    int biased, shift;

    /* (high, middle, low) is the product with the cut power, below the true one by less than 2^64
     * units of `low`, so by at most one carry into `middle`. */
    lead <<= zeros;
    upper = pref_wide_multiply(lead, power.hi);
    lower = pref_wide_multiply(lead, power.lo);
    low = lower.lo;
    middle = upper.lo + lower.hi;
    high = upper.hi + (middle < lower.hi);

    /* That carry matters only if it runs through all of `middle` (but for its first bit, which
     * the next step may move into `high`). */
    estimate.sure = exact || (middle | UINT64_C(1) << 63) != UINT64_MAX;

    /* floor(log2(10^e)) = floor(e * 217706 / 65536) for |e| <= 350 (the unit test tries them). */
    biased = ((exponent10 * 217706) >> 16) + 64 - zeros + 1023;
    if (high >> 63 == 0) {
        high = high << 1 | middle >> 63;
        middle <<= 1;
        biased--;
    }
    if (biased >= 2047) {
        estimate.floor_bits = INFINITY_BITS;
        return estimate;
    }
    /* Keep 53 bits, or of a subnormal what its fixed exponent leaves. */
    shift = biased >= 1 ? 11 : 12 - biased;
    if (shift > 64) {
        return estimate; /* below half of the least subnormal */
    }
    half = UINT64_C(1) << (shift - 1);
    rest = high & (half | (half - 1));
    estimate.floor_bits = shift == 64 ? 0 : high >> shift;
    if (biased >= 1) {
        /* The hidden bit adds the one to the exponent that is left out here. */
        estimate.floor_bits += (uint64_t)(biased - 1) << 52;
    }
    /* An inexact product has more behind it, which is not nothing. */
    estimate.up = rest > half || (rest == half && ((middle | low) != 0 || !exact ||
                                                   (estimate.floor_bits & 1) != 0));
    return estimate;
}

/* The bits of the double nearest to a decimal within the bounds of scale(). */
static uint64_t nearest(const struct decimal *decimal)
{
    int exponent10 = (int)decimal->exponent10;
    struct estimate estimate = scale(decimal->lead, exponent10);

    if (decimal->cut && estimate.sure) {
        /* Rounding is monotonic: if both ends of the interval round alike, so does all of it. */
        struct estimate above = scale(decimal->lead + 1, exponent10);

        estimate.sure = above.sure && above.floor_bits + above.up ==
                                          estimate.floor_bits + estimate.up;
    }
    if (!estimate.sure) {
        /* The interval is much narrower than half a unit in the last place. So even if the true
         * floor is the next double, comparing with the half-way point below it rounds rightly. */
        int side = pref_number_exact_compare(decimal->lead, exponent10, decimal->rest,
                                             estimate.floor_bits);

        estimate.up = side > 0 || (side == 0 && (estimate.floor_bits & 1) != 0);
    }
    return estimate.floor_bits + estimate.up;
}

/* Signs of scores are as good as random: no branch may hang on them. */
static double with_sign(double value, bool negative)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    bits |= (uint64_t)negative << 63;
    memcpy(&value, &bits, sizeof bits);
    return value;
}

int pref_number_parse(struct pref_span text, double *out)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    const char *at = text.ptr, *end = text.len > 0 ? text.ptr + text.len : text.ptr;
    struct decimal decimal = {0, 0, false, {NULL, 0}};
    bool negative = at < end && *at == '-';
    uint64_t bits;

    read_decimal(at + negative, end, &decimal);
    if (!decimal.cut && decimal.lead <= UINT64_C(1) << 53 && decimal.exponent10 >= -22 &&
        decimal.exponent10 <= 22) {
        /* Both are doubles exactly, so the one operation rounds once (Clinger, 1990). */
        double value = (double)decimal.lead;

        value = decimal.exponent10 < 0 ? value / powers[-decimal.exponent10]
                                       : value * powers[decimal.exponent10];
        *out = with_sign(value, negative);
        return PREF_OK;
    }
    if (decimal.lead == 0 || decimal.exponent10 < PREF_POW10_FIRST) {
        bits = 0; /* 10^19 * 10^-343 is below half of the least subnormal */
    } else if (decimal.exponent10 > 308) {
        bits = INFINITY_BITS;
    } else {
        bits = nearest(&decimal);
    }
    bits |= (uint64_t)negative << 63;
    memcpy(out, &bits, sizeof bits);
    return (bits & INFINITY_BITS) == INFINITY_BITS ? PREF_FAIL : PREF_OK;
}

int pref_u64_parse(struct pref_span digits, uint64_t *out)
{
    uint64_t value = 0;
    if (digits.len == 0)
        return PREF_FAIL;
    for (size_t i = 0; i < digits.len; i++) {
        unsigned digit = (unsigned)(unsigned char)digits.ptr[i] - '0';
        if (digit > 9 || value > (UINT64_MAX - digit) / 10)
            return PREF_FAIL;
        value = value * 10 + digit;
    }
    *out = value;
    return PREF_OK;
}

int pref_micros_parse(struct pref_span text, uint64_t most, uint64_t *out)
{
    size_t i = 0, digits = 0;
    uint64_t scale = PREF_MICROS, value = 0;
    for (; i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9' && value <= most; i++, digits++)
        value = value * 10 + (uint64_t)(text.ptr[i] - '0');
    value *= scale;
    if (i < text.len && text.ptr[i] == '.') {
        for (i++; i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++, digits++) {
            scale /= 10;
            if (scale == 0)
                return PREF_FAIL;
            value += (uint64_t)(text.ptr[i] - '0') * scale;
        }
    }
    if (digits == 0 || i < text.len || value > most * PREF_MICROS)
        return PREF_FAIL;
    *out = value;
    return PREF_OK;
}
