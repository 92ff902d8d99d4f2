/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ranks.h"

#include "measure.h"

#include <stdlib.h>

void strength_ranks_init(struct strength_ranks *ranks, uint64_t seed)
{
    pref_buckets_init(&ranks->whole);
    strength_tally_init(&ranks->tally, seed);
}

void strength_ranks_release(struct strength_ranks *ranks)
{
    pref_buckets_release(&ranks->whole);
    strength_tally_release(&ranks->tally);
    free(ranks->ranges);
    ranks->ranges = NULL;
}

/* ---- Counting -------------------------------------------------------------------------------- */

int strength_ranks_count(struct strength_ranks *ranks, struct strength_strata *strata,
                         uint32_t stratum, uint32_t bucket, uint64_t count, struct pref_err *err)
{
    if (strata->field == NULL)
        return pref_buckets_add_count(&ranks->whole, bucket, count, err);
    if (count > PREF_BUCKETS_MAX - ranks->total)
        return pref_fail(err, "the counts of buckets exceed 2^62");
    ranks->total += count;
    strata->list[stratum].records += count;
    return strength_tally_add(&ranks->tally, stratum, bucket, count, err);
}

int strength_ranks_settle(struct strength_ranks *ranks, const struct strength_strata *strata,
                          struct pref_err *err)
{
    struct strength_tally *tally = &ranks->tally;
    if (strata->field == NULL) {
        pref_buckets_settle(&ranks->whole);
        return PREF_OK;
    }
    ranks->range_count = strata->names.count;
    ranks->ranges = calloc(ranks->range_count + 1, sizeof *ranks->ranges);
    if (ranks->ranges == NULL)
        return pref_fail_memory(err, "the strata");
    strength_tally_sort(tally);
    for (size_t i = 0; i < tally->used; i++) {
        struct strength_range *range = &ranks->ranges[STRENGTH_CELL_OWNER(tally->slots[i].key)];
        if (range->count++ == 0)
            range->first = i;
        range->total += tally->slots[i].count;
        tally->slots[i].count = range->total;
    }
    return PREF_OK;
}

/* ---- Ranks ----------------------------------------------------------------------------------- */

/* How many of a stratum's cells are below a bucket. */
static size_t cells_below(const struct strength_cell *cells, size_t count, uint32_t bucket)
{
    size_t low = 0;
    while (count > 0) {
        size_t half = count / 2;
        if (STRENGTH_CELL_BUCKET(cells[low + half].key) < bucket) {
            low += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return low;
}

struct strength_rank strength_ranks_of(const struct strength_ranks *ranks,
                                       const struct strength_strata *strata, uint32_t stratum,
                                       uint32_t bucket)
{
    struct strength_rank rank = {0, 0};
    if (strata->field == NULL) {
        if (ranks->whole.total == 0) /* a fit of nothing */
            return (struct strength_rank){1, 2};
        rank.twice = pref_buckets_midrank_twice(&ranks->whole, bucket);
        rank.of = 2 * ranks->whole.total;
        return rank;
    }
    if (stratum >= ranks->range_count || ranks->ranges[stratum].count == 0)
        return rank;
    const struct strength_range *range = &ranks->ranges[stratum];
    const struct strength_cell *cells = &ranks->tally.slots[range->first];
    size_t at = cells_below(cells, range->count, bucket);
    uint64_t below = at == 0 ? 0 : cells[at - 1].count;
    uint64_t upto = at < range->count && STRENGTH_CELL_BUCKET(cells[at].key) == bucket
                        ? cells[at].count
                        : below;
    rank.twice = below + upto;
    rank.of = 2 * range->total;
    return rank;
}

/* ---- Fits ------------------------------------------------------------------------------------ */

int strength_ranks_save(struct strength_ranks *ranks, const struct strength_strata *strata,
                        struct pref_fit_writer *writer, struct pref_err *err)
{
    return strata->field == NULL ? strength_counts_save(&ranks->whole, writer, err)
                                 : strength_tally_save(&ranks->tally, &strata->names, writer, err);
}

int strength_ranks_load(struct strength_ranks *ranks, struct strength_strata *strata,
                        const struct pref_fit_row *row, struct pref_err *err)
{
    struct pref_span text;
    uint32_t bucket, stratum = 0;
    if (strength_key_parse(row->key, &bucket, &text) != PREF_OK ||
        (text.ptr != NULL) != (strata->field != NULL))
        return pref_fail(err, "row '%s' is no bucket%s", pref_fit_show(row->key).text,
                         strata->field == NULL ? "" : " and stratum");
    int status = text.ptr == NULL ? PREF_OK : strength_strata_load(strata, text, &stratum, err);
    return status != PREF_OK ? status
                             : strength_ranks_count(ranks, strata, stratum, bucket, row->n[0], err);
}
