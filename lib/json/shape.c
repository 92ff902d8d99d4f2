/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "pref/scan.h"
#include "pref/shape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct pref_shape *shape_new(unsigned types)
{
    struct pref_shape *shape = calloc(1, sizeof *shape);
    if (shape == NULL)
        return NULL;
    struct pref_place_rule *root = &shape->rule[PREF_ROOT];
    root->index = -1;
    root->types = (uint8_t)types;
    root->parent = root->below = root->beside = root->other = root->instead = PREF_NOWHERE;
    shape->count = 1;
    return shape;
}

struct pref_shape *pref_shape_new(void)
{
    return shape_new(PREF_IS(PREF_OBJECT));
}

struct pref_shape *pref_shape_new_any(void)
{
    return shape_new(PREF_IS_ANY);
}

void pref_shape_free(struct pref_shape *shape)
{
    if (shape == NULL)
        return;
    for (unsigned i = 0; i < shape->count; i++)
        free(shape->rule[i].name);
    free(shape);
}

/* The first failure is the one that is told; everything after it follows from it. */
static pref_place refuse(struct pref_shape *shape, const char *format, const char *detail)
{
    if (!shape->failed) {
        shape->failed = PREF_USAGE;
        snprintf(shape->why.text, sizeof shape->why.text, format, detail);
    }
    return PREF_NOWHERE;
}

static pref_place refuse_for_memory(struct pref_shape *shape)
{
    if (!shape->failed)
        shape->failed = pref_fail_memory(&shape->why, "the fields to be read");
    return PREF_NOWHERE;
}

/* A new place below `parent`, not yet linked to its siblings. */
static pref_place add_place(struct pref_shape *shape, pref_place parent, struct pref_span name)
{
    char where[128];
    pref_shape_name(shape, parent, where, sizeof where);
    if (shape->count == PREF_PLACES_MAX)
        return refuse(shape, "too many fields are asked for, below '%s'", where);
    if (name.len > INT32_MAX || pref_utf8_check(name.ptr, name.len) != name.len)
        return refuse(shape, "the name of a field below '%s' is not valid UTF-8", where);
    char *copy = malloc(name.len + 1);
    if (copy == NULL)
        return refuse_for_memory(shape);
    if (name.len > 0)
        memcpy(copy, name.ptr, name.len);
    copy[name.len] = '\0';
    pref_place place = (pref_place)shape->count++;
    struct pref_place_rule *rule = &shape->rule[place];
    rule->name = copy;
    rule->name_len = (uint32_t)name.len;
    rule->index = -1;
    rule->types = PREF_IS_ANY;
    rule->parent = parent;
    rule->below = rule->beside = rule->other = rule->instead = PREF_NOWHERE;
    return place;
}

/* Siblings stand in the order in which they were asked for. */
static void link_below(struct pref_shape *shape, pref_place parent, pref_place place)
{
    pref_place *link = &shape->rule[parent].below;
    while (*link != PREF_NOWHERE)
        link = &shape->rule[*link].beside;
    *link = place;
}

pref_place pref_shape_key(struct pref_shape *shape, pref_place parent, struct pref_span name)
{
    if (shape->failed || parent >= shape->count)
        return refuse(shape, "a field of %s is asked for", "no place");
    unsigned keys = 0;
    for (pref_place i = shape->rule[parent].below; i != PREF_NOWHERE; i = shape->rule[i].beside) {
        const struct pref_place_rule *rule = &shape->rule[i];
        if (rule->is_element)
            continue;
        struct pref_span have = {rule->name, rule->name_len};
        if (pref_span_equal(have, name))
            return i;
        keys++;
    }
    if (keys == PREF_BELOW_MAX)
        return refuse(shape, "too many keys of one object are asked for%s", "");
    pref_place place = add_place(shape, parent, name);
    if (place == PREF_NOWHERE)
        return place;
    shape->rule[place].bit = (uint8_t)keys;
    shape->rule[parent].key_below = 1;
    link_below(shape, parent, place);
    return place;
}

pref_place pref_shape_each(struct pref_shape *shape, pref_place parent)
{
    if (shape->failed || parent >= shape->count)
        return refuse(shape, "the elements of %s are asked for", "no place");
    for (pref_place i = shape->rule[parent].below; i != PREF_NOWHERE; i = shape->rule[i].beside) {
        if (shape->rule[i].is_element)
            return i;
    }
    pref_place place = add_place(shape, parent, pref_span_of(""));
    if (place == PREF_NOWHERE)
        return place;
    shape->rule[place].is_element = 1;
    shape->rule[parent].element_below = 1;
    link_below(shape, parent, place);
    return place;
}

pref_place pref_shape_other(struct pref_shape *shape, pref_place parent)
{
    if (shape->failed || parent >= shape->count)
        return refuse(shape, "the other fields of %s are asked for", "no place");
    if (shape->rule[parent].other == PREF_NOWHERE) {
        pref_place place = add_place(shape, parent, pref_span_of("*"));
        if (place != PREF_NOWHERE)
            shape->rule[parent].other = place;
    }
    return shape->rule[parent].other;
}

/* The index that a pointer's token can stand for, or -1: digits without a leading zero. */
static int32_t index_of(struct pref_span token)
{
    if (token.len == 0 || token.len > 9 || (token.ptr[0] == '0' && token.len > 1))
        return -1;
    int32_t value = 0;
    for (size_t i = 0; i < token.len; i++) {
        if (token.ptr[i] < '0' || token.ptr[i] > '9')
            return -1;
        value = value * 10 + (token.ptr[i] - '0');
    }
    return value;
}

/* One token of a pointer, from just after its slash up to `end`: ~0 is '~' and ~1 is '/'. */
static pref_place pointer_step(struct pref_shape *shape, pref_place parent, const char *token,
                               const char *end)
{
    char *text = malloc((size_t)(end - token) + 1);
    if (text == NULL)
        return refuse_for_memory(shape);
    size_t len = 0;
    pref_place place = PREF_NOWHERE;
    for (; token < end; token++) {
        if (*token == '~' && token[1] != '0' && token[1] != '1')
            break;
        text[len++] = *token != '~' ? *token : *++token == '0' ? '~' : '/';
    }
    if (token < end) {
        refuse(shape, "in a JSON Pointer '~' must be followed by 0 or 1, not as in '%s'", token);
    } else {
        struct pref_span name = {text, len};
        place = pref_shape_key(shape, parent, name);
        int32_t index = index_of(name);
        if (place != PREF_NOWHERE && index >= 0) {
            shape->rule[place].index = index;
            shape->rule[parent].index_below = 1;
        }
    }
    free(text);
    return place;
}

pref_place pref_shape_below(struct pref_shape *shape, pref_place parent, const char *pointer)
{
    pref_place place = parent;
    while (*pointer == '/' && place != PREF_NOWHERE) {
        const char *token = pointer + 1;
        pointer = token + strcspn(token, "/");
        place = pointer_step(shape, place, token, pointer);
    }
    return place;
}

pref_place pref_shape_field(struct pref_shape *shape, const char *field)
{
    if (*field == '\0')
        return refuse(shape, "the name of a field is empty%s", "");
    if (*field != '/')
        return pref_shape_key(shape, PREF_ROOT, pref_span_of(field));
    return pref_shape_below(shape, PREF_ROOT, field);
}

void pref_shape_demand(struct pref_shape *shape, pref_place place, unsigned types, unsigned flags)
{
    if (place >= shape->count)
        return;
    struct pref_place_rule *rule = &shape->rule[place];
    rule->types = (uint8_t)(rule->types & types);
    rule->flags = (uint8_t)(rule->flags | flags);
    if ((flags & PREF_REQUIRED) != 0 && place != PREF_ROOT && !rule->is_element &&
        shape->rule[rule->parent].other != place)
        shape->rule[rule->parent].required |= (uint64_t)1 << rule->bit;
}

void pref_shape_require(struct pref_shape *shape, pref_place place)
{
    for (; place != PREF_ROOT && place < shape->count; place = shape->rule[place].parent) {
        const struct pref_place_rule *rule = &shape->rule[place];
        unsigned holders = rule->is_element  ? PREF_IS(PREF_ARRAY)
                           : rule->index >= 0 ? PREF_IS(PREF_ARRAY) | PREF_IS(PREF_OBJECT)
                                              : PREF_IS(PREF_OBJECT);
        pref_shape_demand(shape, place, PREF_IS_ANY, PREF_REQUIRED);
        pref_shape_demand(shape, rule->parent, holders, 0);
    }
}

void pref_shape_words(struct pref_shape *shape, pref_place place, const char *const *words)
{
    if (place >= shape->count)
        return;
    const char *const *have = shape->rule[place].words;
    for (size_t i = 0; have != NULL && have != words; i++) {
        int same = have[i] != NULL && words[i] != NULL ? strcmp(have[i], words[i]) == 0
                                                       : have[i] == words[i];
        if (!same) {
            char where[128];
            pref_shape_name(shape, place, where, sizeof where);
            refuse(shape, "field '%s' is asked to be of two sets of words", where);
            return;
        }
        if (have[i] == NULL)
            break;
    }
    shape->rule[place].words = words;
}

pref_place pref_shape_want(struct pref_shape *shape, pref_place parent, const char *name,
                           unsigned types, unsigned flags)
{
    pref_place place = pref_shape_key(shape, parent, pref_span_of(name));
    pref_shape_demand(shape, place, types, flags);
    return place;
}

void pref_shape_either(struct pref_shape *shape, pref_place a, pref_place b)
{
    if (a >= shape->count || b >= shape->count)
        return;
    shape->rule[a].instead = b;
    shape->rule[b].instead = a;
    shape->rule[b].bit = shape->rule[a].bit;
    pref_shape_demand(shape, a, PREF_IS_ANY, PREF_REQUIRED);
    pref_shape_demand(shape, b, PREF_IS_ANY, PREF_REQUIRED);
}

static int same_relation(const struct pref_relation *a, const struct pref_relation *b)
{
    return a->when == b->when && a->holds == b->holds &&
           memcmp(a->place, b->place, sizeof a->place) == 0 &&
           memcmp(a->bound, b->bound, sizeof a->bound) == 0;
}

void pref_shape_relate(struct pref_shape *shape, const struct pref_relation *relation)
{
    if (relation->when >= shape->count)
        return; /* the place could not be made, which is told */
    for (unsigned i = 0; i < shape->relations; i++)
        if (same_relation(&shape->relation[i], relation))
            return;
    if (shape->relations == PREF_RELATIONS_MAX)
        refuse(shape, "too much is asked of one record%s", "");
    else
        shape->relation[shape->relations++] = *relation;
}

int pref_shape_check(const struct pref_shape *shape, struct pref_err *err)
{
    if (shape->failed) {
        if (err != NULL)
            *err = shape->why;
        return shape->failed;
    }
    for (unsigned i = 0; i < shape->count; i++) {
        const struct pref_place_rule *rule = &shape->rule[i];
        char where[128];
        pref_shape_name(shape, (pref_place)i, where, sizeof where);
        if (rule->element_below && rule->index_below)
            return pref_usage(err, "of array '%s' every element and a single one are asked for",
                              where);
        if (rule->types == 0)
            return pref_usage(err, "field '%s' is asked to be of types that exclude each other",
                              where);
    }
    return PREF_OK;
}

/* Append to a text that is cut at size - 1; bytes that would break a line become '?'. */
static size_t put(char *out, size_t size, size_t at, const char *text, size_t len)
{
    for (size_t i = 0; i < len && at + 1 < size; i++)
        out[at++] = (unsigned char)text[i] < 0x20 || text[i] == 0x7f ? '?' : text[i];
    return at;
}

void pref_shape_name(const struct pref_shape *shape, pref_place place, char *out, size_t size)
{
    pref_place way[PREF_PLACES_MAX];
    unsigned steps = 0;
    for (; place != PREF_ROOT && place < shape->count; place = shape->rule[place].parent)
        way[steps++] = place;
    size_t at = 0;
    while (steps > 0) {
        const struct pref_place_rule *rule = &shape->rule[way[--steps]];
        if (rule->is_element) {
            at = put(out, size, at, "[]", 2);
            continue;
        }
        if (at > 0)
            at = put(out, size, at, ".", 1);
        at = put(out, size, at, rule->name, rule->name_len);
    }
    if (size > 0)
        out[at] = '\0';
}
