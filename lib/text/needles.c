/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "needles.h"

#include <stdlib.h>
#include <string.h>

#define GRAM 3          /* bytes of a literal that are looked for by their hash */
#define HASH_BITS 16    /* of the filter, whose 8 KiB stay in the nearest cache */
#define BUCKETS 1024

/* One literal of one pattern. */
struct literal {
    struct pref_needle needle;
    uint8_t at;     /* where in it the gram stands */
    uint16_t owner;
    uint32_t next;  /* in its bucket; 0 ends, else one more than an index */
};

struct pref_needles {
    uint64_t filter[1 << (HASH_BITS - 6)];
    uint32_t bucket[BUCKETS];
    struct literal *list;
    uint32_t count, cap;
    struct byte {
        char byte;
        uint16_t owner;
    } *bytes; /* patterns that need one of a few rare bytes */
    uint32_t byte_count, byte_cap;
    uint16_t *always; /* patterns of which nothing is known */
    uint32_t always_count, always_cap;
    unsigned patterns;
};

struct pref_needles *pref_needles_new(void)
{
    return calloc(1, sizeof(struct pref_needles));
}

void pref_needles_free(struct pref_needles *set)
{
    if (set == NULL)
        return;
    free(set->list);
    free(set->bytes);
    free(set->always);
    free(set);
}

unsigned pref_needles_count(const struct pref_needles *set)
{
    return set->patterns;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* The hash of the gram at `p`; four bytes are read. What differs in bit 5 alone, as letters of two
 * cases do, has one hash. */
static uint32_t gram_hash(const char *p)
{
    uint32_t gram;
    memcpy(&gram, p, sizeof gram);
#ifdef WORDS_BIGENDIAN
    gram >>= 8;
#endif
    return (((gram | 0x202020) & 0xffffff) * UINT32_C(0x9e3779b1)) >> (32 - HASH_BITS);
}

/* Room for one more of `size` bytes. */
static int grow(void *list, uint32_t count, uint32_t *cap, size_t size)
{
    void **at = list;
    if (count < *cap)
        return PREF_OK;
    uint32_t more = *cap == 0 ? 16 : *cap * 2;
    void *grown = realloc(*at, more * size);
    if (grown == NULL)
        return PREF_FAIL;
    *at = grown;
    *cap = more;
    return PREF_OK;
}

/* How seldom a byte is met, roughly: letters of English by rank, blanks last. */
static unsigned rarity(char c)
{
    static const char common[] = " etaoinshrdlcumwfgypbvk.,-'\n\"()0123456789jxqz";
    const char *at = strchr(common, lower(c));
    return at == NULL || c == '\0' ? (unsigned)sizeof common : (unsigned)(at - common);
}

/* The gram of a literal that is met least. */
static uint8_t choose_gram(const struct pref_needle *needle)
{
    unsigned best = 0;
    uint8_t at = 0;
    for (uint8_t i = 0; i + GRAM <= needle->len; i++) {
        unsigned sum = rarity(needle->text[i]) + rarity(needle->text[i + 1]) +
                       rarity(needle->text[i + 2]);
        if (sum > best) {
            best = sum;
            at = i;
        }
    }
    return at;
}

static int add_literal(struct pref_needles *set, unsigned owner, const struct pref_needle *needle)
{
    if (grow(&set->list, set->count, &set->cap, sizeof *set->list) != PREF_OK)
        return PREF_FAIL;
    struct literal *literal = &set->list[set->count++];
    *literal = (struct literal){.needle = *needle, .owner = (uint16_t)owner};
    literal->at = choose_gram(needle);
    uint32_t hash = gram_hash(needle->text + literal->at);
    set->filter[hash / 64] |= UINT64_C(1) << (hash % 64);
    literal->next = set->bucket[hash % BUCKETS];
    set->bucket[hash % BUCKETS] = set->count;
    return PREF_OK;
}

/* The byte of a short literal that is rare enough to be looked for by itself, or -1. */
static int rare_byte(const struct pref_needle *needle)
{
    for (unsigned i = 0; i < needle->len; i++)
        if (needle->text[i] > ' ' && rarity(needle->text[i]) > 45)
            return needle->text[i];
    return -1;
}

static int add_always(struct pref_needles *set, unsigned owner)
{
    if (grow(&set->always, set->always_count, &set->always_cap, sizeof *set->always) != PREF_OK)
        return PREF_FAIL;
    set->always[set->always_count++] = (uint16_t)owner;
    return PREF_OK;
}

int pref_needles_add(struct pref_needles *set, unsigned number, struct pref_span pattern)
{
    struct pref_needle_list list;
    unsigned shortest = PREF_NEEDLE_BYTES;
    int rare = 1, status = pref_needles_of(pattern, &list);
    for (unsigned i = 0; i < list.count; i++) {
        shortest = list.needle[i].len < shortest ? list.needle[i].len : shortest;
        rare &= rare_byte(&list.needle[i]) >= 0;
    }
    if (status != PREF_OK)
        return status;
    if (list.count == 0 || (shortest < GRAM && !rare))
        return add_always(set, number);
    set->patterns++;
    for (unsigned i = 0; i < list.count && status == PREF_OK; i++) {
        if (shortest >= GRAM) {
            status = add_literal(set, number, &list.needle[i]);
            continue;
        }
        status = grow(&set->bytes, set->byte_count, &set->byte_cap, sizeof *set->bytes);
        if (status == PREF_OK)
            set->bytes[set->byte_count++] =
                (struct byte){(char)rare_byte(&list.needle[i]), (uint16_t)number};
    }
    return status;
}

static void mark(uint64_t *possible, unsigned number)
{
    possible[number / 64] |= UINT64_C(1) << (number % 64);
}

/* Whether a literal stands in the text with its gram at `i`. */
static int stands(const struct literal *literal, struct pref_span text, size_t i)
{
    const struct pref_needle *needle = &literal->needle;
    if (i < literal->at || text.len - (i - literal->at) < needle->len)
        return 0;
    const char *p = text.ptr + i - literal->at;
    for (unsigned k = 0; k < needle->len; k++)
        if (lower(p[k]) != needle->text[k])
            return 0;
    return 1;
}

void pref_needles_find(const struct pref_needles *set, struct pref_span text, uint64_t *possible)
{
    for (uint32_t i = 0; i < set->always_count; i++)
        mark(possible, set->always[i]);
    for (uint32_t i = 0; i < set->byte_count; i++)
        if (memchr(text.ptr, set->bytes[i].byte, text.len) != NULL)
            mark(possible, set->bytes[i].owner);
    if (set->count == 0)
        return;
    for (size_t i = 0; i + GRAM <= text.len; i++) {
        uint32_t hash = gram_hash(text.ptr + i);
        if (!(set->filter[hash / 64] >> (hash % 64) & 1))
            continue;
        for (uint32_t at = set->bucket[hash % BUCKETS]; at != 0; at = set->list[at - 1].next)
            if (stands(&set->list[at - 1], text, i))
                mark(possible, set->list[at - 1].owner);
    }
}
