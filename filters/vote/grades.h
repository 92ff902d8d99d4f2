/* SPDX-License-Identifier: Apache-2.0 */
/*
 * grades.h - the grades that stand beside a record's votes, counted for vote: how many there
 * are, their mean and how far they lie apart; and the rules of Multimodal RewardBench 2
 * (2512.16899) over them: people who lie too far apart, or do not prefer either side enough, do not
 * tell what is right. All in integers.
 */
#ifndef FILTERS_VOTE_GRADES_H
#define FILTERS_VOTE_GRADES_H

#include "pref/filter.h"

/* Starts zeroed. */
struct vote_grades {
    uint64_t n;
    int64_t sum;
    int32_t least, most; /* where n is not 0 */
};

/* Room for what vote_grades_put puts. */
#define VOTE_GRADES_MAX 160

/* Add the grades of another. */
void vote_grades_add(struct vote_grades *grades, const struct vote_grades *other);

/* One grade. */
struct vote_grades vote_grades_of(int32_t grade);

/* As they are once the record is flipped. */
void vote_grades_turn(struct vote_grades *grades, struct pref_scale scale);

/* Put ',"grades":3,"grade":1.5,"spread":2' at `at`, or nothing where there are none. Returns the
 * place behind it. */
char *vote_grades_put(char *at, const struct vote_grades *grades);

enum vote_grades_fault { VOTE_GRADES_GOOD, VOTE_GRADES_APART, VOTE_GRADES_IN_BAND };

/* --max-spread and --mean-band; `preset` before the options are read. */
struct vote_grade_rules {
    uint64_t max_spread;  /* UINT64_MAX: not asked for */
    const char *band;     /* as given, or NULL */
    int64_t low, high;    /* of the band, in millionths */
};

void vote_grade_rules_preset(struct vote_grade_rules *rules);

/* Whether any is asked for. */
int vote_grade_rules_any(const struct vote_grade_rules *rules);

/* Read the band. PREF_USAGE with a sentence. */
int vote_grade_rules_open(struct vote_grade_rules *rules, struct pref_err *err);

/* What the rules make of a record with these grades: PREF_PASS, also where there are none, or a
 * rejection with its reason; *fault says which. */
enum pref_verdict vote_grade_rules_judge(const struct vote_grade_rules *rules, struct pref_job *job,
                                         const struct vote_grades *grades, uint8_t *fault);

#endif
