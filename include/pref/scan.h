/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan.h - the one scanner of records: a single strict pass over a line that decides whether it is
 * one complete RFC 8259 value in valid UTF-8, checks the conditions of a shape, and reports where
 * the wanted values stand. It decodes nothing and copies nothing; all it reports are offsets into
 * the line it was given.
 *
 * Refused: anything RFC 8259 does not allow, invalid UTF-8 (overlong forms, surrogates, above
 * U+10FFFF), nesting deeper than PREF_DEPTH_MAX, a key that stands twice in one object if the shape
 * names it (keys are compared decoded), a value that breaks its place's conditions. Blanks (space,
 * TAB, CR, LF) around the value are allowed. Allowed on purpose: numbers of any size and length,
 * lone surrogate escapes and U+0000 escapes in strings that nobody asked to decode.
 *
 * A scanner belongs to one thread; it owns the hits it hands out, which live until its next scan.
 */
#ifndef PREF_SCAN_H
#define PREF_SCAN_H

#include "shape.h"

#define PREF_DEPTH_MAX 1024
#define PREF_HITS_MAX (1u << 20) /* wanted values in one record; more is a fault */
#define PREF_LINE_MAX 0xfffff000u /* bytes: offsets are 32 bits */

/* One wanted value. Offsets are from the start of the line. */
struct pref_hit {
    uint32_t key;      /* opening quote of its key; for elements and the root: equal to start */
    uint32_t start;    /* first byte of the value */
    uint32_t end;      /* one past its last byte */
    pref_place place;  /* whose value it is */
    uint8_t type;      /* enum pref_type */
    uint8_t word;      /* which of the place's words it is, from 0; else 0 */
    uint8_t escaped;   /* which escapes a string has, a mask of enum pref_escaped (for containers:
                        * undefined) */
};

enum pref_escaped {
    PREF_ESCAPED = 1,         /* any */
    PREF_ESCAPED_UNICODE = 2, /* \uXXXX among them */
    PREF_ESCAPED_SLASH = 4    /* \/ among them */
};

/* What one scan found. `hits` stand in document order: a container before what is in it, so the
 * hits inside `hits[i]` are those that follow it with start < hits[i].end. */
struct pref_doc {
    const char *line;
    size_t len;
    const struct pref_hit *hits; /* owned by the scanner */
    size_t count;
    uint32_t open;     /* where the value begins: the opening brace of an object */
    uint32_t close;    /* where an object's or array's closing bracket stands; else as open */
    uint8_t empty;     /* 1 if the root container has nothing in it */
    int32_t at[PREF_PLACES_MAX]; /* index into hits of the last value met at a place, or -1 */
};

/* Why a line was refused. */
enum pref_fault_kind {
    PREF_FAULT_NONE,
    PREF_FAULT_SYNTAX,    /* not RFC 8259 */
    PREF_FAULT_UTF8,      /* not UTF-8 */
    PREF_FAULT_DEPTH,     /* nested too deep */
    PREF_FAULT_DUPLICATE, /* a wanted key twice */
    PREF_FAULT_TYPE,      /* a wanted value of a wrong type */
    PREF_FAULT_MISSING,   /* a required key is absent or null */
    PREF_FAULT_WORD,      /* a string that is none of those allowed */
    PREF_FAULT_SURROGATE, /* a lone surrogate in a text */
    PREF_FAULT_RANGE,     /* a number that is not finite */
    PREF_FAULT_VALUE,     /* a value that breaks one of the shape's relations */
    PREF_FAULT_LENGTH,    /* too long a line, or too many values */
    PREF_FAULT_MEMORY,    /* out of memory: not the line's fault */
    PREF_FAULT_KINDS
};

struct pref_fault {
    enum pref_fault_kind kind;
    size_t offset;     /* the byte of the line at which it shows, from 0 */
    pref_place place;  /* the place concerned, or PREF_NOWHERE */
    uint8_t type;      /* PREF_FAULT_TYPE: what was found */
    int16_t found;     /* PREF_FAULT_SYNTAX: the byte that was met, or -1 at the record's end */
    const char *what;  /* PREF_FAULT_SYNTAX: a static sentence in which '@' stands for the byte
                        * found: "unexpected @, expected ':' after a key". PREF_FAULT_VALUE: one
                        * in which it stands for the bounds: "is no integer from @". Else NULL */
    int32_t bound[2];  /* PREF_FAULT_VALUE: the bounds */
};

struct pref_scanner;

/* A scanner for `shape`, which must outlive it. NULL when memory ran out. */
struct pref_scanner *pref_scanner_new(const struct pref_shape *shape);
void pref_scanner_free(struct pref_scanner *scanner);

/* Scan one line (any single JSON text; it may hold LF as a blank). PREF_PAD readable bytes must
 * follow it. Returns 0 and fills *doc; or PREF_FAIL and fills *fault, with *doc holding the hits
 * met before the fault (so that a record's id can be named); the containers that were open then
 * end at `len`. Only at[] of the shape's own places is filled. The cost is linear in `len`. */
int pref_scan(struct pref_scanner *scanner, const char *line, size_t len, struct pref_doc *doc,
              struct pref_fault *fault);

/* Whether bytes, with PREF_PAD behind them, are one JSON text as it stands in a line as a value:
 * without blanks around it and without LF. For a scanner of any root (pref_shape_new_any). */
int pref_scan_is_value(struct pref_scanner *scanner, struct pref_span text);

/* The fault as a sentence: "byte 17: unexpected '}', expected ':' after a key", "field 'votes' is
 * a string, expected an array". Bytes are counted from 0. */
void pref_fault_text(const struct pref_shape *shape, const struct pref_fault *fault,
                     struct pref_err *out);

/* The name of a kind, for tables of reasons: "syntax", "utf-8", "type", ... */
const char *pref_fault_name(enum pref_fault_kind kind);

/* "a string", "an array", "null", ... */
const char *pref_type_name(enum pref_type type);

/* The bytes of a hit. */
struct pref_span pref_hit_span(const struct pref_doc *doc, const struct pref_hit *hit);

/* The (last) hit at a place, or NULL where there is none. Null values give NULL unless the place
 * has PREF_NULL_IS_VALUE. */
const struct pref_hit *pref_doc_at(const struct pref_doc *doc, pref_place place);

/* The value of a finite number's hit. */
double pref_hit_number(const struct pref_doc *doc, const struct pref_hit *hit);

/* The first hit below the container at a place, where it stands there once: its index, or
 * doc->count where it is absent. */
size_t pref_doc_below(const struct pref_doc *doc, pref_place place);

/* For a relation that does not hold: fill in that the value of `hit` breaks it, and how, as
 * pref_fault.what. Returns PREF_FAIL. */
int pref_relation_breaks(const struct pref_relation *relation, struct pref_fault *fault,
                         const struct pref_hit *hit, const char *what);

/* ---- Walking text that a scan has already accepted ---------------------------------------- */

/* A cursor over the members or elements of one container, for the rare reader that needs what no
 * shape can name (all members of a message, all keys of an annotation). The text must have been
 * accepted by pref_scan; nothing is validated again. */
struct pref_cursor {
    const char *p, *end;
};

/* Stand before the first member or element of `container` (its bytes, brackets included). */
struct pref_cursor pref_cursor_in(struct pref_span container);

/* The next member (`key` gets the key with its quotes) or element (`key` gets an empty span with
 * ptr NULL); `key` may be NULL. Returns 1, or 0 at the container's end. Constant memory, no
 * recursion, linear in the bytes passed. */
int pref_cursor_next(struct pref_cursor *cursor, struct pref_span *key, struct pref_span *value);

/* The type of an accepted value, from its first byte. */
enum pref_type pref_type_of(struct pref_span value);

/* ---- Strings --------------------------------------------------------------------------------- */

struct pref_buf;

/* Append the decoded UTF-8 bytes of an accepted JSON string (quotes included in `string`).
 * Returns 0, or PREF_FAIL at a lone surrogate (nothing is then appended). Out of memory shows in
 * buf->failed. */
int pref_string_decode(struct pref_span string, struct pref_buf *out);

/* The decoded text of an accepted string without copying where it has no escape: a span into the
 * string itself, or into `scratch` (cleared first). Returns 0 or PREF_FAIL as above. */
int pref_string_text(struct pref_span string, struct pref_buf *scratch, struct pref_span *text);

/* The inside of an accepted string in its canonical spelling (RFC 8785, 3.2.2.2), which two strings
 * share exactly if their decoded texts are equal: what nothing but \uXXXX and \/ can differ from.
 * `escaped` is a mask of enum pref_escaped, as in the string's hit. A span into the string where
 * neither is in it, else into `scratch` (cleared first). Returns 0 or PREF_FAIL as above. */
int pref_string_canonical(struct pref_span string, unsigned escaped, struct pref_buf *scratch,
                          struct pref_span *inside);

/* Where the first sequence begins that is not valid UTF-8, or len where all is valid. Reads no
 * byte past len. */
size_t pref_utf8_check(const char *bytes, size_t len);

#endif
