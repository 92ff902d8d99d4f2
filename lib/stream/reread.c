/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "pref/reread.h"

#include "lib/base/fdio.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* A place is the number of its file, from 1, above so many bits of where it is there. */
#define AT_BITS 56
#define AT_MASK ((UINT64_C(1) << AT_BITS) - 1)

struct file {
    int fd, owned;
    uint64_t size;
    const char *name;
};

struct pref_rereads {
    unsigned count;
    struct file files[PREF_REREAD_FILES];
};

int pref_rereads_new(struct pref_rereads **rereads, struct pref_err *err)
{
    *rereads = calloc(1, sizeof **rereads);
    return *rereads == NULL ? pref_fail_memory(err, "what is read again") : PREF_OK;
}

void pref_rereads_free(struct pref_rereads *rereads)
{
    if (rereads == NULL)
        return;
    for (unsigned i = 0; i < rereads->count; i++)
        if (rereads->files[i].owned)
            close(rereads->files[i].fd);
    free(rereads);
}

unsigned pref_rereads_keep(struct pref_rereads *rereads, int fd, int owned, uint64_t size,
                           const char *name)
{
    if (rereads->count == PREF_REREAD_FILES || size > AT_MASK)
        return 0;
    rereads->files[rereads->count++] = (struct file){fd, owned, size, name};
    return rereads->count;
}

uint64_t pref_rereads_place(const struct pref_rereads *rereads, unsigned file, uint64_t at,
                            size_t len)
{
    uint64_t size = rereads->files[file - 1].size;
    return len <= size && at <= size - len ? (uint64_t)file << AT_BITS | at : 0;
}

static const struct file *file_of(const struct pref_rereads *rereads, uint64_t place)
{
    return &rereads->files[(place >> AT_BITS) - 1];
}

int pref_reread(const struct pref_rereads *rereads, uint64_t place, void *out, size_t len,
                struct pref_err *err)
{
    const struct file *file = file_of(rereads, place);
    ptrdiff_t n = pref_fd_read_at(file->fd, out, len, place & AT_MASK);
    if (n < 0)
        return pref_fail_errno(err, errno, "%s: cannot read", file->name);
    return (size_t)n == len ? PREF_OK : pref_reread_changed(rereads, place, err);
}

int pref_reread_changed(const struct pref_rereads *rereads, uint64_t place, struct pref_err *err)
{
    return pref_fail(err, "%s: has changed while it was being read", file_of(rereads, place)->name);
}
