/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan_walk.h - the walker: the grammar of RFC 8259, the shape's conditions and the hits, in one
 * pass and without recursion. Included once by each file that has a set of kernels, which defines
 * before it
 *
 *   SCAN_INLINE    "static inline" with the kernel's target attribute
 *   SCAN_NAME      the name of the function to define
 *   SCAN_TARGET    the target attribute alone
 *   short_string_end(p, end)  the closing quote of the string whose inside begins at p, if it is
 *                  short and plain ASCII without escapes and closes before end; else NULL
 *   long_string_end(p, end, &escapes)  the same for any string, or NULL where it is at fault or
 *                  does not close; ORs SCAN_ESCAPED and SCAN_UNICODE into escapes
 *   number_end(p, end, &exponent)  the end of the number at p, or NULL where it is at fault or too
 *                  long or near to the end to say; exponent is set to 1 if it has one
 *
 * Kernels and walker may look up to PREF_PAD bytes past the end. The rule that keeps them honest:
 * what is seen there may send the walk on, but every value and every closing bracket begins with a
 * test against the end, each of them is at most a few bytes from the one before (strings and
 * numbers make the test themselves), and whatever fault shows at or past the end is the same one:
 * the record breaks off. So no answer depends on a byte past the end.
 */
#include "scan_tokens.h"

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

/* Report the value of place `want` from start_at to end_at. */
#define HIT(start_at, end_at, its_type, its_word, its_escaped)                                     \
    do {                                                                                           \
        if (unlikely(hit == s->hits_end)) {                                                        \
            size_t count = (size_t)(hit - s->hits);                                                \
            enum pref_fault_kind grown = pref_scan_grow(s);                                        \
            hit = s->hits + count;                                                                 \
            if (grown != PREF_FAULT_NONE)                                                          \
                REFUSE(grown, start_at, want);                                                     \
        }                                                                                          \
        hit->key = (uint32_t)(key - line);                                                         \
        hit->start = (uint32_t)((start_at) - line);                                                \
        hit->end = (uint32_t)((end_at) - line);                                                    \
        hit->place = want->self;                                                                   \
        hit->type = (uint8_t)(its_type);                                                           \
        hit->word = (uint8_t)(its_word);                                                           \
        hit->escaped = (uint8_t)(its_escaped);                                                     \
        doc->at[want->self] = (int32_t)(hit - s->hits);                                            \
        hit++;                                                                                     \
    } while (0)

/* One function on purpose, longer than we like them: its labels are the states of the grammar, and
 * its locals stay in registers from one token to the next. */
SCAN_TARGET int SCAN_NAME(struct pref_scanner *s, const char *line, size_t len,
                          struct pref_doc *doc, struct pref_fault *fault)
{
    const char *const end = line + len;
    const char *p = skip_blanks(line, end);
    const char *key = p;               /* where the hit's key stands */
    const char *q;
    struct scan_place *want = &s->places[PREF_ROOT]; /* the place of the value to come */
    struct scan_key *name;
    struct scan_key **guess = NULL;    /* in an object, which key comes next, probably */
    struct scan_frame *top = s->frames;
    struct pref_hit *hit = s->hits;
    unsigned type, escapes;
    int word, exponent;

    doc->open = doc->close = (uint32_t)((p < end ? p : end) - line);
    top->kind = SCAN_BOTTOM;
    top->text = 0;

value: /* at the first byte of a value of place `want` */
    if (unlikely(p >= end))
        SYNTAX(p, EXPECTED_VALUE);
    if (*p == '"')
        goto string;
    switch (begins[(unsigned char)*p]) {
    case BEGINS_CONTAINER: goto open;
    case BEGINS_BOOL:
        type = *p == 'f';
        q = p + 4 + type;
        if (unlikely(!spells(p + type, type != 0 ? "alse" : "true") || q > end))
            SYNTAX(literal_fault(p, end), EXPECTED_LITERAL);
        type = PREF_TRUE - type;
        break;
    case BEGINS_NULL:
        type = PREF_NULL;
        q = p + 4;
        if (unlikely(!spells(p, "null") || q > end))
            SYNTAX(literal_fault(p, end), EXPECTED_LITERAL);
        if (!want->null_is_value) {
            if (unlikely(want->must))
                REFUSE(PREF_FAULT_MISSING, p, want);
            p = q;
            goto after_value;
        }
        break;
    case BEGINS_NUMBER:
        type = PREF_NUMBER;
        exponent = 0;
        q = number_end(p, end, &exponent);
        if (unlikely(q == NULL || q >= end)) {
            const char *bad, *what;
            q = pref_scan_number(p, end, &bad, &what);
            if (q == NULL)
                SYNTAX(bad, what);
            exponent = 1; /* it may have one */
        }
        /* Without an exponent, 300 bytes stay far below the largest double. */
        if (want->finite && unlikely(exponent || q - p > 300) &&
            (want->types & PREF_IS(PREF_NUMBER)) != 0) {
            struct pref_span number = {p, (size_t)(q - p)};
            if (!pref_scan_finite(number))
                REFUSE(PREF_FAULT_RANGE, p, want);
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

string: /* at the opening quote of a value */
    escapes = 0;
    q = short_string_end(p + 1, end);
    if (q == NULL) {
        q = long_string_end(p + 1, end, &escapes);
        if (unlikely(q == NULL))
            goto bad_string;
        if (unlikely((escapes & SCAN_UNICODE) != 0) && (top->text | want->text) != 0) {
            const char *lone = pref_escape_lone(p + 1, q);
            if (lone != NULL)
                REFUSE(PREF_FAULT_SURROGATE, lone, nearest(want, top));
        }
    }
    if (want->reported) {
        type = PREF_STRING;
        if (unlikely((want->types & PREF_IS(PREF_STRING)) == 0))
            goto bad_type;
        word = 0;
        if (want->words != NULL) {
            word = match_word(p + 1, q, want->words);
            if (unlikely(word < 0)) {
                struct pref_span inside = {p + 1, (size_t)(q - p - 1)};
                word = pref_scan_word(s, want->words, inside, escapes);
                if (word < 0)
                    REFUSE(PREF_FAULT_WORD, p, want);
            }
        }
        HIT(p, q + 1, PREF_STRING, word, escapes != 0);
    }
    p = q + 1;
    goto after_value;

open: /* at an opening bracket */
    type = *p == '{' ? PREF_OBJECT : PREF_ARRAY;
    if (unlikely((want->types >> type & 1) == 0))
        goto bad_type;
    if (unlikely(top == s->frames + PREF_DEPTH_MAX))
        REFUSE(PREF_FAULT_DEPTH, p, NULL);
    top->guess = guess;
    top++;
    top->in = want;
    top->seen = 0;
    top->hit = (uint32_t)((char *)hit - (char *)s->hits);
    top->text = top[-1].text | want->text;
    if (want->reported)
        HIT(p, end, type, 0, 0);
    p = skip_blanks(p + 1, end);
    if (type == PREF_ARRAY) {
        top->kind = SCAN_IN_ARRAY;
        top->index = 0;
        guess = NULL;
        if (*p == ']')
            goto close;
        goto element;
    }
    top->kind = SCAN_IN_OBJECT;
    guess = &top->in->first;
    if (*p == '}')
        goto close;
    if (*p != '"')
        SYNTAX(p, EXPECTED_KEY_OR_BRACE);

member: /* at the opening quote of a key */
    key = p;
    name = *guess;
    if (likely(matches(p + 1, &name->pattern))) {
        p += name->quoted_len;
    } else {
        escapes = 0;
        q = short_string_end(p + 1, end);
        if (q == NULL) {
            q = long_string_end(p + 1, end, &escapes);
            want = &s->places[SCAN_NOWHERE];
            if (unlikely(q == NULL))
                goto bad_string;
            if (unlikely((escapes & SCAN_UNICODE) != 0) && top->text != 0) {
                const char *lone = pref_escape_lone(p + 1, q);
                if (lone != NULL)
                    REFUSE(PREF_FAULT_SURROGATE, lone, nearest(top->in, top));
            }
        }
        p = q + 1;
        struct pref_span inside = {key + 1, (size_t)(q - key - 1)};
        name = pref_scan_key(s, top->in, inside, escapes);
        if (name == NULL) {
            *guess = s->keys;
            guess = &top->in->stray;
            want = top->in->other;
            goto colon;
        }
        *guess = name;
    }
    want = name->place;
    guess = &name->after;
    if (unlikely((top->seen & name->bit) != 0)) {
        if (p > end)
            SYNTAX(p, NULL);
        REFUSE(PREF_FAULT_DUPLICATE, key, want);
    }
    top->seen |= name->bit;

colon: /* past a key */
    if (likely(memcmp(p, ": ", 2) == 0 && (unsigned char)p[2] > ' ')) {
        p += 2;
        goto value;
    }
    p = skip_blanks(p, end);
    if (*p != ':')
        SYNTAX(p, EXPECTED_COLON);
    p = skip_blanks(p + 1, end);
    goto value;

element: /* at an element of an array */
    key = p;
    want = top->in->each;
    if (unlikely(top->in->indexed))
        want = pref_scan_index(s, top->in, top->index, &top->seen);
    top->index++;
    goto value;

after_value: /* past a value */
    if (guess != NULL) { /* in an object */
        if (likely(memcmp(p, ", \"", 3) == 0)) {
            p += 2;
            goto member;
        }
        p = skip_blanks(p, end);
        if (*p == ',') {
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
    doc->count = (size_t)(hit - s->hits);
    return PREF_OK;

close: /* at the closing bracket of the container on top */
    if (unlikely(p >= end))
        SYNTAX(p, NULL);
    if (unlikely((top->in->required[top->kind] & ~top->seen) != 0))
        REFUSE(PREF_FAULT_MISSING, p,
               pref_scan_missing(s, top->in, top->in->required[top->kind] & ~top->seen));
    if (top->in->reported)
        ((struct pref_hit *)(void *)((char *)s->hits + top->hit))->end = (uint32_t)(p + 1 - line);
    if (top == s->frames + 1)
        doc->close = (uint32_t)(p - line);
    top--;
    guess = top->guess;
    p++;
    goto after_value;

bad_string: /* a string or key opens at p and is at fault */
    pref_scan_string_fault(line, p, end, fault);
    fault->place = want->self;
    goto stop;

bad_type: /* a value of type `type` begins at p */
    set_fault(fault, PREF_FAULT_TYPE, (size_t)(p - line), want);
    fault->type = (uint8_t)type;

stop:
    doc->count = (size_t)(hit - s->hits);
    return PREF_FAIL;
}

#undef SYNTAX
#undef REFUSE
#undef HIT
