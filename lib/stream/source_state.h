/* SPDX-License-Identifier: Apache-2.0 */
/*
 * source_state.h - what source.c (which file, how often) and source_read.c (its bytes) share.
 * Private to the source.
 */
#ifndef PREF_SOURCE_STATE_H
#define PREF_SOURCE_STATE_H

#include "ahead.h"
#include "decoder.h"
#include "source_file.h"
#include "pref/reread.h"
#include "pref/source.h"

#include <stdatomic.h>

/* Raw bytes read at a time where they are not read into the caller's buffer. */
#define PREF_SOURCE_RAW ((size_t)128 << 10)

enum pref_source_form {
    PREF_SOURCE_UNKNOWN, /* too few bytes have come to tell */
    PREF_SOURCE_PLAIN,
    PREF_SOURCE_AHEAD,   /* zstd frames, read ahead; to go on as... */
    PREF_SOURCE_PACKED   /* ...what is read through a decoder */
};

/* What is kept about each input, read or not. */
struct pref_source_input {
    struct pref_identity identity; /* when the source was opened; under replay, when first read */
    off_t start;                   /* where standard input stood, if it is a regular file */
    uint64_t plain;                /* plain bytes, once it was read to its end */
    struct pref_extent spooled;
    unsigned reread;               /* its number in config.rereads; 0: not kept there */
    int is_stdin;
    int is_spooled;
};

struct pref_source {
    struct pref_source_config config;
    size_t count;
    struct pref_source_input *inputs;
    size_t index;                /* of the current input */
    int replaying;               /* 1 after the first pref_source_rewind */

    struct pref_source_file file;
    enum pref_source_form form;
    int opened, ended;           /* of the current input; ended: all its bytes are given */
    int raw_ended;               /* its raw bytes have all been read */
    int raw_status;              /* or reading more failed, or would have no sense... */
    struct pref_err raw_failure; /* ...and this is to be said once all before is given */
    int spooling;
    char *raw;                   /* PREF_SOURCE_RAW bytes */
    struct pref_span in;         /* what of raw is not consumed yet */
    uint64_t plain;              /* plain bytes given of the current input */
    _Atomic uint64_t bytes;      /* raw bytes read of all inputs; progress reads it meanwhile */
    uint64_t total;              /* their sum, if it is known */

    int status;                  /* a failure met behind bytes that were given first... */
    struct pref_err failure;     /* ...and its sentence, for the next call */

    struct pref_decoder *decoder;     /* of the current input, if it is packed: one of... */
    struct pref_decoder *zstd, *gzip; /* ...these, made at need */
    struct pref_spool *spool;    /* made at need */
    struct pref_hasher *hasher;  /* made at need: of what is expected */
};

/* Read raw bytes of the current input, in source_read.c, and keep a copy where they cannot be read
 * again. */
int pref_source_read_raw(struct pref_source *source, char *out, size_t cap, int wait, size_t *got,
                         struct pref_err *err);

/* Give plain bytes of frames that are read ahead, in source_ahead.c; where there are no more, the
 * form becomes PACKED. */
void pref_source_read_ahead(struct pref_source *source, char *out, size_t cap, size_t *got);

/* Open the current input, in source.c. */
int pref_source_begin(struct pref_source *source, struct pref_err *err);

/* What the current input must hold, or NULL. */
const struct pref_expected *pref_source_expected(const struct pref_source *source);

/* All bytes of the current input have been given: check and note what replay needs; close it. */
int pref_source_finish(struct pref_source *source, struct pref_err *err);

#endif
