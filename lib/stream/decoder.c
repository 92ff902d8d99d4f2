/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "decoder.h"

#include <inttypes.h>

void pref_decoder_reset(struct pref_decoder *decoder, uint64_t at)
{
    decoder->kind->reset(decoder);
    decoder->at = at;
    decoder->start = at;
    decoder->in_unit = 0;
    decoder->pending = 0;
    decoder->padding = 0;
}

void pref_decoder_free(struct pref_decoder *decoder)
{
    if (decoder != NULL)
        decoder->kind->free(decoder);
}

static void consume(struct pref_decoder *decoder, struct pref_span *in, size_t n)
{
    if (n > 0) { /* an empty span may have no address to add to */
        decoder->at += n;
        in->ptr += n;
        in->len -= n;
    }
}

/* Zero bytes behind the last unit, where the kind allows them. */
static void skip_padding(struct pref_decoder *decoder, struct pref_span *in)
{
    size_t n = 0;
    if (!decoder->kind->padded || decoder->at == 0)
        return;
    while (n < in->len && in->ptr[n] == '\0')
        n++;
    decoder->padding |= n > 0;
    consume(decoder, in, n);
}

/* Keep the head of a unit. Between units only another one may begin. A library may wait for a whole
 * header before it looks at the magic, or take formats that the manual does not name: so it is
 * looked at here. */
static int take_head(struct pref_decoder *decoder, const char *name, struct pref_span in,
                       struct pref_err *err)
{
    uint64_t done = decoder->at - decoder->start;
    if (done >= PREF_DECODER_HEAD)
        return 0;
    size_t n = (size_t)done;
    for (size_t i = 0; i < in.len && n < PREF_DECODER_HEAD; i++)
        decoder->head[n++] = in.ptr[i];
    decoder->head_len = n;
    if (done >= PREF_DECODER_MAGIC)
        return 0;
    n = n < PREF_DECODER_MAGIC ? n : PREF_DECODER_MAGIC;
    if (!decoder->padding && pref_magic_begins(decoder->kind->magic, decoder->head, n))
        return 0;
    const struct pref_decoder_kind *kind = decoder->kind;
    return pref_fail(err,
                     "%s: garbage after a %s %s at byte %" PRIu64
                     ", expected another %s or the end",
                     name, kind->format, kind->unit, decoder->start, kind->unit);
}

int pref_decoder_run(struct pref_decoder *decoder, const char *name, struct pref_span *in,
                     char *out, size_t cap, size_t *made, struct pref_err *err)
{
    *made = 0;
    while (*made < cap && (in->len > 0 || decoder->pending)) {
        if (!decoder->in_unit) {
            skip_padding(decoder, in);
            decoder->start = decoder->at;
            decoder->plain = 0;
            if (in->len == 0)
                break;
        }
        if (in->len > 0 && take_head(decoder, name, *in, err) != 0)
            return PREF_FAIL;
        struct pref_decoded done = {0};
        int status = decoder->kind->step(decoder, name, *in, out + *made, cap - *made, &done, err);
        *made += done.made;
        if (status != 0)
            return status;
        consume(decoder, in, done.used);
        decoder->plain += done.made;
        decoder->in_unit = !done.ended;
        decoder->pending = !done.ended && *made == cap;
    }
    return 0;
}

int pref_decoder_end(const struct pref_decoder *decoder, const char *name, struct pref_err *err)
{
    if (!decoder->in_unit)
        return 0;
    return pref_fail(err, "%s: truncated %s %s at byte %" PRIu64 ": the file ends at byte %" PRIu64,
                     name, decoder->kind->format, decoder->kind->unit, decoder->start, decoder->at);
}
