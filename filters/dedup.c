/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dedup - of records that are equal in the fields of --on, the first stays.
 *
 * map hashes each field's decoded value and joins the hashes into the record's key; the key of the
 * same pair with its sides exchanged costs one more join. commit keeps the table of keys.
 *
 * A contradiction is a pair that is in the corpus both ways round. To drop both, all keys must be
 * known before the first record leaves: that takes a first phase over the input.
 */
#include "config.h"

#include "filters.h"
#include "keyset.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS_MAX 16

enum { CONTRADICTIONS_KEEP, CONTRADICTIONS_DROP };

struct dedup {
    const char *on;
    int keep, contradictions_do;
    const struct pref_common *common;
    char *words;                   /* --on, cut at its commas */
    const char *name[FIELDS_MAX];  /* of each field, as --on gives it */
    pref_place place[FIELDS_MAX];
    unsigned fields;
    int whole_line;                /* --on line */
    int chosen, rejected;          /* which fields they are, or -1 */
    struct pref_keyset *seen, *all;
    uint64_t duplicates, contradictions, contradicting;
};

/* What a record brings to commit. */
struct keys {
    struct pref_h128 own, exchanged; /* equal where there is nothing to exchange */
    int present;                     /* 0: it lacks a field and takes no part */
};

static const struct pref_option options[] = {
    {"on", 0, PREF_OPTION_TEXT, offsetof(struct dedup, on), "FIELDS",
     "what must be equal: fields with commas, or line (prompt,chosen,rejected)"},
    {"keep", 0, PREF_OPTION_CHOICE, offsetof(struct dedup, keep), "first",
     "which of equal records stays (first)"},
    {"contradictions", 0, PREF_OPTION_CHOICE, offsetof(struct dedup, contradictions_do),
     "keep|drop", "pairs that are there both ways round: keep or drop both (keep)"},
    PREF_OPTIONS_END};

static void dedup_preset(void *state)
{
    struct dedup *dedup = state;
    dedup->on = "prompt,chosen,rejected";
}

/* One field of --on. The three fields of a pair go by the names the user gave them. */
static int add_field(struct dedup *dedup, struct pref_shape *shape, const char *word,
                     struct pref_err *err)
{
    const struct pref_names *names = &dedup->common->names;
    if (dedup->fields == FIELDS_MAX)
        return pref_usage(err, "--on: at most %d fields", FIELDS_MAX);
    if (word[0] == '\0')
        return pref_usage(err, "--on: '%s' has an empty field", dedup->on);
    unsigned i = dedup->fields++;
    for (unsigned k = 0; k < i; k++)
        if (strcmp(dedup->name[k], word) == 0)
            return pref_usage(err, "--on: '%s' stands twice", word);
    dedup->name[i] = word;
    if (strcmp(word, "prompt") == 0) {
        dedup->place[i] = pref_want_text(shape, names->prompt, PREF_OUTSIDE);
    } else if (strcmp(word, "chosen") == 0) {
        dedup->place[i] = pref_want_text(shape, names->chosen, PREF_OUTSIDE);
        dedup->chosen = (int)i;
    } else if (strcmp(word, "rejected") == 0) {
        dedup->place[i] = pref_want_text(shape, names->rejected, PREF_OUTSIDE);
        dedup->rejected = (int)i;
    } else {
        dedup->place[i] = pref_shape_field(shape, word);
    }
    return PREF_OK;
}

static int read_on(struct dedup *dedup, struct pref_shape *shape, struct pref_err *err)
{
    dedup->whole_line = strcmp(dedup->on, "line") == 0;
    if (dedup->whole_line)
        return PREF_OK;
    dedup->words = strdup(dedup->on);
    if (dedup->words == NULL)
        return pref_fail_memory(err, "--on");
    int status = PREF_OK;
    for (char *word = dedup->words; word != NULL && status == PREF_OK;) {
        char *comma = strchr(word, ',');
        if (comma != NULL)
            *comma++ = '\0';
        if (strcmp(word, "line") == 0)
            return pref_usage(err, "--on: 'line' stands alone or not at all");
        status = add_field(dedup, shape, word, err);
        word = comma;
    }
    return status;
}

static int dedup_open(void *state, struct pref_opening *opening, struct pref_err *err)
{
    struct dedup *dedup = state;
    dedup->common = opening->common;
    dedup->chosen = dedup->rejected = -1;
    int status = read_on(dedup, opening->shape, err);
    if (status != PREF_OK)
        return status;
    if (dedup->contradictions_do == CONTRADICTIONS_DROP) {
        if (dedup->chosen < 0 || dedup->rejected < 0)
            return pref_usage(err, "--contradictions drop: --on must have chosen and rejected");
        opening->learns = 1;
        dedup->all = pref_keyset_new();
    }
    dedup->seen = pref_keyset_new();
    if (dedup->seen == NULL || (opening->learns && dedup->all == NULL))
        return pref_fail_memory(err, "the table of keys");
    return PREF_OK;
}

/* ---- Keys ------------------------------------------------------------------------------------ */

static enum pref_verdict key_line(const struct dedup *dedup, struct pref_job *job,
                                  struct keys *keys)
{
    const struct pref_doc *doc = job->doc;
    keys->own = pref_hash128(doc->line + doc->open, doc->close + 1 - doc->open,
                             dedup->common->table_seed);
    keys->exchanged = keys->own;
    keys->present = 1;
    return PREF_USE;
}

static enum pref_verdict key_fields(const struct dedup *dedup, struct pref_job *job,
                                    struct keys *keys)
{
    uint64_t seed = dedup->common->table_seed;
    struct pref_h128 field[FIELDS_MAX];
    for (unsigned i = 0; i < dedup->fields; i++) {
        const struct pref_hit *hit = pref_doc_at(job->doc, dedup->place[i]);
        if (hit == NULL)
            return pref_missing(job, dedup->name[i]);
        int status =
            pref_key_value(job->keys, pref_hit_span(job->doc, hit), seed, &field[i], job->err);
        if (status == PREF_USAGE)
            return pref_malformed(job, "field '%s': %s", dedup->name[i], job->err->text);
        if (status != PREF_OK)
            return PREF_BROKEN;
    }
    keys->own = keys->exchanged = pref_key_join(field, dedup->fields, seed);
    keys->present = 1;
    if (dedup->chosen >= 0 && dedup->rejected >= 0) {
        struct pref_h128 chosen = field[dedup->chosen];
        field[dedup->chosen] = field[dedup->rejected];
        field[dedup->rejected] = chosen;
        keys->exchanged = pref_key_join(field, dedup->fields, seed);
    }
    return PREF_USE;
}

static enum pref_verdict dedup_learn(const void *state, struct pref_job *job, void *note)
{
    const struct dedup *dedup = state;
    return dedup->whole_line ? key_line(dedup, job, note) : key_fields(dedup, job, note);
}

static enum pref_verdict dedup_map(const void *state, struct pref_job *job, void *note)
{
    enum pref_verdict verdict = dedup_learn(state, job, note);
    return verdict == PREF_USE ? PREF_PASS : verdict;
}

/* ---- Tables ---------------------------------------------------------------------------------- */

static int same(struct pref_h128 a, struct pref_h128 b)
{
    return a.low == b.low && a.high == b.high;
}

static enum pref_verdict out_of_memory(struct pref_row *row)
{
    pref_fail_memory(row->err, "the table of keys");
    return PREF_BROKEN;
}

static enum pref_verdict dedup_absorb(void *state, struct pref_row *row, void *note)
{
    struct dedup *dedup = state;
    const struct keys *keys = note;
    return pref_keyset_add(dedup->all, keys->own) < 0 ? out_of_memory(row) : PREF_USE;
}

static void dedup_warm(const void *state, const void *note)
{
    const struct dedup *dedup = state;
    const struct keys *keys = note;
    pref_keyset_prefetch(dedup->seen, keys->own);
    pref_keyset_prefetch(dedup->seen, keys->exchanged);
}

static enum pref_verdict dedup_commit(void *state, struct pref_row *row, void *note)
{
    struct dedup *dedup = state;
    const struct keys *keys = note;
    if (!keys->present)
        return row->verdict;
    int exchangeable = !same(keys->own, keys->exchanged);
    int added = pref_keyset_add(dedup->seen, keys->own);
    if (added < 0)
        return out_of_memory(row);
    if (added && exchangeable)
        dedup->contradictions += (uint64_t)pref_keyset_has(dedup->seen, keys->exchanged);
    if (dedup->all != NULL && exchangeable && pref_keyset_has(dedup->all, keys->exchanged)) {
        dedup->contradicting++;
        return pref_row_reject(row, "contradiction: the same pair is there the other way round");
    }
    if (added)
        return row->verdict;
    dedup->duplicates++;
    return pref_row_reject(row, "duplicate of an earlier record on %s", dedup->on);
}

static void dedup_report(const void *state, struct pref_report *report)
{
    const struct dedup *dedup = state;
    pref_report_count(report, "duplicates", dedup->duplicates);
    pref_report_count(report, "contradictions", dedup->contradictions);
    pref_report_count(report, "contradicting", dedup->contradicting);
    pref_report_count(report, "distinct", pref_keyset_count(dedup->seen));
}

static void dedup_close(void *state)
{
    struct dedup *dedup = state;
    pref_keyset_free(dedup->seen);
    pref_keyset_free(dedup->all);
    free(dedup->words);
}

const struct pref_filter filter_dedup = {
    .name = "dedup",
    .brief = "of equal records, keep the first",
    .options = options,
    .self_size = sizeof(struct dedup),
    .note_size = sizeof(struct keys),
    .preset = dedup_preset,
    .open = dedup_open,
    .learn = dedup_learn,
    .absorb = dedup_absorb,
    .map = dedup_map,
    .warm = dedup_warm,
    .commit = dedup_commit,
    .report = dedup_report,
    .close = dedup_close,
};
