/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shape.h - which values of a record somebody wants, and what each must be.
 *
 * A shape is a small tree that mirrors the part of a JSON value that is read: a place under an
 * object is a key, under an array it is every element or one index. The scanner walks a record
 * once, strictly, and reports a hit for each value that stands at a place of the shape, having
 * checked the place's conditions on the way. Everything a tool knows of a record's structure is in
 * its shape; nobody walks a record a second time to validate it.
 *
 * A shape is built once, before the first scan, and is then read-only and shared by all threads.
 * Its owner frees it with pref_shape_free after the last scan.
 */
#ifndef PREF_SHAPE_H
#define PREF_SHAPE_H

#include "base.h"

/* JSON's types. As conditions they are combined: PREF_IS(PREF_STRING) | PREF_IS(PREF_ARRAY). */
enum pref_type {
    PREF_NULL,
    PREF_FALSE,
    PREF_TRUE,
    PREF_NUMBER,
    PREF_STRING,
    PREF_ARRAY,
    PREF_OBJECT
};

#define PREF_IS(type) (1u << (type))
#define PREF_IS_BOOL (PREF_IS(PREF_FALSE) | PREF_IS(PREF_TRUE))
#define PREF_IS_ANY 0x7fu

/* What a place asks of the value that stands there, besides its type. Unless PREF_NULL_IS_VALUE
 * says otherwise, null stands for "absent": it has no hit, and its type is not tested (so an array
 * whose elements must not be null needs PREF_NULL_IS_VALUE at its elements). */
enum {
    PREF_REQUIRED = 1, /* the parent, where it is there, must have it, and not as null; of an
                        * element ([]) or another key (*): it must not be null */
    PREF_TEXT = 2,     /* each string at or below it, keys too, must decode: no lone surrogate */
    PREF_FINITE = 4,   /* a number at it must be finite as a double */
    PREF_NULL_IS_VALUE = 8 /* null is a value here: it is reported, and its type is tested */
};

/* A place of the shape. PREF_ROOT is the whole value; PREF_NOWHERE is none. */
typedef uint8_t pref_place;
#define PREF_ROOT 0
#define PREF_NOWHERE 255
#define PREF_PLACES_MAX 128 /* places in one shape */
#define PREF_BELOW_MAX 62   /* keys below one place: duplicates are found by a mask of 64 bits */

/* One place. Read by the scanner; made only by the functions below. */
struct pref_place_rule {
    char *name;            /* the decoded key; "" for elements */
    uint32_t name_len;
    int32_t index;         /* a key that is an index too: that index; else -1 */
    uint8_t is_element;    /* every element of an array: not a key */
    uint8_t types;         /* allowed types, a mask of PREF_IS */
    uint8_t flags;         /* PREF_REQUIRED, ... */
    pref_place parent, below, beside; /* tree links: first child, next sibling */
    uint8_t bit;           /* a key's number among its siblings, or that of one it can replace */
    pref_place instead;    /* the key that may stand in its place, or PREF_NOWHERE */
    uint64_t required;     /* the mask of required keys below */
    uint8_t key_below, element_below, index_below; /* whether it has any such child */
    pref_place other;      /* the place of keys not named below it, or PREF_NOWHERE */
    const char *const *words; /* the only strings allowed, NULL-terminated, or NULL */
};

struct pref_doc;
struct pref_fault;

/* A rule over values that no place can judge by itself: asked of each record that has a value at
 * `when`, once all places are content. */
struct pref_relation {
    pref_place when;
    /* PREF_OK, or PREF_FAIL with *fault filled: PREF_FAULT_VALUE, the place, where, and `what`. */
    int (*holds)(const struct pref_relation *relation, const struct pref_doc *doc,
                 struct pref_fault *fault);
    pref_place place[8]; /* what it looks at */
    int32_t bound[2];    /* and what it compares with */
};

#define PREF_RELATIONS_MAX 16

struct pref_shape {
    struct pref_place_rule rule[PREF_PLACES_MAX];
    unsigned count;
    struct pref_relation relation[PREF_RELATIONS_MAX];
    unsigned relations;
    int failed;            /* the status of a place that could not be made, or 0 */
    struct pref_err why;
};

/* A shape that has only its root, which must be an object. NULL when memory ran out. */
struct pref_shape *pref_shape_new(void);

/* The same with a root of any type (null included): for texts that are not records. */
struct pref_shape *pref_shape_new_any(void);

void pref_shape_free(struct pref_shape *shape);

/* The place of the key `name` (decoded, copied) below `parent`. Asking twice gives one place.
 * Failures are sticky: PREF_NOWHERE is returned, and pref_shape_check reports it. */
pref_place pref_shape_key(struct pref_shape *shape, pref_place parent, struct pref_span name);

/* The place of every element of the array at `parent`. */
pref_place pref_shape_each(struct pref_shape *shape, pref_place parent);

/* The place of any key of the object at `parent` that has no place of its own. Its hits are
 * reported, its duplicates are not looked for. */
pref_place pref_shape_other(struct pref_shape *shape, pref_place parent);

/* The place that `field` names: a JSON Pointer (RFC 6901) where it begins with '/', else a
 * top-level key. A token that could be an array index is both a key and an index: it names
 * whichever fits the container met. */
pref_place pref_shape_field(struct pref_shape *shape, const char *field);

/* The place that a JSON Pointer names below `parent`, as from the root of a value of its own; it
 * begins with '/', and an empty one is the parent itself. */
pref_place pref_shape_below(struct pref_shape *shape, pref_place parent, const char *pointer);

/* Ask that the place be there in every record: it and all places above it are demanded, and what
 * holds them must be an object (or an array, for an index or an element). An element ([]) on the
 * way asks it of every element, and an empty array satisfies it. */
void pref_shape_require(struct pref_shape *shape, pref_place place);

/* Set what a place asks; conditions set by several users must all hold (masks of types are
 * intersected, flags are united). */
void pref_shape_demand(struct pref_shape *shape, pref_place place, unsigned types, unsigned flags);

/* Allow only these strings at a place: `words` is NULL-terminated, static, at most 255 long; the
 * hit tells which (struct pref_hit.word). */
void pref_shape_words(struct pref_shape *shape, pref_place place, const char *const *words);

/* The place of a key with what it asks: pref_shape_key and pref_shape_demand. */
pref_place pref_shape_want(struct pref_shape *shape, pref_place parent, const char *name,
                           unsigned types, unsigned flags);

/* Ask of an object that it have one of two keys and not both: `b` counts as `a` where keys are
 * required or stand twice. Both are places below one object. */
void pref_shape_either(struct pref_shape *shape, pref_place a, pref_place b);

/* Ask that a relation hold; asking twice is asking once. */
void pref_shape_relate(struct pref_shape *shape, const struct pref_relation *relation);

/* After building: PREF_USAGE with a sentence if any place could not be made (a name that is not
 * UTF-8, a bad pointer, too many places), if conditions exclude each other, or if every element and
 * a single index are asked for below one array; PREF_FAIL if memory ran out. A shape that fails
 * must not be scanned with. */
int pref_shape_check(const struct pref_shape *shape, struct pref_err *err);

/* The way to a place as a person writes it: "votes[].vote", "prompt". At most `size` bytes with
 * the NUL, cut if longer. */
void pref_shape_name(const struct pref_shape *shape, pref_place place, char *out, size_t size);

#endif
