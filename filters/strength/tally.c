/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "tally.h"

#include "measure.h"
#include "pref/buf.h"
#include "pref/hash.h"

#include <stdlib.h>

#define SLOTS_FIRST 1024

void strength_tally_init(struct strength_tally *tally, uint64_t seed)
{
    *tally = (struct strength_tally){.seed = seed};
}

void strength_tally_release(struct strength_tally *tally)
{
    free(tally->slots);
    strength_tally_init(tally, tally->seed);
}

/* Where the search for a key begins. */
static size_t slot_of(size_t slot_count, uint64_t seed, uint64_t key)
{
    return pref_hash64(&key, sizeof key, seed) & (slot_count - 1);
}

/* The slot of a key, or the empty one where it would go. */
static struct strength_cell *find(struct strength_cell *slots, size_t slot_count, uint64_t seed,
                                  uint64_t key)
{
    size_t mask = slot_count - 1, at = slot_of(slot_count, seed, key);
    while (slots[at].count != 0 && slots[at].key != key)
        at = (at + 1) & mask;
    return &slots[at];
}

/* Twice the slots, so that half of them stay empty. */
static int grow(struct strength_tally *tally, struct pref_err *err)
{
    size_t count = tally->slot_count == 0 ? SLOTS_FIRST : tally->slot_count * 2;
    struct strength_cell *slots = calloc(count, sizeof *slots);
    if (slots == NULL)
        return pref_fail_memory(err, "the counts of buckets");
    for (size_t i = 0; i < tally->slot_count; i++)
        if (tally->slots[i].count != 0)
            *find(slots, count, tally->seed, tally->slots[i].key) = tally->slots[i];
    free(tally->slots);
    tally->slots = slots;
    tally->slot_count = count;
    return PREF_OK;
}

int strength_tally_add(struct strength_tally *tally, uint32_t owner, uint32_t bucket,
                       uint64_t count, struct pref_err *err)
{
    uint64_t key = STRENGTH_CELL_KEY(owner, bucket);
    if (2 * (tally->used + 1) > tally->slot_count) {
        int status = grow(tally, err);
        if (status != PREF_OK)
            return status;
    }
    struct strength_cell *cell = find(tally->slots, tally->slot_count, tally->seed, key);
    tally->used += cell->count == 0;
    cell->key = key;
    cell->count += count;
    return PREF_OK;
}

void strength_tally_warm(const struct strength_tally *tally, uint32_t owner, uint32_t bucket)
{
    uint64_t key = STRENGTH_CELL_KEY(owner, bucket);
    if (tally->slot_count > 0)
        __builtin_prefetch(&tally->slots[slot_of(tally->slot_count, tally->seed, key)], 1);
}

static int by_key(const void *a, const void *b)
{
    const struct strength_cell *x = a, *y = b;
    return (x->key > y->key) - (x->key < y->key);
}

static void sort_cells(struct strength_cell *cells, size_t count)
{
    if (count > 1)
        qsort(cells, count, sizeof *cells, by_key);
}

void strength_tally_sort(struct strength_tally *tally)
{
    size_t kept = 0;
    for (size_t i = 0; i < tally->slot_count; i++)
        if (tally->slots[i].count != 0)
            tally->slots[kept++] = tally->slots[i];
    sort_cells(tally->slots, kept);
}

double strength_cells_at_rank(const struct strength_cell *cells, uint64_t rank)
{
    uint64_t seen = cells->count;
    while (seen < rank)
        seen += (++cells)->count;
    return pref_bucket_midpoint(STRENGTH_CELL_BUCKET(cells->key));
}

/* ---- Fits ------------------------------------------------------------------------------------ */

/* Order the counts by bucket and then by name, as their keys are. */
static int sort_by_bucket(struct strength_tally *tally, const uint32_t *sorted, size_t owners)
{
    uint32_t *rank = malloc((owners + 1) * sizeof *rank);
    if (rank == NULL)
        return PREF_FAIL;
    for (size_t i = 0; i < owners; i++)
        rank[sorted[i]] = (uint32_t)i;
    strength_tally_sort(tally);
    for (size_t i = 0; i < tally->used; i++) {
        uint64_t key = tally->slots[i].key;
        tally->slots[i].key =
            (uint64_t)STRENGTH_CELL_BUCKET(key) << 32 | rank[STRENGTH_CELL_OWNER(key)];
    }
    sort_cells(tally->slots, tally->used);
    free(rank);
    return PREF_OK;
}

static int save_sorted(const struct strength_tally *tally, const struct pref_name_table *names,
                       const uint32_t *sorted, struct pref_fit_writer *writer,
                       struct pref_err *err)
{
    struct pref_buf key = {0};
    int status = PREF_OK;
    for (size_t i = 0; i < tally->used && status == PREF_OK; i++) {
        const struct strength_cell *cell = &tally->slots[i];
        struct pref_span name = pref_name_table_name(names, sorted[cell->key & UINT32_MAX]);
        strength_key_print(&key, (uint32_t)(cell->key >> 32), &name);
        struct pref_fit_row row = {.key = pref_buf_span(&key), .n = {cell->count}, .counts = 1};
        status = key.failed ? pref_fail_memory(err, "a fit") : pref_fit_put(writer, &row, err);
    }
    pref_buf_release(&key);
    return status;
}

int strength_tally_save(struct strength_tally *tally, const struct pref_name_table *names,
                        struct pref_fit_writer *writer, struct pref_err *err)
{
    uint32_t *sorted = pref_name_table_sorted(names);
    int status = sorted == NULL || sort_by_bucket(tally, sorted, names->count) != PREF_OK
                     ? pref_fail_memory(err, "a fit")
                     : save_sorted(tally, names, sorted, writer, err);
    free(sorted);
    return status;
}

/* ---- Keys of rows ---------------------------------------------------------------------------- */

void strength_key_print(struct pref_buf *key, uint32_t bucket, const struct pref_span *name)
{
    char digits[STRENGTH_BUCKET_DIGITS];
    strength_bucket_print(digits, bucket);
    pref_buf_clear(key);
    pref_buf_add(key, digits, sizeof digits);
    if (name != NULL) {
        pref_buf_add_byte(key, ' ');
        pref_buf_add_span(key, *name);
    }
}

int strength_key_parse(struct pref_span key, uint32_t *bucket, struct pref_span *name)
{
    const size_t digits = STRENGTH_BUCKET_DIGITS;
    *name = (struct pref_span){NULL, 0};
    if (key.len < digits || strength_bucket_parse(key.ptr, bucket) != PREF_OK ||
        *bucket < PREF_BUCKET_FIRST || *bucket > PREF_BUCKET_LAST)
        return PREF_FAIL;
    if (key.len == digits)
        return PREF_OK;
    *name = (struct pref_span){key.ptr + digits + 1, key.len - digits - 1};
    return key.ptr[digits] == ' ' ? PREF_OK : PREF_FAIL;
}
