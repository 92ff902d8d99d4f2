/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of make-corpus: a synthetic preference corpus whose faults are known.
 *
 * Everything about record number i follows from (seed, i) through counters fed to splitmix64, so a
 * record can be made again at any time: a copy asks for its original instead of remembering it, and
 * a corpus can be made in parts (--start). All arithmetic is on integers, so that the bytes are the
 * same on every machine.
 */
#ifndef PREF_CORPUS_H
#define PREF_CORPUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** What is wrong with a record. The order is the one in which rates are laid side by side. */
enum corpus_fault {
    CORPUS_GOOD,
    CORPUS_DUPLICATE,     /**< copy of an earlier record; hard: other escapes, order, spacing */
    CORPUS_NEAR,          /**< copy with one word changed; hard: three words */
    CORPUS_CONTRADICTION, /**< copy with the sides exchanged; hard: other escapes as well */
    CORPUS_WRONG,         /**< chosen is the worse one; hard: small margin, votes 2 to 1 */
    CORPUS_AMBIGUOUS,     /**< no side is better: votes 2 to 2; hard: 2 to 1 either way */
    CORPUS_MISSING,       /**< a good record without votes; "hard": without scores */
    CORPUS_MALFORMED,     /**< an extra line that is cut; hard: one that looks whole */
    CORPUS_FAULTS
};

enum { CORPUS_MILLION = 1000000, CORPUS_TEXT_MAX = 16384 };

/** A growing output buffer. `failed` is set, once and for good, when memory is not to be had. */
struct corpus_buf {
    char *s;
    size_t n, cap;
    bool failed;
};

/** A decoded text (UTF-8), always with room to spare for one more sentence. */
struct corpus_text {
    size_t n;
    char s[CORPUS_TEXT_MAX];
};

/** One word and the blank behind it, in a slot of fixed size so that copying it is one move. */
struct corpus_word {
    uint8_t n;
    char s[31];
};

enum { CORPUS_LISTS = 26, CORPUS_LIST_MAX = 128 };

/** The vocabulary: word lists, one for each capital letter of corpus-text.c's templates. */
struct corpus_words {
    uint16_t n[CORPUS_LISTS];
    struct corpus_word w[CORPUS_LISTS][CORPUS_LIST_MAX];
};

/** What corpus to make. Rates and shares are in millionths. */
struct corpus_spec {
    uint64_t seed;
    bool long_texts;
    uint32_t rate[CORPUS_FAULTS]; /**< share of the records that have this fault */
    uint32_t hard[CORPUS_FAULTS]; /**< share of those that have its hard form */
    struct corpus_words words;
};

/** What a record is to be: its number, the record it copies (or itself), its fault, its id. */
struct corpus_plan {
    uint64_t index, origin;
    uint64_t id;
    char kind;
    enum corpus_fault fault;
    bool hard;
};

/** How a JSON text is written: as UTF-8, in ASCII, or with needless escapes as well. */
enum corpus_escapes { CORPUS_ESC_UTF8, CORPUS_ESC_ASCII, CORPUS_ESC_ODD };

enum { CORPUS_FIELDS = 9 };

/** How the JSON around the values is written. */
struct corpus_layout {
    const char *colon, *comma;
    enum corpus_escapes escapes;
    bool role_last;
    unsigned char order[CORPUS_FIELDS];
};

/** Everything about one record that is not its text. */
struct corpus_shape {
    uint64_t texts, prompt;  /**< the records whose responses and whose prompt it has */
    enum corpus_fault fault; /**< that its votes and scores follow; a copy's are its original's */
    bool hard, exchanged;
    unsigned turns, models, source, task;
    bool messages, votes, scores, null, meta;
    struct corpus_layout layout;
};

/** What a stream of random numbers is for: one for each decision, so that no option changes what it
 *  does not name. Texts have theirs from 16 on. */
enum corpus_purpose {
    CORPUS_P_FAULT,
    CORPUS_P_HARD,
    CORPUS_P_TARGET,
    CORPUS_P_SHAPE,
    CORPUS_P_TRUTH,
    CORPUS_P_SCORES,
    CORPUS_P_VOTES,
    CORPUS_P_ODD,
    CORPUS_P_BREAK
};

/** A stream of random numbers: splitmix64 (Steele, Lea, Flood 2014). */
struct corpus_rng {
    uint64_t s;
};

static inline uint64_t corpus_rng_next(struct corpus_rng *r)
{
    uint64_t z = r->s += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/** A number in 0 .. n-1. */
static inline uint32_t corpus_rng_below(struct corpus_rng *r, uint32_t n)
{
    return (uint32_t)(((corpus_rng_next(r) >> 32) * n) >> 32);
}

/** The stream that belongs to one purpose (a small number) of one record. */
static inline struct corpus_rng corpus_rng_for(uint64_t seed, uint64_t index, unsigned purpose)
{
    struct corpus_rng r = {seed ^ ((uint64_t)purpose << 56)};
    uint64_t h = corpus_rng_next(&r);
    r.s = h + index * UINT64_C(0xd1342543de82ef95);
    r.s = corpus_rng_next(&r);
    return r;
}

/* corpus-text.c */

/** Fill the vocabulary from the lists in corpus-text.c. */
void corpus_words_init(struct corpus_words *w);

/** Make the prompt of record `owner` (records may share one): `turn` 0 is the question, others are
 *  the earlier turns of a conversation. Overwrites *t. */
void corpus_text_prompt(const struct corpus_spec *c, uint64_t owner, unsigned turn,
                        struct corpus_text *t);

/** Make the better (side 0) or worse (side 1) response of record `index` to that prompt. */
void corpus_text_response(const struct corpus_spec *c, uint64_t index, uint64_t owner,
                          unsigned side, struct corpus_text *t);

/** Exchange `count` words of the text for others. */
void corpus_text_change(const struct corpus_spec *c, struct corpus_rng *r, unsigned count,
                        struct corpus_text *t);

/* corpus-json.c */

/** Make room for `more` bytes; false if there is no memory for them. */
bool corpus_buf_grow(struct corpus_buf *b, size_t more);

/** Append n bytes. Inline, since most of what is written is a few bytes of known number. */
static inline void corpus_buf_put(struct corpus_buf *b, const char *s, size_t n)
{
    if (b->cap - b->n < n && !corpus_buf_grow(b, n))
        return;
    memcpy(b->s + b->n, s, n);
    b->n += n;
}

/** Append a C string. */
static inline void corpus_buf_puts(struct corpus_buf *b, const char *s)
{
    corpus_buf_put(b, s, strlen(s));
}

/** Append a decimal number of at least `width` digits. */
void corpus_buf_uint(struct corpus_buf *b, uint64_t v, unsigned width);

/** Append a number given in ten-thousandths, in its shortest decimal form. */
void corpus_buf_fixed(struct corpus_buf *b, int64_t v);

/** Append a text as a JSON string. `r` decides what CORPUS_ESC_ODD escapes; the first letter
 *  always is, so that the bytes differ from every other form. */
void corpus_buf_text(struct corpus_buf *b, const struct corpus_text *t, enum corpus_escapes how,
                     struct corpus_rng *r);

/** Append "key": and "key":"word", for keys and words that need no escape. */
void corpus_key_write(struct corpus_buf *b, const struct corpus_layout *l, const char *key);
void corpus_word_write(struct corpus_buf *b, const struct corpus_layout *l, const char *key,
                       const char *word);

/* corpus-judges.c */

/** Append the array of votes, of scores. */
void corpus_votes_write(const struct corpus_spec *c, const struct corpus_plan *p,
                        const struct corpus_shape *s, struct corpus_buf *b);
void corpus_scores_write(const struct corpus_spec *c, const struct corpus_plan *p,
                         const struct corpus_shape *s, struct corpus_buf *b);

/* corpus-record.c */

/** Decide what record `index` is. */
struct corpus_plan corpus_plan_make(const struct corpus_spec *c, uint64_t index);

/** Append the record's line, with its LF. */
void corpus_record_write(const struct corpus_spec *c, const struct corpus_plan *p,
                         struct corpus_buf *b);

/** Append the malformed line that follows record `index`; true if it took the hard form. */
bool corpus_malformed_write(const struct corpus_spec *c, uint64_t index, struct corpus_buf *b);

/** Append an id as a JSON string: kind 'p' for records, 'm' for malformed lines. */
void corpus_id_write(struct corpus_buf *b, char kind, uint64_t id);

#endif
