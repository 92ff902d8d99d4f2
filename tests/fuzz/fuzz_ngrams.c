/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of indexes of n-grams, given any bytes. The version of Unicode is put right, so that a
 * corpus serves every build, and so is the checksum, so that what it would stop is reached too.
 * What is accepted must be sound wherever it is looked at, and stay the same bytes.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/near/ngram_index.h"
#include "lib/text/unicode.h"

enum { UNICODE_AT = 20, UNICODE = 16, TAIL = 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        abort();
}

static void walk(const struct pref_ngram_index *index)
{
    uint64_t seen = 0;
    for (uint32_t i = 0; i < index->ngrams.count; i++) {
        uint32_t number;
        require(pref_ngram_table_find(&index->ngrams, index->ngrams.hash[i], &number));
        require(number == i && index->first[i] < index->first[i + 1]);
        for (uint32_t k = index->first[i]; k < index->first[i + 1]; k++) {
            const struct pref_ngram_item *item = &index->item[index->place[k].item];
            require(index->place[k].item < index->items);
            require(index->place[k].word + pref_ngram_index_length(index, index->place[k].item) <=
                    item->words);
            seen++;
        }
    }
    require(seen == index->first[index->ngrams.count]);
    for (uint32_t i = 0; i < index->items; i++) {
        require(index->item[i].benchmark < index->benchmarks);
        for (uint32_t k = 0; k < index->item[i].id_len; k++)
            require((unsigned char)index->texts.ptr[index->item[i].id + k] >= ' ');
    }
    for (uint32_t i = 0; i < index->leads.count; i++)
        require(index->lengths[i] != 0 && (index->lengths[i] & 7) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pref_ngram_index *index;
    struct pref_err err;
    struct pref_h128 hash;
    char *bytes = malloc(size + TAIL);
    require(bytes != NULL);
    if (size > 0)
        memcpy(bytes, data, size);
    if (size >= UNICODE_AT + UNICODE) {
        memset(bytes + UNICODE_AT, 0, UNICODE);
        memcpy(bytes + UNICODE_AT, pref_unicode_version(), strlen(pref_unicode_version()));
    }
    hash = pref_hash128(bytes, size, 0);
    pref_h128_bytes(hash, (unsigned char *)bytes + size);
    if (pref_ngram_index_parse((struct pref_span){bytes, size + TAIL}, &index, &err) == PREF_OK) {
        struct pref_h128 again;
        walk(index);
        require(pref_ngram_index_hash(index, &again, &err) == PREF_OK);
        require(again.low == hash.low && again.high == hash.high);
        pref_ngram_index_free(index);
    }
    free(bytes);
    return 0;
}
