/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "fdio.h"

#include <errno.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

enum pref_wait pref_fd_wait(int fd, short events, int stop_fd, int timeout_ms)
{
    struct pollfd polled[2] = {{fd, events, 0}, {stop_fd, POLLIN, 0}};
    int n;
    do
        n = poll(polled, 2, timeout_ms);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return PREF_WAIT_FAILED;
    if (polled[1].revents != 0)
        return PREF_WAIT_STOP;
    return polled[0].revents != 0 ? PREF_WAIT_READY : PREF_WAIT_NOTHING;
}

/* Take n written bytes off the front. */
static size_t advance(struct iovec **parts, size_t count, size_t n)
{
    while (count > 0 && n >= (*parts)->iov_len) {
        n -= (*parts)->iov_len;
        (*parts)++;
        count--;
    }
    if (count > 0) {
        (*parts)->iov_base = (char *)(*parts)->iov_base + n;
        (*parts)->iov_len -= n;
    }
    return count;
}

int pref_fd_write_parts(int fd, enum pref_fd_kind kind, int stop_fd, struct iovec *parts,
                        size_t count)
{
    int poll_first = kind == PREF_FD_POLLED;
    while (count > 0) {
        if (poll_first) {
            enum pref_wait wait = pref_fd_wait(fd, POLLOUT, stop_fd, -1);
            if (wait == PREF_WAIT_STOP)
                return -1;
            if (wait == PREF_WAIT_FAILED)
                return errno;
        }
        ssize_t n = count == 1 ? write(fd, parts->iov_base, parts->iov_len)
                               : writev(fd, parts, (int)count);
        if (n < 0) {
            /* Somebody else may have made a shared description non-blocking: then poll. */
            if (errno == EAGAIN || errno == EWOULDBLOCK)
                poll_first = 1;
            else if (errno != EINTR)
                return errno;
            else if (kind == PREF_FD_POLLED
                     && pref_fd_wait(-1, 0, stop_fd, 0) == PREF_WAIT_STOP)
                return -1;
            continue;
        }
        count = advance(&parts, count, (size_t)n);
        /* A full pipe took a part: the next write would only return EAGAIN. */
        poll_first = kind != PREF_FD_PROMPT;
    }
    return 0;
}

int pref_stop_asked(const int *stop_fd)
{
    return stop_fd != NULL && pref_fd_wait(-1, 0, *stop_fd, 0) == PREF_WAIT_STOP;
}

int pref_fd_write(int fd, enum pref_fd_kind kind, int stop_fd, const char *bytes, size_t len)
{
    struct iovec part = {(char *)bytes, len};
    return pref_fd_write_parts(fd, kind, stop_fd, &part, len > 0);
}

ptrdiff_t pref_fd_read(int fd, char *out, size_t cap)
{
    ssize_t n;
    do
        n = read(fd, out, cap);
    while (n < 0 && errno == EINTR);
    return n;
}

int pref_fd_write_at(int fd, const void *bytes, size_t len, uint64_t at)
{
    const char *from = bytes;
    while (len > 0) {
        ssize_t n = pwrite(fd, from, len, (off_t)at);
        if (n < 0 && errno != EINTR)
            return errno;
        size_t done = n < 0 ? 0 : (size_t)n;
        from += done;
        len -= done;
        at += done;
    }
    return 0;
}

ptrdiff_t pref_fd_read_at(int fd, void *out, size_t len, uint64_t at)
{
    char *to = out;
    size_t got = 0;
    while (got < len) {
        ssize_t n = pread(fd, to + got, len - got, (off_t)(at + got));
        if (n < 0 && errno != EINTR)
            return -1;
        if (n == 0)
            break;
        got += n < 0 ? 0 : (size_t)n;
    }
    return (ptrdiff_t)got;
}

uint64_t pref_fd_allow(uint64_t wanted)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
        limit.rlim_cur >= wanted)
        return wanted;
    rlim_t before = limit.rlim_cur;
    if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < wanted)
        return limit.rlim_max;
    limit.rlim_cur = (rlim_t)wanted;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? wanted : before;
}
