/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "crew.h"

#include <pthread.h>
#include <stdlib.h>

/* Jobs `first` to `last` are in hand, those before `taken` begun; job n has the number n % count.
 * The mutex guards the three, `done` and `dismissed`. Only the owner moves first and last, so that
 * it may read them without. */
struct pref_crew {
    pref_crew_work *work;
    void *user;
    size_t count;
    uint64_t first, taken, last;
    unsigned char *done; /* of each number */
    int dismissed;
    pthread_mutex_t mutex;
    pthread_cond_t given, turned; /* there is a job; one is done */
};

int pref_crew_new(struct pref_crew **crew, size_t count, pref_crew_work *work, void *user,
                  struct pref_err *err)
{
    *crew = NULL;
    struct pref_crew *made = calloc(1, sizeof *made);
    unsigned char *done = calloc(count, 1);
    if (made == NULL || done == NULL) {
        free(made);
        free(done);
        return pref_fail_memory(err, "a crew");
    }
    made->work = work;
    made->user = user;
    made->count = count;
    made->done = done;
    pthread_mutex_init(&made->mutex, NULL);
    pthread_cond_init(&made->given, NULL);
    pthread_cond_init(&made->turned, NULL);
    *crew = made;
    return 0;
}

void pref_crew_free(struct pref_crew *crew)
{
    if (crew == NULL)
        return;
    pthread_cond_destroy(&crew->turned);
    pthread_cond_destroy(&crew->given);
    pthread_mutex_destroy(&crew->mutex);
    free(crew->done);
    free(crew);
}

size_t pref_crew_held(const struct pref_crew *crew)
{
    return (size_t)(crew->last - crew->first);
}

int pref_crew_full(const struct pref_crew *crew)
{
    return pref_crew_held(crew) == crew->count;
}

size_t pref_crew_next(const struct pref_crew *crew)
{
    return crew->last % crew->count;
}

void pref_crew_put(struct pref_crew *crew)
{
    pthread_mutex_lock(&crew->mutex);
    crew->done[crew->last % crew->count] = 0;
    crew->last++;
    pthread_cond_signal(&crew->given);
    pthread_mutex_unlock(&crew->mutex);
}

int pref_crew_ready(struct pref_crew *crew)
{
    if (crew->first == crew->last)
        return 0;
    pthread_mutex_lock(&crew->mutex);
    int ready = crew->done[crew->first % crew->count];
    pthread_mutex_unlock(&crew->mutex);
    return ready;
}

/* Do the next job that nobody has begun. Called and left with the mutex held. */
static void do_one(struct pref_crew *crew)
{
    size_t job = crew->taken++ % crew->count;
    pthread_mutex_unlock(&crew->mutex);
    crew->work(crew->user, job);
    pthread_mutex_lock(&crew->mutex);
    crew->done[job] = 1;
    pthread_cond_signal(&crew->turned);
}

size_t pref_crew_oldest(struct pref_crew *crew)
{
    size_t job = crew->first % crew->count;
    pthread_mutex_lock(&crew->mutex);
    while (!crew->done[job]) {
        if (crew->taken < crew->last)
            do_one(crew);
        else
            pthread_cond_wait(&crew->turned, &crew->mutex);
    }
    pthread_mutex_unlock(&crew->mutex);
    return job;
}

void pref_crew_drop(struct pref_crew *crew)
{
    pthread_mutex_lock(&crew->mutex);
    crew->first++;
    pthread_mutex_unlock(&crew->mutex);
}

int pref_crew_wants(struct pref_crew *crew)
{
    pthread_mutex_lock(&crew->mutex);
    int wants = crew->taken < crew->last;
    pthread_mutex_unlock(&crew->mutex);
    return wants;
}

int pref_crew_help(struct pref_crew *crew)
{
    pthread_mutex_lock(&crew->mutex);
    int wants = crew->taken < crew->last;
    if (wants)
        do_one(crew);
    pthread_mutex_unlock(&crew->mutex);
    return wants;
}

void pref_crew_serve(struct pref_crew *crew)
{
    pthread_mutex_lock(&crew->mutex);
    while (!crew->dismissed) {
        if (crew->taken < crew->last)
            do_one(crew);
        else
            pthread_cond_wait(&crew->given, &crew->mutex);
    }
    pthread_mutex_unlock(&crew->mutex);
}

void pref_crew_dismiss(struct pref_crew *crew)
{
    pthread_mutex_lock(&crew->mutex);
    crew->dismissed = 1;
    pthread_cond_broadcast(&crew->given);
    pthread_mutex_unlock(&crew->mutex);
}
