/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "zstd_out.h"

#include <stdlib.h>
#include <zstd.h>

struct pref_zstd_out {
    ZSTD_CCtx *context;
};

int pref_zstd_out_level_max(void)
{
    return ZSTD_maxCLevel();
}

struct pref_zstd_out *pref_zstd_out_new(void)
{
    struct pref_zstd_out *zstd = calloc(1, sizeof *zstd);
    if (zstd == NULL)
        return NULL;
    zstd->context = ZSTD_createCCtx();
    if (zstd->context == NULL) {
        free(zstd);
        return NULL;
    }
    ZSTD_CCtx_setParameter(zstd->context, ZSTD_c_checksumFlag, 1);
    return zstd;
}

void pref_zstd_out_free(struct pref_zstd_out *zstd)
{
    if (zstd != NULL) {
        ZSTD_freeCCtx(zstd->context);
        free(zstd);
    }
}

int pref_zstd_out_frame(struct pref_zstd_out *zstd, int level, struct pref_span plain,
                        struct pref_buf *out, struct pref_err *err)
{
    size_t bound = ZSTD_compressBound(plain.len);
    if (ZSTD_isError(bound))
        return pref_fail(err, "too many bytes for one zstd frame");
    char *at = pref_buf_reserve(out, bound);
    if (at == NULL)
        return pref_fail_memory(err, "a zstd frame");
    size_t code = ZSTD_CCtx_setParameter(zstd->context, ZSTD_c_compressionLevel, level);
    if (!ZSTD_isError(code))
        code = ZSTD_compress2(zstd->context, at, bound, plain.ptr, plain.len);
    if (ZSTD_isError(code))
        return pref_fail(err, "cannot compress: %s", ZSTD_getErrorName(code));
    out->len += code;
    return 0;
}
