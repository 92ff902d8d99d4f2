/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "fields.h"
#include "lib/text/unicode.h"

#include <stdlib.h>
#include <string.h>

/* One field of --on. The three fields of a pair go by the names the user gave them. */
static int add_field(struct dedup_fields *fields, struct pref_opening *opening, const char *word,
                     struct pref_err *err)
{
    struct pref_shape *shape = opening->shape;
    const struct pref_names *names = &fields->common->names;
    if (fields->count == DEDUP_FIELDS_MAX)
        return pref_usage(err, "--on: at most %d fields", DEDUP_FIELDS_MAX);
    if (word[0] == '\0')
        return pref_usage(err, "--on: '%s' has an empty field", fields->on);
    unsigned i = fields->count++;
    for (unsigned k = 0; k < i; k++)
        if (strcmp(fields->name[k], word) == 0)
            return pref_usage(err, "--on: '%s' stands twice", word);
    fields->name[i] = word;
    if (strcmp(word, "prompt") == 0) {
        fields->place[i] = pref_want_text(shape, names->prompt, PREF_OUTSIDE);
    } else if (strcmp(word, "chosen") == 0) {
        fields->place[i] = pref_want_text(shape, names->chosen, PREF_OUTSIDE);
        fields->chosen = (int)i;
    } else if (strcmp(word, "rejected") == 0) {
        fields->place[i] = pref_want_text(shape, names->rejected, PREF_OUTSIDE);
        fields->rejected = (int)i;
    } else {
        fields->place[i] = pref_shape_field(shape, word);
    }
    pref_open_await(opening, fields->place[i]);
    return PREF_OK;
}

static int read_normalize(struct dedup_fields *fields, struct pref_err *err)
{
    static const struct {
        const char *name;
        unsigned fold;
    } folds[] = {{"space", PREF_FOLD_SPACE}, {"case", PREF_FOLD_CASE}, {"nfkc", PREF_FOLD_NFKC}};
    const char *word = fields->normalize;
    if (strcmp(word, "none") == 0)
        return PREF_OK;
    for (;;) {
        size_t len = strcspn(word, ","), i = 0;
        while (i < 3 && (strlen(folds[i].name) != len || strncmp(word, folds[i].name, len) != 0))
            i++;
        if (i == 3)
            return pref_usage(err, "--normalize: '%s', expected none, or some of space, case and "
                              "nfkc with commas", fields->normalize);
        fields->folds |= folds[i].fold;
        if (word[len] == '\0')
            break;
        word += len + 1;
    }
    return fields->whole_line
               ? pref_usage(err, "--normalize: --on line compares bytes, expected fields")
               : PREF_OK;
}

int dedup_fields_open(struct dedup_fields *fields, struct pref_opening *opening,
                      struct pref_err *err)
{
    fields->common = opening->common;
    fields->chosen = fields->rejected = -1;
    fields->whole_line = strcmp(fields->on, "line") == 0;
    int status = read_normalize(fields, err);
    if (status != PREF_OK || fields->whole_line)
        return status;
    fields->words = strdup(fields->on);
    if (fields->words == NULL)
        return pref_fail_memory(err, "--on");
    for (char *word = fields->words; word != NULL && status == PREF_OK;) {
        char *comma = strchr(word, ',');
        if (comma != NULL)
            *comma++ = '\0';
        if (strcmp(word, "line") == 0)
            return pref_usage(err, "--on: 'line' stands alone or not at all");
        status = add_field(fields, opening, word, err);
        word = comma;
    }
    return status;
}

void dedup_fields_close(struct dedup_fields *fields)
{
    free(fields->words);
}

int dedup_fields_sides(const struct dedup_fields *fields)
{
    return fields->chosen >= 0 && fields->rejected >= 0;
}

/* The hash of a field's value. Of a string that is not folded, its canonical spelling is hashed:
 * what stands in the line for nearly every string. */
static int hash_field(const struct dedup_fields *fields, const struct pref_hit *hit, uint64_t seed,
                      struct pref_job *job, struct pref_h128 *hash)
{
    struct pref_span value = pref_hit_span(job->doc, hit), text;
    struct pref_buf *scratch = &job->scratch[0];
    if (fields->folds != 0 || hit->type != PREF_STRING)
        return pref_key_folded(job->keys, value, fields->folds, seed, hash, job->err);
    if (pref_string_canonical(value, hit->escaped, scratch, &text) != PREF_OK)
        return pref_usage(job->err, "lone surrogate in a text");
    if (scratch->failed)
        return pref_fail_memory(job->err, "a key");
    *hash = pref_hash128(text.ptr, text.len, seed);
    return PREF_OK;
}

enum pref_verdict dedup_fields_keys(const struct dedup_fields *fields, struct pref_job *job,
                                    struct dedup_keys *keys)
{
    const struct pref_doc *doc = job->doc;
    uint64_t seed = fields->fixed ? 0 : fields->common->table_seed;
    struct pref_h128 field[DEDUP_FIELDS_MAX];
    if (fields->whole_line) {
        keys->own = pref_hash128(doc->line + doc->open, doc->close + 1 - doc->open, seed);
        keys->exchanged = keys->own;
        return PREF_USE;
    }
    for (unsigned i = 0; i < fields->count; i++) {
        const struct pref_hit *hit = pref_doc_at(doc, fields->place[i]);
        if (hit == NULL)
            return pref_missing(job, fields->name[i]);
        int status = hash_field(fields, hit, seed, job, &field[i]);
        if (status == PREF_USAGE)
            return pref_malformed(job, "field '%s': %s", fields->name[i], job->err->text);
        if (status != PREF_OK)
            return PREF_BROKEN;
    }
    keys->own = keys->exchanged = pref_key_join(field, fields->count, seed);
    if (dedup_fields_sides(fields)) {
        struct pref_h128 chosen = field[fields->chosen];
        field[fields->chosen] = field[fields->rejected];
        field[fields->rejected] = chosen;
        keys->exchanged = pref_key_join(field, fields->count, seed);
    }
    return PREF_USE;
}

static struct pref_h128 scatter(struct pref_h128 key, uint64_t seed)
{
    unsigned char bytes[16];
    pref_h128_bytes(key, bytes);
    return pref_hash128(bytes, sizeof bytes, seed);
}

void dedup_fields_scatter(const struct dedup_fields *fields, struct dedup_keys *keys)
{
    if (!fields->fixed)
        return;
    keys->own = scatter(keys->own, fields->common->table_seed);
    keys->exchanged = scatter(keys->exchanged, fields->common->table_seed);
}
