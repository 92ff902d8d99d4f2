/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan_walk.h - the walker: the grammar of RFC 8259, the shape's conditions and the hits, in one
 * pass and without recursion. Included once by each file that has a set of kernels, which defines
 * before it
 *
 *   SCAN_INLINE    "static inline" with the kernel's target attribute
 *   SCAN_NAME      the name of the function to define
 *   SCAN_TARGET    the target attribute alone
 *   string_end(p, end, &escapes)  the closing quote of the string whose inside begins at p, or NULL
 *                  where the string is at fault or does not close before end; ORs SCAN_ESCAPED and
 *                  SCAN_UNICODE into escapes
 *   number_end(p, end)  the end of the number at p, or NULL where it is at fault or too near to
 *                  `end` to say
 *
 * Kernels and walker may look up to PREF_PAD bytes past the end. The rule that keeps them honest:
 * what is seen there may send the walk on, but every value and every closing bracket begins with a
 * test against the end, each of them is at most a few bytes from the one before (strings and
 * numbers make the test themselves), and whatever fault shows at or past the end is the same one:
 * the record breaks off. So no answer depends on a byte past the end.
 */
#ifndef PREF_SCAN_WALK_H
#define PREF_SCAN_WALK_H

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

#define BLANKS ((uint64_t)1 << ' ' | (uint64_t)1 << '\t' | (uint64_t)1 << '\n' | (uint64_t)1 << '\r')

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

/* Which word the string is whose inside begins at p, closing quote included, or -1. Every word is
 * looked at: which one it is cannot be predicted, how many there are can. */
SCAN_INLINE int match_word(const char *p, const struct scan_words *words)
{
    int found = -1;
    for (unsigned i = 0; i < words->count; i++)
        found = matches(p, &words->pattern[i]) ? (int)i : found;
    return found;
}

/* The length of the literal at p if it is the one that its first letter announces and lies before
 * `end`, else 0; *type is set where it is. */
SCAN_INLINE size_t literal(const char *p, const char *end, unsigned *type)
{
    static const char word[3][5] = {"true", "alse", "null"};
    unsigned which = *p == 't' ? 0 : *p == 'f' ? 1 : 2;
    size_t skip = which == 1; /* compare the last four letters */
    size_t len = 4 + skip;
    *type = which == 0 ? PREF_TRUE : which == 1 ? PREF_FALSE : PREF_NULL;
    return memcmp(p + skip, word[which], 4) == 0 && len <= (size_t)(end - p) ? len : 0;
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
                      unsigned place)
{
    fault->kind = kind;
    fault->offset = offset;
    fault->place = place >= PREF_PLACES_MAX ? PREF_NOWHERE : (pref_place)place;
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

#define SYNTAX(at, sentence)                                                                       \
    do {                                                                                           \
        set_syntax(fault, line, (at), end, (sentence));                                            \
        goto stop;                                                                                 \
    } while (0)

#define REFUSE(kind, at, where)                                                                    \
    do {                                                                                           \
        set_fault(fault, (kind), (size_t)((at) - line), (where));                                  \
        goto stop;                                                                                 \
    } while (0)

/* Report the value of place `place` from `start` to `stop_at`; `n` counts the hits. */
#define HIT(start_at, end_at, its_type, its_word, its_escaped)                                     \
    do {                                                                                           \
        if (unlikely(n == s->cap)) {                                                               \
            enum pref_fault_kind grown = pref_scan_grow(s);                                        \
            if (grown != PREF_FAULT_NONE)                                                          \
                REFUSE(grown, start_at, place);                                                    \
            hits = s->hits;                                                                        \
        }                                                                                          \
        hits[n] = (struct pref_hit){                                                               \
            .key = (uint32_t)(key - line),                                                         \
            .start = (uint32_t)((start_at) - line),                                                \
            .end = (uint32_t)((end_at) - line),                                                    \
            .place = (pref_place)place,                                                            \
            .type = (uint8_t)(its_type),                                                           \
            .word = (uint8_t)(its_word),                                                           \
            .escaped = (uint8_t)(its_escaped),                                                     \
        };                                                                                         \
        doc->at[place] = (int32_t)n;                                                               \
        n++;                                                                                       \
    } while (0)

/* One function on purpose, longer than we like them: its labels are the states of the grammar, and
 * its locals stay in registers from one token to the next. */
SCAN_TARGET int SCAN_NAME(struct pref_scanner *s, const char *line, size_t len,
                          struct pref_doc *doc, struct pref_fault *fault)
{
    const char *const end = line + len;
    const char *p = skip_blanks(line, end);
    const char *key = p;            /* where the hit's key stands */
    const char *q;
    unsigned place = PREF_ROOT;     /* of the value to come */
    unsigned type, escapes;
    const struct scan_place *want;  /* its conditions */
    const struct scan_key *name;
    pref_place *guess = s->first;   /* which key comes next, probably */
    struct scan_frame *top = s->frames;
    struct pref_hit *hits = s->hits;
    size_t n = 0;

    doc->open = doc->close = (uint32_t)((p < end ? p : end) - line);
    top->kind = SCAN_BOTTOM;
    top->text = 0;

value: /* at the first byte of a value of place `place` */
    if (unlikely(p >= end))
        SYNTAX(p, EXPECTED_VALUE);
    want = &s->places[place];
    if (*p == '"') {
        int word = 0;
        escapes = 0;
        q = string_end(p + 1, end, &escapes);
        if (unlikely(q == NULL))
            goto bad_string;
        if (want->reported) {
            if (unlikely((want->types & PREF_IS(PREF_STRING)) == 0)) {
                type = PREF_STRING;
                goto bad_type;
            }
            if (want->words != NULL) {
                word = match_word(p + 1, want->words);
                if (unlikely(word < 0)) {
                    struct pref_span inside = {p + 1, (size_t)(q - p - 1)};
                    word = pref_scan_word(s, want->words, inside, escapes);
                    if (word < 0)
                        REFUSE(PREF_FAULT_WORD, p, place);
                }
            }
        }
        if (unlikely((escapes & SCAN_UNICODE) != 0) && (top->text | want->text) != 0) {
            const char *lone = pref_escape_lone(p + 1, q);
            if (lone != NULL)
                REFUSE(PREF_FAULT_SURROGATE, lone, place);
        }
        if (want->reported)
            HIT(p, q + 1, PREF_STRING, word, escapes != 0);
        p = q + 1;
        goto after_value;
    }
    switch (*p) {
    case '{':
    case '[':
        goto open;
    case 't':
    case 'f':
    case 'n': {
        size_t letters = literal(p, end, &type);
        if (unlikely(letters == 0)) {
            q = literal_fault(p, end);
            SYNTAX(q, EXPECTED_LITERAL);
        }
        q = p + letters;
        if (type == PREF_NULL && !want->null_is_value) {
            if (unlikely(want->must))
                REFUSE(PREF_FAULT_MISSING, p, place);
            p = q;
            goto after_value;
        }
        break;
    }
    case '-': case '0': case '1': case '2': case '3': case '4':
    case '5': case '6': case '7': case '8': case '9':
        type = PREF_NUMBER;
        q = number_end(p, end);
        if (unlikely(q == NULL || q >= end)) {
            const char *bad, *what;
            q = pref_scan_number(p, end, &bad, &what);
            if (q == NULL)
                SYNTAX(bad, what);
        }
        if (unlikely(want->finite) && (want->types & PREF_IS(PREF_NUMBER)) != 0) {
            struct pref_span number = {p, (size_t)(q - p)};
            if (!pref_scan_finite(number))
                REFUSE(PREF_FAULT_RANGE, p, place);
        }
        break;
    default:
        SYNTAX(p, EXPECTED_VALUE);
    }
    if (want->reported) {
        if (unlikely((want->types >> type & 1) == 0))
            goto bad_type;
        HIT(p, q, type, 0, 0);
    }
    p = q;
    goto after_value;

open: /* at an opening bracket */
    type = *p == '{' ? PREF_OBJECT : PREF_ARRAY;
    if (unlikely((want->types >> type & 1) == 0))
        goto bad_type;
    if (unlikely(top == s->frames + PREF_DEPTH_MAX))
        REFUSE(PREF_FAULT_DEPTH, p, PREF_NOWHERE);
    top->guess = guess;
    top++;
    top->in = want;
    top->seen = 0;
    top->hit = (uint32_t)n;
    top->text = top[-1].text | want->text;
    top->place = (pref_place)place;
    if (want->reported)
        HIT(p, end, type, 0, 0);
    p = skip_blanks(p + 1, end);
    if (type == PREF_ARRAY) {
        top->kind = SCAN_IN_ARRAY;
        top->index = 0;
        if (*p == ']')
            goto close;
        goto element;
    }
    top->kind = SCAN_IN_OBJECT;
    if (*p == '}')
        goto close;
    guess = &s->first[place];
    if (*p != '"')
        SYNTAX(p, EXPECTED_KEY_OR_BRACE);

member: /* at the opening quote of a key */
    key = p;
    name = &s->keys[*guess];
    if (likely(matches(p + 1, &name->pattern))) {
        place = *guess;
        p += name->len + 2;
    } else {
        place = SCAN_NOWHERE;
        escapes = 0;
        q = string_end(p + 1, end, &escapes);
        if (unlikely(q == NULL))
            goto bad_string;
        if (unlikely((escapes & SCAN_UNICODE) != 0) && top->text != 0) {
            const char *lone = pref_escape_lone(p + 1, q);
            if (lone != NULL)
                REFUSE(PREF_FAULT_SURROGATE, lone, top->place);
        }
        p = q + 1;
        if (top->in->table != NULL) {
            struct pref_span inside = {key + 1, (size_t)(q - key - 1)};
            place = pref_scan_key(s, top->in, inside, escapes);
        }
        if (place == SCAN_NOWHERE) {
            *guess = PREF_ROOT;
            guess = &s->stray[top->place];
            place = top->in->other;
            goto colon;
        }
        *guess = (pref_place)place;
        name = &s->keys[place];
    }
    if (unlikely((top->seen & name->bit) != 0)) {
        if (p > end)
            SYNTAX(p, NULL);
        REFUSE(PREF_FAULT_DUPLICATE, key, place);
    }
    top->seen |= name->bit;
    guess = &s->after[place];

colon: /* past a key */
    if (unlikely(*p != ':')) {
        p = skip_blanks(p, end);
        if (*p != ':')
            SYNTAX(p, EXPECTED_COLON);
    }
    p = skip_blanks(p + 1, end);
    goto value;

element: /* at an element of an array */
    key = p;
    place = top->in->each;
    if (unlikely(top->in->indexed)) {
        place = pref_scan_index(s, top->in, top->index);
        if (place != SCAN_NOWHERE)
            top->seen |= s->keys[place].bit;
    }
    top->index++;
    goto value;

after_value: /* past a value */
    if (top->kind == SCAN_IN_OBJECT) {
        if (unlikely((unsigned char)*p <= ' '))
            p = skip_blanks(p, end);
        if (likely(*p == ',')) {
            p = skip_blanks(p + 1, end);
            if (likely(*p == '"'))
                goto member;
            SYNTAX(p, EXPECTED_KEY);
        }
        if (likely(*p == '}'))
            goto close;
        SYNTAX(p, EXPECTED_COMMA_BRACE);
    }
    if (likely(top->kind == SCAN_IN_ARRAY)) {
        if (unlikely((unsigned char)*p <= ' '))
            p = skip_blanks(p, end);
        if (likely(*p == ',')) {
            p = skip_blanks(p + 1, end);
            goto element;
        }
        if (likely(*p == ']'))
            goto close;
        SYNTAX(p, EXPECTED_COMMA_BRACKET);
    }
    while (p < end && is_blank(*p))
        p++;
    if (unlikely(p < end))
        SYNTAX(p, EXPECTED_NOTHING);
    doc->count = n;
    return PREF_OK;

close: /* at the closing bracket of the container on top */
    if (unlikely(p >= end))
        SYNTAX(p, NULL);
    if (unlikely((top->in->required[top->kind] & ~top->seen) != 0))
        REFUSE(PREF_FAULT_MISSING, p,
               pref_scan_missing(s, top->in, top->in->required[top->kind] & ~top->seen));
    if (top->in->reported)
        hits[top->hit].end = (uint32_t)(p + 1 - line);
    if (top == s->frames + 1)
        doc->close = (uint32_t)(p - line);
    top--;
    guess = top->guess;
    p++;
    goto after_value;

bad_string: /* a string or key opens at p and is at fault */
    pref_scan_string_fault(line, p, end, fault);
    fault->place = place < PREF_PLACES_MAX ? (pref_place)place : PREF_NOWHERE;
    goto stop;

bad_type: /* a value of type `type` begins at p */
    set_fault(fault, PREF_FAULT_TYPE, (size_t)(p - line), place);
    fault->type = (uint8_t)type;

stop:
    doc->count = n;
    return PREF_FAIL;
}

#undef SYNTAX
#undef REFUSE
#undef HIT
