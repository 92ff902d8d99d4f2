/* SPDX-License-Identifier: Apache-2.0 */
/* The ring of shingles: what is found in it is whole, and what was put in last is found. */
#include "config.h"

#include "filters/dedup/near_recent.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { LENGTHS = 5, NUMBERS = 60000, LAST = 200 };

/* So many words that the ring is gone round several times, and never ends where it began. */
static const size_t lengths[LENGTHS] = {1, 30, 270, 1001, 4000};

static size_t length_of(uint32_t number)
{
    return lengths[number % LENGTHS];
}

static uint64_t word_of(uint32_t number, size_t i)
{
    return (uint64_t)number << 32 | i;
}

static void put(struct near_recent *recent, uint32_t number)
{
    uint64_t *room = near_recent_room(recent, number, length_of(number));
    assert_non_null(room);
    for (size_t i = 0; i < length_of(number); i++)
        room[i] = word_of(number, i);
}

static int is_there(const struct near_recent *recent, uint32_t number)
{
    const uint64_t *words = near_recent_find(recent, number);
    for (size_t i = 0; words != NULL && i < length_of(number); i++)
        assert_int_equal(words[i], word_of(number, i));
    return words != NULL;
}

static void the_last_are_there(void **state)
{
    (void)state;
    struct near_recent recent = {0};
    assert_int_equal(near_recent_open(&recent, NULL), PREF_OK);
    assert_false(is_there(&recent, 0));
    for (uint32_t number = 0; number < NUMBERS; number++) {
        assert_false(is_there(&recent, number));
        put(&recent, number);
        for (uint32_t k = 0; number % 1000 == 0 && k < LAST && k <= number; k++)
            assert_true(is_there(&recent, number - k));
    }
    size_t left = 0;
    for (uint32_t number = 0; number < NUMBERS; number++)
        left += (size_t)is_there(&recent, number);
    assert_in_range(left, LAST, 4096);
    near_recent_close(&recent);
}

/* The largest number has a place as well, and one that would drive out all others has none. */
static void ends(void **state)
{
    (void)state;
    struct near_recent recent = {0};
    assert_int_equal(near_recent_open(&recent, NULL), PREF_OK);
    put(&recent, UINT32_MAX - 1);
    assert_true(is_there(&recent, UINT32_MAX - 1));
    assert_null(near_recent_room(&recent, 1, NEAR_RECENT_BYTES / sizeof(uint64_t)));
    assert_null(near_recent_find(&recent, 1));
    near_recent_close(&recent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_are_there),
        cmocka_unit_test(ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
