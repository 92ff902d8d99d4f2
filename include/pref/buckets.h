/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buckets.h - how many numbers of a corpus fell where: the counts behind quantiles.
 *
 * A double's bucket is the top 24 bits of its order-preserving integer image: sign, exponent and
 * 12 bits of the fraction. Buckets follow each other as the numbers do, and one is 2^-12 to 2^-13
 * of its numbers wide. Counts of buckets add, whatever the order and the partition of the input,
 * so quantiles are exact functions of the corpus; and they are far fewer than the numbers.
 *
 * Counting goes straight to a page of 4,096 counters (32 KiB) for each sign and exponent that
 * occurs: no hashing, no sorting, nothing that hostile input could unbalance. Memory: 64 KiB for
 * the directory and 32 KiB a page. Margins between 0.001 and 100, of both signs, are 34 pages, so
 * 1.1 MiB; all doubles there are, 128 MiB.
 *
 * In use: init; add (or add_count, when reading a fit; or merge) as often as needed; settle; then
 * midrank and quantile, which may be called from several threads. next works before and after.
 */
#ifndef PREF_BUCKETS_H
#define PREF_BUCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base.h"
#include "share.h"

/* The buckets of -DBL_MAX, of 0 and of DBL_MAX. */
#define PREF_BUCKET_FIRST UINT32_C(0x001000)
#define PREF_BUCKET_ZERO UINT32_C(0x800000)
#define PREF_BUCKET_LAST UINT32_C(0xffefff)

/* The most numbers that can be counted: twice as many still fit 64 bits. */
#define PREF_BUCKETS_MAX (UINT64_C(1) << 62)

/* The bucket of a finite x; -0 is taken as +0. x <= y implies bucket of x <= bucket of y. */
uint32_t pref_bucket_of(double x);

/*
 * The number that stands for a bucket from PREF_BUCKET_FIRST to PREF_BUCKET_LAST: its middle, and
 * of PREF_BUCKET_ZERO, which holds nothing else of note (up to 5.4e-312), 0. Opposite buckets but
 * for that one have opposite middles.
 */
double pref_bucket_midpoint(uint32_t bucket);

struct pref_bucket_pages;

/* The counts. All bytes zero is an empty one; it owns its pages. */
struct pref_buckets {
    struct pref_bucket_pages *pages; /* NULL until something is counted */
    size_t page_count;
    uint64_t total;
    bool settled;
};

/* Make it empty. */
void pref_buckets_init(struct pref_buckets *b);

/* Free its pages; it is then empty, as after init. */
void pref_buckets_release(struct pref_buckets *b);

/* Count x once. Returns 0, or PREF_FAIL with a sentence if x is not finite, memory ran out, the
 * counts are full or already settled; nothing is then counted. */
int pref_buckets_add(struct pref_buckets *b, double x, struct pref_err *err);

/* Count a bucket `count` times, as a fit's row says. Fails like pref_buckets_add, and if there is
 * no such bucket. */
int pref_buckets_add_count(struct pref_buckets *b, uint32_t bucket, uint64_t count,
                           struct pref_err *err);

/* Add all counts of `from`, which is another one, settled or not. Fails like pref_buckets_add;
 * some of the counts may then have been added. */
int pref_buckets_merge(struct pref_buckets *b, const struct pref_buckets *from,
                       struct pref_err *err);

/*
 * Go through the counts in ascending order of buckets. *cursor is 0 for the first call, and the
 * function's own between calls. Returns true with the next bucket and its count, which is not 0,
 * or false behind the last.
 */
bool pref_buckets_next(const struct pref_buckets *b, uint32_t *cursor, uint32_t *bucket,
                       uint64_t *count);

/* End the counting: the counts are made cumulative in place, at the cost of one pass over the
 * pages. Again on a settled one it does nothing. */
void pref_buckets_settle(struct pref_buckets *b);

/*
 * The quantile, from 0 to 1, at which the numbers of a bucket stand: the mid-rank (numbers below
 * the bucket + half of those in it) / all numbers, from integers. Between 0 and 1 for those that
 * were counted; for others, the share of numbers below. 0.5 if nothing was counted. Settled only.
 */
double pref_buckets_midrank(const struct pref_buckets *b, uint32_t bucket);

/* The same mid-rank as an integer, out of 2 * total: twice the numbers below the bucket, and those
 * in it. 0 if nothing was counted. Settled only. */
uint64_t pref_buckets_midrank_twice(const struct pref_buckets *b, uint32_t bucket);

/*
 * The midpoint of the bucket where the numbers reach a share: that of the nearest rank,
 * max(1, share * total rounded up), in integers. Returns 0, or PREF_FAIL with a sentence if
 * nothing was counted. Settled only.
 */
int pref_buckets_quantile(const struct pref_buckets *b, struct pref_share share, double *out,
                          struct pref_err *err);

/* The bytes it holds on the heap. */
size_t pref_buckets_memory(const struct pref_buckets *b);

#endif
