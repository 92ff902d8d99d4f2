/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oracle.h - questions to co-processes, pref-oracle(7): one request a line
 * {"q":7,"record":{...}}, one answer a line {"q":7,"ok":true}, in any order.
 *
 * One pump serves any number of processes and questions in flight without threads: the engine
 * calls pref_oracle_pump whenever it has nothing better to do. "No answer" is a verdict of its own
 * and never "no". Used by the engine alone; not thread-safe (one thread at a time).
 */
#ifndef PREF_ORACLE_H
#define PREF_ORACLE_H

#include "base.h"

struct pref_oracle;

enum pref_answer {
    PREF_ANSWER_NO = 0,
    PREF_ANSWER_YES = 1,
    PREF_ANSWER_NONE = 2 /* retries used up: the oracle stayed away */
};

struct pref_oracle_config {
    const char *command; /* run by /bin/sh -c, in a process group of its own */
    unsigned jobs;       /* processes, from 1 */
    unsigned timeout_ms; /* for one answer, from the moment the question was written */
    unsigned retries;    /* times a question is asked again after an error, a death or a time-out */
    unsigned window;     /* questions in flight at a process at most */
    int stop_fd;         /* readable once the run must end; -1: none */
};

/* Told about each question that is settled; called from within pref_oracle_pump. It may ask new
 * questions (pref_oracle_ask) but not pump. */
typedef void pref_oracle_told(void *user, void *tag, enum pref_answer answer);

/* Start the processes. A command that cannot be started is PREF_FAIL (exit status 126 or 127 of
 * the shell before any answer counts as that, and shows in pref_oracle_pump). */
int pref_oracle_open(struct pref_oracle **oracle, const struct pref_oracle_config *config,
                     struct pref_err *err);

/* End the processes: close their input, wait a moment, then kill their groups. Reaps them. */
void pref_oracle_close(struct pref_oracle *oracle);

/* Queue a question about `record` (a JSON object on one line; copied). `tag` comes back with the
 * answer. Fails only when memory ran out. */
int pref_oracle_ask(struct pref_oracle *oracle, struct pref_span record, void *tag,
                    struct pref_err *err);

/* Questions queued or in flight. */
size_t pref_oracle_pending(const struct pref_oracle *oracle);

/* Write questions, read answers, restart the dead, notice time-outs, for at most `wait_ms`
 * milliseconds (-1: until something happened), or until one of `wake_fd[0..1]` (-1: none) becomes
 * readable, or at least one question was settled. A line that is no answer (bad JSON, unknown or
 * settled q) is an error of that process: it is killed and restarted, its questions asked again.
 * PREF_FAIL when the command cannot be started at all; PREF_LATER when stop_fd became readable. */
int pref_oracle_pump(struct pref_oracle *oracle, int wait_ms, const int wake_fd[2],
                     pref_oracle_told *told, void *user, struct pref_err *err);

#endif
