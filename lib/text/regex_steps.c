/* SPDX-License-Identifier: Apache-2.0 */
/*
 * regex_steps.c - callouts for what makes a search long: behind an item that is repeated, so that
 * every end that is tried for it is seen; where a group opens that is repeated, which is where
 * each round begins; before what may go through any length of text, so that the way is measured
 * from there; and before what may take long and then fail, a reference or a high least number.
 *
 * What costs little is not made slower: along a pattern, choices are free until there are more
 * than WAYS_FREE ways through them, and so is what stands in a row, until all ways through it come
 * to ROW_FREE items, or to ROW_SHORT where many alternatives came to MANY_ROWS. Between two
 * callouts a search thus tries little more than these.
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
#define ROW_FREE 256u
#define ROW_SHORT 32u
#define MANY_ROWS 4096u
#define TAIL_MAX 8 /* bytes behind the alternatives of a list */
#define WAYS_MANY 65000u /* or more, or without end */
#define CLASS_UNIT 64 /* bytes of a class that take as long as another item */
#define QUANTIFIERS "*+?{"
#define NO_GROUP SIZE_MAX

struct item {
    struct pref_span text;
    size_t outer;          /* of what opens a group: the group around it, or NO_GROUP */
    unsigned alternatives; /* of what opens a group, else 0 */
    unsigned ways;         /* in which it, or the group that it opens, may be repeated */
    unsigned least;        /* times that it is repeated */
    unsigned weight;       /* items that take as long; a class is searched through */
    size_t row, longest;   /* of what opens a group: the row before it, the longest through it */
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
    if (at(item, 0) == '\\' && at(item, 1) == 'X') /* goes through any number of marks */
        return ways;
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
        item->weight = at(item, 0) == '[' ? 1 + (unsigned)(item->text.len / CLASS_UNIT) : 1;
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

/* What a search may have gone through, since the last callout, when it comes to an item. */
struct stretch {
    unsigned ways; /* in which; those of a whole pattern, up to WAYS_FREE */
    size_t row;    /* items in a row, each as often as it is repeated at least */
    size_t spent;  /* on all alternatives before this one */
    size_t group;  /* the innermost that is open */
};

/* Rows of alternatives begin alike, and behind them the longest counts. */
static void enter(struct stretch *stretch, struct item *items, size_t i)
{
    struct item *item = &items[i];
    struct item *group = stretch->group == NO_GROUP ? NULL : &items[stretch->group];
    char sign = at(item, 0);
    if (sign == '|')
        stretch->spent += stretch->row * stretch->ways;
    if (group != NULL && is_one_of(sign, "|)") && group->longest < stretch->row)
        group->longest = stretch->row;
    if (item->alternatives > 0) {
        item->row = item->longest = stretch->row;
        stretch->group = i;
    } else if (sign == '|' && group != NULL) {
        stretch->row = group->row;
    } else if (sign == '|') { /* of the whole: tried one after the other */
        stretch->row = 0;
        stretch->ways = 1;
    } else if (sign == ')' && group != NULL) {
        stretch->row = group->longest;
        stretch->group = group->outer;
    } else {
        stretch->row += (size_t)item->weight * (item->least > 1 ? item->least : 1);
    }
}

static int is_counted_before(const struct item *item, const struct stretch *stretch)
{
    int is_run = item->alternatives == 0 && item->ways > ROW_FREE;
    unsigned free_row = stretch->spent < MANY_ROWS ? ROW_FREE : ROW_SHORT;
    return is_run || is_reference(item) || stretch->row >= free_row / stretch->ways;
}

/* Behind an item that is not, there are more ways. */
static int is_counted_behind(const struct item *item, struct stretch *stretch)
{
    unsigned more = item->ways * (item->alternatives == 0 ? 1 : item->alternatives);
    if (is_reference(item) || more > WAYS_FREE / stretch->ways)
        return 1;
    stretch->ways *= more;
    return 0;
}

/* Returns how many: of a long row more than one, since their numbers are small. */
static size_t put_callout(struct pref_buf *out, const struct item *item, size_t row)
{
    size_t callouts = 0, steps = row / PREF_REGEX_RUN;
    while (!is_reference(item) && steps > PREF_REGEX_REFERENCE - 1) {
        pref_buf_addf(out, "(?C%u)", PREF_REGEX_REFERENCE - 1);
        steps -= PREF_REGEX_REFERENCE - 1;
        callouts++;
    }
    pref_buf_addf(out, "(?C%u)", is_reference(item) ? PREF_REGEX_REFERENCE : (unsigned)steps);
    return callouts + 1;
}

/* Returns how many. None stands at the very end: there, the pattern is found. */
static size_t put_callouts(struct pref_buf *out, struct item *items, size_t count)
{
    struct stretch stretch = {1, 0, 0, NO_GROUP};
    size_t callouts = 0;
    int counted = 0;
    for (size_t i = 0; i < count; i++) {
        enter(&stretch, items, i);
        if (counted || is_counted_before(&items[i], &stretch)) {
            callouts += put_callout(out, &items[i], stretch.row);
            stretch.row = 0;
        }
        counted = is_counted_behind(&items[i], &stretch);
        pref_buf_add_span(out, items[i].text);
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
                     enum pref_regex_callouts *callouts, unsigned *weight)
{
    struct item *items = calloc(pattern.len + 1, sizeof *items);
    if (items == NULL)
        return PREF_FAIL;
    size_t count = read_items(items, pattern, begins);
    *weight = 1;
    for (size_t i = 0; i < count; i++)
        *weight = items[i].weight > *weight ? items[i].weight : *weight;
    if (is_closed(pattern))
        *callouts = PREF_REGEX_EVERYWHERE;
    else
        *callouts = put_callouts(out, items, count) > 0 ? PREF_REGEX_HERE : PREF_REGEX_NOWHERE;
    free(items);
    return out->failed ? PREF_FAIL : PREF_OK;
}

/* ---- Lists of words -------------------------------------------------------------------------- */

/* Behind a "(": 1 where it opens a group, as ( or (?: or (?i: do, 0 where it is a setting, as (?i),
 * and -1 otherwise. *p is then at the last byte of that. */
static int read_head(const char **p, const char *end)
{
    if (*p + 1 == end || (*p)[1] != '?')
        return 1;
    for (*p += 2; *p < end && is_one_of(**p, "ims-");)
        ++*p;
    return *p == end || !is_one_of(**p, ":)") ? -1 : **p == ':';
}

int pref_regex_is_list(struct pref_span pattern)
{
    const char *end = pattern.ptr + pattern.len;
    size_t depth = 0, forks = NO_GROUP; /* the depth at which the alternatives stand */
    for (const char *p = pattern.ptr; p < end; p++) {
        switch (*p) {
        case '*': case '+': case '?': case '{': case '[': return 0;
        case '\\':
            if (++p == end || is_one_of(*p, "QXcgk123456789"))
                return 0;
            break;
        case '(': {
            int opens = read_head(&p, end);
            if (opens < 0)
                return 0;
            depth += (size_t)opens;
            break;
        }
        case '|':
            if (forks != NO_GROUP && forks != depth)
                return 0;
            forks = depth;
            break;
        case ')':
            if (depth == forks) {
                if (end - p > TAIL_MAX)
                    return 0;
                forks = NO_GROUP - 1; /* no more of them */
            }
            depth -= depth > 0;
            break;
        default: break;
        }
    }
    return 1;
}
