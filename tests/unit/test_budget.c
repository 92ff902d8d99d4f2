/* SPDX-License-Identifier: Apache-2.0 */
/* However records under way take turns, each is granted or refused as if they came one by one. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/oracle/budget.h"

enum { MANY = 40 };

static uint64_t seed;

/* splitmix64 */
static uint64_t draw(void)
{
    uint64_t x = seed += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

struct record {
    uint64_t most, need; /* need: 1 to most */
    uint64_t asked;
    int granted, done;
};

/* One after the other: the definition. Returns what is used. */
static uint64_t one_by_one(const struct record *records, size_t n, uint64_t limit, int *granted)
{
    uint64_t left = limit;
    for (size_t i = 0; i < n; i++) {
        granted[i] = records[i].most <= left;
        left -= granted[i] ? records[i].need : 0;
    }
    return limit - left;
}

/* Let a record that is under way, drawn at random, ask one more. 0 when there is none. */
static int turn(struct budget *budget, struct record *records, size_t n)
{
    size_t from = (size_t)(draw() % n);
    for (size_t k = 0; k < n; k++) {
        struct record *record = &records[(from + k) % n];
        if (!record->granted || record->done)
            continue;
        budget_spend(budget, 1);
        if (++record->asked == record->need) {
            budget_end(budget, record->most - record->asked);
            record->done = 1;
        }
        return 1;
    }
    return 0;
}

/* Returns how many were under way at once, at most. */
static uint64_t simulate(struct record *records, size_t n, uint64_t limit, unsigned pace)
{
    int granted[MANY];
    struct budget budget = {.limit = limit};
    uint64_t used = one_by_one(records, n, limit, granted), widest = 0;
    for (size_t next = 0; next < n;) {
        enum budget_verdict verdict = budget_judge(&budget, records[next].most);
        if (verdict == BUDGET_WAIT) {
            assert_true(turn(&budget, records, n)); /* what waits, waits for somebody */
            continue;
        }
        assert_int_equal(verdict == BUDGET_GRANTED, granted[next]);
        if (verdict == BUDGET_GRANTED) {
            budget_begin(&budget, records[next].most);
            records[next].granted = 1;
        }
        next++;
        widest = budget.running > widest ? budget.running : widest;
        while (draw() % 8 < pace && turn(&budget, records, n))
            continue;
        assert_true(budget.used + budget.open <= limit);
    }
    while (turn(&budget, records, n))
        continue;
    assert_int_equal(budget.used, used);
    assert_int_equal(budget.open, 0);
    assert_int_equal(budget.running, 0);
    return widest;
}

static void test_any_timing(void **state)
{
    (void)state;
    seed = 1;
    for (unsigned round = 0; round < 20000; round++) {
        struct record records[MANY];
        size_t n = 1 + (size_t)(draw() % MANY);
        for (size_t i = 0; i < n; i++) {
            records[i] = (struct record){.most = 1 + draw() % (1 + draw() % 40)};
            records[i].need = 1 + draw() % records[i].most;
        }
        simulate(records, n, 1 + draw() % 400, round % 8);
    }
}

/* As long as there is enough, nobody waits. */
static void test_wide(void **state)
{
    (void)state;
    struct record records[MANY] = {{0}};
    for (size_t i = 0; i < MANY; i++)
        records[i] = (struct record){.most = 10, .need = 1 + i % 10};
    assert_int_equal(simulate(records, MANY, 10 * MANY, 0), MANY);
}

static void test_edges(void **state)
{
    (void)state;
    struct budget budget = {.limit = 10};
    assert_int_equal(budget_judge(&budget, 10), BUDGET_GRANTED);
    assert_int_equal(budget_judge(&budget, 11), BUDGET_REFUSED);
    assert_int_equal(budget_judge(&budget, UINT64_MAX), BUDGET_REFUSED);
    budget_begin(&budget, 4);
    assert_int_equal(budget_judge(&budget, 6), BUDGET_GRANTED);
    assert_int_equal(budget_judge(&budget, 7), BUDGET_WAIT);
    assert_int_equal(budget_judge(&budget, 9), BUDGET_WAIT);
    assert_int_equal(budget_judge(&budget, 10), BUDGET_REFUSED); /* it will ask one at least */
    budget_spend(&budget, 1);
    assert_int_equal(budget_judge(&budget, 9), BUDGET_REFUSED); /* and one more */
    budget_spend(&budget, 1);
    budget_end(&budget, 2);
    assert_int_equal(budget_judge(&budget, 8), BUDGET_GRANTED);
    assert_int_equal(budget_judge(&budget, 9), BUDGET_REFUSED);
    budget = (struct budget){.limit = UINT64_MAX};
    assert_int_equal(budget_judge(&budget, UINT64_MAX), BUDGET_GRANTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_timing),
        cmocka_unit_test(test_wide),
        cmocka_unit_test(test_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
