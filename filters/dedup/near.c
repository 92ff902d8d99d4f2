/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "near.h"
#include "lib/text/text.h"
#include "pref/shingle.h"

#include <stdlib.h>
#include <string.h>

/* ---- Opening --------------------------------------------------------------------------------- */

/* What was not given: no count, and a share of nothing. */
#define NOT_GIVEN UINT64_MAX

void near_preset(struct near *near)
{
    near->ngram = near->candidates = NOT_GIVEN;
}

int near_is_on(const struct near *near)
{
    return near->rule.near.den > 0;
}

/* The options that say how to look, or an error where there is nothing to look for. */
static int fill_in(struct near *near, struct pref_err *err)
{
    const char *idle = near->turns.counted             ? "near-contradictions"
                       : near->ngram != NOT_GIVEN      ? "ngram"
                       : near->candidates != NOT_GIVEN ? "candidates"
                       : near->recall.den > 0          ? "recall"
                       : near->rule.each.den > 0       ? "each-field"
                                                       : NULL;
    if (!near_is_on(near))
        return idle == NULL ? PREF_OK
                            : pref_usage(err, "--%s has nothing to act on without --near", idle);
    if (near->ngram == NOT_GIVEN)
        near->ngram = 5;
    if (near->candidates == NOT_GIVEN)
        near->candidates = 2000;
    if (near->recall.den == 0)
        near->recall = (struct pref_share){19, 20};
    return PREF_OK;
}

int near_open(struct near *near, const struct dedup_fields *fields, uint64_t table_seed,
              struct pref_err *err)
{
    struct near_rule *rule = &near->rule;
    int status = fill_in(near, err);
    if (status != PREF_OK || !near_is_on(near))
        return status;
    if (fields->whole_line)
        return pref_usage(err, "--near compares words: --on must name fields");
    if (rule->near.num == 0)
        return pref_usage(err, "--near 0: every record is that near, expected more");
    if (near->ngram == 0 || near->ngram > 1000)
        return pref_usage(err, "--ngram: expected 1 to 1000 words");
    if (near->candidates == 0 || near->candidates > UINT32_MAX)
        return pref_usage(err, "--candidates: expected 1 to %lu", (unsigned long)UINT32_MAX);
    status = pref_lsh_plan(rule->near, near->recall, &near->plan, err);
    if (status != PREF_OK)
        return status;
    rule->fields = fields->count;
    rule->ngram = (size_t)near->ngram;
    pref_minhash_init(&near->family, near->plan.bands * near->plan.rows);
    near->bucket = near->candidates < near->plan.bands
                       ? 1
                       : (unsigned)(near->candidates / near->plan.bands);
    near->least = pref_lsh_least(near->family.count, rule->near);
    near->index = pref_lsh_new(near->plan, near->family.count, table_seed);
    return near->index == NULL ? pref_fail_memory(err, "the index of near records")
                               : near_sets_open(&near->sets, table_seed, err);
}

void near_close(struct near *near)
{
    pref_lsh_free(near->index);
    near_sets_close(&near->sets);
    near_turns_close(&near->turns);
    pref_buf_release(&near->recalled);
}

uint64_t near_bytes(const struct near *near)
{
    return pref_lsh_bytes(near->index) +
           near->sets.cap * (sizeof *near->sets.at + sizeof *near->sets.key);
}

unsigned near_bytes_each(const struct near *near)
{
    /* Lists that grow by a quarter; buckets of 8 bytes, three eighths of them in use at worst. */
    unsigned lists = near->family.count + 4 * near->plan.bands + 12;
    return lists * 5 / 4 + near->plan.bands * 22 + 32;
}

void near_report(const struct near *near, struct pref_report *report)
{
    pref_report_count(report, "near", near->removed);
    pref_report_count(report, "bands", near->plan.bands);
    pref_report_count(report, "rows", near->plan.rows);
    pref_report_count(report, "cut", near->cut);
    if (near->turns.on)
        pref_report_count(report, "near_contradictions", near->turns.pairs);
    if (near->cut > 0)
        pref_report_warn(report, "%llu records had more candidates than --candidates %llu lets be "
                                 "looked at: some that are near may have stayed",
                         (unsigned long long)near->cut, (unsigned long long)near->candidates);
}

/* ---- One record, on any thread --------------------------------------------------------------- */

struct near_own {
    struct pref_buf decoded[DEDUP_FIELDS_MAX];
    struct pref_words words;
    struct pref_shingles shingles, turned;
    struct near_set set; /* what is known so far */
};

struct near_own *near_own_new(void)
{
    return calloc(1, sizeof(struct near_own));
}

void near_own_free(struct near_own *own)
{
    if (own == NULL)
        return;
    for (unsigned f = 0; f < DEDUP_FIELDS_MAX; f++)
        pref_buf_release(&own->decoded[f]);
    pref_words_release(&own->words);
    pref_shingles_release(&own->shingles);
    pref_shingles_release(&own->turned);
    free(own);
}

/* The text of a field, and where the value stands. */
static enum pref_verdict read_field(const struct dedup_fields *fields, unsigned f,
                                    struct pref_job *job, struct near_own *own,
                                    struct pref_span *text)
{
    const struct pref_hit *hit = pref_doc_at(job->doc, fields->place[f]);
    if (hit == NULL)
        return pref_missing(job, fields->name[f]);
    struct pref_span value = pref_hit_span(job->doc, hit);
    *text = (struct pref_span){value.ptr + 1, value.len - 2};
    if ((hit->type != PREF_STRING || hit->escaped) &&
        pref_text_of(value, &own->decoded[f], text) != PREF_OK)
        return pref_malformed(job, "field '%s': a lone surrogate, expected text", fields->name[f]);
    if (own->decoded[f].failed) {
        pref_fail_memory(job->err, "the text of a record");
        return PREF_BROKEN;
    }
    own->set.start[f] = hit->start;
    own->set.bytes[f] = hit->end - hit->start;
    return PREF_USE;
}

static int add_shingles(const struct near *near, unsigned f, struct pref_span text,
                        struct near_own *own, struct pref_err *err)
{
    struct pref_words *words = &own->words;
    int status = pref_words_find(words, text, err);
    return status != PREF_OK ? status
                             : pref_shingles_add(&own->shingles, f, words->hash, words->count,
                                                 near->rule.ngram, err);
}

/* The shingles of all fields. What was just written is slow to read: every text is decoded before
 * the first is looked at. */
static enum pref_verdict find_shingles(const struct near *near, const struct dedup_fields *fields,
                                       struct pref_job *job, struct near_own *own)
{
    struct pref_shingles *shingles = &own->shingles;
    struct pref_span text[DEDUP_FIELDS_MAX];
    enum pref_verdict verdict = PREF_USE;
    for (unsigned f = 0; f < fields->count && verdict == PREF_USE; f++)
        verdict = read_field(fields, f, job, own, &text[f]);
    pref_shingles_begin(shingles);
    for (unsigned f = 0; f < fields->count && verdict == PREF_USE; f++) {
        size_t before = shingles->count;
        if (add_shingles(near, f, text[f], own, job->err) != PREF_OK)
            verdict = PREF_BROKEN;
        own->set.shingles[f] = (uint32_t)(shingles->count - before);
    }
    return verdict;
}

static struct pref_sketch sketch_of(const struct near *near, const struct near_set *set,
                                    void *memory)
{
    uint32_t signature[PREF_MINHASH_MAX];
    pref_minhash_sign(&near->family, set->list, set->count, signature);
    return pref_sketch_make(near->plan, signature, near->family.count, memory);
}

int near_fingerprint(const struct near *near, uint64_t *print, struct pref_err *err)
{
    /* Letters with marks, of two cases, without blanks; digits; and more words than one shingle
     * has. What messages say, and what an object does not. Behind them, readable bytes. */
    static const char values[][128 + PREF_PAD] = {
        "\"The 3 naïve ÉCLAIRS, 你好，世界! हिन्दी one two, one-two. Straße\"",
        "[{\"role\":\"user\",\"content\":\"one\"},{\"content\":[{\"text\":\"two\"}]}]",
        "{\"content\":\"three\"}",
    };
    struct near_own own = {.set = {.count = 0}};
    struct near_memory memory;
    struct pref_buf decoded = {0};
    int status = PREF_OK;
    pref_shingles_begin(&own.shingles);
    for (unsigned f = 0; f < sizeof values / sizeof *values && status == PREF_OK; f++) {
        struct pref_span text;
        if (pref_text_of(pref_span_of(values[f]), &decoded, &text) != PREF_OK || decoded.failed)
            status = pref_fail_memory(err, "an index");
        else
            status = add_shingles(near, f, text, &own, err);
    }
    if (status == PREF_OK) {
        struct near_set set = {.list = own.shingles.list, .count = own.shingles.count};
        sketch_of(near, &set, memory.own);
        *print = pref_hash64(memory.own, pref_sketch_size(near->plan, near->family.count), 0);
    }
    pref_buf_release(&decoded);
    pref_words_release(&own.words);
    pref_shingles_release(&own.shingles);
    return status;
}

/* Move what is known to memory of the record's note: the sketches and the shingles. NULL when
 * memory ran out. */
static struct near_record *make_record(const struct near *near, struct pref_job *job,
                                       struct near_own *own)
{
    const size_t align = sizeof(uint64_t);
    struct near_set turned;
    size_t sketch = (pref_sketch_size(near->plan, near->family.count) + align - 1) / align * align;
    size_t sketches = near->turns.on ? 2 * sketch : sketch;
    size_t lists = own->shingles.count * sizeof *own->shingles.list;
    struct near_record *record = pref_job_room(job, sizeof *record + sketches + lists);
    if (record == NULL)
        return NULL;
    *record = (struct near_record){.set = own->set};
    char *at = (char *)(record + 1);
    record->set.list = memcpy(at + sketches, own->shingles.list, lists);
    record->set.count = own->shingles.count;
    record->sketch = sketch_of(near, &record->set, at);
    if (!near->turns.on)
        return record;
    if (near_turn(&near->turns, &record->set, &near->rule, &own->turned, &turned, job->err) !=
        PREF_OK)
        return NULL;
    record->turned = sketch_of(near, &turned, at + sketch);
    return record;
}

enum pref_verdict near_describe(const struct near *near, const struct dedup_fields *fields,
                                struct pref_job *job, struct near_own *own,
                                struct near_record **record)
{
    *record = NULL;
    enum pref_verdict verdict = find_shingles(near, fields, job, own);
    if (verdict != PREF_USE || own->shingles.count == 0)
        return verdict;
    *record = make_record(near, job, own);
    if (*record == NULL) {
        pref_fail_memory(job->err, "the shingles of a record");
        return PREF_BROKEN;
    }
    return PREF_USE;
}

/* ---- In order -------------------------------------------------------------------------------- */

void near_warm(const struct near *near, const struct near_record *record)
{
    if (record != NULL)
        pref_lsh_prefetch(near->index, record->sketch);
}

int near_look(struct near *near, const struct near_record *record, const uint32_t *number_of,
              struct near_match *match, struct pref_err *err)
{
    struct pref_lsh_found found;
    *match = (struct near_match){.found = 0};
    int status = pref_lsh_find(near->index, record->sketch, near->least,
                               near->bucket, &found, err);
    match->cut = status == PREF_OK && found.cut;
    near->cut += (uint64_t)match->cut;
    if (found.count > 0 && status == PREF_OK)
        status = near_sets_take(&near->sets, &record->set, &near->rule, err);
    for (size_t i = 0; i < found.count && status == PREF_OK; i++) {
        uint32_t number = number_of == NULL ? found.ids[i] : number_of[found.ids[i]];
        struct near_common common;
        int is_near;
        status = near_sets_compare(&near->sets, number, &record->set, &near->rule, &common,
                                   &is_near, err);
        if (status == PREF_OK && is_near &&
            (!match->found || near_is_nearer(common, match->common)))
            *match = (struct near_match){1, number, common, match->cut};
    }
    return status;
}

int near_find(struct near *near, struct near_record *record, const struct pref_row *row,
              struct near_match *match)
{
    *match = (struct near_match){.found = 0};
    if (record == NULL)
        return PREF_OK;
    near_set_row(&record->set, row);
    return near_look(near, record, NULL, match, row->err);
}

int near_keep(struct near *near, const struct near_record *record, uint32_t key,
              struct pref_err *err)
{
    uint32_t id;
    if (record == NULL)
        return PREF_OK;
    int status = pref_lsh_add(near->index, record->sketch, &id, err);
    return status != PREF_OK
               ? status
               : near_sets_add(&near->sets, &record->set, &near->rule, key, err);
}

int near_protect(struct near *near, struct near_record *record, const struct pref_row *row,
                 uint32_t key)
{
    if (record == NULL)
        return PREF_OK;
    near->protected++;
    near_set_row(&record->set, row);
    return near_keep(near, record, key, row->err);
}

int near_protect_stored(struct near *near, struct pref_sketch sketch, size_t len, uint32_t key,
                        struct pref_err *err)
{
    uint32_t id;
    int status = near_sets_add_stored(&near->sets, len, key, err);
    near->protected++;
    return status == PREF_OK ? pref_lsh_add(near->index, sketch, &id, err) : status;
}

int near_is_protected(const struct near *near, uint32_t number)
{
    return number < near->protected;
}

uint32_t near_key(const struct near *near, uint32_t number)
{
    return near->sets.key[number];
}

int near_recall(struct near *near, uint32_t number, struct near_memory *memory,
                struct near_record *record, struct pref_err *err)
{
    struct near_set turned;
    int status =
        near_sets_recall(&near->sets, number, &near->rule, &near->recalled, &record->set, err);
    if (status != PREF_OK || record->set.count == 0)
        return status;
    record->sketch = sketch_of(near, &record->set, memory->own);
    if (!near->turns.on)
        return PREF_OK;
    status = near_turn(&near->turns, &record->set, &near->rule, &near->turns.list, &turned, err);
    if (status == PREF_OK)
        record->turned = sketch_of(near, &turned, memory->turned);
    return status;
}
