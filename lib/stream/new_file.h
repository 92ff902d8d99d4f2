/* SPDX-License-Identifier: Apache-2.0 */
/* new_file.h - a file under a name that nobody else has: the temporary name of an output, and that
 * of a scratch file until it is unlinked. */
#ifndef PREF_NEW_FILE_H
#define PREF_NEW_FILE_H

#include "pref/buf.h"

#include <sys/types.h>

/*
 * *name is how its name begins, to which "-PID-N" and a zero byte are added, N the first from 0
 * that is free. It is opened with `access` (O_WRONLY, O_RDWR), and no process that another thread
 * starts inherits the descriptor. Returns 0 or errno; where memory ran out, name->failed is set.
 */
int pref_new_file(int *fd, struct pref_buf *name, int access, mode_t mode);

#endif
