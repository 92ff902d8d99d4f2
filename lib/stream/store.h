/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store.h - a file of a list, which is read once from its front, and of pieces behind it, which are
 * read in any order: for indexes that are made once and used by many runs, most of which need few
 * of the pieces. Nothing of it lies in memory but a block.
 *
 *   magic (8), version (4)
 *   list
 *   pieces: XXH3-64 (8), bytes
 *   bytes of the list (8), bytes of all pieces (8), XXH3-128 of all this but the pieces: low (8),
 *   high (8), magic (8)
 *
 * Numbers are least significant byte first. The bytes of a file may be anything: nothing is given
 * out of which the hash is not right, and what that means is for the caller to doubt. Serial.
 */
#ifndef PREF_STORE_H
#define PREF_STORE_H

#include "pref/buf.h"

/* What a file holds: the same 8 bytes at both ends, what sentences call it, and which version of
 * its contents this is. */
struct pref_store_kind {
    const char *magic, *name;
    uint32_t version;
};

/* A number of `size` bytes, at most 8, least significant first. */
static inline void pref_number_bytes(unsigned char *out, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size && i < sizeof value; i++)
        out[i] = (unsigned char)(value >> 8 * i);
}

static inline uint64_t pref_number_of(const unsigned char *bytes, unsigned size)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < size; i++)
        value |= (uint64_t)bytes[i] << 8 * i;
    return value;
}

/* ---- Writing ------------------------------------------------------------------------------------
 *
 * The first failure is final: what is added later is left out, and publish tells it. */

struct pref_store_writer;

/* Begin a file that appears under its name when it is whole. */
int pref_store_create(const char *path, struct pref_store_kind kind,
                      struct pref_store_writer **writer, struct pref_err *err);

/* Append to the list. */
void pref_store_add(struct pref_store_writer *writer, const void *bytes, size_t len);
void pref_store_add_number(struct pref_store_writer *writer, uint64_t value, unsigned size);
/* A text, its length first. */
void pref_store_add_text(struct pref_store_writer *writer, struct pref_span text);

/* Append a piece; after the first, nothing may be added to the list. */
void pref_store_add_piece(struct pref_store_writer *writer, struct pref_span piece);

/* Whether something went wrong: whoever has much to add asks. */
int pref_store_failed(const struct pref_store_writer *writer);

/* Give the file its name. The writer is freed, whatever becomes of it. */
int pref_store_publish(struct pref_store_writer *writer, struct pref_err *err);

/* Leave no file. NULL is allowed. */
void pref_store_abort(struct pref_store_writer *writer);

/* ---- Reading --------------------------------------------------------------------------------- */

struct pref_store;

/* Open a file, and see that it is whole and its list as it was written. Sentences name the file,
 * here and below. The path must outlive the store. */
int pref_store_open(const char *path, struct pref_store_kind kind, struct pref_store **store,
                    struct pref_err *err);
void pref_store_close(struct pref_store *store); /* NULL is allowed */

/* The next bytes of the list, a number of so many bytes, or a text in place of what `out` held,
 * with PREF_PAD bytes behind it. Where there are none, zeros, or nothing; pref_store_check tells
 * that later. */
void pref_store_take(struct pref_store *store, void *out, size_t len);
uint64_t pref_store_take_number(struct pref_store *store, unsigned size);
void pref_store_take_text(struct pref_store *store, struct pref_buf *out);
int pref_store_check(const struct pref_store *store, struct pref_err *err);

/* Bytes of the list that were not taken yet. */
uint64_t pref_store_left(const struct pref_store *store);

/* Where the piece stands behind the one of `len` bytes that stands at `at`; the first is at 0. */
static inline uint64_t pref_store_after(uint64_t at, size_t len)
{
    return at + sizeof(uint64_t) + len;
}

/* Where the last piece ends. */
uint64_t pref_store_end(const struct pref_store *store);

/* Read the piece that stands from `at` to `end`, in place of what `out` held, PREF_PAD bytes behind
 * it. */
int pref_store_read(const struct pref_store *store, uint64_t at, uint64_t end, struct pref_buf *out,
                    struct pref_err *err);

/* The sentence for a file whose hashes are right and whose contents are not. Returns PREF_FAIL. */
int pref_store_damaged(const struct pref_store *store, const char *what, struct pref_err *err);

#endif
