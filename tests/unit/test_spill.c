/* SPDX-License-Identifier: Apache-2.0 */
/* What is put on disk in lists, and numbers by number, comes back as it was. */
#include "config.h"

#include "stream_help.h"
#include "lib/stream/slots.h"
#include "lib/stream/spill.h"

#include <stdlib.h>
#include <string.h>

/* An entry of 24 bytes: its list, its number within it, and both again, so that a torn one
 * shows. */
struct entry {
    uint64_t list, number, check;
};

static struct entry entry_of(uint64_t list, uint64_t number)
{
    return (struct entry){list, number, list * 1000003 ^ number};
}

/* How many entries a list is given: none, one, and some around the ends of its blocks. */
static uint64_t count_of(unsigned list)
{
    static const uint64_t few[] = {0, 1, 9, 10, 11, 20, 21};
    return list < 7 ? few[list] : list % 3 * 500 + list;
}

static void add_all(struct pref_spill *spill, unsigned shift)
{
    for (uint64_t i = 0; i < 1100; i++)
        for (unsigned list = 0; list < PREF_SPILL_FAN; list++) {
            struct entry entry = entry_of(list + shift, i);
            if (i < count_of(list))
                assert_int_equal(pref_spill_add(spill, list, &entry, NULL), PREF_OK);
        }
}

static void expect_list(struct pref_spill *spill, const struct pref_spill_list *list,
                        uint64_t name, uint64_t count)
{
    const void *bytes;
    assert_int_equal(list->count, count);
    pref_spill_begin(spill, list);
    for (uint64_t i = 0; i < count; i++) {
        struct entry want = entry_of(name, i), got;
        assert_int_equal(pref_spill_next(spill, &bytes, NULL), PREF_OK);
        assert_non_null(bytes);
        memcpy(&got, bytes, sizeof got);
        assert_memory_equal(&got, &want, sizeof got);
    }
    assert_int_equal(pref_spill_next(spill, &bytes, NULL), PREF_OK);
    assert_null(bytes);
}

/* With the least blocks, and with ones that nothing fills. */
static void lists_come_back(void **state)
{
    (void)state;
    static const size_t memory[] = {0, 64 * 1024, 64 << 20};
    for (unsigned m = 0; m < 3; m++) {
        struct pref_spill *spill = NULL;
        struct pref_spill_list lists[PREF_SPILL_FAN], more[PREF_SPILL_FAN];
        assert_int_equal(pref_spill_new(&spill, sizeof(struct entry), memory[m], NULL), PREF_OK);
        add_all(spill, 0);
        assert_int_equal(pref_spill_end(spill, lists, NULL), PREF_OK);
        add_all(spill, 100);
        assert_int_equal(pref_spill_end(spill, more, NULL), PREF_OK);
        for (unsigned i = PREF_SPILL_FAN; i-- > 0;) {
            expect_list(spill, &lists[i], i, count_of(i));
            expect_list(spill, &more[i], i + 100, count_of(i));
        }
        pref_spill_free(spill);
    }
    assert_int_equal(help_count(), 0);
}

/* A list is divided while it is read. */
static void a_list_can_be_divided(void **state)
{
    (void)state;
    struct pref_spill *spill = NULL;
    struct pref_spill_list lists[PREF_SPILL_FAN];
    const void *bytes;
    assert_int_equal(pref_spill_new(&spill, sizeof(struct entry), 0, NULL), PREF_OK);
    for (uint64_t i = 0; i < 5000; i++) {
        struct entry entry = entry_of(i % 5, i / 5);
        assert_int_equal(pref_spill_add(spill, 63, &entry, NULL), PREF_OK);
    }
    assert_int_equal(pref_spill_end(spill, lists, NULL), PREF_OK);
    struct pref_spill_list whole = lists[63];
    pref_spill_begin(spill, &whole);
    while (pref_spill_next(spill, &bytes, NULL) == PREF_OK && bytes != NULL) {
        struct entry entry;
        memcpy(&entry, bytes, sizeof entry);
        assert_int_equal(pref_spill_add(spill, (unsigned)entry.list, bytes, NULL), PREF_OK);
    }
    assert_int_equal(pref_spill_end(spill, lists, NULL), PREF_OK);
    for (unsigned i = 0; i < 5; i++)
        expect_list(spill, &lists[i], i, 1000);
    pref_spill_free(spill);
}

static void slots_hold_numbers(void **state)
{
    (void)state;
    for (int on_disk = 0; on_disk < 2; on_disk++) {
        struct pref_slots slots;
        uint64_t value;
        assert_int_equal(pref_slots_open(&slots, on_disk, NULL), PREF_OK);
        for (uint64_t i = 0; i < 40000; i += 7)
            assert_int_equal(pref_slots_set(&slots, 40000 - i, i + 1, NULL), PREF_OK);
        assert_int_equal(pref_slots_set(&slots, 40000, UINT64_MAX, NULL), PREF_OK);
        for (uint64_t i = 0; i < 60000; i++) {
            uint64_t from = 40000 - i;
            uint64_t want = i == 0 || i > 40000 || from % 7 != 0 ? 0 : from + 1;
            assert_int_equal(pref_slots_get(&slots, i, &value, NULL), PREF_OK);
            assert_int_equal(value, i == 40000 ? UINT64_MAX : want);
        }
        assert_int_equal(slots.at != NULL, !on_disk);
        pref_slots_release(&slots);
    }
    assert_int_equal(help_count(), 0);
}

static void no_folder(void **state)
{
    (void)state;
    struct pref_spill *spill = NULL;
    struct pref_slots slots;
    struct pref_err err;
    setenv("TMPDIR", "none", 1);
    assert_int_equal(pref_spill_new(&spill, 8, 0, &err), PREF_FAIL);
    assert_null(spill);
    assert_string_equal(err.text, "cannot make a scratch file in none (TMPDIR): "
                                  "No such file or directory");
    assert_int_equal(pref_slots_open(&slots, 1, &err), PREF_FAIL);
    pref_slots_release(&slots);
    setenv("TMPDIR", ".", 1);
}

static int enter(void **state)
{
    int status = help_enter(state);
    setenv("TMPDIR", ".", 1);
    return status;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_come_back),
        cmocka_unit_test(a_list_can_be_divided),
        cmocka_unit_test(slots_hold_numbers),
        cmocka_unit_test(no_folder),
    };
    return cmocka_run_group_tests_name("spill", tests, enter, help_leave);
}
