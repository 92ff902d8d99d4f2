/* SPDX-License-Identifier: Apache-2.0 */
/* Answers in a file: what is kept is found again, damage is told, and nothing else is touched. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/oracle/answers.h"
#include "pref/buf.h"
#include "pref/sink.h"

#define HEAD "{\"pref_answers\":1}\n"
#define LINE(digit, ok) "{\"key\":\"0000000000000000000000000000000" digit "\",\"ok\":" ok "}\n"

static char path[64];
static struct pref_err err;

static int set_up(void **state)
{
    (void)state;
    strcpy(path, "/tmp/test_answers.XXXXXX");
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(path);
}

static void put_file(const char *text)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fputs(text, file) < 0, 0);
    assert_int_equal(fclose(file), 0);
}

static void expect_file(const char *text)
{
    struct pref_buf bytes = {0};
    assert_int_equal(pref_file_read(path, 1 << 24, -1, &bytes, &err), 0);
    assert_int_equal(bytes.len, strlen(text));
    assert_int_equal(memcmp(bytes.ptr == NULL ? "" : bytes.ptr, text, bytes.len), 0);
    pref_buf_release(&bytes);
}

static struct pref_answers *opened(const char *command, const char *salt)
{
    struct pref_answers *answers;
    assert_int_equal(pref_answers_open(&answers, path, command, salt, -1, &err), 0);
    return answers;
}

static void put(struct pref_answers *answers, struct pref_h128 key, int ok, int holds)
{
    assert_int_equal(pref_answers_put(answers, key, &ok, &err), 0);
    assert_int_equal(ok, holds);
}

static const struct pref_h128 one = {.low = 1}, two = {.low = 2}, three = {.low = 3};

static void test_kept(void **state)
{
    (void)state;
    struct pref_answers *answers = opened("c", "");
    assert_int_equal(pref_answers_find(answers, one), PREF_ANSWERS_UNKNOWN);
    expect_file(HEAD);
    put(answers, one, 1, 1);
    put(answers, two, 0, 0);
    assert_int_equal(pref_answers_find(answers, one), 1);
    assert_int_equal(pref_answers_find(answers, two), 0);
    expect_file(HEAD LINE("1", "true") LINE("2", "false"));
    put(answers, one, 0, 1); /* the first holds, and nothing is added */
    assert_int_equal(pref_answers_flush(answers, &err), 0);
    pref_answers_close(answers);
    answers = opened("c", "");
    assert_int_equal(pref_answers_count(answers), 2);
    assert_int_equal(pref_answers_find(answers, one), 1);
    assert_int_equal(pref_answers_find(answers, two), 0);
    pref_answers_close(answers);
    expect_file(HEAD LINE("1", "true") LINE("2", "false"));
}

static void test_many(void **state)
{
    (void)state;
    enum { MANY = 5000 }; /* several blocks, with lines across their ends */
    struct pref_answers *answers = opened("c", "");
    for (uint64_t i = 0; i < MANY; i++)
        put(answers, pref_hash128(&i, sizeof i, 7), (int)(i % 3 == 0), (int)(i % 3 == 0));
    pref_answers_close(answers);
    answers = opened("c", "");
    assert_int_equal(pref_answers_count(answers), MANY);
    for (uint64_t i = 0; i < MANY; i++)
        assert_int_equal(pref_answers_find(answers, pref_hash128(&i, sizeof i, 7)), i % 3 == 0);
    pref_answers_close(answers);
}

static int keys_equal(struct pref_h128 a, struct pref_h128 b)
{
    return a.low == b.low && a.high == b.high;
}

/* The key is the hash of the bytes that pref-oracle(7) names; no two questions have one frame. */
static void test_key(void **state)
{
    (void)state;
    static const char framed[] = "\3\0\0\0\0\0\0\0cmd" "\2\0\0\0\0\0\0\0sa"
                                 "\2\0\0\0\0\0\0\0" "\4\0\0\0\0\0\0\0{\"\"}";
    struct pref_answers *answers = opened("cmd", "sa"), *other = opened("cmds", "a");
    struct pref_h128 key = pref_answers_key(answers, pref_span_of("{\"\"}"), 2);
    assert_true(keys_equal(key, pref_hash128(framed, sizeof framed - 1, 0)));
    assert_false(keys_equal(key, pref_answers_key(answers, pref_span_of("{\"\"}"), 1)));
    assert_false(keys_equal(key, pref_answers_key(answers, pref_span_of("{\"\"} "), 2)));
    assert_false(keys_equal(key, pref_answers_key(other, pref_span_of("{\"\"}"), 2)));
    pref_answers_close(other);
    pref_answers_close(answers);
}

/* However far the last line was written, it is as if it had not been. */
static void test_torn(void **state)
{
    (void)state;
    static const char whole[] = HEAD LINE("1", "true") LINE("2", "false");
    for (size_t len = 0; len < sizeof whole; len++) {
        char text[sizeof whole], wanted[sizeof whole + 64];
        memcpy(text, whole, len);
        text[len] = '\0';
        put_file(text);
        struct pref_answers *answers = opened("c", "");
        const char *end = strrchr(text, '\n');
        expect_file(end == NULL ? HEAD : text); /* nobody has added an answer yet */
        put(answers, three, 1, 1);
        pref_answers_close(answers);
        snprintf(wanted, sizeof wanted, "%.*s" LINE("3", "true"),
                 (int)(end == NULL ? sizeof HEAD - 1 : (size_t)(end + 1 - text)),
                 end == NULL ? HEAD : text);
        expect_file(wanted);
    }
}

static void expect_refused(const char *text, const char *why)
{
    struct pref_answers *answers;
    put_file(text);
    assert_int_equal(pref_answers_open(&answers, path, "c", "", -1, &err), PREF_FAIL);
    assert_non_null(strstr(err.text, why));
    assert_non_null(strstr(err.text, path));
    assert_null(answers);
    expect_file(text);
}

static void test_refused(void **state)
{
    (void)state;
    expect_refused("hello", "is no cache");
    expect_refused("\n", "is no cache");
    expect_refused("{\"pref_answers\":2}\n", "is no cache");
    expect_refused(LINE("1", "true"), "is no cache");
    expect_refused(HEAD "\n", ":2: ");
    expect_refused(HEAD HEAD, ":2: ");
    expect_refused(HEAD LINE("1", "true") "x", ":3: ");
    expect_refused(HEAD LINE("1", "true ") LINE("2", "true"), ":2: ");
    expect_refused(HEAD LINE("1", "false") LINE("G", "true"), ":3: ");
    expect_refused(HEAD LINE("1", "null"), ":2: ");
}

/* Two at one file, as two runs would: each learns what the other has added. */
static void test_shared(void **state)
{
    (void)state;
    struct pref_answers *a = opened("c", ""), *b = opened("c", "");
    put(a, one, 1, 1);
    put(b, one, 0, 1); /* the other was faster */
    put(b, two, 0, 0);
    put(a, three, 1, 1);
    assert_int_equal(pref_answers_find(a, two), 0);
    expect_file(HEAD LINE("1", "true") LINE("2", "false") LINE("3", "true"));
    FILE *file = fopen(path, "ab"); /* somebody dies while it writes */
    assert_non_null(file);
    assert_true(fputs("{\"key\":\"00", file) >= 0);
    fclose(file);
    put(b, (struct pref_h128){.low = 4}, 0, 0);
    expect_file(HEAD LINE("1", "true") LINE("2", "false") LINE("3", "true") LINE("4", "false"));
    pref_answers_close(a);
    pref_answers_close(b);
}

/* A file that others cut or spoil is an error, not a place to write on. */
static void test_spoilt(void **state)
{
    (void)state;
    int ok = 1;
    struct pref_answers *answers = opened("c", "");
    put(answers, one, 1, 1);
    put_file(HEAD);
    assert_int_equal(pref_answers_put(answers, two, &ok, &err), PREF_FAIL);
    assert_non_null(strstr(err.text, "cut short by somebody else"));
    put_file(HEAD LINE("1", "true") "what?\n");
    assert_int_equal(pref_answers_put(answers, two, &ok, &err), PREF_FAIL);
    assert_non_null(strstr(err.text, ":3: "));
    pref_answers_close(answers);
    expect_file(HEAD LINE("1", "true") "what?\n");
}

/* No room for a whole line: an error, and no part of it stays. */
static void test_full(void **state)
{
    (void)state;
    struct rlimit old, limit;
    int ok = 1;
    struct pref_answers *answers = opened("c", "");
    put(answers, one, 1, 1);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    limit = old;
    limit.rlim_cur = sizeof HEAD LINE("1", "true") + 20;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    int status = pref_answers_put(answers, two, &ok, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(status, PREF_FAIL);
    assert_non_null(strstr(err.text, "cannot add to"));
    expect_file(HEAD LINE("1", "true"));
    put(answers, two, 0, 0); /* there is room again */
    pref_answers_close(answers);
    expect_file(HEAD LINE("1", "true") LINE("2", "false"));
}

/* Processes that write at once lose no line of each other. */
static void test_processes(void **state)
{
    (void)state;
    enum { PROCESSES = 4, EACH = 500 };
    for (uint64_t p = 0; p < PROCESSES; p++) {
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid > 0)
            continue;
        struct pref_answers *answers;
        int failed = pref_answers_open(&answers, path, "c", "", -1, NULL);
        for (uint64_t i = 0; i < EACH && failed == 0; i++) {
            uint64_t number = i * 2 + p % 2; /* two and two write the same */
            int ok = (int)(number % 3 == 0);
            failed = pref_answers_put(answers, pref_hash128(&number, 8, 0), &ok, NULL);
        }
        _exit(failed != 0);
    }
    for (int p = 0; p < PROCESSES; p++) {
        int status;
        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
    }
    struct pref_answers *answers = opened("c", "");
    assert_int_equal(pref_answers_count(answers), 2 * EACH);
    for (uint64_t i = 0; i < 2 * EACH; i++)
        assert_int_equal(pref_answers_find(answers, pref_hash128(&i, 8, 0)), i % 3 == 0);
    pref_answers_close(answers);
    struct pref_buf bytes = {0};
    assert_int_equal(pref_file_read(path, 1 << 24, -1, &bytes, &err), 0);
    size_t lines = 0;
    for (size_t i = 0; i < bytes.len; i++)
        lines += bytes.ptr[i] == '\n';
    assert_int_equal(lines, 1 + 2 * EACH); /* each only once */
    pref_buf_release(&bytes);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_kept),    CASE(test_many),   CASE(test_key),  CASE(test_torn),
        CASE(test_refused), CASE(test_shared), CASE(test_spoilt),
        CASE(test_full),    CASE(test_processes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
