/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "magic.h"
#include "zstd_in.h"

#include <inttypes.h>
#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

/* libzstd's own default limit, spelt out because the manual promises it: 2^27 = 128 MiB. */
#define WINDOW_LOG_MAX 27

enum { FRAME_MAGIC = 4, FRAME_HEAD = 18 }; /* bytes: of a magic, and of the longest header */

struct pref_zstd_in {
    ZSTD_DCtx *context;
    uint64_t at;          /* raw bytes consumed of this file */
    uint64_t frame_start; /* where the present or last frame began */
    char head[FRAME_HEAD];
    size_t head_len;
    uint64_t plain;       /* what that frame has given */
    int in_frame;         /* some of a frame's bytes are consumed, not all */
    int pending;          /* the output was full: the context may hold more */
    int long_windows;
};

struct pref_zstd_in *pref_zstd_in_new(int long_windows)
{
    struct pref_zstd_in *zstd = calloc(1, sizeof *zstd);
    if (zstd == NULL)
        return NULL;
    zstd->context = ZSTD_createDCtx();
    if (zstd->context == NULL) {
        free(zstd);
        return NULL;
    }
    zstd->long_windows = long_windows;
    ZSTD_bounds bounds = ZSTD_dParam_getBounds(ZSTD_d_windowLogMax);
    ZSTD_DCtx_setParameter(zstd->context, ZSTD_d_windowLogMax,
                           long_windows ? bounds.upperBound : WINDOW_LOG_MAX);
    return zstd;
}

void pref_zstd_in_free(struct pref_zstd_in *zstd)
{
    if (zstd != NULL) {
        ZSTD_freeDCtx(zstd->context);
        free(zstd);
    }
}

void pref_zstd_in_reset(struct pref_zstd_in *zstd)
{
    ZSTD_DCtx_reset(zstd->context, ZSTD_reset_session_only);
    zstd->at = 0;
    zstd->frame_start = 0;
    zstd->in_frame = 0;
    zstd->pending = 0;
}

static int fail_frame(const struct pref_zstd_in *zstd, size_t code, const char *name,
                      struct pref_err *err)
{
    uint64_t start = zstd->frame_start;
    switch (ZSTD_getErrorCode(code)) {
    case ZSTD_error_frameParameter_windowTooLarge:
        if (zstd->long_windows)
            return pref_fail(err, "%s: zstd frame at byte %" PRIu64 " has a window larger than"
                             " this machine can hold", name, start);
        return pref_fail(err, "%s: zstd frame at byte %" PRIu64 " has a window above 128 MiB:"
                         " use --long", name, start);
    case ZSTD_error_checksum_wrong:
        return pref_fail(err, "%s: zstd frame at byte %" PRIu64 " does not match its checksum",
                         name, start);
    case ZSTD_error_dictionary_wrong:
        return pref_fail(err, "%s: zstd frame at byte %" PRIu64 " needs a dictionary, which is"
                         " not supported: decompress with 'zstd -D DICTIONARY -dc'", name, start);
    case ZSTD_error_memory_allocation:
        return pref_fail(err, "%s: out of memory for the zstd frame at byte %" PRIu64, name, start);
    default:
        return pref_fail(err, "%s: corrupt zstd frame at byte %" PRIu64 ": %s", name, start,
                         ZSTD_getErrorName(code));
    }
}

/* Between frames only another frame may begin. libzstd waits for a whole header before it looks at
 * the magic (and its builds differ in which old formats they take), so it is looked at here. */
static int check_start(struct pref_zstd_in *zstd, const char *name, struct pref_span in,
                       struct pref_err *err)
{
    if (!zstd->in_frame) {
        zstd->frame_start = zstd->at;
        zstd->plain = 0;
    }
    uint64_t done = zstd->at - zstd->frame_start;
    if (done >= FRAME_HEAD)
        return 0;
    size_t n = (size_t)done;
    for (size_t i = 0; i < in.len && n < FRAME_HEAD; i++)
        zstd->head[n++] = in.ptr[i];
    zstd->head_len = n;
    if (done >= FRAME_MAGIC || pref_magic_begins_zstd(zstd->head, n < FRAME_MAGIC ? n : FRAME_MAGIC))
        return 0;
    return pref_fail(err, "%s: garbage after a zstd frame at byte %" PRIu64
                     ", expected another frame or the end", name, zstd->frame_start);
}

/* A frame that has come to its end must have given what its header says, if that says it. libzstd
 * itself forgets to look where the last block is empty and the frame comes in pieces. */
static int check_end(const struct pref_zstd_in *zstd, const char *name, struct pref_err *err)
{
    unsigned long long said = ZSTD_getFrameContentSize(zstd->head, zstd->head_len);
    if (said == ZSTD_CONTENTSIZE_UNKNOWN || said == ZSTD_CONTENTSIZE_ERROR || said == zstd->plain)
        return 0;
    return pref_fail(err, "%s: corrupt zstd frame at byte %" PRIu64 ": it holds %" PRIu64
                     " bytes, expected %llu", name, zstd->frame_start, zstd->plain, said);
}

int pref_zstd_in_run(struct pref_zstd_in *zstd, const char *name, struct pref_span *in, char *out,
                     size_t cap, size_t *made, struct pref_err *err)
{
    ZSTD_outBuffer output = {out, cap, 0};
    *made = 0;
    while (output.pos < output.size && (in->len > 0 || zstd->pending)) {
        if (in->len > 0 && check_start(zstd, name, *in, err) != 0)
            return PREF_FAIL;
        ZSTD_inBuffer input = {in->ptr, in->len, 0};
        size_t before = output.pos;
        size_t code = ZSTD_decompressStream(zstd->context, &output, &input);
        if (ZSTD_isError(code))
            return fail_frame(zstd, code, name, err);
        if (input.pos > 0) {
            zstd->at += input.pos;
            in->ptr += input.pos;
            in->len -= input.pos;
        }
        zstd->plain += output.pos - before;
        if (code == 0 && check_end(zstd, name, err) != 0)
            return PREF_FAIL;
        zstd->in_frame = code != 0;
        zstd->pending = code != 0 && output.pos == output.size;
    }
    *made = output.pos;
    return 0;
}

int pref_zstd_in_pending(const struct pref_zstd_in *zstd)
{
    return zstd->pending;
}

int pref_zstd_in_end(const struct pref_zstd_in *zstd, const char *name, struct pref_err *err)
{
    if (!zstd->in_frame)
        return 0;
    return pref_fail(err, "%s: truncated zstd frame at byte %" PRIu64 ": the file ends at byte %"
                     PRIu64, name, zstd->frame_start, zstd->at);
}
