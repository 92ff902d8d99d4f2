/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fdio.h - waiting on descriptors, and writing all of something to one, in a way that a signal can
 * end. A signal makes `stop_fd` readable (the program's self-pipe); whoever may block forever
 * polls it beside the descriptor it waits for. Used by the source, the sink and the spool;
 * and by what computes for long.
 */
#ifndef PREF_FDIO_H
#define PREF_FDIO_H

#include "pref/base.h"

#include <sys/uio.h>

enum pref_wait {
    PREF_WAIT_READY,   /* the descriptor can be read or written, or has failed: try it */
    PREF_WAIT_STOP,    /* stop_fd is readable; comes before READY where both are true */
    PREF_WAIT_NOTHING, /* the time is over */
    PREF_WAIT_FAILED   /* poll itself failed: errno says why */
};

/* Wait for `events` (POLLIN, POLLOUT) on `fd`, or for stop_fd; either may be -1, which is never
 * ready. `timeout_ms` as in poll: -1 waits without end. */
enum pref_wait pref_fd_wait(int fd, short events, int stop_fd, int timeout_ms);

/* Whether *stop_fd is readable, for what works for long without waiting; NULL is never. */
int pref_stop_asked(const int *stop_fd);

/* How a descriptor takes bytes. */
enum pref_fd_kind {
    PREF_FD_PROMPT,   /* never stalls for good: regular files */
    PREF_FD_POLLED,   /* may stall and blocks: polled before each write */
    PREF_FD_NONBLOCK  /* may stall, O_NONBLOCK is set: polled when it takes no more */
};

/* Write all of it. Returns 0, an errno value, or -1 when stop_fd became readable before the last
 * byte was taken. */
int pref_fd_write(int fd, enum pref_fd_kind kind, int stop_fd, const char *bytes, size_t len);

/* The same of several spans in order, at most IOV_MAX; `parts` is used up. */
int pref_fd_write_parts(int fd, enum pref_fd_kind kind, int stop_fd, struct iovec *parts,
                        size_t count);

/* Read up to cap bytes, again after EINTR: the count, or -1 with errno. */
ptrdiff_t pref_fd_read(int fd, char *out, size_t cap);

/* Write all of it at a place of a regular file: 0, or an errno value. */
int pref_fd_write_at(int fd, const void *bytes, size_t len, uint64_t at);

/* Read `len` bytes at a place of a regular file, fewer only at its end: the count, or -1 with
 * errno. */
ptrdiff_t pref_fd_read_at(int fd, void *out, size_t len, uint64_t at);

/* Ask the system to let this process have `wanted` descriptors open at once. Returns how many it
 * may have: as many, or fewer. */
uint64_t pref_fd_allow(uint64_t wanted);

#endif
