/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "press.h"
#include "zstd_out.h"

#include <stdlib.h>

/* A buffer that one long record made large is not kept. */
#define KEEP_MAX ((size_t)8 << 20)

struct frame {
    void *owner;
    int level;
    int status;
    struct pref_err failure;
    struct pref_buf plain, packed;
    struct pref_zstd_out *zstd; /* made at need */
};

struct pref_press {
    struct pref_crew *crew;
    struct frame *frames; /* one for each of the crew's jobs */
    size_t count;
};

static void compress(void *user, size_t job)
{
    struct pref_press *press = user;
    struct frame *frame = &press->frames[job];
    pref_buf_clear(&frame->packed);
    if (frame->zstd == NULL)
        frame->zstd = pref_zstd_out_new();
    if (frame->zstd == NULL)
        frame->status = pref_fail_memory(&frame->failure, "a compressor");
    else
        frame->status = pref_zstd_out_frame(frame->zstd, frame->level,
                                            pref_buf_span(&frame->plain), &frame->packed,
                                            &frame->failure);
}

int pref_press_new(struct pref_press **press, size_t frames, struct pref_err *err)
{
    *press = NULL;
    struct pref_press *made = calloc(1, sizeof *made);
    if (made == NULL)
        return pref_fail_memory(err, "a compressor");
    made->count = frames;
    made->frames = calloc(frames, sizeof *made->frames);
    int status = made->frames == NULL
                     ? pref_fail_memory(err, "a compressor")
                     : pref_crew_new(&made->crew, frames, compress, made, err);
    if (status != 0) {
        pref_press_free(made);
        return status;
    }
    *press = made;
    return 0;
}

void pref_press_free(struct pref_press *press)
{
    if (press == NULL)
        return;
    for (size_t i = 0; press->frames != NULL && i < press->count; i++) {
        pref_buf_release(&press->frames[i].plain);
        pref_buf_release(&press->frames[i].packed);
        pref_zstd_out_free(press->frames[i].zstd);
    }
    pref_crew_free(press->crew);
    free(press->frames);
    free(press);
}

struct pref_crew *pref_press_crew(const struct pref_press *press)
{
    return press->crew;
}

int pref_press_full(const struct pref_press *press)
{
    return pref_crew_full(press->crew);
}

void pref_press_put(struct pref_press *press, void *owner, int level, struct pref_buf *plain)
{
    struct frame *frame = &press->frames[pref_crew_next(press->crew)];
    struct pref_buf empty = frame->plain;
    frame->plain = *plain;
    *plain = empty;
    frame->owner = owner;
    frame->level = level;
    pref_crew_put(press->crew);
}

int pref_press_ready(const struct pref_press *press)
{
    return pref_crew_ready(press->crew);
}

int pref_press_oldest(struct pref_press *press, void **owner, struct pref_span *frame,
                      struct pref_err *err)
{
    struct frame *oldest = &press->frames[pref_crew_oldest(press->crew)];
    *owner = oldest->owner;
    *frame = pref_buf_span(&oldest->packed);
    if (oldest->status != 0 && err != NULL)
        *err = oldest->failure;
    return oldest->status;
}

static void recycle(struct pref_buf *buf)
{
    if (buf->failed || buf->cap > KEEP_MAX)
        pref_buf_release(buf);
    pref_buf_clear(buf);
}

void pref_press_drop(struct pref_press *press)
{
    struct frame *oldest = &press->frames[pref_crew_oldest(press->crew)];
    recycle(&oldest->plain);
    recycle(&oldest->packed);
    pref_crew_drop(press->crew);
}
