/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an oracle may say: any bytes, from a process that was asked questions 1 to 8. Each of them
 * may be settled once, nothing else may happen, and the reading ends. The first byte says where
 * the answers are cut, so that lines reach the reader in pieces.
 */
#include "config.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/oracle/state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    QUESTIONS = 8,
    BYTES_MAX = 60000, /* what a pipe takes at once */
    NO_PROCESS = 0x7ffffff0
};

static const struct pref_oracle_config config = {
    .command = "exec cat >/dev/null", .jobs = 1, .retries = 1, .window = 8, .stop_fd = -1};
static int settled[QUESTIONS];

static void require(int condition)
{
    if (!condition)
        abort();
}

static void told(void *user, void *tag, enum pref_answer answer, unsigned asked)
{
    (void)user;
    (void)asked;
    int *at = tag;
    require(at >= settled && at < settled + QUESTIONS);
    require(*at == 0 && answer <= PREF_ANSWER_NONE);
    *at = 1;
}

/* Ask afresh, and make as if all had been written to the job. */
static void ask_all(struct pref_oracle *oracle, struct oracle_job *job)
{
    struct oracle_question *question;
    memset(settled, 0, sizeof settled);
    oracle->next_q = 0;
    for (int i = 0; i < QUESTIONS; i++)
        require(pref_oracle_ask(oracle, pref_span_of("{}"), &settled[i], NULL) == 0);
    while ((question = oracle->waiting.first) != NULL) {
        oracle_list_remove(&oracle->waiting, question);
        oracle_list_append(&job->flight, question);
        question->job = job;
        question->sent = 1;
        job->flying++;
    }
}

/* Have the job read `size` bytes. */
static void say(struct pref_oracle *oracle, struct oracle_job *job, int fd, const uint8_t *bytes,
                size_t size)
{
    require(write(fd, bytes, size) == (ssize_t)size);
    if (job->state == JOB_RUNNING)
        require(oracle_job_read(oracle, job, NULL) == 0);
}

static void forget(struct pref_oracle *oracle, struct oracle_list *list)
{
    struct oracle_question *question;
    while ((question = list->first) != NULL) {
        oracle_list_remove(list, question);
        question->tries = config.retries;
        oracle_charge(oracle, question, NULL); /* no answer, and no retries left */
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct pref_oracle *oracle; /* for all inputs, since opening starts a process */
    struct oracle_job job = {.state = JOB_RUNNING, .pid = NO_PROCESS, .in = -1, .life = -1};
    int ends[2];
    if (size == 0 || size > BYTES_MAX)
        return 0;
    if (oracle == NULL)
        require(pref_oracle_open(&oracle, &config, NULL) == 0);
    oracle->told = told;
    require(pipe(ends) == 0);
    job.out = dup(ends[0]); /* ends[0] keeps the pipe alive when the job closes its own */
    require(job.out >= 0 && fcntl(job.out, F_SETFL, O_NONBLOCK) == 0);
    ask_all(oracle, &job);
    size_t cut = 1 + (size - 1) * data[0] / 256;
    say(oracle, &job, ends[1], data + 1, cut - 1);
    say(oracle, &job, ends[1], data + cut, size - cut);
    close(ends[0]);
    close(ends[1]);
    if (job.out >= 0)
        close(job.out);
    forget(oracle, &job.flight);
    forget(oracle, &oracle->waiting);
    for (int i = 0; i < QUESTIONS; i++)
        require(settled[i] == 1);
    require(oracle->pending == 0);
    free(job.block);
    return 0;
}
