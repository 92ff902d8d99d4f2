/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan_speed.c - how fast each kernel scans the lines of a file that lies in memory:
 *
 *   scan_speed [-r REPEATS] [-l] FILE...
 *
 * With the whole pair record as the shape, every condition checked. -l scans with an empty shape
 * instead. Prints the best of the repeats, in GB (10^9 bytes) a second, a line a file and kernel.
 */
#include "config.h"

#include "lib/json/scan_impl.h"
#include "pref/scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static pref_place key(struct pref_shape *shape, pref_place parent, const char *name,
                      unsigned types, unsigned flags)
{
    pref_place place = pref_shape_key(shape, parent, pref_span_of(name));
    pref_shape_demand(shape, place, types, flags);
    return place;
}

/* What `pref check` asks of a pair record. */
static void ask_for_pairs(struct pref_shape *shape)
{
    static const char *const words[] = {"chosen", "rejected", "tie", "both_bad", NULL};
    static const char *const sides[] = {"prompt", "chosen", "rejected"};
    const unsigned string = PREF_IS(PREF_STRING), array = PREF_IS(PREF_ARRAY);
    const unsigned object = PREF_IS(PREF_OBJECT), number = PREF_IS(PREF_NUMBER);
    key(shape, PREF_ROOT, "id", string | number, PREF_TEXT);
    for (int i = 0; i < 3; i++) {
        pref_place side = key(shape, PREF_ROOT, sides[i], string | array, PREF_TEXT);
        pref_place message = pref_shape_each(shape, side);
        pref_shape_demand(shape, message, object, PREF_NULL_IS_VALUE);
        key(shape, message, "role", string, PREF_REQUIRED);
        key(shape, message, "content", string | array, 0);
    }
    pref_place vote = pref_shape_each(shape, key(shape, PREF_ROOT, "votes", array, 0));
    pref_shape_demand(shape, vote, object, PREF_NULL_IS_VALUE);
    key(shape, vote, "judge", string, PREF_REQUIRED | PREF_TEXT);
    pref_shape_words(shape, key(shape, vote, "vote", string, PREF_REQUIRED), words);
    key(shape, vote, "confidence", number, PREF_FINITE);
    key(shape, vote, "swapped", PREF_IS_BOOL, 0);
    pref_place score = pref_shape_each(shape, key(shape, PREF_ROOT, "scores", array, 0));
    pref_shape_demand(shape, score, object, PREF_NULL_IS_VALUE);
    key(shape, score, "model", string, PREF_REQUIRED | PREF_TEXT);
    key(shape, score, "chosen", number, PREF_REQUIRED | PREF_FINITE);
    key(shape, score, "rejected", number, PREF_REQUIRED | PREF_FINITE);
}

/* The file's bytes, PREF_PAD of them more than `len`; NULL after a message. */
static char *read_file(const char *name, size_t *len)
{
    FILE *file = fopen(name, "rb");
    char *bytes = NULL;
    long size = -1;
    if (file != NULL && fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0 &&
        fseek(file, 0, SEEK_SET) == 0)
        bytes = calloc(1, (size_t)size + PREF_PAD);
    if (bytes != NULL && fread(bytes, 1, (size_t)size, file) != (size_t)size) {
        free(bytes);
        bytes = NULL;
    }
    if (bytes == NULL)
        fprintf(stderr, "scan_speed: %s: cannot be read\n", name);
    if (file != NULL)
        fclose(file);
    *len = (size_t)size;
    return bytes;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

struct totals {
    size_t lines, refused, hits;
};

static struct totals scan_all(struct pref_scanner *scanner, const char *bytes, size_t len)
{
    struct totals totals = {0, 0, 0};
    struct pref_doc doc;
    struct pref_fault fault;
    for (const char *p = bytes, *end = bytes + len; p < end;) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        if (stop == NULL)
            stop = end;
        totals.lines++;
        totals.refused += pref_scan(scanner, p, (size_t)(stop - p), &doc, &fault) != PREF_OK;
        totals.hits += doc.count;
        p = stop + 1;
    }
    return totals;
}

static void measure(const struct pref_shape *shape, const char *name, int repeats)
{
    static const char *const kernel_name[] = {"portable", "avx2"};
    size_t len;
    char *bytes = read_file(name, &len);
    if (bytes == NULL)
        return;
    for (int kernel = SCAN_PORTABLE; kernel <= SCAN_AVX2; kernel++) {
        struct pref_scanner *scanner = pref_scanner_new_kernel(shape, (enum scan_kernel)kernel);
        if (scanner == NULL)
            continue;
        double best = 1e9;
        struct totals totals = {0, 0, 0};
        for (int i = 0; i < repeats; i++) {
            double start = seconds();
            totals = scan_all(scanner, bytes, len);
            double took = seconds() - start;
            best = took < best ? took : best;
        }
        printf("%-10s %6.2f GB/s  %zu lines, %zu refused, %zu hits  %s\n", kernel_name[kernel],
               (double)len / best / 1e9, totals.lines, totals.refused, totals.hits, name);
        pref_scanner_free(scanner);
    }
    free(bytes);
}

int main(int argc, char **argv)
{
    struct pref_shape *shape = pref_shape_new();
    struct pref_err err;
    int repeats = 10, bare = 0, i = 1;
    for (; i < argc && argv[i][0] == '-'; i++) {
        if (strcmp(argv[i], "-l") == 0)
            bare = 1;
        else if (strcmp(argv[i], "-r") == 0 && i + 1 < argc)
            repeats = atoi(argv[++i]);
    }
    if (shape == NULL)
        return 1;
    if (!bare)
        ask_for_pairs(shape);
    if (pref_shape_check(shape, &err) != PREF_OK) {
        fprintf(stderr, "scan_speed: %s\n", err.text);
        return 1;
    }
    for (; i < argc; i++)
        measure(shape, argv[i], repeats);
    pref_shape_free(shape);
    return 0;
}
