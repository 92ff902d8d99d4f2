/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures: both kernels give the same, and agreement estimates similarity. */
#include "config.h"

#include "lib/near/minhash.h"
#include "pref/hash.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint64_t member(uint64_t i)
{
    return pref_hash64(&i, sizeof i, 1);
}

static void kernels_agree(void **state)
{
    (void)state;
    uint64_t members[70];
    for (unsigned count = 1; count <= PREF_MINHASH_MAX; count += 13) {
        struct pref_minhash family;
        pref_minhash_init(&family, count);
        assert_int_equal(family.count % 8, 0);
        assert_in_range(family.count, count, count + 7);
        for (size_t len = 0; len <= 70; len++) {
            uint32_t a[PREF_MINHASH_MAX + 1], b[PREF_MINHASH_MAX + 1];
            for (size_t i = 0; i < len; i++)
                members[i] = member(i + len * 100);
            a[family.count] = b[family.count] = 7; /* one beyond, which nobody may write */
            pref_minhash_sign_portable(&family, members, len, a);
            pref_minhash_sign(&family, members, len, b);
            assert_memory_equal(a, b, (family.count + 1) * sizeof *a);
            assert_int_equal(a[family.count], 7);
        }
    }
}

static void a_set_has_no_order(void **state)
{
    (void)state;
    struct pref_minhash family;
    uint32_t a[PREF_MINHASH_MAX], b[PREF_MINHASH_MAX];
    uint64_t forth[100], back[200];
    pref_minhash_init(&family, 96);
    for (size_t i = 0; i < 100; i++)
        forth[i] = back[99 - i] = back[100 + i] = member(i);
    pref_minhash_sign(&family, forth, 100, a);
    pref_minhash_sign(&family, back, 200, b);
    assert_memory_equal(a, b, 96 * sizeof *a);
    pref_minhash_sign(&family, NULL, 0, a);
    for (unsigned i = 0; i < 96; i++)
        assert_int_equal(a[i], UINT32_MAX);
}

/* Of 2,000 pairs of sets of 100 members, the mean agreement is their similarity within 5 standard
 * errors, and its spread that of a binomial distribution within a tenth. */
static void agreement_estimates_similarity(void **state)
{
    (void)state;
    enum { PAIRS = 2000, LEN = 100 };
    struct pref_minhash family;
    pref_minhash_init(&family, 96);
    uint64_t next = 0;
    for (unsigned common = 20; common < LEN; common += 15) {
        double similarity = common / (2.0 * LEN - common), sum = 0, squares = 0;
        for (int pair = 0; pair < PAIRS; pair++) {
            uint64_t x[LEN], y[LEN];
            uint32_t a[96], b[96];
            for (unsigned i = 0; i < LEN; i++) {
                x[i] = member(next++);
                y[i] = i < common ? x[i] : member(next++);
            }
            pref_minhash_sign(&family, x, LEN, a);
            pref_minhash_sign(&family, y, LEN, b);
            unsigned agree = 0;
            for (unsigned i = 0; i < 96; i++)
                agree += a[i] == b[i];
            sum += agree / 96.0;
            squares += agree / 96.0 * agree / 96.0;
        }
        double mean = sum / PAIRS, spread = sqrt(squares / PAIRS - mean * mean);
        double expected = sqrt(similarity * (1 - similarity) / 96);
        assert_true(fabs(mean - similarity) < 5 * expected / sqrt(PAIRS));
        assert_true(fabs(spread / expected - 1) < 0.1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kernels_agree),
        cmocka_unit_test(a_set_has_no_order),
        cmocka_unit_test(agreement_estimates_similarity),
    };
    return cmocka_run_group_tests_name("minhash", tests, NULL, NULL);
}
