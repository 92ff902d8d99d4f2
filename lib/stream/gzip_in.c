/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "gzip_in.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define ZLIB_CONST
#include <zlib.h>

/* The largest window there is, and a gzip wrapper, not a zlib one. */
#define WINDOW_BITS (15 + 16)

struct gzip_in {
    struct pref_decoder base;
    z_stream stream;
};

static z_stream *of(struct pref_decoder *decoder)
{
    return &((struct gzip_in *)decoder)->stream;
}

static void gzip_free(struct pref_decoder *decoder)
{
    inflateEnd(of(decoder));
    free(decoder);
}

static void gzip_reset(struct pref_decoder *decoder)
{
    inflateReset(of(decoder));
}

static int fail_member(struct pref_decoder *decoder, int code, const char *name,
                       struct pref_err *err)
{
    uint64_t start = decoder->start;
    const char *why = of(decoder)->msg != NULL ? of(decoder)->msg : "no deflate data";
    if (code == Z_MEM_ERROR)
        return pref_fail(err, "%s: out of memory for the gzip member at byte %" PRIu64, name,
                         start);
    if (strcmp(why, "incorrect data check") == 0)
        return pref_fail(err, "%s: gzip member at byte %" PRIu64 " does not match its checksum",
                         name, start);
    if (strcmp(why, "incorrect length check") == 0)
        return pref_fail(err, "%s: gzip member at byte %" PRIu64 " does not have the length that it"
                         " says", name, start);
    return pref_fail(err, "%s: corrupt gzip member at byte %" PRIu64 ": %s", name, start, why);
}

static int gzip_step(struct pref_decoder *decoder, const char *name, struct pref_span in, char *out,
                     size_t cap, struct pref_decoded *done, struct pref_err *err)
{
    z_stream *stream = of(decoder);
    uInt given = in.len < UINT_MAX ? (uInt)in.len : UINT_MAX;
    uInt room = cap < UINT_MAX ? (uInt)cap : UINT_MAX;
    stream->next_in = (const Bytef *)in.ptr;
    stream->avail_in = given;
    stream->next_out = (Bytef *)out;
    stream->avail_out = room;
    int code = inflate(stream, Z_NO_FLUSH);
    *done = (struct pref_decoded){.used = given - stream->avail_in,
                                  .made = room - stream->avail_out,
                                  .ended = code == Z_STREAM_END};
    if (code == Z_STREAM_END)
        inflateReset(stream);
    else if (code != Z_OK && code != Z_BUF_ERROR) /* that one only says that there was nothing */
        return fail_member(decoder, code, name, err);
    return 0;
}

static const struct pref_decoder_kind gzip_kind = {
    .format = "gzip",
    .unit = "member",
    .magic = PREF_MAGIC_GZIP,
    .padded = 1,
    .step = gzip_step,
    .reset = gzip_reset,
    .free = gzip_free,
};

struct pref_decoder *pref_gzip_in_new(void)
{
    struct gzip_in *gzip = calloc(1, sizeof *gzip);
    if (gzip == NULL)
        return NULL;
    gzip->base.kind = &gzip_kind;
    if (inflateInit2(&gzip->stream, WINDOW_BITS) != Z_OK) {
        free(gzip);
        return NULL;
    }
    return &gzip->base;
}
