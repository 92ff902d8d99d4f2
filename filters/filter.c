/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter - rules over one record: lengths, the ratio of the two responses, patterns, sides that do
 * not differ (filter/options.h), and whatever a pack asks for (filter/pack.h). The first rule that
 * hits rejects the record and is the reason; with --annotate all rules that hit are written into it
 * instead. Everything is said of a record by itself; commit only counts.
 */
#include "config.h"

#include "filters.h"
#include "filters/filter/options.h"
#include "filters/filter/pack.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

struct filter {
    struct filter_options given;
    struct pref_texts packs;
    int annotate, annotates; /* asked for; done, also because a pack has rules that annotate */
    const char *key; /* of the annotation */
    pref_place annotation;
    uint64_t seed; /* of the tables of this run */
    struct filter_rules rules;
    uint64_t hits[FILTER_RULES_MAX]; /* records, by rule */
};

/* What commit counts of one record: the rules that hit, a bit each. */
struct found {
    uint64_t hit[FILTER_MASK_WORDS];
};

static const struct pref_option options[] = {
    {"min-chars", 0, PREF_OPTION_LIST, offsetof(struct filter, given.min_chars), "FIELD=N",
     "reject a record whose FIELD has fewer than N characters"},
    {"max-chars", 0, PREF_OPTION_LIST, offsetof(struct filter, given.max_chars), "FIELD=N",
     "reject one whose FIELD has more"},
    {"max-ratio", 0, PREF_OPTION_TEXT, offsetof(struct filter, given.max_ratio), "R",
     "reject one whose longer response has over R times the characters"},
    {"distinct", 0, PREF_OPTION_FLAG, offsetof(struct filter, given.distinct), NULL,
     "reject equal responses, and conversations that part too early"},
    {"no-match", 0, PREF_OPTION_LIST, offsetof(struct filter, given.no_match), "FIELD=PATTERN",
     "reject a record in whose FIELD the pattern is found"},
    {"match", 0, PREF_OPTION_LIST, offsetof(struct filter, given.match), "FIELD=PATTERN",
     "reject one in whose FIELD it is not found"},
    {"rules", 0, PREF_OPTION_LIST, offsetof(struct filter, packs), "PACK",
     "try the rules of a pack: its name, or a file"},
    {"annotate", 0, PREF_OPTION_FLAG, offsetof(struct filter, annotate), NULL,
     "write down which rules hit, and reject nothing"},
    PREF_OPTIONS_END};

static const char *const keys[] = {"hits", NULL};

/* Add the rules of a pack, a file that no output may be. */
static int add_pack(struct filter *filter, const char *name, struct pref_opening *opening,
                    struct pref_err *err)
{
    struct pref_buf path = {0};
    filter_pack_path(name, &path);
    int status = path.failed ? pref_fail_memory(err, "a rule pack")
                             : pref_open_read(opening, path.ptr, err);
    pref_buf_release(&path);
    return status == PREF_OK ? filter_pack_load(name, &filter->rules, opening, err) : status;
}

static int filter_open(void *state, struct pref_opening *opening, struct pref_err *err)
{
    struct filter *filter = state;
    const struct pref_common *common = opening->common;
    filter->seed = common->table_seed;
    int status = filter_options_add(&filter->given, &filter->rules, opening, err);
    for (size_t i = 0; i < filter->packs.count && status == PREF_OK; i++)
        status = add_pack(filter, filter->packs.text[i], opening, err);
    if (status == PREF_OK)
        status = filter_rules_ready(&filter->rules, err);
    if (status != PREF_OK)
        return status;
    if (filter->rules.count == 0)
        return pref_usage(err, "no rule was given, expected --rules or an option such as "
                               "--min-chars");
    for (unsigned i = 0; i < filter->rules.fields.count; i++)
        pref_open_await(opening, filter->rules.fields.place[i]);
    filter->annotates = filter->annotate;
    for (unsigned i = 0; i < filter->rules.count; i++)
        filter->annotates |= filter->rules.list[i].annotates;
    filter->key = common->as == NULL ? "filter" : common->as;
    filter->annotation = PREF_NOWHERE;
    if (filter->annotates) {
        filter->annotation =
            pref_shape_key(opening->shape, PREF_ROOT, pref_span_of(filter->key));
        /* A null is replaced, not joined by a second key. */
        pref_shape_demand(opening->shape, filter->annotation, PREF_IS_ANY, PREF_NULL_IS_VALUE);
    }
    return PREF_OK;
}

static int filter_enter(const void *state, void **own, struct pref_err *err)
{
    const struct filter *filter = state;
    *own = filter_view_new(&filter->rules.fields, filter->seed);
    return *own == NULL ? pref_fail_memory(err, "a thread") : PREF_OK;
}

static void filter_leave(void *own)
{
    filter_view_free(own);
}

static enum pref_verdict reject(const struct filter *filter, struct pref_job *job,
                                const struct filter_rule *rule,
                                const struct filter_finding *finding)
{
    enum pref_verdict verdict = pref_reject(job, "%s", "");
    filter_rule_explain(rule, &filter->rules.fields, finding, &job->why);
    return verdict;
}

static enum pref_verdict give_up(const struct filter *filter, struct pref_job *job,
                                 const struct filter_rule *rule,
                                 const struct filter_finding *finding)
{
    return pref_malformed(job, "rule '%.200s': its pattern gave up on field '%.100s', expected one "
                               "that needs at most %" PRIu64 " steps and %d KiB",
                          rule->name, filter->rules.fields.name[finding->field],
                          finding->measured[0], PREF_REGEX_MEMORY >> 10);
}

static enum pref_verdict annotate(const struct filter *filter, struct pref_job *job,
                                  const struct found *found)
{
    struct pref_buf *json = &job->scratch[0];
    const char *comma = "";
    pref_buf_clear(json);
    pref_buf_add_text(json, "{\"hits\":[");
    for (unsigned i = 0; i < filter->rules.count; i++) {
        if (!(found->hit[i / 64] >> (i % 64) & 1))
            continue;
        pref_buf_add_text(json, comma);
        pref_buf_add_json(json, pref_span_of(filter->rules.list[i].name));
        comma = ",";
    }
    pref_buf_add_text(json, "]}");
    return pref_annotate(job, filter->key, filter->annotation, keys, pref_buf_span(json));
}

/* A record that lacks a field of some rule is counted once, whatever --missing makes of it. */
static enum pref_verdict find_missing(const struct filter *filter, struct pref_job *job)
{
    const struct filter_fields *fields = &filter->rules.fields;
    for (unsigned i = 0; i < fields->count; i++)
        if (pref_doc_at(job->doc, fields->place[i]) == NULL)
            return pref_missing(job, fields->name[i]);
    return PREF_PASS;
}

/* Try the rules in their order, to the first that rejects. */
static enum pref_verdict try_rules(const struct filter *filter, struct pref_job *job,
                                   struct filter_view *view, struct found *found)
{
    for (unsigned i = 0; i < filter->rules.count; i++) {
        const struct filter_rule *rule = &filter->rules.list[i];
        struct filter_finding finding;
        enum filter_result result = filter_rule_try(&filter->rules, rule, view, &finding);
        if (result == FILTER_GAVE_UP)
            return give_up(filter, job, rule, &finding);
        if (result == FILTER_BROKEN || filter_view_failed(view)) {
            pref_fail_memory(job->err, "a record's texts");
            return PREF_BROKEN;
        }
        if (result == FILTER_MISS)
            continue;
        found->hit[i / 64] |= UINT64_C(1) << (i % 64);
        if (!filter->annotate && !rule->annotates)
            return reject(filter, job, rule, &finding);
    }
    return PREF_PASS;
}

static enum pref_verdict filter_map(const void *state, struct pref_job *job, void *note)
{
    const struct filter *filter = state;
    struct filter_view *view = job->own;
    struct found *found = note;
    struct pref_span nothing = {NULL, 0};
    enum pref_verdict verdict = find_missing(filter, job);
    if (verdict == PREF_PASS && filter->annotates)
        verdict = pref_annotate(job, filter->key, filter->annotation, keys, nothing);
    if (verdict != PREF_PASS)
        return verdict;
    filter_view_begin(view, job);
    verdict = try_rules(filter, job, view, found);
    return verdict == PREF_PASS && filter->annotates ? annotate(filter, job, found) : verdict;
}

static enum pref_verdict filter_commit(void *state, struct pref_row *row, void *note)
{
    struct filter *filter = state;
    const struct found *found = note;
    if (row->verdict == PREF_MALFORMED)
        return row->verdict;
    for (unsigned word = 0; word < FILTER_MASK_WORDS && word * 64 < filter->rules.count; word++)
        for (uint64_t bits = found->hit[word]; bits != 0; bits &= bits - 1) {
            unsigned bit = 0;
            while (!(bits >> bit & 1))
                bit++;
            filter->hits[word * 64 + bit]++;
        }
    return row->verdict;
}

static void filter_report(const void *state, struct pref_report *report)
{
    const struct filter *filter = state;
    struct pref_buf json = {0};
    for (unsigned i = 0; i < filter->rules.count; i++) {
        pref_buf_add_byte(&json, i == 0 ? '{' : ',');
        pref_buf_add_json(&json, pref_span_of(filter->rules.list[i].name));
        pref_buf_add_byte(&json, ':');
        pref_buf_add_u64(&json, filter->hits[i]);
    }
    pref_buf_add_byte(&json, '}');
    struct pref_span nothing = {NULL, 0};
    pref_report_json(report, "rules", json.failed ? nothing : pref_buf_span(&json));
    pref_buf_release(&json);
}

static void filter_close(void *state)
{
    struct filter *filter = state;
    filter_rules_release(&filter->rules);
}

const struct pref_filter filter_filter = {
    .name = "filter",
    .brief = "reject or mark records by lengths, patterns and rule packs",
    .options = options,
    .self_size = sizeof(struct filter),
    .note_size = sizeof(struct found),
    .open = filter_open,
    .enter = filter_enter,
    .leave = filter_leave,
    .map = filter_map,
    .commit = filter_commit,
    .report = filter_report,
    .close = filter_close,
};
