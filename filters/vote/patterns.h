/* SPDX-License-Identifier: Apache-2.0 */
/*
 * patterns.h - how often each distinct pattern of votes occurs in a corpus. A pattern is what
 * a record's votes are without their order: which judge said which word how often, and where it is
 * asked for, having seen the two sides in which order. It is all that a model of judges needs, and
 * all that its fit holds.
 *
 * vote adds patterns from one thread at a time (absorb, load), and settles: judges are then sorted
 * by name and patterns by what they are, so that neither the order of the input nor its partition
 * shows in anything that follows. The program's judges reads them from a fit.
 *
 * Memory, of a distinct pattern: 4 bytes a vote, 24, and while they are counted 25 to 32 of index,
 * or while they are sorted 64; lists have room for up to twice what they hold. Where this comes to
 * more than the limit, or without one to three quarters of the memory there is, counting fails.
 */
#ifndef VOTE_PATTERNS_H
#define VOTE_PATTERNS_H

#include "pref/buf.h"
#include "pref/dawid_skene.h"
#include "pref/fit.h"
#include "pref/keyset.h"

/* How a judge saw the two sides, in the order of fits. A judge in one order is a source of votes:
 * its number is the judge's * VOTE_ORDERS + the order. */
enum vote_order { VOTE_ORDER_SWAPPED, VOTE_ORDER_PLAIN, VOTE_ORDER_UNKNOWN, VOTE_ORDERS };

#define VOTE_NO_JUDGE UINT32_MAX

/* The labels of patterns that are labelled: PREF_CHOSEN, PREF_REJECTED, and of records that nobody
 * labelled this. */
#define VOTE_UNLABELLED PREF_TIE

/* One vote of a record. */
struct vote_cast {
    struct pref_span judge; /* decoded */
    enum vote_order order;
    enum pref_word word;
};

/* The key of a pattern: the sum of its votes' hashes, which knows no order. Starts zeroed. */
struct vote_pattern_key {
    struct pref_h128 sum;
    uint32_t votes;
    uint32_t label; /* where patterns are labelled */
};

struct vote_judge {
    size_t name; /* where it begins in vote_patterns.names */
    size_t length;
};

struct vote_patterns {
    uint64_t seed;
    uint64_t limit, most;          /* bytes that may be held: as was said, or 0; and as it is */
    int labelled;                  /* a pattern is of one label: set before any is added */
    const int *stop_fd;            /* readable once the run must end; NULL: none */
    struct pref_keyset *judge_set; /* numbers judges as they come */
    struct pref_keyset *set;       /* numbers patterns */
    struct pref_buf names;         /* of judges, as they stand in fits: escaped */
    struct pref_buf judges;        /* of struct vote_judge, by number; settled: by name */
    struct pref_buf cells;         /* of uint32_t */
    struct pref_buf list;          /* of struct pref_ds_pattern, by number; settled: in order */
    uint32_t *rank;                /* settled: the place of a judge's number among the names */
    size_t judge_count, count;
    uint64_t records; /* with a vote */
};

int vote_patterns_open(struct vote_patterns *patterns, uint64_t seed, uint64_t limit,
                       struct pref_err *err);
void vote_patterns_release(struct vote_patterns *patterns);

/* Add a vote to a key, or label it, which is done once. Called from any thread. */
void vote_pattern_key_add(const struct vote_patterns *patterns, struct vote_pattern_key *key,
                          const struct vote_cast *cast);
void vote_pattern_key_label(struct vote_pattern_key *key, enum pref_word label);

/*
 * Count a pattern, which has a vote, `times` times. If it is new, its votes must be told: *fresh is
 * then 1, and vote_patterns_vote is called with each of them, and vote_patterns_close. PREF_FAIL
 * with a sentence if memory ran out or the limit is reached, or the records are more than 2^52.
 */
int vote_patterns_count(struct vote_patterns *patterns, const struct vote_pattern_key *key,
                        uint64_t times, int *fresh, struct pref_err *err);
int vote_patterns_vote(struct vote_patterns *patterns, const struct vote_cast *cast,
                       struct pref_err *err);
int vote_patterns_close(struct vote_patterns *patterns, struct pref_err *err);

/* Sort judges and patterns; nothing is added after that. PREF_LATER where the run must end. */
int vote_patterns_settle(struct vote_patterns *patterns, struct pref_err *err);

/* What a model is fitted to: settled, and as long as the patterns stay. */
struct pref_ds_data vote_patterns_data(const struct vote_patterns *patterns);

/* Settled: forget the patterns, and keep the judges. */
void vote_patterns_forget(struct vote_patterns *patterns);

/* Settled: the place of a judge, given its decoded name, or VOTE_NO_JUDGE. From any thread. */
uint32_t vote_patterns_judge(const struct vote_patterns *patterns, struct pref_span name);

/* Settled: the name of the judge at a place, escaped as in a fit; lives as long as the patterns. */
struct pref_span vote_patterns_name(const struct vote_patterns *patterns, uint32_t place);

/* The rows of a fit, settled: a row a pattern, whose key is, for each judge in order, its name, a
 * TAB, its votes, with a TAB between judges, and before them, where patterns are labelled, the
 * label and a TAB; see pref-fit(5). */
int vote_patterns_save(const struct vote_patterns *patterns, struct pref_fit_writer *writer,
                       struct pref_err *err);

/* Take in such a row, before settling. PREF_FAIL for any other row. */
int vote_patterns_load(struct vote_patterns *patterns, const struct pref_fit_row *row,
                       struct pref_err *err);

#endif
