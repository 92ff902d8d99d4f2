/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "lib/base/fdio.h"
#include "pref/buf.h"
#include "pref/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define CHUNK ((size_t)64 << 10)

int pref_file_write(const char *path, struct pref_span bytes, struct pref_err *err)
{
    struct pref_sink_config config = {
        .name = path,
        .flags = PREF_SINK_ATOMIC | PREF_SINK_PLAIN,
        .stop_fd = -1,
    };
    struct pref_sink *sink;
    int status = pref_sink_open(&sink, &config, err);
    if (status != 0)
        return status;
    status = pref_sink_write(sink, bytes.ptr, bytes.len, err);
    if (status == 0)
        status = pref_sink_finish(sink, err);
    if (status == 0)
        return pref_sink_publish(sink, err);
    pref_sink_abort(sink);
    return status;
}

static int read_all(int fd, const char *path, size_t limit, struct pref_buf *out,
                    struct pref_err *err)
{
    for (;;) {
        char *at = pref_buf_reserve(out, CHUNK);
        if (at == NULL)
            return pref_fail_memory(err, path);
        ptrdiff_t n = pref_fd_read(fd, at, CHUNK);
        if (n < 0)
            return pref_fail_errno(err, errno, "%s: cannot read", path);
        if (n == 0)
            break;
        out->len += (size_t)n;
        if (out->len > limit)
            return pref_fail(err, "%s: is longer than %zu bytes, the most that is read", path,
                             limit);
    }
    memset(out->ptr + out->len, 0, PREF_PAD);
    return 0;
}

int pref_file_read(const char *path, size_t limit, struct pref_buf *out, struct pref_err *err)
{
    pref_buf_clear(out);
    int fd;
    do
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    while (fd < 0 && errno == EINTR);
    if (fd < 0)
        return pref_fail_errno(err, errno, "%s: cannot open", path);
    int status = read_all(fd, path, limit, out, err);
    close(fd);
    return status;
}
