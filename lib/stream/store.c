/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "store.h"

#include "lib/base/fdio.h"
#include "pref/hash.h"
#include "pref/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAGIC = 8, FRONT = MAGIC + 4, TAIL = 8 + 8 + 16 + MAGIC, BLOCK = 1 << 16 };

static int no_memory(struct pref_err *err)
{
    return pref_fail_memory(err, "an index");
}

/* ---- Writing --------------------------------------------------------------------------------- */

struct pref_store_writer {
    const char *magic;
    struct pref_sink *sink;
    struct pref_hasher *hasher;
    uint64_t list, pieces; /* bytes of them */
    int status;
    struct pref_err err; /* of the first failure */
};

static void write_bytes(struct pref_store_writer *writer, const void *bytes, size_t len)
{
    if (writer->status == PREF_OK && len > 0)
        writer->status = pref_sink_write(writer->sink, bytes, len, &writer->err);
}

static void write_hashed(struct pref_store_writer *writer, const void *bytes, size_t len)
{
    pref_hasher_add(writer->hasher, bytes, len);
    write_bytes(writer, bytes, len);
}

int pref_store_create(const char *path, struct pref_store_kind kind,
                      struct pref_store_writer **writer, struct pref_err *err)
{
    struct pref_sink_config config = {
        .name = path, .flags = PREF_SINK_ATOMIC | PREF_SINK_PLAIN, .stop_fd = -1};
    unsigned char version[FRONT - MAGIC];
    struct pref_store_writer *made = calloc(1, sizeof *made);
    if (made == NULL)
        return no_memory(err);
    made->magic = kind.magic;
    made->hasher = pref_hasher_new(0);
    int status = made->hasher == NULL ? no_memory(err) : pref_sink_open(&made->sink, &config, err);
    if (status != PREF_OK) {
        pref_store_abort(made);
        return status;
    }
    pref_number_bytes(version, kind.version, sizeof version);
    write_hashed(made, kind.magic, MAGIC);
    write_hashed(made, version, sizeof version);
    *writer = made;
    return PREF_OK;
}

void pref_store_add(struct pref_store_writer *writer, const void *bytes, size_t len)
{
    writer->list += len;
    write_hashed(writer, bytes, len);
}

void pref_store_add_number(struct pref_store_writer *writer, uint64_t value, unsigned size)
{
    unsigned char bytes[8] = {0};
    pref_number_bytes(bytes, value, size);
    pref_store_add(writer, bytes, size);
}

void pref_store_add_text(struct pref_store_writer *writer, struct pref_span text)
{
    pref_store_add_number(writer, text.len, 4);
    pref_store_add(writer, text.ptr, text.len);
}

void pref_store_add_piece(struct pref_store_writer *writer, struct pref_span piece)
{
    unsigned char hash[8];
    pref_number_bytes(hash, pref_hash64(piece.ptr, piece.len, 0), sizeof hash);
    writer->pieces = pref_store_after(writer->pieces, piece.len);
    write_bytes(writer, hash, sizeof hash);
    write_bytes(writer, piece.ptr, piece.len);
}

int pref_store_failed(const struct pref_store_writer *writer)
{
    return writer->status != PREF_OK;
}

static void write_tail(struct pref_store_writer *writer)
{
    unsigned char tail[TAIL];
    pref_number_bytes(tail, writer->list, 8);
    pref_number_bytes(tail + 8, writer->pieces, 8);
    pref_hasher_add(writer->hasher, tail, 16);
    pref_h128_bytes(pref_hasher_value(writer->hasher), tail + 16);
    memcpy(tail + 32, writer->magic, MAGIC);
    write_bytes(writer, tail, sizeof tail);
}

int pref_store_publish(struct pref_store_writer *writer, struct pref_err *err)
{
    write_tail(writer);
    if (writer->status == PREF_OK)
        writer->status = pref_sink_finish(writer->sink, &writer->err);
    if (writer->status == PREF_OK) {
        writer->status = pref_sink_publish(writer->sink, &writer->err);
        writer->sink = NULL;
    }
    int status = writer->status;
    if (status != PREF_OK)
        *err = writer->err;
    pref_store_abort(writer);
    return status;
}

void pref_store_abort(struct pref_store_writer *writer)
{
    if (writer == NULL)
        return;
    pref_sink_abort(writer->sink);
    pref_hasher_free(writer->hasher);
    free(writer);
}

/* ---- Reading --------------------------------------------------------------------------------- */

struct pref_store {
    int fd;
    const char *path;
    uint64_t list, pieces; /* bytes of them */
    uint64_t read;         /* of the list, from the file, */
    size_t at, end;        /* and what of it is in the block and was not taken */
    int status;
    struct pref_err err; /* of the first failure to take something */
    unsigned char block[BLOCK];
};

int pref_store_damaged(const struct pref_store *store, const char *what, struct pref_err *err)
{
    return pref_fail(err, "%s: damaged index: %s", store->path, what);
}

/* Read bytes that the file had when it was opened. */
static int read_bytes(const struct pref_store *store, void *out, size_t len, uint64_t at,
                      struct pref_err *err)
{
    ptrdiff_t n = pref_fd_read_at(store->fd, out, len, at);
    if (n < 0)
        return pref_fail_errno(err, errno, "%s: cannot read", store->path);
    return (size_t)n == len ? PREF_OK : pref_store_damaged(store, "it ends too early", err);
}

/* The next block of the list; nothing where there is none. */
static int read_block(struct pref_store *store, struct pref_err *err)
{
    uint64_t left = store->list - store->read;
    store->at = 0;
    store->end = left < BLOCK ? (size_t)left : BLOCK;
    int status = read_bytes(store, store->block, store->end, FRONT + store->read, err);
    store->read += store->end;
    return status;
}

/* Hash all that is hashed, a block at a time, and begin the list anew. */
static int check_hash(struct pref_store *store, const unsigned char *front,
                      const unsigned char *tail, struct pref_err *err)
{
    unsigned char hash[16];
    struct pref_hasher *hasher = pref_hasher_new(0);
    int status = hasher == NULL ? no_memory(err) : PREF_OK;
    if (status == PREF_OK)
        pref_hasher_add(hasher, front, FRONT);
    while (status == PREF_OK && store->read < store->list) {
        status = read_block(store, err);
        pref_hasher_add(hasher, store->block, store->end);
    }
    if (status == PREF_OK) {
        pref_hasher_add(hasher, tail, 16);
        pref_h128_bytes(pref_hasher_value(hasher), hash);
        if (memcmp(hash, tail + 16, sizeof hash) != 0)
            status = pref_store_damaged(store, "its checksum is not that of its bytes", err);
    }
    pref_hasher_free(hasher);
    store->read = store->at = store->end = 0;
    return status;
}

static int read_ends(struct pref_store *store, struct pref_store_kind kind, uint64_t size,
                     struct pref_err *err)
{
    unsigned char front[FRONT], tail[TAIL];
    int status = PREF_OK;
    if (size >= FRONT)
        status = read_bytes(store, front, sizeof front, 0, err);
    if (status == PREF_OK && (size < FRONT || memcmp(front, kind.magic, MAGIC) != 0))
        return pref_fail(err, "%s: not %s", store->path, kind.name);
    uint64_t version = status == PREF_OK ? pref_number_of(front + MAGIC, FRONT - MAGIC) : 0;
    if (status == PREF_OK && version != kind.version)
        return pref_fail(err, "%s: %s of version %lu, expected %lu", store->path, kind.name,
                         (unsigned long)version, (unsigned long)kind.version);
    if (status == PREF_OK && size < FRONT + TAIL)
        return pref_store_damaged(store, "it has no end", err);
    if (status == PREF_OK)
        status = read_bytes(store, tail, sizeof tail, size - TAIL, err);
    if (status != PREF_OK)
        return status;
    if (memcmp(tail + 32, kind.magic, MAGIC) != 0)
        return pref_store_damaged(store, "it has no end", err);
    uint64_t room = size - FRONT - TAIL;
    store->list = pref_number_of(tail, 8);
    store->pieces = pref_number_of(tail + 8, 8);
    if (store->list > room || store->pieces != room - store->list)
        return pref_store_damaged(store, "its parts are not as long as it is", err);
    return check_hash(store, front, tail, err);
}

int pref_store_open(const char *path, struct pref_store_kind kind, struct pref_store **store,
                    struct pref_err *err)
{
    struct stat info;
    struct pref_store *made = calloc(1, sizeof *made);
    if (made == NULL)
        return no_memory(err);
    made->path = path;
    made->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    int status = made->fd < 0 || fstat(made->fd, &info) != 0
                     ? pref_fail_errno(err, errno, "%s: cannot open", path)
                 : !S_ISREG(info.st_mode)
                     ? pref_fail(err, "%s: not a regular file, expected %s", path, kind.name)
                     : read_ends(made, kind, (uint64_t)info.st_size, err);
    if (status == PREF_OK)
        *store = made;
    else
        pref_store_close(made);
    return status;
}

void pref_store_close(struct pref_store *store)
{
    if (store == NULL)
        return;
    if (store->fd >= 0)
        close(store->fd);
    free(store);
}

void pref_store_take(struct pref_store *store, void *out, size_t len)
{
    unsigned char *to = out;
    if (store->status == PREF_OK && len > pref_store_left(store))
        store->status = pref_store_damaged(store, "its list is too short", &store->err);
    while (len > 0 && store->status == PREF_OK) {
        size_t part = store->end - store->at < len ? store->end - store->at : len;
        memcpy(to, store->block + store->at, part);
        store->at += part;
        to += part;
        len -= part;
        if (len > 0)
            store->status = read_block(store, &store->err);
    }
    memset(to, 0, len);
}

uint64_t pref_store_take_number(struct pref_store *store, unsigned size)
{
    unsigned char bytes[8];
    pref_store_take(store, bytes, size);
    return pref_number_of(bytes, size);
}

void pref_store_take_text(struct pref_store *store, struct pref_buf *out)
{
    size_t len = (size_t)pref_store_take_number(store, 4);
    pref_buf_clear(out);
    if (store->status == PREF_OK && len > pref_store_left(store))
        store->status = pref_store_damaged(store, "its list is too short", &store->err);
    if (store->status != PREF_OK)
        len = 0;
    char *to = pref_buf_reserve(out, len + PREF_PAD);
    if (to == NULL) {
        store->status = no_memory(&store->err);
        return;
    }
    pref_store_take(store, to, len);
    memset(to + len, 0, PREF_PAD);
    out->len = len;
}

int pref_store_check(const struct pref_store *store, struct pref_err *err)
{
    if (store->status != PREF_OK)
        *err = store->err;
    return store->status;
}

uint64_t pref_store_left(const struct pref_store *store)
{
    return store->list - store->read + (store->end - store->at);
}

uint64_t pref_store_end(const struct pref_store *store)
{
    return store->pieces;
}

int pref_store_read(const struct pref_store *store, uint64_t at, uint64_t end, struct pref_buf *out,
                    struct pref_err *err)
{
    unsigned char hash[8];
    uint64_t from = FRONT + store->list + at;
    if (end > store->pieces || at > end || end - at < sizeof hash)
        return pref_store_damaged(store, "a piece is not in it", err);
    size_t len = (size_t)(end - at) - sizeof hash;
    pref_buf_clear(out);
    char *to = pref_buf_reserve(out, len + PREF_PAD);
    if (to == NULL)
        return no_memory(err);
    int status = read_bytes(store, hash, sizeof hash, from, err);
    if (status == PREF_OK)
        status = read_bytes(store, to, len, from + sizeof hash, err);
    if (status != PREF_OK)
        return status;
    memset(to + len, 0, PREF_PAD);
    out->len = len;
    return pref_hash64(to, len, 0) == pref_number_of(hash, sizeof hash)
               ? PREF_OK
               : pref_store_damaged(store, "the checksum of a piece is not that of its bytes", err);
}
