/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "lsh.h"

#include "lib/base/memory.h"
#include "pref/hash.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/*
 * A band's buckets are an open-addressing table of tags, the first half of a band's scattered hash,
 * with the set that was added last. What else is in the bucket hangs on that: each set has, behind
 * its low bytes, one link a band to the set that was last before it.
 */
struct slot {
    uint32_t tag;
    uint32_t last; /* its number + 1; 0: the slot is free */
};

struct table {
    struct slot *slots;
    unsigned bits; /* there are 2^bits of them */
    uint32_t used;
};

enum { FIRST_BITS = 10 };

/* So that tags are as long as a table's numbers can be. */
#define SETS_MAX (UINT32_C(1) << 31)

struct pref_lsh {
    struct pref_lsh_plan plan;
    unsigned values;
    uint64_t scatter, bytes;
    struct table tables[PREF_LSH_BANDS_MAX];
    unsigned char *sets; /* `width` bytes each: low bytes, then links */
    size_t width, count, cap;
    uint32_t *found;
    size_t found_cap;
};

/* ---- The plan -------------------------------------------------------------------------------- */

static double power(double base, unsigned exponent)
{
    double product = 1;
    while (exponent-- > 0)
        product *= base;
    return product;
}

double pref_lsh_chance(struct pref_lsh_plan plan, double similarity)
{
    return 1 - power(1 - power(similarity, plan.rows), plan.bands);
}

/* The bands that this many rows need, or 0 where they are too many. */
static unsigned bands_for(unsigned rows, double near, double recall)
{
    struct pref_lsh_plan plan = {1, rows};
    for (; plan.bands <= PREF_LSH_BANDS_MAX && plan.bands * rows <= PREF_MINHASH_MAX; plan.bands++)
        if (pref_lsh_chance(plan, near) >= recall)
            return plan.bands;
    return 0;
}

int pref_lsh_plan(struct pref_share near, struct pref_share recall, struct pref_lsh_plan *plan,
                  struct pref_err *err)
{
    double similarity = (double)near.num / (double)near.den;
    double wanted = (double)recall.num / (double)recall.den;
    for (unsigned rows = PREF_LSH_ROWS_MAX; recall.num < recall.den && rows > 0; rows--) {
        unsigned bands = bands_for(rows, similarity, wanted);
        if (bands > 0) {
            *plan = (struct pref_lsh_plan){bands, rows};
            return PREF_OK;
        }
    }
    char text[2][PREF_SHARE_MAX];
    pref_share_print(text[0], near);
    pref_share_print(text[1], recall);
    return pref_usage(err, "a similarity of %s cannot be found with a recall of %s, expected a "
                           "higher similarity or a lower recall", text[0], text[1]);
}

unsigned pref_lsh_least(unsigned values, struct pref_share near)
{
    double s = (double)near.num / (double)near.den;
    double least = values * s - 3.72 * sqrt(values * s * (1 - s));
    return least > 0 ? (unsigned)least : 0;
}

/* ---- Sketches -------------------------------------------------------------------------------- */

size_t pref_sketch_size(struct pref_lsh_plan plan, unsigned values)
{
    return plan.bands * sizeof(uint64_t) + values;
}

struct pref_sketch pref_sketch_at(struct pref_lsh_plan plan, void *memory)
{
    return (struct pref_sketch){memory, (unsigned char *)memory + plan.bands * sizeof(uint64_t)};
}

struct pref_sketch pref_sketch_make(struct pref_lsh_plan plan, const uint32_t *signature,
                                    unsigned values, void *memory)
{
    struct pref_sketch sketch = pref_sketch_at(plan, memory);
    for (unsigned b = 0; b < plan.bands; b++)
        sketch.bands[b] = pref_hash64(signature + b * plan.rows,
                                      plan.rows * sizeof *signature, b);
    for (unsigned v = 0; v < values; v++)
        sketch.low[v] = (unsigned char)signature[v];
    return sketch;
}

/* ---- The index ------------------------------------------------------------------------------- */

struct pref_lsh *pref_lsh_new(struct pref_lsh_plan plan, unsigned values, uint64_t seed)
{
    struct pref_lsh *index = calloc(1, sizeof *index);
    if (index == NULL)
        return NULL;
    index->plan = plan;
    index->values = values;
    index->scatter = pref_hash64(&seed, sizeof seed, seed) | 1;
    index->width = values + plan.bands * sizeof(uint32_t);
    index->bytes = sizeof *index;
    for (unsigned b = 0; b < plan.bands; b++) {
        struct table *table = &index->tables[b];
        table->bits = FIRST_BITS;
        table->slots = pref_memory_table(sizeof *table->slots << table->bits);
        if (table->slots == NULL) {
            pref_lsh_free(index);
            return NULL;
        }
        index->bytes += sizeof *table->slots << table->bits;
    }
    return index;
}

void pref_lsh_free(struct pref_lsh *index)
{
    if (index == NULL)
        return;
    for (unsigned b = 0; b < index->plan.bands; b++)
        free(index->tables[b].slots);
    free(index->sets);
    free(index->found);
    free(index);
}

uint64_t pref_lsh_bytes(const struct pref_lsh *index)
{
    return index->bytes;
}

/* Scattered by a multiplier that nobody knows, so that nobody can prepare bands that crowd one
 * place of a table. */
static uint32_t tag_of(const struct pref_lsh *index, uint64_t band)
{
    return (uint32_t)(((band ^ band >> 32) * index->scatter) >> 32);
}

/* The slot of a tag: its own, or the free one where it belongs. */
static struct slot *find_slot(const struct table *table, uint32_t tag)
{
    size_t mask = ((size_t)1 << table->bits) - 1;
    size_t at = tag >> (32 - table->bits);
    while (table->slots[at].last != 0 && table->slots[at].tag != tag)
        at = (at + 1) & mask;
    return &table->slots[at];
}

void pref_lsh_prefetch(const struct pref_lsh *index, struct pref_sketch sketch)
{
    for (unsigned b = 0; b < index->plan.bands; b++) {
        const struct table *table = &index->tables[b];
        uint32_t tag = tag_of(index, sketch.bands[b]);
        __builtin_prefetch(&table->slots[tag >> (32 - table->bits)]);
    }
}

static unsigned char *set_at(const struct pref_lsh *index, uint32_t id)
{
    return index->sets + id * index->width;
}

/* The number + 1 of the set before this one in its bucket of a band; 0: there is none. */
static uint32_t link_of(const struct pref_lsh *index, uint32_t id, unsigned band)
{
    uint32_t link;
    memcpy(&link, set_at(index, id) + index->values + band * sizeof link, sizeof link);
    return link;
}

/* Twice the slots once three quarters are in use. */
static int make_slots(struct pref_lsh *index, struct table *table)
{
    size_t slots = (size_t)1 << table->bits;
    if (table->used < slots - slots / 4)
        return 0;
    struct table larger = {pref_memory_table(2 * slots * sizeof *table->slots), table->bits + 1,
                           table->used};
    if (larger.slots == NULL)
        return -1;
    for (size_t i = 0; i < slots; i++)
        if (table->slots[i].last != 0)
            *find_slot(&larger, table->slots[i].tag) = table->slots[i];
    free(table->slots);
    *table = larger;
    index->bytes += slots * sizeof *table->slots;
    return 0;
}

/* Room for one more set: the list grows by a quarter, so that little of it lies idle. */
static int make_room(struct pref_lsh *index)
{
    for (unsigned b = 0; b < index->plan.bands; b++)
        if (make_slots(index, &index->tables[b]) != 0)
            return -1;
    if (index->count < index->cap)
        return 0;
    size_t cap = index->cap + index->cap / 4 + 256;
    unsigned char *sets = realloc(index->sets, cap * index->width);
    if (sets == NULL)
        return -1;
    index->bytes += (cap - index->cap) * index->width;
    index->sets = sets;
    index->cap = cap;
    return 0;
}

int pref_lsh_add(struct pref_lsh *index, struct pref_sketch sketch, uint32_t *id,
                 struct pref_err *err)
{
    if (index->count == SETS_MAX)
        return pref_fail(err, "more than %lu sets in an index", (unsigned long)SETS_MAX);
    if (make_room(index) != 0)
        return pref_fail_memory(err, "the index of near records");
    *id = (uint32_t)index->count++;
    unsigned char *set = set_at(index, *id);
    memcpy(set, sketch.low, index->values);
    for (unsigned b = 0; b < index->plan.bands; b++) {
        struct table *table = &index->tables[b];
        uint32_t tag = tag_of(index, sketch.bands[b]);
        struct slot *slot = find_slot(table, tag);
        table->used += slot->last == 0;
        memcpy(set + index->values + b * sizeof slot->last, &slot->last, sizeof slot->last);
        *slot = (struct slot){tag, *id + 1};
    }
    return PREF_OK;
}

/* ---- Looking --------------------------------------------------------------------------------- */

#define LOW_BITS UINT64_C(0x7f7f7f7f7f7f7f7f)
#define ONES UINT64_C(0x0101010101010101)

/* How many of `len` bytes, a multiple of 8 and at most 255, are the same in both. */
static unsigned agreeing(const unsigned char *a, const unsigned char *b, unsigned len)
{
    uint64_t different = 0; /* a count in each byte */
    for (unsigned i = 0; i < len; i += 8) {
        uint64_t x, y;
        memcpy(&x, a + i, sizeof x);
        memcpy(&y, b + i, sizeof y);
        x ^= y;
        /* The high bit of each byte that is not 0; no carry crosses bytes. */
        different += ((((x & LOW_BITS) + LOW_BITS) | x) & ~LOW_BITS) >> 7;
    }
    return len - (unsigned)(different * ONES >> 56);
}

static int add_found(struct pref_lsh *index, struct pref_lsh_found *found, uint32_t id)
{
    if (found->count == index->found_cap) {
        size_t cap = index->found_cap * 2 + 64;
        uint32_t *list = realloc(index->found, cap * sizeof *list);
        if (list == NULL)
            return -1;
        index->bytes += (cap - index->found_cap) * sizeof *list;
        index->found = list;
        index->found_cap = cap;
    }
    index->found[found->count++] = id;
    return 0;
}

/* Look at one bucket, from the set added last. */
static int walk(struct pref_lsh *index, struct pref_sketch sketch, unsigned band, unsigned least,
                unsigned limit, struct pref_lsh_found *found)
{
    unsigned rows = index->plan.rows, from = band * rows;
    uint32_t last = find_slot(&index->tables[band], tag_of(index, sketch.bands[band]))->last;
    while (last != 0) {
        uint32_t id = last - 1;
        const unsigned char *low = set_at(index, id);
        /* Who is in the bucket only for the sake of an equal tag does not count. */
        if (memcmp(low + from, sketch.low + from, rows) == 0) {
            if (limit-- == 0) {
                found->cut = 1;
                return 0;
            }
            if (agreeing(low, sketch.low, index->values) >= least &&
                add_found(index, found, id) != 0)
                return -1;
        }
        last = link_of(index, id, band);
    }
    return 0;
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

int pref_lsh_find(struct pref_lsh *index, struct pref_sketch sketch, unsigned least, unsigned limit,
                  struct pref_lsh_found *found, struct pref_err *err)
{
    *found = (struct pref_lsh_found){NULL, 0, 0};
    for (unsigned b = 0; b < index->plan.bands; b++)
        if (walk(index, sketch, b, least, limit, found) != 0)
            return pref_fail_memory(err, "the candidates of a near record");
    found->ids = index->found;
    if (found->count < 2)
        return PREF_OK;
    qsort(found->ids, found->count, sizeof *found->ids, by_number);
    size_t kept = 1;
    for (size_t i = 1; i < found->count; i++)
        if (found->ids[i] != found->ids[kept - 1])
            found->ids[kept++] = found->ids[i];
    found->count = kept;
    return PREF_OK;
}
