/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "gzip_in.h"
#include "magic.h"
#include "source_state.h"
#include "zstd_in.h"

#include <string.h>

int pref_source_read_raw(struct pref_source *source, char *out, size_t cap, int wait, size_t *got,
                         struct pref_err *err)
{
    *got = 0;
    if (source->raw_status != 0) {
        *err = source->raw_failure;
        return source->raw_status;
    }
    int status = pref_source_file_read(&source->file, out, cap, wait, source->config.stop_fd, got,
                                       &source->raw_ended,
                                       pref_source_name(source, source->index), err);
    if (status != 0)
        return status;
    atomic_fetch_add_explicit(&source->bytes, *got, memory_order_relaxed);
    if (source->spooling && source->form != PREF_SOURCE_UNKNOWN)
        status = pref_spool_add(source->spool, out, *got, err);
    return status;
}

/* The decoder of what has this magic, made the first time. NULL: no memory. */
static struct pref_decoder *decoder_of(struct pref_source *source, enum pref_magic magic)
{
    if (magic == PREF_MAGIC_GZIP) {
        if (source->gzip == NULL)
            source->gzip = pref_gzip_in_new();
        return source->gzip;
    }
    if (source->zstd == NULL)
        source->zstd = pref_zstd_in_new(source->config.long_windows);
    return source->zstd;
}

/* A file that never makes anyone wait is read ahead; what was read of it to tell is handed on. */
static int begin_ahead(struct pref_source *source, struct pref_err *err)
{
    struct pref_ahead *ahead = source->config.ahead;
    pref_ahead_reset(ahead);
    char *room = pref_ahead_room(ahead, source->in.len);
    if (room == NULL)
        return pref_fail_memory(err, "a read-ahead");
    memcpy(room, source->in.ptr, source->in.len);
    pref_ahead_added(ahead, source->in.len);
    source->in.len = 0;
    source->form = PREF_SOURCE_AHEAD;
    return 0;
}

/* Keep a plain file open beyond its end, if it never makes anyone wait. A later reading, which has
 * opened the same file anew, finds it kept. */
static void keep_file(struct pref_source *source)
{
    struct pref_source_input *input = &source->inputs[source->index];
    struct pref_source_file *file = &source->file;
    if (source->config.rereads == NULL || !file->regular || file->in_extent || input->reread != 0)
        return;
    input->reread = pref_rereads_keep(source->config.rereads, file->fd, file->owned,
                                      (uint64_t)input->identity.size,
                                      pref_source_name(source, source->index));
    file->owned &= input->reread == 0;
}

static int become(struct pref_source *source, enum pref_magic magic, struct pref_err *err)
{
    const char *name = pref_source_name(source, source->index);
    if (magic == PREF_MAGIC_FOREIGN) {
        const char *path = source->inputs[source->index].is_stdin ? NULL : name;
        return pref_magic_refuse(source->in.ptr, source->in.len, name, path, err);
    }
    int packed = magic != PREF_MAGIC_PLAIN;
    if (packed) {
        source->decoder = decoder_of(source, magic);
        if (source->decoder == NULL)
            return pref_fail_memory(err, "a decoder");
        pref_decoder_reset(source->decoder, 0);
    }
    source->form = packed ? PREF_SOURCE_PACKED : PREF_SOURCE_PLAIN;
    if (magic == PREF_MAGIC_ZSTD && source->config.ahead != NULL && source->file.regular)
        return begin_ahead(source, err);
    if (!packed)
        keep_file(source);
    if (!source->spooling)
        return 0;
    pref_spool_begin(source->spool, packed);
    return pref_spool_add(source->spool, source->in.ptr, source->in.len, err);
}

/* Read until the form is told; without `wait` it may stay unknown. */
static int detect(struct pref_source *source, int wait, struct pref_err *err)
{
    for (;;) {
        enum pref_magic magic = pref_magic_tell(source->raw, source->in.len);
        if (magic == PREF_MAGIC_MORE && source->raw_ended)
            magic = PREF_MAGIC_PLAIN;
        if (magic != PREF_MAGIC_MORE)
            return become(source, magic, err);
        size_t got;
        int status = pref_source_read_raw(source, source->raw + source->in.len,
                              PREF_SOURCE_RAW - source->in.len, wait, &got, err);
        if (status != 0)
            return status;
        source->in = (struct pref_span){source->raw, source->in.len + got};
        if (got == 0 && !source->raw_ended)
            return 0;
    }
}

/* The bytes that detect read come first; the others go straight into the caller's buffer. A file
 * is read until that is full, a pipe once. */
static int read_plain(struct pref_source *source, char *out, size_t cap, int wait, size_t *got,
                      struct pref_err *err)
{
    size_t n = source->in.len < cap ? source->in.len : cap;
    if (n > 0) {
        memcpy(out, source->in.ptr, n);
        source->in.ptr += n;
        source->in.len -= n;
        *got = n;
    }
    while (*got < cap && !source->raw_ended) {
        int status =
            pref_source_read_raw(source, out + *got, cap - *got, wait && *got == 0, &n, err);
        if (status != 0)
            return status;
        *got += n;
        if (!source->file.regular)
            break;
    }
    return 0;
}

static int read_packed(struct pref_source *source, char *out, size_t cap, int wait, size_t *got,
                       struct pref_err *err)
{
    const char *name = pref_source_name(source, source->index);
    while (*got < cap) {
        size_t n;
        int status = pref_decoder_run(source->decoder, name, &source->in, out + *got, cap - *got,
                                      &n, err);
        *got += n;
        if (status != 0)
            return status;
        int enough = *got == cap || (*got > 0 && !source->file.regular);
        if (enough || source->raw_ended)
            return 0;
        status =
            pref_source_read_raw(source, source->raw, PREF_SOURCE_RAW, wait && *got == 0, &n, err);
        if (status != 0)
            return status;
        source->in = (struct pref_span){source->raw, n};
        if (n == 0 && !source->raw_ended)
            return 0;
    }
    return 0;
}

static int all_given(const struct pref_source *source)
{
    int is_read = source->form == PREF_SOURCE_PLAIN || source->form == PREF_SOURCE_PACKED;
    return is_read && source->raw_ended && source->in.len == 0
        && !(source->form == PREF_SOURCE_PACKED && source->decoder->pending);
}

/* One step: *got bytes, or a failure behind them. */
static int read_some(struct pref_source *source, char *out, size_t cap, int wait, size_t *got,
                     struct pref_err *err)
{
    if (!source->opened) {
        int status = pref_source_begin(source, err);
        if (status != 0)
            return status;
    }
    if (source->form == PREF_SOURCE_UNKNOWN) {
        int status = detect(source, wait, err);
        if (status != 0 || source->form == PREF_SOURCE_UNKNOWN)
            return status;
    }
    if (source->form == PREF_SOURCE_PLAIN)
        return read_plain(source, out, cap, wait, got, err);
    if (source->form == PREF_SOURCE_AHEAD)
        pref_source_read_ahead(source, out, cap, got);
    return source->form == PREF_SOURCE_AHEAD ? 0
                                             : read_packed(source, out, cap, wait, got, err);
}

int pref_source_read(struct pref_source *source, char *out, size_t cap, int wait, size_t *got,
                     int *ended, struct pref_err *err)
{
    *got = 0;
    *ended = source->ended;
    if (source->ended)
        return 0;
    if (source->status != 0) {
        if (err != NULL)
            *err = source->failure;
        return source->status;
    }
    int status = read_some(source, out, cap, wait, got, &source->failure);
    source->plain += *got;
    if (pref_source_expected(source) != NULL && source->opened)
        pref_hasher_add(source->hasher, out, *got);
    if (status == 0 && all_given(source))
        status = pref_source_finish(source, &source->failure);
    *ended = source->ended;
    if (status != 0 && status != PREF_LATER)
        source->status = status;
    /* What came before the failure is given first: it is good, and its records may be wanted. */
    if (status == 0 || *got > 0)
        return 0;
    if (err != NULL)
        *err = source->failure;
    return status;
}

int pref_source_poll_fd(const struct pref_source *source)
{
    if (!source->opened || source->ended || source->raw_ended || source->file.regular
        || source->status != 0)
        return -1;
    int in_hand = source->form != PREF_SOURCE_UNKNOWN && source->in.len > 0;
    if (source->form == PREF_SOURCE_PACKED)
        in_hand = in_hand || source->decoder->pending;
    return in_hand ? -1 : source->file.fd;
}
