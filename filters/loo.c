/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loo - leave-one-out distillation: of a record's items only a minimal sufficient set stays, as
 * judged by an oracle. The rules majority and strength decide within map; exec asks a co-process,
 * one subset of a record at a time, many records at once.
 */
#include "config.h"

#include "filters.h"
#include "loo_rules.h"
#include "number.h"

#include <stddef.h>
#include <string.h>

#define MAX_ITEMS 256
#define MAX_ITEMS_LIMIT 65535

enum oracle { ORACLE_NONE, ORACLE_MAJORITY, ORACLE_STRENGTH, ORACLE_EXEC };
enum { INSUFFICIENT_REJECT, INSUFFICIENT_KEEP };

struct loo {
    const char *items, *oracle_text;
    int insufficient;
    uint64_t max_items, jobs, timeout, retries;
    enum oracle oracle;
    uint64_t lead; /* majority:M */
    double z;      /* strength:Z */
    const char *as;
    pref_place array, each, annotation;
    struct pref_votes votes;
    struct pref_scores scores;
    uint64_t before, after, calls, insufficient_count, unanswered;
};

/* Where one item stands in the line. */
struct item_span {
    uint32_t start, end;
};

/* A record being distilled; lives in the record's own memory. */
struct work {
    struct loo_search search;
    struct item_span *span;
    const char *line;
    uint32_t open, close;  /* the record's braces */
    uint32_t start, end;   /* the array */
    int unanswered;
};

struct note {
    struct work *work; /* NULL: the record has no items */
};

static const char *const own_keys[] = {"before", "after", "calls", "removed", NULL};

static const struct pref_option options[] = {
    {"items", 0, PREF_OPTION_TEXT, offsetof(struct loo, items), "POINTER",
     "the array to distil (/votes for majority, /scores for strength)"},
    {"oracle", 0, PREF_OPTION_TEXT, offsetof(struct loo, oracle_text), "ORACLE",
     "who says what suffices: majority[:M], strength[:Z], exec:COMMAND"},
    {"insufficient", 0, PREF_OPTION_CHOICE, offsetof(struct loo, insufficient), "reject|keep",
     "what to do with a record whose items do not suffice (reject)"},
    {"max-items", 0, PREF_OPTION_COUNT, offsetof(struct loo, max_items), "N",
     "reject a record of more items (256)"},
    {"jobs", 0, PREF_OPTION_COUNT, offsetof(struct loo, jobs), "N",
     "run N processes of COMMAND (1)"},
    {"timeout", 0, PREF_OPTION_COUNT, offsetof(struct loo, timeout), "SECONDS",
     "wait so long for an answer of COMMAND (60)"},
    {"retries", 0, PREF_OPTION_COUNT, offsetof(struct loo, retries), "N",
     "ask again so often when no answer came (3)"},
    PREF_OPTIONS_END};

static void loo_preset(void *state)
{
    struct loo *loo = state;
    loo->max_items = MAX_ITEMS;
    loo->jobs = 1;
    loo->timeout = 60;
    loo->retries = 3;
}

/* ---- Opening --------------------------------------------------------------------------------- */

/* What stands behind "name:" or "name" alone; NULL where the text is of another name. */
static const char *argument_of(const char *text, const char *name)
{
    size_t n = strlen(name);
    if (strncmp(text, name, n) != 0 || (text[n] != '\0' && text[n] != ':'))
        return NULL;
    return text[n] == '\0' ? "" : text + n + 1;
}

static int read_lead(struct loo *loo, const char *text, struct pref_err *err)
{
    static const struct pref_option lead = {"oracle majority", 0, PREF_OPTION_COUNT,
                                            offsetof(struct loo, lead), "M", ""};
    loo->lead = 3;
    int status = text[0] == '\0' ? PREF_OK : pref_option_set(&lead, loo, text, err);
    if (status == PREF_OK && loo->lead == 0)
        return pref_usage(err, "--oracle majority: expected a lead of at least 1");
    return status;
}

/* A plain decimal: digits, and digits after a point. */
static int read_z(struct loo *loo, const char *text, struct pref_err *err)
{
    size_t whole = strspn(text, "0123456789");
    size_t rest = text[whole] == '.' ? 1 + strspn(text + whole + 1, "0123456789") : 0;
    loo->z = 1.64;
    if (text[0] == '\0')
        return PREF_OK;
    if (whole == 0 || rest == 1 || text[whole + rest] != '\0' || (whole > 1 && text[0] == '0') ||
        pref_number_parse(pref_span_of(text), &loo->z) != PREF_OK)
        return pref_usage(err, "--oracle strength: '%s', expected a number such as 1.64", text);
    return PREF_OK;
}

static int read_oracle(struct loo *loo, struct pref_opening *opening, struct pref_err *err)
{
    const char *text = loo->oracle_text, *argument;
    if (text == NULL)
        return pref_usage(err, "--oracle is missing: majority[:M], strength[:Z] or exec:COMMAND");
    if ((argument = argument_of(text, "majority")) != NULL) {
        loo->oracle = ORACLE_MAJORITY;
        return read_lead(loo, argument, err);
    }
    if ((argument = argument_of(text, "strength")) != NULL) {
        loo->oracle = ORACLE_STRENGTH;
        return read_z(loo, argument, err);
    }
    if ((argument = argument_of(text, "exec")) == NULL || argument[0] == '\0')
        return pref_usage(err,
                          "--oracle: '%s', expected majority[:M], strength[:Z] or exec:COMMAND",
                          text);
    loo->oracle = ORACLE_EXEC;
    if (loo->jobs < 1 || loo->jobs > 256 || loo->timeout < 1 || loo->timeout > 1000000 ||
        loo->retries > 1000)
        return pref_usage(err, "--jobs 1 to 256, --timeout 1 to 1000000, --retries 0 to 1000");
    opening->oracle.command = argument;
    opening->oracle.jobs = (unsigned)loo->jobs;
    opening->oracle.timeout_ms = (unsigned)loo->timeout * 1000u;
    opening->oracle.retries = (unsigned)loo->retries;
    return PREF_OK;
}

static void want_items(struct loo *loo, struct pref_shape *shape)
{
    switch (loo->oracle) {
    case ORACLE_MAJORITY:
        loo->votes = pref_want_votes(shape, loo->items);
        loo->array = loo->votes.array;
        loo->each = loo->votes.each;
        break;
    case ORACLE_STRENGTH:
        loo->scores = pref_want_scores(shape, loo->items);
        loo->array = loo->scores.array;
        loo->each = loo->scores.each;
        break;
    default:
        loo->array = pref_shape_field(shape, loo->items);
        loo->each = pref_shape_each(shape, loo->array);
        pref_shape_demand(shape, loo->each, PREF_IS_ANY, PREF_NULL_IS_VALUE);
    }
    pref_shape_demand(shape, loo->array, PREF_IS(PREF_ARRAY), 0);
}

static int loo_open(void *state, struct pref_opening *opening, struct pref_err *err)
{
    struct loo *loo = state;
    const struct pref_common *common = opening->common;
    int status = read_oracle(loo, opening, err);
    if (status != PREF_OK)
        return status;
    if (loo->items == NULL && loo->oracle == ORACLE_EXEC)
        return pref_usage(err, "--items is missing: the array to distil");
    if (loo->items == NULL)
        loo->items = loo->oracle == ORACLE_MAJORITY ? common->names.votes : common->names.scores;
    if (loo->max_items < 1 || loo->max_items > MAX_ITEMS_LIMIT)
        return pref_usage(err, "--max-items: expected 1 to %d", MAX_ITEMS_LIMIT);
    want_items(loo, opening->shape);
    loo->as = common->as == NULL ? "loo" : common->as;
    loo->annotation = pref_shape_key(opening->shape, PREF_ROOT, pref_span_of(loo->as));
    return PREF_OK;
}

/* ---- The items -------------------------------------------------------------------------------- */

static uint32_t count_items(const struct loo *loo, const struct pref_doc *doc, size_t array)
{
    uint32_t count = 0;
    for (size_t i = array + 1; i < doc->count && doc->hits[i].start < doc->hits[array].end; i++)
        count += doc->hits[i].place == loo->each;
    return count;
}

/* Note where the items stand and begin the search; NULL when memory ran out. */
static struct work *begin(const struct loo *loo, struct pref_job *job,
                          const struct pref_hit *array, uint32_t count)
{
    const struct pref_doc *doc = job->doc;
    struct work *work = pref_job_alloc(job, sizeof *work);
    struct loo_item *items = pref_job_alloc(job, (count + 1) * sizeof *items);
    struct item_span *span = pref_job_alloc(job, (count + 1) * sizeof *span);
    if (work == NULL || items == NULL || span == NULL)
        return NULL;
    *work = (struct work){.span = span,
                          .line = doc->line,
                          .open = doc->open,
                          .close = doc->close,
                          .start = array->start,
                          .end = array->end};
    uint32_t n = 0;
    for (const struct pref_hit *hit = array + 1; n < count; hit++)
        if (hit->place == loo->each)
            span[n++] = (struct item_span){hit->start, hit->end};
    loo_begin(&work->search, items, count);
    return work;
}

/* Append the array with the items of the subset alone. An item that is not the first one left
 * brings along what stood between it and the item before it, so that nothing else changes. */
static void add_array(const struct work *work, struct pref_buf *out)
{
    uint32_t from = work->start + 1, n = work->search.count;
    int any = 0;
    pref_buf_add_byte(out, '[');
    for (uint32_t i = 0; i < n; i++) {
        if (loo_has(&work->search, i)) {
            uint32_t lead = any ? from : work->start + 1;
            uint32_t lead_end = any ? work->span[i].start : work->span[0].start;
            pref_buf_add(out, work->line + lead, lead_end - lead);
            pref_buf_add(out, work->line + work->span[i].start,
                         work->span[i].end - work->span[i].start);
            any = 1;
        }
        from = work->span[i].end;
    }
    if (any)
        pref_buf_add(out, work->line + from, work->end - 1 - from);
    pref_buf_add_byte(out, ']');
}

static void add_annotation(const struct work *work, struct pref_buf *json)
{
    const struct loo_search *search = &work->search;
    pref_buf_addf(json, "{\"before\":%u,\"after\":%u,\"calls\":%u,\"removed\":[",
                  (unsigned)search->count, (unsigned)(search->count - search->removals),
                  (unsigned)search->calls);
    int any = 0;
    for (uint32_t i = 0; i < search->count; i++) {
        if (search->items[i].kept)
            continue;
        if (any)
            pref_buf_add_byte(json, ',');
        pref_buf_add_u64(json, i);
        any = 1;
    }
    pref_buf_add_text(json, "]}");
}

/* ---- Deciding --------------------------------------------------------------------------------- */

/* The search is over: what becomes of the record. */
static enum pref_verdict conclude(const struct loo *loo, struct pref_job *job,
                                  const struct work *work)
{
    struct pref_buf *json = &job->scratch[0], *array = &job->scratch[1];
    if (work->unanswered)
        return pref_unanswered(job);
    if (work->search.state == LOO_INSUFFICIENT && loo->insufficient == INSUFFICIENT_REJECT)
        return pref_reject(job, "insufficient: all %u items together do not satisfy the oracle",
                           (unsigned)work->search.count);
    pref_buf_clear(json);
    add_annotation(work, json);
    if (work->search.removals > 0) {
        pref_buf_clear(array);
        add_array(work, array);
        pref_edit_replace(&job->edits, work->start, work->end, pref_buf_span(array));
    }
    return pref_annotate(job, loo->as, loo->annotation, own_keys, pref_buf_span(json));
}

static enum pref_verdict no_memory(struct pref_job *job)
{
    pref_fail_memory(job->err, "the items of a record");
    return PREF_BROKEN;
}

static enum pref_verdict by_majority(const struct loo *loo, struct pref_job *job,
                                     struct work *work)
{
    int8_t *side = pref_job_alloc(job, work->search.count + 1u);
    struct pref_vote vote;
    uint32_t n = 0;
    if (side == NULL)
        return no_memory(job);
    for (size_t at = pref_votes_begin(&loo->votes, job->doc);
         pref_vote_next(&loo->votes, job->doc, &at, &vote);)
        side[n++] = vote.word == PREF_CHOSEN ? 1 : vote.word == PREF_REJECTED ? -1 : 0;
    loo_by_majority(&work->search, side, loo->lead);
    return conclude(loo, job, work);
}

static enum pref_verdict by_strength(const struct loo *loo, struct pref_job *job,
                                     struct work *work)
{
    double *difference = pref_job_alloc(job, (work->search.count + 1u) * sizeof *difference);
    struct pref_score score;
    uint32_t n = 0;
    if (difference == NULL)
        return no_memory(job);
    for (size_t at = pref_scores_begin(&loo->scores, job->doc);
         pref_score_next(&loo->scores, job->doc, &at, &score);)
        difference[n++] = pref_hit_number(job->doc, score.chosen) -
                          pref_hit_number(job->doc, score.rejected);
    loo_by_strength(&work->search, difference, loo->z);
    return conclude(loo, job, work);
}

static enum pref_verdict loo_map(const void *state, struct pref_job *job, void *note)
{
    const struct loo *loo = state;
    const struct pref_hit *array = pref_doc_at(job->doc, loo->array);
    struct pref_span nothing = {NULL, 0};
    if (array == NULL)
        return pref_missing(job, loo->items);
    enum pref_verdict verdict = pref_annotate(job, loo->as, loo->annotation, own_keys, nothing);
    if (verdict != PREF_PASS)
        return verdict;
    uint32_t count = count_items(loo, job->doc, (size_t)(array - job->doc->hits));
    if (count > loo->max_items)
        return pref_reject(job, "items %u > %llu", (unsigned)count,
                           (unsigned long long)loo->max_items);
    struct work *work = begin(loo, job, array, count);
    if (work == NULL)
        return no_memory(job);
    ((struct note *)note)->work = work;
    if (loo->oracle == ORACLE_MAJORITY)
        return by_majority(loo, job, work);
    if (loo->oracle == ORACLE_STRENGTH)
        return by_strength(loo, job, work);
    return PREF_ASK;
}

static enum pref_verdict loo_ask(const void *state, void *note, enum pref_answer answer,
                                 struct pref_buf *question)
{
    struct work *work = ((struct note *)note)->work;
    (void)state;
    if (answer == PREF_ANSWER_NONE)
        work->unanswered = 1;
    else if (answer != PREF_ANSWER_FIRST)
        loo_answer(&work->search, answer == PREF_ANSWER_YES);
    if (work->unanswered || !loo_asks(&work->search))
        return PREF_PASS;
    pref_buf_add(question, work->line + work->open, work->start - work->open);
    add_array(work, question);
    pref_buf_add(question, work->line + work->end, work->close + 1 - work->end);
    return PREF_ASK;
}

static enum pref_verdict loo_resume(const void *state, struct pref_job *job, void *note)
{
    return conclude(state, job, ((struct note *)note)->work);
}

static enum pref_verdict loo_commit(void *state, struct pref_row *row, void *note)
{
    struct loo *loo = state;
    const struct work *work = ((struct note *)note)->work;
    if (work == NULL)
        return row->verdict;
    loo->before += work->search.count;
    loo->after += work->search.count - work->search.removals;
    loo->calls += work->search.calls;
    loo->unanswered += (uint64_t)work->unanswered;
    loo->insufficient_count += work->search.state == LOO_INSUFFICIENT && !work->unanswered;
    return row->verdict;
}

static void loo_report(const void *state, struct pref_report *report)
{
    const struct loo *loo = state;
    pref_report_count(report, "items", loo->before);
    pref_report_count(report, "items_left", loo->after);
    pref_report_count(report, "calls", loo->calls);
    pref_report_count(report, "insufficient", loo->insufficient_count);
    pref_report_count(report, "unanswered", loo->unanswered);
}

const struct pref_filter filter_loo = {
    .name = "loo",
    .brief = "keep a minimal sufficient set of each record's items",
    .options = options,
    .self_size = sizeof(struct loo),
    .note_size = sizeof(struct note),
    .preset = loo_preset,
    .open = loo_open,
    .map = loo_map,
    .ask = loo_ask,
    .resume = loo_resume,
    .commit = loo_commit,
    .report = loo_report,
};
