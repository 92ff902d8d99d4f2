/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decon - reject records that share text with benchmarks.
 *
 * The benchmarks are side inputs: study finds the words of each item, gather makes the index of
 * their n-grams (ngram_index.h); or the index was made before. map looks up every n-gram of a
 * record's fields, sums up by item what it found, and decides; commit writes evidence and counts,
 * which is all that is left of a dry run.
 *
 * With --common a first reading counts the records that each n-gram stands in.
 */
#include "config.h"

#include "filters.h"
#include "filters/decon/state.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const struct pref_option options[] = {
    {"against", 0, PREF_OPTION_LIST, offsetof(struct decon, against), "FILE",
     "a benchmark, an item a line, called after its file; may be given again"},
    {"text", 0, PREF_OPTION_TEXT, offsetof(struct decon, text), "FIELD",
     "where an item's text is: a string or messages (/text)"},
    {"item-id", 0, PREF_OPTION_TEXT, offsetof(struct decon, item_id), "FIELD",
     "where an item's id is (id)"},
    {"benchmark", 0, PREF_OPTION_TEXT, offsetof(struct decon, benchmark), "FIELD",
     "where an item says which benchmark it is of, if not its file's name"},
    {"ngram", 0, PREF_OPTION_COUNT, offsetof(struct decon, ngram), "N",
     "compare N words in a row (13)"},
    {"min-matches", 0, PREF_OPTION_COUNT, offsetof(struct decon, min_matches), "M",
     "an item is hit from M of its n-grams on, or all it has (1)"},
    {"coverage", 0, PREF_OPTION_SHARE, offsetof(struct decon, coverage), "SHARE",
     "and if so much of its words stands in those found (0)"},
    {"common", 0, PREF_OPTION_COUNT, offsetof(struct decon, common), "N",
     "ignore n-grams that stand in more than N records of the corpus"},
    {"on", 0, PREF_OPTION_TEXT, offsetof(struct decon, on), "FIELDS",
     "fields of the record to look at, with commas (prompt,chosen,rejected)"},
    {"turns", 0, PREF_OPTION_CHOICE, offsetof(struct decon, turns), "all|first",
     "of messages, look at all or at the first turn, in records and items (all)"},
    {"evidence", 0, PREF_OPTION_TEXT, offsetof(struct decon, evidence_file), "FILE",
     "write a line for each record and item that it hits"},
    {"annotate", 0, PREF_OPTION_FLAG, offsetof(struct decon, annotate), NULL,
     "let all records pass, marked with what they hit"},
    {"dry-run", 0, PREF_OPTION_FLAG, offsetof(struct decon, dry_run), NULL,
     "let all records pass as they came: only evidence and counts are written"},
    {"save-index", 0, PREF_OPTION_TEXT, offsetof(struct decon, save_index), "FILE",
     "write the index of the benchmarks, for --index"},
    {"index", 0, PREF_OPTION_TEXT, offsetof(struct decon, index_file), "FILE",
     "use an index that --save-index wrote, instead of --against"},
    PREF_OPTIONS_END};

static const char *const annotation_keys[] = {"items", "benchmark", "id", "coverage", NULL};

static void decon_preset(void *state)
{
    struct decon *decon = state;
    decon->on = "prompt,chosen,rejected";
    decon->min_matches = 1;
    decon->turns = DECON_TURNS_UNSAID;
    decon->common = DECON_COMMON_ANY;
    decon->coverage = (struct pref_share){0, 1};
}

/* ---- Opening --------------------------------------------------------------------------------- */

static int open_fields(struct decon *decon, struct pref_opening *opening, struct pref_err *err)
{
    for (const char *word = decon->on;; word++) {
        struct pref_span name = {word, strcspn(word, ",")};
        unsigned field, before = decon->fields.count;
        if (name.len == 0)
            return pref_usage(err, "--on: '%s' has an empty field", decon->on);
        int status = filter_fields_add(&decon->fields, opening, name, &field, err);
        if (status != PREF_OK)
            return status;
        if (decon->fields.count == before)
            return pref_usage(err, "--on: '%s' stands twice", decon->fields.name[field]);
        pref_open_await(opening, decon->fields.place[field]);
        word += name.len;
        if (*word == '\0')
            return PREF_OK;
    }
}

static int decon_open(void *state, struct pref_opening *opening, struct pref_err *err)
{
    struct decon *decon = state;
    if (decon->min_matches == 0)
        return pref_usage(err, "--min-matches: 0, expected at least 1");
    if (decon->common == 0)
        return pref_usage(err, "--common: 0 would ignore whatever is found, expected at least 1");
    if (decon->dry_run && decon->annotate)
        return pref_usage(err, "--annotate and --dry-run: expected one of the two");
    int status = decon_items_open(decon, opening, err);
    if (status == PREF_OK)
        status = open_fields(decon, opening, err);
    if (status == PREF_OK && decon->evidence_file != NULL)
        status = pref_open_side(opening, "--evidence", decon->evidence_file, &decon->evidence, err);
    if (status != PREF_OK)
        return status;
    decon->id = pref_shape_field(opening->shape, opening->common->names.id);
    opening->learns = decon->common != DECON_COMMON_ANY;
    if (decon->annotate) {
        decon->key = opening->common->as == NULL ? "decon" : opening->common->as;
        decon->annotation =
            pref_shape_key(opening->shape, PREF_ROOT, pref_span_of(decon->key));
        /* A null is replaced, not joined by a second key. */
        pref_shape_demand(opening->shape, decon->annotation, PREF_IS_ANY, PREF_NULL_IS_VALUE);
    }
    return PREF_OK;
}

static int decon_enter(const void *state, void **own, struct pref_err *err)
{
    (void)state;
    *own = calloc(1, sizeof(struct decon_own));
    return *own == NULL ? pref_fail_memory(err, "a thread") : PREF_OK;
}

static void decon_leave(void *own)
{
    decon_own_free(own);
}

/* ---- One record, on any thread --------------------------------------------------------------- */

/* What is wrong with the record, whatever it shares; PREF_USE if nothing is. A field that a record
 * lacks is counted once, and the others are looked at all the same. */
static enum pref_verdict check(const struct decon *decon, struct pref_job *job)
{
    struct pref_span nothing = {NULL, 0};
    if (decon->annotate && pref_annotate(job, decon->key, decon->annotation, annotation_keys,
                                         nothing) != PREF_PASS)
        return PREF_MALFORMED;
    for (unsigned i = 0; i < decon->fields.count; i++) {
        if (pref_doc_at(job->doc, decon->fields.place[i]) != NULL)
            continue;
        enum pref_verdict verdict = pref_missing(job, decon->fields.name[i]);
        return verdict == PREF_PASS ? PREF_USE : verdict;
    }
    return PREF_USE;
}

static enum pref_verdict no_memory(struct pref_job *job)
{
    pref_fail_memory(job->err, "what a record shares with benchmarks");
    return PREF_BROKEN;
}

static enum pref_verdict decon_learn(const void *state, struct pref_job *job, void *state_note)
{
    const struct decon *decon = state;
    struct decon_own *own = job->own;
    struct decon_note *note = state_note;
    enum pref_verdict verdict = check(decon, job);
    if (verdict == PREF_MALFORMED)
        return verdict;
    if (decon_find(decon, job) != PREF_OK)
        return PREF_BROKEN;
    uint32_t *ngrams = pref_job_alloc(job, (own->found_count + 1) * sizeof *ngrams);
    if (ngrams == NULL)
        return no_memory(job);
    for (size_t i = 0; i < own->found_count; i++)
        ngrams[i] = own->found[i].ngram;
    note->of.ngrams = ngrams;
    note->count = (uint32_t)own->found_count;
    return PREF_USE;
}

/* Give the serial half what it needs of a record with hits. */
static enum pref_verdict take_note(const struct decon *decon, struct pref_job *job,
                                   struct decon_note *note)
{
    const struct decon_own *own = job->own;
    const struct pref_hit *id = pref_doc_at(job->doc, decon->id);
    size_t size = own->hit_count * sizeof *own->hit;
    size_t excerpts = decon->evidence == NULL ? 0 : own->excerpts.len;
    char *kept = pref_job_alloc(job, size + excerpts + 1);
    if (kept == NULL)
        return no_memory(job);
    memcpy(kept, own->hit, size);
    if (excerpts > 0)
        memcpy(kept + size, own->excerpts.ptr, excerpts);
    note->of.hits = (const struct decon_hit *)(void *)kept;
    note->text = (struct pref_span){kept + size, excerpts};
    note->count = (uint32_t)own->hit_count;
    if (id != NULL) {
        note->id = id->start;
        note->id_len = id->end - id->start;
    }
    return PREF_PASS;
}

static enum pref_verdict decon_map(const void *state, struct pref_job *job, void *state_note)
{
    const struct decon *decon = state;
    struct decon_own *own = job->own;
    enum pref_verdict verdict = check(decon, job);
    if (verdict != PREF_USE)
        return verdict;
    if (decon_find(decon, job) != PREF_OK || decon_hits(decon, own, job->err) != PREF_OK)
        return PREF_BROKEN;
    if (own->hit_count > 0) {
        if (decon->evidence != NULL && decon_excerpts(decon, job) != PREF_OK)
            return PREF_BROKEN;
        if (take_note(decon, job, state_note) != PREF_PASS)
            return PREF_BROKEN;
    }
    if (decon->annotate) {
        decon_annotation(decon, own, &job->scratch[0]);
        return pref_annotate(job, decon->key, decon->annotation, annotation_keys,
                             pref_buf_span(&job->scratch[0]));
    }
    if (own->hit_count == 0 || decon->dry_run)
        return PREF_PASS;
    verdict = pref_reject(job, "%s", "");
    decon_why(decon, own, &job->why);
    return verdict;
}

/* ---- In order -------------------------------------------------------------------------------- */

static enum pref_verdict decon_commit(void *state, struct pref_row *row, void *state_note)
{
    struct decon *decon = state;
    const struct decon_note *note = state_note;
    decon->hits += note->count > 0;
    for (uint32_t i = 0; i < note->count; i++) {
        const struct decon_hit *hit = &note->of.hits[i];
        uint64_t bit = UINT64_C(1) << hit->item % 64, *matched = &decon->matched[hit->item / 64];
        struct decon_tally *tally = &decon->tally[decon->index->item[hit->item].benchmark];
        tally->matched += (*matched & bit) == 0;
        *matched |= bit;
        tally->hits += tally->last != row->ordinal + 1;
        tally->last = row->ordinal + 1;
        if (decon->evidence != NULL && decon_evidence(decon, row, note, hit) != PREF_OK)
            return PREF_BROKEN;
    }
    return row->verdict;
}

static int decon_finish(void *state, struct pref_err *err)
{
    const struct decon *decon = state;
    return decon->save_index == NULL
               ? PREF_OK
               : pref_ngram_index_write(decon->index, decon->save_index, err);
}

static void decon_close(void *state)
{
    struct decon *decon = state;
    filter_fields_release(&decon->fields);
    pref_ngram_index_free(decon->index);
    pref_buf_release(&decon->index_hash);
    pref_buf_release(&decon->line);
    free(decon->records);
    free(decon->ignored);
    free(decon->left);
    free(decon->matched);
    free(decon->tally);
}

const struct pref_filter filter_decon = {
    .name = "decon",
    .brief = "reject records that share text with benchmarks",
    .options = options,
    .traits = PREF_FITS,
    .self_size = sizeof(struct decon),
    .note_size = sizeof(struct decon_note),
    .preset = decon_preset,
    .open = decon_open,
    .enter = decon_enter,
    .leave = decon_leave,
    .study = decon_study,
    .gather = decon_gather,
    .begin = decon_begin,
    .learn = decon_learn,
    .absorb = decon_absorb,
    .settle = decon_settle,
    .map = decon_map,
    .commit = decon_commit,
    .fit_options = decon_fit_options,
    .fit_format = 1,
    .save = decon_save,
    .load = decon_load,
    .finish = decon_finish,
    .report = decon_report,
    .close = decon_close,
};
