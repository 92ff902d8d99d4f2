/* SPDX-License-Identifier: Apache-2.0 */
/*
 * needles_pattern.c - the literals that a pattern cannot do without, from its syntax. Of a sequence
 * they are those of its best part, of alternatives those of all. What may be left out gives none;
 * a syntax that is not known here ends the search with none for the whole pattern.
 */
#include "config.h"

#include "needles.h"

#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 24

typedef struct pref_needle_list list_of; /* the literals of a part */

/* A group that is open; the first is the whole pattern. */
struct group {
    list_of best; /* of the present alternative: of its best part so far */
    list_of all;  /* of the alternatives before, together */
    int poor;     /* one of them has none */
    int look;     /* a lookaround: nothing of it is part of the match */
};

struct reader {
    const char *p, *end;
    int caseless;
    struct pref_needle run; /* the characters that stand side by side just now */
    unsigned depth;
    struct group group[DEPTH_MAX];
};

/* ---- Lists ----------------------------------------------------------------------------------- */

/* How much a list keeps away; 0 for one that says nothing. */
static unsigned worth(const list_of *list)
{
    unsigned shortest = PREF_NEEDLE_BYTES;
    for (unsigned i = 0; i < list->count; i++)
        if (list->needle[i].len < shortest)
            shortest = list->needle[i].len;
    if (list->count == 0)
        return 0;
    unsigned length = shortest < 8 ? shortest : 8;
    if (shortest >= 3)
        return 1000 + 20 * length - list->count;
    /* Short ones are of use where they are few and no letters. */
    char c = list->needle[0].text[0];
    int plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || strchr(" .,-'\n", c) != NULL;
    return list->count > 2 || plain ? 1 : 100 + length;
}

static void offer(struct group *group, const list_of *list)
{
    if (worth(list) > worth(&group->best))
        group->best = *list;
}

/* An alternative is complete. */
static void end_alternative(struct group *group)
{
    if (group->best.count == 0 || group->all.count + group->best.count > PREF_NEEDLES_OF)
        group->poor = 1;
    for (unsigned i = 0; i < group->best.count && !group->poor; i++)
        group->all.needle[group->all.count++] = group->best.needle[i];
    group->best.count = 0;
}

static void end_run(struct reader *r)
{
    if (r->run.len > 0) {
        list_of one = {.count = 1};
        one.needle[0] = r->run;
        offer(&r->group[r->depth], &one);
    }
    r->run.len = 0;
}

/* ---- Syntax ---------------------------------------------------------------------------------- */

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Step over a quantifier: the least number of times, and whether it is just one. */
static unsigned quantifier(struct reader *r, int *once)
{
    unsigned least = 1;
    *once = 1;
    if (r->p == r->end)
        return 1;
    const char *q = r->p + 1;
    if (*r->p == '{') {
        unsigned value = 0;
        while (q < r->end && is_digit(*q) && value < 100000)
            value = value * 10 + (unsigned)(*q++ - '0');
        int counted = q > r->p + 1;
        while (counted && q < r->end && (is_digit(*q) || *q == ','))
            q++;
        if (!counted || q == r->end || *q != '}')
            return 1; /* a brace that is no quantifier, or none in every version of PCRE2 */
        q++;
        least = value;
    } else if (*r->p == '*' || *r->p == '?') {
        least = 0;
    } else if (*r->p != '+') {
        return 1;
    }
    if (q < r->end && (*q == '+' || *q == '?'))
        q++;
    r->p = q;
    *once = 0;
    return least;
}

/* Take a character of `len` bytes. Without regard to case, letters that have other forms beyond
 * ASCII (k, s) are left out, and of those beyond it all but Han and kana, which have no case. */
static void take_character(struct reader *r, const char *bytes, size_t len)
{
    int once;
    unsigned char lead = (unsigned char)bytes[0];
    unsigned least = quantifier(r, &once);
    char c = bytes[0] >= 'A' && bytes[0] <= 'Z' ? (char)(bytes[0] | 0x20) : bytes[0];
    int changes = r->caseless && (c == 'k' || c == 's' ||
                                  (lead >= 0x80 && (lead < 0xe3 || lead > 0xe9)));
    if (least == 0 || changes) {
        end_run(r);
        return;
    }
    size_t over = r->run.len + len > PREF_NEEDLE_BYTES ? r->run.len + len - PREF_NEEDLE_BYTES : 0;
    memmove(r->run.text, r->run.text + over, r->run.len - over);
    r->run.len = (unsigned char)(r->run.len - over);
    memcpy(r->run.text + r->run.len, bytes, len);
    if (len == 1)
        r->run.text[r->run.len] = c;
    r->run.len = (unsigned char)(r->run.len + len);
    if (!once)
        end_run(r);
}

/* Something that is one of several characters. */
static void take_class(struct reader *r)
{
    int once;
    quantifier(r, &once);
    end_run(r);
}

/* Step over [...]: 0 where it is not understood. */
static int skip_class(struct reader *r)
{
    const char *p = r->p; /* behind the bracket */
    if (p < r->end && *p == '^')
        p++;
    if (p < r->end && *p == ']')
        p++;
    for (; p < r->end && *p != ']'; p++) {
        if (*p == '[' && p + 1 < r->end && strchr(":.=", p[1]) != NULL)
            return 0;
        if (*p == '\\' && (++p == r->end || *p == 'Q' || *p == 'E'))
            return 0;
    }
    r->p = p + (p < r->end);
    return p < r->end;
}

/* Step over the braces behind \p, \x and their like. */
static void skip_braces(struct reader *r)
{
    if (r->p < r->end && *r->p == '{')
        while (r->p < r->end && *r->p++ != '}')
            continue;
    else if (r->p < r->end)
        r->p++;
}

static int take_escape(struct reader *r)
{
    static const char controls[] = "n\nt\tr\rf\fe\033a\a";
    if (r->p == r->end)
        return 0;
    char c = *r->p++;
    const char *control = c == '\0' ? NULL : strchr(controls, c);
    if (strchr("bBAzZG", c) != NULL)
        return 1;
    if (strchr("dDwWsShHvVRNX", c) != NULL) {
        if (c == 'N' && r->p < r->end && *r->p == '{')
            return 0;
        take_class(r);
    } else if (c == 'p' || c == 'P' || c == 'x') {
        if (c == 'x' && (r->p == r->end || *r->p != '{'))
            return 0;
        skip_braces(r);
        take_class(r);
    } else if (control != NULL && (control - controls) % 2 == 0) {
        take_character(r, control + 1, 1);
    } else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) ||
               (unsigned char)c >= 0x80) {
        return 0;
    } else {
        take_character(r, &c, 1);
    }
    return 1;
}

/* Open a group: r->p stands behind its parenthesis. */
static int open_group(struct reader *r)
{
    int look = 0;
    if (r->p < r->end && *r->p == '*')
        return 0;
    if (r->p < r->end && *r->p == '?') {
        const char *p = r->p + 1;
        if (p < r->end && (*p == '=' || *p == '!')) {
            look = 1;
            p++;
        } else if (p + 1 < r->end && *p == '<' && (p[1] == '=' || p[1] == '!')) {
            look = 1;
            p += 2;
        } else if (p < r->end && *p == '>') {
            p++;
        } else {
            while (p < r->end && strchr("ims", *p) != NULL)
                p++;
            if (p < r->end && *p == ')') { /* options for what follows */
                r->p = p + 1;
                return 1;
            }
            if (p == r->end || *p++ != ':')
                return 0;
        }
        r->p = p;
    }
    if (r->depth + 1 == DEPTH_MAX)
        return 0;
    end_run(r);
    struct group *group = &r->group[++r->depth];
    group->best.count = group->all.count = 0;
    group->poor = 0;
    group->look = look;
    return 1;
}

static int close_group(struct reader *r)
{
    struct group *group = &r->group[r->depth];
    int once;
    if (r->depth == 0)
        return 0;
    end_run(r);
    end_alternative(group);
    r->depth--;
    if (quantifier(r, &once) > 0 && !group->poor && !group->look)
        offer(&r->group[r->depth], &group->all);
    return 1;
}

/* Read one piece of the pattern: 0 where it is not understood. */
static int take_piece(struct reader *r)
{
    char c = *r->p++;
    switch (c) {
    case '\\': return take_escape(r);
    case '(': return open_group(r);
    case ')': return close_group(r);
    case '[':
        if (!skip_class(r))
            return 0;
        take_class(r);
        return 1;
    case '.': take_class(r); return 1;
    case '^':
    case '$': return 1;
    case '|':
        end_run(r);
        end_alternative(&r->group[r->depth]);
        return 1;
    case '*':
    case '+':
    case '?':
    case '{': return 0; /* they stand behind what they repeat, and were read there */
    default: break;
    }
    const char *from = r->p - 1;
    while (r->p < r->end && ((unsigned char)*r->p & 0xc0) == 0x80)
        r->p++;
    take_character(r, from, (size_t)(r->p - from));
    return 1;
}

/* Whether options anywhere ask for no regard to case. */
static int asks_caseless(struct pref_span pattern)
{
    for (size_t i = 0; i + 2 < pattern.len; i++) {
        if (pattern.ptr[i] != '(' || pattern.ptr[i + 1] != '?')
            continue;
        for (size_t k = i + 2; k < pattern.len && strchr("imsxnJU^-", pattern.ptr[k]) != NULL; k++)
            if (pattern.ptr[k] == 'i')
                return 1;
    }
    return 0;
}

int pref_needles_of(struct pref_span pattern, struct pref_needle_list *list)
{
    struct reader *r = calloc(1, sizeof *r);
    list->count = 0;
    if (r == NULL)
        return PREF_FAIL;
    r->p = pattern.ptr;
    r->end = pattern.ptr + pattern.len;
    r->caseless = asks_caseless(pattern);
    int known = memchr(pattern.ptr, '\0', pattern.len) == NULL;
    while (known && r->p < r->end)
        known = take_piece(r);
    if (known && r->depth == 0) {
        end_run(r);
        end_alternative(&r->group[0]);
        if (!r->group[0].poor)
            *list = r->group[0].all;
    }
    free(r);
    return PREF_OK;
}
