/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state.h - the state of strength, shared by its parts: strength.c has the options and
 * what becomes of a record, learn.c the whole corpus and its fits.
 */
#ifndef STRENGTH_STATE_H
#define STRENGTH_STATE_H

#include "bands.h"
#include "groups.h"
#include "pairs.h"
#include "ranks.h"
#include "rows.h"
#include "scales.h"
#include "strata.h"
#include "filters/common/flipping.h"

struct strength {
    const char *bands_text;
    int flip_if;   /* enum flip_if */
    int normalize; /* enum strength_normalize */
    int top_level, per_token;
    uint64_t strict_levels; /* as given */
    const char *key; /* of the annotation */
    struct strength_rows rows;
    pref_place own, margin, label; /* the last two under --top-level */
    struct flipping flipping;
    struct strength_bands bands;
    struct strength_strata strata;
    struct strength_scales scales; /* unless nothing is normalised */
    struct strength_ranks ranks;
    struct strength_groups groups;
    struct strength_pairs pairs;
    unsigned step; /* of learning: how many are settled */
    uint64_t acted[STRENGTH_ACTIONS], flipped_positive, left_out, unscaled, not_strict;
};

/* What commit and absorb need to know of a record. */
struct strength_note {
    const struct strength_sample *samples; /* learning scales, or pairs */
    size_t sampled;
    struct strength_value value; /* learning: its stratum */
    struct strength_moments m;   /* learning means */
    uint32_t bucket;
    uint32_t stratum; /* its number, where it has an annotation */
    uint32_t untouched, left_out;
    uint8_t scored, unscaled, unknown, action, positive, label, not_strict;
};

/* Look at the key where the annotation stands or would stand, no more. */
enum pref_verdict strength_look_at_own(const struct strength *s, struct pref_job *job);

#endif
