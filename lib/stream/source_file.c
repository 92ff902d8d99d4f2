/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "source_file.h"
#include "lib/base/fdio.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

int pref_identity_get(struct pref_identity *identity, const char *path, int fd, const char *name,
                      struct pref_err *err)
{
    struct stat st;
    if ((path != NULL ? stat(path, &st) : fstat(fd, &st)) != 0)
        return pref_fail_errno(err, errno, "%s: cannot open", name);
    if (S_ISDIR(st.st_mode))
        return pref_fail(err, "%s: is a directory, expected a file", name);
    *identity = (struct pref_identity){
        .dev = st.st_dev,
        .ino = st.st_ino,
        .size = st.st_size,
        .modified = st.st_mtim,
        .regular = S_ISREG(st.st_mode),
    };
    return 0;
}

int pref_identity_same(const struct pref_identity *a, const struct pref_identity *b)
{
    return a->dev == b->dev && a->ino == b->ino;
}

int pref_identity_unchanged(const struct pref_identity *a, const struct pref_identity *b)
{
    return pref_identity_same(a, b) && a->size == b->size
        && a->modified.tv_sec == b->modified.tv_sec
        && a->modified.tv_nsec == b->modified.tv_nsec;
}

int pref_source_file_open(struct pref_source_file *file, const char *path, struct pref_err *err)
{
    /* O_NONBLOCK is for FIFOs: opening one without a writer would block beyond any signal. All
     * that can make us wait is polled before it is read, so that it changes nothing else. */
    int fd;
    do
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    while (fd < 0 && errno == EINTR);
    if (fd < 0)
        return pref_fail_errno(err, errno, "%s: cannot open", path);
    *file = (struct pref_source_file){.fd = fd, .owned = 1};
    return 0;
}

void pref_source_file_close(struct pref_source_file *file)
{
    if (file->fd >= 0 && file->owned)
        close(file->fd);
    *file = (struct pref_source_file){.fd = -1};
}

static ptrdiff_t read_extent(struct pref_source_file *file, char *out, size_t cap)
{
    uint64_t left = file->extent.to - file->extent.from;
    if (cap > left)
        cap = (size_t)left;
    ssize_t n;
    do
        n = pread(file->fd, out, cap, (off_t)file->extent.from);
    while (n < 0 && errno == EINTR);
    if (n > 0)
        file->extent.from += (uint64_t)n;
    return n;
}

int pref_source_file_read(struct pref_source_file *file, char *out, size_t cap, int wait,
                          int stop_fd, size_t *got, int *ended, const char *name,
                          struct pref_err *err)
{
    *got = 0;
    *ended = 0;
    for (;;) {
        if (!file->regular) {
            enum pref_wait ready = pref_fd_wait(file->fd, POLLIN, wait ? stop_fd : -1,
                                                wait ? -1 : 0);
            if (ready == PREF_WAIT_STOP) {
                pref_fail(err, "%s: stopped by a signal while waiting for input", name);
                return PREF_LATER;
            }
            if (ready == PREF_WAIT_FAILED)
                return pref_fail_errno(err, errno, "%s: cannot wait for input", name);
            if (ready == PREF_WAIT_NOTHING)
                return 0;
        }
        ptrdiff_t n = file->in_extent ? read_extent(file, out, cap)
                                      : pref_fd_read(file->fd, out, cap);
        if (n >= 0) {
            *got = (size_t)n;
            *ended = n == 0;
            return 0;
        }
        /* Somebody else took what poll had promised. */
        if (!file->regular && (errno == EAGAIN || errno == EWOULDBLOCK))
            continue;
        return pref_fail_errno(err, errno, "%s: cannot read", name);
    }
}
