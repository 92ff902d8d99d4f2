/* SPDX-License-Identifier: Apache-2.0 */
/* A look at a set that grows meanwhile: yes is so, and no says nothing until nobody adds. */
#include "config.h"

#include "lib/key/key_peek.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { KEYS = 60000, LOOKERS = 3 };

static struct pref_keyset *set;
static struct pref_key_peek *peek;
static _Atomic uint32_t begun; /* keys whose adding has begun */

static struct pref_h128 key_of(uint32_t i)
{
    return pref_hash128(&i, sizeof i, 1);
}

/* Look for keys around the ones that are added; the result is how often one was there too early. */
static void *look(void *argument)
{
    uintptr_t wrong = 0;
    uint32_t now = 0;
    for (uint32_t i = 0; now < KEYS; i++) {
        now = atomic_load(&begun);
        uint32_t wanted = i % 4 == 0 ? now / 2 : now + i % 4 - 2;
        if (pref_key_peek(peek, key_of(wanted)))
            wrong += wanted >= atomic_load(&begun);
    }
    *(uintptr_t *)argument = wrong;
    return NULL;
}

static void test_growing(void **state)
{
    (void)state;
    pthread_t threads[LOOKERS];
    uintptr_t wrong[LOOKERS];
    uint32_t number;
    set = pref_keyset_new_numbered();
    peek = pref_key_peek_new(set);
    assert_true(set != NULL && peek != NULL);
    for (int t = 0; t < LOOKERS; t++)
        assert_int_equal(pthread_create(&threads[t], NULL, look, &wrong[t]), 0);
    for (uint32_t i = 0; i < KEYS; i++) {
        atomic_store(&begun, i + 1);
        pref_key_peek_begin(peek);
        assert_int_equal(pref_keyset_add_number(set, key_of(i), &number), 1);
        pref_key_peek_end(peek);
        assert_true(pref_keyset_find_number(set, key_of(i / 2), &number) && number == i / 2);
    }
    for (int t = 0; t < LOOKERS; t++) {
        pthread_join(threads[t], NULL);
        assert_int_equal(wrong[t], 0);
    }
    for (uint32_t i = 0; i < 2 * KEYS; i++)
        assert_int_equal(pref_key_peek(peek, key_of(i)), i < KEYS);
    pref_key_peek_begin(peek);
    assert_int_equal(pref_key_peek(peek, key_of(0)), 0); /* it may not be looked at now */
    pref_key_peek_end(peek);
    pref_key_peek_free(peek);
    pref_key_peek_free(NULL);
    pref_keyset_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_growing),
    };
    return cmocka_run_group_tests_name("key_peek", tests, NULL, NULL);
}
