/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flip.h - exchanging the two sides of a pair, as pref-record(5) defines it: the value spans of
 * chosen and rejected, each vote's word, each score row's two numbers; grades are turned about;
 * `swapped` and the sign of a top-level `margin` are toggled; the annotations vote, strength and
 * loo go; `"flipped":true` comes at the end, or goes if it was there. Used by every filter that can
 * flip, so that there is one meaning of it.
 */
#ifndef PREF_FLIP_H
#define PREF_FLIP_H

#include "edit.h"
#include "number.h"
#include "record.h"

#define PREF_FLIP_EXTRA_MAX 8

struct pref_flip {
    pref_place chosen, rejected;
    struct pref_votes votes;
    struct pref_scores scores;
    pref_place margin, flipped;
    pref_place vote, strength, loo; /* annotations */
    pref_place side[PREF_FLIP_EXTRA_MAX][2];
    pref_place turn[PREF_FLIP_EXTRA_MAX + 1]; /* the one more is pref_flip_add_label's */
    pref_place other; /* every other top-level key */
    unsigned sides, turns;
};

/* Add to `shape` what a flip reads. */
void pref_flip_want(struct pref_flip *flip, struct pref_shape *shape,
                    const struct pref_names *names);

/* Exchange two more values of each record: "A:B", fields each. */
int pref_flip_add_side(struct pref_flip *flip, struct pref_shape *shape, const char *pair,
                       struct pref_err *err);

/* Turn a label: "chosen" becomes "rejected" and true false, and the reverse; other values stay. */
int pref_flip_add_turn(struct pref_flip *flip, struct pref_shape *shape, const char *field,
                       struct pref_err *err);

/* Turn the label that the caller itself goes by, once all else is added: not where a flip turns or
 * drops it anyway. At most one. */
void pref_flip_add_label(struct pref_flip *flip, struct pref_shape *shape, const char *field);

/* After all is added: PREF_USAGE with a sentence where two of the values that a flip changes are
 * one, or one is inside the other, so that no record could be flipped. */
int pref_flip_check(const struct pref_flip *flip, const struct pref_shape *shape,
                    struct pref_err *err);

/* One of the changes that turning a vote makes: these bytes of the line become that text. */
struct pref_turn {
    uint32_t start, end;
    uint32_t len;
    char text[PREF_NUMBER_MAX];
};

#define PREF_TURNS_MAX 3

/* What seeing a vote from the other side changes, in the order in which it stands in the line: its
 * word, its grade, and whether the two were swapped. Returns how many changes there are. */
unsigned pref_flip_vote(const struct pref_votes *votes, const struct pref_doc *doc,
                        const struct pref_vote *vote, struct pref_turn turns[PREF_TURNS_MAX]);

/* Collect the edits that flip the record of `edits`. `keep`: the place of the annotation that the
 * caller writes itself, which is not dropped, or PREF_NOWHERE. Returns the number of other
 * top-level keys or values that name a side and were left alone, and of those that
 * pref_flip_add_side names of which the other is absent. */
unsigned pref_flip_edit(const struct pref_flip *flip, struct pref_edits *edits, pref_place keep);

#endif
