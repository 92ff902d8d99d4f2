/* SPDX-License-Identifier: Apache-2.0 */
/*
 * near_sets.h - the records that stay, in scratch storage, and how similar another record is
 * to one of them: exactly, field by field, on integers. Shingles are compared as 64-bit hashes;
 * where the decision hangs on a single one, the words themselves decide. Only the values of the
 * fields are kept, or where they stand in the input, if that can be read again; shingles are found
 * in them again when they are compared, and only then are lists made sets; those of the last ones
 * are at hand for a while (near_recent.h).
 *
 * Used from commit. In memory a record takes 12 bytes, 15 while the list grows.
 */
#ifndef PREF_DEDUP_NEAR_SETS_H
#define PREF_DEDUP_NEAR_SETS_H

#include "fields.h"
#include "near_recent.h"
#include "lib/stream/scratch.h"
#include "lib/stream/store.h"
#include "lib/text/unicode.h"
#include "pref/scan.h"
#include "pref/share.h"
#include "pref/shingle.h"
#include "pref/shingle_set.h"
#include "pref/words.h"

/* A record's shingles, field after field, and the values of its fields, as they came. */
struct near_set {
    uint32_t shingles[DEDUP_FIELDS_MAX]; /* of each field */
    uint32_t start[DEDUP_FIELDS_MAX];    /* of each field's value, from `base` */
    uint32_t bytes[DEDUP_FIELDS_MAX];    /* of it */
    const uint64_t *list;                /* in no order; any number of times */
    size_t count;                        /* of all fields */
    const char *base;                    /* NULL until the record is at hand; PREF_PAD readable
                                          * bytes follow the values */
    uint64_t place;                      /* then: where that can be read again, or 0 */
};

/* The record is at hand, as a row. */
static inline void near_set_row(struct near_set *set, const struct pref_row *row)
{
    set->base = row->line.ptr;
    set->place = pref_row_place(row);
}

/* When two records are near: |A and B| / |A or B| is at least `near`, over all fields, and at least
 * `each` in every field. Fields without words in either are equal. */
struct near_rule {
    unsigned fields;
    size_t ngram;
    struct pref_share near, each;
};

/* What two sets have in common, over all fields. */
struct near_common {
    uint64_t both, either; /* shingles in both; in one or both */
};

/* What is read of an index that was made before: nothing of it is the sets' own. */
struct near_stored {
    struct pref_store *store;
    uint64_t end; /* of the pieces that are sets */
};

/* A set whose values are read again: the place of the span that holds them (reread.h), and the sum
 * of its shingles, which what is read must have, too. */
struct near_again {
    uint64_t place, sum;
};

struct near_sets {
    struct pref_scratch *scratch;
    struct near_stored stored;
    struct pref_rereads *rereads; /* the run's; NULL where no set has a place */
    struct near_again again;      /* of the set read again last */
    struct pref_shape *shape;     /* of any value: */
    struct pref_scanner *scanner; /* what files hold is doubted */
    uint64_t *at;   /* by number: where the set is, below stored.end there and else in scratch, */
    uint32_t *key;  /* and what it was kept under */
    size_t count, cap;
    struct pref_buf raw, text;       /* the record that is looked at */
    struct pref_buf other;           /* its set */
    struct near_recent recent;       /* and those of others that were looked at */
    struct pref_shingles list;       /* while they are found */
    struct pref_shingle_set field;   /* one field of it, */
    struct pref_shingle_set mine[DEDUP_FIELDS_MAX]; /* and the set that it is compared with */
    struct pref_words words;         /* for texts */
    struct pref_folder *folder;
};

int near_sets_open(struct near_sets *sets, uint64_t seed, struct pref_err *err);
void near_sets_close(struct near_sets *sets);

/* Keep a set under the next number, from 0. */
int near_sets_add(struct near_sets *sets, const struct near_set *set, const struct near_rule *rule,
                  uint32_t key, struct pref_err *err);

/* Keep the set, before all others, that is the next piece of the store, of `len` bytes. */
int near_sets_add_stored(struct near_sets *sets, size_t len, uint32_t key, struct pref_err *err);

/* A set that was kept as a piece is, until the next call; and one that is such a piece, from `at`
 * to `end`, into sets->raw (near_stored.c). */
int near_sets_print(struct near_sets *sets, uint32_t number, const struct near_rule *rule,
                    struct pref_span *piece, struct pref_err *err);
int near_stored_read(struct near_sets *sets, uint64_t at, uint64_t end,
                     const struct near_rule *rule, struct pref_err *err);

/* A set whose values need not be kept (near_again.c): whether it is one; to keep where they stand;
 * to read them, by what was kept at `at` of the scratch storage, into sets->raw; and whether the
 * shingles that were then found in them are the set's. */
int near_again_suits(const struct near_set *set, const struct near_rule *rule);
int near_again_add(struct near_sets *sets, const struct near_set *set,
                   const struct near_rule *rule, struct pref_err *err);
int near_again_read(struct near_sets *sets, uint64_t at, const struct near_rule *rule,
                    struct pref_err *err);
int near_again_check(const struct near_sets *sets, const struct pref_shingles *shingles,
                     struct pref_err *err);

/* What was kept of a set, into sets->raw, PREF_PAD bytes behind it. */
int near_sets_read(struct near_sets *sets, uint32_t number, const struct near_rule *rule,
                   struct pref_err *err);

/* A set that was kept, values and all, in `memory`. */
int near_sets_recall(struct near_sets *sets, uint32_t number, const struct near_rule *rule,
                     struct pref_buf *memory, struct near_set *set, struct pref_err *err);

/* Take the set that others will be compared with. */
int near_sets_take(struct near_sets *sets, const struct near_set *set, const struct near_rule *rule,
                   struct pref_err *err);

/* Whether the set kept under a number is near to the one taken, which is `set`: *near is 1 or 0,
 * and *common what they have in common. */
int near_sets_compare(struct near_sets *sets, uint32_t number, const struct near_set *set,
                      const struct near_rule *rule, struct near_common *common, int *near,
                      struct pref_err *err);

/* The same for another set that is at hand, values and all. */
int near_sets_compare_with(struct near_sets *sets, const struct near_set *other,
                           const struct near_set *set, const struct near_rule *rule,
                           struct near_common *common, int *near, struct pref_err *err);

/* What the words of two sets' texts have in common in each field: as `both` and the sizes `a` and
 * `b` would be if no two shingles had the same hash (near_words.c). */
struct near_counts {
    uint64_t a, b, both;
};
int near_words_compare(struct near_sets *sets, const struct near_set *a, const struct near_set *b,
                       const struct near_rule *rule, struct near_counts *counts,
                       struct pref_err *err);

#endif
