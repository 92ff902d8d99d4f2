/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "pref/buckets.h"

#include <stdlib.h>
#include <string.h>

/* A bucket's upper half names its page (sign and exponent), its lower half a counter in it. */
#define PAGES 4096
#define PAGE_SIZE 4096

/* The bits of a double that its bucket leaves out. */
#define REST_BITS 40

struct pref_bucket_pages {
    uint64_t *page[PAGES]; /* NULL where nothing fell */
    /* Once settled, the numbers in the pages before each. A settled page holds, for each of its
     * counters, the numbers up to and with it. */
    uint64_t before[PAGES];
};

uint32_t pref_bucket_of(double x)
{
    uint64_t bits;

    x += 0.0; /* -0 + 0 is +0 */
    memcpy(&bits, &x, sizeof bits);
    /* Negative numbers run backwards: turn them over, and put them below the others. */
    bits ^= bits >> 63 != 0 ? UINT64_MAX : UINT64_C(1) << 63;
    return (uint32_t)(bits >> REST_BITS);
}

double pref_bucket_midpoint(uint32_t bucket)
{
    const uint32_t magnitude = 0x7fffff;
    uint64_t bits;
    double value;

    if (bucket == PREF_BUCKET_ZERO) {
        return 0;
    }
    bits = (bucket & PREF_BUCKET_ZERO) != 0
               ? (uint64_t)(bucket & magnitude) << REST_BITS
               : (uint64_t)(~bucket & magnitude) << REST_BITS | UINT64_C(1) << 63;
    bits |= UINT64_C(1) << (REST_BITS - 1);
    memcpy(&value, &bits, sizeof value);
    return value;
}

void pref_buckets_init(struct pref_buckets *b)
{
    memset(b, 0, sizeof *b);
}

void pref_buckets_release(struct pref_buckets *b)
{
    for (size_t i = 0; b->pages != NULL && i < PAGES; i++) {
        free(b->pages->page[i]);
    }
    free(b->pages);
    pref_buckets_init(b);
}

/* The rare half of adding: bring a page into being. */
static int make_page(struct pref_buckets *b, size_t at, struct pref_err *err)
{
    if (b->pages == NULL) {
        b->pages = calloc(1, sizeof *b->pages);
        if (b->pages == NULL) {
            return pref_fail_memory(err, "the counts of quantiles");
        }
    }
    if (b->pages->page[at] == NULL) {
        b->pages->page[at] = calloc(PAGE_SIZE, sizeof *b->pages->page[at]);
        if (b->pages->page[at] == NULL) {
            return pref_fail_memory(err, "the counts of quantiles");
        }
        b->page_count++;
    }
    return PREF_OK;
}

int pref_buckets_add_count(struct pref_buckets *b, uint32_t bucket, uint64_t count,
                           struct pref_err *err)
{
    size_t at = bucket / PAGE_SIZE;

    if (bucket < PREF_BUCKET_FIRST || bucket > PREF_BUCKET_LAST) {
        return pref_fail(err, "no finite number has bucket %lu, expected %lu to %lu",
                         (unsigned long)bucket, (unsigned long)PREF_BUCKET_FIRST,
                         (unsigned long)PREF_BUCKET_LAST);
    }
    if (b->settled) {
        return pref_fail(err, "cannot count into buckets that are settled");
    }
    if (count > PREF_BUCKETS_MAX - b->total) {
        return pref_fail(err, "the counts of buckets exceed 2^62");
    }
    if (count == 0) {
        return PREF_OK;
    }
    if (b->pages == NULL || b->pages->page[at] == NULL) {
        int status = make_page(b, at, err);

        if (status != PREF_OK) {
            return status;
        }
    }
    b->pages->page[at][bucket % PAGE_SIZE] += count;
    b->total += count;
    return PREF_OK;
}

int pref_buckets_add(struct pref_buckets *b, double x, struct pref_err *err)
{
    if (x - x != 0) { /* the difference is a NaN */
        return pref_fail(err, "cannot count a number that is not finite");
    }
    return pref_buckets_add_count(b, pref_bucket_of(x), 1, err);
}

int pref_buckets_merge(struct pref_buckets *b, const struct pref_buckets *from,
                       struct pref_err *err)
{
    uint32_t cursor = 0, bucket;
    uint64_t count;

    while (pref_buckets_next(from, &cursor, &bucket, &count)) {
        int status = pref_buckets_add_count(b, bucket, count, err);

        if (status != PREF_OK) {
            return status;
        }
    }
    return PREF_OK;
}

/* The numbers below a bucket, settled only. */
static uint64_t count_below(const struct pref_bucket_pages *pages, uint32_t bucket)
{
    const uint64_t *page = pages->page[bucket / PAGE_SIZE];
    uint32_t at = bucket % PAGE_SIZE;

    return page != NULL && at > 0 ? page[at - 1] : pages->before[bucket / PAGE_SIZE];
}

/* The numbers in a bucket whose page there is. */
static uint64_t count_in(const struct pref_buckets *b, uint32_t bucket)
{
    uint64_t value = b->pages->page[bucket / PAGE_SIZE][bucket % PAGE_SIZE];

    return b->settled ? value - count_below(b->pages, bucket) : value;
}

bool pref_buckets_next(const struct pref_buckets *b, uint32_t *cursor, uint32_t *bucket,
                       uint64_t *count)
{
    uint32_t at = *cursor;

    while (b->pages != NULL && at <= PREF_BUCKET_LAST) {
        if (b->pages->page[at / PAGE_SIZE] == NULL) {
            at = (at / PAGE_SIZE + 1) * PAGE_SIZE;
            continue;
        }
        *count = count_in(b, at);
        if (*count != 0) {
            *bucket = at;
            *cursor = at + 1;
            return true;
        }
        at++;
    }
    *cursor = at;
    return false;
}

void pref_buckets_settle(struct pref_buckets *b)
{
    uint64_t sum = 0;

    for (size_t i = 0; !b->settled && b->pages != NULL && i < PAGES; i++) {
        uint64_t *page = b->pages->page[i];

        b->pages->before[i] = sum;
        for (size_t j = 0; page != NULL && j < PAGE_SIZE; j++) {
            sum += page[j];
            page[j] = sum;
        }
    }
    b->settled = true;
}

uint64_t pref_buckets_midrank_twice(const struct pref_buckets *b, uint32_t bucket)
{
    uint64_t below, in = 0;

    if (b->total == 0) {
        return 0;
    }
    bucket &= 0xffffff;
    below = count_below(b->pages, bucket);
    if (b->pages->page[bucket / PAGE_SIZE] != NULL) {
        in = count_in(b, bucket);
    }
    return 2 * below + in;
}

double pref_buckets_midrank(const struct pref_buckets *b, uint32_t bucket)
{
    if (b->total == 0) {
        return 0.5;
    }
    return (double)pref_buckets_midrank_twice(b, bucket) / (double)(2 * b->total);
}

/* The first place in an ascending array whose value is at least `least`, or `count`. */
static size_t lower_bound(const uint64_t *values, size_t count, uint64_t least)
{
    size_t low = 0;

    while (count > 0) {
        size_t half = count / 2;

        if (values[low + half] < least) {
            low += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return low;
}

int pref_buckets_quantile(const struct pref_buckets *b, struct pref_share share, double *out,
                          struct pref_err *err)
{
    uint64_t rank = pref_share_of(share, b->total);
    size_t page, at;

    if (b->total == 0) {
        return pref_fail(err, "no numbers were counted, so there is no quantile");
    }
    rank = rank > 0 ? rank : 1;
    /* The last page with fewer numbers than `rank` before it holds that number: the pages behind
     * it have at least as many, and it is not empty, or they would not. */
    page = lower_bound(b->pages->before, PAGES, rank) - 1;
    at = lower_bound(b->pages->page[page], PAGE_SIZE, rank);
    *out = pref_bucket_midpoint((uint32_t)(page * PAGE_SIZE + at));
    return PREF_OK;
}

size_t pref_buckets_memory(const struct pref_buckets *b)
{
    return (b->pages != NULL ? sizeof *b->pages : 0) + b->page_count * PAGE_SIZE * sizeof(uint64_t);
}
