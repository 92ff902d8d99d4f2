/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "pref/accumulator.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "accumulator_limbs.h"
#include "lib/base/wide.h"

#define LIMBS PREF_ACCUMULATOR_LIMBS
#define LOWEST PREF_LIMBS_LOWEST

/* Sums of 2^64 products end below 2^(2048 + 64); so do texts. The limbs go 28 bits further. */
#define BITS_MAX (LOWEST + 2048 + 64)

/* Carry when this many terms may have met in one limb: below 2^62, with room for one more merge. */
#define PENDING_MAX (UINT32_C(1) << 30)

/* A finite double is (negative ? -1 : 1) * significand * 2^exponent. */
struct parts {
    uint64_t significand;
    int exponent;
    bool negative;
};

/* Returns whether x is finite. */
static bool take_apart(double x, struct parts *parts)
{
    uint64_t bits;
    unsigned biased;

    memcpy(&bits, &x, sizeof bits);
    biased = (unsigned)(bits >> 52) & 0x7ff;
    parts->negative = bits >> 63 != 0;
    parts->significand = bits & ((UINT64_C(1) << 52) - 1);
    if (biased != 0) {
        parts->significand |= UINT64_C(1) << 52;
    }
    parts->exponent = (int)(biased != 0 ? biased : 1) - 1075;
    return biased != 0x7ff;
}

/* Move what exceeds 32 bits of each limb into the next: all but the last are then in [0, 2^32),
 * and the last has the sign of the sum. */
static void settle(struct pref_accumulator *a)
{
    int64_t carry = 0;

    for (size_t i = 0; i < LIMBS - 1; i++) {
        int64_t whole = a->limb[i] + carry;
        int64_t low = (int64_t)((uint64_t)whole & 0xffffffff);

        a->limb[i] = low;
        carry = (whole - low) / (INT64_C(1) << 32);
    }
    a->limb[LIMBS - 1] += carry;
    a->pending = 1;
}

static void count_term(struct pref_accumulator *a)
{
    if (++a->pending >= PENDING_MAX) {
        settle(a);
    }
}

/* Signs of differences are as good as random: no branch may hang on them. */
static void add_to_limb(struct pref_accumulator *a, size_t at, uint32_t value, bool negative)
{
    a->limb[at] += ((int64_t)value ^ -(int64_t)negative) + negative;
}

void pref_accumulator_init(struct pref_accumulator *a)
{
    memset(a, 0, sizeof *a);
}

int pref_accumulator_add(struct pref_accumulator *a, double x)
{
    struct parts parts;
    unsigned place, shift;
    uint64_t low;
    size_t at;

    if (!take_apart(x, &parts)) {
        return PREF_FAIL;
    }
    place = (unsigned)(parts.exponent + LOWEST);
    at = place / 32;
    shift = place % 32;
    /* 53 bits, moved up by less than 32, lie across three limbs. */
    low = parts.significand << shift;
    add_to_limb(a, at, (uint32_t)low, parts.negative);
    add_to_limb(a, at + 1, (uint32_t)(low >> 32), parts.negative);
    add_to_limb(a, at + 2, (uint32_t)(parts.significand >> 32 >> (32 - shift)), parts.negative);
    count_term(a);
    return PREF_OK;
}

int pref_accumulator_add_product(struct pref_accumulator *a, double x, double y)
{
    struct parts left, right;
    struct pref_wide product;
    uint32_t pieces[5];
    uint64_t carry = 0;
    unsigned place, shift;
    bool negative;

    if (!take_apart(x, &left) || !take_apart(y, &right)) {
        return PREF_FAIL;
    }
    product = pref_wide_multiply(left.significand, right.significand);
    pieces[0] = (uint32_t)product.lo;
    pieces[1] = (uint32_t)(product.lo >> 32);
    pieces[2] = (uint32_t)product.hi;
    pieces[3] = (uint32_t)(product.hi >> 32);
    pieces[4] = 0;
    place = (unsigned)(left.exponent + right.exponent + LOWEST);
    shift = place % 32;
    negative = left.negative != right.negative;
    for (size_t i = 0; i < 5; i++) {
        uint64_t moved = (uint64_t)pieces[i] << shift | carry;

        add_to_limb(a, place / 32 + i, (uint32_t)moved, negative);
        carry = moved >> 32;
    }
    count_term(a);
    return PREF_OK;
}

void pref_accumulator_merge(struct pref_accumulator *a, const struct pref_accumulator *from)
{
    if (a->pending + from->pending > PENDING_MAX) {
        settle(a);
    }
    for (size_t i = 0; i < LIMBS; i++) {
        a->limb[i] += from->limb[i];
    }
    a->pending += from->pending;
    if (a->pending >= PENDING_MAX) {
        settle(a);
    }
}

bool pref_limbs_magnitude(const struct pref_accumulator *a, uint32_t limbs[LIMBS])
{
    struct pref_accumulator copy = *a;
    bool negative;

    settle(&copy);
    negative = copy.limb[LIMBS - 1] < 0;
    if (negative) {
        for (size_t i = 0; i < LIMBS; i++) {
            copy.limb[i] = -copy.limb[i];
        }
        settle(&copy);
    }
    for (size_t i = 0; i < LIMBS; i++) {
        limbs[i] = (uint32_t)copy.limb[i];
    }
    return negative;
}

int pref_limbs_length(const uint32_t *limbs, size_t count)
{
    int length = 0;

    while (count > 0 && limbs[count - 1] == 0) {
        count--;
    }
    if (count > 0) {
        length = (int)count * 32 - __builtin_clz(limbs[count - 1]);
    }
    return length;
}

static uint64_t bit_at(const uint32_t *limbs, int place)
{
    return limbs[place / 32] >> (place % 32) & 1;
}

double pref_limbs_round(const uint32_t *limbs, size_t count, int place)
{
    int length = pref_limbs_length(limbs, count);
    uint64_t kept = 0;
    bool rest = false;

    for (int at = length - 1; at >= place; at--) {
        kept = kept << 1 | bit_at(limbs, at);
    }
    if (place == 0 || place > length) {
        return (double)kept; /* nothing is below, or less than half */
    }
    for (int at = 0; at < (place - 1) / 32; at++) {
        rest |= limbs[at] != 0;
    }
    for (int at = (place - 1) / 32 * 32; at < place - 1; at++) {
        rest |= bit_at(limbs, at) != 0;
    }
    if (bit_at(limbs, place - 1) != 0 && (rest || (kept & 1) != 0)) {
        kept++;
    }
    return (double)kept;
}

double pref_accumulator_round(const struct pref_accumulator *a)
{
    uint32_t limbs[LIMBS];
    bool negative = pref_limbs_magnitude(a, limbs);
    int place = pref_limbs_length(limbs, LIMBS) - 53;
    double value;

    if (place < LOWEST - 1074) { /* no double has bits below that */
        place = LOWEST - 1074;
    }
    value = ldexp(pref_limbs_round(limbs, LIMBS, place), place - LOWEST);
    return negative ? -value : value;
}

double pref_accumulator_mean(const struct pref_accumulator *a, uint64_t count)
{
    uint32_t limbs[LIMBS];
    bool negative = pref_limbs_magnitude(a, limbs);
    int length = pref_limbs_length(limbs, LIMBS);
    int place = length > 53 ? length - 53 : 0;
    double value = ldexp(pref_limbs_round(limbs, LIMBS, place) / (double)count, place - LOWEST);

    return negative ? -value : value;
}

size_t pref_accumulator_print(char out[PREF_ACCUMULATOR_MAX], const struct pref_accumulator *a)
{
    uint32_t limbs[LIMBS];
    char *end = out;
    int first, last = 0;

    if (pref_limbs_magnitude(a, limbs)) {
        *end++ = '-';
    }
    first = (pref_limbs_length(limbs, LIMBS) + 3) / 4; /* in hexadecimal digits */
    if (first == 0) {
        memcpy(out, "0p0", 4);
        return 3;
    }
    while ((limbs[last / 8] >> (4 * (last % 8)) & 15) == 0) {
        last++;
    }
    for (int at = first - 1; at >= last; at--) {
        *end++ = "0123456789abcdef"[limbs[at / 8] >> (4 * (at % 8)) & 15];
    }
    end += snprintf(end, 8, "p%d", 4 * last - LOWEST);
    return (size_t)(end - out);
}

/* The sum of a text of the right shape, without its sign. Returns whether it is one. */
static bool read_magnitude(const char *at, const char *end, struct pref_accumulator *a)
{
    const char *point = memchr(at, 'p', (size_t)(end - at));
    int exponent = 0, place;
    bool negative;

    if (point == NULL || end - point < 2 || end - point > 6) {
        return false;
    }
    negative = point[1] == '-';
    for (const char *digit = point + 1 + negative; digit < end; digit++) {
        if (*digit < '0' || *digit > '9') {
            return false;
        }
        exponent = exponent * 10 + (*digit - '0');
    }
    place = (negative ? -exponent : exponent) + LOWEST;
    if (place < 0 || place % 4 != 0 || (point - at) * 4 + place > BITS_MAX) {
        return false;
    }
    for (; point > at; place += 4) {
        char digit = *--point;

        if (digit >= '0' && digit <= '9') {
            digit = (char)(digit - '0');
        } else if (digit >= 'a' && digit <= 'f') {
            digit = (char)(digit - 'a' + 10);
        } else {
            return false;
        }
        a->limb[place / 32] |= (int64_t)digit << (place % 32);
    }
    a->pending = 1;
    return true;
}

int pref_accumulator_parse(struct pref_span text, struct pref_accumulator *a,
                           struct pref_err *err)
{
    char again[PREF_ACCUMULATOR_MAX];
    bool negative = text.len > 0 && text.ptr[0] == '-';

    pref_accumulator_init(a);
    if (text.len > negative &&
        read_magnitude(text.ptr + negative, text.ptr + text.len, a)) {
        for (size_t i = 0; negative && i < LIMBS; i++) {
            a->limb[i] = -a->limb[i];
        }
        /* Of all texts of a value only one is right, so that equal sums are equal bytes. */
        if (pref_accumulator_print(again, a) == text.len &&
            memcmp(again, text.ptr, text.len) == 0) {
            return PREF_OK;
        }
    }
    return pref_fail(err, "'%.*s%s' is not an exact sum such as -1f3p-48",
                     text.len < 40 ? (int)text.len : 40, text.len > 0 ? text.ptr : "",
                     text.len > 40 ? "..." : "");
}
