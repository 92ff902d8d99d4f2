/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "pref/scan.h"

#include <stdio.h>
#include <string.h>

const char *pref_fault_name(enum pref_fault_kind kind)
{
    static const char *const name[PREF_FAULT_KINDS] = {
        [PREF_FAULT_NONE] = "none",           [PREF_FAULT_SYNTAX] = "syntax",
        [PREF_FAULT_UTF8] = "utf-8",          [PREF_FAULT_DEPTH] = "depth",
        [PREF_FAULT_DUPLICATE] = "duplicate", [PREF_FAULT_TYPE] = "type",
        [PREF_FAULT_MISSING] = "missing",     [PREF_FAULT_WORD] = "word",
        [PREF_FAULT_SURROGATE] = "surrogate", [PREF_FAULT_RANGE] = "range",
        [PREF_FAULT_LENGTH] = "length",       [PREF_FAULT_MEMORY] = "memory",
        [PREF_FAULT_VALUE] = "value",
    };
    return kind < PREF_FAULT_KINDS ? name[kind] : "unknown";
}

const char *pref_type_name(enum pref_type type)
{
    static const char *const name[] = {
        [PREF_NULL] = "null",       [PREF_FALSE] = "false",    [PREF_TRUE] = "true",
        [PREF_NUMBER] = "a number", [PREF_STRING] = "a string", [PREF_ARRAY] = "an array",
        [PREF_OBJECT] = "an object",
    };
    return type <= PREF_OBJECT ? name[type] : "unknown";
}

/* A text that is appended to and cut at its end. */
struct sentence {
    char *text;
    size_t at, size;
};

static void say(struct sentence *s, const char *text)
{
    size_t n = strlen(text), room = s->size - s->at - 1;
    n = n < room ? n : room;
    memcpy(s->text + s->at, text, n);
    s->at += n;
    s->text[s->at] = '\0';
}

static void say_byte(struct sentence *s, int byte)
{
    char text[24];
    if (byte < 0)
        snprintf(text, sizeof text, "end of the record");
    else if (byte > 0x20 && byte < 0x7f)
        snprintf(text, sizeof text, "'%c'", byte);
    else
        snprintf(text, sizeof text, "0x%02x", (unsigned)byte);
    say(s, text);
}

static void say_bounds(struct sentence *s, const int32_t bound[2])
{
    char text[32];
    snprintf(text, sizeof text, "%d to %d", (int)bound[0], (int)bound[1]);
    say(s, text);
}

/* A sentence with a '@' for the byte that was found, or for the bounds. */
static void say_what(struct sentence *s, const struct pref_fault *fault)
{
    const char *what = fault->what == NULL ? "" : fault->what;
    const char *mark = strchr(what, '@');
    if (mark == NULL) {
        say(s, what);
        return;
    }
    char before[64];
    snprintf(before, sizeof before, "%.*s", (int)(mark - what), what);
    say(s, before);
    if (fault->kind == PREF_FAULT_VALUE)
        say_bounds(s, fault->bound);
    else
        say_byte(s, fault->found);
    say(s, mark + 1);
}

/* "the record", or "field 'votes[].vote'". */
static void say_place(struct sentence *s, const struct pref_shape *shape, pref_place place)
{
    char name[256];
    pref_shape_name(shape, place, name, sizeof name);
    if (place == PREF_ROOT || place == PREF_NOWHERE) {
        say(s, place == PREF_ROOT ? "the record" : "a value");
        return;
    }
    say(s, "field '");
    say(s, name);
    say(s, "'");
}

/* "a string, an array or null", from a mask of types. */
static void say_types(struct sentence *s, unsigned types)
{
    for (int type = PREF_OBJECT; type >= PREF_NULL; type--) {
        if ((types >> type & 1) == 0)
            continue;
        say(s, pref_type_name((enum pref_type)type));
        types &= ~PREF_IS(type);
        if (types != 0)
            say(s, (types & (types - 1)) != 0 ? ", " : " or ");
    }
}

static void say_words(struct sentence *s, const char *const *words)
{
    for (size_t i = 0; words != NULL && words[i] != NULL; i++) {
        say(s, i == 0 ? "'" : words[i + 1] == NULL ? " or '" : ", '");
        say(s, words[i]);
        say(s, "'");
    }
}

/* The sentence, or of a key in whose place another may stand that it is one of the two. */
static void say_one_of(struct sentence *s, const struct pref_shape *shape,
                       const struct pref_place_rule *rule, const char *sentence)
{
    if (rule == NULL || rule->instead == PREF_NOWHERE) {
        say(s, sentence);
        return;
    }
    say(s, " or '");
    say(s, shape->rule[rule->instead].name);
    say(s, "': expected one of the two");
}

/* What is wrong with the value at a place, in the words that follow the place's name. */
static void say_broken(struct sentence *s, const struct pref_shape *shape,
                       const struct pref_fault *fault)
{
    const struct pref_place_rule *rule =
        fault->place < shape->count ? &shape->rule[fault->place] : NULL;
    switch (fault->kind) {
    case PREF_FAULT_TYPE:
        say(s, " is ");
        say(s, pref_type_name((enum pref_type)fault->type));
        say(s, ", expected ");
        say_types(s, rule == NULL ? 0 : rule->types);
        break;
    case PREF_FAULT_WORD:
        say(s, " is none of the words allowed, expected ");
        say_words(s, rule == NULL ? NULL : rule->words);
        break;
    case PREF_FAULT_DUPLICATE: say_one_of(s, shape, rule, " stands twice, expected it once"); break;
    case PREF_FAULT_MISSING:
        say_one_of(s, shape, rule, " is missing or null, expected a value");
        break;
    case PREF_FAULT_SURROGATE:
        say(s, " has an escaped lone surrogate, expected a pair of them");
        break;
    case PREF_FAULT_RANGE:
        say(s, " is a number too large for a double, expected a finite one");
        break;
    case PREF_FAULT_VALUE:
        say(s, " ");
        say_what(s, fault);
        break;
    default: break;
    }
}

void pref_fault_text(const struct pref_shape *shape, const struct pref_fault *fault,
                     struct pref_err *out)
{
    struct sentence s = {out->text, 0, sizeof out->text};
    out->text[0] = '\0';
    char number[64];
    snprintf(number, sizeof number, "byte %zu: ", fault->offset);
    switch (fault->kind) {
    case PREF_FAULT_SYNTAX:
        say(&s, number);
        say_what(&s, fault);
        break;
    case PREF_FAULT_UTF8:
        say(&s, number);
        say(&s, "invalid UTF-8 in a string");
        break;
    case PREF_FAULT_DEPTH:
        snprintf(number, sizeof number, "byte %zu: nested deeper than %d, the limit",
                 fault->offset, PREF_DEPTH_MAX);
        say(&s, number);
        break;
    case PREF_FAULT_LENGTH:
        if (fault->place == PREF_NOWHERE)
            snprintf(number, sizeof number, "longer than %u bytes", (unsigned)PREF_LINE_MAX);
        else
            snprintf(number, sizeof number, "more than %u values asked for",
                     (unsigned)PREF_HITS_MAX);
        say(&s, "the record is too long: ");
        say(&s, number);
        break;
    case PREF_FAULT_MEMORY: say(&s, "out of memory for a record's values"); break;
    case PREF_FAULT_NONE: say(&s, "nothing is wrong"); break;
    default:
        if (fault->kind == PREF_FAULT_SURROGATE)
            say(&s, number);
        say_place(&s, shape, fault->place);
        say_broken(&s, shape, fault);
    }
}
