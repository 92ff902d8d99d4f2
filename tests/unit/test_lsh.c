/* SPDX-License-Identifier: Apache-2.0 */
/* The plan, the chance to meet, and an index that finds what meets and nothing else. */
#include "config.h"

#include "lib/near/lsh.h"
#include "pref/hash.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LEN = 100 };

static struct pref_err err;

static uint64_t member(uint64_t i)
{
    return pref_hash64(&i, sizeof i, 2);
}

static void plans(void **state)
{
    (void)state;
    /* Of 1 - (1 - s^rows)^bands by hand (bc); the next row more would be too many, or need too many
     * bands. */
    static const struct {
        uint64_t percent;
        unsigned bands, rows;
    } known[] = {{50, 23, 3}, {60, 22, 4}, {70, 17, 5}, {75, 12, 5}, {80, 8, 5}, {85, 6, 5},
                 {90, 4, 5}, {95, 3, 5}, {100, 1, 5}};
    struct pref_share recall = {19, 20};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct pref_lsh_plan plan;
        struct pref_share near = {known[i].percent, 100};
        assert_int_equal(pref_lsh_plan(near, recall, &plan, &err), PREF_OK);
        assert_int_equal(plan.bands, known[i].bands);
        assert_int_equal(plan.rows, known[i].rows);
        assert_true(pref_lsh_chance(plan, (double)known[i].percent / 100) >= 0.95);
    }
    struct pref_lsh_plan plan = {16, 8};
    assert_true(fabs(pref_lsh_chance(plan, 0.8) - 0.947) < 0.0005);
    assert_true(pref_lsh_chance(plan, 0) == 0 && pref_lsh_chance(plan, 1) == 1);
    assert_int_equal(pref_lsh_plan((struct pref_share){1, 50}, recall, &plan, &err), PREF_USAGE);
    assert_int_equal(pref_lsh_plan((struct pref_share){1, 2}, (struct pref_share){1, 1}, &plan,
                                   &err), PREF_USAGE);
}

/* Sets of LEN members, sketched with a family. */
struct maker {
    struct pref_lsh_plan plan;
    struct pref_minhash family;
    uint64_t next;
};

static struct maker make(unsigned bands, unsigned rows)
{
    struct maker maker = {.plan = {bands, rows}, .next = LEN};
    pref_minhash_init(&maker.family, bands * rows);
    return maker;
}

/* A set with `common` members of set 0, from one of them on. The caller frees sketch.bands. */
static struct pref_sketch sketch(struct maker *maker, unsigned common, unsigned from)
{
    uint64_t members[LEN];
    uint32_t signature[PREF_MINHASH_MAX];
    for (unsigned i = 0; i < LEN; i++)
        members[i] = i < common ? member((from + i) % LEN) : member(maker->next++);
    pref_minhash_sign(&maker->family, members, LEN, signature);
    void *memory = malloc(pref_sketch_size(maker->plan, maker->family.count));
    assert_non_null(memory);
    return pref_sketch_make(maker->plan, signature, maker->family.count, memory);
}

/* Of 2,000 pairs, as many meet as P says, within 5 standard errors. */
static void as_many_meet_as_expected(void **state)
{
    (void)state;
    struct maker maker = make(13, 7);
    for (unsigned common = 60; common <= 95; common += 5) {
        struct pref_lsh *index = pref_lsh_new(maker.plan, maker.family.count, common);
        struct pref_lsh_found found;
        double similarity = common / (2.0 * LEN - common);
        double chance = pref_lsh_chance(maker.plan, similarity);
        unsigned met = 0;
        uint32_t id;
        for (int pair = 0; pair < 2000; pair++) {
            /* The pair's common members are new ones, so that pairs do not meet each other. */
            uint64_t x[LEN], y[LEN];
            uint32_t a[PREF_MINHASH_MAX], b[PREF_MINHASH_MAX];
            uint64_t memory[2][PREF_MINHASH_MAX];
            for (unsigned i = 0; i < LEN; i++) {
                x[i] = member(maker.next++);
                y[i] = i < common ? x[i] : member(maker.next++);
            }
            pref_minhash_sign(&maker.family, x, LEN, a);
            pref_minhash_sign(&maker.family, y, LEN, b);
            assert_true(pref_sketch_size(maker.plan, maker.family.count) <= sizeof *memory);
            struct pref_sketch of_a =
                pref_sketch_make(maker.plan, a, maker.family.count, memory[0]);
            struct pref_sketch of_b =
                pref_sketch_make(maker.plan, b, maker.family.count, memory[1]);
            assert_int_equal(pref_lsh_add(index, of_a, &id, &err), PREF_OK);
            assert_int_equal(id, pair);
            assert_int_equal(pref_lsh_find(index, of_b, 0, 1000, &found, &err), PREF_OK);
            for (size_t i = 0; i < found.count; i++)
                met += found.ids[i] == id;
        }
        double expected = 2000 * chance, error = sqrt(expected * (1 - chance));
        assert_true(fabs(met - expected) <= 5 * error + 1);
        pref_lsh_free(index);
    }
}

static void equal_sets_are_found_once(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 2; seed++) {
        struct maker maker = make(13, 7);
        struct pref_lsh *index = pref_lsh_new(maker.plan, maker.family.count, seed);
        struct pref_lsh_found found;
        struct pref_sketch zero = sketch(&maker, LEN, 0);
        uint32_t id;
        /* Every tenth of 20,000 sets is the same: tables grow several times meanwhile. */
        for (uint32_t i = 0; i < 20000; i++) {
            struct pref_sketch other = sketch(&maker, 0, 0);
            assert_int_equal(pref_lsh_add(index, i % 10 == 3 ? zero : other, &id, &err), PREF_OK);
            assert_int_equal(id, i);
            free(other.bands);
        }
        assert_int_equal(pref_lsh_find(index, zero, maker.family.count, 5000, &found, &err), 0);
        assert_int_equal(found.count, 2000);
        assert_int_equal(found.cut, 0);
        for (size_t i = 0; i < found.count; i++)
            assert_int_equal(found.ids[i], i * 10 + 3);

        /* What is cut is said, and the youngest are looked at. */
        assert_int_equal(pref_lsh_find(index, zero, maker.family.count, 7, &found, &err), 0);
        assert_int_equal(found.count, 7);
        assert_int_equal(found.cut, 1);
        assert_int_equal(found.ids[6], 19993);

        struct pref_sketch none = sketch(&maker, 0, 0);
        assert_int_equal(pref_lsh_find(index, none, 0, 5000, &found, &err), 0);
        assert_int_equal(found.count, 0);
        uint64_t bytes = pref_lsh_bytes(index) / 20000;
        assert_in_range(bytes, 96 + 13 * 14, 96 * 5 / 4 + 13 * 27);
        free(none.bands);
        free(zero.bands);
        pref_lsh_free(index);
    }
}

static void low_bytes_sort_out(void **state)
{
    (void)state;
    struct maker maker = make(17, 5);
    struct pref_lsh *index = pref_lsh_new(maker.plan, maker.family.count, 5);
    struct pref_lsh_found found;
    struct pref_sketch zero = sketch(&maker, LEN, 0);
    unsigned least = pref_lsh_least(maker.family.count, (struct pref_share){7, 10});
    uint32_t id;
    /* 88 * 0.7 - 3.72 * sqrt(88 * 0.7 * 0.3) = 45.61 */
    assert_int_equal(least, 45);
    assert_int_equal(pref_lsh_least(88, (struct pref_share){1, 1}), 88);
    for (unsigned i = 0; i < 1000; i++) {
        struct pref_sketch far = sketch(&maker, 40, i % LEN); /* similarity 0.25 */
        assert_int_equal(pref_lsh_add(index, far, &id, &err), PREF_OK);
        free(far.bands);
    }
    assert_int_equal(pref_lsh_find(index, zero, least, 5000, &found, &err), PREF_OK);
    assert_int_equal(found.count, 0);
    assert_int_equal(pref_lsh_find(index, zero, 0, 5000, &found, &err), PREF_OK);
    assert_in_range(found.count, 1, 200); /* 17 * 0.25^5 of 1000 is 16.6, but they go together */
    free(zero.bands);
    pref_lsh_free(index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans),
        cmocka_unit_test(as_many_meet_as_expected),
        cmocka_unit_test(equal_sets_are_found_once),
        cmocka_unit_test(low_bytes_sort_out),
    };
    return cmocka_run_group_tests_name("lsh", tests, NULL, NULL);
}
