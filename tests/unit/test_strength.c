/* SPDX-License-Identifier: Apache-2.0 */
/* strength: the language of bands, bands against mid-ranks found by counting, and moments. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "filters/strength/bands.h"
#include "filters/strength/measure.h"

/* ---- The language ---------------------------------------------------------------------------- */

static struct strength_bands bands_of(const char *text)
{
    struct strength_bands bands;
    struct pref_err err = {""};
    if (strength_bands_parse(text, &bands, &err) != PREF_OK)
        fail_msg("%s", err.text);
    return bands;
}

static void check_band(const struct strength_bands *bands, unsigned at, uint64_t num, uint64_t den,
                       enum strength_action action, double label)
{
    const struct strength_band *band = &bands->band[at];
    assert_true(at < bands->count);
    assert_int_equal(band->to.num, num);
    assert_int_equal(band->to.den, den);
    assert_int_equal(band->action, action);
    assert_true(band->label == label);
}

static void test_parse(void **state)
{
    (void)state;
    struct strength_bands bands =
        bands_of("0.10=flip,0.20=drop,0.40=smooth:0.2,0.90=keep,1=soft");
    assert_int_equal(bands.count, 5);
    check_band(&bands, 0, 1, 10, STRENGTH_FLIP, 1);
    check_band(&bands, 1, 1, 5, STRENGTH_DROP, 0);
    check_band(&bands, 2, 2, 5, STRENGTH_SMOOTH, 0.8);
    check_band(&bands, 3, 9, 10, STRENGTH_KEEP, 1);
    check_band(&bands, 4, 1, 1, STRENGTH_SOFT, 0);
    assert_true(strength_band_from(&bands, 0) == 0);
    assert_true(strength_band_from(&bands, 2) == 0.2);
    assert_true(strength_band_to(&bands, 2) == 0.4);
    assert_true(strength_bands_have(&bands, STRENGTH_DROP));

    bands = bands_of("1=keep");
    assert_int_equal(bands.count, 1);
    assert_false(strength_bands_have(&bands, STRENGTH_FLIP));

    /* Shares of any kind; what is left above is kept; 1 - 0.9 is 0.1. */
    bands = bands_of("5%=smooth:0.9,1/3=smooth:0,0.333333334=smooth:100%");
    assert_int_equal(bands.count, 4);
    check_band(&bands, 0, 1, 20, STRENGTH_SMOOTH, 0.1);
    check_band(&bands, 1, 1, 3, STRENGTH_SMOOTH, 1);
    check_band(&bands, 2, 166666667, 500000000, STRENGTH_SMOOTH, 0);
    check_band(&bands, 3, 1, 1, STRENGTH_KEEP, 1);
}

static void test_refuse(void **state)
{
    static const char *const cases[][2] = {
        {"", "expected QUANTILE=ACTION"},
        {",", "expected QUANTILE=ACTION"},
        {"0.5", "expected QUANTILE=ACTION"},
        {"0.5=drop,", "expected QUANTILE=ACTION"},
        {"0.5=drop,,1=keep", "expected QUANTILE=ACTION"},
        {"=drop", "not a decimal"},
        {"x=drop", "not a decimal"},
        {"-0.1=drop", "not a decimal"},
        {"0.5 =drop", "not a decimal"},
        {"1e-1=drop", "not a decimal"},
        {"1.01=drop", "above 1"},
        {"0=drop", "expected a quantile above"},
        {"0.5=drop,0.5=keep", "expected a quantile above"},
        {"0.5=drop,1/3=keep", "expected a quantile above"},
        {"1=drop,1=keep", "expected a quantile above"},
        {"0.5=", "no such action"},
        {"0.5=Drop", "no such action"},
        {"0.5=drop ", "no such action"},
        {"0.5=drop=keep", "no such action"},
        {"0.5=smooth", "no such action"},
        {"0.5=keep:1", "no such action"},
        {"0.5=smooth:", "not a decimal"},
        {"0.5=smooth:1.5", "above 1"},
        {"0.5=smooth:-1", "not a decimal"},
        {"0.5=smooth:0.1:0.2", "not a decimal"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct strength_bands bands;
        struct pref_err err = {""};
        int status = strength_bands_parse(cases[i][0], &bands, &err);
        if (status != PREF_USAGE || strstr(err.text, cases[i][1]) == NULL ||
            strncmp(err.text, "--bands: ", 9) != 0)
            fail_msg("'%s': status %d, '%s'", cases[i][0], status, err.text);
    }
}

/* As many bands as there may be, and one more. */
static void test_many(void **state)
{
    struct strength_bands bands;
    struct pref_err err;
    char text[64 * STRENGTH_BANDS_MAX] = "";
    (void)state;
    for (unsigned i = 1; i < STRENGTH_BANDS_MAX; i++) {
        char one[64];
        snprintf(one, sizeof one, "%s%u/1000=drop", i == 1 ? "" : ",", i);
        strcat(text, one);
    }
    assert_int_equal(strength_bands_parse(text, &bands, &err), PREF_OK);
    assert_int_equal(bands.count, STRENGTH_BANDS_MAX);
    check_band(&bands, STRENGTH_BANDS_MAX - 1, 1, 1, STRENGTH_KEEP, 1);
    strcat(text, ",1=keep");
    assert_int_equal(strength_bands_parse(text, &bands, &err), PREF_USAGE);
}

/* ---- Buckets in bands ------------------------------------------------------------------------ */

static uint32_t draw(uint64_t *seed, uint32_t below)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((*seed >> 33) % below);
}

/* The band of a bucket, from the definition: the first whose quantile is not below the mid-rank,
 * where twice the rank is `twice` of 2 * total. All products fit 64 bits here. */
static unsigned band_by_rank(const struct strength_bands *bands, uint64_t twice, uint64_t total)
{
    unsigned at = 0;
    while (twice * bands->band[at].to.den > bands->band[at].to.num * 2 * total)
        at++;
    return at;
}

static void test_find(void **state)
{
    static const char *const texts[] = {"0.1=flip,0.2=drop,0.4=smooth:0.2,0.9=keep,1=soft",
                                        "1/2=drop,1=keep", "0.001=drop", "0.999=drop",
                                        "1/3=flip,2/3=drop", "1/8=flip,1/4=drop,3/8=soft"};
    uint64_t seed = 7;
    (void)state;
    for (unsigned round = 0; round < 300; round++) {
        struct strength_bands bands = bands_of(texts[round % (sizeof texts / sizeof *texts)]);
        struct pref_buckets counts = {0};
        enum { FIRST = 0x7ffff0, RANGE = 40 };
        uint64_t count[RANGE] = {0}, total = 0, below = 0;
        unsigned numbers = draw(&seed, 3) == 0 ? draw(&seed, 4) : draw(&seed, 60);
        for (unsigned i = 0; i < numbers; i++) {
            uint32_t at = draw(&seed, RANGE);
            uint64_t times = 1 + draw(&seed, 3);
            count[at] += times;
            total += times;
            assert_int_equal(pref_buckets_add_count(&counts, FIRST + at, times, NULL), PREF_OK);
        }
        pref_buckets_settle(&counts);
        for (uint32_t at = 0; at < RANGE && total > 0; at++) {
            uint64_t twice = pref_buckets_midrank_twice(&counts, FIRST + at);
            assert_int_equal(twice, 2 * below + count[at]);
            assert_int_equal(strength_bands_find(&bands, twice, 2 * total),
                             band_by_rank(&bands, twice, total));
            below += count[at];
        }
        assert_int_equal(strength_bands_find(&bands, 0, 2), 0);
        assert_int_equal(strength_bands_find(&bands, 1, 2), band_by_rank(&bands, 1, 1));
        assert_int_equal(strength_bands_find(&bands, 2, 2), bands.count - 1);
        pref_buckets_release(&counts);
    }
}

/* ---- Moments --------------------------------------------------------------------------------- */

static void check_moments(const double *d, size_t n, double mean, double sd)
{
    struct strength_moments m = strength_measure(d, n);
    double flipped[8];
    assert_true(m.mean == mean && !signbit(m.mean) == !signbit(mean));
    assert_true(m.sd == sd);
    for (size_t i = 0; i < n; i++)
        flipped[i] = -d[i];
    struct strength_moments other = strength_measure(flipped, n);
    assert_true(other.mean == -mean && other.sd == sd);
}

static void test_measure(void **state)
{
    (void)state;
    check_moments((double[]){3}, 1, 3, 0);
    check_moments((double[]){-0.0}, 1, 0, 0);
    check_moments((double[]){1, 2, 3, 4}, 4, 2.5, sqrt(1.25));
    check_moments((double[]){-1, 1}, 2, 0, 1);
    check_moments((double[]){DBL_MAX, DBL_MAX, DBL_MAX}, 3, DBL_MAX, 0);
    check_moments((double[]){DBL_MAX, -DBL_MAX}, 2, 0, DBL_MAX);
    check_moments((double[]){0x1p600, 0x1p600 * 3}, 2, 0x1p601, 0x1p600);
    check_moments((double[]){0x1p-600, 0x1p-600 * 3}, 2, 0x1p-599, 0x1p-600);
    check_moments((double[]){0x1p-1074, 0x1p-1074 * 3}, 2, 0x1p-1073, 0x1p-1074);
    check_moments((double[]){0x1p500, -0x1p500}, 2, 0, 0x1p500);
    check_moments((double[]){-0x1p-1074, 0, 0, 0}, 4, 0, 0);
}

static void test_soft_label(void **state)
{
    static const double none[] = {-1, -1}, given[] = {-1, 0.25};
    (void)state;
    assert_true(strength_soft_label((double[]){0}, none, 1) == 0.5);
    assert_true(strength_soft_label((double[]){0, 9}, given, 2) == 0.375);
    assert_true(strength_soft_label((double[]){2, -2}, none, 2) == 0.5);
    assert_true(strength_soft_label((double[]){1e300, 800}, none, 2) == 1);
    assert_true(strength_soft_label((double[]){-1e300}, none, 1) == 0);
    double label = strength_soft_label((double[]){1.25, 1}, none, 2);
    assert_true(fabs(label - (1 / (1 + exp(-1.25)) + 1 / (1 + exp(-1.0))) / 2) < 1e-15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),      cmocka_unit_test(test_refuse),
        cmocka_unit_test(test_many),       cmocka_unit_test(test_find),
        cmocka_unit_test(test_measure),    cmocka_unit_test(test_soft_label),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
