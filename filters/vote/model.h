/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model.h - a model of judges behind vote: learns the patterns of votes (patterns.h),
 * solves them (pref/dawid_skene.h, or with gold labels calibrated.h), and says of a record how
 * probable it is that chosen is better.
 *
 * vote calls it from its halves of the same names. Nothing here is called for methods that learn
 * nothing.
 */
#ifndef VOTE_MODEL_H
#define VOTE_MODEL_H

#include "ballot.h"
#include "calibrated.h"
#include "patterns.h"
#include "pref/filter.h"

enum vote_model_kind { VOTE_MODEL_NONE, VOTE_MODEL_DAWID_SKENE, VOTE_MODEL_CALIBRATED };

struct vote_model {
    enum vote_model_kind kind;
    const char *gold;      /* the field of the labels, or NULL where not given */
    pref_place gold_place; /* calibrated */
    int by_order;    /* a judge is as many sources as there are orders */
    uint64_t memory; /* --memory, 0 where not given */
    struct vote_patterns patterns;
    struct pref_ds ds;                 /* one of these two */
    struct vote_calibrated calibrated;
    int solved, stop_fd;
};

/* What commit and absorb need to know of a record. */
struct vote_model_note {
    struct vote_pattern_key key; /* learning */
    uint32_t unknown;            /* applying: votes of judges that were not learnt from */
};

/* Refuse options of a model that contradict others, or that do nothing. */
int vote_model_check(const struct vote_model *model, const struct ballot_plan *plan,
                     struct pref_err *err);

/* The field of the gold labels, or NULL where the model has none. */
const char *vote_model_gold(const struct vote_model *model);

int vote_model_open(struct vote_model *model, struct pref_opening *opening, struct pref_err *err);

/* In learn: what the record's votes are, and its label. PREF_FAIL, with job->err filled, if memory
 * ran out. */
int vote_model_look(const struct vote_model *model, const struct ballot_plan *plan,
                    struct pref_job *job, struct vote_model_note *note);

/* In absorb: count them. */
int vote_model_add(struct vote_model *model, const struct ballot_plan *plan, struct pref_row *row,
                   const struct vote_model_note *note);

/* Fit the model to what was learnt, or loaded. PREF_LATER where the run must end. */
int vote_model_settle(struct vote_model *model, struct pref_err *err);

/* A vote of a judge that was not learnt from. */
#define VOTE_NO_CELL UINT32_MAX

/* In map: append a uint32_t for each vote, in their order, which stands for what it says to the
 * model; and count the unknown. PREF_FAIL as above. Uses scratch[1]. */
int vote_model_cells(const struct vote_model *model, const struct ballot_plan *plan,
                     struct pref_job *job, struct pref_buf *cells, uint32_t *unknown);

/* The posterior probability that chosen is better, given votes as such cells, which are moved
 * about; 1/2 where there are none. */
double vote_model_p(const struct vote_model *model, uint32_t *cells, size_t votes);

/* In map: the posterior probability that chosen is better from all votes of the record. PREF_FAIL
 * as above. Uses scratch[1] and scratch[2]. */
int vote_model_ask(const struct vote_model *model, const struct ballot_plan *plan,
                   struct pref_job *job, struct vote_model_note *note, double *p);

void vote_model_options(const struct vote_model *model, const struct ballot_plan *plan,
                        struct pref_buf *json);
int vote_model_save(struct vote_model *model, struct pref_fit_writer *writer, struct pref_err *err);
void vote_model_report(const struct vote_model *model, struct pref_report *report);
void vote_model_release(struct vote_model *model);

#endif
