/* SPDX-License-Identifier: Apache-2.0 */
/* batch.c - the memory of a batch: rows, notes, texts. */
#include "config.h"

#include "engine.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_SIZE 16384 /* bytes that batch_room takes from the system at once */

void *batch_note(const struct engine *engine, const struct batch *batch, size_t row)
{
    return batch->notes == NULL ? NULL : batch->notes + row * engine->filter->note_size;
}

/* Room for one more row and its note. */
struct row *batch_add_row(struct engine *engine, struct batch *batch)
{
    size_t note = engine->filter->note_size;
    if (batch->count == batch->cap) {
        size_t cap = batch->cap == 0 ? 256 : batch->cap * 2;
        struct row *rows = realloc(batch->rows, cap * sizeof *rows);
        if (rows == NULL)
            return NULL;
        batch->rows = rows;
        if (note > 0) {
            char *notes = realloc(batch->notes, cap * note);
            if (notes == NULL)
                return NULL;
            batch->notes = notes;
        }
        batch->cap = cap;
    }
    struct row *row = &batch->rows[batch->count];
    *row = (struct row){0};
    if (note > 0)
        memset(batch->notes + batch->count * note, 0, note);
    batch->count++;
    return row;
}

/* A chunk with room for `size` bytes, in no list. */
static struct chunk *take_chunk(struct batch *batch, size_t size)
{
    struct chunk *chunk = batch->spare;
    if (chunk != NULL && size <= chunk->size) {
        batch->spare = chunk->next;
        return chunk;
    }
    size_t room = size > CHUNK_SIZE ? size : CHUNK_SIZE;
    chunk = malloc(sizeof *chunk + room);
    if (chunk != NULL)
        chunk->size = room;
    return chunk;
}

void *batch_room(struct batch *batch, size_t size)
{
    const size_t unit = sizeof(max_align_t);
    if (size > SIZE_MAX / 2)
        return NULL;
    size = (size + unit - 1) / unit * unit;
    struct chunk *chunk = batch->chunks;
    if (chunk == NULL || chunk->size - chunk->used < size) {
        chunk = take_chunk(batch, size);
        if (chunk == NULL)
            return NULL;
        chunk->used = 0;
        chunk->next = batch->chunks;
        batch->chunks = chunk;
    }
    void *at = (char *)chunk->bytes + chunk->used;
    chunk->used += size;
    return at;
}

void *batch_alloc(struct batch *batch, size_t size)
{
    void *memory = batch_room(batch, size);
    return memory == NULL ? NULL : memset(memory, 0, size);
}

static void free_chunks(struct chunk *chunk)
{
    while (chunk != NULL) {
        struct chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
}

/* Chunks of the usual size are kept for the records to come, up to so many bytes of them. */
static void empty_chunks(struct batch *batch, size_t keep)
{
    struct chunk **last = &batch->spare;
    for (; *last != NULL; last = &(*last)->next)
        keep -= keep < CHUNK_SIZE ? keep : CHUNK_SIZE;
    for (struct chunk *chunk = batch->chunks, *next; chunk != NULL; chunk = next) {
        next = chunk->next;
        chunk->next = NULL;
        if (chunk->size > CHUNK_SIZE || keep < CHUNK_SIZE) {
            free(chunk);
        } else {
            keep -= CHUNK_SIZE;
            *last = chunk;
            last = &chunk->next;
        }
    }
    batch->chunks = NULL;
}

void batch_release(struct batch *batch)
{
    free_chunks(batch->chunks);
    free_chunks(batch->spare);
    pref_buf_release(&batch->block);
    pref_buf_release(&batch->text);
    pref_buf_release(&batch->why);
    free(batch->rows);
    free(batch->notes);
    *batch = (struct batch){0};
}

static void empty_buf(struct pref_buf *buf, size_t keep)
{
    if (buf->cap > keep)
        pref_buf_release(buf);
    pref_buf_clear(buf);
}

void batch_next_part(struct batch *batch, size_t keep)
{
    empty_chunks(batch, keep);
    empty_buf(&batch->text, keep);
    empty_buf(&batch->why, keep);
    batch->first = 0;
    batch->count = 0;
    batch->lines = 0;
    batch->blank = 0;
    batch->suspended = 0;
    batch->asked = 0;
}

void batch_empty(struct batch *batch, size_t keep)
{
    batch_next_part(batch, keep);
    empty_buf(&batch->block, keep);
    batch->mapped = 0;
}
