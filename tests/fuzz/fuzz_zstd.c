/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

/*
 * Any bytes through the zstd reader, twice: whole, and in small pieces with a small output. Both
 * must come to the same end with the same bytes (before an error one may give less).
 */

#include "buf.h"
#include "magic.h"
#include "zstd_in.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Few bytes can decompress to very many. */
#define PLAIN_MAX ((size_t)1 << 20)

static void require(int holds)
{
    if (!holds)
        abort();
}

/* Returns the status, or -1 where the output became too long. */
static int unpack(const char *bytes, size_t size, size_t step, size_t cap, struct pref_buf *out)
{
    struct pref_zstd_in *zstd = pref_zstd_in_new(0);
    require(zstd != NULL);
    int status = 0;
    struct pref_err err = {{0}};
    for (size_t at = 0; status == 0 && at < size; at += step) {
        struct pref_span in = {bytes + at, size - at < step ? size - at : step};
        while (status == 0 && (in.len > 0 || pref_zstd_in_pending(zstd))) {
            size_t made;
            char *to = pref_buf_reserve(out, cap);
            require(to != NULL);
            status = pref_zstd_in_run(zstd, "x", &in, to, cap, &made, &err);
            require(made <= cap);
            out->len += made;
            if (out->len > PLAIN_MAX)
                status = -1;
        }
    }
    if (status == 0)
        status = pref_zstd_in_end(zstd, "x", &err);
    require(status <= 0 || strncmp(err.text, "x: ", 3) == 0);
    pref_zstd_in_free(zstd);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data;
    if (size == 0)
        return 0;
    require(pref_magic_tell(bytes, size) != PREF_MAGIC_MORE || size < PREF_MAGIC_MAX);
    struct pref_buf whole = {0}, pieces = {0};
    int first = unpack(bytes, size, size, 65536, &whole);
    int second = unpack(bytes, size, 1 + data[size - 1] % 16, 1 + data[size / 2], &pieces);
    size_t common = whole.len < pieces.len ? whole.len : pieces.len;
    require(common == 0 || memcmp(whole.ptr, pieces.ptr, common) == 0);
    if (first >= 0 && second >= 0) {
        require(first == second);
        require(first != 0 || whole.len == pieces.len);
    }
    pref_buf_release(&whole);
    pref_buf_release(&pieces);
    return 0;
}
