/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "press.h"
#include "zstd_out.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

/* A buffer that one long record made large is not kept. */
#define KEEP_MAX ((size_t)8 << 20)

struct job {
    void *owner;
    int level;
    int done;
    int status;
    struct pref_err failure;
    struct pref_buf plain, packed;
};

/* Jobs `first` to `last` are in hand, those before `taken` started; job n is jobs[n % count].
 * The mutex guards the three numbers' growth, `done` and `stop`; a job's other members belong to
 * whoever started it, then to the caller. */
struct pref_press {
    struct job *jobs;
    size_t count;
    uint64_t first, taken, last;
    int stop;
    pthread_mutex_t mutex;
    pthread_cond_t work, done;
    struct pref_zstd_out *own; /* the caller's compressor */
    struct worker *workers;
    unsigned threads;
};

struct worker {
    struct pref_press *press;
    struct pref_zstd_out *zstd;
    pthread_t thread;
};

static void compress(struct job *job, struct pref_zstd_out *zstd)
{
    pref_buf_clear(&job->packed);
    job->status = pref_zstd_out_frame(zstd, job->level, pref_buf_span(&job->plain), &job->packed,
                                      &job->failure);
}

/* Start the next job that nobody has, do it, and say so. Called and left with the mutex held. */
static void do_one(struct pref_press *press, struct pref_zstd_out *zstd)
{
    struct job *job = &press->jobs[press->taken++ % press->count];
    pthread_mutex_unlock(&press->mutex);
    compress(job, zstd);
    pthread_mutex_lock(&press->mutex);
    job->done = 1;
    pthread_cond_signal(&press->done);
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    struct pref_press *press = worker->press;
    pthread_mutex_lock(&press->mutex);
    for (;;) {
        while (!press->stop && press->taken == press->last)
            pthread_cond_wait(&press->work, &press->mutex);
        if (press->stop)
            break;
        do_one(press, worker->zstd);
    }
    pthread_mutex_unlock(&press->mutex);
    return NULL;
}

/* Start workers until one cannot be had; fewer only cost time. */
static void start_workers(struct pref_press *press, unsigned threads)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (press->threads < threads) {
        struct worker *worker = &press->workers[press->threads];
        worker->press = press;
        worker->zstd = pref_zstd_out_new();
        if (worker->zstd == NULL)
            break;
        if (pthread_create(&worker->thread, NULL, work, worker) != 0) {
            pref_zstd_out_free(worker->zstd);
            break;
        }
        press->threads++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

int pref_press_new(struct pref_press **press, unsigned threads, struct pref_err *err)
{
    *press = NULL;
    struct pref_press *made = calloc(1, sizeof *made);
    if (made == NULL)
        return pref_fail_memory(err, "a compressor");
    pthread_mutex_init(&made->mutex, NULL);
    pthread_cond_init(&made->work, NULL);
    pthread_cond_init(&made->done, NULL);
    made->count = (size_t)threads + 1;
    made->jobs = calloc(made->count, sizeof *made->jobs);
    made->workers = calloc(made->count, sizeof *made->workers);
    made->own = pref_zstd_out_new();
    if (made->jobs == NULL || made->workers == NULL || made->own == NULL) {
        pref_press_free(made);
        return pref_fail_memory(err, "a compressor");
    }
    start_workers(made, threads);
    *press = made;
    return 0;
}

void pref_press_free(struct pref_press *press)
{
    if (press == NULL)
        return;
    pthread_mutex_lock(&press->mutex);
    press->stop = 1;
    pthread_cond_broadcast(&press->work);
    pthread_mutex_unlock(&press->mutex);
    for (unsigned i = 0; i < press->threads; i++) {
        pthread_join(press->workers[i].thread, NULL);
        pref_zstd_out_free(press->workers[i].zstd);
    }
    for (size_t i = 0; press->jobs != NULL && i < press->count; i++) {
        pref_buf_release(&press->jobs[i].plain);
        pref_buf_release(&press->jobs[i].packed);
    }
    pthread_cond_destroy(&press->done);
    pthread_cond_destroy(&press->work);
    pthread_mutex_destroy(&press->mutex);
    pref_zstd_out_free(press->own);
    free(press->workers);
    free(press->jobs);
    free(press);
}

int pref_press_full(const struct pref_press *press)
{
    return press->last - press->first == press->count;
}

void pref_press_put(struct pref_press *press, void *owner, int level, struct pref_buf *plain)
{
    struct job *job = &press->jobs[press->last % press->count];
    struct pref_buf empty = job->plain;
    job->plain = *plain;
    *plain = empty;
    job->owner = owner;
    job->level = level;
    job->done = 0;
    pthread_mutex_lock(&press->mutex);
    press->last++;
    pthread_cond_signal(&press->work);
    pthread_mutex_unlock(&press->mutex);
}

int pref_press_ready(struct pref_press *press)
{
    if (press->first == press->last)
        return 0;
    pthread_mutex_lock(&press->mutex);
    int done = press->jobs[press->first % press->count].done;
    pthread_mutex_unlock(&press->mutex);
    return done || press->threads == 0;
}

int pref_press_oldest(struct pref_press *press, void **owner, struct pref_span *frame,
                      struct pref_err *err)
{
    struct job *job = &press->jobs[press->first % press->count];
    pthread_mutex_lock(&press->mutex);
    while (!job->done) {
        if (press->taken < press->last)
            do_one(press, press->own);
        else
            pthread_cond_wait(&press->done, &press->mutex);
    }
    pthread_mutex_unlock(&press->mutex);
    *owner = job->owner;
    *frame = pref_buf_span(&job->packed);
    if (job->status != 0 && err != NULL)
        *err = job->failure;
    return job->status;
}

static void recycle(struct pref_buf *buf)
{
    if (buf->failed || buf->cap > KEEP_MAX)
        pref_buf_release(buf);
    pref_buf_clear(buf);
}

void pref_press_drop(struct pref_press *press)
{
    struct job *job = &press->jobs[press->first % press->count];
    recycle(&job->plain);
    recycle(&job->packed);
    pthread_mutex_lock(&press->mutex);
    press->first++;
    pthread_mutex_unlock(&press->mutex);
}
