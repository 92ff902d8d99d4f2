/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* F_SETPIPE_SZ */
#endif
#include "config.h"

#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum {
    WATCH_FD = 9,  /* the watcher's, in the shell: one digit, as every shell can say it */
    FIRST_FD = 10, /* our ends of pipes, clear of those that the shell is given */
    PIPE_BYTES = 1 << 18,
    GRACE_MS = 1000, /* for a process to end by itself */
    CLOSE_MS = 1000,
    PAUSE_MS = 10, /* before the second start; doubled each time */
    PAUSE_MAX_MS = 1000,
    MISSES_PER_JOB = 4 /* fruitless lives after which all questions are charged */
};

/*
 * The watcher waits for the end of a pipe whose other end only we hold, and which the system
 * closes if we are killed: then it kills the group. It also keeps the group's number in use until
 * we have killed the group ourselves. `kill` and `read` are the shell's own.
 */
static const char script[] =
    "{ read -r x <&9; kill -9 0; } </dev/null >/dev/null 2>&1 & exec 9<&-; eval \"$1\"";

/* A pipe whose ends are closed at exec and lie above what the shell is given. */
static int make_pipe(int ends[2])
{
    int low[2];
    if (pipe(low) != 0)
        return -1;
    ends[0] = fcntl(low[0], F_DUPFD_CLOEXEC, FIRST_FD);
    ends[1] = ends[0] < 0 ? -1 : fcntl(low[1], F_DUPFD_CLOEXEC, FIRST_FD);
    int number = errno;
    close(low[0]);
    close(low[1]);
    if (ends[1] >= 0)
        return 0;
    if (ends[0] >= 0)
        close(ends[0]);
    ends[0] = -1;
    errno = number;
    return -1;
}

static void close_end(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* Our end does not block; the process's does, as programs expect. */
static int prepare(int fd)
{
#ifdef F_SETPIPE_SZ
    fcntl(fd, F_SETPIPE_SZ, PIPE_BYTES); /* fewer switches between the two; may be refused */
#endif
    int flags = fcntl(fd, F_GETFL);
    return flags < 0 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

/* Spawn the shell with the far ends of the three pipes. Returns an errno value. */
static int spawn(pid_t *pid, char *command, int in, int out, int life)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t set;
    char *const argv[] = {(char[]){"sh"}, (char[]){"-c"}, (char *)(uintptr_t)script,
                          (char[]){"sh"}, command,        NULL};
    int number = posix_spawn_file_actions_init(&actions);
    if (number != 0)
        return number;
    number = posix_spawnattr_init(&attr);
    if (number != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return number;
    }
    number = posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    if (number == 0)
        number = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    if (number == 0)
        number = posix_spawn_file_actions_adddup2(&actions, life, WATCH_FD);
    posix_spawnattr_setpgroup(&attr, 0);
    sigemptyset(&set);
    posix_spawnattr_setsigmask(&attr, &set);
    sigaddset(&set, SIGPIPE);
    sigaddset(&set, SIGXFSZ);
    posix_spawnattr_setsigdefault(&attr, &set);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                        POSIX_SPAWN_SETSIGDEF);
    if (number == 0)
        number = posix_spawn(pid, "/bin/sh", &actions, &attr, argv, environ);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    return number;
}

/* Pipes and a process: 0 or an errno value. */
static int launch(struct pref_oracle *oracle, struct oracle_job *job)
{
    int in[2] = {-1, -1}, out[2] = {-1, -1}, life[2] = {-1, -1};
    int number = 0;
    if (make_pipe(in) != 0 || make_pipe(out) != 0 || make_pipe(life) != 0 || prepare(in[1]) != 0 ||
        prepare(out[0]) != 0)
        number = errno;
    if (number == 0)
        number = spawn(&job->pid, oracle->command, in[0], out[1], life[0]);
    close_end(&in[0]);
    close_end(&out[1]);
    close_end(&life[0]);
    if (number != 0) {
        close_end(&in[1]);
        close_end(&out[0]);
        close_end(&life[1]);
        return number;
    }
    job->in = in[1];
    job->out = out[0];
    job->life = life[1];
    return 0;
}

/* All waiting questions have failed. */
static void charge_all(struct pref_oracle *oracle)
{
    struct oracle_list lists[2] = {oracle->alone, oracle->waiting};
    oracle->alone = oracle->waiting = (struct oracle_list){NULL, NULL};
    for (int i = 0; i < 2; i++) {
        struct oracle_question *question;
        while ((question = lists[i].first) != NULL) {
            oracle_list_remove(&lists[i], question);
            oracle_charge(oracle, question, &oracle->waiting);
        }
    }
}

/* The questions that a dead process had. Those it was asked are charged, unless it may go; the
 * others wait on, in their order. */
static void release_flight(struct pref_oracle *oracle, struct oracle_job *job, int may_go)
{
    struct oracle_list flight = job->flight,
                       *again = job->alone ? &oracle->alone : &oracle->waiting;
    struct oracle_question *question;
    job->flight = (struct oracle_list){NULL, NULL};
    if (job->offset > 0)
        job->unsent->sent = 1;
    job->unsent = NULL;
    job->offset = job->flying = 0;
    job->alone = 0;
    while ((question = flight.last) != NULL && (may_go || !question->sent)) {
        oracle_list_remove(&flight, question);
        question->job = NULL;
        oracle_list_prepend(again, question);
    }
    while ((question = flight.first) != NULL) {
        oracle_list_remove(&flight, question);
        question->job = NULL;
        oracle_charge(oracle, question, &oracle->alone);
    }
}

/* A life is over: how long until the next, and what becomes of the questions. */
static void end_life(struct pref_oracle *oracle, struct oracle_job *job, int may_go)
{
    oracle->misses = job->answers > 0 ? 0 : oracle->misses + 1;
    int64_t pause = 0;
    if (oracle->misses > 0)
        pause = oracle->misses > 7 ? PAUSE_MAX_MS : PAUSE_MS << (oracle->misses - 1);
    job->state = JOB_DOWN;
    job->start_at = oracle_now() + pause;
    release_flight(oracle, job, may_go);
    if (oracle->misses >= (uint64_t)MISSES_PER_JOB * oracle->config.jobs)
        charge_all(oracle);
}

int oracle_job_start(struct pref_oracle *oracle, struct oracle_job *job, struct pref_err *err)
{
    job->answers = 0;
    job->last_answer = 0;
    job->kill_at = 0;
    job->held = 0;
    int number = launch(oracle, job);
    if (number == 0) {
        job->state = JOB_RUNNING;
        return 0;
    }
    pref_fail_errno(&oracle->trouble, number, "could not be started");
    end_life(oracle, job, 0);
    return pref_fail_errno(err, number, "oracle: no process can be started");
}

void oracle_job_ended(struct oracle_job *job)
{
    close_end(&job->in);
    close_end(&job->out);
    job->state = JOB_ENDING;
    job->kill_at = oracle_now() + GRACE_MS;
}

void oracle_job_look(struct oracle_job *job)
{
    siginfo_t info = {.si_pid = 0};
    if (waitid(P_PID, (id_t)job->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0)
        oracle_job_ended(job);
}

void oracle_job_kill(struct oracle_job *job)
{
    oracle_job_ended(job);
    kill(-job->pid, SIGKILL);
    job->kill_at = 0;
}

static void note_exit(struct pref_oracle *oracle, int status)
{
    if (WIFEXITED(status))
        pref_fail(&oracle->trouble, "exited with status %d", WEXITSTATUS(status));
    else if (WIFSIGNALED(status))
        pref_fail(&oracle->trouble, "was killed by signal %d", WTERMSIG(status));
}

/* The command for a message: short, and on one line. */
static int fail_command(const struct pref_oracle *oracle, struct pref_err *err)
{
    char text[200];
    size_t n = 0;
    for (const char *p = oracle->command; *p != '\0' && n < sizeof text - 1; p++)
        text[n++] = (unsigned char)*p < ' ' ? ' ' : *p;
    text[n] = '\0';
    return pref_fail(err, "oracle command '%s' cannot be started", text);
}

int oracle_job_reap(struct pref_oracle *oracle, struct oracle_job *job, struct pref_err *err)
{
    int status = 0, killed = job->kill_at == 0;
    pid_t found = waitpid(job->pid, &status, WNOHANG);
    if (found == 0 || (found < 0 && errno == EINTR)) {
        if (!killed && oracle_now() >= job->kill_at)
            oracle_job_kill(job);
        return 0;
    }
    kill(-job->pid, SIGKILL); /* the watcher, and whatever else is left */
    close_end(&job->life);
    if (found > 0 && !killed)
        note_exit(oracle, status);
    int missing = found > 0 && WIFEXITED(status) &&
                  (WEXITSTATUS(status) == 126 || WEXITSTATUS(status) == 127);
    if (missing && !oracle->proven) {
        job->state = JOB_DOWN;
        return fail_command(oracle, err);
    }
    /* One that answers a while and then ends with 0 has done nothing wrong. */
    int done = found > 0 && !killed && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    end_life(oracle, job, done && job->answers > 0);
    return 0;
}

/* Throw away what a process still writes, so that it is not held up in ending. */
static void drain(struct oracle_job *job)
{
    char bytes[4096];
    for (int i = 0; i < 64 && job->out >= 0; i++)
        if (read(job->out, bytes, sizeof bytes) <= 0)
            return;
}

void oracle_jobs_close(struct pref_oracle *oracle)
{
    int64_t end = oracle_now() + CLOSE_MS;
    for (unsigned i = 0; i < oracle->config.jobs; i++)
        close_end(&oracle->jobs[i].in);
    for (unsigned left = 1; left > 0;) {
        int late = oracle_now() >= end;
        left = 0;
        for (unsigned i = 0; i < oracle->config.jobs; i++) {
            struct oracle_job *job = &oracle->jobs[i];
            if (job->state == JOB_DOWN)
                continue;
            drain(job);
            if (late)
                kill(-job->pid, SIGKILL);
            pid_t found = waitpid(job->pid, NULL, late ? 0 : WNOHANG);
            if (found == 0 || (found < 0 && errno == EINTR)) {
                left++;
                continue;
            }
            kill(-job->pid, SIGKILL);
            close_end(&job->out);
            close_end(&job->life);
            job->state = JOB_DOWN;
        }
        if (left > 0 && !late)
            poll(NULL, 0, 2);
    }
}
