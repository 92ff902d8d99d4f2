/* SPDX-License-Identifier: Apache-2.0 */
/* Words: known cases, every character, the kernels against each other, and random texts against
 * a tokeniser that goes character by character and folds every word by the long way. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/cpu.h"
#include "lib/near/words_own.h"
#include "lib/text/unicode.h"
#include "pref/words.h"

/* ---- The reference --------------------------------------------------------------------------- */

/* The high and low half of a product by four products, exclusive-ored. */
static uint64_t fold(uint64_t a, uint64_t b)
{
    uint64_t low = (a & 0xffffffff) * (b & 0xffffffff);
    uint64_t mid1 = (a >> 32) * (b & 0xffffffff), mid2 = (a & 0xffffffff) * (b >> 32);
    uint64_t carry = ((low >> 32) + (mid1 & 0xffffffff) + (mid2 & 0xffffffff)) >> 32;
    return a * b ^ ((a >> 32) * (b >> 32) + (mid1 >> 32) + (mid2 >> 32) + carry);
}

/* The hash as words.h gives it, over the bytes as they are. */
static uint64_t hash_of(const char *bytes, size_t len)
{
    uint64_t h = 0;
    for (size_t at = 0; at < len; at += 16) {
        uint64_t half[2] = {0, 0};
        for (size_t i = 0; i < 16 && at + i < len; i++)
            half[i / 8] += (uint64_t)(unsigned char)bytes[at + i] << 8 * (i % 8);
        h = fold(half[0] ^ PREF_WORDS_K0 ^ h, half[1] ^ PREF_WORDS_K1);
    }
    return fold(h, PREF_WORDS_K2);
}

struct found {
    uint64_t hash[4096];
    struct pref_word_place place[4096];
    size_t count;
};

static uint32_t *letters_of_all(void)
{
    uint32_t *all = malloc(0x110000 * sizeof *all);
    assert_non_null(all);
    for (uint32_t first = 0; first < 0x110000; first += 256)
        pref_unicode_letters(first, all + first);
    return all;
}

static uint32_t code_at(const unsigned char *p, uint32_t *len)
{
    static const unsigned char lead[] = {0, 0, 0x1f, 0xf, 7};
    *len = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    uint32_t code = *len == 1 ? p[0] : p[0] & lead[*len];
    for (uint32_t i = 1; i < *len; i++)
        code = code * 64 + (p[i] & 63u);
    return code;
}

static void reference(struct pref_folder *folder, const uint32_t *letters, struct pref_span text,
                      struct found *found)
{
    int open = PREF_LETTER_NONE;
    uint32_t start = 0, len;
    found->count = 0;
    for (uint32_t at = 0;; at += len) {
        int kind = PREF_LETTER_NONE;
        len = 1;
        if (at < text.len)
            kind = (int)(letters[code_at((const unsigned char *)text.ptr + at, &len)] >>
                         PREF_LETTER_SHIFT & 3);
        if (open != PREF_LETTER_NONE && kind == PREF_LETTER_MARK)
            continue;
        if (open == PREF_LETTER_RUN && kind == PREF_LETTER_RUN)
            continue;
        if (open != PREF_LETTER_NONE) {
            struct pref_span word = {text.ptr + start, at - start}, folded;
            assert_int_equal(pref_fold_text(folder, PREF_FOLD_NFC | PREF_FOLD_LOWER, word, &folded,
                                            NULL), 0);
            found->place[found->count] = (struct pref_word_place){start, at};
            found->hash[found->count++] = hash_of(folded.ptr, folded.len);
        }
        open = kind == PREF_LETTER_MARK ? PREF_LETTER_NONE : kind;
        start = at;
        if (at >= text.len)
            break;
    }
}

/* A copy in memory of its exact size, with what must be readable behind it, and no part of it. */
static struct pref_span copy_of(struct pref_span text)
{
    char *copy = malloc(text.len + PREF_PAD);
    memset(copy, 'z', text.len + PREF_PAD);
    memcpy(copy, text.ptr, text.len);
    return (struct pref_span){copy, text.len};
}

static void check(struct pref_words *words, struct pref_span text, const struct found *want)
{
    assert_int_equal(pref_words_find_places(words, text, NULL), 0);
    assert_int_equal(words->count, want->count);
    if (want->count == 0)
        return;
    assert_memory_equal(words->hash, want->hash, want->count * sizeof *want->hash);
    assert_memory_equal(words->place, want->place, want->count * sizeof *want->place);
}

static size_t encode(uint32_t code, char *out)
{
    size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = n; i-- > 1; code /= 64)
        out[i] = (char)(0x80 + code % 64);
    out[0] = (char)(lead[n] + code);
    return n;
}

static int is_surrogate(uint32_t code)
{
    return code >= 0xd800 && code <= 0xdfff;
}

/* ---- Cases ----------------------------------------------------------------------------------- */

static const struct {
    const char *text, *words; /* what is compared, with a bar between words */
} cases[] = {
    {"", ""},
    {" \n.,;", ""},
    {"Word", "word"},
    {"The cat, the HAT!", "the|cat|the|hat"},
    {"don't 3.14 a_b x-ray", "don|t|3|14|a|b|x|ray"},
    {"@AZ[`az{/09:", "az|az|09"},
    {"abcdefghijklmno ABCDEFGHIJKLMNOP ABCDEFGHIJKLMNOPQ",
     "abcdefghijklmno|abcdefghijklmnop|abcdefghijklmnopq"},
    {"\u00c9COLE \u00e9cole E\u0301cole", "\u00e9cole|\u00e9cole|\u00e9cole"},
    {"stra\u00dfe STRASSE", "stra\u00dfe|strasse"},
    {"\u201cHi\u201d\u2014it\u2019s", "hi|it|s"},
    {"\u4f60\u597dworld\u3002x\u4e16", "\u4f60|\u597d|world|x|\u4e16"},
    {"\u30ab\u3099 \u30ac", "\u30ac|\u30ac"},
    {"\u30b3\u30fc\u30d2\u30fc", "\u30b3|\u30fc|\u30d2|\u30fc"},
    {"\u0e01\u0e34\u0e19", "\u0e01\u0e34|\u0e19"},
    {"\u1100\u1161\u11a8\uac01", "\uac01\uac01"},
    {"\u0301a \u0301 b\u0301", "a|b\u0301"},
    {"\u212a\u2126 \u0130 \u01f0 J\u030c", "k\u03c9|i|\u01f0|\u01f0"},
    {"\u2167 x\u00b2 \u0665", "\u2177|x|\u0665"},
    {"a\u200db\u00adc", "a|b|c"},
    {"\uff21 a", "\uff41|a"},
    {"q\u0323\u0307 q\u0307\u0323", "q\u0323\u0307|q\u0323\u0307"},
    {"\U00010400\U00020000", "\U00010428|\U00020000"},
    {"\u0939\u093f\u0928\u094d\u0926\u0940", "\u0939\u093f\u0928\u094d\u0926\u0940"},
};

static void test_cases(void **state)
{
    (void)state;
    struct pref_words words = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *want = cases[i].words;
        size_t count = 0;
        struct pref_span text = copy_of(pref_span_of(cases[i].text));
        assert_int_equal(pref_words_find(&words, text, NULL), 0);
        free((void *)text.ptr);
        for (; *want != '\0'; want += *want == '|') {
            size_t len = strcspn(want, "|");
            assert_true(count < words.count);
            assert_int_equal(words.hash[count++], hash_of(want, len));
            want += len;
        }
        assert_int_equal(words.count, count);
    }
    pref_words_release(&words);
    pref_words_release(&words);
}

/* Every character alone, between letters, behind an ideograph, and before and behind a mark. */
static void test_every_character(void **state)
{
    (void)state;
    static const char *const around[][2] = {{"", ""},
                                            {"x", "Y"},
                                            {"\u4e00", "\u0301"},
                                            {"\u1100", "\u0345\u0323"},
                                            {"\u00e9 ", "\u09be"}};
    struct pref_words words = {0};
    struct pref_folder *folder = pref_folder_new();
    struct found *want = malloc(sizeof *want);
    uint32_t *letters = letters_of_all();
    for (uint32_t code = 0; code < 0x110000; code++) {
        /* Of what is never assigned, some. */
        if (is_surrogate(code) || (code > 0x33500 && code % 61 != 0))
            continue;
        for (size_t k = 0; k < sizeof around / sizeof *around; k++) {
            char text[32 + PREF_PAD] = {0};
            size_t len = strlen(around[k][0]), more = strlen(around[k][1]);
            memcpy(text, around[k][0], len);
            len += encode(code, text + len);
            memcpy(text + len, around[k][1], more);
            struct pref_span span = {text, len + more};
            reference(folder, letters, span, want);
            check(&words, span, want);
        }
    }
    free(letters);
    free(want);
    pref_folder_free(folder);
    pref_words_release(&words);
}

/* Every mark that is said to leave what stands before it alone, behind each character around it: no
 * composition ends in it, and where another order is due, that is seen. */
static void test_marks(void **state)
{
    (void)state;
    struct pref_words words = {0};
    struct pref_folder *folder = pref_folder_new();
    struct found *want = malloc(sizeof *want);
    uint32_t *letters = letters_of_all();
    unsigned marks = 0;
    for (uint32_t mark = 0x300; mark < 0x110000; mark++) {
        if ((letters[mark] >> PREF_LETTER_SHIFT & 3) != PREF_LETTER_MARK ||
            (letters[mark] & PREF_LETTER_LOOSE) != 0)
            continue;
        marks++;
        for (uint32_t code = mark - 144; code < mark + 144; code++) {
            char text[16 + PREF_PAD] = "x";
            size_t len = 1 + encode(code, text + 1);
            len += encode(mark, text + len);
            reference(folder, letters, (struct pref_span){text, len}, want);
            check(&words, (struct pref_span){text, len}, want);
        }
    }
    assert_true(marks > 500);
    free(letters);
    free(want);
    pref_folder_free(folder);
    pref_words_release(&words);
}

/* ---- Random texts ---------------------------------------------------------------------------- */

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* A character of one of several kinds, so that runs of each come about. */
static uint32_t random_code(uint64_t *state, unsigned kind)
{
    static const char ascii[] = "abcdefghijklmnopqrstuvwxyzABCXYZ0189     .,'-\n";
    static const uint32_t some[] = {0xe9,   0xc9,   0x130,  0x3a3,  0x301,  0x323,  0x345,
                                    0x2019, 0x200d, 0x4e00, 0x30ab, 0x3099, 0xe01,  0xe34,
                                    0x1100, 0x1161, 0x11a8, 0xac00, 0x9be,  0x9c7,  0x10400,
                                    0x1f600, 0x212b, 0xf900, 0x1e9e, 0x2167, 0xff21,
                                        0x928,  0x93c,  0x94d,  0x93f,  0x5b4,  0x5bc,
                                        0xe38,  0xe48,  0x64e,  0x651};
    uint64_t random = next_random(state) >> 20;
    if (kind < 3)
        return (unsigned char)ascii[random % (sizeof ascii - 1)];
    if (kind < 5)
        return some[random % (sizeof some / sizeof *some)];
    if (kind < 6)
        return 0x4e00 + (uint32_t)(random % 0x5000);
    uint32_t code = (uint32_t)(random % 0x110000);
    return is_surrogate(code) ? 'x' : code;
}

static void test_random(void **state)
{
    (void)state;
    static const char nothing[PREF_PAD] = {0};
    struct pref_words words = {0}, portable = {0};
    struct pref_folder *folder = pref_folder_new();
    struct found *want = malloc(sizeof *want);
    uint32_t *letters = letters_of_all();
    uint64_t seed = 88172645463325252u;
    assert_int_equal(pref_words_find(&portable, (struct pref_span){nothing, 0}, NULL), 0);
    portable.own->kernel = &pref_words_portable;
    for (unsigned round = 0; round < 4000; round++) {
        char made[4200];
        size_t len = 0, most = next_random(&seed) % (round % 10 == 0 ? 4100 : 300);
        while (len < most) {
            unsigned kind = (unsigned)(next_random(&seed) % 7);
            for (uint64_t n = next_random(&seed) % 90; n > 0 && len < most; n--)
                len += encode(random_code(&seed, kind), made + len);
        }
        struct pref_span text = copy_of((struct pref_span){made, len});
        reference(folder, letters, text, want);
        check(&words, text, want);
        check(&portable, text, want);
        free((void *)text.ptr);
    }
    free(letters);
    free(want);
    pref_folder_free(folder);
    pref_words_release(&portable);
    pref_words_release(&words);
}

/* A word that is longer than whatever is told at a time, and runs that end where that ends. */
static void test_long(void **state)
{
    (void)state;
    enum { N = 10000 };
    struct pref_words words = {0};
    char *text = malloc(N + PREF_PAD), *lower = malloc(N);
    memset(text, 'Q', N + PREF_PAD);
    memset(lower, 'q', N);
    for (size_t len = 1; len < N; len += 1 + len / 64 * (len % 64 > 2) * 61) {
        assert_int_equal(pref_words_find_places(&words, (struct pref_span){text, len}, NULL), 0);
        assert_int_equal(words.count, 1);
        assert_int_equal(words.hash[0], hash_of(lower, len));
        assert_int_equal(words.place[0].start, 0);
        assert_int_equal(words.place[0].end, len);
        text[len - 1] = ' ';
        assert_int_equal(pref_words_find(&words, (struct pref_span){text, N}, NULL), 0);
        assert_int_equal(words.count, len == 1 ? 1 : 2);
        assert_int_equal(words.hash[words.count - 1], hash_of(lower, N - len));
        text[len - 1] = 'Q';
    }
    memcpy(text + N - 2, "\u00c9", 2);
    memcpy(lower + N - 2, "\u00e9", 2);
    assert_int_equal(pref_words_find(&words, (struct pref_span){text, N}, NULL), 0);
    assert_int_equal(words.count, 1);
    assert_int_equal(words.hash[0], hash_of(lower, N));
    free(text);
    free(lower);
    pref_words_release(&words);
}

enum { KERNEL_BLOCKS = 192, KERNEL_BYTES = 64 * KERNEL_BLOCKS - 5 };

/* Whether a byte takes part in a run; what is behind the text does not. */
static int is_run(struct pref_span text, size_t at)
{
    unsigned char c = at < text.len ? (unsigned char)text.ptr[at] : ' ';
    return c >= 128 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* The edges of some blocks, and which of their runs are mixed, byte by byte. */
static void check_runs(struct pref_span text, uint32_t block, const struct words_runs *runs)
{
    size_t edges = runs->edges > 0 && runs->edge[0] < 64 * block, mixed = 0, run;
    for (size_t at = 64 * block; at < 64 * ((size_t)block + WORDS_BLOCKS); at++) {
        if (is_run(text, at) != (at > 0 && is_run(text, at - 1)))
            assert_int_equal(runs->edge[edges++], at);
        run = (edges - 1) / 2;
        int ascii = (unsigned char)text.ptr[at] < 128;
        if (is_run(text, at) && !ascii && (mixed == 0 || runs->mix[mixed - 1] != run))
            assert_int_equal(runs->mix[mixed++], run);
    }
    assert_int_equal(runs->edges, edges);
    assert_int_equal(runs->mixed, mixed);
}

/* The runs that a kernel finds, as many blocks at a time as may be, and, where they are all ASCII,
 * the same hashes as the portable one's. */
static void check_kernel(struct pref_span text, const struct words_kernel *kernel)
{
    static struct words_runs runs;
    uint64_t hashes[2][32 * WORDS_BLOCKS];
    runs.edges = 0;
    runs.carry = 0;
    for (uint32_t block = 0; block < KERNEL_BLOCKS; block += WORDS_BLOCKS) {
        runs.mixed = 0;
        kernel->find(text, block, block + WORDS_BLOCKS, &runs);
        check_runs(text, block, &runs);
        if (runs.mixed == 0 && runs.edges > 0) {
            pref_words_portable.hash(text.ptr, runs.edge, runs.edges / 2, hashes[0]);
            kernel->hash(text.ptr, runs.edge, runs.edges / 2, hashes[1]);
            assert_memory_equal(hashes[0], hashes[1], runs.edges / 2 * sizeof **hashes);
        }
        runs.edge[0] = runs.edge[runs.edges - runs.edges % 2];
        runs.edges %= 2;
    }
    assert_int_equal(runs.edges, 0);
}

static void test_kernels(void **state)
{
    (void)state;
    static char text[KERNEL_BYTES + PREF_PAD];
    uint64_t seed = 88172645463325252u;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)(i < 256 ? i : next_random(&seed) >> 13);
    /* The second half is ASCII, with long words in it. */
    for (size_t i = sizeof text / 2; i < sizeof text; i++)
        text[i] = (char)(i % 97 < 60 ? 'K' : text[i] & 0x7f);
    check_kernel((struct pref_span){text, KERNEL_BYTES}, &pref_words_portable);
#if PREF_HAVE_AVX2
    if (pref_cpu_avx2())
        check_kernel((struct pref_span){text, KERNEL_BYTES}, &pref_words_avx2);
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_every_character),
        cmocka_unit_test(test_marks),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_long),
        cmocka_unit_test(test_kernels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
