/* SPDX-License-Identifier: Apache-2.0 */
/*
 * strength_scales.h - what --normalize divides each reward model's differences by: their population
 * standard deviation (zscore) or their interquartile range (iqr) over the corpus. Models speak in
 * units of their own; without this the loudest one is the panel.
 *
 * strength adds each model's differences in its first step of learning, or loads a fit of that
 * step, settles, and asks for scales from any thread after that. What is learnt is counts and exact
 * sums, so that neither order nor partition shows.
 *
 * A model whose scale is 0 says nothing (all its differences are alike) and is left out; so is one
 * whose scale is beyond a double, and one that was never learnt.
 */
#ifndef STRENGTH_SCALES_H
#define STRENGTH_SCALES_H

#include "fit.h"
#include "hash.h"
#include "strength_models.h"
#include "strength_tally.h"

enum strength_normalize { STRENGTH_NONE, STRENGTH_ZSCORE, STRENGTH_IQR };

struct strength_scales {
    enum strength_normalize kind;
    struct strength_models models;
    struct strength_tally tally; /* iqr: until settled */
    struct pref_hasher *rows;    /* of the fit's rows, as they were loaded */
    struct pref_buf line;
    size_t without;              /* models whose scale is 0; settled only */
};

/* One difference of one model. */
struct strength_sample {
    double d;
    uint64_t hash; /* pref_name_table_hash of the name */
    struct pref_span name;
};

/* `kind` is not STRENGTH_NONE. What is made is released, also after a failure. */
int strength_scales_open(struct strength_scales *scales, enum strength_normalize kind,
                         uint64_t seed, struct pref_err *err);
void strength_scales_release(struct strength_scales *scales);

/* Fetch from memory what strength_scales_add of this difference will need a little later. */
void strength_scales_warm(const struct strength_scales *scales,
                          const struct strength_sample *sample);

/* Learn from one difference, which is finite. */
int strength_scales_add(struct strength_scales *scales, const struct strength_sample *sample,
                        struct pref_err *err);

/* Work out the scales; what they came from is freed. */
void strength_scales_settle(struct strength_scales *scales);

/* A model's scale, or 0 where it has none. Settled only. */
double strength_scales_of(const struct strength_scales *scales, struct pref_span name);

/* The rows of a fit: for zscore a model's name with its count and its two sums; for iqr a bucket's
 * six hexadecimal digits, a blank and the name, with the count. Saving ends the learning; nothing
 * is settled after it. */
int strength_scales_save(struct strength_scales *scales, struct pref_fit_writer *writer,
                         struct pref_err *err);

/* Take in such a row; each comes once. PREF_FAIL for any other row. */
int strength_scales_load(struct strength_scales *scales, const struct pref_fit_row *row,
                         struct pref_err *err);

/* The XXH3-128 of all rows loaded, as lines of their fit. */
void strength_scales_digest(const struct strength_scales *scales, char out[33]);

/* Name the first few models that are left out, in order of their names, as JSON strings with
 * commas between them. Out of memory shows in out->failed. */
void strength_scales_name_without(const struct strength_scales *scales, struct pref_buf *out);

#endif
