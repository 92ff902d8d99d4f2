/* SPDX-License-Identifier: Apache-2.0 */
/*
 * measure.h - what the correlations of models say: who is whose twin, who stands apart, and
 * as how many independent models the panel counts. For pref models alone.
 */
#ifndef CMD_MODELS_MEASURE_H
#define CMD_MODELS_MEASURE_H

#include "load.h"
#include "pref/share.h"

struct models_panel {
    uint32_t varying;    /* models whose differences are not all alike */
    uint64_t apart;      /* pairs of these without a correlation: no records, or none that vary */
    double effective;    /* number of models; a NaN where any pair of them is apart */
    double mean;         /* correlation of the pairs of these that have one */
    uint32_t negative, low; /* models so flagged */
};

/*
 * Fill in the twins and flags of models, settled and of --pairs, and the panel. A model is flagged
 * as negative if its correlation with the mean of the others is below 0, else as low if it is below
 * `low`.
 *
 * The effective number of M models is the participation ratio of the eigenvalues of their matrix of
 * correlations, (sum lambda)^2 / sum lambda^2 = M^2 / sum_ij r_ij^2 (Bretherton et al., "The
 * Effective Number of Spatial Degrees of Freedom of a Time-Varying Field", 1999): M where no two
 * correlate, 1 where all say the same.
 */
void models_measure(struct models *models, struct pref_share low, struct models_panel *panel);

#endif
