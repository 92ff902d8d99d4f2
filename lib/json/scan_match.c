/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "escape.h"
#include "scan_impl.h"
#include "pref/number.h"

#include <stdlib.h>
#include <string.h>

/* The bytes that an escaped text stands for, in the scanner's scratch. `ptr` is NULL where it
 * cannot be any name or word: it is too long, or has a lone surrogate. */
static struct pref_span decoded(const struct pref_scanner *s, struct pref_span text)
{
    size_t len = pref_escape_decode_upto(text.ptr, text.ptr + text.len, s->scratch, s->scratch_cap);
    if (len == PREF_ESCAPE_NONE)
        return (struct pref_span){NULL, 0};
    return (struct pref_span){s->scratch, len};
}

static struct scan_key *named_key(struct pref_scanner *s, const struct scan_table *table,
                                  uint64_t head, struct pref_span text)
{
    for (unsigned slot = scan_slot(head, text.len);; slot = (slot + 1) % SCAN_SLOTS) {
        unsigned place = table->slot[slot];
        struct scan_key *key = &s->keys[place];
        if (place == 0)
            return NULL;
        if (key->head == head && key->len == text.len &&
            memcmp(key->name, text.ptr, text.len) == 0)
            return key;
    }
}

/* The entry of a key that no place below `in` names; NULL if it cannot be learnt: it is too long
 * for a pattern, or the few slots that are tried are taken. */
static struct scan_key *learnt_key(struct pref_scanner *s, const struct scan_place *in,
                                   uint64_t head, struct pref_span text)
{
    if (text.len > 15)
        return NULL;
    unsigned slot = scan_slot(head, text.len);
    for (unsigned tries = 0; tries < 4; tries++, slot = (slot + 1) % SCAN_LEARNT) {
        struct scan_key *key = &s->learnt[slot];
        if (key->in == in && key->len == text.len && scan_matches(text.ptr, &key->pattern))
            return key;
        if (key->in == NULL) {
            *key = (struct scan_key){
                .pattern = pref_scan_pattern(text.ptr, text.len),
                .place = in->other,
                .after = s->keys,
                .len = (uint32_t)text.len,
                .quoted_len = (uint32_t)text.len + 2,
                .in = in,
            };
            return key;
        }
    }
    return NULL;
}

struct scan_key *pref_scan_key(struct pref_scanner *s, const struct scan_place *in,
                               struct pref_span text, unsigned escaped)
{
    if (escaped) {
        text = decoded(s, text);
        if (text.ptr == NULL)
            return NULL;
    }
    uint64_t head = scan_head(text.ptr, text.len);
    struct scan_key *key = in->table == NULL ? NULL : named_key(s, in->table, head, text);
    return key != NULL || escaped ? key : learnt_key(s, in, head, text);
}

int pref_scan_word(const struct pref_scanner *s, const struct scan_words *words,
                   struct pref_span text, unsigned escaped)
{
    if (escaped) {
        text = decoded(s, text);
        if (text.ptr == NULL)
            return -1;
    }
    for (unsigned i = 0; i < words->count; i++) {
        if (pref_span_equal(pref_span_of(words->word[i]), text))
            return (int)i;
    }
    return -1;
}

struct scan_place *pref_scan_index(struct pref_scanner *s, const struct scan_place *in,
                                   uint32_t index, uint64_t *seen)
{
    for (pref_place i = in->below; i != PREF_NOWHERE; i = s->places[i].beside) {
        if (s->places[i].index >= 0 && (uint32_t)s->places[i].index == index) {
            *seen |= s->keys[i].bit;
            return &s->places[i];
        }
    }
    return in->each;
}

const struct scan_place *pref_scan_missing(const struct pref_scanner *s,
                                           const struct scan_place *in, uint64_t missing)
{
    pref_place i = in->below;
    while (s->shape->rule[i].is_element || (s->keys[i].bit & missing) == 0)
        i = s->places[i].beside;
    return &s->places[i];
}

enum pref_fault_kind pref_scan_grow(struct pref_scanner *s)
{
    size_t cap = (size_t)(s->hits_end - s->hits);
    if (cap >= PREF_HITS_MAX)
        return PREF_FAULT_LENGTH;
    struct pref_hit *hits = realloc(s->hits, 2 * cap * sizeof *hits);
    if (hits == NULL)
        return PREF_FAULT_MEMORY;
    s->hits = hits;
    s->hits_end = hits + 2 * cap;
    return PREF_FAULT_NONE;
}

int pref_scan_finite(struct pref_span number)
{
    double value;
    return pref_number_parse(number, &value) == PREF_OK;
}
