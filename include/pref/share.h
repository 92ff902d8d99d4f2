/* SPDX-License-Identifier: Apache-2.0 */
/*
 * share.h - shares between 0 and 1, as options name them and as counts are compared with them.
 *
 * A share is kept as a fraction of integers, never as a double, so that 2 of 3 votes are at least
 * 2/3, and 0.7 of 10 records are 7. Called by the options of vote, strength, decon, shard and
 * loo. Plain values; nothing to release.
 */
#ifndef PREF_SHARE_H
#define PREF_SHARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base.h"

/* num / den in lowest terms, 0 <= num <= den, 0 < den < 2^37: two equal shares, however they were
 * written, have equal members. */
struct pref_share {
    uint64_t num;
    uint64_t den;
};

/* Room for any text of pref_share_print, with its NUL. */
#define PREF_SHARE_MAX 32

/*
 * Read a share from 0 to 1: a decimal ("0.75", ".5", "1", "1.0"), a fraction ("2/3") or a
 * percentage ("75%", "0.5%"). Digits only, at most 9 of them on each side of the '.' or '/'; no
 * sign, exponent or blanks.
 *
 * Returns 0, or PREF_USAGE with a sentence in `err` that quotes the text; *share is then left as
 * it was.
 */
int pref_share_parse(struct pref_span text, struct pref_share *share, struct pref_err *err);

/* Write the share as the shortest of its kind, "0", "1" or "2/3" in lowest terms, and a NUL.
 * Equal shares give equal texts. Returns the length without the NUL. */
size_t pref_share_print(char out[PREF_SHARE_MAX], struct pref_share share);

/* How count / total stands to the share: negative below it, 0 equal, positive above. Exact for
 * all counts. `total` must not be 0 (0 / 0 stands nowhere; the result is then 0). */
int pref_share_compare(uint64_t count, uint64_t total, struct pref_share share);

/* Whether count / total >= share, exactly. Nothing out of nothing is no share: false. */
bool pref_share_at_least(struct pref_share share, uint64_t count, uint64_t total);

/* Whether count / total <= share, exactly; false if `total` is 0. */
bool pref_share_at_most(struct pref_share share, uint64_t count, uint64_t total);

/* The sum of two shares in lowest terms; it may be above 1, and is then no share but can be added
 * to. Returns 0, or PREF_FAIL where its denominator would reach 2^37. */
int pref_share_add(struct pref_share a, struct pref_share b, struct pref_share *sum);

/* The least count with count / total >= share: share * total, rounded up, exactly. */
uint64_t pref_share_of(struct pref_share share, uint64_t total);

#endif
