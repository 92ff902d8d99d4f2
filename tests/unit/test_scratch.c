/* SPDX-License-Identifier: Apache-2.0 */
/* What was put into scratch storage comes back, from the file, from memory and from both. */
#include "config.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/stream/scratch.h"
#include "lib/stream/spool.h"

/* Piece i: its length takes all sizes around the block's, its bytes tell i. */
static size_t piece_len(unsigned i)
{
    return i % 7 == 6 ? 300000 + i : i * 131 % 9000;
}

static unsigned char piece_byte(unsigned i, size_t at)
{
    return (unsigned char)(i * 31 + at * 7 + at / 251);
}

static void test_pieces(void **state)
{
    (void)state;
    enum { N = 200 };
    struct pref_scratch *scratch = NULL;
    struct pref_err err;
    uint64_t where[N];
    unsigned char *bytes = malloc(400000);
    assert_non_null(bytes);
    assert_int_equal(pref_scratch_new(&scratch, &err), 0);
    for (unsigned i = 0; i < N; i++) {
        where[i] = pref_scratch_end(scratch);
        for (size_t k = 0; k < piece_len(i); k++)
            bytes[k] = piece_byte(i, k);
        assert_int_equal(pref_scratch_add(scratch, bytes, piece_len(i), &err), 0);
        unsigned back = i * 17 % (i + 1);
        assert_int_equal(pref_scratch_read(scratch, where[back], bytes, piece_len(back), &err), 0);
        for (size_t k = 0; k < piece_len(back); k++)
            assert_int_equal(bytes[k], piece_byte(back, k));
    }
    /* Across what is written and what is not yet. */
    size_t rest = (size_t)(pref_scratch_end(scratch) - where[N - 3]);
    unsigned char *all = malloc(rest + 1);
    assert_non_null(all);
    assert_int_equal(pref_scratch_read(scratch, where[N - 3], all, rest, &err), 0);
    for (unsigned i = N - 3; i < N; i++)
        for (size_t k = 0; k < piece_len(i); k++)
            assert_int_equal(all[where[i] - where[N - 3] + k], piece_byte(i, k));
    assert_int_not_equal(pref_scratch_read(scratch, where[N - 3], all, rest + 1, &err), 0);
    free(all);
    free(bytes);
    pref_scratch_free(scratch);
    pref_scratch_free(NULL);
}

/* Names that are in use are passed over and left alone; no process that is started inherits the
 * file. */
static void test_open(void **state)
{
    (void)state;
    char folder[] = "scratch-XXXXXX", taken[100];
    struct pref_err err;
    struct stat st;
    int fds[2];
    assert_non_null(mkdtemp(folder));
    assert_int_equal(setenv("TMPDIR", folder, 1), 0);
    snprintf(taken, sizeof taken, "%s/pref-%ld-0", folder, (long)getpid());
    assert_int_equal(mkdir(taken, 0700), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pref_scratch_open(&fds[i], &err), 0);
        assert_int_equal(fcntl(fds[i], F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
        assert_int_equal(fstat(fds[i], &st), 0);
        assert_int_equal(st.st_nlink, 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }
    assert_int_equal(rmdir(taken), 0);
    assert_int_equal(rmdir(folder), 0);
    close(fds[0]);
    close(fds[1]);
    assert_int_equal(pref_scratch_open(&fds[0], &err), PREF_FAIL);
    assert_int_equal(unsetenv("TMPDIR"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
