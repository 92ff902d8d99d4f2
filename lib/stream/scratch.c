/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "scratch.h"

#include "spool.h"
#include "lib/base/fdio.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK ((size_t)256 << 10)

struct pref_scratch {
    int fd;
    uint64_t written; /* bytes of the file */
    size_t held;      /* bytes of the block that follow them */
    char block[BLOCK];
};

int pref_scratch_new(struct pref_scratch **scratch, struct pref_err *err)
{
    struct pref_scratch *made = malloc(sizeof *made);
    if (made == NULL)
        return pref_fail_memory(err, "scratch storage");
    made->written = 0;
    made->held = 0;
    int status = pref_scratch_open(&made->fd, err);
    if (status != PREF_OK)
        free(made);
    else
        *scratch = made;
    return status;
}

void pref_scratch_free(struct pref_scratch *scratch)
{
    if (scratch == NULL)
        return;
    close(scratch->fd);
    free(scratch);
}

uint64_t pref_scratch_end(const struct pref_scratch *scratch)
{
    return scratch->written + scratch->held;
}

/* Write straight to the file, behind what is there. */
static int put(struct pref_scratch *scratch, const char *bytes, size_t len, struct pref_err *err)
{
    int number = pref_fd_write(scratch->fd, PREF_FD_PROMPT, -1, bytes, len);
    if (number != 0)
        return pref_fail_errno(err, number,
                               "cannot write a scratch file (TMPDIR names its folder)");
    scratch->written += len;
    return PREF_OK;
}

int pref_scratch_add(struct pref_scratch *scratch, const void *bytes, size_t len,
                     struct pref_err *err)
{
    if (len > BLOCK - scratch->held) {
        size_t held = scratch->held;
        scratch->held = 0;
        int status = put(scratch, scratch->block, held, err);
        if (status != PREF_OK)
            return status;
    }
    if (len > BLOCK)
        return put(scratch, bytes, len, err);
    if (len > 0)
        memcpy(scratch->block + scratch->held, bytes, len);
    scratch->held += len;
    return PREF_OK;
}

int pref_scratch_read(struct pref_scratch *scratch, uint64_t at, void *out, size_t len,
                      struct pref_err *err)
{
    char *to = out;
    if (at < scratch->written) {
        uint64_t there = scratch->written - at;
        size_t part = there < len ? (size_t)there : len;
        ptrdiff_t n = pref_fd_read_at(scratch->fd, to, part, at);
        if (n != (ptrdiff_t)part)
            return pref_fail_errno(err, n < 0 ? errno : EIO, "cannot read a scratch file");
        to += part;
        at += part;
        len -= part;
    }
    if (len > 0 && (at < scratch->written || at - scratch->written > scratch->held ||
                    len > scratch->held - (at - scratch->written)))
        return pref_fail(err, "a scratch file ends too early");
    if (len > 0)
        memcpy(to, scratch->block + (at - scratch->written), len);
    return PREF_OK;
}
