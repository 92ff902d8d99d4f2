/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "escape.h"
#include "number.h"
#include "scan_impl.h"

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

pref_place pref_scan_key(const struct pref_scanner *s, const struct scan_place *in,
                         struct pref_span text, unsigned escaped)
{
    if (escaped) {
        text = decoded(s, text);
        if (text.ptr == NULL)
            return SCAN_NOWHERE;
    }
    char bytes[8] = {0};
    memcpy(bytes, text.ptr, text.len < 8 ? text.len : 8);
    uint64_t head;
    memcpy(&head, bytes, sizeof head);
    for (unsigned slot = scan_slot(head, text.len);; slot = (slot + 1) % SCAN_SLOTS) {
        pref_place place = in->table->slot[slot];
        const struct scan_key *key = &s->keys[place];
        if (place == 0)
            return SCAN_NOWHERE;
        if (key->head == head && key->len == text.len &&
            memcmp(key->name, text.ptr, text.len) == 0)
            return place;
    }
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

pref_place pref_scan_index(const struct pref_scanner *s, const struct scan_place *in,
                           uint32_t index)
{
    for (pref_place i = in->below; i != PREF_NOWHERE; i = s->places[i].beside) {
        if (s->places[i].index >= 0 && (uint32_t)s->places[i].index == index)
            return i;
    }
    return SCAN_NOWHERE;
}

pref_place pref_scan_missing(const struct pref_scanner *s, const struct scan_place *in,
                             uint64_t missing)
{
    for (pref_place i = in->below; i != PREF_NOWHERE; i = s->places[i].beside) {
        if (!s->shape->rule[i].is_element && (s->keys[i].bit & missing) != 0)
            return i;
    }
    return PREF_NOWHERE;
}

enum pref_fault_kind pref_scan_grow(struct pref_scanner *s)
{
    if (s->cap >= PREF_HITS_MAX)
        return PREF_FAULT_LENGTH;
    size_t cap = s->cap * 2;
    struct pref_hit *hits = realloc(s->hits, cap * sizeof *hits);
    if (hits == NULL)
        return PREF_FAULT_MEMORY;
    s->hits = hits;
    s->cap = cap;
    return PREF_FAULT_NONE;
}

int pref_scan_finite(struct pref_span number)
{
    /* Without an exponent, fewer than 309 digits stay below the largest double. */
    if (number.len < 300 && memchr(number.ptr, 'e', number.len) == NULL &&
        memchr(number.ptr, 'E', number.len) == NULL)
        return 1;
    double value;
    return pref_number_parse(number, &value) == PREF_OK;
}
