/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "source_file.h"
#include "pref/buf.h"
#include "pref/sink.h"

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

static int read_all(struct pref_source_file *file, const char *path, size_t limit, int stop_fd,
                    struct pref_buf *out, struct pref_err *err)
{
    int ended = 0;
    while (!ended) {
        size_t got;
        char *at = pref_buf_reserve(out, CHUNK);
        if (at == NULL)
            return pref_fail_memory(err, path);
        int status =
            pref_source_file_read(file, at, CHUNK, 1, stop_fd, &got, &ended, path, err);
        if (status != 0)
            return status;
        out->len += got;
        if (out->len > limit)
            return pref_fail(err, "%s: is longer than %zu bytes, the most that is read", path,
                             limit);
    }
    memset(out->ptr + out->len, 0, PREF_PAD);
    return 0;
}

int pref_file_read(const char *path, size_t limit, int stop_fd, struct pref_buf *out,
                   struct pref_err *err)
{
    struct pref_source_file file = {.fd = STDIN_FILENO};
    const char *name = path == NULL ? "(standard input)" : path;
    pref_buf_clear(out);
    int status = path == NULL ? 0 : pref_source_file_open(&file, path, err);
    if (status != 0)
        return status;
    status = read_all(&file, name, limit, stop_fd, out, err);
    pref_source_file_close(&file);
    return status;
}
