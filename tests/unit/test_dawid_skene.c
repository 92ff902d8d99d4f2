/* SPDX-License-Identifier: Apache-2.0 */
/* EM over judges' confusion matrices, held against values computed by Python in its own way. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>
#include <unistd.h>

#include "pref/dawid_skene.h"

enum { C = PREF_CHOSEN, R = PREF_REJECTED, T = PREF_TIE, B = PREF_BOTH_BAD };

#define CELL(source, word) ((source) * PREF_WORDS + (word))

static struct pref_ds fit(const uint32_t *cells, const struct pref_ds_pattern *patterns,
                          size_t count, uint32_t sources)
{
    struct pref_ds model;
    struct pref_err err = {""};
    const struct pref_ds_data data = {cells, patterns, count, sources, NULL};
    if (pref_ds_fit(&model, &data, &err) != PREF_OK)
        fail_msg("%s", err.text);
    return model;
}

static double posterior(const struct pref_ds *model, const uint32_t *cells, size_t votes)
{
    int64_t evidence = 0;
    for (size_t i = 0; i < votes; i++)
        evidence += pref_ds_evidence(model, cells[i]);
    return pref_ds_posterior(model, evidence);
}

static void near(double got, double want, double within)
{
    if (!(fabs(got - want) <= within))
        fail_msg("%.17g, wanted %.17g", got, want);
}

/* Three judges, of whom the third often says the opposite; ties and both_bad among the votes. */
static const uint32_t panel[] = {
    CELL(0, C), CELL(1, C), CELL(2, R), /* */
    CELL(0, C), CELL(1, C), CELL(2, C), /* */
    CELL(0, R), CELL(1, R), CELL(2, C), /* */
    CELL(0, R), CELL(1, T), CELL(2, R), /* */
    CELL(0, C), CELL(1, R),             /* */
    CELL(1, B), CELL(2, B)};
static const struct pref_ds_pattern panel_patterns[] = {
    {7, 0, 3, 0}, {2, 3, 3, 0}, {8, 6, 3, 0}, {3, 9, 3, 0}, {2, 12, 2, 0}, {1, 14, 2, 0}};
static const double panel_p[] = {0.999998566175, 0.999986697069, 6.56218650115e-05,
                                 8.21267897039e-06, 0.986827239445, 0.999909234819};

static void agrees_with_python(void **state)
{
    (void)state;
    struct pref_ds model = fit(panel, panel_patterns, 6, 3);
    assert_int_equal(model.converged, 1);
    assert_int_equal(model.mirrored, 0);
    assert_int_equal(model.iterations, 64);
    near(model.prior, 0.520612029668045, 1e-12);
    near(model.log_likelihood, -45.6071547696579, 1e-9);
    for (size_t i = 0; i < 6; i++)
        near(posterior(&model, panel + panel_patterns[i].start, panel_patterns[i].votes),
             panel_p[i], 1e-8);
    for (uint32_t source = 0; source < 3; source++)
        for (int side = 0; side < PREF_DS_SIDES; side++) {
            double sum = 0;
            for (uint32_t word = 0; word < PREF_WORDS; word++)
                sum += model.rates[CELL(source, word) * PREF_DS_SIDES + (uint32_t)side];
            near(sum, 1, 1e-15);
        }
    pref_ds_release(&model);
}

/* A record that comes seven times is seven records. */
static void times_are_records(void **state)
{
    (void)state;
    struct pref_ds_pattern single[23];
    size_t count = 0;
    for (size_t i = 0; i < 6; i++)
        for (uint64_t k = 0; k < panel_patterns[i].times; k++) {
            single[count] = panel_patterns[i];
            single[count++].times = 1;
        }
    struct pref_ds one = fit(panel, panel_patterns, 6, 3), other = fit(panel, single, count, 3);
    assert_int_equal(one.iterations, other.iterations);
    near(one.log_likelihood, other.log_likelihood, 1e-9);
    for (size_t i = 0; i < 3 * PREF_WORDS * PREF_DS_SIDES; i++)
        near(one.rates[i], other.rates[i], 1e-12);
    pref_ds_release(&one);
    pref_ds_release(&other);
}

/* Seven records of five judges on which EM ends with the sides exchanged, found by search. */
static void mirror_is_set_right(void **state)
{
    static const uint32_t cells[] = {
        CELL(0, R), CELL(1, C), CELL(2, R), CELL(3, C), CELL(4, R), /* */
        CELL(2, C), CELL(3, C), CELL(4, R),                         /* */
        CELL(0, C), CELL(1, R), CELL(2, R), CELL(4, R),             /* */
        CELL(3, C), CELL(4, R),                                     /* */
        CELL(0, C), CELL(2, C), CELL(3, R),                         /* */
        CELL(0, C), CELL(1, C), CELL(3, C),                         /* */
        CELL(0, R), CELL(1, R), CELL(2, C), CELL(3, C)};
    static const struct pref_ds_pattern patterns[] = {{1, 0, 5, 0},  {1, 5, 3, 0},  {1, 8, 4, 0},
                                                      {1, 12, 2, 0}, {1, 14, 3, 0}, {1, 17, 3, 0},
                                                      {1, 20, 4, 0}};
    static const double want[] = {0.999998196058, 0.993123812119, 0.44690509205,
                                 0.993755402973, 0.00385531890968, 0.999530049593,
                                 0.999817660766};
    (void)state;
    struct pref_ds model = fit(cells, patterns, 7, 5);
    assert_int_equal(model.mirrored, 1);
    assert_int_equal(model.converged, 1);
    near(model.log_likelihood, -11.3172790530901, 1e-9);
    for (size_t i = 0; i < 7; i++)
        near(posterior(&model, cells + patterns[i].start, patterns[i].votes), want[i], 1e-7);
    pref_ds_release(&model);
}

/* With one side never seen the prior is 0 or 1, and stays so for any votes. */
static void one_side_only(void **state)
{
    static const uint32_t cells[] = {CELL(0, C), CELL(1, C), CELL(0, R), CELL(1, R)};
    static const struct pref_ds_pattern all_chosen = {5, 0, 2, 0}, all_rejected = {5, 2, 2, 0};
    (void)state;
    struct pref_ds chosen = fit(cells, &all_chosen, 1, 2);
    near(chosen.prior, 1, 0);
    near(posterior(&chosen, cells + 2, 2), 1, 0);
    near(chosen.log_likelihood, 10 * log(5.01 / 5.04), 1e-12);
    struct pref_ds rejected = fit(cells, &all_rejected, 1, 2);
    near(rejected.prior, 0, 0);
    near(posterior(&rejected, cells, 2), 0, 0);
    pref_ds_release(&chosen);
    pref_ds_release(&rejected);
}

static void nothing_is_known_of_nothing(void **state)
{
    (void)state;
    struct pref_ds model = fit(NULL, NULL, 0, 2);
    assert_int_equal(model.converged, 1);
    near(model.prior, 0.5, 0);
    near(model.log_likelihood, 0, 0);
    near(pref_ds_posterior(&model, pref_ds_evidence(&model, CELL(1, C))), 0.5, 0);
    pref_ds_release(&model);
}

/* The most that a record can have: no sum of evidence overflows. */
static void evidence_has_room(void **state)
{
    static const uint32_t cells[] = {CELL(0, C), CELL(0, R)};
    static const struct pref_ds_pattern patterns[] = {{UINT64_C(1) << 51, 0, 1, 0},
                                                      {UINT64_C(1) << 51, 1, 1, 0}};
    (void)state;
    struct pref_ds model = fit(cells, patterns, 2, 1);
    int64_t evidence = pref_ds_evidence(&model, cells[0]);
    assert_true(evidence > 0 && evidence < INT64_C(1) << 42);
    near(pref_ds_posterior(&model, evidence * (1 << 20)), 1, 0);
    near(pref_ds_posterior(&model, -evidence * (1 << 20)), 0, 0);
    pref_ds_release(&model);
}

static void stop_ends_it(void **state)
{
    int ends[2];
    struct pref_ds model;
    struct pref_err err = {""};
    (void)state;
    assert_int_equal(pipe(ends), 0);
    const struct pref_ds_data data = {panel, panel_patterns, 6, 3, &ends[0]};
    assert_int_equal(pref_ds_fit(&model, &data, &err), PREF_OK);
    pref_ds_release(&model);
    assert_int_equal(write(ends[1], "x", 1), 1);
    assert_int_equal(pref_ds_fit(&model, &data, &err), PREF_LATER);
    assert_true(model.iterations <= 1);
    pref_ds_release(&model);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_python),
        cmocka_unit_test(times_are_records),
        cmocka_unit_test(mirror_is_set_right),
        cmocka_unit_test(one_side_only),
        cmocka_unit_test(nothing_is_known_of_nothing),
        cmocka_unit_test(evidence_has_room),
        cmocka_unit_test(stop_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
