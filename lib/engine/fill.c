/* SPDX-License-Identifier: Apache-2.0 */
/* fill.c - the input is cut into batches of whole lines. */
#include "config.h"

#include "engine.h"

#include <string.h>

#define ROOM_FOR_LF_AND_PAD (1 + PREF_PAD)

static char *find_last_lf(char *from, char *to)
{
    while (to > from)
        if (*--to == '\n')
            return to;
    return NULL;
}

/* Begin a block with what was carried over, in room for at least `size` bytes. */
static int begin_block(struct engine *engine, struct batch *batch, size_t size,
                       struct pref_err *err)
{
    struct pref_buf *block = &batch->block;
    struct pref_buf *carry = &engine->carry;
    if (size < carry->len + carry->len / 2)
        size = carry->len + carry->len / 2;
    pref_buf_clear(block);
    batch->at = pref_source_given(engine->now.source) - carry->len;
    if (pref_buf_reserve(block, size + ROOM_FOR_LF_AND_PAD) == NULL)
        return pref_fail_memory(err, "a block of input");
    pref_buf_add_span(block, pref_buf_span(carry));
    if (carry->cap > 4 * engine->block_size)
        pref_buf_release(carry);
    pref_buf_clear(carry);
    return PREF_OK;
}

/* The scanner looks at what is behind the last line, and decides nothing by it: let it be the same
 * in every run. */
static void end_block(struct pref_buf *block)
{
    memset(block->ptr + block->len, 0, PREF_PAD);
}

/* Keep the bytes from `cut` on for the next block. */
static int carry_from(struct engine *engine, struct batch *batch, size_t cut, struct pref_err *err)
{
    pref_buf_add(&engine->carry, batch->block.ptr + cut, batch->block.len - cut);
    batch->block.len = cut;
    end_block(&batch->block);
    return engine->carry.failed ? pref_fail_memory(err, "a block of input") : PREF_OK;
}

/* Read what there is room for. With `wait`, at least a byte or the end of the file. */
static int read_some(struct engine *engine, struct pref_buf *block, int wait, size_t *got,
                     struct pref_err *err)
{
    size_t room = block->cap - ROOM_FOR_LF_AND_PAD - block->len;
    int status = pref_source_read(engine->now.source, block->ptr + block->len, room, wait, got,
                                  &engine->drained, err);
    block->len += *got;
    return status;
}

/* The file is at its end and all of it is in the block: its last line gets the LF it may lack. */
static void end_file(struct engine *engine, struct pref_buf *block)
{
    if (block->len > 0 && block->ptr[block->len - 1] != '\n')
        block->ptr[block->len++] = '\n';
    end_block(block);
    engine->between = 1;
    engine->drained = 0;
}

/* Fill with whole lines: until the block is full or nothing more is to be had without waiting, but
 * wait for one line. A line that outgrows --max-line becomes a batch of its own, in parts. Where
 * the input breaks off, the whole lines before that still go through; the error comes next time. */
static int fill_lines(struct engine *engine, struct batch *batch, struct pref_err *err)
{
    struct pref_buf *block = &batch->block;
    char *last = find_last_lf(block->ptr, block->ptr + block->len);
    size_t lf = last == NULL ? 0 : (size_t)(last - block->ptr) + 1;
    while (!engine->drained) {
        if (block->cap - block->len == ROOM_FOR_LF_AND_PAD) {
            if (lf > 0 || block->len > engine->config->max_line)
                break;
            if (pref_buf_reserve(block, block->len / 2 + ROOM_FOR_LF_AND_PAD) == NULL)
                return pref_fail_memory(err, "a long line");
        }
        size_t got = 0, from = block->len;
        int status = read_some(engine, block, lf == 0, &got, err);
        if (status == PREF_FAIL && lf > 0) {
            engine->broken_off = 1;
            engine->broken_err = *err;
            break;
        }
        if (status != PREF_OK)
            return status;
        last = find_last_lf(block->ptr + from, block->ptr + block->len);
        if (last != NULL)
            lf = (size_t)(last - block->ptr) + 1;
        if (got == 0)
            break;
    }
    if (engine->drained) {
        end_file(engine, block);
        return PREF_OK;
    }
    if (lf > 0)
        return carry_from(engine, batch, lf, err);
    batch->overlong = OVERLONG_PART | OVERLONG_FIRST;
    engine->in_overlong = 1;
    return PREF_OK;
}

/* One more part of a line that is too long: up to its LF, or all there is. */
static int fill_overlong(struct engine *engine, struct batch *batch, struct pref_err *err)
{
    struct pref_buf *block = &batch->block;
    batch->overlong = OVERLONG_PART;
    if (block->len == 0 && !engine->drained) {
        size_t got = 0;
        int status = read_some(engine, block, 1, &got, err);
        if (status != PREF_OK)
            return status;
    }
    char *lf = block->len == 0 ? NULL : memchr(block->ptr, '\n', block->len);
    if (lf != NULL) {
        int status = carry_from(engine, batch, (size_t)(lf - block->ptr) + 1, err);
        if (status != PREF_OK)
            return status;
    }
    if (lf != NULL || engine->drained) {
        batch->overlong |= OVERLONG_LAST;
        engine->in_overlong = 0;
    }
    if (engine->drained && engine->carry.len == 0)
        end_file(engine, block);
    return PREF_OK;
}

int batch_fill(struct engine *engine, struct batch *batch, int *filled, struct pref_err *err)
{
    *filled = 0;
    if (engine->broken_off) {
        *err = engine->broken_err;
        return PREF_FAIL;
    }
    if (engine->between) {
        int more = 0;
        int status = pref_source_next(engine->now.source, &more, err);
        if (status != PREF_OK || !more)
            return status;
        engine->between = 0;
        engine->fresh = 1;
    }
    batch->first = engine->fresh;
    engine->fresh = 0;
    batch->file = pref_source_index(engine->now.source);
    batch->overlong = 0;
    int status = begin_block(engine, batch, engine->block_size, err);
    if (status != PREF_OK)
        return status;
    *filled = 1;
    return engine->in_overlong ? fill_overlong(engine, batch, err)
                               : fill_lines(engine, batch, err);
}
