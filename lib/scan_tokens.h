/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan_tokens.h - what the walker is made of: blanks, patterns, the sentences of faults. Included
 * by scan_walk.h alone, and so compiled for each kernel's target by its SCAN_INLINE.
 */
#ifndef PREF_SCAN_TOKENS_H
#define PREF_SCAN_TOKENS_H

#include "escape.h"
#include "scan_impl.h"

#include <string.h>

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/* What string_end tells of a string. */
enum { SCAN_ESCAPED = 1, SCAN_UNICODE = 2 };

/* The sentences: '@' is the byte that was met. */
#define EXPECTED_VALUE "unexpected @, expected a value"
#define EXPECTED_KEY "unexpected @, expected a key in quotes"
#define EXPECTED_KEY_OR_BRACE "unexpected @, expected a key in quotes or '}'"
#define EXPECTED_COLON "unexpected @, expected ':' after a key"
#define EXPECTED_COMMA_BRACE "unexpected @, expected ',' or '}' after a value"
#define EXPECTED_COMMA_BRACKET "unexpected @, expected ',' or ']' after a value"
#define EXPECTED_NOTHING "unexpected @, expected nothing after the record"
#define EXPECTED_LITERAL "unexpected @ in a word, expected true, false or null"

/* How a value begins, by its first byte. */
enum { BEGINS_NONE, BEGINS_STRING, BEGINS_NUMBER, BEGINS_BOOL, BEGINS_NULL, BEGINS_CONTAINER };
static const uint8_t begins[256] = {
    ['"'] = BEGINS_STRING, ['{'] = BEGINS_CONTAINER, ['['] = BEGINS_CONTAINER,
    ['t'] = BEGINS_BOOL, ['f'] = BEGINS_BOOL, ['n'] = BEGINS_NULL, ['-'] = BEGINS_NUMBER,
    ['0'] = BEGINS_NUMBER, ['1'] = BEGINS_NUMBER, ['2'] = BEGINS_NUMBER, ['3'] = BEGINS_NUMBER,
    ['4'] = BEGINS_NUMBER, ['5'] = BEGINS_NUMBER, ['6'] = BEGINS_NUMBER, ['7'] = BEGINS_NUMBER,
    ['8'] = BEGINS_NUMBER, ['9'] = BEGINS_NUMBER,
};

/* Masks for the first n bytes of eight, whatever the byte order. */
#ifdef WORDS_BIGENDIAN
#define HEAD_MASK(n) (~(uint64_t)0 << (64 - 8 * (n)))
#else
#define HEAD_MASK(n) (~(uint64_t)0 >> (64 - 8 * (n)))
#endif
static const uint64_t head_mask[9] = {
    0, HEAD_MASK(1), HEAD_MASK(2), HEAD_MASK(3), HEAD_MASK(4),
    HEAD_MASK(5), HEAD_MASK(6), HEAD_MASK(7), HEAD_MASK(8),
};

#define BIT(c) ((uint64_t)1 << (c))
#define BLANKS (BIT(' ') | BIT('\t') | BIT('\n') | BIT('\r'))

SCAN_INLINE int is_blank(char c)
{
    return (unsigned char)c <= ' ' && (BLANKS >> (unsigned char)c & 1) != 0;
}

/* Skip blanks; most often there is one, or none. */
SCAN_INLINE const char *skip_blanks(const char *p, const char *end)
{
    if (likely((unsigned char)*p > ' '))
        return p;
    if (likely(*p == ' ' && (unsigned char)p[1] > ' '))
        return p + 1;
    while (p < end && is_blank(*p))
        p++;
    return p;
}

SCAN_INLINE uint64_t load8(const char *p)
{
    uint64_t value;
    memcpy(&value, p, sizeof value);
    return value;
}

SCAN_INLINE int matches(const char *p, const struct scan_pattern *pattern)
{
    return (((load8(p) & pattern->lo_mask) ^ pattern->lo) |
            ((load8(p + 8) & pattern->hi_mask) ^ pattern->hi)) == 0;
}

/* Which word the string is whose inside is p up to q, or -1 where it takes the slow way to say. No
 * branch depends on which word it is: that cannot be predicted. */
SCAN_INLINE int match_word(const char *p, const char *q, const struct scan_words *words)
{
    size_t len = (size_t)(q - p);
    uint64_t head = load8(p) & head_mask[len < 8 ? len : 8];
    int found = words->table.slot[scan_slot(head, len)] - 1;
    return found >= 0 && matches(p, &words->pattern[found]) ? found : -1;
}

/* Whether the four letters at p are these. */
SCAN_INLINE int spells(const char *p, const char *four)
{
    return memcmp(p, four, 4) == 0;
}

/* The first byte of a misspelt literal that does not fit. */
static const char *literal_fault(const char *p, const char *end)
{
    const char *word = *p == 't' ? "true" : *p == 'f' ? "false" : "null";
    while (p < end && *p == *word) {
        p++;
        word++;
    }
    return p;
}

static void set_fault(struct pref_fault *fault, enum pref_fault_kind kind, size_t offset,
                      const struct scan_place *place)
{
    fault->kind = kind;
    fault->offset = offset;
    fault->place = place == NULL ? PREF_NOWHERE : place->self;
}

/* The place itself if anybody asked for it, else the nearest above it: one is, since it demands. */
static const struct scan_place *nearest(const struct scan_place *place,
                                        const struct scan_frame *top)
{
    while (!place->reported) {
        place = top->in;
        top--;
    }
    return place;
}

/* A byte that the grammar does not allow at p, or, at the end, a record that breaks off. */
static void set_syntax(struct pref_fault *fault, const char *line, const char *p, const char *end,
                       const char *what)
{
    fault->kind = PREF_FAULT_SYNTAX;
    fault->offset = (size_t)((p < end ? p : end) - line);
    fault->found = (int16_t)(p < end ? (unsigned char)*p : -1);
    fault->what = p < end ? what : NULL;
}

#endif
