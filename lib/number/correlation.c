/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "pref/correlation.h"

#include <math.h>

enum { X, Y, XX, YY, XY };

int pref_correlation_add(struct pref_correlation *c, double x, double y)
{
    if (!isfinite(x) || !isfinite(y))
        return PREF_FAIL;
    (void)pref_accumulator_add(&c->sum[X], x);
    (void)pref_accumulator_add(&c->sum[Y], y);
    (void)pref_accumulator_add_product(&c->sum[XX], x, x);
    (void)pref_accumulator_add_product(&c->sum[YY], y, y);
    (void)pref_accumulator_add_product(&c->sum[XY], x, y);
    c->n++;
    return PREF_OK;
}

struct pref_correlation pref_correlation_turned(const struct pref_correlation *c)
{
    return (struct pref_correlation){
        .sum = {c->sum[Y], c->sum[X], c->sum[YY], c->sum[XX], c->sum[XY]}, .n = c->n};
}

int pref_correlation_of(const struct pref_accumulator sum[PREF_CORRELATION_SUMS], uint64_t n,
                        double *out)
{
    struct pref_moment x = pref_accumulator_moment(&sum[X], &sum[X], &sum[XX], n);
    struct pref_moment y = pref_accumulator_moment(&sum[Y], &sum[Y], &sum[YY], n);
    struct pref_moment both = pref_accumulator_moment(&sum[X], &sum[Y], &sum[XY], n);
    *out = NAN;
    if (x.value < 0 || y.value < 0)
        return PREF_FAIL;
    if (x.value == 0 || y.value == 0)
        return both.value == 0 ? PREF_OK : PREF_FAIL; /* by Cauchy and Schwarz */
    double r = ldexp(both.value / (sqrt(x.value) * sqrt(y.value)),
                     2 * both.half - x.half - y.half);
    if (fabs(r) > 1 + 0x1p-40)
        return PREF_FAIL;
    *out = fmin(fmax(r, -1), 1);
    return PREF_OK;
}
