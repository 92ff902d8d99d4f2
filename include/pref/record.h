/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record.h - the pair record, pref-record(5), as shapes: which places its fields are, what each
 * must be, and readers that hand out one vote (and, score.h, one row of scores) after another. Used
 * by filters when they open (to say what they read) and in map (to read it).
 */
#ifndef PREF_RECORD_H
#define PREF_RECORD_H

#include "grade.h"
#include "scan.h"
#include "score.h"

/* What the fields are called, a top-level key or a JSON Pointer each, and the scale of grades. */
struct pref_names {
    const char *prompt, *chosen, *rejected, *votes, *scores, *id;
    struct pref_scale scale;
};

/* The names of pref-record(5). */
struct pref_names pref_names_default(void);

/* How deep a field is checked. */
enum pref_depth {
    PREF_OUTSIDE, /* its own type: a string or an array */
    PREF_INSIDE   /* also every message: its role, content, and that every text decodes */
};

/* A text: a string, or an array of messages. Required. */
pref_place pref_want_text(struct pref_shape *shape, const char *field, enum pref_depth depth);

/* The same where it may be absent. */
pref_place pref_want_text_optional(struct pref_shape *shape, const char *field,
                                   enum pref_depth depth);

/* The words a vote can be, in this order; PREF_VOTES is their number. */
enum pref_word { PREF_CHOSEN, PREF_REJECTED, PREF_TIE, PREF_BOTH_BAD, PREF_WORDS };
extern const char *const pref_vote_words[PREF_WORDS + 1];

/* The places of the votes. */
struct pref_votes {
    pref_place array, each, judge, vote, confidence, swapped, grade;
    struct pref_scale scale;
};

/* An optional array of votes. A vote must have judge (a string) and vote (one of the words);
 * confidence is a finite number, swapped a boolean, grade an integer on the scale that says what
 * the word says (grade.h; a vote both_bad has none), all three optional. */
struct pref_votes pref_want_votes(struct pref_shape *shape, const char *field,
                                  struct pref_scale scale);

/* The same for whoever writes the votes: a null in their place is reported, as a value that holds
 * no vote. */
struct pref_votes pref_want_votes_null(struct pref_shape *shape, const char *field,
                                       struct pref_scale scale);

/* Ask also that each confidence be from 0 to 1. */
void pref_want_probabilities(struct pref_shape *shape, const struct pref_votes *votes);

struct pref_vote {
    const struct pref_hit *judge, *vote;
    const struct pref_hit *confidence, *swapped, *grade; /* NULL where absent */
    enum pref_word word;
};

/* The first hit of the votes, for pref_vote_next: its index, or doc->count where there are none. */
size_t pref_votes_begin(const struct pref_votes *votes, const struct pref_doc *doc);

/* Read the vote at *at and go on: 1, or 0 after the last. */
int pref_vote_next(const struct pref_votes *votes, const struct pref_doc *doc, size_t *at,
                   struct pref_vote *vote);

/* The grade of a vote that has one. */
int32_t pref_vote_grade(const struct pref_doc *doc, const struct pref_vote *vote);

/* Whether `object`, an accepted object, has `first` among its keys and no key outside `keys`
 * (NULL-terminated, first included): the test of "an object of a tool's own shape". */
int pref_object_is_own(struct pref_span object, const char *first, const char *const *keys);

#endif
