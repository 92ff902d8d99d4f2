/* SPDX-License-Identifier: Apache-2.0 */
/*
 * weights.h - a number for each judge, in millionths: what its vote weighs, as --weights of
 * vote says, or what it costs, as --cost of loo does.
 */
#ifndef FILTERS_VOTE_WEIGHTS_H
#define FILTERS_VOTE_WEIGHTS_H

#include "pref/buf.h"
#include "pref/number.h"

enum {
    VOTE_WEIGHT_ONE = PREF_MICROS, /* the unit, of which a weight is a multiple */
    /* At most this many units. A record has less than 2^20 votes, so that twice the weight of all
     * its votes, and the 4 units that p adds, stay below 2^53: integers that a double holds. */
    VOTE_WEIGHT_MOST = 1000
};

struct vote_weight;

/* Starts zeroed. */
struct vote_weights {
    struct pref_buf names;    /* the bytes of the names, decoded */
    struct vote_weight *list; /* sorted by name */
    size_t count;
    uint64_t other;           /* of a judge that is not listed */
};

/* Read "judge=w,...,*=w": decimals from 0 to VOTE_WEIGHT_MOST, of at most 6 digits after the point.
 * A name that has ',', '=' or '"' in it, or is "*", stands in double quotes, in which \" and \\
 * stand for '"' and '\'. PREF_USAGE with a sentence, which begins with `option`, or PREF_FAIL where
 * memory ran out. */
int vote_weights_parse(struct vote_weights *weights, const char *option, const char *text,
                       struct pref_err *err);

/* The place of a judge in the list, by its decoded name, or `count` where it is not listed. */
size_t vote_weights_find(const struct vote_weights *weights, struct pref_span judge);

/* The weight of the judge at a place, or of one that is not listed. */
uint64_t vote_weights_at(const struct vote_weights *weights, size_t i);

/* The weight of a judge, by its decoded name. */
uint64_t vote_weights_of(const struct vote_weights *weights, struct pref_span judge);

/* The decoded name of a judge that is listed. */
struct pref_span vote_weights_name(const struct vote_weights *weights, size_t i);

void vote_weights_release(struct vote_weights *weights);

#endif
