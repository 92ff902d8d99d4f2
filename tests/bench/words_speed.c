/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words_speed.c - how fast words, and the set of their shingles, are found in each line of a file:
 *
 *   words_speed [-r REPEATS] [-n N] FILE...    GB (10^9 bytes) and words a second, best of REPEATS
 *   words_speed -l [-n N] FILE...              a line a line: START:END:HASH of each word, a bar,
 *                                              and each N words in a row (5)
 */
#include "config.h"

#include "pref/shingle.h"
#include "pref/shingle_set.h"
#include "pref/sink.h"
#include "pref/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct bench {
    struct pref_words words;
    struct pref_shingles shingles;
    struct pref_shingle_set set;
    size_t n;
    uint64_t count, shingle_count;
    int list, sets;
    struct pref_err err;
};

static int find(struct bench *bench, struct pref_span text)
{
    int status = bench->list ? pref_words_find_places(&bench->words, text, &bench->err)
                             : pref_words_find(&bench->words, text, &bench->err);
    bench->count += bench->words.count;
    if (status != PREF_OK || !bench->sets)
        return status;
    pref_shingles_begin(&bench->shingles);
    status = pref_shingles_add(&bench->shingles, 0, bench->words.hash, bench->words.count,
                               bench->n, &bench->err);
    if (status == PREF_OK)
        status = pref_shingle_set_fill(&bench->set, bench->shingles.list, bench->shingles.count,
                                       &bench->err);
    bench->shingle_count += bench->set.count;
    return status;
}

static void print(const struct bench *bench)
{
    for (size_t i = 0; i < bench->words.count; i++)
        printf("%u:%u:%016llx ", (unsigned)bench->words.place[i].start,
               (unsigned)bench->words.place[i].end, (unsigned long long)bench->words.hash[i]);
    putchar('|');
    for (size_t i = 0; i < bench->shingles.count; i++)
        printf(" %016llx", (unsigned long long)bench->shingles.list[i]);
    putchar('\n');
}

static int find_all(struct bench *bench, struct pref_span bytes)
{
    int status = PREF_OK;
    bench->count = bench->shingle_count = 0;
    for (const char *p = bytes.ptr, *end = p + bytes.len; p < end && status == PREF_OK;) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        if (stop == NULL)
            stop = end;
        status = find(bench, (struct pref_span){p, (size_t)(stop - p)});
        if (bench->list && status == PREF_OK)
            print(bench);
        p = stop + 1;
    }
    return status;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static int measure(struct bench *bench, struct pref_span bytes, int repeats, const char *name)
{
    for (bench->sets = 0; bench->sets < 2; bench->sets++) {
        double best = 1e9;
        for (int i = 0; i < repeats; i++) {
            double start = seconds();
            int status = find_all(bench, bytes);
            if (status != PREF_OK)
                return status;
            double took = seconds() - start;
            best = took < best ? took : best;
        }
        printf("%-8s %6.2f GB/s  %6.1f M words/s  %llu words, %llu shingles  %s\n",
               bench->sets ? "shingles" : "words", (double)bytes.len / best / 1e9,
               (double)bench->count / best / 1e6, (unsigned long long)bench->count,
               (unsigned long long)bench->shingle_count, name);
    }
    return PREF_OK;
}

int main(int argc, char **argv)
{
    struct bench bench = {.n = 5};
    struct pref_buf bytes = {0};
    pref_shingle_set_init(&bench.set, 1);
    int repeats = 5, i = 1, status = PREF_OK;
    for (; i < argc && argv[i][0] == '-'; i++) {
        if (strcmp(argv[i], "-l") == 0)
            bench.list = 1;
        else if (strcmp(argv[i], "-r") == 0 && i + 1 < argc)
            repeats = atoi(argv[++i]);
        else if (strcmp(argv[i], "-n") == 0 && i + 1 < argc)
            bench.n = (size_t)atoi(argv[++i]);
    }
    for (; i < argc && status == PREF_OK; i++) {
        status = pref_file_read(argv[i], SIZE_MAX, -1, &bytes, &bench.err);
        bench.sets = bench.list;
        if (status == PREF_OK)
            status = bench.list ? find_all(&bench, pref_buf_span(&bytes))
                                : measure(&bench, pref_buf_span(&bytes), repeats, argv[i]);
    }
    if (status != PREF_OK)
        fprintf(stderr, "words_speed: %s\n", bench.err.text);
    pref_buf_release(&bytes);
    pref_words_release(&bench.words);
    pref_shingles_release(&bench.shingles);
    pref_shingle_set_release(&bench.set);
    return status;
}
