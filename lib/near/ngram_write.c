/* SPDX-License-Identifier: Apache-2.0 */
/* ngram_write.c - an index of n-grams as bytes (ngram_parts.h). */
#include "config.h"

#include "ngram_index.h"
#include "ngram_parts.h"
#include "lib/text/unicode.h"
#include "pref/sink.h"

#include <string.h>

#define GATHER ((size_t)64 << 10)

struct output {
    struct pref_sink *sink; /* NULL: the bytes are only hashed */
    struct pref_hasher *hasher;
    struct pref_buf gathered;
    int status;
    struct pref_err *err;
};

static void flush(struct output *out)
{
    struct pref_buf *bytes = &out->gathered;
    if (bytes->failed && out->status == PREF_OK)
        out->status = pref_fail_memory(out->err, "an index");
    if (out->status == PREF_OK)
        pref_hasher_add(out->hasher, bytes->ptr, bytes->len);
    if (out->status == PREF_OK && out->sink != NULL)
        out->status = pref_sink_write(out->sink, bytes->ptr, bytes->len, out->err);
    pref_buf_clear(bytes);
}

static void put_bytes(struct output *out, const char *bytes, size_t len)
{
    pref_buf_add(&out->gathered, bytes, len);
    if (out->gathered.len >= GATHER || out->gathered.failed)
        flush(out);
}

static void put(struct output *out, uint64_t value, unsigned size)
{
    char bytes[8];
    for (unsigned i = 0; i < size; i++)
        bytes[i] = (char)(value >> 8 * i);
    put_bytes(out, bytes, size);
}

void pref_ngram_index_unicode(char out[PARTS_UNICODE])
{
    size_t len = strlen(pref_unicode_version());
    memset(out, 0, PARTS_UNICODE);
    memcpy(out, pref_unicode_version(), len < PARTS_UNICODE ? len : PARTS_UNICODE);
}

static void put_head(struct output *out, const struct pref_ngram_index *index)
{
    char unicode[PARTS_UNICODE];
    pref_ngram_index_unicode(unicode);
    put_bytes(out, PARTS_MAGIC, 8);
    put(out, PARTS_VERSION, 4);
    put(out, index->n, 4);
    put(out, index->first_turn, 4);
    put_bytes(out, unicode, PARTS_UNICODE);
    put(out, index->benchmarks, 8);
    put(out, index->items, 8);
    put(out, index->ngrams.count, 8);
    put(out, index->first[index->ngrams.count], 8);
    put(out, index->leads.count, 8);
    put(out, index->texts.len, 8);
}

static void put_index(struct output *out, const struct pref_ngram_index *index)
{
    const uint32_t ngrams = index->ngrams.count, places = index->first[ngrams];
    put_head(out, index);
    for (uint32_t i = 0; i < index->benchmarks; i++) {
        put(out, index->benchmark[i].name, 8);
        put(out, index->benchmark[i].name_len, 4);
        put(out, index->benchmark[i].skipped, 4);
    }
    for (uint32_t i = 0; i < index->items; i++) {
        put(out, index->item[i].id, 8);
        put(out, index->item[i].id_len, 4);
        put(out, index->item[i].benchmark, 4);
        put(out, index->item[i].words, 4);
    }
    for (uint32_t i = 0; i < ngrams; i++)
        put(out, index->ngrams.hash[i], 8);
    for (uint32_t i = 0; i <= ngrams; i++)
        put(out, index->first[i], 4);
    for (uint32_t i = 0; i < places; i++) {
        put(out, index->place[i].item, 4);
        put(out, index->place[i].word, 4);
    }
    for (uint32_t i = 0; i < index->leads.count; i++)
        put(out, index->leads.hash[i], 8);
    for (uint32_t i = 0; i < index->leads.count; i++)
        put(out, index->lengths[i], 8);
    put_bytes(out, index->texts.ptr, index->texts.len);
    flush(out);
}

/* Put all but the hash, which is left in *hash. */
static int write_to(struct pref_sink *sink, const struct pref_ngram_index *index,
                    struct pref_h128 *hash, struct pref_err *err)
{
    struct output out = {.sink = sink, .hasher = pref_hasher_new(0), .err = err};
    if (out.hasher == NULL)
        return pref_fail_memory(err, "an index");
    put_index(&out, index);
    *hash = pref_hasher_value(out.hasher);
    pref_hasher_free(out.hasher);
    pref_buf_release(&out.gathered);
    return out.status;
}

int pref_ngram_index_hash(const struct pref_ngram_index *index, struct pref_h128 *hash,
                          struct pref_err *err)
{
    return write_to(NULL, index, hash, err);
}

int pref_ngram_index_write(const struct pref_ngram_index *index, const char *path,
                           struct pref_err *err)
{
    struct pref_sink_config config = {
        .name = path, .flags = PREF_SINK_ATOMIC | PREF_SINK_PLAIN, .stop_fd = -1};
    struct pref_sink *sink;
    struct pref_h128 hash;
    unsigned char image[16];
    int status = pref_sink_open(&sink, &config, err);
    if (status != PREF_OK)
        return status;
    status = write_to(sink, index, &hash, err);
    pref_h128_bytes(hash, image);
    if (status == PREF_OK)
        status = pref_sink_write(sink, (const char *)image, sizeof image, err);
    if (status == PREF_OK)
        status = pref_sink_finish(sink, err);
    if (status == PREF_OK)
        return pref_sink_publish(sink, err);
    pref_sink_abort(sink);
    return status;
}

