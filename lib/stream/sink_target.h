/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sink_target.h - what a sink writes to: standard output, a temporary name that becomes the real
 * one, or a file as it is. Private to the sink.
 */
#ifndef PREF_SINK_TARGET_H
#define PREF_SINK_TARGET_H

#include "lib/base/fdio.h"
#include "pref/base.h"

struct pref_target {
    char *name;             /* as messages call it */
    char *path;             /* behind all symbolic links; NULL: standard output */
    char *temporary;        /* its name until published, else NULL */
    int fd;                 /* -1: closed */
    enum pref_fd_kind kind;
    int is_stdout;
    int is_regular;         /* and not standard output: fsynced */
    int in_group;           /* the folder is fsynced by someone else, once for many files */
    int stop_fd;
};

/* Open. With `atomic`, a target that is or will be a regular file is written under a temporary
 * name, unless its name is that of an open file: then it is added to. Opening a FIFO waits for its
 * reader, or for stop_fd (PREF_LATER). */
int pref_target_open(struct pref_target *target, const char *name, int atomic, int stop_fd,
                     struct pref_err *err);

/* Write all of the parts, in order; `parts` is used up. */
int pref_target_write(struct pref_target *target, struct iovec *parts, size_t count,
                      struct pref_err *err);

/* Let the kernel begin to write a regular file to the disk. */
void pref_target_begin_sync(const struct pref_target *target);

/* Fsync and close what is a regular file: after that only its name can fail. */
int pref_target_finish(struct pref_target *target, struct pref_err *err);

/* Another name for a file that has a temporary one. */
int pref_target_rename(struct pref_target *target, const char *name, struct pref_err *err);

/* Give the file its name, or close what is not a file; both checked. Releases the target. */
int pref_target_publish(struct pref_target *target, struct pref_err *err);

/* Fsync a folder that may be read. Returns 0 or errno. */
int pref_target_sync_folder(const char *folder);

/* Close and remove what is not published. Releases the target. */
void pref_target_abandon(struct pref_target *target);

#endif
