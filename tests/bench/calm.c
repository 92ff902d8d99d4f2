/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calm.c - how long a fixed piece of work takes on some threads at once, in seconds:
 *
 *   calm THREADS
 *
 * A few hundredths of a second of products over memory that no second-level cache holds: it takes
 * longer while anybody else uses the processors or their caches, also from outside a virtual
 * machine. The bench measures only while it takes little longer than at its best.
 */
#include "config.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { THREADS_MAX = 64, WORDS = 1 << 18, PASSES = 400 };

struct worker {
    pthread_t thread;
    uint64_t *words;
    uint64_t sum;
};

/* Four sums abreast: what is wanted is many instructions, not a long wait for each. */
static void *work(void *argument)
{
    struct worker *worker = argument;
    uint64_t sum[4] = {1, 2, 3, 4};
    for (int pass = 0; pass < PASSES; pass++)
        for (size_t i = 0; i < WORDS; i += 4)
            for (size_t k = 0; k < 4; k++)
                sum[k] = sum[k] * UINT64_C(0x9e3779b97f4a7c15) + worker->words[i + k];
    worker->sum = sum[0] ^ sum[1] ^ sum[2] ^ sum[3];
    return NULL;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

int main(int argc, char **argv)
{
    static struct worker workers[THREADS_MAX];
    int threads = argc == 2 ? atoi(argv[1]) : 0;
    uint64_t sum = 0;
    if (threads < 1 || threads > THREADS_MAX) {
        fprintf(stderr, "usage: calm THREADS (1 to %d)\n", THREADS_MAX);
        return 2;
    }
    for (int t = 0; t < threads; t++) {
        workers[t].words = malloc(WORDS * sizeof(uint64_t));
        if (workers[t].words == NULL)
            return 1;
        for (size_t i = 0; i < WORDS; i++)
            workers[t].words[i] = i;
    }
    double start = now();
    for (int t = 0; t < threads; t++)
        if (pthread_create(&workers[t].thread, NULL, work, &workers[t]) != 0)
            return 1;
    for (int t = 0; t < threads; t++) {
        pthread_join(workers[t].thread, NULL);
        sum += workers[t].sum;
        free(workers[t].words);
    }
    /* The sum is told so that it must be found. */
    printf("%.6f %llx\n", now() - start, (unsigned long long)sum);
    return 0;
}
