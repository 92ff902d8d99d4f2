/* SPDX-License-Identifier: Apache-2.0 */
/*
 * magic.h - what a file is, told by its first bytes and never by its name. Used by the source.
 */
#ifndef PREF_MAGIC_H
#define PREF_MAGIC_H

#include "pref/base.h"

/* The bytes that always suffice to decide. */
#define PREF_MAGIC_MAX 6

enum pref_magic {
    PREF_MAGIC_PLAIN,  /* none of the magics known here */
    PREF_MAGIC_ZSTD,   /* a zstd frame, or a skippable one */
    PREF_MAGIC_GZIP,
    PREF_MAGIC_FOREIGN, /* a format that is read through a pipe only */
    PREF_MAGIC_MORE    /* what is there begins a magic: more bytes are needed to tell */
};

/* Tell by the first `len` bytes of a file. One byte that can begin no magic decides at once, so
 * that a short record on a pipe need not wait for the next. At the end of a file MORE means plain.
 */
enum pref_magic pref_magic_tell(const char *bytes, size_t len);

/* Whether these bytes can begin what has this magic (ZSTD, GZIP): 1 or 0. */
int pref_magic_begins(enum pref_magic what, const char *bytes, size_t len);

/* The sentence for foreign bytes, with the pipe to use. `path` is the file, or NULL where the bytes
 * come from standard input; `name` is how messages call it. Returns PREF_FAIL. */
int pref_magic_refuse(const char *bytes, size_t len, const char *name, const char *path,
                      struct pref_err *err);

#endif
