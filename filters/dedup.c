/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dedup - of records that are equal in the fields of --on, one stays.
 *
 * map hashes each field's value, however it is spelt, and joins the hashes into the record's key;
 * the key of the same pair with its sides exchanged costs one more join. Where the first of equal
 * records stays as it came, that is all: commit keeps the table of keys.
 *
 * Everything else must be known before the first record leaves, which takes phases of learning:
 * the first makes the groups (dedup/groups.h): which record of each key stays, how many there are,
 * which pairs are there both ways round (contradictions). A second one is needed for what is kept
 * only of groups that turned out to have several records: their places (common/audit.h) and their
 * votes (dedup/votes.h).
 */
#include "config.h"

#include "filters.h"
#include "filters/dedup/row.h"
#include "filters/dedup/rows.h"
#include "lib/base/memory.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

static const struct pref_option options[] = {
    {"on", 0, PREF_OPTION_TEXT, offsetof(struct dedup, fields.on), "FIELDS",
     "what must be equal: fields with commas, or line (prompt,chosen,rejected)"},
    {"normalize", 0, PREF_OPTION_TEXT, offsetof(struct dedup, fields.normalize), "LIST",
     "compare texts folded: none, or some of space, case, nfkc with commas (none)"},
    {"keep", 0, PREF_OPTION_TEXT, offsetof(struct dedup, keep), "WHICH",
     "which of equal records stays: first, last, max:FIELD or min:FIELD (first)"},
    {"contradictions", 0, PREF_OPTION_CHOICE, offsetof(struct dedup, contradictions_do),
     "keep|drop|merge", "pairs that are there both ways round: keep, drop or join both (keep)"},
    {"as-judge", 0, PREF_OPTION_TEXT, offsetof(struct dedup, votes.judge), "NAME",
     "whose vote a merged record without votes is (its source, else label)"},
    {"merge-votes", 0, PREF_OPTION_FLAG, offsetof(struct dedup, merge_votes), NULL,
     "give the record that stays the votes of its duplicates"},
    {"count", 0, PREF_OPTION_FLAG, offsetof(struct dedup, count), NULL,
     "write into each record that stays how many there were of it"},
    {"against", 0, PREF_OPTION_LIST, offsetof(struct dedup, against.files), "FILE",
     "reject what is in FILE already, which stays as it is; may be given again"},
    {"save-index", 0, PREF_OPTION_TEXT, offsetof(struct dedup, index.save), "FILE",
     "write an index of what --against protects, for --index"},
    {"index", 0, PREF_OPTION_TEXT, offsetof(struct dedup, index.use), "FILE",
     "use an index that --save-index wrote, instead of --against"},
    {"near", 0, PREF_OPTION_SHARE, offsetof(struct dedup, near.rule.near), "T",
     "reject near-duplicates, too: T is the least Jaccard similarity of their words"},
    {"ngram", 0, PREF_OPTION_COUNT, offsetof(struct dedup, near.ngram), "N",
     "compare N words in a row (5)"},
    {"recall", 0, PREF_OPTION_SHARE, offsetof(struct dedup, near.recall), "R",
     "the share of pairs just as near as T that must be found (0.95)"},
    {"each-field", 0, PREF_OPTION_SHARE, offsetof(struct dedup, near.rule.each), "F",
     "the least similarity of each field, beside that of the whole (0)"},
    {"candidates", 0, PREF_OPTION_COUNT, offsetof(struct dedup, near.candidates), "N",
     "look at no more than N records for each (2000)"},
    {"near-contradictions", 0, PREF_OPTION_FLAG, offsetof(struct dedup, near.turns.counted), NULL,
     "count pairs that are near to each other the other way round"},
    {"clusters", 0, PREF_OPTION_TEXT, offsetof(struct dedup, clusters), "FILE",
     "write a line for each record that goes: where it was, and which stays for it"},
    {"memory", 0, PREF_OPTION_SIZE, offsetof(struct dedup, memory), "SIZE",
     "keep tables on disk, in TMPDIR, and at most SIZE of them in memory"},
    PREF_OPTIONS_END};

static void dedup_preset(void *state)
{
    struct dedup *dedup = state;
    dedup->fields.on = "prompt,chosen,rejected";
    dedup->fields.normalize = "none";
    dedup->keep = "first";
    dedup->memory = MEMORY_FREE;
    near_preset(&dedup->near);
}

/* ---- Opening --------------------------------------------------------------------------------- */

static int read_keep(struct dedup *dedup, struct pref_opening *opening, struct pref_err *err)
{
    dedup->value = PREF_NOWHERE;
    if (strcmp(dedup->keep, "first") == 0) {
        dedup->rule = KEEP_FIRST;
    } else if (strcmp(dedup->keep, "last") == 0) {
        dedup->rule = KEEP_LAST;
    } else if ((strncmp(dedup->keep, "max:", 4) == 0 || strncmp(dedup->keep, "min:", 4) == 0) &&
               dedup->keep[4] != '\0') {
        dedup->rule = dedup->keep[1] == 'a' ? KEEP_MAX : KEEP_MIN;
        dedup->value = pref_shape_field(opening->shape, dedup->keep + 4);
        pref_open_await(opening, dedup->value);
    } else {
        return pref_usage(err, "--keep: '%s', expected first, last, max:FIELD or min:FIELD",
                          dedup->keep);
    }
    return PREF_OK;
}

/* How often the input must be read before a record can leave. */
static unsigned count_steps(const struct dedup *dedup)
{
    if (near_is_on(&dedup->near))
        return dedup_merges(dedup) ? 2
               : dedup->rule != KEEP_FIRST || dedup->count ||
                       dedup->contradictions_do != CONTRADICTIONS_KEEP;
    if (dedup_merges(dedup) || (dedup->clusters != NULL && dedup->rule != KEEP_FIRST))
        return 2;
    return dedup->rule != KEEP_FIRST || dedup->count || dedup_is_bounded(dedup) ||
           dedup->contradictions_do != CONTRADICTIONS_KEEP;
}

/* What is kept of records beside their keys. */
static int open_details(struct dedup *dedup, struct pref_opening *opening, struct pref_err *err)
{
    int on_disk = dedup_is_bounded(dedup), status = PREF_OK;
    if (dedup_tells_ids(dedup))
        dedup->id = pref_shape_field(opening->shape, opening->common->names.id);
    if (dedup_needs_places(dedup))
        status = audit_open(&dedup->audit, opening, dedup->clusters, on_disk, err);
    if (status == PREF_OK && dedup_protects(dedup))
        status = against_open(&dedup->against, opening, on_disk, err);
    if (status == PREF_OK && dedup_merges(dedup))
        status = votes_open(&dedup->votes, opening,
                            dedup->contradictions_do == CONTRADICTIONS_MERGE, on_disk, err);
    return status;
}

static int open_tables(struct dedup *dedup, struct pref_opening *opening, struct pref_err *err)
{
    struct groups_rules rules = {dedup->rule, dedup->contradictions_do, dedup->merge_votes};
    int all = dedup->count || dedup_merges(dedup) || dedup_needs_places(dedup);
    dedup->learns = opening->learns = count_steps(dedup);
    if (dedup_is_bounded(dedup))
        return ledger_open(&dedup->ledger, rules, all, dedup->memory, err);
    dedup->most = pref_memory_most();
    if (dedup->learns > 0 && !near_is_on(&dedup->near))
        return groups_open(&dedup->groups, rules, err);
    dedup->seen = dedup->clusters != NULL || near_is_on(&dedup->near)
                      ? pref_keyset_new_numbered()
                      : pref_keyset_new();
    int peeks = near_is_on(&dedup->near) && dedup->learns == 0;
    if (dedup->seen != NULL && peeks)
        dedup->peek = pref_key_peek_new(dedup->seen);
    return dedup->seen == NULL || (peeks && dedup->peek == NULL)
               ? pref_fail_memory(err, "the table of keys")
               : PREF_OK;
}

static int open_near(struct dedup *dedup, struct pref_opening *opening, struct pref_err *err)
{
    int status = near_open(&dedup->near, &dedup->fields, opening->common->table_seed, err);
    if (status != PREF_OK || !near_is_on(&dedup->near))
        return status;
    unsigned each = near_bytes_each(&dedup->near);
    if (dedup_is_bounded(dedup))
        return pref_usage(err, "--memory: the index of --near lies in memory, %u bytes for each "
                               "record that stays: %llu would fit", each,
                          (unsigned long long)(dedup->memory / each));
    dedup->ranked.contradictions = dedup->contradictions_do == CONTRADICTIONS_DROP ? RANKED_DROPS
                                   : dedup->contradictions_do == CONTRADICTIONS_MERGE
                                       ? RANKED_JOINS
                                       : RANKED_KEEPS;
    status = near_turns_open(&dedup->near, &dedup->fields,
                             dedup->contradictions_do != CONTRADICTIONS_KEEP, err);
    return status == PREF_OK ? pref_open_rereads(opening, &dedup->near.sets.rereads, err) : status;
}

static int dedup_open(void *state, struct pref_opening *opening, struct pref_err *err)
{
    struct dedup *dedup = state;
    dedup->fields.fixed = dedup_index_is_on(&dedup->index);
    int status = dedup_fields_open(&dedup->fields, opening, err);
    if (status == PREF_OK)
        status = read_keep(dedup, opening, err);
    if (status != PREF_OK)
        return status;
    if (dedup->contradictions_do != CONTRADICTIONS_KEEP && !dedup_fields_sides(&dedup->fields))
        return pref_usage(err, "--contradictions %s: --on must have chosen and rejected",
                          dedup->contradictions_do == CONTRADICTIONS_DROP ? "drop" : "merge");
    if (dedup->votes.judge != NULL && dedup->contradictions_do != CONTRADICTIONS_MERGE)
        return pref_usage(err, "--as-judge has nothing to act on without --contradictions merge");
    if (dedup->memory < LEDGER_LEAST)
        return pref_usage(err, "--memory: %llu bytes, expected at least %lluK",
                          (unsigned long long)dedup->memory,
                          (unsigned long long)LEDGER_LEAST >> 10);
    if (dedup->count) {
        dedup->key = opening->common->as == NULL ? "dedup" : opening->common->as;
        dedup->annotation =
            pref_shape_key(opening->shape, PREF_ROOT, pref_span_of(dedup->key));
        /* A null is replaced, not joined by a second key. */
        pref_shape_demand(opening->shape, dedup->annotation, PREF_IS_ANY, PREF_NULL_IS_VALUE);
    }
    status = open_details(dedup, opening, err);
    if (status == PREF_OK)
        status = open_tables(dedup, opening, err);
    if (status == PREF_OK)
        status = open_near(dedup, opening, err);
    return status == PREF_OK ? dedup_index_open(dedup, opening, err) : status;
}

static int dedup_enter(const void *state, void **own, struct pref_err *err)
{
    const struct dedup *dedup = state;
    if (!near_is_on(&dedup->near))
        return PREF_OK;
    *own = near_own_new();
    return *own == NULL ? pref_fail_memory(err, "the words of records") : PREF_OK;
}

static void dedup_leave(void *own)
{
    near_own_free(own);
}

/* ---- One record, on any thread --------------------------------------------------------------- */

static void read_value(const struct dedup *dedup, const struct pref_doc *doc,
                       struct dedup_note *note)
{
    const struct pref_hit *hit =
        dedup->value == PREF_NOWHERE ? NULL : pref_doc_at(doc, dedup->value);
    note->value = hit != NULL && hit->type == PREF_NUMBER ? pref_hit_number(doc, hit) : NAN;
}

/* A record's key, and its id where audits name it. */
static enum pref_verdict read_key(const struct dedup *dedup, struct pref_job *job,
                                  struct dedup_note *note)
{
    enum pref_verdict verdict = dedup_fields_keys(&dedup->fields, job, &note->keys);
    if (verdict != PREF_USE)
        return verdict;
    const struct pref_hit *id =
        dedup_tells_ids(dedup) ? pref_doc_at(job->doc, dedup->id) : NULL;
    if (id != NULL) {
        note->id = id->start;
        note->id_len = id->end - id->start;
    }
    return PREF_USE;
}

static enum pref_verdict read_record(const struct dedup *dedup, struct pref_job *job,
                                     struct dedup_note *note)
{
    struct pref_span nothing = {NULL, 0};
    enum pref_verdict verdict = read_key(dedup, job, note);
    if (verdict != PREF_USE)
        return verdict;
    dedup_fields_scatter(&dedup->fields, &note->keys);
    if (dedup->count && pref_annotate(job, dedup->key, dedup->annotation, dedup_annotation_keys,
                                      nothing) != PREF_PASS)
        return PREF_MALFORMED;
    if (against_find(&dedup->against, note->keys.own, &note->protected)) {
        note->part = NOTE_PROTECTED;
        return PREF_PASS;
    }
    note->part = NOTE_PRESENT;
    read_value(dedup, job->doc, note);
    return PREF_USE;
}

/* Whether a record equals one that stays already: commit will find so, and asks no more of it. */
static int is_known(const struct dedup *dedup, const struct dedup_note *note)
{
    return dedup->peek != NULL && pref_key_peek(dedup->peek, note->keys.own);
}

/* What it may be near to is worked out for a record that goes on. */
static enum pref_verdict describe(const struct dedup *dedup, struct pref_job *job,
                                  struct dedup_note *note, enum pref_verdict verdict)
{
    return verdict == PREF_USE && near_is_on(&dedup->near)
               ? near_describe(&dedup->near, &dedup->fields, job, job->own, &note->near)
               : verdict;
}

static enum pref_verdict dedup_study(const void *state, struct pref_job *job, void *note)
{
    return describe(state, job, note, read_key(state, job, note));
}

static enum pref_verdict dedup_learn(const void *state, struct pref_job *job, void *note)
{
    const struct dedup *dedup = state;
    enum pref_verdict verdict = read_record(dedup, job, note);
    /* Where there are several readings, nearness is told in the first. */
    return dedup->step > 0 ? verdict : describe(dedup, job, note, verdict);
}

static enum pref_verdict dedup_map(const void *state, struct pref_job *job, void *state_note)
{
    const struct dedup *dedup = state;
    struct dedup_note *note = state_note;
    uint32_t group;
    enum pref_verdict verdict = read_record(dedup, job, note);
    if (verdict == PREF_USE && is_known(dedup, note))
        return PREF_PASS;
    if (dedup->learns == 0)
        verdict = describe(dedup, job, note, verdict);
    if (verdict != PREF_USE)
        return verdict;
    if (!dedup->count || dedup->groups.keys == NULL ||
        !groups_find(&dedup->groups, note->keys.own, &group))
        return PREF_PASS;
    return dedup_annotate(dedup, job, dedup->groups.copies[group]);
}

/* ---- The end --------------------------------------------------------------------------------- */

static uint64_t count_distinct(const struct dedup *dedup)
{
    if (dedup_is_bounded(dedup))
        return dedup->ledger.distinct;
    if (near_is_on(&dedup->near) && dedup->learns > 0)
        return dedup->ranked.leaders;
    return pref_keyset_count(dedup->learns > 0 ? dedup->groups.keys : dedup->seen);
}

static void dedup_report(const void *state, struct pref_report *report)
{
    const struct dedup *dedup = state;
    pref_report_count(report, "duplicates", dedup->duplicates);
    pref_report_count(report, "contradictions",
                      dedup->contradictions + dedup->ledger.contradictions +
                          dedup->ranked.same_pairs);
    pref_report_count(report, "contradicting", dedup->contradicting);
    pref_report_count(report, "distinct", count_distinct(dedup));
    if (near_is_on(&dedup->near))
        near_report(&dedup->near, report);
    if (dedup_protects(dedup)) {
        pref_report_count(report, "against", dedup->against.matched);
        pref_report_count(report, "protected", dedup->against.records);
    }
}

static int dedup_finish(void *state, struct pref_err *err)
{
    return dedup_index_save(state, err);
}

static void dedup_close(void *state)
{
    struct dedup *dedup = state;
    dedup_index_close(&dedup->index);
    pref_key_peek_free(dedup->peek);
    pref_keyset_free(dedup->seen);
    groups_close(&dedup->groups);
    ledger_close(&dedup->ledger);
    against_close(&dedup->against);
    audit_close(&dedup->audit);
    votes_close(&dedup->votes);
    near_close(&dedup->near);
    ranked_close(&dedup->ranked);
    dedup_fields_close(&dedup->fields);
}

const struct pref_filter filter_dedup = {
    .name = "dedup",
    .brief = "of equal or near records, keep one",
    .options = options,
    .self_size = sizeof(struct dedup),
    .note_size = sizeof(struct dedup_note),
    .preset = dedup_preset,
    .open = dedup_open,
    .enter = dedup_enter,
    .leave = dedup_leave,
    .study = dedup_study,
    .gather = dedup_gather,
    .learn = dedup_learn,
    .absorb = dedup_absorb,
    .settle = dedup_settle,
    .map = dedup_map,
    .warm = dedup_warm,
    .commit = dedup_commit,
    .finish = dedup_finish,
    .report = dedup_report,
    .close = dedup_close,
};
