/* SPDX-License-Identifier: Apache-2.0 */
/*
 * search.h - the leave-one-out search for a minimal sufficient set, without any idea of what is
 * searched or who judges: it names a subset, is told whether that suffices, and names the next.
 *
 * Algorithm 1 of Context-Picker (arXiv 2512.14465): the full set is asked first. Then items are
 * left out one at a time, in an order that is given; one whose absence is accepted is gone for
 * good; rounds are repeated until one removes nothing. A subset is never asked twice: an item that
 * was found necessary is asked again only if something was removed since. The result is 1-minimal:
 * every item left is necessary. At most n(n+1)/2 + 1 subsets are asked.
 */
#ifndef FILTERS_LOO_SEARCH_H
#define FILTERS_LOO_SEARCH_H

#include <stddef.h>
#include <stdint.h>

/* What is left out as one: an item, or several that belong together. */
struct loo_unit {
    uint8_t kept;          /* 1 until it is found superfluous */
    uint32_t necessary_at; /* removals there had been when it was found necessary, plus one; or 0 */
};

enum loo_state { LOO_FULL, LOO_ROUNDS, LOO_DONE, LOO_INSUFFICIENT };

struct loo_search {
    struct loo_unit *units; /* the owner's, count of them */
    const uint32_t *of;     /* the unit of each item; NULL: an item is a unit */
    const uint32_t *order;  /* which is tried first, second, ...; NULL: they are as they stand */
    uint32_t count;         /* of units */
    uint32_t items;
    enum loo_state state;
    uint32_t turn;     /* whose turn it is in the order: that of unit `at` */
    uint32_t at;       /* the unit that is being left out */
    uint32_t removals; /* units gone so far */
    uint32_t calls;    /* subsets asked */
};

/* Begin on `items` items, each of which is a unit. `units` is room for them, to be filled in;
 * `order`, where it is not NULL, has each unit's number once. Both are the caller's and outlive the
 * search. */
void loo_begin(struct loo_search *search, struct loo_unit *units, const uint32_t *order,
               uint32_t items);

/* The same where items belong to `count` units: of[i] is that of item i. */
void loo_begin_grouped(struct loo_search *search, struct loo_unit *units, const uint32_t *order,
                       uint32_t count, const uint32_t *of, uint32_t items);

/* Whether there is a subset to ask about: 1, or 0 when the search is over (state LOO_DONE or
 * LOO_INSUFFICIENT). */
int loo_asks(const struct loo_search *search);

/* Whether item `i` is in the subset being asked about. */
int loo_has(const struct loo_search *search, uint32_t i);

/* How many items are in that subset, or in the result once the search is over. */
uint32_t loo_left(const struct loo_search *search);

/* The answer for that subset: 1, it suffices. Goes on to the next. */
void loo_answer(struct loo_search *search, int sufficient);

/* The most subsets that a search over `count` units asks about. */
uint64_t loo_most_calls(uint32_t count);

#endif
