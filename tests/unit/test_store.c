/* SPDX-License-Identifier: Apache-2.0 */
/* A file of a list and of pieces: what was put into it comes back, and wherever it was cut or
 * changed that is told before anything wrong is given out. */
#include "config.h"

#include "stream_help.h"

#include "lib/stream/store.h"

#include <stdlib.h>
#include <string.h>

#define KIND (struct pref_store_kind){"\x9apreftt\n", "a file of tests", 7}

static struct pref_err err;

/* Number, text and piece i; some are longer than a block. */
static size_t piece_len(unsigned i)
{
    return i % 5 == 4 ? 70000 + i : i * 37 % 500;
}

static struct pref_span piece(unsigned i, char *bytes)
{
    for (size_t k = 0; k < piece_len(i); k++)
        bytes[k] = (char)(i * 31 + k * 7 + k / 251);
    return (struct pref_span){bytes, piece_len(i)};
}

static void save(const char *path, unsigned count)
{
    struct pref_store_writer *writer;
    char *bytes = malloc(80000);
    assert_non_null(bytes);
    assert_int_equal(pref_store_create(path, KIND, &writer, &err), PREF_OK);
    for (unsigned i = 0; i < count; i++) {
        pref_store_add_number(writer, UINT64_C(0x0102030405060708) * i, 8);
        pref_store_add_number(writer, i, 4);
        pref_store_add_text(writer, piece(i, bytes));
    }
    for (unsigned i = 0; i < count; i++)
        pref_store_add_piece(writer, piece(i, bytes));
    assert_false(pref_store_failed(writer));
    assert_false(help_exists(path));
    assert_int_equal(pref_store_publish(writer, &err), PREF_OK);
    free(bytes);
}

static void check_pieces(struct pref_store *store, unsigned count, struct pref_buf *out,
                         char *bytes)
{
    uint64_t at = 0;
    for (unsigned i = 0; i < count; i++) {
        uint64_t end = pref_store_after(at, piece_len(i));
        assert_int_equal(pref_store_read(store, at, end, out, &err), PREF_OK);
        assert_true(pref_span_equal(pref_buf_span(out), piece(i, bytes)));
        if (piece_len(i) > 0)
            assert_int_equal(pref_store_read(store, at, end - 1, out, &err), PREF_FAIL);
        at = end;
    }
    assert_int_equal(at, pref_store_end(store));
    assert_int_equal(pref_store_read(store, at, at + 8, out, &err), PREF_FAIL);
    assert_int_equal(pref_store_read(store, 8, 4, out, &err), PREF_FAIL);
    assert_int_equal(pref_store_read(store, 0, UINT64_MAX, out, &err), PREF_FAIL);
}

static void comes_back(void **state)
{
    (void)state;
    enum { N = 100 };
    struct pref_store *store;
    struct pref_buf out = {0};
    char *bytes = malloc(80000);
    assert_non_null(bytes);
    save("s", N);
    assert_int_equal(pref_store_open("s", KIND, &store, &err), PREF_OK);
    for (unsigned i = 0; i < N; i++) {
        assert_int_equal(pref_store_take_number(store, 8), UINT64_C(0x0102030405060708) * i);
        assert_int_equal(pref_store_take_number(store, 4), i);
        pref_store_take_text(store, &out);
        assert_true(pref_span_equal(pref_buf_span(&out), piece(i, bytes)));
    }
    assert_int_equal(pref_store_left(store), 0);
    assert_int_equal(pref_store_check(store, &err), PREF_OK);
    check_pieces(store, N, &out, bytes);
    assert_int_equal(pref_store_take_number(store, 4), 0);
    assert_int_equal(pref_store_check(store, &err), PREF_FAIL);
    assert_string_equal(err.text, "s: damaged index: its list is too short");
    pref_store_close(store);
    pref_buf_release(&out);
    free(bytes);
}

/* A text that says it is longer than the list. */
static void short_text(void **state)
{
    (void)state;
    struct pref_store_writer *writer;
    struct pref_store *store;
    struct pref_buf out = {0};
    assert_int_equal(pref_store_create("s", KIND, &writer, &err), PREF_OK);
    pref_store_add_number(writer, UINT32_MAX, 4);
    pref_store_add(writer, "abc", 3);
    assert_int_equal(pref_store_publish(writer, &err), PREF_OK);
    assert_int_equal(pref_store_open("s", KIND, &store, &err), PREF_OK);
    pref_store_take_text(store, &out);
    assert_int_equal(out.len, 0);
    assert_int_equal(pref_store_check(store, &err), PREF_FAIL);
    pref_store_close(store);
    pref_buf_release(&out);
}

/* Whether a file can be opened and both of its pieces read. */
static int is_whole(const char *path)
{
    struct pref_store *store;
    struct pref_buf out = {0};
    if (pref_store_open(path, KIND, &store, &err) != PREF_OK)
        return 0;
    uint64_t second = pref_store_after(0, piece_len(0));
    int whole = pref_store_read(store, 0, second, &out, &err) == PREF_OK &&
                pref_store_read(store, second, pref_store_end(store), &out, &err) == PREF_OK;
    pref_store_close(store);
    pref_buf_release(&out);
    return whole;
}

static void damaged(void **state)
{
    (void)state;
    save("s", 2);
    assert_true(is_whole("s"));
    struct pref_buf bytes = help_read("s");
    for (size_t i = 0; i < bytes.len; i++) {
        help_write("cut", bytes.ptr, i);
        assert_false(is_whole("cut"));
        bytes.ptr[i] = (char)(bytes.ptr[i] ^ (1 << i % 8));
        help_write("cut", bytes.ptr, bytes.len);
        assert_false(is_whole("cut"));
        bytes.ptr[i] = (char)(bytes.ptr[i] ^ (1 << i % 8));
    }
    pref_buf_add_byte(&bytes, '\0');
    help_write("cut", bytes.ptr, bytes.len);
    assert_false(is_whole("cut"));
    pref_buf_release(&bytes);
}

static void other_files(void **state)
{
    (void)state;
    struct pref_store *store;
    struct pref_store_kind later = KIND, other = KIND;
    later.version = 8;
    other.magic = "\x9apreftu\n";
    save("s", 1);
    assert_int_equal(pref_store_open("s", later, &store, &err), PREF_FAIL);
    assert_string_equal(err.text, "s: a file of tests of version 7, expected 8");
    assert_int_equal(pref_store_open("s", other, &store, &err), PREF_FAIL);
    assert_string_equal(err.text, "s: not a file of tests");
    assert_int_equal(pref_store_open(".", KIND, &store, &err), PREF_FAIL);
    assert_int_equal(pref_store_open("none", KIND, &store, &err), PREF_FAIL);
}

static void leaves_nothing(void **state)
{
    (void)state;
    struct pref_store_writer *writer;
    assert_int_equal(pref_store_create("s", KIND, &writer, &err), PREF_OK);
    pref_store_add_number(writer, 1, 4);
    pref_store_abort(writer);
    pref_store_abort(NULL);
    pref_store_close(NULL);
    assert_int_equal(help_count(), 0);
    assert_int_not_equal(pref_store_create("none/s", KIND, &writer, &err), PREF_OK);
}

static int sweep(void **state)
{
    (void)state;
    help_sweep();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(comes_back, sweep),
        cmocka_unit_test_teardown(short_text, sweep),
        cmocka_unit_test_teardown(damaged, sweep),
        cmocka_unit_test_teardown(other_files, sweep),
        cmocka_unit_test_teardown(leaves_nothing, sweep),
    };
    return cmocka_run_group_tests_name("store", tests, help_enter, help_leave);
}
