/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scales.h - what --normalize brings each reward model's scores to one scale by: the
 * population standard deviation of its differences (zscore) or their interquartile range (iqr) over
 * the corpus, which divide them; or the median and the interquartile range of its scores, of both
 * sides together, by which each score goes through a logistic function (logistic, after MedGRPO,
 * 2512.06581). Models speak in units of their own; without this the loudest one is the panel.
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

#include "models.h"
#include "tally.h"
#include "pref/fit.h"
#include "pref/hash.h"

enum strength_normalize { STRENGTH_NONE, STRENGTH_ZSCORE, STRENGTH_IQR, STRENGTH_LOGISTIC };

struct strength_scales {
    enum strength_normalize kind;
    struct strength_models models;
    struct strength_tally tally; /* iqr, logistic: until settled */
    struct pref_hasher *rows;    /* of the fit's rows, as they were loaded */
    struct pref_buf line;
    size_t without;              /* models whose scale is 0; settled only */
};

/* What is learnt from of one model: a difference, or under logistic a score. */
struct strength_sample {
    double x;
    uint64_t hash; /* pref_name_table_hash of the name */
    struct pref_span name;
};

/* `kind` is not STRENGTH_NONE. What is made is released, also after a failure. */
int strength_scales_open(struct strength_scales *scales, enum strength_normalize kind,
                         uint64_t seed, struct pref_err *err);
void strength_scales_release(struct strength_scales *scales);

/* Fetch from memory what strength_scales_add of this sample will need a little later. */
void strength_scales_warm(const struct strength_scales *scales,
                          const struct strength_sample *sample);

/* Learn from one sample, which is finite. */
int strength_scales_add(struct strength_scales *scales, const struct strength_sample *sample,
                        struct pref_err *err);

/* Work out the scales; what they came from is freed. */
void strength_scales_settle(struct strength_scales *scales);

/* The model of this name, if it has a scale, else NULL. Settled only. */
const struct strength_model *strength_scales_find(const struct strength_scales *scales,
                                                  struct pref_span name);

/* A difference of the model, divided by its scale; never beyond 2^1022. Not under logistic. */
double strength_scales_divide(const struct strength_model *model, double difference);

/* Under logistic: r(chosen) - r(rejected), where r(x) = 1 / (1 + e^(-3 (x - median) / range)). From
 * -1 to 1, with the sign of chosen - rejected, or 0 where that is lost in the tails. */
double strength_scales_logistic(const struct strength_model *model, double chosen, double rejected);

/* The rows of a fit: for zscore a model's name with its count and its two sums; for iqr and
 * logistic a bucket's six hexadecimal digits, a blank and the name, with the count. Saving ends the
 * learning; nothing is settled after it. */
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
