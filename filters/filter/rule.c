/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "rule.h"
#include "test.h"
#include "filters/common/sides.h"
#include "lib/text/text.h"

#include <stdlib.h>
#include <string.h>

#define SHOWN 60 /* bytes of a match that a reason quotes */

/* ---- The list -------------------------------------------------------------------------------- */

static int grow(struct filter_rules *rules, struct pref_err *err)
{
    unsigned cap = rules->cap == 0 ? 16 : rules->cap * 2;
    struct filter_rule *list = realloc(rules->list, cap * sizeof *list);
    if (list == NULL)
        return pref_fail_memory(err, "the rules");
    rules->list = list;
    rules->cap = cap;
    return PREF_OK;
}

int filter_rules_add(struct filter_rules *rules, enum filter_kind kind, struct pref_span name,
                     struct filter_rule **rule, struct pref_err *err)
{
    int shown = (int)(name.len < 300 ? name.len : 300);
    for (unsigned i = 0; i < rules->count; i++)
        if (pref_span_equal(name, pref_span_of(rules->list[i].name)))
            return pref_usage(err, "rule '%.*s' stands twice", shown, name.ptr);
    if (rules->count == FILTER_RULES_MAX)
        return pref_usage(err, "rule '%.*s' is one too many, expected at most %d", shown,
                          name.ptr, FILTER_RULES_MAX);
    if (rules->count == rules->cap && grow(rules, err) != PREF_OK)
        return PREF_FAIL;
    char *copy = strndup(name.ptr, name.len);
    if (copy == NULL)
        return pref_fail_memory(err, "the rules");
    *rule = &rules->list[rules->count++];
    **rule = (struct filter_rule){.name = copy, .kind = kind, .max = UINT64_MAX};
    return PREF_OK;
}

int filter_rules_ready(struct filter_rules *rules, struct pref_err *err)
{
    struct pref_needles *needles = pref_needles_new();
    int status = needles == NULL ? PREF_FAIL : PREF_OK;
    for (unsigned i = 0; i < rules->count && status == PREF_OK; i++)
        if (rules->list[i].pattern != NULL)
            status = pref_needles_add(needles, i, pref_span_of(rules->list[i].pattern));
    if (status != PREF_OK || pref_needles_count(needles) == 0) {
        pref_needles_free(needles);
        return status == PREF_OK ? PREF_OK : pref_fail_memory(err, "the rules");
    }
    rules->needles = needles;
    return PREF_OK;
}

void filter_rules_release(struct filter_rules *rules)
{
    pref_needles_free(rules->needles);
    rules->needles = NULL;
    for (unsigned i = 0; i < rules->count; i++) {
        free(rules->list[i].name);
        free(rules->list[i].pattern);
        pref_regex_free(rules->list[i].regex);
        pref_regex_free(rules->list[i].letters);
        for (unsigned k = 0; k < rules->list[i].tags; k++)
            free(rules->list[i].tag[k]);
    }
    free(rules->list);
    filter_fields_release(&rules->fields);
    rules->list = NULL;
    rules->count = rules->cap = 0;
}

/* ---- Tests of two fields --------------------------------------------------------------------- */

static enum filter_result try_ratio(const struct filter_rule *rule, struct filter_view *view,
                                    const struct pref_span text[2], struct filter_finding *finding)
{
    uint64_t chars[2];
    for (int i = 0; i < 2; i++)
        chars[i] = pref_text_is_blank(text[i]) ? 0 : filter_view_chars(view, rule->field[i]);
    uint64_t longer = chars[0] > chars[1] ? chars[0] : chars[1];
    uint64_t shorter = chars[0] > chars[1] ? chars[1] : chars[0];
    finding->measured[0] = longer;
    finding->measured[1] = shorter;
    /* A text has less than 2^32 characters, and the ratio is below 2^30: neither side wraps. */
    return longer * FILTER_RATIO_ONE > rule->max * shorter ? FILTER_HIT : FILTER_MISS;
}

/* The values of two fields of a record, as they stand. */
static int try_sides(const struct filter_rule *rule, const struct filter_view *view)
{
    const struct pref_doc *doc = view->job->doc;
    struct pref_span side[2];
    for (int i = 0; i < 2; i++)
        side[i] = pref_hit_span(doc, pref_doc_at(doc, view->fields->place[rule->field[i]]));
    return rule->kind == FILTER_EQUAL ? sides_equal(view->job, side[0], side[1])
                                      : sides_part_early(view->job, side[0], side[1]);
}

static enum filter_result try_pair(const struct filter_rule *rule, struct filter_view *view,
                                   struct filter_finding *finding)
{
    struct pref_span text[2];
    if (!filter_view_text(view, rule->field[0], &text[0]) ||
        !filter_view_text(view, rule->field[1], &text[1]))
        return FILTER_MISS;
    if (rule->kind == FILTER_RATIO)
        return try_ratio(rule, view, text, finding);
    int hit = view->job == NULL
                  ? rule->kind == FILTER_EQUAL && pref_span_equal(text[0], text[1])
                  : try_sides(rule, view);
    return hit < 0 ? FILTER_BROKEN : hit ? FILTER_HIT : FILTER_MISS;
}

/* Whether the rule's pattern could be found in the text of a field, which is looked at once for all
 * patterns. */
static int is_possible(const struct filter_rules *rules, const struct filter_rule *rule,
                       struct filter_view *view, unsigned field, struct pref_span text)
{
    struct filter_seen *seen = &view->seen[field];
    size_t number = (size_t)(rule - rules->list);
    if (!seen->searched) {
        memset(seen->possible, 0, sizeof seen->possible);
        pref_needles_find(rules->needles, text, seen->possible);
        seen->searched = 1;
    }
    return (int)(seen->possible[number / 64] >> (number % 64) & 1);
}

enum filter_result filter_rule_try(const struct filter_rules *rules,
                                   const struct filter_rule *rule, struct filter_view *view,
                                   struct filter_finding *finding)
{
    int together = rules != NULL && rules->needles != NULL && rule->pattern != NULL;
    *finding = (struct filter_finding){.field = rule->field[0]};
    if (rule->kind == FILTER_RATIO || rule->kind == FILTER_EQUAL ||
        rule->kind == FILTER_HISTORIES)
        return try_pair(rule, view, finding);
    enum filter_result result = FILTER_MISS;
    for (unsigned i = 0; i < rule->fields && result == FILTER_MISS; i++) {
        struct pref_span text;
        finding->field = rule->field[i];
        if (!filter_view_text(view, rule->field[i], &text))
            continue;
        if (!together || is_possible(rules, rule, view, rule->field[i], text))
            result = filter_test_field(rule, view, text, finding);
        else if (rule->kind == FILTER_LACKS)
            result = FILTER_HIT;
        if (result == FILTER_GAVE_UP)
            finding->measured[0] = pref_regex_limit(text.len);
    }
    return result;
}

/* ---- What was found -------------------------------------------------------------------------- */

/* A match in quotes, cut at the end of a character. */
static void add_quoted(struct pref_buf *out, struct pref_span found)
{
    size_t len = found.len;
    if (len > SHOWN) {
        len = SHOWN;
        while (len > 0 && ((unsigned char)found.ptr[len] & 0xc0) == 0x80)
            len--;
    }
    pref_buf_add_byte(out, '\'');
    pref_buf_add(out, found.ptr, len);
    pref_buf_add_text(out, len < found.len ? "...'" : "'");
}

/* "12 of 30 lines". */
static void add_share(struct pref_buf *out, const struct filter_finding *finding, const char *what)
{
    pref_buf_add_u64(out, finding->measured[0]);
    pref_buf_add_text(out, " of ");
    pref_buf_add_u64(out, finding->measured[1]);
    pref_buf_add_text(out, what);
}

static void add_count(struct pref_buf *out, uint64_t count, const char *what)
{
    pref_buf_add_text(out, " has ");
    pref_buf_add_u64(out, count);
    pref_buf_add_text(out, what);
}

/* What a test of one field found, behind the field's name. */
static void explain_field(const struct filter_rule *rule, const struct filter_finding *finding,
                          struct pref_buf *out)
{
    switch (rule->kind) {
    case FILTER_CHARS: add_count(out, finding->measured[0], " characters"); break;
    case FILTER_WORDS: add_count(out, finding->measured[0], " words"); break;
    case FILTER_LACKS: pref_buf_add_text(out, " lacks it"); break;
    case FILTER_LINES:
        pref_buf_add_text(out, " repeats ");
        add_share(out, finding, " lines");
        break;
    case FILTER_NGRAMS:
        pref_buf_add_text(out, " repeats ");
        add_share(out, finding, " runs of words");
        break;
    case FILTER_LOOP:
        pref_buf_add_text(out, " ends in a loop of ");
        add_share(out, finding, " bytes");
        break;
    case FILTER_SCRIPT:
        pref_buf_add_text(out, " has ");
        add_share(out, finding, " letters of it");
        break;
    default:
        pref_buf_add_text(out, " has ");
        add_quoted(out, finding->found);
    }
}

void filter_rule_explain(const struct filter_rule *rule, const struct filter_fields *fields,
                         const struct filter_finding *finding, struct pref_buf *out)
{
    pref_buf_add_text(out, rule->name);
    pref_buf_add_text(out, ": ");
    switch (rule->kind) {
    case FILTER_RATIO:
        pref_buf_add_u64(out, finding->measured[0]);
        pref_buf_add_text(out, " characters to ");
        pref_buf_add_u64(out, finding->measured[1]);
        break;
    case FILTER_EQUAL:
        pref_buf_add_text(out, fields->name[rule->field[0]]);
        pref_buf_add_text(out, " equals ");
        pref_buf_add_text(out, fields->name[rule->field[1]]);
        break;
    case FILTER_HISTORIES:
        pref_buf_add_text(out, "the two part before their last message");
        break;
    default:
        pref_buf_add_text(out, fields->name[finding->field]);
        explain_field(rule, finding, out);
    }
}
