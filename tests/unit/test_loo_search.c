/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loo's search, held against its definition: for any oracle over few items, the result is 1-minimal
 * and sufficient, it is what plain rounds over all items would leave, and no subset is asked about
 * twice. A subset is a mask of bits, an oracle a table of answers by mask.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "filters/loo/search.h"

enum { MOST = 8, SUBSETS = 1 << MOST };

struct result {
    unsigned left; /* the mask of what stays */
    uint32_t calls, removals;
    enum loo_state state;
};

static uint64_t seed;

/* splitmix64 */
static uint64_t draw(void)
{
    uint64_t x = seed += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static struct result search_in(unsigned n, const uint8_t *accepts, const uint32_t *order)
{
    struct loo_unit items[MOST + 1];
    struct loo_search search;
    struct result result = {0};
    uint8_t asked[SUBSETS] = {0};
    memset(items, 0xff, sizeof items); /* loo_begin must fill all it reads */
    loo_begin(&search, items, order, n);
    while (loo_asks(&search)) {
        unsigned mask = 0;
        for (uint32_t i = 0; i < n; i++)
            mask |= loo_has(&search, i) ? 1u << i : 0;
        assert_int_equal(asked[mask], 0);
        asked[mask] = 1;
        result.calls++;
        assert_true(result.calls <= loo_most_calls(n));
        loo_answer(&search, accepts[mask]);
    }
    for (uint32_t i = 0; i < n; i++)
        result.left |= loo_has(&search, i) ? 1u << i : 0;
    assert_int_equal(search.calls, result.calls);
    result.removals = search.removals;
    result.state = search.state;
    return result;
}

static struct result search(unsigned n, const uint8_t *accepts)
{
    return search_in(n, accepts, NULL);
}

/* Algorithm 1 as the paper has it: each round asks about every item, until one changes nothing. */
static unsigned by_rounds(unsigned n, const uint8_t *accepts)
{
    unsigned left = (1u << n) - 1;
    for (int changed = 1; changed;) {
        changed = 0;
        for (unsigned i = 0; i < n; i++) {
            unsigned without = left & ~(1u << i);
            if (without != left && accepts[without]) {
                left = without;
                changed = 1;
            }
        }
    }
    return left;
}

static unsigned bits(unsigned mask)
{
    unsigned count = 0;
    for (; mask != 0; mask &= mask - 1)
        count++;
    return count;
}

static void check(unsigned n, const uint8_t *accepts)
{
    unsigned all = (1u << n) - 1;
    struct result found = search(n, accepts);
    assert_int_equal(found.removals, n - bits(found.left));
    if (!accepts[all]) {
        assert_int_equal(found.state, LOO_INSUFFICIENT);
        assert_int_equal(found.left, all);
        assert_int_equal(found.calls, 1);
        return;
    }
    assert_int_equal(found.state, LOO_DONE);
    assert_int_equal(accepts[found.left], 1);
    for (unsigned i = 0; i < n; i++)
        if (found.left & 1u << i)
            assert_int_equal(accepts[found.left & ~(1u << i)], 0);
    assert_int_equal(found.left, by_rounds(n, accepts));
}

/* ---- Every oracle over up to four items, random ones over more ------------------------------- */

static void test_all_small(void **state)
{
    (void)state;
    for (unsigned n = 0; n <= 4; n++) {
        unsigned subsets = 1u << n;
        for (uint64_t table = 0; table < UINT64_C(1) << subsets; table++) {
            uint8_t accepts[SUBSETS];
            for (unsigned mask = 0; mask < subsets; mask++)
                accepts[mask] = (uint8_t)(table >> mask & 1);
            check(n, accepts);
        }
    }
}

static void test_random(void **state)
{
    (void)state;
    seed = 1;
    for (unsigned round = 0; round < 40000; round++) {
        unsigned n = 5 + round % 4, share = 1 + round / 4 % 15;
        uint8_t accepts[SUBSETS];
        for (unsigned mask = 0; mask < 1u << n; mask++)
            accepts[mask] = draw() % 16 < share;
        accepts[(1u << n) - 1] = round % 32 != 0;
        check(n, accepts);
    }
}

/* Monotone: a subset is accepted if it has all of one of some cores. One pass then suffices, and
 * the second only asks again what was found necessary before the last removal. */
static void test_monotone(void **state)
{
    (void)state;
    seed = 2;
    for (unsigned round = 0; round < 40000; round++) {
        unsigned n = 1 + round % MOST, all = (1u << n) - 1, cores[4];
        uint8_t accepts[SUBSETS] = {0};
        for (unsigned c = 0; c < 4; c++) {
            cores[c] = (unsigned)draw() & (unsigned)draw() & all;
            for (unsigned mask = 0; mask <= all; mask++)
                accepts[mask] |= (mask & cores[c]) == cores[c];
        }
        check(n, accepts);
        struct result found = search(n, accepts);
        assert_true(found.calls <= 1 + n + bits(found.left));
        int is_core = 0;
        for (unsigned c = 0; c < 4; c++)
            is_core |= found.left == cores[c];
        assert_true(is_core);
    }
}

/* ---- Figures --------------------------------------------------------------------------------- */

static void fill(uint8_t *accepts, unsigned n, unsigned at_least)
{
    for (unsigned mask = 0; mask < 1u << n; mask++)
        accepts[mask] = bits(mask) >= at_least;
}

static void test_calls(void **state)
{
    (void)state;
    uint8_t accepts[SUBSETS];
    struct result found;
    fill(accepts, 8, 8); /* all are necessary: each is asked once */
    found = search(8, accepts);
    assert_int_equal(found.calls, 1 + 8);
    fill(accepts, 8, 0); /* none is */
    found = search(8, accepts);
    assert_int_equal(found.calls, 1 + 8);
    assert_int_equal(found.left, 0);
    fill(accepts, 8, 3); /* the last three stay; nothing is removed after they were asked */
    found = search(8, accepts);
    assert_int_equal(found.left, 0xe0);
    assert_int_equal(found.calls, 1 + 8);
    fill(accepts, 0, 0);
    found = search(0, accepts);
    assert_int_equal(found.calls, 1);
    assert_int_equal(found.state, LOO_DONE);
}

/* The bound is met: only the last item that is left can go, one a round. */
static void test_worst(void **state)
{
    (void)state;
    for (unsigned n = 1; n <= MOST; n++) {
        uint8_t accepts[SUBSETS] = {0};
        for (unsigned first = 0; first < 1u << n; first = 2 * first + 1)
            accepts[first] = 1;
        struct result found = search(n, accepts);
        assert_int_equal(found.left, 0);
        assert_int_equal(found.calls, n * (n + 1) / 2 + 1);
    }
}

/* Items are left out in input order: of two that could go, the first goes. */
static void test_order(void **state)
{
    (void)state;
    uint8_t accepts[SUBSETS];
    fill(accepts, 3, 1);
    assert_int_equal(search(3, accepts).left, 4);
    memset(accepts, 0, sizeof accepts);
    accepts[7] = accepts[6] = accepts[3] = 1; /* without item 0, or without item 2 */
    assert_int_equal(search(3, accepts).left, 6);
    /* One that was necessary is asked again after another has gone: 1, then 0 and 2. */
    memset(accepts, 0, sizeof accepts);
    accepts[7] = accepts[5] = accepts[4] = 1;
    struct result found = search(3, accepts);
    assert_int_equal(found.left, 4);
    assert_int_equal(found.calls, 1 + 3 + 1 + 1);
}

/* The bits of a mask of places in the order, as those of the items that stand there. */
static unsigned permuted(unsigned mask, const uint32_t *order, unsigned n)
{
    unsigned items = 0;
    for (unsigned turn = 0; turn < n; turn++)
        items |= mask >> turn & 1 ? 1u << order[turn] : 0;
    return items;
}

/* In any order, the search does what it does over items that stand in that order. */
static void test_permuted(void **state)
{
    (void)state;
    seed = 3;
    for (unsigned round = 0; round < 20000; round++) {
        unsigned n = 1 + round % MOST, share = 1 + round % 15;
        uint32_t order[MOST] = {0};
        uint8_t accepts[SUBSETS], moved[SUBSETS];
        for (unsigned i = 0; i < n; i++) {
            unsigned k = (unsigned)(draw() % (i + 1));
            order[i] = order[k];
            order[k] = i;
        }
        for (unsigned mask = 0; mask < 1u << n; mask++)
            accepts[mask] = draw() % 16 < share || mask == (1u << n) - 1;
        for (unsigned mask = 0; mask < 1u << n; mask++)
            moved[mask] = accepts[permuted(mask, order, n)];
        struct result found = search_in(n, accepts, order), straight = search(n, moved);
        assert_int_equal(found.left, permuted(straight.left, order, n));
        assert_int_equal(found.calls, straight.calls);
    }
}

static void test_most_calls(void **state)
{
    (void)state;
    assert_int_equal(loo_most_calls(0), 1);
    assert_int_equal(loo_most_calls(1), 2);
    assert_int_equal(loo_most_calls(65535), UINT64_C(2147450881));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_small), cmocka_unit_test(test_random),
        cmocka_unit_test(test_monotone),  cmocka_unit_test(test_calls),
        cmocka_unit_test(test_worst),     cmocka_unit_test(test_order),
        cmocka_unit_test(test_permuted),  cmocka_unit_test(test_most_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
