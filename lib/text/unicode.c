/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "unicode.h"
#include "white_space.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

/* A text is folded in pieces of about so many code points, cut where the next one begins anew. */
#define PIECE 4096

/* So many ASCII characters in a row are taken out of a piece, for they cost less by themselves. */
#define STRETCH 8

#define FORMS (PREF_FOLD_NFKC | PREF_FOLD_NFC)
#define CASES (PREF_FOLD_CASE | PREF_FOLD_LOWER)

struct points {
    utf8proc_int32_t *list;
    size_t count, cap;
};

struct pref_folder {
    struct points piece, other;
    struct points sorted; /* one run of marks, while it is put in order */
    struct pref_buf out;
    int blank; /* a blank is due before the next letter */
};

struct pref_folder *pref_folder_new(void)
{
    return calloc(1, sizeof(struct pref_folder));
}

void pref_folder_free(struct pref_folder *folder)
{
    if (folder == NULL)
        return;
    free(folder->piece.list);
    free(folder->other.list);
    free(folder->sorted.list);
    pref_buf_release(&folder->out);
    free(folder);
}

const char *pref_unicode_version(void)
{
    return utf8proc_unicode_version();
}

static int make_room(struct points *points, size_t more)
{
    if (more <= points->cap - points->count)
        return 0;
    if (more > SIZE_MAX / 4 / sizeof *points->list - points->count)
        return -1;
    size_t cap = (points->count + more) * 3 / 2 + 64;
    utf8proc_int32_t *list = realloc(points->list, cap * sizeof *list);
    if (list == NULL)
        return -1;
    points->list = list;
    points->cap = cap;
    return 0;
}

/* ---- One byte a character -------------------------------------------------------------------- */

static int is_ascii(struct pref_span text)
{
    unsigned char seen = 0;
    for (size_t i = 0; i < text.len; i++)
        seen |= (unsigned char)text.ptr[i];
    return seen < 0x80;
}

static int is_ascii_blank(unsigned char c)
{
    return c == ' ' || (c >= 9 && c <= 13);
}

/* Append ASCII, which every form leaves as it is. A blank waits for the character behind it. */
static int write_ascii(struct pref_folder *folder, unsigned folds, const char *text, size_t len)
{
    char *to = pref_buf_reserve(&folder->out, len + 1);
    size_t n = 0;
    if (to == NULL)
        return -1;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (folds & PREF_FOLD_SPACE && is_ascii_blank(c)) {
            folder->blank = folder->out.len + n > 0;
            continue;
        }
        to[n] = ' ';
        n += (size_t)folder->blank;
        folder->blank = 0;
        int upper = folds & CASES && c >= 'A' && c <= 'Z';
        to[n++] = (char)(upper ? c | 0x20 : c);
    }
    folder->out.len += n;
    return 0;
}

/* ---- Code points ----------------------------------------------------------------------------- */

/* Whether nothing before `c` can change with it, or it with what comes before: its decomposition,
 * folded or not, begins with a starter that no composition ends in. These ranges hold for all that
 * is in them and are common enough to keep pieces short in most scripts. */
static int begins_anew(utf8proc_int32_t c)
{
    static const struct {
        utf8proc_int32_t first, last;
    } ranges[] = {
        {0, 0x2ff},         /* Latin */
        {0x370, 0x482},     /* Greek, Cyrillic */
        {0x5d0, 0x5ea},     /* Hebrew */
        {0x620, 0x64a},     /* Arabic */
        {0x1e00, 0x1fff},   /* Latin and Greek with marks */
        {0x3041, 0x3096},   /* hiragana */
        {0x30a1, 0x30fa},   /* katakana */
        {0x3400, 0x4dbf},   /* Han */
        {0x4e00, 0x9fff},
        {0xac00, 0xd7a3},   /* Hangul syllables */
        {0xf900, 0xfaff},   /* Han, for compatibility */
        {0xfb1f, 0xfdff},   /* Hebrew and Arabic forms, which become up to 18 code points */
        {0xfe70, 0xfefc},
        {0xff01, 0xff9d},   /* full and half width */
        {0x1f000, 0x1faff}, /* pictographs */
        {0x20000, 0x3fffd}, /* Han */
    };
    size_t i = 0;
    while (i + 1 < sizeof ranges / sizeof ranges[0] && c > ranges[i].last)
        i++;
    return c >= ranges[i].first && c <= ranges[i].last;
}

/* Map each code point to those that `options` make of it. */
static int map_points(const struct points *from, struct points *to, utf8proc_option_t options)
{
    to->count = 0;
    for (size_t i = 0; i < from->count; i++) {
        int boundary = 0;
        /* No mapping is longer than 18 code points; the second try is for a Unicode to come. */
        utf8proc_ssize_t n = 20;
        do {
            if (make_room(to, (size_t)n) != 0)
                return -1;
            size_t room = to->cap - to->count;
            n = utf8proc_decompose_char(from->list[i], to->list + to->count,
                                        (utf8proc_ssize_t)room, options, &boundary);
            if (n < 0)
                return -1;
        } while ((size_t)n > to->cap - to->count);
        to->count += (size_t)n;
    }
    return 0;
}

static unsigned class_of(utf8proc_int32_t c)
{
    return (unsigned)utf8proc_get_property(c)->combining_class & 255;
}

/* Put a run of marks into the order of their classes, equal ones as they came. Counting makes it
 * linear however long the run is. */
static int sort_run(struct points *sorted, utf8proc_int32_t *run, size_t count)
{
    size_t start[257] = {0};
    sorted->count = 0;
    if (make_room(sorted, count) != 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        start[class_of(run[i]) + 1]++;
    for (unsigned c = 1; c < 257; c++)
        start[c] += start[c - 1];
    for (size_t i = 0; i < count; i++)
        sorted->list[start[class_of(run[i])]++] = run[i];
    memcpy(run, sorted->list, count * sizeof *run);
    return 0;
}

/* The canonical ordering of a decomposed text. */
static int sort_marks(struct pref_folder *folder, struct points *points)
{
    for (size_t i = 0; i < points->count;) {
        unsigned last = class_of(points->list[i]);
        size_t from = i++;
        int ordered = 1;
        if (last == 0)
            continue;
        for (; i < points->count; i++) {
            unsigned now = class_of(points->list[i]);
            if (now == 0)
                break;
            ordered &= now >= last;
            last = now;
        }
        if (!ordered && sort_run(&folder->sorted, points->list + from, i - from) != 0)
            return -1;
    }
    return 0;
}

/* The form of the piece, which comes to stand in `piece` again. */
static int normalize(struct pref_folder *folder, unsigned folds)
{
    struct points *piece = &folder->piece, *other = &folder->other;
    utf8proc_option_t options = UTF8PROC_STABLE | UTF8PROC_DECOMPOSE;
    if (folds & PREF_FOLD_NFKC)
        options |= UTF8PROC_COMPAT;
    if (map_points(piece, other, options) != 0 || sort_marks(folder, other) != 0)
        return -1;
    utf8proc_ssize_t n = utf8proc_normalize_utf32(other->list, (utf8proc_ssize_t)other->count,
                                                  UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    if (n < 0)
        return -1;
    struct points made = *other;
    made.count = (size_t)n;
    *other = *piece;
    *piece = made;
    return 0;
}

static int fold_case(struct pref_folder *folder)
{
    if (map_points(&folder->piece, &folder->other, UTF8PROC_CASEFOLD) != 0)
        return -1;
    struct points made = folder->other;
    folder->other = folder->piece;
    folder->piece = made;
    return 0;
}

static void lower(struct points *piece)
{
    for (size_t i = 0; i < piece->count; i++)
        piece->list[i] = utf8proc_tolower(piece->list[i]);
}

static int write_piece(struct pref_folder *folder, unsigned folds)
{
    for (size_t i = 0; i < folder->piece.count; i++) {
        utf8proc_int32_t c = folder->piece.list[i];
        if (folds & PREF_FOLD_SPACE && pref_is_white_space(c)) {
            folder->blank = folder->out.len > 0;
            continue;
        }
        char *to = pref_buf_reserve(&folder->out, 8);
        if (to == NULL)
            return -1;
        size_t n = 0;
        if (folder->blank)
            to[n++] = ' ';
        folder->blank = 0;
        n += (size_t)utf8proc_encode_char(c, (utf8proc_uint8_t *)to + n);
        folder->out.len += n;
    }
    return 0;
}

static int fold_piece(struct pref_folder *folder, unsigned folds)
{
    if (folds & FORMS && normalize(folder, folds) != 0)
        return -1;
    if (folds & PREF_FOLD_CASE && fold_case(folder) != 0)
        return -1;
    if (folds & PREF_FOLD_LOWER)
        lower(&folder->piece);
    if (folds & FORMS && folds & CASES && normalize(folder, folds) != 0)
        return -1;
    if (write_piece(folder, folds) != 0)
        return -1;
    folder->piece.count = 0;
    return 0;
}

/* How many ASCII characters follow that nothing behind them can change. */
static size_t ascii_ahead(const utf8proc_uint8_t *at, const utf8proc_uint8_t *end)
{
    const utf8proc_uint8_t *p = at;
    while (p < end && *p < 0x80)
        p++;
    return p < end && p > at ? (size_t)(p - at) - 1 : (size_t)(p - at);
}

static int fold_points(struct pref_folder *folder, unsigned folds, struct pref_span text)
{
    const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)text.ptr;
    const utf8proc_uint8_t *end = at + text.len;
    while (at < end) {
        utf8proc_int32_t c;
        size_t ahead = ascii_ahead(at, end);
        if (ahead >= STRETCH) {
            if (fold_piece(folder, folds) != 0 ||
                write_ascii(folder, folds, (const char *)at, ahead) != 0)
                return -1;
            at += ahead;
            continue;
        }
        utf8proc_ssize_t n = utf8proc_iterate(at, end - at, &c);
        if (n <= 0)
            return -1; /* cannot be: the text is valid */
        if (folder->piece.count >= PIECE && begins_anew(c) && fold_piece(folder, folds) != 0)
            return -1;
        if (make_room(&folder->piece, 1) != 0)
            return -1;
        folder->piece.list[folder->piece.count++] = c;
        at += n;
    }
    return fold_piece(folder, folds);
}

int pref_fold_text(struct pref_folder *folder, unsigned folds, struct pref_span text,
                   struct pref_span *out, struct pref_err *err)
{
    int ascii = is_ascii(text);
    *out = text;
    if (text.len == 0 || folds == 0 || (ascii && (folds & ~(unsigned)FORMS) == 0))
        return PREF_OK;
    pref_buf_clear(&folder->out);
    folder->piece.count = 0;
    folder->blank = 0;
    int failed = ascii ? write_ascii(folder, folds, text.ptr, text.len)
                       : fold_points(folder, folds, text);
    if (failed || folder->out.failed)
        return pref_fail_memory(err, "a folded text");
    *out = pref_buf_span(&folder->out);
    return PREF_OK;
}

/* ---- Words ----------------------------------------------------------------------------------- */

/* Whether a letter at `c` is of Han, kana, Thai, Lao, Khmer or Myanmar. */
static int is_unspaced(utf8proc_int32_t c)
{
    static const struct {
        utf8proc_int32_t first, last;
    } blocks[] = {
        {0x0e00, 0x0eff},   /* Thai, Lao */
        {0x1000, 0x109f},   /* Myanmar */
        {0x1780, 0x17ff},   /* Khmer */
        {0x3000, 0x30ff},   /* CJK symbols, Hiragana, Katakana */
        {0x31f0, 0x31ff},   /* Katakana phonetic extensions */
        {0x3400, 0x4dbf},   /* CJK extension A */
        {0x4e00, 0x9fff},   /* CJK unified ideographs */
        {0xa9e0, 0xa9ff},   /* Myanmar extended B */
        {0xaa60, 0xaa7f},   /* Myanmar extended A */
        {0xf900, 0xfaff},   /* CJK compatibility ideographs */
        {0xff66, 0xff9f},   /* halfwidth Katakana */
        {0x116d0, 0x116ff}, /* Myanmar extended C */
        {0x1aff0, 0x1b16f}, /* kana extended and supplement */
        {0x20000, 0x3ffff}, /* the ideographic planes */
    };
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        if (c >= blocks[i].first && c <= blocks[i].last)
            return 1;
    return 0;
}

static enum pref_letter letter_of(utf8proc_int32_t c)
{
    switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_NL: return is_unspaced(c) ? PREF_LETTER_ALONE : PREF_LETTER_RUN;
    case UTF8PROC_CATEGORY_ND: return PREF_LETTER_RUN;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME: return PREF_LETTER_MARK;
    default: return PREF_LETTER_NONE;
    }
}

/* Whether a composition may end in a mark. Of the marks of scripts from Cyrillic to Tai Tham these
 * alone end one, and as Unicode keeps normalized texts normalized, no more of them will. */
static int ends_composition(utf8proc_int32_t mark)
{
    static const utf8proc_int32_t ends[] = {
        0x653, 0x654, 0x655, 0x93c, 0x9be, 0x9d7, 0xb3e, 0xb56, 0xb57, 0xbbe, 0xbd7,
        0xc56, 0xcc2, 0xcd5, 0xcd6, 0xd3e, 0xd57, 0xdca, 0xdcf, 0xddf, 0x102e};
    if (mark < 0x483 || mark > 0x1aaf)
        return 1;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (mark == ends[i])
            return 1;
    return 0;
}

/* Whether a composition may end in `c` or do away with it. The letters that end one are the
 * conjoining jamo and the vowel signs of Kirat Rai; all else that does is a mark. */
static int is_loose(utf8proc_int32_t c, enum pref_letter letter)
{
    utf8proc_int32_t points[20];
    int boundary = 0;
    if ((letter == PREF_LETTER_MARK && ends_composition(c)) || (c >= 0x1160 && c <= 0x11ff) ||
        (c >= 0x16d63 && c <= 0x16d6a))
        return 1;
    utf8proc_ssize_t n =
        utf8proc_decompose_char(c, points, 20, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE, &boundary);
    if (n < 1 || n > 20 || (n == 1 && points[0] == c))
        return 0;
    n = utf8proc_normalize_utf32(points, n, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    return n != 1 || points[0] != c;
}

void pref_unicode_letters(uint32_t first, uint32_t letters[256])
{
    for (uint32_t i = 0; i < 256; i++) {
        utf8proc_int32_t c = (utf8proc_int32_t)(first + i);
        enum pref_letter letter = letter_of(c);
        uint32_t lower_case = (uint32_t)utf8proc_tolower(c) & PREF_LETTER_LOWER;
        letters[i] = lower_case | (uint32_t)letter << PREF_LETTER_SHIFT;
        letters[i] |= (uint32_t)class_of(c) << PREF_LETTER_CLASS;
        if (letter != PREF_LETTER_NONE && is_loose(c, letter))
            letters[i] |= PREF_LETTER_LOOSE;
    }
}
