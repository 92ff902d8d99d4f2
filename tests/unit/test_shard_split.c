/* SPDX-License-Identifier: Apache-2.0 */
/* shard_split, shard_strata, shard_cut and shard_names: the split language, where splits part
 * (against a walk over all groups, in fractions of small integers), also within strata, where
 * shards end, and what is taken for a shard's name. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/shard/cut.h"
#include "cmd/shard/strata.h"
#include "pref/hash.h"

static void read_plan(struct shard_plan *plan, const char *split, const char *counts)
{
    struct pref_err err = {""};
    if (shard_plan_read(plan, split, counts, &err) != PREF_OK)
        fail_msg("%s", err.text);
}

static void test_language(void **state)
{
    struct shard_plan plan;
    (void)state;
    read_plan(&plan, "train=0.98,valid=1/100,test=1%", "16");
    assert_int_equal(plan.count, 3);
    assert_int_equal(plan.named, 1);
    assert_int_equal(plan.total, 48);
    assert_true(pref_span_equal(plan.split[1].name, pref_span_of("valid")));
    assert_int_equal(plan.split[0].upto.num, 49);
    assert_int_equal(plan.split[0].upto.den, 50);
    assert_int_equal(plan.split[1].upto.num, 99);
    assert_int_equal(plan.split[1].upto.den, 100);
    assert_int_equal(plan.split[2].upto.num, plan.split[2].upto.den);

    read_plan(&plan, "a=1/3,b=1/3,c=1/3", NULL);
    assert_int_equal(plan.total, 3);
    read_plan(&plan, "a=2/3,b=1/3", "b=5,a=7");
    assert_int_equal(plan.split[0].count, 7);
    assert_int_equal(plan.split[1].count, 5);
    assert_int_equal(plan.total, 12);
    read_plan(&plan, "all=1", NULL);
    assert_int_equal(plan.count, 1);

    read_plan(&plan, NULL, "65536");
    assert_int_equal(plan.count, 1);
    assert_int_equal(plan.named, 0);
    assert_int_equal(plan.total, 65536);
    assert_true(pref_span_equal(plan.split[0].name, pref_span_of("part")));
}

static void test_refused(void **state)
{
    static const struct {
        const char *split, *counts, *why;
    } cases[] = {
        {"", NULL, "--split: '', expected NAME=SHARE"},
        {"train", NULL, "--split: 'train', expected NAME=SHARE"},
        {"a=1/2,", NULL, "--split: '', expected NAME=SHARE"},
        {"a=1/2,b=1/2,b=0.1", NULL, "--split: 'b' is named twice"},
        {"a=0.5,b=0.4", NULL, "--split: the shares add up to 9/10, expected 1"},
        {"a=0.5,b=0.6", NULL, "--split: the shares add up to more than 1"},
        {"a=1,b=0", NULL, "--split: 'b' has no share"},
        {"a=x", NULL, "--split: share 'x' is not"},
        {"../a=1", NULL, "--split: '../a' cannot name files"},
        {".a=1", NULL, "--split: '.a' cannot name files"},
        {"-a=1", NULL, "--split: '-a' cannot name files"},
        {"=1", NULL, "--split: '' cannot name files"},
        {"a b=1", NULL, "--split: 'a b' cannot name files"},
        {"a=1/999999937,b=1/999999929", NULL, "--split: the shares have no common denominator"},
        {NULL, "0", "--shards: '0', expected 1 to 65536"},
        {NULL, "", "--shards: '', expected 1 to 65536"},
        {NULL, "65537", "--shards: '65537', expected"},
        {NULL, "18446744073709551617", "--shards: '18446744073709551617', expected"},
        {NULL, "4294967297", "--shards: '4294967297', expected"},
        {NULL, "-1", "--shards: '-1', expected"},
        {NULL, "part=4", "--shards: 'part', expected a number"},
        {"a=1/2,b=1/2", "a=1", "--shards: says nothing of the split 'b'"},
        {"a=1/2,b=1/2", "a=1,a=2,b=1", "--shards: 'a' is named twice"},
        {"a=1/2,b=1/2", "a=1,c=2", "--shards: 'c', expected a number"},
        {"a=1/2,b=1/2", "a=0,b=1", "--shards: '0', expected"},
        {"a=1/2,b=1/2", "a=1,7", "--shards: '7', expected a number"},
        {"a=1/2,b=1/2", "32769", "--shards: more than 65536 shards in all"},
    };
    struct shard_plan plan;
    struct pref_err err;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(shard_plan_read(&plan, cases[i].split, cases[i].counts, &err), PREF_USAGE);
        if (strncmp(err.text, cases[i].why, strlen(cases[i].why)) != 0)
            fail_msg("found '%s', expected '%s'", err.text, cases[i].why);
    }
}

static void test_too_many(void **state)
{
    char text[66 * 12] = "";
    struct shard_plan plan;
    struct pref_err err;
    (void)state;
    for (unsigned i = 0; i < 65; i++)
        snprintf(text + strlen(text), 12, "%ss%u=1/65", i == 0 ? "" : ",", i);
    assert_int_equal(shard_plan_read(&plan, text, NULL, &err), PREF_USAGE);
    assert_string_equal(err.text, "--split: more than 64 splits");
}

/* ---- Cuts ------------------------------------------------------------------------------------ */

#define GROUPS 40

struct group {
    uint64_t order;
    unsigned records;
};

static int compare(const void *a, const void *b)
{
    const struct group *x = a, *y = b;
    return x->order < y->order ? -1 : x->order > y->order;
}

/* Which split holds each group of the sorted list, by the rule's own words: a split goes on while
 * its groups and those before them fit into shares that sum to upto[s] / whole. */
static void walk(const struct group *groups, const unsigned *upto, unsigned whole, unsigned splits,
                 unsigned total, unsigned *holder)
{
    unsigned split = 0, taken = 0;
    for (unsigned i = 0; i < GROUPS; i++) {
        taken += groups[i].records;
        while (split + 1 < splits && taken * whole > upto[split] * total)
            split++;
        holder[i] = split;
    }
}

/* `spread`: how far apart orders lie; small ones fall into one part of the list. */
static void check_cuts(uint64_t seed, unsigned most, int spread)
{
    static const struct {
        const char *text;
        unsigned splits, upto[4], whole;
    } plans[] = {
        {"a=1/2,b=1/2", 2, {1, 2}, 2},
        {"a=0.98,b=0.01,c=0.01", 3, {98, 99, 100}, 100},
        {"a=1/7,b=2/7,c=3/7,d=1/7", 4, {1, 3, 6, 7}, 7},
    };
    struct group groups[GROUPS];
    unsigned total = 0, holder[GROUPS];
    for (uint64_t i = 0; i < GROUPS; i++) {
        uint64_t h = pref_hash64(&i, sizeof i, seed);
        groups[i] = (struct group){spread ? h : UINT64_C(0x7fffffffffffff00) + i * 13,
                                   1 + (unsigned)(h % most)};
        total += groups[i].records;
    }
    qsort(groups, GROUPS, sizeof *groups, compare);
    for (size_t p = 0; p < sizeof plans / sizeof *plans; p++) {
        struct shard_orders orders = {.total = 0};
        struct shard_plan plan;
        uint64_t held[4] = {0};
        read_plan(&plan, plans[p].text, "3");
        /* One record of each group after the other, so that they come in no order. */
        for (unsigned round = 0; round < most; round++)
            for (unsigned i = GROUPS; i-- > 0;)
                if (round < groups[i].records)
                    assert_int_equal(shard_orders_add(&orders, groups[i].order, NULL), PREF_OK);
        assert_int_equal(orders.total, total);
        shard_plan_cut(&plan, &orders);
        walk(groups, plans[p].upto, plans[p].whole, plans[p].splits, total, holder);
        for (unsigned i = 0; i < GROUPS; i++) {
            assert_int_equal(shard_plan_side(&plan, groups[i].order), holder[i]);
            held[holder[i]] += groups[i].records;
        }
        for (unsigned s = 0; s < plan.count; s++)
            assert_int_equal(plan.split[s].records, held[s]);
        shard_orders_release(&orders);
    }
}

static void test_cuts(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 50; seed++) {
        check_cuts(seed, 1, 1);
        check_cuts(seed, 9, 1);
        check_cuts(seed, 300, 1); /* a part grows */
        check_cuts(seed, 9, 0);
    }
}

static void test_no_record(void **state)
{
    struct shard_orders orders = {.total = 0};
    struct shard_plan plan;
    (void)state;
    read_plan(&plan, "a=1/2,b=1/2", "2");
    shard_plan_cut(&plan, &orders);
    assert_int_equal(shard_plan_side(&plan, 0), 1);
    assert_int_equal(plan.split[0].records + plan.split[1].records, 0);
}

static void test_limit(void **state)
{
    struct shard_orders orders = {.limit = 4096};
    struct pref_err err;
    uint64_t i = 0;
    (void)state;
    while (shard_orders_add(&orders, i, &err) == PREF_OK)
        i++;
    assert_in_range(i, 4096 / 10, 4096 / 8);
    assert_true(orders.bytes <= 4096);
    assert_non_null(strstr(err.text, "--memory: "));
    shard_orders_release(&orders);
}

static void test_partition(void **state)
{
    struct shard_plan plan;
    (void)state;
    for (uint32_t n = 1; n <= 65536; n = n * 3 + 1) {
        char text[12];
        snprintf(text, sizeof text, "%u", n);
        read_plan(&plan, NULL, text);
        assert_int_equal(shard_split_part(plan.split, 0), 0);
        assert_int_equal(shard_split_part(plan.split, UINT64_MAX), n - 1);
        for (uint32_t k = 1; k < n; k += 1 + n / 7) {
            /* The least h with h * n >= k * 2^64: the quotient, digit by digit of base 2^32. */
            uint64_t high = ((uint64_t)k << 32) / n, rest = ((uint64_t)k << 32) % n;
            uint64_t bound = (high << 32) + (rest << 32) / n + ((rest << 32) % n != 0);
            assert_int_equal(shard_split_part(plan.split, bound), k);
            assert_int_equal(shard_split_part(plan.split, bound - 1), k - 1);
        }
    }
}

/* ---- Strata ---------------------------------------------------------------------------------- */

#define STRATA 5

/* Groups of several records, whose first records lie in STRATA strata and the others anywhere:
 * each stratum's groups must be divided as if they were alone. */
static void check_strata(uint64_t seed, unsigned most, int spread)
{
    struct shard_strata strata = {.total = 0};
    struct shard_plan plan;
    struct group groups[GROUPS];
    unsigned home[GROUPS];
    uint64_t held[3] = {0};
    read_plan(&plan, "a=0.6,b=0.3,c=0.1", NULL);
    for (uint64_t i = 0; i < GROUPS; i++) {
        uint64_t h = pref_hash64(&i, sizeof i, seed);
        groups[i] = (struct group){spread ? h : UINT64_C(0x7fffffffffffff00) + i * 13,
                                   1 + (unsigned)(h % most)};
    }
    qsort(groups, GROUPS, sizeof *groups, compare);
    for (unsigned round = 0; round < most; round++)
        for (unsigned i = GROUPS; i-- > 0;) {
            uint64_t at = pref_hash64(&groups[i].order, 8, seed + round);
            struct pref_h128 key = {at % STRATA, 77};
            if (round == 0)
                home[i] = (unsigned)key.low;
            if (round < groups[i].records)
                assert_int_equal(shard_strata_add(&strata, groups[i].order, key, NULL), PREF_OK);
        }
    shard_strata_cut(&strata, &plan);
    for (unsigned s = 0; s < STRATA; s++) {
        unsigned total = 0, taken = 0, side = 0;
        for (unsigned i = 0; i < GROUPS; i++)
            total += home[i] == s ? groups[i].records : 0;
        for (unsigned i = 0; i < GROUPS; i++) {
            static const unsigned upto[] = {6, 9, 10};
            if (home[i] != s)
                continue;
            taken += groups[i].records;
            while (side < 2 && taken * 10 > upto[side] * total)
                side++;
            assert_int_equal(shard_strata_side(&strata, &plan, groups[i].order), side);
            held[side] += groups[i].records;
        }
    }
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(plan.split[i].records, held[i]);
    assert_int_equal(shard_strata_side(&strata, &plan, 12345), 2);
    shard_strata_release(&strata);
}

static void test_strata(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 50; seed++) {
        check_strata(seed, 1, 1);
        check_strata(seed, 9, 1);
        check_strata(seed, 300, 1); /* a part grows */
        check_strata(seed, 9, 0);
    }
}

/* Every record a stratum of its own: the table grows, and each group falls to the last split. */
static void test_many_strata(void **state)
{
    struct shard_strata strata = {.limit = 0};
    struct shard_plan plan;
    struct pref_err err;
    (void)state;
    read_plan(&plan, "a=1/2,b=1/2", NULL);
    for (uint64_t i = 0; i < 10000; i++) {
        struct pref_h128 key = {i * 3, i % 7};
        assert_int_equal(shard_strata_add(&strata, pref_hash64(&i, 8, 0), key, &err), PREF_OK);
    }
    shard_strata_cut(&strata, &plan);
    assert_int_equal(shard_strata_used(&strata), 10000);
    assert_int_equal(plan.split[0].records, 0);
    assert_int_equal(plan.split[1].records, 10000);
    shard_strata_release(&strata);

    uint64_t i = 0;
    strata.limit = 1 << 20;
    while (shard_strata_add(&strata, pref_hash64(&i, 8, 0), (struct pref_h128){i % 3, 0}, &err) ==
           PREF_OK)
        i++;
    assert_in_range(i, (1 << 20) / 24, (1 << 20) / 16);
    assert_true(strata.bytes <= 1 << 20);
    assert_non_null(strstr(err.text, "--memory: "));
    shard_strata_release(&strata);
}

/* ---- Where shards end ------------------------------------------------------------------------ */

static void test_quota(void **state)
{
    static const uint64_t totals[] = {0, 1, 2, 15, 16, 17, 1000003, UINT64_MAX};
    static const uint32_t counts[] = {1, 2, 16, 17, 65536};
    (void)state;
    for (size_t t = 0; t < sizeof totals / sizeof *totals; t++)
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
            uint64_t sum = 0, most = shard_cut_quota(totals[t], counts[c], 0), last = most;
            for (uint32_t i = 0; i < counts[c]; i++) {
                uint64_t quota = shard_cut_quota(totals[t], counts[c], i);
                assert_true(quota <= last && most - quota <= 1);
                last = quota;
                sum += quota;
            }
            assert_true(sum == totals[t]);
        }
}

static void test_cut_here(void **state)
{
    struct shard_limit records = {3, SHARD_NO_LIMIT}, bytes = {SHARD_NO_LIMIT, 100};
    struct shard_limit none = {SHARD_NO_LIMIT, SHARD_NO_LIMIT}, both = {3, 100};
    (void)state;
    assert_false(shard_cut_here(records, 2, 1 << 30, 1 << 30));
    assert_true(shard_cut_here(records, 3, 3, 1));
    assert_false(shard_cut_here(bytes, 5, 90, 10));
    assert_true(shard_cut_here(bytes, 5, 90, 11));
    assert_true(shard_cut_here(bytes, 1, 100, 1));
    assert_true(shard_cut_here(bytes, 1, 200, 1)); /* one that was too large, alone */
    assert_true(shard_cut_here(bytes, 1, 1, UINT64_MAX));
    assert_false(shard_cut_here(bytes, 0, 0, 101));
    assert_false(shard_cut_here(none, UINT64_MAX - 1, UINT64_MAX, UINT64_MAX));
    assert_true(shard_cut_here(both, 3, 50, 1));
    assert_true(shard_cut_here(both, 2, 50, 51));
    assert_false(shard_cut_here(both, 2, 50, 50));
}

/* ---- Names ----------------------------------------------------------------------------------- */

static void test_names(void **state)
{
    static const char *const refused[] = {
        "", "manifest.json", "part-00000-of-00001", "part-0000-of-00001.jsonl",
        "part-00001-of-00001.jsonl", "part-00000-of-00000.jsonl", "-00000-of-00001.jsonl",
        ".a-00000-of-00001.jsonl", "../a-00000-of-00001.jsonl", "a/b-00000-of-00001.jsonl",
        "a-00000-of-99999.jsonl", "a-00000-of-00001.jsonl.gz", "a 00000-of-00001.jsonl",
        "a-00000of-00001.jsonl", "a-0000x-of-00001.jsonl", "\xc3\xa9-00000-of-00001.jsonl",
        "a-00000-of-00001.jsonl ",
    };
    static const char *const temporary[] = {
        ".part-00000-of-00016.jsonl.zst.pref-1-0", ".a-00003-of-00004.jsonl.pref-4711-12",
        ".manifest.json.pref-2-0",
    };
    static const char *const lasting[] = {
        ".manifest.json.pref-2-", ".manifest.json.pref--0", ".manifest.json.pref-0",
        "part-00000-of-00016.jsonl.zst.pref-1-0", ".x.pref-1-0", ".pref-1-0", ".", "", ".-", "1",
        ".1-1", ".summary.json.pref-1-0",
    };
    struct shard_name name;
    char text[SHARD_NAME_SIZE];
    (void)state;
    for (int packed = 0; packed < 2; packed++) {
        shard_name_print(text, pref_span_of("a.b-c_D9"), 12, 65536, packed);
        assert_string_equal(text, packed ? "a.b-c_D9-00012-of-65536.jsonl.zst"
                                         : "a.b-c_D9-00012-of-65536.jsonl");
        assert_true(shard_name_parse(pref_span_of(text), &name));
        assert_true(pref_span_equal(name.split, pref_span_of("a.b-c_D9")));
        assert_int_equal(name.index, 12);
        assert_int_equal(name.count, 65536);
        assert_int_equal(name.packed, packed);
        assert_false(shard_name_is_temporary(pref_span_of(text)));
    }
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        assert_false(shard_name_parse(pref_span_of(refused[i]), &name));
    for (size_t i = 0; i < sizeof temporary / sizeof *temporary; i++)
        assert_true(shard_name_is_temporary(pref_span_of(temporary[i])));
    for (size_t i = 0; i < sizeof lasting / sizeof *lasting; i++)
        assert_false(shard_name_is_temporary(pref_span_of(lasting[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_language), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_too_many), cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_no_record), cmocka_unit_test(test_limit),
        cmocka_unit_test(test_partition), cmocka_unit_test(test_strata),
        cmocka_unit_test(test_many_strata), cmocka_unit_test(test_quota),
        cmocka_unit_test(test_cut_here), cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
