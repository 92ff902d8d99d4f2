/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "zstd_in.h"

#include <inttypes.h>
#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

/* libzstd's own default limit, spelt out because the manual promises it: 2^27 = 128 MiB. */
#define WINDOW_LOG_MAX 27

enum {
    FRAME_BEGIN = 5, /* bytes that tell how long a frame's header is */
    BLOCK_BEGIN = 3  /* bytes of a block's header */
};

struct zstd_in {
    struct pref_decoder base;
    ZSTD_DCtx *context;
    size_t hint; /* bytes up to the end of the present block, and the header of the next */
    int long_windows;
};

static struct zstd_in *of(struct pref_decoder *decoder)
{
    return (struct zstd_in *)decoder;
}

static void zstd_free(struct pref_decoder *decoder)
{
    ZSTD_freeDCtx(of(decoder)->context);
    free(decoder);
}

static void zstd_reset(struct pref_decoder *decoder)
{
    ZSTD_DCtx_reset(of(decoder)->context, ZSTD_reset_session_only);
    of(decoder)->hint = FRAME_BEGIN;
}

static int fail_frame(struct pref_decoder *decoder, size_t code, const char *name,
                      struct pref_err *err)
{
    uint64_t start = decoder->start;
    switch (ZSTD_getErrorCode(code)) {
    case ZSTD_error_frameParameter_windowTooLarge:
        if (of(decoder)->long_windows)
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

/* A frame that has come to its end must have given what its header says, if that says it. libzstd
 * itself forgets to look where the last block is empty and the frame comes in pieces. */
static int check_size(const struct pref_decoder *decoder, uint64_t plain, const char *name,
                      struct pref_err *err)
{
    unsigned long long said = ZSTD_getFrameContentSize(decoder->head, decoder->head_len);
    if (said == ZSTD_CONTENTSIZE_UNKNOWN || said == ZSTD_CONTENTSIZE_ERROR || said == plain)
        return 0;
    return pref_fail(err, "%s: corrupt zstd frame at byte %" PRIu64 ": it holds %" PRIu64
                     " bytes, expected %llu", name, decoder->start, plain, said);
}

/* A call that fails gives none of the bytes that it decoded before. So that all of what is good is
 * given, wherever the pieces of input end, a call is given no more than a block, and none at all
 * while the one before has bytes left to give. */
static int zstd_step(struct pref_decoder *decoder, const char *name, struct pref_span in, char *out,
                     size_t cap, struct pref_decoded *done, struct pref_err *err)
{
    struct zstd_in *zstd = of(decoder);
    size_t most = zstd->hint > BLOCK_BEGIN ? zstd->hint - BLOCK_BEGIN : 1;
    ZSTD_inBuffer input = {in.ptr, decoder->pending ? 0 : in.len < most ? in.len : most, 0};
    ZSTD_outBuffer output = {out, cap, 0};
    size_t code = ZSTD_decompressStream(zstd->context, &output, &input);
    if (ZSTD_isError(code))
        return fail_frame(decoder, code, name, err);
    zstd->hint = code == 0 ? FRAME_BEGIN : code;
    *done = (struct pref_decoded){.used = input.pos, .made = output.pos, .ended = code == 0};
    return code == 0 ? check_size(decoder, decoder->plain + output.pos, name, err) : 0;
}

static const struct pref_decoder_kind zstd_kind = {
    .format = "zstd",
    .unit = "frame",
    .magic = PREF_MAGIC_ZSTD,
    .step = zstd_step,
    .reset = zstd_reset,
    .free = zstd_free,
};

struct pref_decoder *pref_zstd_in_new(int long_windows)
{
    struct zstd_in *zstd = calloc(1, sizeof *zstd);
    if (zstd == NULL)
        return NULL;
    zstd->base.kind = &zstd_kind;
    zstd->context = ZSTD_createDCtx();
    if (zstd->context == NULL) {
        free(zstd);
        return NULL;
    }
    zstd->hint = FRAME_BEGIN;
    zstd->long_windows = long_windows;
    ZSTD_bounds bounds = ZSTD_dParam_getBounds(ZSTD_d_windowLogMax);
    ZSTD_DCtx_setParameter(zstd->context, ZSTD_d_windowLogMax,
                           long_windows ? bounds.upperBound : WINDOW_LOG_MAX);
    return &zstd->base;
}

/* ---- Whole frames ---------------------------------------------------------------------------- */

/* Whether a frame's window is one that the decoder refuses, though its content may be small. */
static int has_wide_window(struct pref_span bytes)
{
    enum { DESCRIPTOR = 4, SINGLE_SEGMENT = 0x20, WINDOW_LOG_MIN = 10 };
    int is_single = bytes.ptr[DESCRIPTOR] & SINGLE_SEGMENT; /* the window is the content */
    int log = ((unsigned char)bytes.ptr[DESCRIPTOR + 1] >> 3) + WINDOW_LOG_MIN;
    return !is_single && log >= WINDOW_LOG_MAX;
}

enum pref_zstd_sight pref_zstd_look(struct pref_span bytes, size_t limit, size_t *packed,
                                    size_t *plain)
{
    size_t n = bytes.len < PREF_DECODER_MAGIC ? bytes.len : PREF_DECODER_MAGIC;
    if (!pref_magic_begins(PREF_MAGIC_ZSTD, bytes.ptr, n))
        return PREF_ZSTD_STREAM;
    if (bytes.len < PREF_DECODER_HEAD)
        return PREF_ZSTD_MORE;
    unsigned long long said = ZSTD_getFrameContentSize(bytes.ptr, bytes.len);
    if (said == ZSTD_CONTENTSIZE_UNKNOWN || said == ZSTD_CONTENTSIZE_ERROR || said > limit)
        return PREF_ZSTD_STREAM;
    int is_skippable = (bytes.ptr[0] & 0xF0) == 0x50;
    if (!is_skippable && has_wide_window(bytes))
        return PREF_ZSTD_STREAM;
    *plain = (size_t)said;
    *packed = ZSTD_findFrameCompressedSize(bytes.ptr, bytes.len);
    if (!ZSTD_isError(*packed))
        return PREF_ZSTD_WHOLE;
    int is_cut = ZSTD_getErrorCode(*packed) == ZSTD_error_srcSize_wrong;
    return is_cut && bytes.len < ZSTD_compressBound(limit) ? PREF_ZSTD_MORE : PREF_ZSTD_STREAM;
}

struct pref_zstd_whole {
    ZSTD_DCtx *context;
};

struct pref_zstd_whole *pref_zstd_whole_new(void)
{
    struct pref_zstd_whole *zstd = calloc(1, sizeof *zstd);
    if (zstd == NULL)
        return NULL;
    zstd->context = ZSTD_createDCtx();
    if (zstd->context == NULL) {
        free(zstd);
        return NULL;
    }
    return zstd;
}

void pref_zstd_whole_free(struct pref_zstd_whole *zstd)
{
    if (zstd != NULL) {
        ZSTD_freeDCtx(zstd->context);
        free(zstd);
    }
}

int pref_zstd_whole_run(struct pref_zstd_whole *zstd, struct pref_span packed, char *out,
                        size_t plain)
{
    size_t made = ZSTD_decompressDCtx(zstd->context, out, plain, packed.ptr, packed.len);
    return made == plain ? PREF_OK : PREF_FAIL;
}
