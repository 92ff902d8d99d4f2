/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "pref/words.h"

#include "words_own.h"
#include "lib/base/cpu.h"

#include <stdlib.h>
#include <string.h>

static const struct words_kernel *kernel_at_hand(void)
{
#if PREF_HAVE_AVX2
    if (pref_cpu_avx2())
        return &pref_words_avx2;
#endif
    return &pref_words_portable;
}

/* ---- Runs ------------------------------------------------------------------------------------ */

/* The words of the runs from `from` up to `to`, which are all ASCII. */
static void put_ascii(struct pref_words *words, struct pref_span text, size_t from, size_t to)
{
    const struct words_runs *runs = &words->own->runs;
    words->own->kernel->hash(text.ptr, runs->edge + 2 * from, to - from,
                             words->hash + words->count);
    for (size_t i = from; words->place != NULL && i < to; i++)
        words->place[words->count + i - from] =
            (struct pref_word_place){runs->edge[2 * i], runs->edge[2 * i + 1]};
    words->count += to - from;
}

/* The words of all runs but that which is still open. */
static int put_runs(struct pref_words *words, struct pref_span text)
{
    struct words_runs *runs = &words->own->runs;
    size_t whole = runs->edges / 2, from = 0;
    for (size_t k = 0; k < runs->mixed; k++) {
        size_t i = runs->mix[k];
        if (i == whole)
            break;
        put_ascii(words, text, from, i);
        if (pref_words_split(words, text.ptr, runs->edge[2 * i], runs->edge[2 * i + 1]) != 0)
            return -1;
        from = i + 1;
    }
    put_ascii(words, text, from, whole);
    return 0;
}

/* Where runs begin and end, a stretch of blocks at a time, and then their words. */
static int find_runs(struct pref_words *words, struct pref_span text)
{
    struct words_runs *runs = &words->own->runs;
    /* The last block has room for the end of a run that reaches the text's. */
    uint32_t blocks = (uint32_t)(text.len / 64) + 1;
    runs->edges = runs->mixed = 0;
    runs->carry = 0;
    for (uint32_t block = 0, stop; block < blocks; block = stop) {
        stop = blocks - block > WORDS_BLOCKS ? block + WORDS_BLOCKS : blocks;
        words->own->kernel->find(text, block, stop, runs);
        if (put_runs(words, text) != 0)
            return -1;
        /* The open run is the first of the next stretch. */
        size_t whole = runs->edges / 2;
        runs->mixed = runs->mixed > 0 && runs->mix[runs->mixed - 1] == whole;
        runs->mix[0] = 0;
        runs->edge[0] = runs->edge[2 * whole];
        runs->edges %= 2;
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
    if (words->own == NULL && (words->own = calloc(1, sizeof *words->own)) != NULL)
        words->own->kernel = kernel_at_hand();
    words->hash = make_room(words->hash, &words->hash_cap, most, sizeof *words->hash);
    words->count = 0;
    if (words->own == NULL || words->hash == NULL)
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
        pref_buf_release(&own->word);
        pref_folder_free(own->folder);
        free(own);
    }
    free(words->hash);
    free(words->place);
    *words = (struct pref_words){0};
}
