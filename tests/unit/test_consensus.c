/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The consensus of all small counts against its definition, computed here vote by vote: each vote
 * puts weight on labels, a label wins if it has more weight than every other one, and p is the
 * mean of a Beta posterior to which each vote is added in turn.
 */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include "pref/consensus.h"

#define MOST 6 /* votes of one word */

/* A label's weight in quarters, so that halves have room; and the posterior so far. */
struct tallied {
    unsigned quarters[3], votes;
    double alpha, beta;
};

static void add_vote(struct tallied *t, int word, enum pref_ties ties, enum pref_both_bad both_bad)
{
    if (word == PREF_BOTH_BAD) {
        if (both_bad != PREF_BOTH_BAD_TIE)
            return;
        word = PREF_TIE;
    }
    if (word == PREF_TIE && ties == PREF_TIES_DROP)
        return;
    t->votes++;
    if (word == PREF_TIE) {
        t->alpha += 0.5;
        t->beta += 0.5;
        if (ties == PREF_TIES_HALF) {
            t->quarters[PREF_CHOSEN] += 2;
            t->quarters[PREF_REJECTED] += 2;
            return;
        }
    }
    t->alpha += word == PREF_CHOSEN;
    t->beta += word == PREF_REJECTED;
    t->quarters[word] += 4;
}

/* The label that has more than each other one, or -1. */
static int winner(const unsigned quarters[3])
{
    for (int a = 0; a < 3; a++) {
        int beaten = 0;
        for (int b = 0; b < 3; b++)
            beaten += a != b && quarters[a] > quarters[b];
        if (beaten == 2)
            return a;
    }
    return -1;
}

static unsigned most_but(const unsigned quarters[3], int label)
{
    unsigned most = 0;
    for (int a = 0; a < 3; a++)
        if (a != label && quarters[a] > most)
            most = quarters[a];
    return most;
}

static int bad_leads(const uint64_t counts[PREF_WORDS], enum pref_ties ties)
{
    for (int word = 0; word < PREF_WORDS; word++) {
        int compared = word != PREF_BOTH_BAD && !(word == PREF_TIE && ties == PREF_TIES_DROP);
        if (compared && counts[word] >= counts[PREF_BOTH_BAD])
            return 0;
    }
    return counts[PREF_BOTH_BAD] > 0;
}

static void compare(const uint64_t counts[PREF_WORDS], enum pref_ties ties,
                    enum pref_both_bad both_bad)
{
    struct tallied want = {.alpha = 1, .beta = 1};
    for (int word = 0; word < PREF_WORDS; word++)
        for (uint64_t i = 0; i < counts[word]; i++)
            add_vote(&want, word, ties, both_bad);
    int label = winner(want.quarters);
    struct pref_consensus got = pref_consensus_of(counts, ties, both_bad);
    assert_int_equal(got.label, label < 0 ? PREF_TIE : label);
    assert_int_equal(got.n, want.votes);
    unsigned top = label < 0 ? most_but(want.quarters, -1) : want.quarters[label];
    assert_int_equal(got.top * 2, top);
    assert_int_equal(got.lead * 2, label < 0 ? 0 : top - most_but(want.quarters, label));
    assert_true(got.p == want.alpha / (want.alpha + want.beta));
    assert_int_equal(got.both_bad_leads, bad_leads(counts, ties));
    if (got.n > 0)
        assert_true(pref_consensus_agreement(&got) == top / 4.0 / want.votes);
}

static void every_small_count(void **state)
{
    (void)state;
    for (unsigned i = 0; i < MOST * MOST * MOST * MOST; i++) {
        const uint64_t counts[PREF_WORDS] = {i % MOST, i / MOST % MOST, i / MOST / MOST % MOST,
                                             i / MOST / MOST / MOST};
        for (int ties = PREF_TIES_HALF; ties <= PREF_TIES_KEEP; ties++)
            for (int bad = PREF_BOTH_BAD_DROP; bad <= PREF_BOTH_BAD_REJECT; bad++)
                compare(counts, (enum pref_ties)ties, (enum pref_both_bad)bad);
    }
}

/* Turning a record about exchanges the labels and turns p about, and changes nothing else. */
static void flips(void **state)
{
    (void)state;
    for (unsigned i = 0; i < MOST * MOST * MOST; i++) {
        const uint64_t counts[PREF_WORDS] = {i % MOST, i / MOST % MOST, i / MOST / MOST, 1};
        const uint64_t turned[PREF_WORDS] = {counts[1], counts[0], counts[2], 1};
        for (int ties = PREF_TIES_HALF; ties <= PREF_TIES_KEEP; ties++) {
            struct pref_consensus a =
                pref_consensus_of(counts, (enum pref_ties)ties, PREF_BOTH_BAD_TIE);
            struct pref_consensus b =
                pref_consensus_of(turned, (enum pref_ties)ties, PREF_BOTH_BAD_TIE);
            assert_int_equal(b.label, a.label == PREF_TIE ? PREF_TIE : 1 - (int)a.label);
            assert_int_equal(a.n, b.n);
            assert_int_equal(a.top, b.top);
            assert_int_equal(a.lead, b.lead);
            assert_true(a.p + b.p > 1 - 1e-15 && a.p + b.p < 1 + 1e-15);
        }
    }
}

/* A vote of weight w is w votes, but for n, and for p where the unit is not 1. */
static void weights(void **state)
{
    (void)state;
    for (unsigned i = 0; i < MOST * MOST * MOST * MOST; i++) {
        const uint64_t sums[PREF_WORDS] = {i % MOST, i / MOST % MOST, i / MOST / MOST % MOST,
                                           i / MOST / MOST / MOST};
        const uint64_t counts[PREF_WORDS] = {sums[0] > 0, sums[1] > 0, sums[2] > 0, sums[3] > 0};
        for (int ties = PREF_TIES_HALF; ties <= PREF_TIES_KEEP; ties++)
            for (int bad = PREF_BOTH_BAD_DROP; bad <= PREF_BOTH_BAD_REJECT; bad++) {
                struct pref_consensus
                    whole = pref_consensus_of(sums, (enum pref_ties)ties, (enum pref_both_bad)bad),
                    few = pref_consensus_of(counts, (enum pref_ties)ties, (enum pref_both_bad)bad),
                    got = pref_consensus_weigh(counts, sums, 4, (enum pref_ties)ties,
                                               (enum pref_both_bad)bad);
                assert_int_equal(got.label, whole.label);
                assert_int_equal(got.weight, whole.n);
                assert_int_equal(got.top, whole.top);
                assert_int_equal(got.lead, whole.lead);
                assert_int_equal(got.both_bad_leads, whole.both_bad_leads);
                assert_int_equal(got.n, few.n);
                double successes = whole.p * (double)(whole.n + 2) - 1; /* in quarters */
                double p = (successes / 4 + 1) / ((double)whole.n / 4 + 2);
                assert_true(got.p > p - 1e-15 && got.p < p + 1e-15);
            }
    }
}

/* The model's word decides, and where it has none there is no side. */
static void believed(void **state)
{
    (void)state;
    const uint64_t counts[PREF_WORDS] = {1, 3, 2, 0}, none[PREF_WORDS] = {0, 0, 0, 0};
    struct pref_consensus c =
        pref_consensus_believe(counts, 0.75, PREF_TIES_HALF, PREF_BOTH_BAD_DROP);
    assert_int_equal(c.label, PREF_CHOSEN);
    assert_int_equal(c.top, 4); /* 2 of 6 */
    c = pref_consensus_believe(counts, 0.5, PREF_TIES_HALF, PREF_BOTH_BAD_DROP);
    assert_int_equal(c.label, PREF_TIE);
    assert_true(pref_consensus_agreement(&c) == 0.5);
    c = pref_consensus_believe(counts, 0.5, PREF_TIES_DROP, PREF_BOTH_BAD_DROP);
    assert_true(pref_consensus_agreement(&c) == 0.5);
    c = pref_consensus_believe(counts, 0.5, PREF_TIES_KEEP, PREF_BOTH_BAD_DROP);
    assert_int_equal(c.label, PREF_TIE);
    assert_int_equal(c.top, 4); /* each side has 2 of 6 on average */
    c = pref_consensus_believe(none, 0.5, PREF_TIES_HALF, PREF_BOTH_BAD_DROP);
    assert_int_equal(c.label, PREF_TIE);
    assert_int_equal(c.weight, 0);
}

/* No votes, and the cases that the manual page tells of. */
static void by_hand(void **state)
{
    (void)state;
    const uint64_t none[PREF_WORDS] = {0, 0, 0, 0}, split[PREF_WORDS] = {1, 1, 0, 0},
                   ties[PREF_WORDS] = {2, 1, 3, 0},
                   large[PREF_WORDS] = {UINT64_C(1) << 59, 0, 0, 0};
    struct pref_consensus c = pref_consensus_of(none, PREF_TIES_HALF, PREF_BOTH_BAD_DROP);
    assert_int_equal(c.label, PREF_TIE);
    assert_int_equal(c.n, 0);
    assert_true(c.p == 0.5);
    c = pref_consensus_of(split, PREF_TIES_HALF, PREF_BOTH_BAD_DROP);
    assert_int_equal(c.label, PREF_TIE);
    assert_true(pref_consensus_agreement(&c) == 0.5);
    c = pref_consensus_of(ties, PREF_TIES_HALF, PREF_BOTH_BAD_DROP);
    assert_int_equal(c.label, PREF_CHOSEN);
    assert_int_equal(c.top, 7); /* 3.5 of 6 */
    c = pref_consensus_of(ties, PREF_TIES_KEEP, PREF_BOTH_BAD_DROP);
    assert_int_equal(c.label, PREF_TIE);
    assert_int_equal(c.lead, 2);
    c = pref_consensus_of(large, PREF_TIES_KEEP, PREF_BOTH_BAD_DROP);
    assert_int_equal(c.label, PREF_CHOSEN);
    assert_true(pref_consensus_agreement(&c) == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_small_count),
        cmocka_unit_test(flips),
        cmocka_unit_test(weights),
        cmocka_unit_test(believed),
        cmocka_unit_test(by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
