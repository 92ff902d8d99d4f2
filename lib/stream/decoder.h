/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decoder.h - what turns a compressed file's raw bytes into plain ones: piece by piece, as they
 * arrive, giving what can be had as soon as it can be had. A file is a row of units, a format's own
 * frames or members, each of which begins with a magic; anything else between units is an error,
 * and so is an end inside of one. Used by the source, and by the fuzz targets.
 *
 * This is the part that is alike for all formats. What differs is a kind: zstd_in.h, gzip_in.h.
 */
#ifndef PREF_DECODER_H
#define PREF_DECODER_H

#include "magic.h"

struct pref_decoder;

/* Bytes: no magic is longer than the one, no header of a zstd frame than the other. */
enum { PREF_DECODER_MAGIC = 4, PREF_DECODER_HEAD = 18 };

/* What one call of step came to. */
struct pref_decoded {
    size_t used, made; /* raw bytes consumed, plain bytes written */
    int ended;         /* the unit is whole */
};

struct pref_decoder_kind {
    const char *format, *unit; /* "zstd", "frame" */
    enum pref_magic magic;     /* what a unit begins with */
    int padded; /* zero bytes may follow the last unit, up to the end of the file */

    /* Decode within one unit until the input is used, the output full, or the unit whole. Calls
     * that find nothing to do are no failure. */
    int (*step)(struct pref_decoder *decoder, const char *name, struct pref_span in, char *out,
                size_t cap, struct pref_decoded *done, struct pref_err *err);
    void (*reset)(struct pref_decoder *decoder); /* to begin another file */
    void (*free)(struct pref_decoder *decoder);
};

/* The first member of each kind's own struct. */
struct pref_decoder {
    const struct pref_decoder_kind *kind;
    uint64_t at;    /* raw bytes consumed of this file */
    uint64_t start; /* where the present or last unit began */
    int in_unit;    /* some of its bytes are consumed, not all */
    int pending;    /* the output was full: there may be more to give without more input */
    int padding;    /* the zero bytes after the last unit have begun */
    uint64_t plain; /* what it has given before the present step */
    char head[PREF_DECODER_HEAD]; /* its first bytes, */
    size_t head_len;              /* so many, as far as they came */
};

/* Begin another file, or another place of one: the next raw byte is number `at` of the file, and
 * the first of a unit. */
void pref_decoder_reset(struct pref_decoder *decoder, uint64_t at);
void pref_decoder_free(struct pref_decoder *decoder); /* NULL is allowed */

/* Decode from the front of *in, which is moved past what was consumed, into out. Goes on until the
 * input is consumed or the output full; *made is the count of plain bytes. When *made < cap,
 * everything that the input so far holds has been given. A failure names the file by `name`, and
 * comes with the bytes before it. */
int pref_decoder_run(struct pref_decoder *decoder, const char *name, struct pref_span *in,
                     char *out, size_t cap, size_t *made, struct pref_err *err);

/* The file has ended: an error if that was inside a unit. */
int pref_decoder_end(const struct pref_decoder *decoder, const char *name, struct pref_err *err);

#endif
