/* SPDX-License-Identifier: Apache-2.0 */
/*
 * logistic.h - logistic regression without an intercept on sparse rows, with a ridge penalty that
 * is chosen by cross-validation: the weights w that minimise
 *
 *   sum over records of log (1 + exp (-y (offset + w.x))) + penalty / 2 * |w|^2,    y = 1 or -1
 *
 * A row's offset is what is believed of it before any label. The penalty keeps many features apart
 * on few labels, and shares a weight among features that say the same. It may be stiffer for some
 * features than for others: w^2 is then multiplied by a feature's stiffness. All sums run over the
 * rows as they stand, and the folds are dealt out over them, so that sorted rows give the same
 * result however they came together.
 *
 * Called by vote (--method calibrated). The caller owns the rows; a model owns its weights.
 */
#ifndef PREF_LOGISTIC_H
#define PREF_LOGISTIC_H

#include "base.h"

#define PREF_LOGISTIC_FOLDS 10

/* The penalty is chosen on so many records at the most. */
#define PREF_LOGISTIC_TRIED 2000

/* All sums are of doubles; terms are many, and a pass takes as long as it takes to read them. */
struct pref_logistic_term {
    uint32_t feature;
    float value;
};

struct pref_logistic_row {
    uint64_t times; /* records with these terms and this label; not 0 */
    size_t start;   /* of its terms */
    uint32_t terms;
    int positive;   /* the label */
    double offset;
};

struct pref_logistic_data {
    const struct pref_logistic_term *terms;
    const struct pref_logistic_row *rows;
    size_t count;
    uint32_t features;
    const double *stiffness; /* by feature, above 0; or NULL: all are 1 */
    const int *stop_fd; /* readable once the fit must end; NULL: none */
};

struct pref_logistic {
    double *weights;
    double penalty;
    int stiff; /* whether the stiffness was taken */
    /* Of records each predicted by a model that had not seen it; NaN with fewer than two. */
    double accuracy, log_loss, calibration_error;
};

/*
 * Fit. Of nine penalties from 0.1 to 1000 the one of least cross-validated log loss is taken, over
 * as many folds as there are records, ten at most; to the loss is added 4 log(penalty / 5)^2, which
 * few records cannot outweigh and many do. 10 where there are fewer than two. Where there is a
 * stiffness, and not 1 for all, each penalty is also tried without it; to that loss 3 is added. Of
 * more than PREF_LOGISTIC_TRIED records, as many, evenly spaced in the order of the rows, are
 * tried; the weights are learnt from all. The expected calibration error is over ten bins of equal
 * width.
 *
 * Newton's method with conjugate gradients, preconditioned by the diagonal: a step is linear in the
 * terms. A fit takes some dozens over all rows, and some thousands over those that are tried: to
 * compare penalties, minima are found to about 0.01 of the loss, those of folds from that of all
 * records, and a penalty is given up once it is worse than another. Below 2^52 records. PREF_FAIL
 * when memory ran out, PREF_LATER when stop_fd became readable; release the model in any case.
 */
int pref_logistic_fit(struct pref_logistic *model, const struct pref_logistic_data *data,
                      struct pref_err *err);
void pref_logistic_release(struct pref_logistic *model);

#endif
