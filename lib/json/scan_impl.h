/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan_impl.h - what the files of the scanner share: a shape compiled for fast matching (the plan),
 * the state of one scanner, and the cold paths.
 *
 * scan_walk.inc, with scan_tokens.inc, holds the walker, which scan_portable.c and scan_avx2.c
 * compile with their own kernels; scan_plan.c compiles a shape; scan_match.c compares keys and
 * words when the fast way cannot; scan_exact.c names what is wrong with a string or a number, byte
 * by byte, so that every kernel gives the same answer; scan_fault.c words it; scan.c is the public
 * face.
 */
#ifndef PREF_SCAN_IMPL_H
#define PREF_SCAN_IMPL_H

#include "pref/scan.h"

#include <string.h>

/* The place of all that nobody asked for, one past those of any shape: a place like others, so
 * that the walker need not ask. */
#define SCAN_NOWHERE PREF_PLACES_MAX

/* Up to 16 bytes to compare at once: a name and its closing quote. A pattern that must not be
 * matched this way has a bit in `lo` that its mask does not have. */
struct scan_pattern {
    uint64_t lo, lo_mask, hi, hi_mask;
};

/* Which of an object's keys is which place, or which of a place's words is which: open addressing
 * by the first 8 bytes and the length. A slot holds a place or a word's number + 1; 0 is free. */
#define SCAN_SLOTS 128
struct scan_table {
    uint8_t slot[SCAN_SLOTS];
};

/* The words allowed at a place. */
struct scan_words {
    struct scan_table table;      /* of the words that have a pattern, the first 64 of them */
    struct scan_pattern *pattern;
    const char *const *word;
    unsigned count;
};

/* What kind of container is open. */
enum scan_kind { SCAN_BOTTOM, SCAN_IN_OBJECT, SCAN_IN_ARRAY };

struct scan_key;

/* What happens to a value at a place. */
struct scan_place {
    pref_place self;
    uint8_t types, reported, text, finite, null_is_value, must;
    uint8_t indexed;              /* has index places below */
    pref_place below, beside;     /* first child and next sibling, for what is rare */
    int32_t index;
    struct scan_place *each, *other;       /* of elements and of unnamed keys below */
    const struct scan_table *table;        /* of the keys below; NULL: none */
    const struct scan_words *words;        /* NULL: any */
    uint64_t required[3];         /* keys that must stand below, by enum scan_kind */
    /* Keys mostly come in the order of the record before. Which one came last at the beginning of
     * an object, and after a key that has no entry: guesses that cost little and decide nothing. */
    struct scan_key *first, *stray;
};

/* A place as a key; or a key that no place names, met below `in` and learnt so that it can be
 * guessed as well: its place is then that of the other keys there, and its bit 0, as nobody asks
 * whether it stands twice. */
struct scan_key {
    struct scan_pattern pattern;
    struct scan_place *place;
    struct scan_key *after;       /* a guess: the key that came last after this one */
    uint64_t bit;                 /* in scan_frame.seen */
    uint32_t len, quoted_len;
    uint64_t head;                /* its first 8 bytes, zero-filled */
    const char *name;             /* NULL: learnt */
    const struct scan_place *in;  /* the place it is below, if learnt */
};

/* Keys learnt by one scanner, in slots by scan_slot. Those stay that came first: an entry that
 * changed its meaning could be what some guess still points to. */
#define SCAN_LEARNT 128

/* One open container. */
struct scan_frame {
    struct scan_place *in;
    struct scan_key **guess; /* while another container is open in it: where its next guess is */
    uint64_t seen;           /* which of the keys below stood here already */
    uint32_t hit;            /* its hit, if in->reported: bytes from the first one */
    uint32_t index;          /* of the next element */
    uint8_t kind;            /* enum scan_kind */
    uint8_t text;            /* strings below must decode */
};

struct pref_scanner {
    int (*walk)(struct pref_scanner *, const char *, size_t, struct pref_doc *,
                struct pref_fault *);
    const struct pref_shape *shape;
    struct pref_hit *hits, *hits_end; /* those allocated */
    char *scratch;      /* holds the longest name or word decoded, and PREF_PAD more */
    size_t scratch_cap; /* without the PREF_PAD */
    struct scan_table *tables;
    struct scan_words *words;
    struct scan_pattern *patterns;
    struct scan_place places[PREF_PLACES_MAX + 1];
    struct scan_key keys[PREF_PLACES_MAX]; /* the root is no key: its entry stands for "no guess" */
    struct scan_key learnt[SCAN_LEARNT];
    struct scan_frame frames[PREF_DEPTH_MAX + 1];
};

/* ---- scan_plan.c */

/* Compile the shape into the scanner. 0, or PREF_FAIL when memory ran out (all is then to be
 * released by pref_scan_plan_release). */
int pref_scan_plan(struct pref_scanner *scanner);
void pref_scan_plan_release(struct pref_scanner *scanner);

/* The slot at which the search begins for a text of `len` bytes, the first 8 of them, or as many
 * as there are and zeros, in `head`. */
static inline unsigned scan_slot(uint64_t head, size_t len)
{
    return (unsigned)(((head ^ len) * 0x9e3779b97f4a7c15u) >> 57);
}

/* Eight bytes, whatever the byte order: what they are compared with is loaded alike. */
static inline uint64_t scan_load8(const char *p)
{
    uint64_t value;
    memcpy(&value, p, sizeof value);
    return value;
}

/* Masks for the first n bytes of eight. */
#ifdef WORDS_BIGENDIAN
#define SCAN_MASK(n) (~(uint64_t)0 << (64 - 8 * (n)))
#else
#define SCAN_MASK(n) (~(uint64_t)0 >> (64 - 8 * (n)))
#endif

/* The first 8 bytes of a text, or as many as it has and zeros. Eight bytes can be read at it. */
static inline uint64_t scan_head(const char *text, size_t len)
{
    static const uint64_t mask[9] = {
        0, SCAN_MASK(1), SCAN_MASK(2), SCAN_MASK(3), SCAN_MASK(4),
        SCAN_MASK(5), SCAN_MASK(6), SCAN_MASK(7), SCAN_MASK(8),
    };
    return scan_load8(text) & mask[len < 8 ? len : 8];
}

/* Whether the bytes at p, of which 16 can be read, begin with a pattern. */
static inline int scan_matches(const char *p, const struct scan_pattern *pattern)
{
    return (((scan_load8(p) & pattern->lo_mask) ^ pattern->lo) |
            ((scan_load8(p + 8) & pattern->hi_mask) ^ pattern->hi)) == 0;
}

/* The pattern of a text as it stands in a record when nothing in it is escaped. Texts that must be
 * escaped, or are too long, get one that never matches; they are found the slow way. */
struct scan_pattern pref_scan_pattern(const char *text, size_t len);

/* ---- scan_match.c */

/* The key below `in` whose inside is `text` as it stands in the record, with its quote and more
 * behind it, `escaped` if it has a backslash: one that a place names, or a learnt one, or NULL. */
struct scan_key *pref_scan_key(struct pref_scanner *scanner, const struct scan_place *in,
                               struct pref_span text, unsigned escaped);

/* Which of the words the string is whose inside is `text`, or -1. Slow and complete. */
int pref_scan_word(const struct pref_scanner *scanner, const struct scan_words *words,
                   struct pref_span text, unsigned escaped);

/* The place of element `index` below `in`, which has index places; its bit is added to *seen. */
struct scan_place *pref_scan_index(struct pref_scanner *scanner, const struct scan_place *in,
                                   uint32_t index, uint64_t *seen);

/* The first of the keys in `missing` (a mask of bits below `in`). */
const struct scan_place *pref_scan_missing(const struct pref_scanner *scanner,
                                           const struct scan_place *in, uint64_t missing);

/* Room for at least one hit more. 0, or a fault kind. */
enum pref_fault_kind pref_scan_grow(struct pref_scanner *scanner);

/* Whether the accepted number is finite as a double. */
int pref_scan_finite(struct pref_span number);

/* ---- scan_exact.c: bounded by `end`, one byte at a time */

/* What is wrong with the string that opens at `open`: fills kind, offset, found and what, the
 * offset counted from `line`. Called only where something is. A string that does not close has
 * what = NULL, for pref_scan_early_end to say. */
void pref_scan_string_fault(const char *line, const char *open, const char *end,
                            struct pref_fault *fault);

/* The end of the number at `p`, or NULL with *bad at the byte that does not fit (`end` where the
 * number breaks off) and *what its sentence. */
const char *pref_scan_number(const char *p, const char *end, const char **bad, const char **what);

/* The sentence for a line that is the beginning of a record and no more. */
const char *pref_scan_early_end(const char *line, const char *end);

/* ---- the kernels */

enum scan_kernel { SCAN_PORTABLE, SCAN_AVX2 };

/* A scanner that uses this kernel whatever the machine; for tests. NULL also where the machine
 * cannot run it. */
struct pref_scanner *pref_scanner_new_kernel(const struct pref_shape *shape,
                                             enum scan_kernel kernel);

int pref_scan_walk_portable(struct pref_scanner *scanner, const char *line, size_t len,
                            struct pref_doc *doc, struct pref_fault *fault);
int pref_scan_walk_avx2(struct pref_scanner *scanner, const char *line, size_t len,
                        struct pref_doc *doc, struct pref_fault *fault);

#endif
