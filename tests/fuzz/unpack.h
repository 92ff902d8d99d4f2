/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unpack.h - any bytes through a decoder, twice: whole, and in small pieces with a small output.
 * Both must come to the same end with the same bytes, also where that is an error: what is good
 * before it must not depend on how the bytes came. What the fuzz targets of decoders share.
 */
#ifndef PREF_FUZZ_UNPACK_H
#define PREF_FUZZ_UNPACK_H

#include "lib/stream/decoder.h"
#include "pref/buf.h"

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

/* Takes the decoder. Returns the status, or -1 where the output became too long. */
static int unpack(struct pref_decoder *decoder, const char *bytes, size_t size, size_t step,
                  size_t cap, struct pref_buf *out)
{
    require(decoder != NULL);
    int status = 0;
    struct pref_err err = {{0}};
    for (size_t at = 0; status == 0 && at < size; at += step) {
        struct pref_span in = {bytes + at, size - at < step ? size - at : step};
        while (status == 0 && (in.len > 0 || decoder->pending)) {
            size_t made;
            char *to = pref_buf_reserve(out, cap);
            require(to != NULL);
            status = pref_decoder_run(decoder, "x", &in, to, cap, &made, &err);
            require(made <= cap);
            out->len += made;
            if (out->len > PLAIN_MAX)
                status = -1;
        }
    }
    if (status == 0)
        status = pref_decoder_end(decoder, "x", &err);
    require(status <= 0 || strncmp(err.text, "x: ", 3) == 0);
    pref_decoder_free(decoder);
    return status;
}

static void unpack_twice(struct pref_decoder *(*make)(void), const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data;
    struct pref_buf whole = {0}, pieces = {0};
    int first = unpack(make(), bytes, size, size, 65536, &whole);
    int second = unpack(make(), bytes, size, 1 + data[size - 1] % 16, 1 + data[size / 2], &pieces);
    size_t common = whole.len < pieces.len ? whole.len : pieces.len;
    require(common == 0 || memcmp(whole.ptr, pieces.ptr, common) == 0);
    if (first >= 0 && second >= 0) {
        require(first == second);
        require(whole.len == pieces.len);
    }
    pref_buf_release(&whole);
    pref_buf_release(&pieces);
}

#endif
