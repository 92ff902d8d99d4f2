/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "measure.h"

#include "pref/mathfn.h"

#include <math.h>
#include <string.h>

/* ---- One record ------------------------------------------------------------------------------ */

struct strength_moments strength_measure(const double *d, size_t n)
{
    struct strength_moments m;
    double count = (double)n, largest = 0, scale = 1, sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        largest = fabs(d[i]) > largest ? fabs(d[i]) : largest;
    /* Where squares would leave the range of a double, all is measured in another unit, a power
     * of two, so that no digit changes. */
    if (largest > 0x1p500)
        scale = 0x1p-600;
    else if (largest < 0x1p-400 && largest > 0)
        scale = 0x1p900;
    for (size_t i = 0; i < n; i++)
        sum += d[i] * scale;
    double mean = sum / count;
    for (size_t i = 0; i < n; i++) {
        double off = d[i] * scale - mean;
        squares += off * off;
    }
    m.mean = mean / scale + 0.0; /* -0 + 0 is 0 */
    m.sd = sqrt(squares / count) / scale;
    return m;
}

double strength_soft_label(const double *d, const double *win, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += win[i] >= 0 ? win[i] : pref_sigmoid(d[i]);
    return sum / (double)n;
}

/* ---- Fits ------------------------------------------------------------------------------------ */

static const char hex[] = "0123456789abcdef";

void strength_bucket_print(char out[STRENGTH_BUCKET_DIGITS], uint32_t bucket)
{
    for (unsigned i = 0; i < STRENGTH_BUCKET_DIGITS; i++)
        out[i] = hex[bucket >> 4 * (STRENGTH_BUCKET_DIGITS - 1 - i) & 15];
}

int strength_bucket_parse(const char digits[STRENGTH_BUCKET_DIGITS], uint32_t *bucket)
{
    *bucket = 0;
    for (size_t i = 0; i < STRENGTH_BUCKET_DIGITS; i++) {
        const char *digit = memchr(hex, digits[i], sizeof hex - 1);
        if (digit == NULL)
            return PREF_FAIL;
        *bucket = *bucket << 4 | (uint32_t)(digit - hex);
    }
    return PREF_OK;
}

int strength_counts_save(const struct pref_buckets *counts, struct pref_fit_writer *writer,
                         struct pref_err *err)
{
    uint32_t cursor = 0, bucket;
    uint64_t count;
    while (pref_buckets_next(counts, &cursor, &bucket, &count)) {
        char key[STRENGTH_BUCKET_DIGITS];
        strength_bucket_print(key, bucket);
        struct pref_fit_row row = {.key = {key, sizeof key}, .n = {count}, .counts = 1};
        int status = pref_fit_put(writer, &row, err);
        if (status != PREF_OK)
            return status;
    }
    return PREF_OK;
}

int strength_counts_load(struct pref_buckets *counts, const struct pref_fit_row *row,
                         struct pref_err *err)
{
    uint32_t bucket;
    if (row->key.len != STRENGTH_BUCKET_DIGITS || row->counts != 1 || row->sums != 0 ||
        strength_bucket_parse(row->key.ptr, &bucket) != PREF_OK)
        return pref_fail(err, "row '%s' is no bucket with one count",
                         pref_fit_show(row->key).text);
    return pref_buckets_add_count(counts, bucket, row->n[0], err);
}
