/* SPDX-License-Identifier: Apache-2.0 */
/* words_split.c - the words of runs that are not all ASCII, character by character. */
#include "config.h"

#include "words_own.h"

#include <stdlib.h>
#include <string.h>

/* The word that is being read. */
struct open_word {
    enum pref_letter kind; /* NONE: there is none */
    uint32_t start;
    uint32_t only;         /* its UTF-8 where it is one character, else 0 */
    uint32_t class;        /* the combining class of its last character */
    int loose;             /* its NFC may be another */
};

static inline uint32_t decode(const unsigned char **at)
{
    const unsigned char *p = *at;
    if (p[0] < 0x80) {
        *at += 1;
        return p[0];
    }
    if (p[0] < 0xe0) {
        *at += 2;
        return (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
    }
    if (p[0] < 0xf0) {
        *at += 3;
        return (p[0] & 0xfu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
    }
    *at += 4;
    return (p[0] & 7u) << 18 | (p[1] & 0x3fu) << 12 | (p[2] & 0x3fu) << 6 | (p[3] & 0x3fu);
}

/* UTF-8 as a number, the first byte lowest. */
static uint32_t encode(uint32_t c, unsigned *len)
{
    uint32_t last = 0x80 | (c & 0x3f), third = 0x80 | (c >> 6 & 0x3f);
    *len = 1u + (c >= 0x80) + (c >= 0x800) + (c >= 0x10000);
    switch (*len) {
    case 1: return c;
    case 2: return 0xc0 | c >> 6 | last << 8;
    case 3: return 0xe0 | c >> 12 | third << 8 | last << 16;
    default: return 0xf0 | c >> 18 | (0x80 | (c >> 12 & 0x3f)) << 8 | third << 16 | last << 24;
    }
}

/* What is known of 256 characters; NULL when memory ran out. */
static const uint32_t *read_page(struct pref_words_own *own, uint32_t c)
{
    uint32_t *page = malloc(256 * sizeof *page);
    if (page != NULL)
        pref_unicode_letters(c & ~UINT32_C(255), page);
    own->page[c >> 8] = page;
    return page;
}

/* Bring the word, as it stands in the text, into NFC and lower case by the long way. */
static int fold_word(struct pref_words_own *own, struct pref_span word)
{
    struct pref_span folded;
    if (own->folder == NULL)
        own->folder = pref_folder_new();
    if (own->folder == NULL || pref_fold_text(own->folder, PREF_FOLD_NFC | PREF_FOLD_LOWER, word,
                                              &folded, NULL) != PREF_OK)
        return -1;
    pref_buf_clear(&own->word);
    pref_buf_add_span(&own->word, folded);
    return 0;
}

/* The hash of what stands in own->word. */
static int hash_word(struct pref_words_own *own, uint64_t *hash)
{
    struct pref_buf *word = &own->word;
    char *after = pref_buf_reserve(word, 16);
    if (after == NULL)
        return -1;
    memset(after, 0, 16);
    uint64_t h = 0;
    for (const char *p = word->ptr; p < after; p += 16)
        h = words_add(h, words_load(p), words_load(p + 8));
    *hash = words_finish(h);
    return 0;
}

/* The open word, if there is one, ends at `end`. */
static int close_word(struct pref_words *words, struct open_word *open, const char *text,
                      uint32_t end)
{
    struct pref_span raw = {text + open->start, end - open->start};
    uint64_t hash = words_finish(words_add(0, open->only, 0));
    if (open->kind == PREF_LETTER_NONE)
        return 0;
    if (open->loose && fold_word(words->own, raw) != 0)
        return -1;
    if ((open->loose || open->only == 0) && hash_word(words->own, &hash) != 0)
        return -1;
    if (words->place != NULL)
        words->place[words->count] = (struct pref_word_place){open->start, end};
    words->hash[words->count++] = hash;
    open->kind = PREF_LETTER_NONE;
    return 0;
}

/* One more character of the open word, of which it is the first where the word is new. */
static int add_letter(struct pref_buf *word, struct open_word *open, uint32_t letter, int is_new)
{
    unsigned len;
    uint32_t class = letter >> PREF_LETTER_CLASS;
    uint32_t bytes = encode(letter & PREF_LETTER_LOWER, &len);
    char *to = word->cap - word->len >= 4 ? word->ptr + word->len : pref_buf_reserve(word, 4);
    if (to == NULL)
        return -1;
    for (unsigned i = 0; i < 4; i++)
        to[i] = (char)(bytes >> 8 * i);
    word->len += len;
    open->only = is_new ? bytes : 0;
    open->loose |= (letter & PREF_LETTER_LOOSE) != 0 || (class != 0 && class < open->class);
    open->class = class;
    return 0;
}

/* ---- Words that stand in the text as they are compared, but for capitals of ASCII ------------ */

/* Whether a mark of this class leaves a plain word plain, where one of class `last` stands
 * before. */
static int is_plain_mark(uint32_t letter, uint32_t c, uint32_t last)
{
    uint32_t class = letter >> PREF_LETTER_CLASS;
    uint32_t plain = c | (uint32_t)PREF_LETTER_MARK << PREF_LETTER_SHIFT;
    return letter == (plain | class << PREF_LETTER_CLASS) && (class == 0 || class >= last);
}

/* The end of the plain word that begins at `p`: there, or before something that separates, of which
 * *after is the end. NULL where the word is not plain, or that is not known. */
static const unsigned char *plain_end(const struct pref_words_own *own, const unsigned char *p,
                                      const unsigned char *stop, const unsigned char **after)
{
    const unsigned char *const start = p;
    uint32_t last = 0; /* the class of the character before */
    while (p < stop) {
        const unsigned char *const at = p;
        uint32_t c = decode(&p);
        const uint32_t *page = own->page[c >> 8];
        uint32_t letter = page == NULL ? PREF_LETTER_LOOSE : page[c & 255];
        if (c < 0x80 || letter == (c | (uint32_t)PREF_LETTER_RUN << PREF_LETTER_SHIFT)) {
            last = 0;
        } else if (at > start && is_plain_mark(letter, c, last)) {
            last = letter >> PREF_LETTER_CLASS;
        } else {
            *after = p;
            int separates = (letter >> PREF_LETTER_SHIFT & 3) == PREF_LETTER_NONE;
            return page != NULL && separates ? at : NULL;
        }
    }
    *after = stop;
    return stop;
}

/* Put down the plain words that a run begins with. Where the first that is not plain begins, or the
 * end. */
static const unsigned char *put_plain(struct pref_words *words, const char *text,
                                      const unsigned char *p, const unsigned char *stop)
{
    while (p < stop) {
        const unsigned char *after, *end = plain_end(words->own, p, stop, &after);
        if (end == NULL)
            return p;
        const char *word = (const char *)p;
        size_t len = (size_t)(end - p);
        if (len > 0) {
            uint32_t start = (uint32_t)(word - text);
            if (words->place != NULL)
                words->place[words->count] =
                    (struct pref_word_place){start, start + (uint32_t)len};
            words->hash[words->count++] = words_hash(word, len);
        }
        p = after;
    }
    return stop;
}

/* ---- All words ------------------------------------------------------------------------------- */

int pref_words_split(struct pref_words *words, const char *text, uint32_t start, uint32_t end)
{
    struct pref_words_own *own = words->own;
    const unsigned char *const stop = (const unsigned char *)text + end;
    const unsigned char *p = put_plain(words, text, (const unsigned char *)text + start, stop);
    struct open_word open = {.kind = PREF_LETTER_NONE};
    while (p < stop) {
        uint32_t at = (uint32_t)((const char *)p - text), c = decode(&p);
        const uint32_t *page = own->page[c >> 8];
        if (page == NULL && (page = read_page(own, c)) == NULL)
            return -1;
        uint32_t letter = page[c & 255];
        enum pref_letter kind = letter >> PREF_LETTER_SHIFT & 3;
        int goes_on = kind == PREF_LETTER_MARK ||
                      (kind == PREF_LETTER_RUN && open.kind == PREF_LETTER_RUN);
        if (!goes_on) {
            if (close_word(words, &open, text, at) != 0)
                return -1;
            open = (struct open_word){.kind = kind, .start = at};
            own->word.len = 0;
        }
        if (open.kind != PREF_LETTER_NONE && add_letter(&own->word, &open, letter, !goes_on) != 0)
            return -1;
    }
    return close_word(words, &open, text, end);
}
