/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "stream_help.h"
#include "pref/sink.h"

#include <string.h>
#include <unistd.h>

static struct pref_err err;

static void test_write(void **state)
{
    (void)state;
    assert_int_equal(pref_file_write("a.zst", pref_span_of("{}\n"), &err), 0);
    struct pref_buf got = help_read("a.zst");
    help_same(&got, "{}\n", 3);
    pref_buf_release(&got);
    assert_int_equal(pref_file_write("a.zst", (struct pref_span){NULL, 0}, &err), 0);
    got = help_read("a.zst");
    help_same(&got, "", 0);
    pref_buf_release(&got);
    assert_int_equal(pref_file_write("absent/a", pref_span_of("{}\n"), &err), PREF_FAIL);
    assert_int_equal(pref_file_write(".", pref_span_of("{}\n"), &err), PREF_FAIL);
    assert_int_equal(pref_file_write("/dev/full", pref_span_of("{}\n"), &err), PREF_FAIL);
    assert_string_equal(err.text, "/dev/full: cannot write: No space left on device");
    assert_int_equal(help_count(), 1);
}

static void test_read(void **state)
{
    (void)state;
    struct pref_buf text = {0}, out = {0};
    help_lines(&text, 10000, 30, 1);
    help_write("a", text.ptr, text.len);
    assert_int_equal(pref_file_read("a", text.len, &out, &err), 0);
    help_same(&out, text.ptr, text.len);
    for (size_t i = 0; i < PREF_PAD; i++)
        assert_int_equal(out.ptr[out.len + i], 0);
    assert_int_equal(pref_file_read("a", text.len - 1, &out, &err), PREF_FAIL);
    assert_memory_equal(err.text, "a: is longer than ", 18);
    help_write("a", "", 0);
    assert_int_equal(pref_file_read("a", 0, &out, &err), 0);
    assert_int_equal(out.len, 0);
    assert_int_equal(pref_file_read("absent", 10, &out, &err), PREF_FAIL);
    assert_string_equal(err.text, "absent: cannot open: No such file or directory");
    assert_int_equal(pref_file_read(".", 10, &out, &err), PREF_FAIL);
    assert_string_equal(err.text, ".: cannot read: Is a directory");
    pref_buf_release(&text);
    pref_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_write),
        cmocka_unit_test(test_read),
    };
    return cmocka_run_group_tests_name("file", tests, help_enter, help_leave);
}
