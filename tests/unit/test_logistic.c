/* SPDX-License-Identifier: Apache-2.0 */
/* Penalised logistic regression: its solution is where the slope is nothing. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>
#include <unistd.h>

#include "pref/logistic.h"

enum { FEATURES = 3, ROWS = 6 };

static const struct pref_logistic_term terms[] = {{0, 1},    {1, -1}, {0, 1},  {2, 0.5}, {0, -1},
                                                  {1, -0.5}, {1, 1},  {0, -1}, {2, 1},   {2, -1}};
static const struct pref_logistic_row rows[ROWS] = {
    {7, 0, 2, 1, 0}, {3, 2, 2, 1, 0}, {6, 4, 2, 0, 0},
    {2, 6, 1, 0, 0}, {4, 7, 2, 0, 0}, {1, 9, 1, 1, 0}};

static struct pref_logistic fit(const struct pref_logistic_row *list, size_t count)
{
    const struct pref_logistic_data data = {terms, list, count, FEATURES, NULL, NULL};
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
    static const struct pref_logistic_row parted[] = {{UINT64_C(1) << 50, 3, 1, 1, 0},
                                                      {UINT64_C(1) << 50, 9, 1, 0, 0}};
    (void)state;
    struct pref_logistic model = fit(parted, 2);
    assert_true(model.penalty < 5);
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

/* What is believed before moves the margins, and weights only make up for it. */
static void offsets_are_believed(void **state)
{
    struct pref_logistic_row list[ROWS];
    (void)state;
    memcpy(list, rows, sizeof list);
    for (int i = 0; i < ROWS; i++)
        list[i].offset = list[i].positive ? 20 : -20;
    struct pref_logistic model = fit(list, ROWS);
    for (int f = 0; f < FEATURES; f++)
        assert_true(fabs(model.weights[f]) < 1e-6);
    assert_true(model.accuracy == 1 && model.log_loss < 1e-6);
    pref_logistic_release(&model);
}

/* A stiffer weight is a smaller one; and where labels say so, the stiffness is not taken. */
static void stiffness_holds_weights(void **state)
{
    static const double stiffness[] = {1e6, 1, 1};
    struct pref_logistic_row list[ROWS];
    struct pref_logistic few, many;
    struct pref_err err = {""};
    (void)state;
    memcpy(list, rows, sizeof list);
    for (int i = 0; i < ROWS; i++)
        list[i].times = 1;
    struct pref_logistic_data data = {terms, list, ROWS, FEATURES, .stiffness = stiffness};
    assert_int_equal(pref_logistic_fit(&few, &data, &err), PREF_OK);
    assert_int_equal(few.stiff, 1);
    assert_true(fabs(few.weights[0]) < 1e-3);
    for (int i = 0; i < ROWS; i++)
        list[i].times = 100 * rows[i].times;
    assert_int_equal(pref_logistic_fit(&many, &data, &err), PREF_OK);
    assert_int_equal(many.stiff, 0);
    assert_true(many.weights[0] > 0.1);
    pref_logistic_release(&few);
    pref_logistic_release(&many);
}

/* Where all are as stiff, nothing is lost or gained by it. */
static void even_stiffness_is_none(void **state)
{
    static const double stiffness[] = {1, 1, 1};
    const struct pref_logistic_data data = {terms, rows, ROWS, FEATURES, .stiffness = stiffness};
    struct pref_logistic even, none = fit(rows, ROWS);
    struct pref_err err = {""};
    (void)state;
    assert_int_equal(pref_logistic_fit(&even, &data, &err), PREF_OK);
    assert_int_equal(even.stiff, 1);
    assert_true(even.penalty == none.penalty && even.log_loss == none.log_loss);
    assert_memory_equal(even.weights, none.weights, sizeof stiffness);
    pref_logistic_release(&even);
    pref_logistic_release(&none);
}

/* Of 23,000 records, 2,000 choose the penalty: the same, however many records a row is. */
static void drawn_are_records(void **state)
{
    struct pref_logistic_row list[ROWS], halves[2 * ROWS];
    (void)state;
    for (int i = 0; i < ROWS; i++) {
        list[i] = halves[2 * i] = halves[2 * i + 1] = rows[i];
        list[i].times = rows[i].times * 1000;
        halves[2 * i].times = rows[i].times * 301;
        halves[2 * i + 1].times = rows[i].times * 699;
    }
    struct pref_logistic one = fit(list, ROWS), other = fit(halves, 2 * ROWS);
    assert_true(one.penalty == other.penalty);
    assert_true(fabs(one.log_loss - other.log_loss) < 1e-12);
    assert_true(fabs(one.accuracy - other.accuracy) < 1e-12);
    for (int f = 0; f < FEATURES; f++)
        assert_true(fabs(one.weights[f] - other.weights[f]) < 1e-9);
    pref_logistic_release(&one);
    pref_logistic_release(&other);
}

static void stop_ends_it(void **state)
{
    int ends[2];
    struct pref_logistic model;
    struct pref_err err = {""};
    (void)state;
    assert_int_equal(pipe(ends), 0);
    struct pref_logistic_data data = {terms, rows, ROWS, FEATURES, .stop_fd = &ends[0]};
    assert_int_equal(pref_logistic_fit(&model, &data, &err), PREF_OK);
    pref_logistic_release(&model);
    assert_int_equal(write(ends[1], "x", 1), 1);
    assert_int_equal(pref_logistic_fit(&model, &data, &err), PREF_LATER);
    pref_logistic_release(&model);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slope_is_nothing),
        cmocka_unit_test(times_are_records),
        cmocka_unit_test(parted_labels_end),
        cmocka_unit_test(little_is_known_of_little),
        cmocka_unit_test(offsets_are_believed),
        cmocka_unit_test(stiffness_holds_weights),
        cmocka_unit_test(even_stiffness_is_none),
        cmocka_unit_test(drawn_are_records),
        cmocka_unit_test(stop_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
