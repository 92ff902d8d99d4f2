/* SPDX-License-Identifier: Apache-2.0 */
/* Penalised logistic regression: its solution is where the slope is nothing. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "logistic.h"

enum { FEATURES = 3, ROWS = 6 };

static const struct pref_logistic_term terms[] = {{0, 1},    {1, -1}, {0, 1},  {2, 0.5}, {0, -1},
                                                  {1, -0.5}, {1, 1},  {0, -1}, {2, 1},   {2, -1}};
static const struct pref_logistic_row rows[ROWS] = {{7, 0, 2, 1}, {3, 2, 2, 1}, {6, 4, 2, 0},
                                                    {2, 6, 1, 0}, {4, 7, 2, 0}, {1, 9, 1, 1}};

static struct pref_logistic fit(const struct pref_logistic_row *list, size_t count)
{
    const struct pref_logistic_data data = {terms, list, count, FEATURES};
    struct pref_logistic model;
    struct pref_err err = {""};
    if (pref_logistic_fit(&model, &data, &err) != PREF_OK)
        fail_msg("%s", err.text);
    return model;
}

static void slope_is_nothing(void **state)
{
    (void)state;
    struct pref_logistic model = fit(rows, ROWS);
    double slope[FEATURES];
    for (int f = 0; f < FEATURES; f++)
        slope[f] = model.penalty * model.weights[f];
    for (int i = 0; i < ROWS; i++) {
        double x = 0;
        for (uint32_t t = 0; t < rows[i].terms; t++)
            x += model.weights[terms[rows[i].start + t].feature] * terms[rows[i].start + t].value;
        double pull = (double)rows[i].times * (1 / (1 + exp(-x)) - rows[i].positive);
        for (uint32_t t = 0; t < rows[i].terms; t++)
            slope[terms[rows[i].start + t].feature] += pull * terms[rows[i].start + t].value;
    }
    for (int f = 0; f < FEATURES; f++)
        assert_true(fabs(slope[f]) < 1e-9);
    assert_true(model.weights[0] > 0.1);
    assert_true(model.accuracy > 0.5 && model.accuracy <= 1 && model.log_loss < log(2));
    assert_true(model.calibration_error >= 0 && model.calibration_error < 1);
    pref_logistic_release(&model);
}

/* A row that comes seven times is seven rows: the same folds, too. */
static void times_are_records(void **state)
{
    (void)state;
    struct pref_logistic_row single[32];
    size_t count = 0;
    for (int i = 0; i < ROWS; i++)
        for (uint64_t k = 0; k < rows[i].times; k++) {
            single[count] = rows[i];
            single[count++].times = 1;
        }
    struct pref_logistic one = fit(rows, ROWS), other = fit(single, count);
    assert_true(one.penalty == other.penalty);
    assert_true(fabs(one.log_loss - other.log_loss) < 1e-12);
    assert_true(fabs(one.accuracy - other.accuracy) < 1e-12);
    for (int f = 0; f < FEATURES; f++)
        assert_true(fabs(one.weights[f] - other.weights[f]) < 1e-9);
    pref_logistic_release(&one);
    pref_logistic_release(&other);
}

/* Labels that a line parts would have weights without end, but for the penalty. */
static void parted_labels_end(void **state)
{
    static const struct pref_logistic_row parted[] = {{UINT64_C(1) << 50, 3, 1, 1},
                                                      {UINT64_C(1) << 50, 9, 1, 0}};
    (void)state;
    struct pref_logistic model = fit(parted, 2);
    assert_true(model.penalty < 1);
    assert_true(model.weights[2] > 10 && model.weights[2] < 200);
    assert_true(model.accuracy == 1);
    pref_logistic_release(&model);
}

static void little_is_known_of_little(void **state)
{
    (void)state;
    struct pref_logistic none = fit(rows, 0), one = fit(rows + 5, 1);
    assert_true(none.penalty == 10 && isnan(none.accuracy) && isnan(none.calibration_error));
    assert_true(none.weights[0] == 0 && none.weights[1] == 0 && none.weights[2] == 0);
    assert_true(one.penalty == 10 && isnan(one.log_loss));
    assert_true(one.weights[0] == 0 && one.weights[2] < 0 && one.weights[2] > -0.1);
    pref_logistic_release(&none);
    pref_logistic_release(&one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slope_is_nothing),
        cmocka_unit_test(times_are_records),
        cmocka_unit_test(parted_labels_end),
        cmocka_unit_test(little_is_known_of_little),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
