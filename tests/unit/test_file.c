/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "stream_help.h"
#include "pref/sink.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
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
    assert_int_equal(pref_file_read("a", text.len, -1, &out, &err), 0);
    help_same(&out, text.ptr, text.len);
    for (size_t i = 0; i < PREF_PAD; i++)
        assert_int_equal(out.ptr[out.len + i], 0);
    assert_int_equal(pref_file_read("a", text.len - 1, -1, &out, &err), PREF_FAIL);
    assert_memory_equal(err.text, "a: is longer than ", 18);
    help_write("a", "", 0);
    assert_int_equal(pref_file_read("a", 0, -1, &out, &err), 0);
    assert_int_equal(out.len, 0);
    assert_int_equal(pref_file_read("absent", 10, -1, &out, &err), PREF_FAIL);
    assert_string_equal(err.text, "absent: cannot open: No such file or directory");
    assert_int_equal(pref_file_read(".", 10, -1, &out, &err), PREF_FAIL);
    assert_string_equal(err.text, ".: cannot read: Is a directory");
    pref_buf_release(&text);
    pref_buf_release(&out);
}

static void test_read_fifo(void **state)
{
    (void)state;
    int stop[2];
    struct pref_buf out = {0};
    assert_int_equal(pipe(stop), 0);
    assert_int_equal(write(stop[1], "", 1), 1);
    assert_int_equal(mkfifo("fifo", 0600), 0);
    assert_int_equal(pref_file_read("fifo", 10, stop[0], &out, &err), PREF_LATER);
    int ours = open("fifo", O_RDONLY | O_NONBLOCK), writer = open("fifo", O_WRONLY);
    assert_int_equal(write(writer, "{}", 2), 2);
    assert_int_equal(pref_file_read("fifo", 10, stop[0], &out, &err), PREF_LATER);
    close(ours);
    close(writer);

    pid_t child = fork();
    if (child == 0) {
        writer = open("fifo", O_WRONLY);
        _exit(write(writer, "[]", 2) == 2 && write(writer, "\n", 1) == 1 ? 0 : 1);
    }
    assert_int_equal(pref_file_read("fifo", 10, -1, &out, &err), 0);
    help_same(&out, "[]\n", 3);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(unlink("fifo"), 0);
    close(stop[0]);
    close(stop[1]);
    pref_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_write),
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_read_fifo),
    };
    return cmocka_run_group_tests_name("file", tests, help_enter, help_leave);
}
