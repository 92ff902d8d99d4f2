/* SPDX-License-Identifier: Apache-2.0 */
/* Panels of judges: what the search finds is held against a count of each panel there is. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/judge/panel.h"

enum { JUDGES_MOST = 14, CASES = 40, WORDS = 4 };

/* A made panel: what each judge says in each case. */
struct made {
    struct pref_panel_data data;
    struct pref_panel_case cases[CASES];
    struct pref_panel_voice voices[CASES * JUDGES_MOST];
    uint64_t cost[JUDGES_MOST];
};

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 16;
}

/* Votes that often follow the truth, or the judge before; some are not there. Halves of votes are
 * the unit, as loo counts them. */
static void make(struct made *made, uint32_t judges, int costly, uint32_t seed)
{
    size_t used = 0;
    *made = (struct made){.data = {.voices = made->voices, .cases = made->cases, .count = CASES,
                                   .judges = judges, .cost = made->cost}};
    for (uint32_t j = 0; j < judges; j++)
        made->cost[j] = costly ? 1 + next_random(&seed) % 5 : 1;
    for (size_t i = 0; i < CASES; i++) {
        uint32_t truth = next_random(&seed) % 2, word = truth;
        made->cases[i] = (struct pref_panel_case){.times = 1 + next_random(&seed) % 9,
                                                  .start = used};
        for (uint32_t j = 0; j < judges; j++) {
            uint32_t draw = next_random(&seed) % 10;
            word = draw < 5 ? truth : draw < 8 ? word : next_random(&seed) % WORDS;
            if (next_random(&seed) % 6 == 0)
                continue;
            struct pref_panel_voice voice = {.judge = j, .votes = 1};
            if (word < PREF_PANEL_SIDES)
                voice.says[word] = 2;
            else
                voice.says[0] = voice.says[1] = 1;
            made->voices[used++] = voice;
        }
        made->cases[i].voices = (uint32_t)(used - made->cases[i].start);
    }
}

/* The label of a case in a panel, a set of judges: 0 to 2, or 3 where nobody is heard. */
static int label_in(const struct made *made, size_t i, uint32_t panel)
{
    int64_t says[PREF_PANEL_SIDES] = {made->data.bias, -made->data.bias, 0};
    int heard = 0;
    for (uint32_t v = 0; v < made->cases[i].voices; v++) {
        const struct pref_panel_voice *voice = &made->voices[made->cases[i].start + v];
        if (!(panel >> voice->judge & 1))
            continue;
        heard = 1;
        for (int side = 0; side < PREF_PANEL_SIDES; side++)
            says[side] += voice->says[side];
    }
    if (!heard)
        return 3;
    for (int side = 0; side < 2; side++)
        if (says[side] > says[1 - side] && says[side] > says[2])
            return side;
    return 2;
}

static uint64_t count_kept(const struct made *made, uint32_t panel)
{
    uint32_t all = (UINT32_C(1) << made->data.judges) - 1;
    uint64_t kept = 0;
    for (size_t i = 0; i < CASES; i++) {
        int label = label_in(made, i, all);
        kept += label != 3 && label_in(made, i, panel) == label ? made->cases[i].times : 0;
    }
    return kept;
}

static uint64_t cost_of(const struct made *made, uint32_t panel)
{
    uint64_t cost = 0;
    for (uint32_t j = 0; j < made->data.judges; j++)
        cost += panel >> j & 1 ? made->cost[j] : 0;
    return cost;
}

/* The panel that was found; its steps must tell the same, and what is kept at each of them. */
static uint32_t panel_of(const struct made *made, const struct pref_panel *found)
{
    uint32_t panel = (UINT32_C(1) << made->data.judges) - 1;
    for (uint32_t i = 0; i < found->removed; i++) {
        panel &= ~(UINT32_C(1) << found->steps[i].judge);
        assert_int_equal(found->steps[i].kept, count_kept(made, panel));
    }
    for (uint32_t j = 0; j < made->data.judges; j++)
        assert_int_equal(found->gone[j], !(panel >> j & 1));
    assert_int_equal(found->kept, count_kept(made, panel));
    assert_int_equal(found->cost, cost_of(made, panel));
    return panel;
}

static struct pref_panel search(const struct made *made, struct pref_share keep)
{
    struct pref_panel found;
    struct pref_err err = {""};
    if (pref_panel_search(&found, &made->data, keep, &err) != PREF_OK)
        fail_msg("%s", err.text);
    return found;
}

/* Whether `a` is better than `b`, in the words of lib/judge/panel.h. */
static int is_better(const struct made *made, uint32_t a, uint32_t b)
{
    uint64_t cost_a = cost_of(made, a), cost_b = cost_of(made, b);
    uint64_t kept_a = count_kept(made, a), kept_b = count_kept(made, b);
    int size_a = __builtin_popcount(a), size_b = __builtin_popcount(b);
    if (cost_a != cost_b)
        return cost_a < cost_b;
    if (kept_a != kept_b)
        return kept_a > kept_b;
    if (size_a != size_b)
        return size_a < size_b;
    uint32_t first = (a ^ b) & (0u - (a ^ b));
    return (a & first) != 0;
}

static void all_panels_are_counted(void **state)
{
    static const struct pref_share shares[] = {{99, 100}, {9, 10}, {2, 3}, {1, 1}};
    struct made made;
    (void)state;
    for (uint32_t seed = 0; seed < 24; seed++) {
        make(&made, 1 + seed % 8, seed % 2 == 0, seed);
        made.data.bias = seed % 3 == 0 ? (int64_t)(seed % 5) - 2 : 0;
        const struct pref_share keep = shares[seed / 2 % 4];
        struct pref_panel found = search(&made, keep);
        uint32_t all = (UINT32_C(1) << made.data.judges) - 1, best = all;
        for (uint32_t panel = 0; panel < all; panel++)
            if (count_kept(&made, panel) * keep.den >= found.labels * keep.num &&
                is_better(&made, panel, best))
                best = panel;
        assert_int_equal(found.labels, count_kept(&made, all));
        assert_int_equal(found.whole_cost, cost_of(&made, all));
        assert_int_equal(panel_of(&made, &found), best);
        pref_panel_release(&found);
    }
}

/* Who goes next, of those in the panel, by the rule for large ones. */
static uint32_t next_to_go(const struct made *made, uint32_t panel)
{
    uint64_t now = count_kept(made, panel);
    uint32_t best = made->data.judges;
    int64_t best_lost = 0;
    for (uint32_t j = made->data.judges; j-- > 0;) {
        if (!(panel >> j & 1))
            continue;
        int64_t lost = (int64_t)now - (int64_t)count_kept(made, panel & ~(UINT32_C(1) << j));
        int before = best == made->data.judges;
        if (!before && (lost <= 0 || best_lost <= 0))
            before = lost <= 0 && (best_lost > 0 || made->cost[j] > made->cost[best] ||
                                   (made->cost[j] == made->cost[best] && lost < best_lost));
        else if (!before) {
            int64_t a = lost * (int64_t)made->cost[best], b = best_lost * (int64_t)made->cost[j];
            before = a < b || (a == b && lost < best_lost);
        }
        if (before) {
            best = j;
            best_lost = lost;
        }
    }
    return best;
}

static void many_judges_are_eliminated(void **state)
{
    static const struct pref_share keep = {9, 10};
    struct made made;
    (void)state;
    for (uint32_t seed = 0; seed < 8; seed++) {
        make(&made, 13 + seed % 2, seed % 2 == 0, seed);
        struct pref_panel found = search(&made, keep);
        uint32_t panel = (UINT32_C(1) << made.data.judges) - 1, best = panel;
        for (uint32_t i = 0; panel != 0; i++) {
            uint32_t judge = next_to_go(&made, panel);
            if (i < found.removed)
                assert_int_equal(found.steps[i].judge, judge);
            panel &= ~(UINT32_C(1) << judge);
            if (count_kept(&made, panel) * keep.den >= found.labels * keep.num &&
                (cost_of(&made, panel) < cost_of(&made, best) ||
                 count_kept(&made, panel) >= count_kept(&made, best)))
                best = panel;
        }
        assert_int_equal(panel_of(&made, &found), best);
        assert_true(found.removed > 0);
        pref_panel_release(&found);
    }
}

static void nobody_heard_keeps_all(void **state)
{
    static const uint64_t cost[] = {1, 2};
    static const struct pref_panel_case silent = {.times = 3};
    const struct pref_panel_data data = {.cases = &silent, .count = 1, .judges = 2, .cost = cost};
    struct pref_panel found;
    struct pref_err err;
    (void)state;
    assert_int_equal(pref_panel_search(&found, &data, (struct pref_share){1, 2}, &err), PREF_OK);
    assert_int_equal(found.labels, 0);
    assert_int_equal(found.removed, 0);
    assert_int_equal(found.cost, 3);
    pref_panel_release(&found);
}

/* Whether all panels are counted or judges eliminated. */
static void stop_ends_it(void **state)
{
    static const struct pref_share keep = {9, 10};
    int ends[2];
    struct made made;
    (void)state;
    assert_int_equal(pipe(ends), 0);
    for (int asked = 0; asked < 2; asked++) {
        for (uint32_t judges = 8; judges < 15; judges += 6) {
            struct pref_panel found;
            struct pref_err err = {""};
            make(&made, judges, 0, 1);
            made.data.stop_fd = &ends[0];
            assert_int_equal(pref_panel_search(&found, &made.data, keep, &err),
                             asked ? PREF_LATER : PREF_OK);
            pref_panel_release(&found);
        }
        assert_int_equal(write(ends[1], "x", 1), 1);
    }
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_panels_are_counted),
        cmocka_unit_test(many_judges_are_eliminated),
        cmocka_unit_test(nobody_heard_keeps_all),
        cmocka_unit_test(stop_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
