/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    REAP_MS = 2,   /* how often an ending process is looked at */
    LOOK_MS = 1000 /* and one that is silent: its output may be held open by others */
};

int64_t oracle_now(void)
{
    struct timespec now = {0, 0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- Lists ----------------------------------------------------------------------------------- */

void oracle_list_append(struct oracle_list *list, struct oracle_question *question)
{
    question->before = list->last;
    question->after = NULL;
    if (list->last != NULL)
        list->last->after = question;
    else
        list->first = question;
    list->last = question;
}

void oracle_list_prepend(struct oracle_list *list, struct oracle_question *question)
{
    question->before = NULL;
    question->after = list->first;
    if (list->first != NULL)
        list->first->before = question;
    else
        list->last = question;
    list->first = question;
}

void oracle_list_remove(struct oracle_list *list, struct oracle_question *question)
{
    if (question->before != NULL)
        question->before->after = question->after;
    else
        list->first = question->after;
    if (question->after != NULL)
        question->after->before = question->before;
    else
        list->last = question->before;
}

/* ---- What is known to others ----------------------------------------------------------------- */

size_t pref_oracle_pending(const struct pref_oracle *oracle)
{
    return oracle->pending;
}

const char *pref_oracle_trouble(const struct pref_oracle *oracle)
{
    return oracle->trouble.text[0] == '\0' ? NULL : oracle->trouble.text;
}

int pref_oracle_heard(const struct pref_oracle *oracle)
{
    return oracle->heard;
}

int pref_oracle_flush(struct pref_oracle *oracle, struct pref_err *err)
{
    return oracle->answers == NULL ? PREF_OK : pref_answers_flush(oracle->answers, err);
}

/* ---- Who is asked next ---------------------------------------------------------------------- */

static void give(struct oracle_job *job, struct oracle_list *from, int64_t now)
{
    struct oracle_question *question = from->first;
    oracle_list_remove(from, question);
    oracle_list_append(&job->flight, question);
    question->job = job;
    question->sent = 0;
    question->since = now;
    if (job->unsent == NULL)
        job->unsent = question;
    job->flying++;
}

/* The running job that has the fewest questions, and fewer than `limit`, or NULL. */
static struct oracle_job *least_busy(struct pref_oracle *oracle, size_t limit)
{
    struct oracle_job *best = NULL;
    for (unsigned i = 0; i < oracle->config.jobs; i++) {
        struct oracle_job *job = &oracle->jobs[i];
        if (job->state != JOB_RUNNING || job->in < 0 || job->alone || job->flying >= limit)
            continue;
        if (best == NULL || job->flying < best->flying)
            best = job;
    }
    return best;
}

/* Questions that were there when a process failed come first, each to an idle process; while there
 * are such, the others are not given anything else and become idle. */
static void distribute(struct pref_oracle *oracle, int64_t now)
{
    struct oracle_job *job;
    while (oracle->alone.first != NULL) {
        job = least_busy(oracle, 1);
        if (job == NULL)
            return;
        give(job, &oracle->alone, now);
        job->alone = 1;
    }
    while (oracle->waiting.first != NULL) {
        job = least_busy(oracle, oracle->config.window);
        if (job == NULL)
            return;
        give(job, &oracle->waiting, now);
    }
}

/* ---- The loop ------------------------------------------------------------------------------- */

/* Since when a job that has questions has been silent. */
static int64_t silent_since(const struct oracle_job *job)
{
    int64_t since = job->flight.first->since;
    return since > job->last_answer ? since : job->last_answer;
}

/* When the oldest question of a job is overdue; INT64_MAX: never. */
static int64_t due(const struct pref_oracle *oracle, const struct oracle_job *job)
{
    int64_t at = INT64_MAX;
    if (job->flying > 0 && oracle->config.timeout_ms > 0)
        at = silent_since(job) + oracle->config.timeout_ms;
    /* A process that takes no questions is not waited for so long. */
    return job->kill_at != 0 && job->kill_at < at ? job->kill_at : at;
}

static int has_work(const struct pref_oracle *oracle)
{
    return oracle->waiting.first != NULL || oracle->alone.first != NULL;
}

/* Bring every job forward as far as goes without waiting. */
static int tend_jobs(struct pref_oracle *oracle, struct pref_err *err)
{
    int status = 0;
    int64_t now = oracle_now();
    oracle_tell_known(oracle);
    for (unsigned i = 0; i < oracle->config.jobs && status == 0; i++) {
        struct oracle_job *job = &oracle->jobs[i];
        if (job->state == JOB_DOWN && has_work(oracle) && now >= job->start_at)
            oracle_job_start(oracle, job, NULL); /* a failure is tried again later */
        if (job->state == JOB_RUNNING)
            status = oracle_job_read(oracle, job, err);
        if (job->state == JOB_RUNNING && now >= due(oracle, job)) {
            if (job->kill_at == 0)
                pref_fail(&oracle->trouble, "gave no answer for %u ms", oracle->config.timeout_ms);
            oracle_job_kill(job);
        }
        if (job->state == JOB_RUNNING && job->flying > 0 && now >= silent_since(job) + LOOK_MS)
            oracle_job_look(job);
        if (status == 0 && job->state == JOB_ENDING)
            status = oracle_job_reap(oracle, job, err);
    }
    distribute(oracle, now);
    for (unsigned i = 0; i < oracle->config.jobs; i++)
        if (oracle->jobs[i].state == JOB_RUNNING)
            oracle_job_write(oracle, &oracle->jobs[i]);
    if (status == 0 && oracle->broken != 0) {
        *err = oracle->broken_err;
        status = oracle->broken;
    }
    return status;
}

/* When a job next needs a look although nothing has happened. */
static int64_t next_look(const struct pref_oracle *oracle, const struct oracle_job *job,
                         int64_t now)
{
    switch (job->state) {
    case JOB_DOWN:
        return has_work(oracle) ? job->start_at : INT64_MAX;
    case JOB_ENDING:
        return now + REAP_MS;
    default: {
        int64_t at = due(oracle, job);
        return job->flying > 0 && at > now + LOOK_MS ? now + LOOK_MS : at;
    }
    }
}

/* Wait for something to happen, at most until `end`. *woken is 1 at a wake_fd. */
static int wait_for_jobs(struct pref_oracle *oracle, int64_t end, const int wake_fd[2], int *woken,
                         struct pref_err *err)
{
    struct pollfd *polls = oracle->polls;
    int64_t now = oracle_now();
    nfds_t n = 0;
    polls[n++] = (struct pollfd){.fd = oracle->config.stop_fd, .events = POLLIN};
    polls[n++] = (struct pollfd){.fd = wake_fd == NULL ? -1 : wake_fd[0], .events = POLLIN};
    polls[n++] = (struct pollfd){.fd = wake_fd == NULL ? -1 : wake_fd[1], .events = POLLIN};
    for (unsigned i = 0; i < oracle->config.jobs; i++) {
        const struct oracle_job *job = &oracle->jobs[i];
        int64_t look = next_look(oracle, job, now);
        int open = job->state == JOB_RUNNING;
        polls[n++] = (struct pollfd){.fd = open ? job->out : -1, .events = POLLIN};
        polls[n++] =
            (struct pollfd){.fd = open && job->unsent != NULL ? job->in : -1, .events = POLLOUT};
        end = look < end ? look : end;
    }
    int64_t wait = end <= now ? 0 : end - now;
    int ready = poll(polls, n, end == INT64_MAX ? -1 : wait > 60000 ? 60000 : (int)wait);
    if (ready < 0 && errno != EINTR)
        return pref_fail_errno(err, errno, "oracle: waiting for answers");
    *woken = 0;
    if (ready <= 0)
        return 0;
    if (polls[0].revents != 0)
        return PREF_LATER;
    *woken = polls[1].revents != 0 || polls[2].revents != 0;
    return 0;
}

int pref_oracle_pump(struct pref_oracle *oracle, int wait_ms, const int wake_fd[2],
                     pref_oracle_told *told, void *user, struct pref_err *err)
{
    int64_t end = wait_ms < 0 ? INT64_MAX : oracle_now() + wait_ms;
    oracle->told = told;
    oracle->user = user;
    oracle->settled = 0;
    for (;;) {
        int woken;
        int status = tend_jobs(oracle, err);
        if (status != 0)
            return status;
        int over = oracle->settled > 0 || oracle->pending == 0 || oracle_now() >= end;
        int is_busy = over || oracle->known.first != NULL; /* an answer led to one that is kept */
        status = wait_for_jobs(oracle, is_busy ? 0 : end, wake_fd, &woken, err);
        if (status != 0 || over || woken)
            return status;
    }
}

/* ---- Opening and closing -------------------------------------------------------------------- */

static int make_shape(struct pref_oracle *oracle, struct pref_err *err)
{
    struct pref_shape *shape = oracle->shape = pref_shape_new();
    if (shape == NULL)
        return pref_fail_memory(err, "an oracle");
    oracle->place_q = pref_shape_key(shape, PREF_ROOT, pref_span_of("q"));
    oracle->place_ok = pref_shape_key(shape, PREF_ROOT, pref_span_of("ok"));
    oracle->place_error = pref_shape_key(shape, PREF_ROOT, pref_span_of("error"));
    pref_shape_demand(shape, oracle->place_q, PREF_IS(PREF_NUMBER), PREF_REQUIRED);
    pref_shape_demand(shape, oracle->place_ok, PREF_IS_BOOL, 0);
    pref_shape_demand(shape, oracle->place_error, PREF_IS(PREF_STRING), 0);
    int status = pref_shape_check(shape, err);
    if (status != 0)
        return status;
    oracle->scanner = pref_scanner_new(shape);
    return oracle->scanner == NULL ? pref_fail_memory(err, "an oracle") : 0;
}

int pref_oracle_open(struct pref_oracle **oracle, const struct pref_oracle_config *config,
                     struct pref_err *err)
{
    *oracle = NULL;
    struct pref_oracle *made = calloc(1, sizeof *made);
    if (made == NULL)
        return pref_fail_memory(err, "an oracle");
    made->config = *config;
    if (made->config.jobs == 0)
        made->config.jobs = 1;
    if (made->config.window == 0)
        made->config.window = 1;
    if (made->config.repeat == 0)
        made->config.repeat = 1;
    unsigned jobs = made->config.jobs;
    made->command = strdup(config->command);
    made->jobs = calloc(jobs, sizeof *made->jobs);
    made->polls = calloc(3 + 2 * (size_t)jobs, sizeof *made->polls);
    int status = 0;
    if (made->jobs == NULL || made->command == NULL || made->polls == NULL ||
        oracle_make_slot(made) != 0)
        status = pref_fail_memory(err, "an oracle");
    for (unsigned i = 0; made->jobs != NULL && i < jobs; i++)
        made->jobs[i] = (struct oracle_job){.in = -1, .out = -1, .life = -1};
    if (status == 0)
        status = make_shape(made, err);
    if (status == 0 && config->cache != NULL)
        status = pref_answers_open(&made->answers, config->cache, config->command,
                                   config->salt == NULL ? "" : config->salt, config->stop_fd, err);
    for (unsigned i = 0; status == 0 && made->answers == NULL && i < jobs; i++)
        status = oracle_job_start(made, &made->jobs[i], err);
    if (status != 0) {
        pref_oracle_close(made);
        return status;
    }
    *oracle = made;
    return 0;
}

void pref_oracle_close(struct pref_oracle *oracle)
{
    if (oracle == NULL)
        return;
    if (oracle->jobs != NULL)
        oracle_jobs_close(oracle);
    for (size_t i = 0; oracle->slots != NULL && i <= oracle->mask; i++)
        free(oracle->slots[i]);
    while (oracle->known.first != NULL) {
        struct oracle_question *question = oracle->known.first;
        oracle_list_remove(&oracle->known, question);
        free(question);
    }
    pref_answers_close(oracle->answers);
    for (unsigned i = 0; oracle->jobs != NULL && i < oracle->config.jobs; i++)
        free(oracle->jobs[i].block);
    pref_scanner_free(oracle->scanner);
    pref_shape_free(oracle->shape);
    free(oracle->slots);
    free(oracle->jobs);
    free(oracle->polls);
    free(oracle->command);
    free(oracle);
}
