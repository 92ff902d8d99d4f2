/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lsh.h - locality-sensitive hashing: which sets of an index may be near to a set at hand.
 *
 * A signature (minhash.h) is cut into `bands` of `rows` values each; sets that agree in all values
 * of a band meet in one of its buckets. Two sets of Jaccard similarity s meet in some band with the
 * probability (Indyk and Motwani 1998; Leskovec, Rajaraman, Ullman, Mining of Massive Datasets,
 * 3.4)
 *
 *   P(s) = 1 - (1 - s^rows)^bands
 *
 * The index keeps a byte of each value, too, which sorts out most that met by chance. Who meets
 * depends on the signatures alone; the seed of an index only scatters its tables.
 *
 * Used by dedup --near, which adds sets from one thread; sketches may be made on any.
 */
#ifndef PREF_LSH_H
#define PREF_LSH_H

#include "minhash.h"
#include "pref/base.h"
#include "pref/share.h"

#define PREF_LSH_BANDS_MAX 32

/* More rows would let fewer meet by chance, but need more bands, each with a table that costs a
 * cache miss and memory, and with them more values, which is what a signature costs. Of sets of
 * similarity 0.1 one pair in 12,500 meets in eight bands of five. */
#define PREF_LSH_ROWS_MAX 5

struct pref_lsh_plan {
    unsigned bands, rows;
};

/* The plan that finds sets of similarity `near` with probability P(near) >= recall: the one of the
 * most rows (and so of the fewest chance meetings) that needs at most PREF_LSH_BANDS_MAX bands and
 * PREF_MINHASH_MAX values. `near` above 0; `recall` below 1. PREF_USAGE, with a sentence, where
 * there is none: the similarity is too low. */
int pref_lsh_plan(struct pref_share near, struct pref_share recall, struct pref_lsh_plan *plan,
                  struct pref_err *err);

/* P(similarity), with 0 <= similarity <= 1. */
double pref_lsh_chance(struct pref_lsh_plan plan, double similarity);

/* What an index must know of a set. */
struct pref_sketch {
    uint64_t *bands;    /* a hash of each band */
    unsigned char *low; /* the low byte of each value */
};

/* The bytes of memory, aligned for uint64_t, that a sketch of `values` values takes. */
size_t pref_sketch_size(struct pref_lsh_plan plan, unsigned values);

/* A sketch that stands in such memory, or will. */
struct pref_sketch pref_sketch_at(struct pref_lsh_plan plan, void *memory);

/* Make the sketch of a signature in such memory; it lives as long as that. */
struct pref_sketch pref_sketch_make(struct pref_lsh_plan plan, const uint32_t *signature,
                                    unsigned values, void *memory);

struct pref_lsh;

/* An index of sketches of `values` values each, a multiple of 8. NULL when memory ran out. */
struct pref_lsh *pref_lsh_new(struct pref_lsh_plan plan, unsigned values, uint64_t seed);
void pref_lsh_free(struct pref_lsh *index);

/* Add a sketch, which gets the number *id, from 0 in the order of adding. PREF_FAIL when memory ran
 * out, or beyond 2^31 sets. */
int pref_lsh_add(struct pref_lsh *index, struct pref_sketch sketch, uint32_t *id,
                 struct pref_err *err);

/* Fetch the cache lines that add and find will touch first; worth calling some sketches ahead. */
void pref_lsh_prefetch(const struct pref_lsh *index, struct pref_sketch sketch);

/* What a look into the index found. */
struct pref_lsh_found {
    uint32_t *ids; /* ascending, each once; the memory is the index's, until its next call */
    size_t count;
    int cut; /* 1: there were more in a bucket than `limit` */
};

/* The sets that meet the sketch in a band and agree with it in at least `least` values' low bytes.
 * Of each band the `limit` sets added last are looked at. PREF_FAIL when memory ran out. */
int pref_lsh_find(struct pref_lsh *index, struct pref_sketch sketch, unsigned least, unsigned limit,
                  struct pref_lsh_found *found, struct pref_err *err);

/* The least agreement in `values` values that a set of similarity `near` misses with a probability
 * of 1e-4: near * values less 3.72 standard deviations of the binomial distribution. */
unsigned pref_lsh_least(unsigned values, struct pref_share near);

/* Memory held. A set takes values + 4 * bands bytes, a quarter more while the list grows, and 11 to
 * 22 for each band. */
uint64_t pref_lsh_bytes(const struct pref_lsh *index);

#endif
