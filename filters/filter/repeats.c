/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "repeats.h"
#include "lib/json/blank.h"
#include "pref/hash.h"

#include <stdlib.h>
#include <string.h>

#define TAIL_BYTES 8 /* a loop's last bytes, which stand in it once more */

void filter_repeats_release(struct filter_repeats *repeats)
{
    pref_words_release(&repeats->words);
    free(repeats->table);
    free(repeats->border);
}

/* ---- Hashes seen before ---------------------------------------------------------------------- */

/* An empty table for so many hashes, at most half full. */
static int clear_table(struct filter_repeats *repeats, size_t hashes, struct pref_err *err)
{
    size_t size = 64;
    while (size / 2 < hashes)
        size *= 2;
    if (size > repeats->size) {
        free(repeats->table);
        repeats->size = 0;
        repeats->table = malloc(size * sizeof *repeats->table);
        if (repeats->table == NULL)
            return pref_fail_memory(err, "what a text repeats");
        repeats->size = size;
    }
    memset(repeats->table, 0, size * sizeof *repeats->table);
    repeats->mask = size - 1;
    return PREF_OK;
}

/* Count one part by its bytes. Where it lies in the table depends on the seed of the run, so that
 * nobody can make a text whose parts all want one place. */
static void count_part(struct filter_repeats *repeats, const void *bytes, size_t len,
                       struct filter_repeated *found)
{
    uint64_t hash = pref_hash64(bytes, len, repeats->seed);
    size_t at, mask = repeats->mask;
    hash += hash == 0; /* 0 is an empty place */
    found->parts++;
    for (at = (size_t)hash & mask; repeats->table[at] != 0; at = (at + 1) & mask) {
        if (repeats->table[at] == hash) {
            found->again++;
            return;
        }
    }
    repeats->table[at] = hash;
}

int filter_repeats_lines(struct filter_repeats *repeats, struct pref_span text,
                         struct filter_repeated *found, struct pref_err *err)
{
    const char *end = text.ptr + text.len;
    size_t lines = 1;
    *found = (struct filter_repeated){0};
    for (const char *p = text.ptr;
         p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++)
        lines += p > text.ptr && p[-1] != '\n'; /* an empty one takes no place */
    int status = clear_table(repeats, lines, err);
    if (status != PREF_OK)
        return status;
    for (const char *p = text.ptr; p < end;) {
        const char *lf = memchr(p, '\n', (size_t)(end - p)), *stop = lf == NULL ? end : lf;
        const char *next = lf == NULL ? end : lf + 1;
        while (p < stop && pref_is_blank(*p))
            p++;
        while (p < stop && pref_is_blank(stop[-1]))
            stop--;
        if (p < stop)
            count_part(repeats, p, (size_t)(stop - p), found);
        p = next;
    }
    return PREF_OK;
}

int filter_repeats_words(struct filter_repeats *repeats, struct pref_span text, uint64_t n,
                         struct filter_repeated *found, struct pref_err *err)
{
    *found = (struct filter_repeated){0};
    int status = pref_words_find(&repeats->words, text, err);
    size_t count = repeats->words.count;
    if (status != PREF_OK || count < n)
        return status;
    status = clear_table(repeats, count, err);
    if (status != PREF_OK)
        return status;
    const uint64_t *hash = repeats->words.hash;
    /* A run's hash is a sum of its words' times odd powers, so that it rolls. */
    const uint64_t base = PREF_WORDS_K0 | 1;
    uint64_t power = 1, sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum = sum * base + hash[i];
        power *= base;
    }
    for (size_t i = n;; i++) {
        count_part(repeats, &sum, sizeof sum, found);
        if (i == count)
            return PREF_OK;
        sum = sum * base + hash[i] - power * hash[i - n];
    }
}

/* ---- Loops ----------------------------------------------------------------------------------- */

/* Whether the last TAIL_BYTES stand in the text before, as they do in a loop of a shorter unit. */
static int tail_stands_twice(const char *text, size_t len)
{
    uint64_t tail, at;
    if (len <= TAIL_BYTES)
        return 1;
    memcpy(&tail, text + len - TAIL_BYTES, sizeof tail);
    for (size_t i = len - TAIL_BYTES; i-- > 0;) {
        memcpy(&at, text + i, sizeof at);
        if (at == tail)
            return 1;
    }
    return 0;
}

int filter_repeats_loop(struct filter_repeats *repeats, struct pref_span text, uint64_t times,
                        struct filter_loop *loop, struct pref_err *err)
{
    *loop = (struct filter_loop){0};
    while (text.len > 0 && pref_is_blank(text.ptr[text.len - 1]))
        text.len--;
    size_t len = text.len < FILTER_LOOP_BYTES ? text.len : FILTER_LOOP_BYTES;
    const char *window = text.ptr + text.len - len;
    if (len == 0 || !tail_stands_twice(window, len))
        return PREF_OK;
    if (repeats->border == NULL)
        repeats->border = malloc(FILTER_LOOP_BYTES * sizeof *repeats->border);
    uint32_t *border = repeats->border;
    if (border == NULL)
        return pref_fail_memory(err, "what a text repeats");
    const char *last = window + len - 1; /* last[-i] is the reversed text */
    border[0] = 0;
    for (size_t i = 1; i < len; i++) {
        uint32_t k = border[i - 1];
        while (k > 0 && *(last - i) != *(last - k))
            k = border[k - 1];
        border[i] = k + (*(last - i) == *(last - k));
        size_t length = i + 1, unit = length - border[i];
        if (length >= times * unit)
            *loop = (struct filter_loop){length, unit};
    }
    return PREF_OK;
}
