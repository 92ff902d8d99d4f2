/* SPDX-License-Identifier: Apache-2.0 */
/*
 * regex_steps.c - callouts for what makes a search long: behind an item that is repeated, so that
 * every end that is tried for it is seen; where a group opens that is repeated, which is where
 * each round begins; before what may go through any length of text, so that the way is measured
 * from there; and before what may take long and then fail, a reference or a high least number.
 *
 * What costs little is not made slower: along a pattern, choices are free until there are more
 * than WAYS_FREE ways through them. Between two callouts a search then tries at most so many ways
 * through what the pattern has in a row.
 *
 * Where the items begin is known from PCRE2. What an item is, is read from its text, and in
 * doubt, as where a comment stands behind it, it is repeated: a callout changes nothing of what
 * is found.
 */
#include "config.h"

#include "regex_steps.h"

#include <stdlib.h>
#include <string.h>

#define WAYS_FREE 32u
#define WAYS_MANY 65000u /* or more, or without end */
#define QUANTIFIERS "*+?{"
#define NO_GROUP SIZE_MAX

struct item {
    struct pref_span text;
    size_t outer;          /* of what opens a group: the group around it, or NO_GROUP */
    unsigned alternatives; /* of what opens a group, else 0 */
    unsigned ways;         /* in which it, or the group that it opens, may be repeated */
    unsigned least;        /* times that it is repeated */
};

/* ---- What an item is ------------------------------------------------------------------------- */

static char at(const struct item *item, size_t i)
{
    return i < item->text.len ? item->text.ptr[i] : '\0';
}

static int is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

/* \1, \g{-1}, \k<name>, (?P=name), and the calls of groups: (?1), (?R), (?&name), (?P>name). */
static int is_reference(const struct item *item)
{
    if (at(item, 0) == '\\')
        return is_one_of(at(item, 1), "123456789gk");
    size_t digit = is_one_of(at(item, 2), "+-") ? 3 : 2;
    return at(item, 0) == '(' && at(item, 1) == '?' &&
           (is_one_of(at(item, digit), "0123456789") || is_one_of(at(item, 2), "R&") ||
            (at(item, 2) == 'P' && is_one_of(at(item, 3), "=>")));
}

/* Whether an item opens a group: not (?i), which is a setting, nor (*VERB), nor a reference. */
static int is_open(const struct item *item)
{
    size_t i = 2;
    if (at(item, 0) != '(' || is_reference(item))
        return 0;
    if (at(item, 1) == '*')
        return !(at(item, 2) >= 'A' && at(item, 2) <= 'Z') && at(item, 2) != ':';
    while (is_one_of(at(item, i), "imsnxJU^-"))
        i++;
    return at(item, 1) != '?' || at(item, i) != ')';
}

/* The bytes of an item's atom: what stands behind is its quantifier. Never too many. */
static size_t atom_length(const struct item *item)
{
    size_t len = 1;
    char end = '\0';
    if (at(item, 0) == '[') {
        len = at(item, 1) == '^' ? 3 : 2;
        end = ']';
    } else if (at(item, 0) == '\\') {
        len = 2;
        if (at(item, 2) == '{')
            end = is_one_of(at(item, 1), "pPxo") || at(item, 3) == 'U' ? '}' : '\0';
    }
    const char *found = end == '\0' || len >= item->text.len
                            ? NULL
                            : memchr(item->text.ptr + len, end, item->text.len - len);
    return found != NULL          ? (size_t)(found - item->text.ptr) + 1
           : len < item->text.len ? len
                                  : item->text.len;
}

static unsigned number(const struct item *item, size_t *i)
{
    unsigned value = 0;
    for (; is_one_of(at(item, *i), "0123456789") && value < WAYS_MANY; (*i)++)
        value = value * 10 + (unsigned)(at(item, *i) - '0');
    return value < WAYS_MANY ? value : WAYS_MANY - 1;
}

/* {m}, {m,} or {m,n}, whose digits begin at *i: in how many ways it may be met, its *least number,
 * and *i behind its brace, or where that should be. */
static unsigned braces(const struct item *item, size_t *i, unsigned *least)
{
    unsigned most = *least = number(item, i);
    if (at(item, *i) == ',') {
        (*i)++;
        most = at(item, *i) == '}' ? WAYS_MANY : number(item, i);
    }
    return most >= *least ? most - *least + 1 : WAYS_MANY;
}

/* In how many ways an item's quantifier may be met, and its *least number. */
static unsigned quantifier(const struct item *item, unsigned *least)
{
    size_t from = atom_length(item), i = from;
    unsigned ways = WAYS_MANY;
    *least = 0;
    while (i < item->text.len && !is_one_of(item->text.ptr[i], QUANTIFIERS))
        i++;
    if (i == item->text.len)
        return 1;
    int plain = i == from;
    char sign = item->text.ptr[i++];
    if (sign == '?')
        ways = 2;
    if (sign == '{') {
        ways = braces(item, &i, least);
        plain &= at(item, i++) == '}';
    }
    if (is_one_of(at(item, i), "+?"))
        i++;
    while (i < item->text.len)
        plain &= !is_one_of(item->text.ptr[i++], QUANTIFIERS);
    return plain ? ways : WAYS_MANY;
}

/* ---- The items of a pattern ------------------------------------------------------------------ */

/* What closes a group says how often it is repeated. Rounds of a fixed number are rounds. */
static void close_group(struct item *open, const struct item *close)
{
    unsigned least, ways = quantifier(close, &least);
    open->ways = least > 1 || ways > 2 ? WAYS_MANY : ways;
}

/* What stands before the first item, such as (*NO_JIT), becomes one, too. */
static size_t read_items(struct item *items, struct pref_span pattern, const unsigned char *begins)
{
    size_t count = 0, group = NO_GROUP;
    for (size_t from = 0, end; from < pattern.len; from = end) {
        struct item *item = &items[count++];
        for (end = from + 1; end < pattern.len && !begins[end];)
            end++;
        item->text = (struct pref_span){pattern.ptr + from, end - from};
        item->ways = 1;
        if (is_open(item)) {
            item->alternatives = 1;
            item->outer = group;
            group = count - 1;
        } else if (at(item, 0) == '|' && group != NO_GROUP) {
            items[group].alternatives++;
        } else if (at(item, 0) == ')' && group != NO_GROUP) {
            close_group(&items[group], item);
            group = items[group].outer;
        } else if (at(item, 0) != '(') { /* a setting and a verb have none, a call is counted */
            item->ways = quantifier(item, &item->least);
        }
    }
    return count;
}

/* ---- Where callouts stand -------------------------------------------------------------------- */

static int is_counted_before(const struct item *item)
{
    int is_run = item->alternatives == 0 && item->ways > PREF_REGEX_LEAST;
    return is_run || item->least >= PREF_REGEX_LEAST || is_reference(item);
}

/* *ways are those that are free so far. */
static int is_counted_behind(const struct item *item, unsigned *ways)
{
    unsigned more = item->ways * (item->alternatives == 0 ? 1 : item->alternatives);
    if (is_reference(item) || more > WAYS_FREE / *ways)
        return 1;
    *ways *= more;
    return 0;
}

/* Returns how many. None stands at the very end: there, the pattern is found. */
static size_t put_callouts(struct pref_buf *out, const struct item *items, size_t count)
{
    size_t callouts = 0, depth = 0;
    unsigned ways = 1;
    int counted = 0;
    for (size_t i = 0; i < count; i++) {
        const struct item *item = &items[i];
        if (counted || is_counted_before(item)) {
            unsigned number = is_reference(item) ? PREF_REGEX_REFERENCE
                                                 : item->least / PREF_REGEX_LEAST;
            pref_buf_addf(out, "(?C%u)", number);
            callouts++;
        }
        if (at(item, 0) == '|' && depth == 0)
            ways = 1; /* alternatives of the whole are tried one after the other */
        depth += item->alternatives > 0;
        depth -= at(item, 0) == ')' && depth > 0;
        counted = is_counted_behind(item, &ways);
        pref_buf_add_span(out, item->text);
    }
    return callouts;
}

/* Where nothing may be put between two items: in \Q...\E, and behind the "(?" of a condition that
 * is an assertion. */
static int is_closed(struct pref_span pattern)
{
    for (size_t i = 0; i + 2 < pattern.len; i++) {
        const char *p = pattern.ptr + i;
        int condition = i + 3 < pattern.len && memcmp(p, "(?(", 3) == 0 && is_one_of(p[3], "?*");
        if (condition || memcmp(p, "\\Q", 2) == 0)
            return 1;
    }
    return 0;
}

int pref_regex_steps(struct pref_buf *out, struct pref_span pattern, const unsigned char *begins,
                     enum pref_regex_callouts *callouts)
{
    *callouts = PREF_REGEX_EVERYWHERE;
    if (is_closed(pattern))
        return PREF_OK;
    struct item *items = calloc(pattern.len + 1, sizeof *items);
    if (items == NULL)
        return PREF_FAIL;
    size_t count = read_items(items, pattern, begins);
    *callouts = put_callouts(out, items, count) > 0 ? PREF_REGEX_HERE : PREF_REGEX_NOWHERE;
    free(items);
    return out->failed ? PREF_FAIL : PREF_OK;
}
