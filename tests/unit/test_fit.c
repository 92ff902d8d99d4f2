/* SPDX-License-Identifier: Apache-2.0 */
/* Fits are written and read back, refused in every way that one can be wrong, and merged. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "pref/buf.h"
#include "pref/fit.h"
#include "pref/hash.h"
#include "pref/sink.h"

static char folder[64];

static const char *in_folder(const char *name)
{
    static char paths[4][128];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/test_fit.XXXXXX");
    return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

static void put_file(const char *path, const char *text)
{
    struct pref_err err = {""};
    assert_int_equal(pref_file_write(path, pref_span_of(text), &err), 0);
}

/* The text of a file; the caller frees it. */
static char *file_text(const char *path)
{
    struct pref_buf buf = {0};
    struct pref_err err = {""};
    assert_int_equal(pref_file_read(path, 1 << 28, -1, &buf, &err), 0);
    pref_buf_add_byte(&buf, '\0');
    return buf.ptr;
}

static const struct pref_fit_head head = {"test", 7, "{\"a\":[1,\"x\"]}", 12};

static struct pref_fit_row row_of(const char *key, uint64_t a, uint64_t b)
{
    return (struct pref_fit_row){.key = pref_span_of(key), .n = {a, b}, .counts = 2};
}

static void test_written_bytes(void **state)
{
    (void)state;
    struct pref_err err = {""};
    struct pref_fit_writer *writer;
    const char *path = in_folder("a.fit");
    struct pref_accumulator sum[2] = {{{0}, 0}, {{0}, 0}};
    pref_accumulator_add(&sum[0], 0.75);
    pref_accumulator_add(&sum[1], -3);
    assert_int_equal(pref_fit_create(&writer, path, &head, &err), 0);
    struct pref_fit_row row = row_of("", 0, UINT64_C(1) << 53);
    assert_int_equal(pref_fit_put(writer, &row, &err), 0);
    row = row_of("b\n\"\xc3\xa9", (UINT64_C(1) << 53) + 1, UINT64_MAX);
    row.sum = sum;
    row.sums = 2;
    assert_int_equal(pref_fit_put(writer, &row, &err), 0);
    row = (struct pref_fit_row){.key = pref_span_of("c")};
    assert_int_equal(pref_fit_put(writer, &row, &err), 0);
    assert_int_not_equal(access(path, F_OK), 0); /* not before it is whole */
    assert_int_equal(pref_fit_finish(writer, &err), 0);

    static const char lines[] =
        "{\"fit\":1,\"tool\":\"test\",\"format\":7,\"options\":{\"a\":[1,\"x\"]},\"records\":12}\n"
        "{\"key\":\"\",\"n\":[0,9007199254740992]}\n"
        "{\"key\":\"b\\n\\\"\xc3\xa9\",\"n\":[\"9007199254740993\",\"18446744073709551615\"],"
        "\"sum\":[\"cp-4\",\"-3p0\"]}\n"
        "{\"key\":\"c\",\"n\":[]}\n";
    char expected[sizeof lines + 100], hex[33];
    pref_h128_hex(pref_hash128(lines, sizeof lines - 1, 0), hex);
    snprintf(expected, sizeof expected, "%s{\"rows\":3,\"xxh3_128\":\"%s\"}\n", lines, hex);
    char *text = file_text(path);
    assert_string_equal(text, expected);
    free(text);
}

static void read_back(const char *path)
{
    struct pref_err err = {""};
    struct pref_fit_reader *reader;
    struct pref_fit_head got;
    struct pref_fit_row row;
    int more;
    assert_int_equal(pref_fit_open(&reader, path, &got, &err), 0);
    assert_string_equal(got.tool, "test");
    assert_string_equal(got.options, "{\"a\":[1,\"x\"]}");
    assert_int_equal(got.format, 7);
    assert_int_equal(got.records, 12);
    assert_int_equal(pref_fit_next(reader, &row, &more, &err), 0);
    assert_int_equal(more, 1);
    assert_int_equal(row.key.len, 0);
    assert_int_equal(row.counts, 2);
    assert_int_equal(row.sums, 0);
    assert_int_equal(row.n[1], UINT64_C(1) << 53);
    assert_int_equal(pref_fit_next(reader, &row, &more, &err), 0);
    assert_true(pref_span_equal(row.key, pref_span_of("b\n\"\xc3\xa9")));
    assert_int_equal(row.n[0], (UINT64_C(1) << 53) + 1);
    assert_int_equal(row.n[1], UINT64_MAX);
    assert_int_equal(row.sums, 2);
    assert_true(pref_accumulator_round(&row.sum[0]) == 0.75);
    assert_true(pref_accumulator_round(&row.sum[1]) == -3);
    assert_int_equal(pref_fit_next(reader, &row, &more, &err), 0);
    assert_int_equal(row.counts, 0);
    assert_int_equal(row.sums, 0);
    assert_int_equal(pref_fit_next(reader, &row, &more, &err), 0);
    assert_int_equal(more, 0);
    pref_fit_close(reader);
    pref_fit_close(NULL);
}

static void test_read_back(void **state)
{
    (void)state;
    struct pref_err err = {""};
    const char *path = in_folder("a.fit"), *packed = in_folder("b.fit.zst");
    read_back(path);
    assert_int_equal(pref_fit_merge(&path, 1, packed, -1, &err), 0);
    char *text = file_text(packed);
    assert_memory_equal(text, "\x28\xb5\x2f\xfd", 4);
    free(text);
    read_back(packed);
}

static void test_writer_refuses(void **state)
{
    (void)state;
    struct pref_err err = {""};
    struct pref_fit_writer *writer;
    const char *path = in_folder("refused.fit");
    struct pref_fit_row b = row_of("b", 1, 2), a = row_of("a", 1, 2), many = row_of("c", 1, 1);
    many.counts = PREF_FIT_COUNTS_MAX + 1;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pref_fit_create(&writer, path, &head, &err), 0);
        assert_int_equal(pref_fit_put(writer, &b, &err), 0);
        assert_int_equal(pref_fit_put(writer, i == 0 ? &a : i == 1 ? &b : &many, &err), PREF_FAIL);
        pref_fit_abort(writer);
        assert_int_not_equal(access(path, F_OK), 0);
    }
    pref_fit_abort(NULL);
    assert_int_equal(pref_fit_create(&writer, in_folder("no/such/x.fit"), &head, &err), PREF_FAIL);
}

/* Read a whole fit: 0, or the status of what failed. */
static int read_all(const char *path, struct pref_err *err)
{
    struct pref_fit_reader *reader;
    struct pref_fit_head got;
    struct pref_fit_row row;
    int more = 1;
    int status = pref_fit_open(&reader, path, &got, err);
    if (status != 0)
        return status;
    while (status == 0 && more)
        status = pref_fit_next(reader, &row, &more, err);
    pref_fit_close(reader);
    return status;
}

/* Put `lines`, a right last line unless `last` gives another, and expect the sentence of a
 * failure, or none. */
static void expect(const char *lines, const char *last, const char *sentence)
{
    struct pref_err err = {""};
    const char *path = in_folder("x.fit");
    char own[128], hex[33], where[1200];
    struct pref_buf buf = {0};
    size_t rows = 0;
    for (const char *p = lines; (p = strchr(p, '\n')) != NULL; p++)
        rows++;
    pref_h128_hex(pref_hash128(lines, strlen(lines), 0), hex);
    snprintf(own, sizeof own, "{\"rows\":%zu,\"xxh3_128\":\"%s\"}\n", rows == 0 ? 0 : rows - 1,
             hex);
    pref_buf_add_text(&buf, lines);
    pref_buf_add_text(&buf, last == NULL ? own : last);
    pref_buf_add_byte(&buf, '\0');
    put_file(path, buf.ptr);
    pref_buf_release(&buf);
    int status = read_all(path, &err);
    if (sentence == NULL) {
        assert_string_equal(err.text, "");
        assert_int_equal(status, 0);
        return;
    }
    snprintf(where, sizeof where, "%s:%s", path, sentence);
    assert_string_equal(err.text, where);
    assert_int_equal(status, PREF_FAIL);
}

#define HEAD "{\"fit\":1,\"tool\":\"t\",\"format\":1,\"options\":{},\"records\":0}\n"
#define ROW(key, n) "{\"key\":\"" key "\",\"n\":[" n "]}\n"

static void test_heads_refused(void **state)
{
    (void)state;
    expect(HEAD, NULL, NULL);
    expect("", "", "1: the file is empty, expected a fit");
    expect("{}\n", NULL, "1: no 'fit', expected the head of a fit");
    expect("{\"fit\":2,\"x\":1}\n", NULL, "1: a fit of version 2, expected version 1");
    expect("{\"fit\":1,\"tool\":\"t\"}\n", NULL, "1: no 'format', expected the head of a fit");
    expect("{\"fit\":1,\"tool\":\"t\",\"format\":1,\"options\":{},\"records\":0,\"x\":null}\n",
           NULL, "1: an unknown key in the head of a fit");
    expect("{\"fit\":1,\"tool\":\"t\",\"format\":1,\"options\":{},\"records\":0,\"rows\":1}\n",
           NULL, "1: an unexpected 'rows' in the head of a fit");
    expect("{\"fit\":1,\"tool\":\"t\",\"format\":1,\"options\":{},\"records\":-1}\n", NULL,
           "1: 'records' is -1, expected a whole number (as a string above 2^53)");
    expect("{\"fit\":1,\"tool\":\"t\",\"format\":4294967296,\"options\":{},\"records\":1}\n", NULL,
           "1: 'format' is too large");
    expect("{\"fit\":1,\"tool\":\"\\u0000\",\"format\":1,\"options\":{},\"records\":1}\n", NULL,
           "1: 'tool' has a null character");
    expect("{\"fit\":1,\"fit\":1,\"tool\":\"t\"}\n", NULL,
           "1: field 'fit' stands twice, expected it once");
    expect("{\"fit\":1,\"tool\":3}\n", NULL, "1: field 'tool' is a number, expected a string");
}

static void test_rows_refused(void **state)
{
    (void)state;
    expect(HEAD ROW("a", "0") ROW("b", "\"9007199254740993\""), NULL, NULL);
    expect(HEAD ROW("b", "1") ROW("a", "1"), NULL,
           "3: key 'a' comes too late, expected sorted rows");
    expect(HEAD ROW("a", "1") ROW("\\u0061", "1"), NULL,
           "3: key 'a' stands twice, expected sorted rows");
    expect(HEAD "{\"key\":\"a\"}\n", NULL, "2: no 'n', expected a row of a fit");
    expect(HEAD HEAD, NULL, "2: an unexpected 'fit' in a row of a fit");
    expect(HEAD "{\"key\":\"a\",\"n\":{}}\n", NULL, "2: field 'n' is an object, expected an array");
    expect(HEAD ROW("a", "[1]"), NULL, "2: field 'n[]' is an array, expected a string or a number");
    static const char *const counts[] = {"1.0",
                                         "1e3",
                                         "-1",
                                         "9007199254740993",
                                         "\"1\"",
                                         "\"\"",
                                         "\"9007199254740992\"",
                                         "\"18446744073709551616\"",
                                         "\"99999999999999999999\"",
                                         "\"09007199254740993\"",
                                         "\" 9007199254740993\"",
                                         "\"-9007199254740993\"",
                                         "\"\\u0039007199254740993\""};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        char lines[300], sentence[300];
        snprintf(lines, sizeof lines, HEAD "{\"key\":\"a\",\"n\":[%s]}\n", counts[i]);
        snprintf(sentence, sizeof sentence,
                 "2: 'n' is %s, expected a whole number (as a string above 2^53)", counts[i]);
        expect(lines, NULL, sentence);
    }
    expect(HEAD ROW("a", "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1"), NULL,
           "2: more than 16 counts in 'n'");
    expect(HEAD "{\"key\":\"a\",\"n\":[],"
                "\"sum\":[\"0p0\",\"0p0\",\"0p0\",\"0p0\",\"0p0\",\"0p0\"]}\n",
           NULL, "2: more than 5 sums in 'sum'");
    struct pref_err why = {""};
    struct pref_accumulator sum;
    char sentence[1200];
    pref_accumulator_parse(pref_span_of("zero"), &sum, &why);
    snprintf(sentence, sizeof sentence, "2: in 'sum': %s", why.text);
    expect(HEAD "{\"key\":\"a\",\"n\":[],\"sum\":[\"zero\"]}\n", NULL, sentence);
}

static void test_ends_refused(void **state)
{
    (void)state;
    char sentence[200], hex[33];
    expect(HEAD, "", "2: the file is cut short, expected a row or the last line");
    expect(HEAD ROW("a", "1"), "{\"rows\":1",
           "3: the line is cut short, expected a line feed at its end");
    expect(HEAD ROW("a", "1"), "{\"rows\":2,\"xxh3_128\":\"\"}\n",
           "3: 1 rows were read, expected 2");
    pref_h128_hex(pref_hash128(HEAD, sizeof HEAD - 1, 0), hex);
    snprintf(sentence, sizeof sentence, "2: the checksum is wrong: the lines above have %s", hex);
    expect(HEAD, "{\"rows\":0,\"xxh3_128\":\"00000000000000000000000000000000\"}\n", sentence);
    expect(HEAD, "{\"rows\":0,\"xxh3_128\":\"\"}\n", sentence);
    expect(HEAD, "{\"rows\":0}\n", "2: no 'xxh3_128', expected the last line of a fit");
    char last[100];
    snprintf(last, sizeof last, "{\"rows\":0,\"xxh3_128\":\"%s\"}\n\n", hex);
    expect(HEAD, last, "3: bytes after the last line of a fit");
    struct pref_err err = {""};
    put_file(in_folder("x.fit"), HEAD "\n");
    assert_int_equal(read_all(in_folder("x.fit"), &err), PREF_FAIL);
    assert_non_null(strstr(err.text, "x.fit:2: "));
}

static void test_expect(void **state)
{
    (void)state;
    struct pref_err err = {""};
    assert_int_equal(pref_fit_expect(&head, "test", 7, "{\"a\":[1,\"x\"]}", &err), 0);
    assert_int_equal(pref_fit_expect(&head, "vote", 7, "{}", &err), PREF_FAIL);
    assert_string_equal(err.text, "a fit of 'test', expected one of 'vote'");
    assert_int_equal(pref_fit_expect(&head, "test", 8, "{}", &err), PREF_FAIL);
    assert_string_equal(err.text, "rows of format 7, expected format 8");
    assert_int_equal(pref_fit_expect(&head, "test", 7, "{}", &err), PREF_FAIL);
    assert_string_equal(err.text, "made with the options {\"a\":[1,\"x\"]}, expected {}");
}

/* ---- Merging -------------------------------------------------------------------------------- */

enum { KEYS = 500, TERMS = 20000 };

/* A fit over those of the terms whose number is `part` modulo `parts`: term i adds to key i * i. */
static void put_part(const char *path, unsigned part, unsigned parts)
{
    static uint64_t n[KEYS][2];
    static struct pref_accumulator sum[KEYS];
    struct pref_err err = {""};
    struct pref_fit_head h = {"test", 1, "{}", 0};
    struct pref_fit_writer *writer;
    memset(n, 0, sizeof n);
    memset(sum, 0, sizeof sum);
    for (uint64_t i = part; i < TERMS; i += parts, h.records++) {
        size_t k = i * i % KEYS;
        n[k][0]++;
        n[k][1] += i << 40;
        pref_accumulator_add(&sum[k],
                             i % 3 == 0 ? 1e300 / (double)(i + 1) : -1.0 / (double)(i + 1));
    }
    assert_int_equal(pref_fit_create(&writer, path, &h, &err), 0);
    for (size_t k = 0; k < KEYS; k++) {
        char key[20];
        snprintf(key, sizeof key, "k%05zu", k);
        struct pref_fit_row row = row_of(key, n[k][0], n[k][1]);
        row.sum = &sum[k];
        row.sums = 1;
        if (n[k][0] > 0)
            assert_int_equal(pref_fit_put(writer, &row, &err), 0);
    }
    assert_int_equal(pref_fit_finish(writer, &err), 0);
}

static void merge_parts(unsigned parts, const char *whole)
{
    char(*names)[128] = calloc(parts, sizeof *names);
    const char **paths = calloc(parts, sizeof *paths);
    struct pref_err err = {""};
    for (unsigned i = 0; i < parts; i++) {
        snprintf(names[i], sizeof names[i], "%s/part-%u.fit", folder, i);
        paths[i] = names[i];
        put_part(paths[i], i, parts);
    }
    const char *out = in_folder("merged.fit");
    assert_int_equal(pref_fit_merge(paths, parts, out, -1, &err), 0);
    char *merged = file_text(out);
    assert_string_equal(merged, whole);
    free(merged);
    free(paths);
    free(names);
}

static void test_merge_equals_whole(void **state)
{
    (void)state;
    const char *path = in_folder("whole.fit");
    put_part(path, 0, 1);
    char *whole = file_text(path);
    static const unsigned parts[] = {1, 2, 3, 8, 64};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        merge_parts(parts[i], whole);
    free(whole);
}

static void test_merge_refuses(void **state)
{
    (void)state;
    struct pref_err err = {""};
    const char *a = in_folder("a.fit"), *b = in_folder("part-0.fit"), *out = in_folder("no.fit");
    char expected[300];
    assert_int_equal(pref_fit_merge((const char *[]){a, b}, 2, out, -1, &err), PREF_FAIL);
    snprintf(expected, sizeof expected, "%s: rows of format 1, expected format 7", b);
    assert_string_equal(err.text, expected);
    assert_int_equal(pref_fit_merge((const char *[]){a, a}, 2, out, -1, &err), PREF_FAIL);
    snprintf(expected, sizeof expected, "%s: a count of key 'b\\x0a\"\xc3\xa9' is too large to add",
             a);
    assert_string_equal(err.text, expected);
    assert_int_equal(pref_fit_merge(NULL, 0, out, -1, &err), PREF_USAGE);
    assert_int_not_equal(access(out, F_OK), 0);
}

static void test_merge_unlike_rows(void **state)
{
    (void)state;
    struct pref_err err = {""};
    char paths[2][128], expected[300];
    for (unsigned i = 0; i < 2; i++) {
        struct pref_fit_writer *writer;
        struct pref_fit_row row = row_of("k", 1, 2);
        row.counts = i + 1;
        snprintf(paths[i], sizeof paths[i], "%s/unlike-%u.fit", folder, i);
        assert_int_equal(pref_fit_create(&writer, paths[i], &head, &err), 0);
        assert_int_equal(pref_fit_put(writer, &row, &err), 0);
        assert_int_equal(pref_fit_finish(writer, &err), 0);
    }
    assert_int_equal(
        pref_fit_merge((const char *[]){paths[0], paths[1]}, 2, in_folder("no.fit"), -1, &err),
        PREF_FAIL);
    snprintf(expected, sizeof expected, "%s: key 'k' has 2 counts and 0 sums, expected 1 and 0",
             paths[1]);
    assert_string_equal(err.text, expected);
}

static int any_head(void *self, const struct pref_fit_head *any, struct pref_err *err)
{
    (void)self;
    (void)any;
    (void)err;
    return PREF_OK;
}

static int count_row(void *self, const struct pref_fit_row *row, struct pref_err *err)
{
    unsigned *rows = self;
    (void)row;
    (void)err;
    ++*rows;
    return PREF_OK;
}

/* A signal need not wait for the end of a long fit, which is no pipe. */
static void test_take_stops(void **state)
{
    (void)state;
    enum { ROWS = 10000 };
    static const struct pref_fit_taker counter = {any_head, count_row};
    struct pref_err err = {""};
    struct pref_fit_writer *writer;
    const char *path = in_folder("long.fit");
    char key[16];
    unsigned rows = 0;
    int fds[2];
    assert_int_equal(pref_fit_create(&writer, path, &head, &err), 0);
    for (unsigned i = 0; i < ROWS; i++) {
        snprintf(key, sizeof key, "%05u", i);
        const struct pref_fit_row row = row_of(key, i, 1);
        assert_int_equal(pref_fit_put(writer, &row, &err), 0);
    }
    assert_int_equal(pref_fit_finish(writer, &err), 0);
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(pref_fit_take(path, fds[0], &counter, &rows, &err), PREF_OK);
    assert_int_equal(rows, ROWS);
    rows = 0;
    assert_int_equal(write(fds[1], "x", 1), 1);
    assert_int_equal(pref_fit_take(path, fds[0], &counter, &rows, &err), PREF_LATER);
    assert_true(rows < ROWS / 2);
    close(fds[0]);
    close(fds[1]);
}

static void test_merge_stops(void **state)
{
    (void)state;
    struct pref_err err = {""};
    int fds[2];
    const char *a = in_folder("part-0.fit"), *out = in_folder("no.fit");
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(write(fds[1], "x", 1), 1);
    assert_int_equal(pref_fit_merge(&a, 1, out, fds[0], &err), PREF_LATER);
    assert_int_not_equal(access(out, F_OK), 0);
    close(fds[0]);
    close(fds[1]);
}

/* More fits than the limit of open files: it is raised, or the sentence says what to do. */
static void test_merge_file_limit(void **state)
{
    (void)state;
    enum { N = 100 };
    struct pref_err err = {""};
    struct rlimit old, low;
    const char *paths[N];
    char path[128];
    struct pref_fit_writer *writer;
    struct pref_fit_row row = row_of("k", 1, 2);
    snprintf(path, sizeof path, "%s/small.fit", folder);
    assert_int_equal(pref_fit_create(&writer, path, &head, &err), 0);
    assert_int_equal(pref_fit_put(writer, &row, &err), 0);
    assert_int_equal(pref_fit_finish(writer, &err), 0);
    for (size_t i = 0; i < N; i++)
        paths[i] = path;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
    low = old;
    low.rlim_cur = 64;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
    assert_int_equal(pref_fit_merge(paths, N, in_folder("many.fit"), -1, &err), 0);
    low.rlim_cur = low.rlim_max = 64;
    if (setrlimit(RLIMIT_NOFILE, &low) != 0)
        return; /* Valgrind alone refuses that */
    assert_int_equal(pref_fit_merge(paths, N, in_folder("many.fit"), -1, &err), PREF_FAIL);
    assert_string_equal(err.text,
                        "100 fits cannot be open together, the limit of open files is 64: merge "
                        "them in groups, then the results; the outcome is the same");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_written_bytes),  cmocka_unit_test(test_read_back),
        cmocka_unit_test(test_writer_refuses), cmocka_unit_test(test_heads_refused),
        cmocka_unit_test(test_rows_refused),   cmocka_unit_test(test_ends_refused),
        cmocka_unit_test(test_expect),         cmocka_unit_test(test_merge_equals_whole),
        cmocka_unit_test(test_merge_refuses),  cmocka_unit_test(test_merge_unlike_rows),
        cmocka_unit_test(test_merge_stops),    cmocka_unit_test(test_merge_file_limit),
        cmocka_unit_test(test_take_stops),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
