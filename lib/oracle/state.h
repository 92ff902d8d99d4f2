/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state.h - what the files of the oracle share. Private to them.
 *
 *   oracle.c          the public functions: opening, the loop, who is asked next
 *   question.c from a question to its answer, through repeats and the cache
 *   life.c     how a co-process begins and ends
 *   talk.c     what is written to it and read from it
 *
 * A question is pending from ask to settle. It stands in one list: `known` (the cache has answered
 * it), `waiting`, `alone` (it was in flight when a process failed), or in flight at a job.
 */
#ifndef PREF_ORACLE_STATE_H
#define PREF_ORACLE_STATE_H

#include "answers.h"
#include "pref/oracle.h"
#include "pref/scan.h"

#include <poll.h>
#include <sys/types.h>

struct oracle_question {
    uint64_t q;
    void *tag;
    struct oracle_question *before, *after; /* in its list */
    struct oracle_job *job;                 /* at which it is in flight, or NULL */
    int64_t since;                          /* when it was given to the job, or written */
    unsigned tries;                         /* retries used */
    unsigned yes, no;                       /* answers so far */
    int sent;                               /* its last byte is written */
    struct pref_h128 key;                   /* of the answer that is asked for, with a cache */
    size_t record_len;
    size_t start, len; /* of the request in text, with its LF */
    char text[];       /* room for what stands before the record, the record, and what follows */
};

struct oracle_list {
    struct oracle_question *first, *last;
};

enum oracle_job_state {
    JOB_DOWN, /* no process; to be started when start_at is reached and something waits */
    JOB_RUNNING,
    JOB_ENDING /* its end is near: reaped when it has come, killed at kill_at */
};

struct oracle_job {
    enum oracle_job_state state;
    pid_t pid;
    int in, out, life;         /* ends of pipes: its input, its output, its watcher's; or -1 */
    int64_t start_at, kill_at; /* kill_at: 0 if not set */
    struct oracle_list flight; /* in the order of writing */
    size_t flying;
    struct oracle_question *unsent; /* the first in flight that is not written whole */
    size_t offset;                  /* bytes of it that are */
    int alone;                      /* the question in flight is to be alone */
    int64_t last_answer;            /* when it came, in this life */
    uint64_t answers;               /* in this life */
    char *block;                    /* what was read; PREF_PAD bytes follow it */
    size_t cap, held;
};

struct pref_oracle {
    struct pref_oracle_config config;
    char *command;
    struct oracle_job *jobs;
    struct pollfd *polls;
    struct oracle_list known, waiting, alone;
    struct oracle_question **slots; /* pending questions, but those known: q is at q & mask */
    uint64_t mask, next_q;
    size_t pending;
    uint64_t misses; /* lives that have ended without any answer, one after the other */
    int proven;      /* an answer has come, ever */
    int heard;       /* a question was settled, ever, that the cache did not answer */
    struct pref_answers *answers; /* NULL: none are kept */
    int broken;                   /* the status of an answer that could not be kept, or 0 */
    struct pref_err broken_err;
    struct pref_shape *shape;
    struct pref_scanner *scanner;
    pref_place place_q, place_ok, place_error;
    struct pref_err trouble;
    pref_oracle_told *told; /* of the pump that runs */
    void *user;
    int telling;    /* inside told */
    size_t settled; /* in the pump that runs */
};

int64_t oracle_now(void); /* milliseconds of a clock that never goes back */

void oracle_list_append(struct oracle_list *list, struct oracle_question *question);
void oracle_list_prepend(struct oracle_list *list, struct oracle_question *question);
void oracle_list_remove(struct oracle_list *list, struct oracle_question *question);

/* ---- question.c ----------------------------------------------------------------------- */

/* Make room for one more pending question: 0, or -1 out of memory. */
int oracle_make_slot(struct pref_oracle *oracle);

/* A question that is in no list has an answer: it is settled, or asked again where more of them
 * are to decide. */
void oracle_answered(struct pref_oracle *oracle, struct oracle_question *question, int ok);

/* A question that is in no list has failed: it is put into `list` again, or settled without an
 * answer. */
void oracle_charge(struct pref_oracle *oracle, struct oracle_question *question,
                   struct oracle_list *list);

/* Settle the questions that the cache has answered; a good many, but not without end. */
void oracle_tell_known(struct pref_oracle *oracle);

/* ---- life.c --------------------------------------------------------------------------- */

/* Start a process. On failure the job is down as after a fruitless life. */
int oracle_job_start(struct pref_oracle *oracle, struct oracle_job *job, struct pref_err *err);

/* It closed its output: it has a moment to end by itself. */
void oracle_job_ended(struct oracle_job *job);

/* It is silent: see whether it has ended and only its output is still open. */
void oracle_job_look(struct oracle_job *job);

/* It broke the rules, as oracle->trouble says: kill it. */
void oracle_job_kill(struct oracle_job *job);

/* Reap an ending job if its end has come, and deal with the questions it had. PREF_FAIL if the
 * command cannot be started. */
int oracle_job_reap(struct pref_oracle *oracle, struct oracle_job *job, struct pref_err *err);

/* Close the input of all, wait a moment, kill. Tells nobody. */
void oracle_jobs_close(struct pref_oracle *oracle);

/* ---- talk.c --------------------------------------------------------------------------- */

/* Write what the process takes without blocking. */
void oracle_job_write(struct pref_oracle *oracle, struct oracle_job *job);

/* Read what there is without blocking, and settle what is answered. PREF_FAIL out of memory. */
int oracle_job_read(struct pref_oracle *oracle, struct oracle_job *job, struct pref_err *err);

#endif
