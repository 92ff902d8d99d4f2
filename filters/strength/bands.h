/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bands.h - the language of strength's --bands: which action a record meets at its
 * quantile, as "0.10=flip,0.20=drop,0.40=smooth:0.2,0.90=keep,1=soft".
 *
 * strength parses the text when it opens, and then asks for the band of each record's rank, from
 * any thread. Nothing here owns memory.
 */
#ifndef STRENGTH_BANDS_H
#define STRENGTH_BANDS_H

#include "pref/share.h"

enum strength_action {
    STRENGTH_KEEP,   /* it stays as it is: label 1 */
    STRENGTH_FLIP,   /* its sides are exchanged: label 1 */
    STRENGTH_DROP,   /* it is rejected */
    STRENGTH_SMOOTH, /* label 1 - A */
    STRENGTH_SOFT,   /* label: the mean of the sigmoids of its differences */
    STRENGTH_ACTIONS
};

/* Their words, in that order. */
extern const char *const strength_action_words[STRENGTH_ACTIONS];

/* At most so many, a last one that is implied included. */
#define STRENGTH_BANDS_MAX 64

struct strength_band {
    struct pref_share to; /* it reaches up to this quantile and has it */
    enum strength_action action;
    double label; /* of its records; 0 under drop and soft, which have none of their own */
};

/* In ascending order; the last reaches up to 1. */
struct strength_bands {
    struct strength_band band[STRENGTH_BANDS_MAX];
    unsigned count;
};

/*
 * Read the bands: QUANTILE=ACTION, separated by commas. Quantiles are shares (share.h) above 0, in
 * strictly ascending order; above the last one all is kept. Actions are the words above, smooth
 * with its share: smooth:A. Returns 0, or PREF_USAGE with a sentence that quotes what is wrong;
 * *bands is then undefined.
 */
int strength_bands_parse(const char *text, struct strength_bands *bands, struct pref_err *err);

/* The number of the band that a rank is in, `twice` out of `of`, which is not 0: compared with each
 * quantile in integers, exactly. */
unsigned strength_bands_find(const struct strength_bands *bands, uint64_t twice, uint64_t of);

/* Whether any band has this action. */
bool strength_bands_have(const struct strength_bands *bands, enum strength_action action);

/* The quantile at which a band begins, as a number to show. */
double strength_band_from(const struct strength_bands *bands, unsigned band);

/* The quantile up to which it reaches, as a number to show. */
double strength_band_to(const struct strength_bands *bands, unsigned band);

#endif
