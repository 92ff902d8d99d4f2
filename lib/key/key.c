/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "pref/key.h"

#include "key_sort.h"
#include "lib/text/unicode.h"
#include "pref/buf.h"

#include <stdlib.h>
#include <string.h>

/* A container whose end has not been met. */
struct level {
    uint32_t start;   /* where its canonical form begins in `form` */
    size_t member;    /* its first member in `members` */
    uint8_t object;   /* 1 for an object */
    uint8_t want_key; /* 1 if the next string of this object is a key */
};

struct pref_key_scratch {
    struct pref_buf text; /* one decoded string */
    struct pref_buf form; /* canonical forms of the open containers, one after the other */
    struct pref_key_members members; /* of the open objects */
    struct pref_hasher *hasher;
    struct pref_folder *folder; /* made when first needed */
    unsigned folds;             /* of the value at hand */
    struct level levels[PREF_DEPTH_MAX];
    unsigned depth;
};

struct pref_key_scratch *pref_key_scratch_new(void)
{
    struct pref_key_scratch *scratch = calloc(1, sizeof *scratch);
    if (scratch == NULL)
        return NULL;
    scratch->hasher = pref_hasher_new(0);
    if (scratch->hasher == NULL) {
        free(scratch);
        return NULL;
    }
    return scratch;
}

void pref_key_scratch_free(struct pref_key_scratch *scratch)
{
    if (scratch == NULL)
        return;
    pref_buf_release(&scratch->text);
    pref_buf_release(&scratch->form);
    pref_key_members_release(&scratch->members);
    pref_hasher_free(scratch->hasher);
    pref_folder_free(scratch->folder);
    free(scratch);
}

uint64_t pref_key_seed(uint64_t seed)
{
    return seed ^ UINT64_C(0x9e3779b97f4a7c15);
}

struct pref_h128 pref_key_join(const struct pref_h128 *fields, size_t count, uint64_t seed)
{
    /* Few fields in nearly every run: one block is then hashed at once. */
    unsigned char images[16 * 16];
    struct pref_h128 joined = {0, 0};
    size_t at = 0;
    do {
        size_t n = 0;
        /* Longer lists are chained: the first image of a further block is the hash so far. */
        if (at > 0)
            pref_h128_bytes(joined, images + 16 * n++);
        while (n < 16 && at < count)
            pref_h128_bytes(fields[at++], images + 16 * n++);
        joined = pref_hash128(images, 16 * n, seed);
    } while (at < count);
    return joined;
}

static int lone_surrogate(struct pref_err *err)
{
    return pref_usage(err, "lone surrogate in a text");
}

/* One past the closing quote of the string that begins at `p`. */
static const char *string_end(const char *p, const char *end)
{
    const char *quote = p;
    for (;;) {
        quote = memchr(quote + 1, '"', (size_t)(end - quote - 1));
        if (quote == NULL)
            return end;
        const char *back = quote;
        while (back[-1] == '\\')
            back--;
        if (((quote - back) & 1) == 0)
            return quote + 1;
    }
}

/* One past the last byte of the number that begins at `p`. */
static const char *number_end(const char *p, const char *end)
{
    while (p < end && ((*p >= '0' && *p <= '9') || *p == '.' || *p == '-' || *p == '+' ||
                       *p == 'e' || *p == 'E'))
        p++;
    return p;
}

/* A string's decoded text, folded if that is asked for; it lives until the next call. */
static int read_text(struct pref_key_scratch *s, struct pref_span string, struct pref_span *text,
                     struct pref_err *err)
{
    if (pref_string_text(string, &s->text, text) != 0)
        return lone_surrogate(err);
    if (s->text.failed)
        return pref_fail_memory(err, "a key");
    return s->folds == 0 ? 0 : pref_fold_text(s->folder, s->folds, *text, text, err);
}

/* Append the decoded bytes of a string, which is the innermost container's. */
static int add_decoded(struct pref_key_scratch *s, struct pref_span string, struct pref_err *err)
{
    struct pref_span text;
    if (s->folds == 0 || s->levels[s->depth - 1].want_key)
        return pref_string_decode(string, &s->form) != 0 ? lone_surrogate(err) : 0;
    int status = read_text(s, string, &text, err);
    if (status == 0)
        pref_buf_add_span(&s->form, text);
    return status;
}

static int add_string(struct pref_key_scratch *s, struct pref_span string, struct pref_err *err)
{
    char *frame = pref_buf_reserve(&s->form, string.len + 5);
    if (frame == NULL)
        return pref_fail_memory(err, "a key");
    size_t start = s->form.len;
    s->form.len += 5;
    int status = add_decoded(s, string, err);
    if (status != 0)
        return status;
    if (s->form.failed)
        return pref_fail_memory(err, "a key");
    size_t len = s->form.len - start - 5;
    frame = s->form.ptr + start;
    frame[0] = 's';
    for (unsigned i = 0; i < 4; i++)
        frame[1 + i] = (char)(len >> 8 * i & 255);
    return 0;
}

static void add_hash(struct pref_buf *form, struct pref_h128 hash)
{
    unsigned char frame[17] = {'h'};
    pref_h128_bytes(hash, frame + 1);
    pref_buf_add(form, (const char *)frame, sizeof frame);
}

/* The hash of the innermost container, whose canonical form is complete but for its order. */
static int close_hash(struct pref_key_scratch *s, uint64_t seed, struct pref_h128 *out,
                      struct pref_err *err)
{
    struct level *level = &s->levels[s->depth - 1];
    const char *form = s->form.ptr + level->start;
    if (!level->object || pref_key_members_sorted(&s->members, level->member, s->form.ptr)) {
        *out = pref_hash128(form, s->form.len - level->start, seed);
        return 0;
    }
    if (pref_key_members_sort(&s->members, level->member, s->form.ptr) != 0)
        return pref_fail_memory(err, "sorting the members of an object");
    pref_hasher_reseed(s->hasher, seed);
    pref_hasher_add(s->hasher, form, 1);
    for (size_t i = level->member; i < s->members.count; i++) {
        const struct pref_key_member *m = &s->members.list[i];
        pref_hasher_add(s->hasher, s->form.ptr + m->start, m->end - m->start);
    }
    *out = pref_hasher_value(s->hasher);
    return 0;
}

static int open_level(struct pref_key_scratch *s, int object, struct pref_err *err)
{
    if (s->depth == PREF_DEPTH_MAX)
        return pref_usage(err, "nested deeper than %d", PREF_DEPTH_MAX);
    struct level *level = &s->levels[s->depth++];
    level->start = (uint32_t)s->form.len;
    level->member = s->members.count;
    level->object = object != 0;
    level->want_key = level->object;
    pref_buf_add_byte(&s->form, object ? '{' : '[');
    return 0;
}

/* A value has been framed: where it is a member's, the member is complete. */
static void end_value(struct pref_key_scratch *s)
{
    struct level *level = &s->levels[s->depth - 1];
    if (level->object) {
        s->members.list[s->members.count - 1].end = (uint32_t)s->form.len;
        level->want_key = 1;
    }
}

/* A string in the innermost container: a key or a value. */
static int take_string(struct pref_key_scratch *s, struct pref_span string, struct pref_err *err)
{
    struct level *level = &s->levels[s->depth - 1];
    size_t start = s->form.len;
    int status = add_string(s, string, err);
    if (status != 0)
        return status;
    if (!level->want_key) {
        end_value(s);
        return 0;
    }
    level->want_key = 0;
    if (pref_key_members_add(&s->members, (uint32_t)start) != 0)
        return pref_fail_memory(err, "the members of an object");
    return 0;
}

/* Hash a container that pref_scan has accepted. Commas, colons and blanks decide nothing in such a
 * text and are stepped over. */
static int hash_container(struct pref_key_scratch *s, struct pref_span value, uint64_t seed,
                          struct pref_h128 *out, struct pref_err *err)
{
    const char *p = value.ptr, *end = value.ptr + value.len, *next;
    int status = 0;
    while (p < end && status == 0) {
        switch (*p) {
        case '"':
            next = string_end(p, end);
            status = take_string(s, (struct pref_span){p, (size_t)(next - p)}, err);
            break;
        case '{':
        case '[':
            next = p + 1;
            status = open_level(s, *p == '{', err);
            break;
        case '}':
        case ']':
            next = p + 1;
            status = close_hash(s, seed, out, err);
            s->form.len = s->levels[--s->depth].start;
            s->members.count = s->levels[s->depth].member;
            if (s->depth == 0)
                return status;
            add_hash(&s->form, *out);
            end_value(s);
            break;
        case 't':
        case 'f':
        case 'n':
            pref_buf_add_byte(&s->form, *p);
            next = p + (*p == 'f' ? 5 : 4);
            end_value(s);
            break;
        case ',':
        case ':':
        case ' ':
        case '\t':
        case '\n':
        case '\r':
            next = p + 1;
            break;
        default:
            next = number_end(p, end);
            pref_buf_add_byte(&s->form, '#');
            pref_buf_add(&s->form, p, (size_t)(next - p));
            end_value(s);
        }
        if (s->form.failed)
            status = pref_fail_memory(err, "a key");
        else if (s->form.len > UINT32_MAX)
            status = pref_usage(err, "a value of more than 4 GiB cannot be compared");
        p = next;
    }
    return status;
}

static int hash_value(struct pref_key_scratch *scratch, struct pref_span value, uint64_t seed,
                      struct pref_h128 *out, struct pref_err *err)
{
    char first = value.len == 0 ? 'n' : value.ptr[0];
    if (first == '"') {
        struct pref_span text;
        int status = read_text(scratch, value, &text, err);
        if (status != 0)
            return status;
        *out = pref_hash128(text.ptr, text.len, seed);
        return 0;
    }
    seed = pref_key_seed(seed);
    if (first == '{' || first == '[') {
        pref_buf_clear(&scratch->form);
        scratch->members.count = 0;
        scratch->depth = 0;
        return hash_container(scratch, value, seed, out, err);
    }
    if (first == 'n' || first == 't' || first == 'f') {
        *out = pref_hash128(&first, 1, seed);
        return 0;
    }
    pref_buf_clear(&scratch->form);
    pref_buf_add_byte(&scratch->form, '#');
    pref_buf_add_span(&scratch->form, value);
    if (scratch->form.failed)
        return pref_fail_memory(err, "a key");
    *out = pref_hash128(scratch->form.ptr, scratch->form.len, seed);
    return 0;
}

int pref_key_value(struct pref_key_scratch *scratch, struct pref_span value, uint64_t seed,
                   struct pref_h128 *out, struct pref_err *err)
{
    return pref_key_folded(scratch, value, 0, seed, out, err);
}

int pref_key_folded(struct pref_key_scratch *scratch, struct pref_span value, unsigned folds,
                    uint64_t seed, struct pref_h128 *out, struct pref_err *err)
{
    scratch->folds = folds;
    if (folds != 0 && scratch->folder == NULL) {
        scratch->folder = pref_folder_new();
        if (scratch->folder == NULL)
            return pref_fail_memory(err, "a key");
    }
    return hash_value(scratch, value, seed, out, err);
}
