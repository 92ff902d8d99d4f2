/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oracle.h - questions to co-processes, pref-oracle(7): one request a line
 * {"q":7,"record":{...}}, one answer a line {"q":7,"ok":true}, in any order.
 *
 * A question can be asked several times, of which the majority counts, and answers can be kept in a
 * file, where they are found before anybody is asked. To whoever asks, this changes nothing.
 *
 * One pump serves any number of processes and questions in flight without threads: the engine
 * calls pref_oracle_pump whenever it has nothing better to do. "No answer" is a verdict of its own
 * and never "no". Used by the engine alone; not thread-safe (one thread at a time, which may be
 * another each time). SIGPIPE must be ignored by the program. Clocks decide when a process is given
 * up, never what an answer is.
 */
#ifndef PREF_ORACLE_H
#define PREF_ORACLE_H

#include "base.h"

#define PREF_ORACLE_LINE_MAX ((size_t)1 << 20) /* bytes of one answer */

struct pref_oracle;

enum pref_answer {
    PREF_ANSWER_NO = 0,
    PREF_ANSWER_YES = 1,
    PREF_ANSWER_NONE = 2 /* retries used up: the oracle stayed away */
};

struct pref_oracle_config {
    const char *command; /* run by /bin/sh, in a process group of its own; copied */
    unsigned jobs;       /* processes, from 1 */
    unsigned timeout_ms; /* for one answer: from the moment its question was written or, if that is
                          * later, the process last answered. 0: no end */
    unsigned retries;    /* times a question is asked again after an error, a death or a time-out */
    unsigned window;     /* questions in flight at a process at most, from 1 */
    unsigned repeat;     /* odd: a question's answer is the majority of so many, one asked after the
                          * other as long as they do not decide. Over 1, a request tells which
                          * it is: {"q":7,"record":{...},"repeat":2} */
    const char *cache;   /* a file of answers (answers.h), or NULL; a process is then started
                          * when a question needs one */
    const char *salt;    /* tells the answers of one command from its older ones; NULL: "" */
    int stop_fd;         /* readable once the run must end; -1: none */
};

/* Told about each question that is settled; called from within pref_oracle_pump. It may ask new
 * questions (pref_oracle_ask) but not pump. `asked` is how many answers that took (1 without
 * `repeat`), be they given or kept. */
typedef void pref_oracle_told(void *user, void *tag, enum pref_answer answer, unsigned asked);

/* Read the cache and start the processes. They end with the caller, however that ends: each has a
 * watcher in its group, which kills the group once the caller is gone. PREF_FAIL where no process
 * can be started; a command that /bin/sh cannot start (its exit status is 126 or 127 before any
 * answer ever came) shows in pref_oracle_pump. */
int pref_oracle_open(struct pref_oracle **oracle, const struct pref_oracle_config *config,
                     struct pref_err *err);

/* End the processes: close their input, wait a moment, then kill their groups. Reaps them, and
 * forgets the questions that are not settled. NULL is allowed. */
void pref_oracle_close(struct pref_oracle *oracle);

/* Queue a question about `record` (a JSON object on one line; copied). `tag` comes back with the
 * answer. One that is asked from within told goes before those that wait: what was begun is brought
 * to its end before more is begun. Fails only when memory ran out. */
int pref_oracle_ask(struct pref_oracle *oracle, struct pref_span record, void *tag,
                    struct pref_err *err);

/* Questions queued or in flight. */
size_t pref_oracle_pending(const struct pref_oracle *oracle);

/* Whether a question was settled, ever, that the cache did not answer: that the command can be
 * started is then known, or that it stays away. */
int pref_oracle_heard(const struct pref_oracle *oracle);

/* Bring the answers kept to the disk; at the end of a run that went well. */
int pref_oracle_flush(struct pref_oracle *oracle, struct pref_err *err);

/* Write questions, read answers, restart the dead, notice time-outs: until at least one question
 * was settled, one of `wake_fd[0..1]` (-1: none) is readable, or `wait_ms` milliseconds are over
 * (-1: no end). With nothing pending it returns at once.
 *
 * A line that is no answer (bad JSON, no q and ok, a q that is not in flight at that process, more
 * than PREF_ORACLE_LINE_MAX bytes), a death and a time-out cost every question in flight at that
 * process one of its retries. The process is killed and started again, and each of those questions
 * is asked alone, so that one question that kills costs its neighbours no more than that. A process
 * that ends with status 0 after some answers costs nothing: it is started again. Processes that
 * die without an answer again and again are started ever more slowly, and then every question that
 * waits is charged.
 *
 * PREF_FAIL when the command cannot be started, or an answer cannot be kept; PREF_LATER when
 * stop_fd became readable. */
int pref_oracle_pump(struct pref_oracle *oracle, int wait_ms, const int wake_fd[2],
                     pref_oracle_told *told, void *user, struct pref_err *err);

/* What went wrong last with a process or an answer ("exited with status 3"), or NULL if nothing
 * ever did: for the message of a run that was left without answers. Lives until the next pump. */
const char *pref_oracle_trouble(const struct pref_oracle *oracle);

#endif
