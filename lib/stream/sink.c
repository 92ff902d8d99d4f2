/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "press.h"
#include "sink_target.h"
#include "pref/sink.h"

#include <stdlib.h>
#include <string.h>

#define FRAME_DEFAULT ((size_t)4 << 20)
#define GATHER_DEFAULT ((size_t)256 << 10)
#define DIRECT_MIN ((size_t)64 << 10) /* writes from here on are not copied */
#define PARTS_MAX 512                 /* written by one call */

/* A frame that still has no record end is cut inside the record, lest a line of any length be held
 * in memory. Like the other cut it depends on the bytes alone. */
#define FRAME_SLACK ((size_t)64 << 20)

struct pref_sink {
    struct pref_target target;
    int level;
    int packs;                /* 1: compressed */
    size_t frame, gather;
    struct pref_buf gathered; /* plain bytes of the open frame, or copies to be written together */
    struct iovec parts[PARTS_MAX]; /* of a plain target: what is to be written, in order */
    size_t count;
    struct pref_press *press;
    struct pref_press *own_press;
    size_t in_press;          /* frames given to the press and not yet written */
    int empty;                /* no frame was made so far */
    uint64_t plain, written;
    int status;               /* of the first failure; nothing is written after it */
    struct pref_err failure;
};

static int ends_in(const char *name, const char *ending)
{
    size_t n = name == NULL ? 0 : strlen(name), len = strlen(ending);
    return n > len && strcmp(name + n - len, ending) == 0;
}

int pref_sink_packs(const char *name)
{
    return ends_in(name, ".zst");
}

int pref_sink_check_name(const char *name, struct pref_err *err)
{
    return ends_in(name, ".gz")
               ? pref_usage(err, "%s: outputs are plain, or zstd where the name ends in .zst, and "
                                 "never gzip", name)
               : PREF_OK;
}

int pref_sink_open(struct pref_sink **sink, const struct pref_sink_config *config,
                   struct pref_err *err)
{
    *sink = NULL;
    int status = pref_sink_check_name(config->name, err);
    if (status != 0)
        return status;
    struct pref_sink *made = calloc(1, sizeof *made);
    if (made == NULL)
        return pref_fail_memory(err, "the output");
    made->level = config->level;
    made->frame = config->frame == 0 ? FRAME_DEFAULT : config->frame;
    made->gather = config->gather == 0 ? GATHER_DEFAULT : config->gather;
    made->packs = (config->flags & PREF_SINK_PLAIN) == 0 && pref_sink_packs(config->name);
    made->empty = 1;
    made->press = config->press;
    if (made->packs && made->press == NULL) {
        status = pref_press_new(&made->own_press, 1, err);
        made->press = made->own_press;
    }
    if (status == 0)
        status = pref_target_open(&made->target, config->name,
                                  (config->flags & PREF_SINK_ATOMIC) != 0, config->stop_fd, err);
    if (status != 0) {
        pref_press_free(made->own_press);
        free(made);
        return status;
    }
    made->target.in_group = (config->flags & PREF_SINK_GROUP) != 0;
    *sink = made;
    return 0;
}

/* Bytes on their way out, in their last form. The first failure is remembered. */
static void put(struct pref_sink *sink, struct iovec *parts, size_t count)
{
    uint64_t len = 0;
    for (size_t i = 0; i < count; i++)
        len += parts[i].iov_len;
    if (sink->status != 0 || len == 0)
        return;
    sink->status = pref_target_write(&sink->target, parts, count, &sink->failure);
    if (sink->status == 0)
        sink->written += len;
}

/* Write the parts of a plain target; what was lent is the caller's again. */
static void put_parts(struct pref_sink *sink)
{
    put(sink, sink->parts, sink->count);
    sink->count = 0;
    pref_buf_clear(&sink->gathered);
}

/* Report the remembered failure, which may stem from another sink's call to the shared press. */
static int report(const struct pref_sink *sink, struct pref_err *err)
{
    if (sink->status != 0 && err != NULL)
        *err = sink->failure;
    return sink->status;
}

/* Write the press's oldest frame, whoever's it is. */
static void write_oldest(struct pref_press *press)
{
    void *owner;
    struct pref_span frame;
    struct pref_err failure;
    int status = pref_press_oldest(press, &owner, &frame, &failure);
    struct pref_sink *sink = owner;
    if (status == 0) {
        struct iovec part = {(char *)frame.ptr, frame.len};
        put(sink, &part, 1);
    } else if (sink->status == 0) {
        sink->status = pref_fail(&sink->failure, "%s: %s", sink->target.name, failure.text);
    }
    sink->in_press--;
    pref_press_drop(press);
}

/* End the open frame. */
static void seal(struct pref_sink *sink)
{
    if (pref_press_full(sink->press))
        write_oldest(sink->press);
    sink->empty = 0;
    sink->in_press++;
    pref_press_put(sink->press, sink, sink->level, &sink->gathered);
    while (pref_press_ready(sink->press))
        write_oldest(sink->press);
}

static void gather(struct pref_sink *sink, const char *bytes, size_t len)
{
    pref_buf_add(&sink->gathered, bytes, len);
    if (sink->gathered.failed && sink->status == 0)
        sink->status = pref_fail_memory(&sink->failure, sink->target.name);
}

/* A frame ends with the first LF at or after its plain byte number `frame`: looked for here, byte
 * by byte of the stream, so that the cuts do not depend on how the stream came in calls. */
static void write_packed(struct pref_sink *sink, const char *bytes, size_t len)
{
    while (len > 0 && sink->status == 0) {
        size_t held = sink->gathered.len;
        size_t free_part = held + 1 < sink->frame ? sink->frame - 1 - held : 0;
        if (held == 0)
            pref_buf_reserve(&sink->gathered, sink->frame);
        size_t n = len < free_part ? len : free_part;
        int cut = 0;
        if (n == 0) {
            size_t room = sink->frame + FRAME_SLACK - held;
            n = len < room ? len : room;
            const char *end = memchr(bytes, '\n', n);
            if (end != NULL)
                n = (size_t)(end - bytes) + 1;
            cut = end != NULL || n == room;
        }
        gather(sink, bytes, n);
        bytes += n;
        len -= n;
        if (cut && sink->status == 0)
            seal(sink);
    }
}

static void add_part(struct pref_sink *sink, const char *bytes, size_t len)
{
    struct iovec *last = sink->count > 0 ? &sink->parts[sink->count - 1] : NULL;
    if (last != NULL && (char *)last->iov_base + last->iov_len == bytes)
        last->iov_len += len;
    else
        sink->parts[sink->count++] = (struct iovec){(char *)bytes, len};
}

/* Copies lie in `gathered`, which never grows while parts point into it. */
static void write_plain(struct pref_sink *sink, const char *bytes, size_t len, int lent)
{
    int stays = lent && len >= PREF_SINK_LENT_MIN;
    int direct = !stays && (len >= DIRECT_MIN || len >= sink->gather);
    int copies = !stays && !direct;
    if (sink->count == PARTS_MAX || (copies && sink->gathered.len + len > sink->gather))
        put_parts(sink);
    if (copies) {
        size_t at = sink->gathered.len;
        if (sink->gathered.ptr == NULL)
            pref_buf_reserve(&sink->gathered, sink->gather);
        gather(sink, bytes, len);
        if (sink->status != 0)
            return;
        bytes = sink->gathered.ptr + at;
    }
    add_part(sink, bytes, len);
    if (direct)
        put_parts(sink);
}

static int write_any(struct pref_sink *sink, const char *bytes, size_t len, int lent,
                     struct pref_err *err)
{
    if (len > 0 && sink->status == 0) {
        sink->plain += len;
        if (sink->packs)
            write_packed(sink, bytes, len);
        else
            write_plain(sink, bytes, len, lent);
    }
    return report(sink, err);
}

int pref_sink_write(struct pref_sink *sink, const char *bytes, size_t len, struct pref_err *err)
{
    return write_any(sink, bytes, len, 0, err);
}

int pref_sink_lend(struct pref_sink *sink, const char *bytes, size_t len, struct pref_err *err)
{
    return write_any(sink, bytes, len, 1, err);
}

int pref_sink_flush(struct pref_sink *sink, struct pref_err *err)
{
    if (!sink->packs)
        put_parts(sink);
    return report(sink, err);
}

/* Write all that is held. A compressed file without a record has one empty frame: zstd -d takes
 * a file of no bytes for a broken one. */
static void drain(struct pref_sink *sink)
{
    if (!sink->packs) {
        pref_sink_flush(sink, NULL);
        return;
    }
    if (sink->status == 0 && (sink->gathered.len > 0 || sink->empty))
        seal(sink);
    while (sink->in_press > 0)
        write_oldest(sink->press);
}

int pref_sink_end(struct pref_sink *sink, struct pref_err *err)
{
    drain(sink);
    if (sink->status == 0)
        pref_target_begin_sync(&sink->target);
    return report(sink, err);
}

int pref_sink_finish(struct pref_sink *sink, struct pref_err *err)
{
    drain(sink);
    if (sink->status == 0)
        sink->status = pref_target_finish(&sink->target, &sink->failure);
    /* Of many files that wait for their names, each keeps as little as it can. */
    pref_buf_release(&sink->gathered);
    return report(sink, err);
}

int pref_sink_rename(struct pref_sink *sink, const char *name, struct pref_err *err)
{
    if (sink->status == 0)
        sink->status = pref_target_rename(&sink->target, name, &sink->failure);
    return report(sink, err);
}

static void free_sink(struct pref_sink *sink)
{
    pref_press_free(sink->own_press);
    pref_buf_release(&sink->gathered);
    free(sink);
}

int pref_sink_publish(struct pref_sink *sink, struct pref_err *err)
{
    int status = report(sink, err);
    if (status != 0) {
        pref_sink_abort(sink);
        return status;
    }
    status = pref_target_publish(&sink->target, err);
    free_sink(sink);
    return status;
}

void pref_sink_abort(struct pref_sink *sink)
{
    if (sink == NULL)
        return;
    /* What will be removed need not be written; the press must still be rid of it. */
    if (sink->target.temporary != NULL && sink->status == 0)
        sink->status = PREF_FAIL;
    drain(sink);
    pref_target_abandon(&sink->target);
    free_sink(sink);
}

int pref_folder_sync(const char *folder, struct pref_err *err)
{
    int number = pref_target_sync_folder(folder);
    return number == 0 ? 0 : pref_fail_errno(err, number, "%s: cannot write", folder);
}

uint64_t pref_sink_bytes(const struct pref_sink *sink, uint64_t *written)
{
    if (written != NULL)
        *written = sink->written;
    return sink->plain;
}
