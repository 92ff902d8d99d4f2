/* SPDX-License-Identifier: Apache-2.0 */
/*
 * grade.h - graded votes: integers on a scale from one that is strongest for rejected to one that
 * is strongest for chosen, with the tie in the middle. Records are graded from -3 to 3 unless
 * somebody says otherwise (--scale). A scale may run downwards, and need not have a middle: 1..6
 * has no grade for a tie.
 *
 * Called by what reads, turns or counts votes. Plain values; nothing to release.
 */
#ifndef PREF_GRADE_H
#define PREF_GRADE_H

#include "base.h"

struct pref_scale {
    int32_t first, last; /* strongest for rejected, and for chosen; never equal */
};

#define PREF_GRADE_MAX 1000 /* the ends of a scale are at most so far from 0 */

/* -3..3, as pref-record(5) has it. */
struct pref_scale pref_scale_default(void);

/* Read "1..7": two integers. PREF_FAIL where it is none, an end is beyond PREF_GRADE_MAX, or both
 * are equal; *scale then stays as it was. */
int pref_scale_parse(struct pref_span text, struct pref_scale *scale);

/* Read an integer of at most four digits as a record must write it: no point, exponent, plus or
 * -0, so that turned twice it has its old bytes. PREF_FAIL for any other text. */
int pref_grade_parse(struct pref_span text, int32_t *grade);

int pref_grade_is_on(struct pref_scale scale, int32_t grade);

/* What a grade on the scale says: above 0 chosen, below 0 rejected, 0 a tie. */
int pref_grade_side(struct pref_scale scale, int32_t grade);

/* The same grade seen from the other side: first + last - grade. */
int32_t pref_grade_turn(struct pref_scale scale, int32_t grade);

#endif
