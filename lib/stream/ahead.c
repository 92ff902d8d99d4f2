/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ahead.h"
#include "zstd_in.h"
#include "pref/buf.h"

#include <stdlib.h>
#include <string.h>

/* Plain bytes of a frame, or of several in one job: a frame of the sink with its last record. */
#define JOB_MAX ((size_t)5 << 20)

/* Small frames are put together until they are as many bytes, which are worth the handing over. */
#define JOB_ENOUGH ((size_t)1 << 20)

struct job {
    struct pref_buf packed, plain;
    struct pref_zstd_whole *zstd; /* made at need */
    int faulty;
};

struct pref_ahead {
    struct pref_crew *crew;
    struct job *jobs; /* one for each of the crew's */
    size_t count;
    struct pref_buf next; /* raw bytes that are in no job yet: */
    size_t cut, plain;    /* so many are whole frames, and these come to so many */
    uint64_t at;          /* raw bytes of the file before the oldest job */
    size_t given;         /* plain bytes given of it */
};

static void decompress(void *user, size_t number)
{
    struct pref_ahead *ahead = user;
    struct job *job = &ahead->jobs[number];
    job->faulty = pref_zstd_whole_run(job->zstd, pref_buf_span(&job->packed), job->plain.ptr,
                                      job->plain.len) != PREF_OK;
}

int pref_ahead_new(struct pref_ahead **ahead, size_t jobs, struct pref_err *err)
{
    *ahead = NULL;
    struct pref_ahead *made = calloc(1, sizeof *made);
    if (made == NULL)
        return pref_fail_memory(err, "a read-ahead");
    made->count = jobs;
    made->jobs = calloc(jobs, sizeof *made->jobs);
    int status = made->jobs == NULL ? pref_fail_memory(err, "a read-ahead")
                                    : pref_crew_new(&made->crew, jobs, decompress, made, err);
    if (status != 0) {
        pref_ahead_free(made);
        return status;
    }
    *ahead = made;
    return 0;
}

void pref_ahead_free(struct pref_ahead *ahead)
{
    if (ahead == NULL)
        return;
    for (size_t i = 0; ahead->jobs != NULL && i < ahead->count; i++) {
        pref_buf_release(&ahead->jobs[i].packed);
        pref_buf_release(&ahead->jobs[i].plain);
        pref_zstd_whole_free(ahead->jobs[i].zstd);
    }
    pref_buf_release(&ahead->next);
    pref_crew_free(ahead->crew);
    free(ahead->jobs);
    free(ahead);
}

struct pref_crew *pref_ahead_crew(const struct pref_ahead *ahead)
{
    return ahead->crew;
}

void pref_ahead_reset(struct pref_ahead *ahead)
{
    while (pref_crew_held(ahead->crew) > 0) {
        pref_crew_oldest(ahead->crew);
        pref_crew_drop(ahead->crew);
    }
    pref_buf_clear(&ahead->next);
    ahead->cut = 0;
    ahead->plain = 0;
    ahead->at = 0;
    ahead->given = 0;
}

char *pref_ahead_room(struct pref_ahead *ahead, size_t n)
{
    return pref_buf_reserve(&ahead->next, n);
}

void pref_ahead_added(struct pref_ahead *ahead, size_t n)
{
    ahead->next.len += n;
}

/* Give the frames that were cut to the crew; the bytes behind them stay. Returns 0 where there is
 * no memory for it, and nothing has changed. */
static int put_job(struct pref_ahead *ahead)
{
    struct job *job = &ahead->jobs[pref_crew_next(ahead->crew)];
    struct pref_buf rest = job->packed;
    size_t left = ahead->next.len - ahead->cut;
    pref_buf_clear(&rest);
    pref_buf_clear(&job->plain);
    if (job->zstd == NULL)
        job->zstd = pref_zstd_whole_new();
    char *plain = pref_buf_reserve(&job->plain, ahead->plain);
    char *room = pref_buf_reserve(&rest, left);
    job->packed = rest;
    if (job->zstd == NULL || plain == NULL || room == NULL)
        return 0;
    pref_buf_add(&rest, ahead->next.ptr + ahead->cut, left);
    job->packed = ahead->next;
    job->packed.len = ahead->cut;
    job->plain.len = ahead->plain;
    ahead->next = rest;
    ahead->cut = 0;
    ahead->plain = 0;
    pref_crew_put(ahead->crew);
    return 1;
}

int pref_ahead_cut(struct pref_ahead *ahead, int last)
{
    while (!pref_crew_full(ahead->crew)) {
        size_t packed = 0, plain = 0;
        if (ahead->next.len == 0)
            return !last;
        struct pref_span rest = {ahead->next.ptr + ahead->cut, ahead->next.len - ahead->cut};
        enum pref_zstd_sight sight = pref_zstd_look(rest, JOB_MAX, &packed, &plain);
        if (sight == PREF_ZSTD_WHOLE && (ahead->cut == 0 || ahead->plain + plain <= JOB_MAX)) {
            ahead->cut += packed;
            ahead->plain += plain;
            continue;
        }
        int is_small = ahead->plain < JOB_ENOUGH && ahead->cut < JOB_ENOUGH;
        int collects = sight == PREF_ZSTD_MORE && !last && is_small;
        if (ahead->cut == 0 || collects)
            return sight == PREF_ZSTD_MORE && !last;
        if (!put_job(ahead))
            return 0;
    }
    return 0;
}

size_t pref_ahead_give(struct pref_ahead *ahead, char *out, size_t cap)
{
    size_t n = 0;
    while (n == 0 && pref_crew_held(ahead->crew) > 0) {
        const struct job *job = &ahead->jobs[pref_crew_oldest(ahead->crew)];
        if (job->faulty)
            return 0;
        size_t left = job->plain.len - ahead->given;
        n = left < cap ? left : cap;
        memcpy(out, job->plain.ptr + ahead->given, n);
        ahead->given += n;
        if (n == left) {
            ahead->at += job->packed.len;
            ahead->given = 0;
            pref_crew_drop(ahead->crew);
        }
    }
    return n;
}

struct pref_span pref_ahead_rest(const struct pref_ahead *ahead, uint64_t *at, int *faulty)
{
    *at = ahead->at;
    *faulty = pref_crew_held(ahead->crew) > 0;
    return pref_buf_span(*faulty ? &ahead->jobs[pref_crew_oldest(ahead->crew)].packed
                                 : &ahead->next);
}
