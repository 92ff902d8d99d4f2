/* SPDX-License-Identifier: Apache-2.0 */
/*
 * source_file.h - one input as raw bytes: a file by name, standard input, or an extent of the
 * spool. Private to the source.
 */
#ifndef PREF_SOURCE_FILE_H
#define PREF_SOURCE_FILE_H

#include "spool.h"
#include "pref/base.h"

#include <sys/types.h>
#include <time.h>

/* What must not change while a file is read, and read again. */
struct pref_identity {
    dev_t dev;
    ino_t ino;
    off_t size;
    struct timespec modified;
    int regular;
};

struct pref_source_file {
    int fd;         /* -1: not open */
    int owned;      /* 1: closed with the file (standard input and the spool are not) */
    int regular;    /* never makes anyone wait */
    int in_extent;  /* 1: bytes extent.from to extent.to of fd, read by pread */
    struct pref_extent extent;
};

/* The identity of the file of this name, or of descriptor fd where path is NULL. A folder is an
 * error; `name` is for messages. */
int pref_identity_get(struct pref_identity *identity, const char *path, int fd, const char *name,
                      struct pref_err *err);

/* Whether two identities are those of one file (same) and also of the same state (unchanged). */
int pref_identity_same(const struct pref_identity *a, const struct pref_identity *b);
int pref_identity_unchanged(const struct pref_identity *a, const struct pref_identity *b);

/* Open a file by name; a FIFO without a writer does not block here, but in the first read. */
int pref_source_file_open(struct pref_source_file *file, const char *path, struct pref_err *err);
void pref_source_file_close(struct pref_source_file *file);

/* Read raw bytes: *got of them, or *ended. With `wait`, one of both is so, or PREF_LATER; without,
 * maybe neither. */
int pref_source_file_read(struct pref_source_file *file, char *out, size_t cap, int wait,
                          int stop_fd, size_t *got, int *ended, const char *name,
                          struct pref_err *err);

#endif
