/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "pref/mathfn.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#if FLT_EVAL_METHOD != 0 && FLT_EVAL_METHOD != 1 /* 1: floats are widened, doubles are not */
#error "doubles must be computed as doubles (on x86: -msse2 -mfpmath=sse)"
#endif

/* ln 2 in two parts: the high one has 33 significant bits, so that its product with any binary
 * exponent (11 bits) is exact. */
#define LN2_HIGH 0x1.62e42fee00000p-1
#define LN2_LOW 0x1.a39ef35793c76p-33
#define ONE_OVER_LN2 0x1.71547652b82fep+0

/* 2^power, for a normal double. */
static double power_of_two(int power)
{
    uint64_t bits = (uint64_t)(power + 1023) << 52;
    double value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

/*
 * (e^r - 1 - r) / r^2 for |r| <= ln(2)/2: the terms 1/2! + r/3! + ... + r^11/13! of the
 * exponential series; what is left out is below 2^-57 of e^r. Summed by halves (Estrin's scheme),
 * which a processor can do side by side.
 */
static double exp_tail(double r)
{
    double r2 = r * r;
    double r4 = r2 * r2;
    double a = (1.0 / 2 + r * (1.0 / 6)) + r2 * (1.0 / 24 + r * (1.0 / 120));
    double b = (1.0 / 720 + r * (1.0 / 5040)) + r2 * (1.0 / 40320 + r * (1.0 / 362880));
    double c = (1.0 / 3628800 + r * (1.0 / 39916800)) +
               r2 * (1.0 / 479001600 + r * (1.0 / 6227020800));

    return a + r4 * (b + r4 * c);
}

double pref_exp(double x)
{
    int power;
    double whole, product, r, r_low, tail, sum, sum_low, value, value_low;

    if (!(x <= 0x1.62e42fefa39efp+9)) { /* ln(2^1024), cut; a NaN comes here too */
        return x + (double)INFINITY;
    }
    if (x < -0x1.74910d52d3052p+9) { /* ln(2^-1075), cut towards 0 */
        return 0;
    }

    /* x = power * ln 2 + (r + r_low), with r the double nearest to the remainder. */
    power = (int)(x * ONE_OVER_LN2 + (x < 0 ? -0.5 : 0.5));
    whole = x - power * LN2_HIGH; /* exact */
    product = power * LN2_LOW;
    r = whole - product;
    r_low = (whole - r) - product;

    /* 1 + r + tail, carrying along what each sum loses. */
    tail = r * r * exp_tail(r);
    sum = r + tail;
    sum_low = (r - sum) + tail;
    value = 1 + sum;
    value_low = (1 - value) + sum;
    value += value_low + (sum_low + (r_low + r_low * r));

    /* In two steps where 2^power or the result is not a normal double; the first is exact. */
    if (power > 1023) {
        return value * 2 * power_of_two(power - 1);
    }
    if (power < -1021) {
        return value * power_of_two(power + 64) * power_of_two(-64);
    }
    return value * power_of_two(power);
}

/*
 * log(1 + f) = 2 atanh(s) with s = f / (2 + f), and 2 atanh(s) - 2s = s * R(s^2), where
 * R(z) = z * (2/3 + 2/5 z + ... + 2/21 z^9 ...). For |s| <= 3 - 2 sqrt(2) = 0.1716 what is left
 * out is below 2^-60 of the logarithm.
 */
static double log_tail(double z)
{
    double z2 = z * z;
    double z4 = z2 * z2;
    double a = (2.0 / 3 + z * (2.0 / 5)) + z2 * (2.0 / 7 + z * (2.0 / 9));
    double b = (2.0 / 11 + z * (2.0 / 13)) + z2 * (2.0 / 15 + z * (2.0 / 17));
    double c = 2.0 / 19 + z * (2.0 / 21);

    return z * (a + z4 * (b + z4 * c));
}

double pref_log(double x)
{
    const uint64_t one = UINT64_C(1023) << 52;
    const uint64_t root_half = UINT64_C(0x3fe6a09e667f3bcd); /* the bits of sqrt(1/2) */
    uint64_t bits;
    int power = 0;
    double f, s, half_square;

    if (!(x > 0)) {
        return x == 0 ? -(double)INFINITY : (double)NAN;
    }
    if (x > DBL_MAX) {
        return x;
    }
    if (x < DBL_MIN) { /* subnormal: its exponent field says nothing yet */
        x *= 0x1p54;
        power = -54;
    }

    /* x = (1 + f) * 2^power with sqrt(1/2) <= 1 + f < sqrt(2); f is exact. */
    memcpy(&bits, &x, sizeof bits);
    bits += one - root_half;
    power += (int)(bits >> 52) - 1023;
    bits = (bits & ((UINT64_C(1) << 52) - 1)) + root_half;
    memcpy(&f, &bits, sizeof f);
    f -= 1;

    /* 2s = f - f^2/2 + s f^2/2: f itself, exact, is kept for last. */
    s = f / (2 + f);
    half_square = 0.5 * f * f;
    return power * LN2_HIGH -
           ((half_square - (s * (half_square + log_tail(s * s)) + power * LN2_LOW)) - f);
}

double pref_sigmoid(double x)
{
    /* Through the exponential that cannot overflow; it also keeps the small end's precision. */
    double odds = pref_exp(x < 0 ? x : -x);
    double sum = 1 + odds;
    double sum_low = (1 - sum) + odds; /* what the sum lost, exactly */
    double quotient;

    /* What was lost is made good to first order: d(a / sum) = -(a / sum) * sum_low / sum, where
     * 1 / sum is the quotient itself for x >= 0, and 1 - odds / sum otherwise. */
    if (x < 0) {
        quotient = odds / sum;
        return quotient - quotient * sum_low * (1 - quotient);
    }
    quotient = 1 / sum;
    return quotient - quotient * sum_low * quotient;
}
