/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "progress.h"

#include <stdio.h>
#include <unistd.h>

#define EVERY 0.25 /* seconds between two lines */

static double since(const struct timespec *from, const struct timespec *to)
{
    return (double)(to->tv_sec - from->tv_sec) + 1e-9 * (double)(to->tv_nsec - from->tv_nsec);
}

static void show(void *user, const struct pref_counts *counts, uint64_t bytes, uint64_t total)
{
    struct progress *progress = user;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (since(&progress->last, &now) < EVERY)
        return;
    progress->last = now;
    double seconds = since(&progress->begun, &now);
    double speed = (double)bytes / seconds;
    fprintf(stderr, "\r%llu records, %.0f/s, %.0f MB/s", (unsigned long long)counts->in,
            (double)counts->in / seconds, speed / 1e6);
    if (total > bytes && speed > 0)
        fprintf(stderr, ", %.0f s left", (double)(total - bytes) / speed);
    fputs("\033[K", stderr);
    progress->shown = 1;
}

void progress_begin(struct progress *progress, int asked, int quiet, struct pref_config *config)
{
    *progress = (struct progress){0};
    progress->on = asked || (!quiet && isatty(STDERR_FILENO) && !isatty(STDOUT_FILENO));
    if (!progress->on)
        return;
    clock_gettime(CLOCK_MONOTONIC, &progress->begun);
    progress->last = progress->begun;
    config->tick = show;
    config->tick_user = progress;
}

void progress_end(struct progress *progress)
{
    if (progress->shown)
        fputs("\r\033[K", stderr);
}
