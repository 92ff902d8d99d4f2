/* SPDX-License-Identifier: Apache-2.0 */
/* Small co-processes in sh that behave well, and badly in every way we know. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "pref/oracle.h"

/* In sh: take the number of the question in $l. */
#define Q "q=${l#*:}; q=${q%%,*}; "
#define SAY_OK "echo '{\"q\":'$q',\"ok\":true}'"

/* Says yes to records that hold a 1. */
#define ONES                                                                                       \
    "while read -r l; do " Q "case ${l#*record} in *1*) ok=true;; *) ok=false;; esac; echo "       \
    "'{\"q\":'$q',\"ok\":'$ok'}'; done"

enum { MANY = 5000 };

static char folder[64];
static struct pref_oracle *oracle;
static struct pref_err err;
static int answers[MANY]; /* by question; -1: none yet */
static size_t told_count, told_asked;
static size_t ask_more; /* questions that told still asks */

static struct pref_oracle_config config(const char *command)
{
    return (struct pref_oracle_config){.command = command,
                                       .jobs = 1,
                                       .timeout_ms = 60000,
                                       .retries = 2,
                                       .window = 8,
                                       .stop_fd = -1};
}

static void begin(struct pref_oracle_config c)
{
    err.text[0] = '\0';
    told_count = told_asked = ask_more = 0;
    for (size_t i = 0; i < MANY; i++)
        answers[i] = -1;
    assert_int_equal(pref_oracle_open(&oracle, &c, &err), 0);
}

/* Question i is about the record {"n":i}, or about `record` where it is not NULL. */
static void ask(size_t i, const char *record)
{
    char text[64];
    snprintf(text, sizeof text, "{\"n\":%zu}", i);
    struct pref_span span = pref_span_of(record == NULL ? text : record);
    assert_int_equal(pref_oracle_ask(oracle, span, &answers[i], &err), 0);
}

static void told(void *user, void *tag, enum pref_answer answer, unsigned asked)
{
    assert_ptr_equal(user, folder);
    int *at = tag;
    assert_int_equal(*at, -1); /* never twice */
    *at = (int)answer;
    told_count++;
    told_asked += asked;
    if (ask_more > 0)
        ask(--ask_more, NULL);
}

/* Pump until nothing is pending. */
static int finish(void)
{
    int status = 0;
    while (status == 0 && pref_oracle_pending(oracle) > 0)
        status = pref_oracle_pump(oracle, -1, NULL, told, folder, &err);
    return status;
}

static void end(void)
{
    pref_oracle_close(oracle);
    oracle = NULL;
}

/* Ask `n` questions at once and expect `answer` to each. */
static void expect_all(struct pref_oracle_config c, size_t n, int answer)
{
    begin(c);
    for (size_t i = 0; i < n; i++)
        ask(i, NULL);
    assert_int_equal(pref_oracle_pending(oracle), n);
    assert_int_equal(finish(), 0);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(answers[i], answer);
    assert_int_equal(told_count, n);
}

static const char *in_folder(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static int exists(const char *name)
{
    return access(in_folder(name), F_OK) == 0;
}

static int set_up(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    strcpy(folder, "/tmp/test_oracle.XXXXXX");
    return mkdtemp(folder) == NULL || setenv("D", folder, 1) != 0;
}

static int tear_down(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

/* Each test has the folder empty, as $D. */
static int clean(void **state)
{
    (void)state;
    return system("rm -rf \"$D\"/*");
}

static void test_answers(void **state)
{
    (void)state;
    begin(config(ONES));
    for (size_t i = 0; i < 300; i++)
        ask(i, NULL);
    assert_int_equal(finish(), 0);
    for (size_t i = 0; i < 300; i++) {
        char digits[8];
        snprintf(digits, sizeof digits, "%zu", i);
        assert_int_equal(answers[i], strchr(digits, '1') != NULL);
    }
    assert_null(pref_oracle_trouble(oracle));
    end();
    pref_oracle_close(NULL);
}

/* The request, byte by byte. */
static void test_request(void **state)
{
    (void)state;
    begin(config("read -r l; printf '%s\\n' \"$l\" >\"$D/l\"; " Q SAY_OK));
    ask(0, "{\"a\\n\": [1, \"\xc3\xa9\"]}");
    assert_int_equal(finish(), 0);
    end();
    char line[100] = "";
    FILE *file = fopen(in_folder("l"), "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    fclose(file);
    assert_string_equal(line, "{\"q\":1,\"record\":{\"a\\n\": [1, \"\xc3\xa9\"]}}\n");
}

/* Three questions are in flight before the first is answered, the last of them first. */
/* The majority counts, and no more is asked than it takes: of n with 0 the answer is yes but for
 * the second time, of others yes at even times. */
static void test_repeat(void **state)
{
    (void)state;
    static const char command[] =
        "while read -r l; do " Q "r=${l##*:}; r=${r%?}; case $l in *n\\\":0*) ok=$((r != 2));; "
        "*) ok=$((r % 2 == 0));; esac; [ $ok = 1 ] && ok=true || ok=false; "
        "echo '{\"q\":'$q',\"ok\":'$ok'}'; done";
    struct pref_oracle_config c = config(command);
    c.repeat = 5;
    begin(c);
    ask(0, NULL);
    ask(1, NULL);
    assert_int_equal(finish(), 0);
    assert_int_equal(answers[0], PREF_ANSWER_YES); /* yes no yes yes */
    assert_int_equal(answers[1], PREF_ANSWER_NO);  /* no yes no yes no */
    assert_int_equal(told_asked, 4 + 5);
    end();
}

/* What was answered once is not asked again, and who could be asked is not even started. */
static void test_cache(void **state)
{
    (void)state;
    struct pref_oracle_config c = config("echo x >>\"$D/lives\"; " ONES);
    char cache[128];
    snprintf(cache, sizeof cache, "%s", in_folder("cache"));
    c.cache = cache;
    begin(c);
    assert_false(pref_oracle_heard(oracle));
    for (size_t i = 0; i < 20; i++)
        ask(i, NULL);
    assert_int_equal(finish(), 0);
    assert_true(pref_oracle_heard(oracle));
    assert_int_equal(pref_oracle_flush(oracle, &err), 0);
    end();
    assert_int_equal(unlink(in_folder("lives")), 0);
    begin(c);
    for (size_t i = 0; i < 20; i++)
        ask(i, NULL);
    assert_int_equal(pref_oracle_pending(oracle), 20);
    assert_int_equal(finish(), 0);
    assert_int_equal(told_count, 20);
    assert_int_equal(answers[1], PREF_ANSWER_YES);
    assert_int_equal(answers[2], PREF_ANSWER_NO);
    assert_false(pref_oracle_heard(oracle));
    assert_false(exists("lives"));
    ask(21, NULL); /* and now it is */
    assert_int_equal(finish(), 0);
    assert_int_equal(answers[21], PREF_ANSWER_YES);
    assert_true(exists("lives"));
    ask_more = 1; /* a known one that is closed upon */
    ask(20, "{\"n\":1}");
    end();
}

static void test_out_of_order(void **state)
{
    (void)state;
    struct pref_oracle_config c =
        config("while read -r l; do " Q "a=$q; read -r l; " Q "b=$q; read -r l; " Q
               "for q in $q $a $b; do " SAY_OK "; done; done");
    c.window = 3;
    expect_all(c, 30, PREF_ANSWER_YES);
    assert_null(pref_oracle_trouble(oracle));
    end();
}

static void test_other_members_and_blanks(void **state)
{
    (void)state;
    expect_all(config("while read -r l; do " Q
                      "printf ' { \"why\":[1], \"ok\" : false,\\t\"q\": '$q' }\\r\\n'; done"),
               5, PREF_ANSWER_NO);
    end();
}

static void test_many_jobs(void **state)
{
    (void)state;
    struct pref_oracle_config c = config("echo $$ >\"$D/$$\"; " ONES);
    c.jobs = 3;
    begin(c);
    ask_more = MANY - 50;
    for (size_t i = MANY - 50; i < MANY; i++)
        ask(i, NULL);
    assert_int_equal(finish(), 0);
    assert_int_equal(told_count, MANY);
    for (size_t i = 0; i < MANY; i++)
        assert_true(answers[i] == PREF_ANSWER_YES || answers[i] == PREF_ANSWER_NO);
    end();
    assert_int_equal(system("test $(ls \"$D\" | wc -l) = 3"), 0);
}

/* ---- Misbehaviour ---------------------------------------------------------------------------- */

/* Once: the first life does what is said, all others are good. */
#define ONCE(bad) "if mkdir \"$D/once\" 2>/dev/null; then " bad "; else " ONES "; fi"

static void expect_recovery_in(unsigned timeout_ms, const char *command, const char *trouble)
{
    struct pref_oracle_config c = config(command);
    c.timeout_ms = timeout_ms;
    c.retries = 1;
    begin(c);
    for (size_t i = 0; i < 10; i++)
        ask(i, NULL);
    assert_int_equal(finish(), 0);
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(answers[i], i == 1);
    assert_non_null(pref_oracle_trouble(oracle));
    if (strncmp(pref_oracle_trouble(oracle), trouble, strlen(trouble)) != 0)
        assert_string_equal(pref_oracle_trouble(oracle), trouble);
    end();
    assert_int_equal(system("rmdir \"$D/once\""), 0);
}

static void expect_recovery(const char *command, const char *trouble)
{
    expect_recovery_in(60000, command, trouble);
}

static void test_nonsense(void **state)
{
    (void)state;
    expect_recovery(ONCE("read -r l; echo hello; sleep 60"), "gave a line that is no answer: byte");
    expect_recovery(ONCE("read -r l; echo; sleep 60"), "gave a line that is no answer: ");
    expect_recovery(ONCE("read -r l; echo '{\"q\":\"1\",\"ok\":true}'; sleep 60"),
                    "gave a line that is no answer: field 'q' is a string, expected a number");
    expect_recovery(ONCE("read -r l; echo '{\"q\":1,\"ok\":1}'; sleep 60"),
                    "gave a line that is no answer: field 'ok' is a number");
    expect_recovery(ONCE("read -r l; echo '{\"q\":1}'; sleep 60"),
                    "gave an answer with neither 'ok' nor 'error'");
    expect_recovery(ONCE("read -r l; echo '{\"q\":1,\"ok\":null}'; sleep 60"),
                    "gave an answer with neither 'ok' nor 'error'");
}

static void test_wrong_numbers(void **state)
{
    (void)state;
    static const char *const numbers[] = {
        "0", "77", "257", "1.0", "1e0", "-1", "100000000000000000000000"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char command[1000], trouble[100];
        snprintf(command, sizeof command,
                 ONCE("read -r l; echo '{\"q\":%s,\"ok\":true}'; sleep 60"), numbers[i]);
        snprintf(trouble, sizeof trouble, "answered question %s, which it was not asked",
                 numbers[i]);
        expect_recovery(command, trouble);
    }
    /* Twice the same, and one that another question has not reached yet. */
    expect_recovery(ONCE("read -r l; echo '{\"q\":1,\"ok\":false}'; echo '{\"q\":1,\"ok\":false}'; "
                         "sleep 60"),
                    "answered question 1, which it was not asked");
    expect_recovery(ONCE("echo '{\"q\":9,\"ok\":false}'; sleep 60"), "answered question 9, which");
}

static void test_hang(void **state)
{
    (void)state;
    expect_recovery_in(1500, ONCE("sleep 60"), "gave no answer for 1500 ms");
}

static void test_deaths(void **state)
{
    (void)state;
    expect_recovery(ONCE("exit 3"), "exited with status 3");
    expect_recovery(ONCE("read -r l; kill -15 $$"), "was killed by signal 15");
    expect_recovery(ONCE("read -r l; read -r l; exit 0"), "exited with status 0");
    expect_recovery(ONCE("exec >&-; sleep 60"), "closed its output");
    expect_recovery(ONCE("read -r l; sleep 60 & exit 4"), "exited with status 4");
}

/* The process stops reading; what it said before still counts. */
static void test_closed_input(void **state)
{
    (void)state;
    expect_recovery(
        ONCE("read -r l; " Q "exec <&-; sleep 0.3; echo '{\"q\":'$q',\"ok\":false}'; sleep 60"),
        "");
}

static void test_giant_answer(void **state)
{
    (void)state;
    expect_recovery(ONCE("read -r l; head -c 3000000 /dev/zero | tr '\\0' x; sleep 60"),
                    "gave an answer of more than 1048576 bytes");
    expect_recovery(ONCE("read -r l; printf '{\"q\":1,\"ok\":true,\"x\":\"'; "
                         "head -c 1048560 /dev/zero | tr '\\0' x; echo '\"}'; sleep 60"),
                    "gave an answer of more than 1048576 bytes");
}

/* A process that answers one question a life is not a broken one. */
static void test_one_answer_a_life(void **state)
{
    (void)state;
    struct pref_oracle_config c = config("read -r l; " Q SAY_OK);
    c.retries = 1;
    expect_all(c, 20, PREF_ANSWER_YES);
    end();
}

static void test_dies_always(void **state)
{
    (void)state;
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    struct pref_oracle_config c = config("echo x >>\"$D/lives\"; exit 3");
    c.window = 1000;
    expect_all(c, MANY, PREF_ANSWER_NONE);
    assert_string_equal(pref_oracle_trouble(oracle), "exited with status 3");
    end();
    clock_gettime(CLOCK_MONOTONIC, &to);
    assert_true(to.tv_sec - from.tv_sec < 30);
    /* It neither spun nor gave up at once. */
    assert_int_equal(system("n=$(wc -l <\"$D/lives\"); test $n -ge 3 -a $n -le 12"), 0);
}

static void test_no_retries(void **state)
{
    (void)state;
    struct pref_oracle_config c = config("echo x >>\"$D/lives\"; read -r l; exit 3");
    c.retries = 0;
    expect_all(c, 8, PREF_ANSWER_NONE);
    end();
    assert_int_equal(system("test $(wc -l <\"$D/lives\") = 1"), 0);
}

/* One question kills whoever reads it: it alone goes without an answer. */
static void test_poison(void **state)
{
    (void)state;
    static const char *const commands[] = {
        "while read -r l; do case $l in *:7}*) exit 9;; esac; " Q SAY_OK "; done",
        "while read -r l; do case $l in *:7}*) echo boo;; *) " Q SAY_OK ";; esac; done",
        "while read -r l; do case $l in *:7}*) sleep 60;; esac; " Q SAY_OK "; done"};
    for (size_t k = 0; k < 3; k++) {
        struct pref_oracle_config c = config(commands[k]);
        c.retries = 1;
        c.timeout_ms = k == 2 ? 1500 : 60000;
        begin(c);
        for (size_t i = 0; i < 40; i++)
            ask(i, NULL);
        assert_int_equal(finish(), 0);
        for (size_t i = 0; i < 40; i++)
            assert_int_equal(answers[i], i == 7 ? PREF_ANSWER_NONE : PREF_ANSWER_YES);
        end();
    }
}

static void test_error_answers(void **state)
{
    (void)state;
    /* Each question gets an error twice, then its answer. */
    expect_all(config("while read -r l; do " Q "if mkdir \"$D/$q.a\" 2>/dev/null || "
                      "mkdir \"$D/$q.b\" 2>/dev/null; then echo '{\"q\":'$q',\"error\":\"busy\"}'; "
                      "else " SAY_OK "; fi; done"),
               10, PREF_ANSWER_YES);
    assert_string_equal(pref_oracle_trouble(oracle), "answered with the error \"busy\"");
    end();
    assert_int_equal(system("rmdir \"$D\"/*"), 0);
    expect_all(config("echo x >>\"$D/lives\"; while read -r l; do " Q
                      "echo '{\"q\":'$q',\"error\":\"no\"}'; done"),
               10, PREF_ANSWER_NONE);
    end();
    assert_int_equal(system("test $(wc -l <\"$D/lives\") = 1"), 0);
}

/* Both directions are full at once: large questions, large answers, in flight together. */
static void test_no_deadlock(void **state)
{
    (void)state;
    enum { LARGE = 400000 };
    char *record = malloc(LARGE + 10);
    assert_non_null(record);
    strcpy(record, "{\"x\":\"");
    memset(record + 6, 'y', LARGE);
    strcpy(record + 6 + LARGE, "\"}");
    struct pref_oracle_config c =
        config("head -c 700000 /dev/zero | tr '\\0' z >\"$D/z\"; "
               "n=0; while [ $n -lt 12 ]; do n=$((n + 1)); printf '{\"x\":\"'; cat \"$D/z\"; "
               "printf '\",\"q\":'$n',\"ok\":true}\\n'; sed -n 1q; done");
    /* sed may take more than a line of the input, which does not matter to this one. */
    c.window = 12;
    begin(c);
    for (size_t i = 0; i < 12; i++)
        ask(i, record);
    /* It answers what has not been written yet: that is refused, but never waited for. */
    assert_int_equal(finish(), 0);
    assert_int_equal(told_count, 12);
    end();
    free(record);
    c = config("while read -r l; do " Q
               "printf '{\"x\":\"'; head -c 300000 /dev/zero | tr '\\0' z; "
               "printf '\",\"q\":'$q',\"ok\":true}\\n'; done");
    c.window = 30;
    expect_all(c, 60, PREF_ANSWER_YES);
    end();
}

static void test_cannot_start(void **state)
{
    (void)state;
    static const char *const commands[] = {"exec 2>/dev/null; no-such-command-of-ours\n-x",
                                           "exec 2>/dev/null; /dev/null"};
    for (size_t i = 0; i < 2; i++) {
        char expected[200];
        begin(config(commands[i]));
        ask(0, NULL);
        assert_int_equal(finish(), PREF_FAIL);
        snprintf(expected, sizeof expected, "oracle command '%s' cannot be started",
                 i == 0 ? "exec 2>/dev/null; no-such-command-of-ours -x" : commands[1]);
        assert_string_equal(err.text, expected);
        assert_int_equal(told_count, 0);
        end();
    }
    /* After an answer 127 is an exit status like any other. */
    struct pref_oracle_config c = config("read -r l; " Q SAY_OK "; exit 127");
    c.window = 1;
    expect_all(c, 3, PREF_ANSWER_YES);
    end();
}

/* ---- The pump ------------------------------------------------------------------------------- */

static void test_pump_returns(void **state)
{
    (void)state;
    int wake[2], stop[2];
    assert_int_equal(pipe(wake), 0);
    assert_int_equal(pipe(stop), 0);
    struct pref_oracle_config c = config("sleep 60");
    c.stop_fd = stop[0];
    begin(c);
    /* Nothing is pending. */
    assert_int_equal(pref_oracle_pump(oracle, -1, NULL, told, folder, &err), 0);
    ask(0, NULL);
    assert_int_equal(pref_oracle_pump(oracle, 0, NULL, told, folder, &err), 0);
    assert_int_equal(pref_oracle_pump(oracle, 50, (int[]){-1, wake[0]}, told, folder, &err), 0);
    assert_int_equal(write(wake[1], "x", 1), 1);
    assert_int_equal(pref_oracle_pump(oracle, -1, (int[]){-1, wake[0]}, told, folder, &err), 0);
    assert_int_equal(pref_oracle_pump(oracle, -1, (int[]){wake[0], -1}, told, folder, &err), 0);
    assert_int_equal(write(stop[1], "x", 1), 1);
    assert_int_equal(pref_oracle_pump(oracle, -1, NULL, told, folder, &err), PREF_LATER);
    assert_int_equal(told_count, 0);
    end();
    for (int i = 0; i < 2; i++) {
        close(wake[i]);
        close(stop[i]);
    }
}

/* Descriptors 0, 1, 9 and their like may be closed in the caller, and none leaks into a process. */
static void test_descriptors(void **state)
{
    (void)state;
    if (access("/proc/self/fd", R_OK) != 0)
        skip();
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(0);
        close(1);
        close(9);
        /* Two of them write, and one may be killed at it. */
        struct pref_oracle_config c = config("ls /proc/self/fd | tr '\\n' ' ' >\"$D/fds.$$\"; "
                                             "mv \"$D/fds.$$\" \"$D/fds\"; " ONES);
        c.jobs = 2;
        begin(c);
        ask(0, NULL);
        _exit(finish() == 0 && answers[0] == PREF_ANSWER_NO ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_int_equal(system("ls /proc/self/fd | tr '\\n' ' ' | cmp -s - \"$D/fds\""), 0);
}

/* Whether the process whose number is in a file ends (to be reaped by whoever) within 10 s. */
static int gone_in_time(const char *name)
{
    char command[300];
    snprintf(command, sizeof command,
             "p=$(cat \"$D/%s\"); n=0; while kill -0 $p 2>/dev/null && "
             "! grep -q '^State:.Z' /proc/$p/status 2>/dev/null; do "
             "n=$((n + 1)); test $n -lt 100 || exit 1; sleep 0.1; done",
             name);
    return system(command) == 0;
}

#define STUBBORN "trap '' TERM; sleep 60 & echo $! >\"$D/child\"; echo $$ >\"$D/self\"; "

static void test_close_ends_the_group(void **state)
{
    (void)state;
    begin(config(STUBBORN "read -r l; " Q SAY_OK "; sleep 60"));
    ask(0, NULL);
    assert_int_equal(finish(), 0);
    ask(1, NULL); /* stays without an answer */
    end();
    assert_int_equal(told_count, 1);
    assert_true(gone_in_time("self"));
    assert_true(gone_in_time("child"));
}

static void test_ends_with_us(void **state)
{
    (void)state;
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        begin(config(STUBBORN "while read -r l; do " Q SAY_OK "; done; sleep 60"));
        ask(0, NULL);
        int status = finish();
        kill(getpid(), status == 0 ? SIGKILL : SIGABRT);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_true(exists("self") && exists("child"));
    assert_true(gone_in_time("self"));
    assert_true(gone_in_time("child"));
}

/* A group of its own, and SIGPIPE not ignored: `yes` is ended by it. */
static void test_environment_of_a_process(void **state)
{
    (void)state;
    begin(config("read -r l; " Q "{ yes; echo $? >\"$D/status\"; } | head -n 1 >/dev/null; "
                 "test $(ps -o pgid= -p $$ 2>/dev/null || echo $$) = $$ && "
                 "test $(cat \"$D/status\") = 141 && " SAY_OK));
    ask(0, NULL);
    assert_int_equal(finish(), 0);
    assert_int_equal(answers[0], PREF_ANSWER_YES);
    end();
}

#define CASE(test) cmocka_unit_test_setup(test, clean)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_answers),
        CASE(test_request),
        CASE(test_repeat),
        CASE(test_cache),
        CASE(test_out_of_order),
        CASE(test_other_members_and_blanks),
        CASE(test_many_jobs),
        CASE(test_nonsense),
        CASE(test_wrong_numbers),
        CASE(test_hang),
        CASE(test_deaths),
        CASE(test_closed_input),
        CASE(test_giant_answer),
        CASE(test_one_answer_a_life),
        CASE(test_dies_always),
        CASE(test_no_retries),
        CASE(test_poison),
        CASE(test_error_answers),
        CASE(test_no_deadlock),
        CASE(test_cannot_start),
        CASE(test_pump_returns),
        CASE(test_descriptors),
        CASE(test_close_ends_the_group),
        CASE(test_ends_with_us),
        CASE(test_environment_of_a_process),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
