/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dedup - of records that are equal in the fields of --on, one stays.
 *
 * map hashes each field's decoded value and joins the hashes into the record's key; the key of the
 * same pair with its sides exchanged costs one more join. Where the first of equal records stays
 * as it came, that is all: commit keeps the table of keys.
 *
 * Everything else must be known before the first record leaves, which takes phases of learning:
 * the first makes the groups (dedup_groups.h): which record of each key stays, how many there are,
 * which pairs are there both ways round (contradictions). A second one is needed for what is kept
 * only of groups that turned out to have several records: their places.
 */
#include "config.h"

#include "dedup_audit.h"
#include "dedup_fields.h"
#include "dedup_groups.h"
#include "filters.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

enum { CONTRADICTIONS_KEEP, CONTRADICTIONS_DROP };

struct dedup {
    const char *keep, *clusters;
    int contradictions_do, count;
    struct dedup_fields fields;
    int rule;              /* enum groups_keep */
    pref_place value, id;  /* what max and min compare; what audits name */
    const char *key;       /* of the annotation */
    pref_place annotation;
    unsigned learns, step; /* steps of learning needed, and done */
    struct pref_keyset *seen; /* where nothing is learnt */
    struct groups groups;     /* where something is */
    struct audit audit;
    uint64_t duplicates, contradictions, contradicting;
};

/* What a record brings to absorb and commit. */
struct note {
    struct dedup_keys keys;
    double value;         /* NaN: it has none */
    uint32_t id, id_len;  /* in its line */
    int present;          /* 0: it lacks a field and takes no part */
};

static const struct pref_option options[] = {
    {"on", 0, PREF_OPTION_TEXT, offsetof(struct dedup, fields.on), "FIELDS",
     "what must be equal: fields with commas, or line (prompt,chosen,rejected)"},
    {"normalize", 0, PREF_OPTION_TEXT, offsetof(struct dedup, fields.normalize), "LIST",
     "compare texts folded: none, or some of space, case, nfkc with commas (none)"},
    {"keep", 0, PREF_OPTION_TEXT, offsetof(struct dedup, keep), "WHICH",
     "which of equal records stays: first, last, max:FIELD or min:FIELD (first)"},
    {"contradictions", 0, PREF_OPTION_CHOICE, offsetof(struct dedup, contradictions_do),
     "keep|drop", "pairs that are there both ways round: keep or drop both (keep)"},
    {"count", 0, PREF_OPTION_FLAG, offsetof(struct dedup, count), NULL,
     "write into each record that stays how many there were of it"},
    {"clusters", 0, PREF_OPTION_TEXT, offsetof(struct dedup, clusters), "FILE",
     "write a line for each record that goes: where it was, and which stays for it"},
    PREF_OPTIONS_END};

static const char *const annotation_keys[] = {"copies", NULL};

static void dedup_preset(void *state)
{
    struct dedup *dedup = state;
    dedup->fields.on = "prompt,chosen,rejected";
    dedup->fields.normalize = "none";
    dedup->keep = "first";
}

/* ---- Opening --------------------------------------------------------------------------------- */

static int read_keep(struct dedup *dedup, struct pref_shape *shape, struct pref_err *err)
{
    dedup->value = PREF_NOWHERE;
    if (strcmp(dedup->keep, "first") == 0) {
        dedup->rule = KEEP_FIRST;
    } else if (strcmp(dedup->keep, "last") == 0) {
        dedup->rule = KEEP_LAST;
    } else if ((strncmp(dedup->keep, "max:", 4) == 0 || strncmp(dedup->keep, "min:", 4) == 0) &&
               dedup->keep[4] != '\0') {
        dedup->rule = dedup->keep[1] == 'a' ? KEEP_MAX : KEEP_MIN;
        dedup->value = pref_shape_field(shape, dedup->keep + 4);
    } else {
        return pref_usage(err, "--keep: '%s', expected first, last, max:FIELD or min:FIELD",
                          dedup->keep);
    }
    return PREF_OK;
}

/* How often the input must be read before a record can leave. */
static unsigned count_steps(const struct dedup *dedup)
{
    if (dedup->clusters != NULL && dedup->rule != KEEP_FIRST)
        return 2;
    return dedup->rule != KEEP_FIRST || dedup->count ||
           dedup->contradictions_do != CONTRADICTIONS_KEEP;
}

static int open_tables(struct dedup *dedup, struct pref_opening *opening, struct pref_err *err)
{
    if (dedup->clusters != NULL) {
        dedup->id = pref_shape_field(opening->shape, opening->common->names.id);
        int status = audit_open(&dedup->audit, opening, dedup->clusters, err);
        if (status != PREF_OK)
            return status;
    }
    dedup->learns = opening->learns = count_steps(dedup);
    if (dedup->learns > 0)
        return groups_open(&dedup->groups, dedup->rule, err);
    dedup->seen = dedup->clusters != NULL ? pref_keyset_new_numbered() : pref_keyset_new();
    return dedup->seen == NULL ? pref_fail_memory(err, "the table of keys") : PREF_OK;
}

static int dedup_open(void *state, struct pref_opening *opening, struct pref_err *err)
{
    struct dedup *dedup = state;
    int status = dedup_fields_open(&dedup->fields, opening, err);
    if (status == PREF_OK)
        status = read_keep(dedup, opening->shape, err);
    if (status != PREF_OK)
        return status;
    if (dedup->contradictions_do == CONTRADICTIONS_DROP && !dedup_fields_sides(&dedup->fields))
        return pref_usage(err, "--contradictions drop: --on must have chosen and rejected");
    if (dedup->count) {
        dedup->key = opening->common->as == NULL ? "dedup" : opening->common->as;
        dedup->annotation =
            pref_shape_key(opening->shape, PREF_ROOT, pref_span_of(dedup->key));
        /* A null is replaced, not joined by a second key. */
        pref_shape_demand(opening->shape, dedup->annotation, PREF_IS_ANY, PREF_NULL_IS_VALUE);
    }
    return open_tables(dedup, opening, err);
}

/* ---- One record, on any thread --------------------------------------------------------------- */

static void read_value(const struct dedup *dedup, const struct pref_doc *doc, struct note *note)
{
    const struct pref_hit *hit =
        dedup->value == PREF_NOWHERE ? NULL : pref_doc_at(doc, dedup->value);
    note->value = hit != NULL && hit->type == PREF_NUMBER ? pref_hit_number(doc, hit) : NAN;
}

static enum pref_verdict dedup_learn(const void *state, struct pref_job *job, void *state_note)
{
    const struct dedup *dedup = state;
    struct note *note = state_note;
    struct pref_span nothing = {NULL, 0};
    enum pref_verdict verdict = dedup_fields_keys(&dedup->fields, job, &note->keys);
    if (verdict != PREF_USE)
        return verdict;
    if (dedup->count && pref_annotate(job, dedup->key, dedup->annotation, annotation_keys,
                                      nothing) != PREF_PASS)
        return PREF_MALFORMED;
    note->present = 1;
    read_value(dedup, job->doc, note);
    const struct pref_hit *id =
        dedup->clusters == NULL ? NULL : pref_doc_at(job->doc, dedup->id);
    if (id != NULL) {
        note->id = id->start;
        note->id_len = id->end - id->start;
    }
    return PREF_USE;
}

/* Write how many there are of the record. Which of them stays is for commit to say. */
static enum pref_verdict annotate(const struct dedup *dedup, struct pref_job *job,
                                  const struct note *note)
{
    struct pref_buf *json = &job->scratch[0];
    uint32_t group;
    if (!dedup->count || !groups_find(&dedup->groups, note->keys.own, &group))
        return PREF_PASS;
    pref_buf_clear(json);
    pref_buf_add_text(json, "{\"copies\":");
    pref_buf_add_u64(json, dedup->groups.copies[group]);
    pref_buf_add_byte(json, '}');
    return pref_annotate(job, dedup->key, dedup->annotation, annotation_keys,
                         pref_buf_span(json));
}

static enum pref_verdict dedup_map(const void *state, struct pref_job *job, void *note)
{
    enum pref_verdict verdict = dedup_learn(state, job, note);
    return verdict == PREF_USE ? annotate(state, job, note) : verdict;
}

/* ---- Records in order ------------------------------------------------------------------------ */

static struct audit_place place_of(const struct pref_row *row, const struct note *note)
{
    struct audit_place place = {row->file, row->number, {NULL, 0}};
    if (note->id_len > 0)
        place.id = (struct pref_span){row->line.ptr + note->id, note->id_len};
    return place;
}

static int keep_place(struct dedup *dedup, uint32_t key, struct pref_row *row,
                      const struct note *note)
{
    struct audit_place place = place_of(row, note);
    return audit_keep(&dedup->audit, key, &place, row->err);
}

/* The row goes because of the record kept for `key` (NULL: because of none). */
static int write_removed(struct dedup *dedup, const uint32_t *key, enum audit_kind kind,
                         struct pref_row *row, const struct note *note)
{
    struct audit_place place = place_of(row, note), kept = {NULL, 0, {NULL, 0}};
    if (dedup->clusters == NULL)
        return PREF_OK;
    int status = key == NULL ? PREF_OK : audit_find(&dedup->audit, *key, &kept, row->err);
    if (status == PREF_OK)
        status = audit_removed(&dedup->audit, &place, key == NULL ? NULL : &kept, kind, row->err);
    return status;
}

static int is_exchangeable(const struct note *note)
{
    return note->keys.own.low != note->keys.exchanged.low ||
           note->keys.own.high != note->keys.exchanged.high;
}

/* The group of the same pair with its sides exchanged, if there is one. */
static int find_partner(const struct dedup *dedup, const struct note *note, uint32_t *partner)
{
    return is_exchangeable(note) && groups_find(&dedup->groups, note->keys.exchanged, partner);
}

static enum pref_verdict reject_duplicate(struct dedup *dedup, uint32_t key,
                                          struct pref_row *row, const struct note *note)
{
    const char *on = dedup->fields.on;
    dedup->duplicates++;
    if (write_removed(dedup, &key, AUDIT_EXACT, row, note) != PREF_OK)
        return PREF_BROKEN;
    if (dedup->rule == KEEP_FIRST)
        return pref_row_reject(row, "duplicate of an earlier record on %s", on);
    if (dedup->rule == KEEP_LAST)
        return pref_row_reject(row, "duplicate of a later record on %s", on);
    return pref_row_reject(row, "duplicate of the record kept by %s on %s", dedup->keep, on);
}

static enum pref_verdict dedup_absorb(void *state, struct pref_row *row, void *state_note)
{
    struct dedup *dedup = state;
    const struct note *note = state_note;
    uint32_t group;
    if (dedup->step == 0) {
        int added = groups_add(&dedup->groups, note->keys.own, note->value, row->ordinal,
                               row->err);
        if (added > 0)
            dedup->contradictions += (uint64_t)find_partner(dedup, note, &group);
        return added < 0 ? PREF_BROKEN : PREF_USE;
    }
    if (groups_find(&dedup->groups, note->keys.own, &group) &&
        dedup->groups.winner[group] == row->ordinal && dedup->groups.copies[group] > 1 &&
        keep_place(dedup, group, row, note) != PREF_OK)
        return PREF_BROKEN;
    return PREF_USE;
}

static int dedup_settle(void *state, struct pref_err *err)
{
    struct dedup *dedup = state;
    (void)err;
    dedup->step++;
    return PREF_OK;
}

static void dedup_warm(const void *state, const void *state_note)
{
    const struct dedup *dedup = state;
    const struct note *note = state_note;
    const struct pref_keyset *keys = dedup->learns > 0 ? dedup->groups.keys : dedup->seen;
    pref_keyset_prefetch(keys, note->keys.own);
    pref_keyset_prefetch(keys, note->keys.exchanged);
}

/* Nothing was learnt: the first of its key stays. */
static enum pref_verdict commit_streaming(struct dedup *dedup, struct pref_row *row,
                                          const struct note *note)
{
    uint32_t key = 0;
    int added = dedup->clusters == NULL
                    ? pref_keyset_add(dedup->seen, note->keys.own)
                    : pref_keyset_add_number(dedup->seen, note->keys.own, &key);
    if (added < 0) {
        pref_fail_memory(row->err, "the table of keys");
        return PREF_BROKEN;
    }
    if (!added)
        return reject_duplicate(dedup, key, row, note);
    if (is_exchangeable(note))
        dedup->contradictions +=
            (uint64_t)pref_keyset_has(dedup->seen, note->keys.exchanged);
    if (dedup->clusters != NULL && keep_place(dedup, key, row, note) != PREF_OK)
        return PREF_BROKEN;
    return row->verdict;
}

static enum pref_verdict commit_learnt(struct dedup *dedup, struct pref_row *row,
                                       const struct note *note)
{
    uint32_t group, partner;
    if (!groups_find(&dedup->groups, note->keys.own, &group)) {
        pref_fail(row->err, "a record was not there when the input was first read");
        return PREF_BROKEN;
    }
    if (dedup->contradictions_do == CONTRADICTIONS_DROP && find_partner(dedup, note, &partner)) {
        dedup->contradicting++;
        if (write_removed(dedup, NULL, AUDIT_CONTRADICTION, row, note) != PREF_OK)
            return PREF_BROKEN;
        return pref_row_reject(row, "contradiction: the same pair is there the other way round");
    }
    if (dedup->groups.winner[group] != row->ordinal)
        return reject_duplicate(dedup, group, row, note);
    if (dedup->clusters != NULL && dedup->learns == 1 && dedup->groups.copies[group] > 1 &&
        keep_place(dedup, group, row, note) != PREF_OK)
        return PREF_BROKEN;
    return row->verdict;
}

static enum pref_verdict dedup_commit(void *state, struct pref_row *row, void *state_note)
{
    struct dedup *dedup = state;
    const struct note *note = state_note;
    if (!note->present)
        return row->verdict;
    return dedup->learns > 0 ? commit_learnt(dedup, row, note)
                             : commit_streaming(dedup, row, note);
}

/* ---- The end --------------------------------------------------------------------------------- */

static void dedup_report(const void *state, struct pref_report *report)
{
    const struct dedup *dedup = state;
    pref_report_count(report, "duplicates", dedup->duplicates);
    pref_report_count(report, "contradictions", dedup->contradictions);
    pref_report_count(report, "contradicting", dedup->contradicting);
    pref_report_count(report, "distinct",
                      pref_keyset_count(dedup->learns > 0 ? dedup->groups.keys : dedup->seen));
}

static void dedup_close(void *state)
{
    struct dedup *dedup = state;
    pref_keyset_free(dedup->seen);
    groups_close(&dedup->groups);
    audit_close(&dedup->audit);
    dedup_fields_close(&dedup->fields);
}

const struct pref_filter filter_dedup = {
    .name = "dedup",
    .brief = "of equal records, keep the first",
    .options = options,
    .self_size = sizeof(struct dedup),
    .note_size = sizeof(struct note),
    .preset = dedup_preset,
    .open = dedup_open,
    .learn = dedup_learn,
    .absorb = dedup_absorb,
    .settle = dedup_settle,
    .map = dedup_map,
    .warm = dedup_warm,
    .commit = dedup_commit,
    .report = dedup_report,
    .close = dedup_close,
};
