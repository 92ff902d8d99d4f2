/* SPDX-License-Identifier: Apache-2.0 */
/* buckets: against sorting the numbers and counting them one by one. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pref/buckets.h"

#define NUMBERS 3000

static uint64_t random_state;

static uint64_t random_u64(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state * UINT64_C(2685821657736338717);
}

static int reset(void **state)
{
    (void)state;
    random_state = UINT64_C(88172645463325252);
    return 0;
}

static uint64_t bits_of(double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* Any double; a score with two decimals; a grid with many zeros. */
static double random_double(int kind)
{
    for (;;) {
        uint64_t bits = random_u64();
        double value;

        switch (kind) {
        case 0:
            memcpy(&value, &bits, sizeof value);
            break;
        case 1:
            value = (double)(int64_t)(bits % 2001) / 100 - 10;
            break;
        default:
            value = (double)(int64_t)(bits % 7) - 3;
            value = value * (bits >> 63 != 0 ? 0 : 1); /* -0 among them */
            break;
        }
        if (isfinite(value)) {
            return value;
        }
    }
}

static int compare_doubles(const void *a, const void *b)
{
    double x, y;

    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return x < y ? -1 : x > y;
}

static void test_bucket(void **state)
{
    uint32_t before = 0;

    (void)state;
    assert_int_equal(pref_bucket_of(0.0), PREF_BUCKET_ZERO);
    assert_int_equal(pref_bucket_of(-0.0), PREF_BUCKET_ZERO);
    assert_int_equal(pref_bucket_of(DBL_TRUE_MIN), PREF_BUCKET_ZERO);
    assert_int_equal(pref_bucket_of(-DBL_TRUE_MIN), PREF_BUCKET_ZERO - 1);
    assert_int_equal(pref_bucket_of(DBL_MAX), PREF_BUCKET_LAST);
    assert_int_equal(pref_bucket_of(-DBL_MAX), PREF_BUCKET_FIRST);
    assert_int_equal(pref_bucket_of(1), 0xbff000);
    assert_int_equal(pref_bucket_of(-1), 0x400fff);
    assert_int_equal(pref_bucket_of(1 + 0x1p-12), 0xbff001);
    assert_int_equal(pref_bucket_of(nextafter(1 + 0x1p-12, 0)), 0xbff000);
    assert_int_equal(bits_of(pref_bucket_midpoint(PREF_BUCKET_ZERO)), 0);
    assert_true(pref_bucket_midpoint(0xbff000) == 1 + 0x1p-13);
    assert_true(pref_bucket_midpoint(0x400fff) == -1 - 0x1p-13);

    /* A middle lies in its bucket, has the opposite bucket's middle as its opposite, and is the
     * middle of the first number of its bucket and the first of the next. */
    for (uint32_t bucket = PREF_BUCKET_ZERO + 1; bucket <= PREF_BUCKET_LAST; bucket += 7) {
        double middle = pref_bucket_midpoint(bucket), first;
        uint64_t bits = (uint64_t)(bucket - PREF_BUCKET_ZERO) << 40;

        assert_int_equal(pref_bucket_of(middle), bucket);
        assert_int_equal(pref_bucket_of(-middle), PREF_BUCKET_ZERO - 1 -
                                                      (bucket - PREF_BUCKET_ZERO));
        assert_true(pref_bucket_midpoint(pref_bucket_of(-middle)) == -middle);
        memcpy(&first, &bits, sizeof first);
        assert_int_equal(pref_bucket_of(first), bucket);
        assert_int_equal(pref_bucket_of(nextafter(first, -1)), bucket - 1);
        if (bucket < PREF_BUCKET_LAST) {
            double next;

            bits += UINT64_C(1) << 40;
            memcpy(&next, &bits, sizeof next);
            assert_true(first + (next - first) / 2 == middle);
        }
    }
    for (double x = -1e300; x < 1e300; x += x < 0 ? -x * 0.001 : 1e298) {
        assert_true(pref_bucket_of(x) >= before);
        before = pref_bucket_of(x);
        if (x > -1e-300 && x < 0) {
            x = 0;
        }
    }
}

/* Mid-ranks, quantiles and the walk, each worked out from the sorted numbers. */
static void check_all(const struct pref_buckets *b, const double *sorted, size_t count)
{
    static const char *const shares[] = {"0", "1/4", "0.5", "3/4", "1", "0.1", "1/3", "0.999999"};
    uint32_t cursor = 0, bucket = 0;
    uint64_t in = 0;
    size_t below = 0;

    assert_int_equal(b->total, count);
    while (below < count) {
        size_t end = below;

        while (end < count && pref_bucket_of(sorted[end]) == pref_bucket_of(sorted[below])) {
            end++;
        }
        assert_true(pref_buckets_next(b, &cursor, &bucket, &in));
        assert_int_equal(bucket, pref_bucket_of(sorted[below]));
        assert_int_equal(in, end - below);
        if (b->settled) {
            assert_true(pref_buckets_midrank(b, bucket) ==
                        ((double)below + (double)(end - below) / 2) / (double)count);
        }
        below = end;
    }
    assert_false(pref_buckets_next(b, &cursor, &bucket, &in));
    assert_false(pref_buckets_next(b, &cursor, &bucket, &in));
    for (size_t i = 0; b->settled && i < sizeof shares / sizeof *shares; i++) {
        struct pref_share share;
        struct pref_err err;
        size_t rank = 1;
        double value;

        assert_int_equal(pref_share_parse(pref_span_of(shares[i]), &share, &err), 0);
        while (rank * share.den < share.num * count) {
            rank++;
        }
        assert_int_equal(pref_buckets_quantile(b, share, &value, &err), 0);
        assert_true(value == pref_bucket_midpoint(pref_bucket_of(sorted[rank - 1])));
    }
}

static void test_counts(void **state)
{
    static double numbers[NUMBERS];
    struct pref_err err;

    (void)state;
    for (int round = 0; round < 26; round++) {
        struct pref_buckets whole, parts[3], merged;
        size_t count = round < 20 ? (size_t)round + 1 : NUMBERS;
        uint32_t cursor = 0, bucket;
        uint64_t in;

        pref_buckets_init(&whole);
        pref_buckets_init(&merged);
        for (int i = 0; i < 3; i++) {
            pref_buckets_init(&parts[i]);
        }
        for (size_t i = 0; i < count; i++) {
            numbers[i] = random_double(round % 3);
            assert_int_equal(pref_buckets_add(&whole, numbers[i], &err), 0);
            assert_int_equal(pref_buckets_add(&parts[random_u64() % 3], numbers[i], &err), 0);
        }
        qsort(numbers, count, sizeof *numbers, compare_doubles);
        check_all(&whole, numbers, count);
        pref_buckets_settle(&whole);
        pref_buckets_settle(&whole);
        check_all(&whole, numbers, count);

        pref_buckets_settle(&parts[1]); /* makes no difference to those who read it */
        for (int i = 2; i >= 0; i--) {
            assert_int_equal(pref_buckets_merge(&merged, &parts[i], &err), 0);
        }
        check_all(&merged, numbers, count);
        pref_buckets_settle(&merged);
        check_all(&merged, numbers, count);

        pref_buckets_release(&merged); /* from rows, as a fit is read */
        while (pref_buckets_next(&whole, &cursor, &bucket, &in)) {
            assert_int_equal(pref_buckets_add_count(&merged, bucket, in, &err), 0);
        }
        pref_buckets_settle(&merged);
        check_all(&merged, numbers, count);
        assert_int_equal(pref_buckets_memory(&merged), pref_buckets_memory(&whole));

        pref_buckets_release(&whole);
        pref_buckets_release(&merged);
        for (int i = 0; i < 3; i++) {
            pref_buckets_release(&parts[i]);
        }
    }
}

static void test_uncounted(void **state)
{
    struct pref_buckets b;
    struct pref_err err;
    struct pref_share half = {1, 2};
    double value = 7;

    (void)state;
    pref_buckets_init(&b);
    assert_int_equal(pref_buckets_memory(&b), 0);
    assert_true(pref_buckets_midrank(&b, PREF_BUCKET_ZERO) == 0.5);
    assert_int_equal(pref_buckets_quantile(&b, half, &value, &err), PREF_FAIL);
    assert_string_equal(err.text, "no numbers were counted, so there is no quantile");
    pref_buckets_settle(&b);
    assert_true(pref_buckets_midrank(&b, PREF_BUCKET_ZERO) == 0.5);
    pref_buckets_release(&b);

    assert_int_equal(pref_buckets_add(&b, 1, &err), 0);
    assert_int_equal(pref_buckets_add(&b, 3, &err), 0);
    assert_int_equal(pref_buckets_add(&b, 3, &err), 0);
    assert_int_equal(pref_buckets_add(&b, 5, &err), 0);
    pref_buckets_settle(&b);
    assert_true(pref_buckets_midrank(&b, pref_bucket_of(-1)) == 0);
    assert_true(pref_buckets_midrank(&b, pref_bucket_of(1)) == 0.125);
    assert_true(pref_buckets_midrank(&b, pref_bucket_of(2)) == 0.25);
    assert_true(pref_buckets_midrank(&b, pref_bucket_of(3)) == 0.5);
    assert_true(pref_buckets_midrank(&b, pref_bucket_of(3.5)) == 0.75);
    assert_true(pref_buckets_midrank(&b, pref_bucket_of(5.5)) == 1);
    assert_true(pref_buckets_midrank(&b, pref_bucket_of(1e300)) == 1);
    assert_true(pref_buckets_memory(&b) > 0);
    pref_buckets_release(&b);
    assert_int_equal(pref_buckets_memory(&b), 0);
}

static void test_refused(void **state)
{
    static const double not_finite[] = {(double)INFINITY, -(double)INFINITY, (double)NAN};
    struct pref_buckets b;
    struct pref_err err;
    double value;

    (void)state;
    pref_buckets_init(&b);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pref_buckets_add(&b, not_finite[i], &err), PREF_FAIL);
        assert_string_equal(err.text, "cannot count a number that is not finite");
    }
    assert_int_equal(pref_buckets_add_count(&b, PREF_BUCKET_FIRST - 1, 1, &err), PREF_FAIL);
    assert_string_equal(err.text, "no finite number has bucket 4095, expected 4096 to 16773119");
    assert_int_equal(pref_buckets_add_count(&b, PREF_BUCKET_LAST + 1, 1, &err), PREF_FAIL);
    assert_int_equal(pref_buckets_add_count(&b, UINT32_MAX, 1, &err), PREF_FAIL);
    assert_int_equal(pref_buckets_add_count(&b, PREF_BUCKET_ZERO, 0, &err), 0);
    assert_int_equal(pref_buckets_memory(&b), 0); /* none of these left anything */

    assert_int_equal(pref_buckets_add_count(&b, PREF_BUCKET_LAST, PREF_BUCKETS_MAX - 2, &err), 0);
    assert_int_equal(pref_buckets_add_count(&b, PREF_BUCKET_FIRST, 3, &err), PREF_FAIL);
    assert_string_equal(err.text, "the counts of buckets exceed 2^62");
    assert_int_equal(pref_buckets_add_count(&b, PREF_BUCKET_FIRST, UINT64_MAX, &err), PREF_FAIL);
    assert_int_equal(pref_buckets_add_count(&b, PREF_BUCKET_FIRST, 2, &err), 0);
    assert_int_equal(pref_buckets_add(&b, 0, &err), PREF_FAIL);
    pref_buckets_settle(&b);
    assert_int_equal(pref_buckets_add(&b, 0, &err), PREF_FAIL);
    assert_string_equal(err.text, "cannot count into buckets that are settled");
    assert_int_equal(b.total, PREF_BUCKETS_MAX);
    assert_true(pref_buckets_midrank(&b, PREF_BUCKET_LAST) == 0.5);
    assert_true(pref_buckets_midrank(&b, PREF_BUCKET_FIRST) == 0x1p-62);
    assert_int_equal(pref_buckets_quantile(&b, (struct pref_share){0, 1}, &value, &err), 0);
    assert_true(value == pref_bucket_midpoint(PREF_BUCKET_FIRST));
    assert_int_equal(pref_buckets_quantile(&b, (struct pref_share){1, 1}, &value, &err), 0);
    assert_true(value == pref_bucket_midpoint(PREF_BUCKET_LAST));
    pref_buckets_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bucket),
        cmocka_unit_test_setup(test_counts, reset),
        cmocka_unit_test(test_uncounted),
        cmocka_unit_test(test_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
