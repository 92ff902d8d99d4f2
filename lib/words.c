/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "words.h"

#include "cpu.h"
#include "words_own.h"

#include <stdlib.h>
#include <string.h>

#define BLOCKS 16 /* of 64 bytes, whose runs are told and then hashed */

/* ---- Words that are all ASCII ------------------------------------------------------------------ */

/* Eight ASCII letters and digits, or zeros, in lower case: of the three only letters have bit 6. */
static uint64_t lower_ascii(uint64_t bytes)
{
    return bytes | (bytes & UINT64_C(0x4040404040404040)) >> 1;
}

/* The masks of the first so many of 16 bytes, from 0 to 16. */
#define ONES(n) (UINT64_MAX >> (64 - 8 * (n)))
static const uint64_t first_bytes[17][2] = {
    {0, 0},          {ONES(1), 0},          {ONES(2), 0},          {ONES(3), 0},
    {ONES(4), 0},    {ONES(5), 0},          {ONES(6), 0},          {ONES(7), 0},
    {ONES(8), 0},    {ONES(8), ONES(1)},    {ONES(8), ONES(2)},    {ONES(8), ONES(3)},
    {ONES(8), ONES(4)}, {ONES(8), ONES(5)}, {ONES(8), ONES(6)},    {ONES(8), ONES(7)},
    {ONES(8), ONES(8)},
};

/* The hash of a run of ASCII letters and digits. `end` is the text's. */
static uint64_t hash_ascii(const char *p, size_t len, const char *end)
{
    char last[16] = {0};
    uint64_t h = 0;
    for (; len > 16; p += 16, len -= 16)
        h = words_add(h, lower_ascii(words_load(p)), lower_ascii(words_load(p + 8)));
    if (end - p < 16)
        p = memcpy(last, p, len);
    /* No branch asks for the length: it would be guessed wrong every third word. */
    uint64_t a = words_load(p) & first_bytes[len][0];
    uint64_t b = words_load(p + 8) & first_bytes[len][1];
    return words_finish(words_add(h, lower_ascii(a), lower_ascii(b)));
}

/* ---- Texts ------------------------------------------------------------------------------------- */

static int map_text(struct pref_words_own *own, struct pref_span text)
{
    size_t whole = text.len / 64, rest = text.len % 64;
    char last[64] = {0};
    void (*map)(const char *, size_t, struct words_map *) = pref_words_map_portable;
#if PREF_HAVE_AVX2
    if (pref_cpu_avx2())
        map = pref_words_map_avx2;
#endif
    /* One block more than the text has: a run that reaches the end ends there. */
    if (own->map_cap <= whole + 1) {
        free(own->map);
        own->map_cap = 0;
        own->map = malloc((whole + 2) * sizeof *own->map);
        if (own->map == NULL)
            return -1;
        own->map_cap = whole + 2;
    }
    map(text.ptr, whole, own->map);
    if (rest > 0)
        memcpy(last, text.ptr + 64 * whole, rest);
    map(last, 1, own->map + whole);
    own->map[whole + 1] = (struct words_map){0, 0};
    return 0;
}

/* Whether a byte from `start` up to `end` is not ASCII. */
static int has_high(const struct words_map *map, uint32_t start, uint32_t end)
{
    uint64_t first = map[start / 64].high >> start % 64;
    if (end - start <= 64 - start % 64)
        return (first & UINT64_MAX >> (64 - (end - start))) != 0;
    if (first != 0)
        return 1;
    uint32_t block = start / 64 + 1;
    for (; block < end / 64; block++)
        if (map[block].high != 0)
            return 1;
    return end % 64 != 0 && (map[block].high & UINT64_MAX >> (64 - end % 64)) != 0;
}

/* The words of the runs between each two of `n` edges; `mixed`: some may not be all ASCII. */
static int put_runs(struct pref_words *words, struct pref_span text, const uint32_t *edges,
                    size_t n, int mixed)
{
    const struct words_map *map = words->own->map;
    const char *const end = text.ptr + text.len;
    struct pref_word_place *const place = words->place;
    uint64_t *const hash = words->hash;
    size_t count = words->count;
    for (size_t i = 0; i + 1 < n; i += 2) {
        if (mixed && has_high(map, edges[i], edges[i + 1])) {
            words->count = count;
            if (pref_words_split(words, text.ptr, edges[i], edges[i + 1]) != 0)
                return -1;
            count = words->count;
            continue;
        }
        if (place != NULL)
            place[count] = (struct pref_word_place){edges[i], edges[i + 1]};
        hash[count++] = hash_ascii(text.ptr + edges[i], edges[i + 1] - edges[i], end);
    }
    words->count = count;
    return 0;
}

/* Where runs begin and end, a stretch of blocks at a time, and then their words. */
static int find_runs(struct pref_words *words, struct pref_span text)
{
    const struct words_map *map = words->own->map;
    size_t blocks = text.len / 64 + 2;
    uint32_t edges[BLOCKS * 64 + 1];
    size_t n = 0;       /* 1 where a run is open, */
    uint64_t carry = 0; /* and 1 here, */
    uint64_t high = 0;  /* and this, of the blocks it is in */
    for (size_t block = 0; block < blocks;) {
        size_t stop = blocks - block > BLOCKS ? block + BLOCKS : blocks;
        for (; block < stop; block++) {
            uint64_t run = map[block].run, change = run ^ (run << 1 | carry);
            carry = run >> 63;
            high |= map[block].high;
            for (; change != 0; change &= change - 1)
                edges[n++] = (uint32_t)(64 * block) + (uint32_t)__builtin_ctzll(change);
        }
        if (put_runs(words, text, edges, n, high != 0) != 0)
            return -1;
        edges[0] = edges[n - (n > 0)];
        n &= 1;
        high = n == 0 ? 0 : high;
    }
    return 0;
}

/* Room for `count` things of `size` bytes, whatever stood there before. */
static void *make_room(void *old, size_t *cap, size_t count, size_t size)
{
    if (count <= *cap)
        return old;
    free(old);
    void *made = malloc(count * size);
    *cap = made == NULL ? 0 : count;
    return made;
}

static int find(struct pref_words *words, struct pref_span text)
{
    size_t most = text.len / 2 + 1;
    if (words->own == NULL)
        words->own = calloc(1, sizeof *words->own);
    words->hash = make_room(words->hash, &words->hash_cap, most, sizeof *words->hash);
    words->count = 0;
    if (words->own == NULL || words->hash == NULL || map_text(words->own, text) != 0)
        return -1;
    return find_runs(words, text);
}

static int find_words(struct pref_words *words, struct pref_span text, struct pref_err *err)
{
    if (text.len > UINT32_MAX - 128)
        return pref_fail(err, "a text of more than 4 GiB has too many words");
    return find(words, text) != 0 ? pref_fail_memory(err, "the words of a text") : PREF_OK;
}

int pref_words_find(struct pref_words *words, struct pref_span text, struct pref_err *err)
{
    struct pref_word_place *place = words->place;
    words->place = NULL;
    int status = find_words(words, text, err);
    words->place = place;
    return status;
}

int pref_words_find_places(struct pref_words *words, struct pref_span text, struct pref_err *err)
{
    words->place =
        make_room(words->place, &words->place_cap, text.len / 2 + 1, sizeof *words->place);
    if (words->place == NULL)
        return pref_fail_memory(err, "the words of a text");
    return find_words(words, text, err);
}

void pref_words_release(struct pref_words *words)
{
    struct pref_words_own *own = words->own;
    if (own != NULL) {
        for (size_t i = 0; i < PREF_WORDS_PAGES; i++)
            free(own->page[i]);
        free(own->map);
        pref_buf_release(&own->word);
        pref_folder_free(own->folder);
        free(own);
    }
    free(words->hash);
    free(words->place);
    *words = (struct pref_words){0};
}
