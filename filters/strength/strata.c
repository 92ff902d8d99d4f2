/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "strata.h"

#include "pref/scan.h"

#include <stdlib.h>
#include <string.h>

#define LIST_FIRST 16
#define QUOTE_MAX 40     /* bytes of a text that a message shows */
#define REPORTED_MAX 100 /* strata that a summary shows */

static void demand_scalar(struct pref_shape *shape, pref_place place)
{
    pref_shape_demand(shape, place,
                      PREF_IS(PREF_STRING) | PREF_IS(PREF_NUMBER) | PREF_IS_BOOL |
                          PREF_IS(PREF_NULL),
                      PREF_TEXT);
}

int strength_strata_open(struct strength_strata *strata, struct pref_opening *opening,
                         struct pref_err *err)
{
    pref_name_table_init(&strata->names, opening->common->table_seed);
    if (strata->max == 0 || strata->max >= PREF_NO_NAME)
        return pref_usage(err, "--max-strata: expected 1 to %lu", (unsigned long)PREF_NO_NAME - 1);
    if (strata->field == NULL) {
        if (strata->max != STRENGTH_STRATA_DEFAULT)
            return pref_usage(err, "--max-strata needs --by");
        strata->list = calloc(1, sizeof *strata->list);
        return strata->list == NULL ? pref_fail_memory(err, "the strata") : PREF_OK;
    }
    strata->place = pref_shape_field(opening->shape, strata->field);
    demand_scalar(opening->shape, strata->place);
    pref_open_await(opening, strata->place);
    return PREF_OK;
}

void strength_strata_release(struct strength_strata *strata)
{
    free(strata->list);
    strata->list = NULL;
    pref_name_table_release(&strata->names);
}

/* ---- One record ------------------------------------------------------------------------------ */

static enum pref_verdict no_memory(struct pref_job *job)
{
    pref_fail_memory(job->err, "a record's stratum");
    return PREF_BROKEN;
}

/* Write a string with escapes anew, in the one way in which fits have it. */
static enum pref_verdict rewrite(struct pref_job *job, struct pref_span *text)
{
    struct pref_buf *decoded = &job->scratch[0], *json = &job->scratch[1];
    pref_buf_clear(decoded);
    pref_buf_clear(json);
    (void)pref_string_decode(*text, decoded); /* the scanner lets nothing pass that does not */
    pref_buf_add_json(json, pref_buf_span(decoded));
    char *copy = decoded->failed || json->failed ? NULL : pref_job_alloc(job, json->len);
    if (copy == NULL)
        return no_memory(job);
    memcpy(copy, json->ptr, json->len);
    *text = (struct pref_span){copy, json->len};
    return PREF_USE;
}

enum pref_verdict strength_strata_read(const struct strength_strata *strata, struct pref_job *job,
                                       struct strength_value *value)
{
    *value = (struct strength_value){{NULL, 0}, 0};
    if (strata->field == NULL)
        return PREF_USE;
    const struct pref_hit *hit = pref_doc_at(job->doc, strata->place);
    value->text = hit == NULL ? pref_span_of("null") : pref_hit_span(job->doc, hit);
    if (hit != NULL && hit->type == PREF_STRING && hit->escaped) {
        enum pref_verdict verdict = rewrite(job, &value->text);
        if (verdict != PREF_USE)
            return verdict;
    }
    if (value->text.len > STRENGTH_STRATUM_MAX)
        return pref_malformed(job, "field '%s' has %zu bytes, expected at most %d for a stratum",
                              strata->field, value->text.len, STRENGTH_STRATUM_MAX);
    value->hash = pref_name_table_hash(&strata->names, value->text);
    return PREF_USE;
}

/* ---- The table ------------------------------------------------------------------------------- */

static int make_room(struct strength_strata *strata)
{
    if (strata->names.count <= strata->cap)
        return PREF_OK;
    size_t cap = strata->cap == 0 ? LIST_FIRST : strata->cap * 2;
    struct strength_stratum *list = realloc(strata->list, cap * sizeof *list);
    if (list == NULL)
        return PREF_FAIL;
    memset(list + strata->cap, 0, (cap - strata->cap) * sizeof *list);
    strata->list = list;
    strata->cap = cap;
    return PREF_OK;
}

int strength_strata_add(struct strength_strata *strata, const struct strength_value *value,
                        uint32_t *number, struct pref_err *err)
{
    *number = 0;
    if (strata->field == NULL)
        return PREF_OK;
    int status = pref_name_table_add(&strata->names, value->hash, value->text, number, err);
    if (status != PREF_OK)
        return status;
    if (strata->names.count > strata->max) {
        size_t shown = value->text.len < QUOTE_MAX ? value->text.len : QUOTE_MAX;
        return pref_fail(err, "--by %s: more than %llu strata, %.*s%s is one more: is it the right "
                              "field? else allow more by --max-strata",
                         strata->field, (unsigned long long)strata->max, (int)shown,
                         value->text.ptr, shown < value->text.len ? "..." : "");
    }
    return make_room(strata) == PREF_OK ? PREF_OK : pref_fail_memory(err, "the strata");
}

uint32_t strength_strata_find(const struct strength_strata *strata,
                              const struct strength_value *value)
{
    return strata->field == NULL ? 0
                                 : pref_name_table_find(&strata->names, value->hash, value->text);
}

/* Whether a JSON string is in the form in which strength_strata_read writes it. */
static int is_shortest(struct pref_span string)
{
    struct pref_buf decoded = {0}, again = {0};
    (void)pref_string_decode(string, &decoded);
    pref_buf_add_json(&again, pref_buf_span(&decoded));
    int same = !decoded.failed && !again.failed && pref_span_equal(pref_buf_span(&again), string);
    pref_buf_release(&decoded);
    pref_buf_release(&again);
    return same;
}

/* Whether a text is a scalar of JSON as strength_strata_read writes it; no if memory ran out. */
static int is_stratum(struct pref_span text)
{
    struct pref_buf line = {0};
    struct pref_fault fault;
    struct pref_doc doc;
    struct pref_shape *shape = text.len > STRENGTH_STRATUM_MAX ? NULL : pref_shape_new_any();
    if (shape == NULL)
        return 0;
    demand_scalar(shape, PREF_ROOT);
    struct pref_scanner *scanner = pref_scanner_new(shape);
    char *copy = pref_buf_reserve(&line, text.len + PREF_PAD);
    int is = 0;
    if (scanner != NULL && copy != NULL) {
        memcpy(copy, text.ptr, text.len);
        memset(copy + text.len, 0, PREF_PAD);
        is = pref_scan(scanner, copy, text.len, &doc, &fault) == PREF_OK &&
             (text.ptr[0] != '"' || is_shortest(text));
    }
    pref_scanner_free(scanner);
    pref_shape_free(shape);
    pref_buf_release(&line);
    return is;
}

int strength_strata_load(struct strength_strata *strata, struct pref_span text, uint32_t *number,
                         struct pref_err *err)
{
    struct strength_value value = {text, pref_name_table_hash(&strata->names, text)};
    *number = strength_strata_find(strata, &value);
    if (*number != PREF_NO_NAME)
        return PREF_OK;
    if (!is_stratum(text))
        return pref_fail(err, "'%.*s' is no stratum",
                         (int)(text.len < QUOTE_MAX ? text.len : QUOTE_MAX),
                         text.len == 0 ? "" : text.ptr);
    return strength_strata_add(strata, &value, number, err);
}

uint32_t *strength_strata_places(const struct strength_strata *strata)
{
    uint32_t *sorted = pref_name_table_sorted(&strata->names);
    uint32_t *places = malloc((strata->names.count + 1) * sizeof *places);
    for (size_t i = 0; places != NULL && sorted != NULL && i < strata->names.count; i++)
        places[sorted[i]] = (uint32_t)i;
    if (sorted == NULL) {
        free(places);
        places = NULL;
    }
    free(sorted);
    return places;
}

/* ---- The summary ----------------------------------------------------------------------------- */

static void report_one(struct pref_buf *json, struct pref_span text,
                       const struct strength_stratum *stratum)
{
    static const char *const words[STRENGTH_ACTIONS] = {"kept", "flipped", "dropped", "smoothed",
                                                        "softened"};
    pref_buf_add_text(json, json->len == 1 ? "{\"stratum\":" : ",{\"stratum\":");
    pref_buf_add_span(json, text);
    pref_buf_add_text(json, ",\"records\":");
    pref_buf_add_u64(json, stratum->records);
    for (unsigned i = 0; i < STRENGTH_ACTIONS; i++) {
        pref_buf_addf(json, ",\"%s\":", words[i]);
        pref_buf_add_u64(json, stratum->acted[i]);
    }
    pref_buf_add_byte(json, '}');
}

void strength_strata_report(const struct strength_strata *strata, struct pref_report *report)
{
    if (strata->field == NULL)
        return;
    struct pref_buf json = {0};
    uint32_t *sorted = pref_name_table_sorted(&strata->names);
    json.failed = sorted == NULL;
    pref_buf_add_byte(&json, '[');
    for (size_t i = 0; sorted != NULL && i < strata->names.count && i < REPORTED_MAX; i++)
        report_one(&json, pref_name_table_name(&strata->names, sorted[i]),
                   &strata->list[sorted[i]]);
    pref_buf_add_byte(&json, ']');
    pref_report_count(report, "strata", strata->names.count);
    pref_report_count(report, "unknown_strata", strata->unknown);
    pref_report_json(report, "by_stratum",
                     json.failed ? (struct pref_span){NULL, 0} : pref_buf_span(&json));
    if (strata->unknown > 0)
        pref_report_warn(report, "%llu records were not judged: the fit does not know their strata",
                         (unsigned long long)strata->unknown);
    free(sorted);
    pref_buf_release(&json);
}
