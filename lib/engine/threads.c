/* SPDX-License-Identifier: Apache-2.0 */
/* threads.c - how many threads a run may use if nobody says. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* sched_getaffinity */
#endif
#include "config.h"

#include "pref/run.h"

#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#define THREADS_MOST 16

/* Processors this process may run on. */
static unsigned affinity(void)
{
#ifdef __linux__
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) {
        int n = CPU_COUNT(&set);
        return n < 1 ? 1 : (unsigned)n;
    }
#endif
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online < 1 ? 1 : (unsigned)online;
}

/* Whole processors that the cgroup's quota comes to, rounded up; 0 where there is none. */
static unsigned quota(void)
{
    unsigned long long most = 0, period = 0;
    FILE *file = fopen("/sys/fs/cgroup/cpu.max", "r");
    if (file == NULL)
        return 0;
    int read = fscanf(file, "%llu %llu", &most, &period);
    fclose(file);
    if (read != 2 || period == 0)
        return 0;
    unsigned long long whole = (most + period - 1) / period;
    return whole < 1 ? 1 : whole > THREADS_MOST ? THREADS_MOST : (unsigned)whole;
}

unsigned pref_threads_default(void)
{
    unsigned threads = affinity(), limit = quota();
    if (limit != 0 && limit < threads)
        threads = limit;
    return threads > THREADS_MOST ? THREADS_MOST : threads;
}
