/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dawid_skene.h - how far each judge of a panel can be believed, learnt from votes alone.
 *
 * A. P. Dawid and A. M. Skene, "Maximum Likelihood Estimation of Observer Error-Rates Using the EM
 * Algorithm", Applied Statistics 28 (1979): each record has a true side, chosen or rejected, which
 * nobody saw; a source of votes (a judge, or a judge in one order of presentation) says each of the
 * four words with a probability that depends on that side alone; given the side, votes are
 * independent. EM finds the probabilities under which the votes are most likely.
 *
 * Records with the same votes are one *pattern* with a number of times, so that the cost of an
 * iteration is linear in the votes of the distinct patterns. All sums run over the patterns in the
 * order given: whoever wants results that no partition of the corpus shows gives them sorted.
 *
 * Called by vote (--method dawid-skene) and by the program's judges. The caller owns the patterns;
 * a solved model owns its tables and may be asked from several threads.
 */
#ifndef PREF_DAWID_SKENE_H
#define PREF_DAWID_SKENE_H

#include "record.h"

/* The true sides, in this order. */
enum { PREF_DS_SIDES = 2 };

/* At most so many iterations; what has not converged by then is said not to have. */
#define PREF_DS_ITERATIONS_MAX 1000

/* A vote is a cell: its source's number * PREF_WORDS + its word. */
struct pref_ds_pattern {
    uint64_t times; /* records that have these votes; not 0 */
    size_t start;   /* of its cells */
    uint32_t votes; /* at least one */
    uint32_t label; /* the caller's own; not looked at here */
};

struct pref_ds_data {
    const uint32_t *cells;
    const struct pref_ds_pattern *patterns;
    size_t count;
    uint32_t sources;
    const int *stop_fd; /* readable once the fit must end; NULL: none */
};

struct pref_ds {
    uint32_t sources;
    double prior;        /* the probability of chosen before any vote */
    double *rates;       /* [cell * PREF_DS_SIDES + side]: the probability of the word */
    int64_t *evidence;   /* [cell]: see pref_ds_evidence */
    double base;         /* the log-odds of the prior: infinite where it is 0 or 1 */
    double log_likelihood;
    unsigned iterations; /* of EM */
    int converged;
    int mirrored;        /* the two sides had changed names, and were given them back */
};

/*
 * Fit the model. The start, the smoothing of 0.01 a cell and the rule to stop (no probability of a
 * record moves by more than 1e-9) are fixed; the result is a function of the data. EM cannot tell
 * the sides by itself: where it ends with votes that on average speak against the side they name,
 * the sides are exchanged, which is as likely a solution. Votes below 2^53 in all. PREF_FAIL when
 * memory ran out, PREF_LATER when stop_fd became readable; release the model in any case. Without
 * patterns nothing is known: the prior is 1/2 and each word as likely as the others.
 */
int pref_ds_fit(struct pref_ds *model, const struct pref_ds_data *data, struct pref_err *err);
void pref_ds_release(struct pref_ds *model);

/* What a vote says for chosen: log (P(word | chosen) / P(word | rejected)) in units of 2^-36.
 * Integers, so that the order in which a record's votes are added shows nowhere: less than 2^42
 * each, and a record has less than 2^20 of them. */
int64_t pref_ds_evidence(const struct pref_ds *model, uint32_t cell);

/* The posterior probability that chosen is the better side, given the sum of a record's
 * evidence. */
double pref_ds_posterior(const struct pref_ds *model, int64_t evidence);

#endif
