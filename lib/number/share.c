/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "pref/share.h"

#include <stdio.h>

#include "lib/base/wide.h"

#define DIGITS_MAX 9

/* Denominators stay below this. */
#define DENOMINATOR_MAX (UINT64_C(1) << 37)

/* How much of a refused text its message quotes. */
#define QUOTE_MAX 40

/* Take up to DIGITS_MAX digits at *at, moving it behind them. Returns how many there are, or -1
 * for too many. */
static int take_digits(const char **at, const char *end, uint64_t *value)
{
    int count = 0;

    for (; *at < end && **at >= '0' && **at <= '9'; ++*at) {
        if (++count > DIGITS_MAX) {
            return -1;
        }
        *value = *value * 10 + (uint64_t)(**at - '0');
    }
    return count;
}

static int refuse(struct pref_span text, struct pref_err *err, const char *why)
{
    int length = text.len < QUOTE_MAX ? (int)text.len : QUOTE_MAX;

    return pref_usage(err, "share '%.*s%s' %s", length, length > 0 ? text.ptr : "",
                      text.len > QUOTE_MAX ? "..." : "", why);
}

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
    while (b != 0) {
        uint64_t rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

int pref_share_parse(struct pref_span text, struct pref_share *share, struct pref_err *err)
{
    const char *const many = "has more than 9 digits in a row";
    const char *const shape = "is not a decimal such as 0.75, a fraction such as 2/3, "
                              "or a percentage such as 75%";
    const char *at = text.ptr, *end = text.len > 0 ? text.ptr + text.len : text.ptr;
    uint64_t num = 0, den = 1, divisor;
    int before = take_digits(&at, end, &num), after = 0;

    if (before < 0) {
        return refuse(text, err, many);
    }
    if (at < end && *at == '/') {
        den = 0;
        at++;
        after = take_digits(&at, end, &den);
        if (after < 0) {
            return refuse(text, err, many);
        }
        if (before == 0 || after == 0 || at < end) {
            return refuse(text, err, shape);
        }
        if (den == 0) {
            return refuse(text, err, "divides by zero");
        }
    } else {
        if (at < end && *at == '.') {
            at++;
            after = take_digits(&at, end, &num);
            if (after < 0) {
                return refuse(text, err, many);
            }
        }
        for (int i = 0; i < after; i++) {
            den *= 10;
        }
        if (at < end && *at == '%') {
            den *= 100;
            at++;
        }
        if (before + after == 0 || at < end) {
            return refuse(text, err, shape);
        }
    }
    if (num > den) {
        return refuse(text, err, "is above 1");
    }
    divisor = common_divisor(num, den);
    share->num = num / divisor;
    share->den = den / divisor;
    return PREF_OK;
}

size_t pref_share_print(char out[PREF_SHARE_MAX], struct pref_share share)
{
    if (share.den == 1) {
        return (size_t)snprintf(out, PREF_SHARE_MAX, "%u", (unsigned)share.num);
    }
    return (size_t)snprintf(out, PREF_SHARE_MAX, "%llu/%llu", (unsigned long long)share.num,
                            (unsigned long long)share.den);
}

int pref_share_compare(uint64_t count, uint64_t total, struct pref_share share)
{
    struct pref_wide left = pref_wide_multiply(count, share.den);
    struct pref_wide right = pref_wide_multiply(share.num, total);

    if (left.hi != right.hi) {
        return left.hi < right.hi ? -1 : 1;
    }
    return left.lo < right.lo ? -1 : left.lo > right.lo;
}

bool pref_share_at_least(struct pref_share share, uint64_t count, uint64_t total)
{
    return total != 0 && pref_share_compare(count, total, share) >= 0;
}

bool pref_share_at_most(struct pref_share share, uint64_t count, uint64_t total)
{
    return total != 0 && pref_share_compare(count, total, share) <= 0;
}

int pref_share_add(struct pref_share a, struct pref_share b, struct pref_share *sum)
{
    uint64_t divisor = common_divisor(a.den, b.den), num, shrink;
    struct pref_wide den = pref_wide_multiply(a.den / divisor, b.den);

    if (den.hi != 0 || den.lo >= DENOMINATOR_MAX) {
        return PREF_FAIL;
    }
    /* For shares each product is at most the denominator. */
    num = a.num * (b.den / divisor) + b.num * (a.den / divisor);
    shrink = common_divisor(num, den.lo);
    *sum = (struct pref_share){num / shrink, den.lo / shrink};
    return PREF_OK;
}

uint64_t pref_share_of(struct pref_share share, uint64_t total)
{
    /* total = whole * den + rest, so that nothing exceeds 64 bits but num * rest, which is below
     * den^2; and the result is at most total. */
    uint64_t whole = total / share.den, rest = total % share.den;
    struct pref_wide product = pref_wide_multiply(share.num, rest);
    uint64_t quotient = 0, remainder = 0;

    /* A long division, bit by bit; remainder < den < 2^37 leaves room for its doubling. */
    for (int bit = 127; bit >= 0; bit--) {
        uint64_t next = bit >= 64 ? product.hi >> (bit - 64) & 1 : product.lo >> bit & 1;

        remainder = remainder << 1 | next;
        quotient <<= 1;
        if (remainder >= share.den) {
            remainder -= share.den;
            quotient |= 1;
        }
    }
    return share.num * whole + quotient + (remainder != 0);
}
