/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "options.h"
#include "filters/common/caret.h"
#include "pref/number.h"
#include "pref/scan.h"

#include <stdio.h>
#include <string.h>

int filter_compile(struct pref_regex **regex, const char *place, struct pref_span pattern,
                   struct pref_err *err)
{
    struct pref_regex_fault fault;
    struct caret_place caret = {place, pattern, err};
    if (pref_utf8_check(pattern.ptr, pattern.len) < pattern.len)
        return pref_usage(err, "%s: the pattern is not UTF-8", place);
    int status = pref_regex_new(regex, pattern, &fault);
    if (status == PREF_USAGE)
        return caret_usage(&caret, fault.offset, "%s", fault.text);
    return status == PREF_OK ? PREF_OK : pref_fail_memory(err, "a pattern");
}

int filter_rule_compile(struct filter_rule *rule, const char *place, const char *pattern,
                        struct pref_err *err)
{
    rule->pattern = strdup(pattern);
    if (rule->pattern == NULL)
        return pref_fail_memory(err, "a pattern");
    return filter_compile(&rule->regex, place, pref_span_of(pattern), err);
}

/* A rule about one field, named by the option and its argument. */
static int add_rule(struct filter_rules *rules, struct pref_opening *opening,
                    enum filter_kind kind, const char *option, const char *argument,
                    struct pref_span field, struct filter_rule **rule, struct pref_err *err)
{
    struct pref_buf name = {0};
    pref_buf_add_text(&name, option);
    pref_buf_add_byte(&name, ' ');
    pref_buf_add_text(&name, argument);
    int status = name.failed ? pref_fail_memory(err, "the rules")
                             : filter_rules_add(rules, kind, pref_buf_span(&name), rule, err);
    pref_buf_release(&name);
    if (status != PREF_OK)
        return status;
    (*rule)->fields = 1;
    return filter_fields_add(&rules->fields, opening, field, &(*rule)->field[0], err);
}

/* --min-chars, --max-chars: the value stands behind the last '=', which a pointer may have, too. */
static int add_lengths(struct filter_rules *rules, struct pref_opening *opening,
                       const char *option, const struct pref_texts *list, struct pref_err *err)
{
    for (size_t i = 0; i < list->count; i++) {
        const char *text = list->text[i], *equals = strrchr(text, '=');
        uint64_t chars;
        if (equals == NULL || equals == text ||
            pref_u64_parse(pref_span_of(equals + 1), &chars) != PREF_OK)
            return pref_usage(err, "--%s: '%.200s', expected FIELD=N", option, text);
        struct pref_span field = {text, (size_t)(equals - text)};
        struct filter_rule *rule;
        int status = add_rule(rules, opening, FILTER_CHARS, option, text, field, &rule, err);
        if (status != PREF_OK)
            return status;
        *(strcmp(option, "min-chars") == 0 ? &rule->min : &rule->max) = chars;
    }
    return PREF_OK;
}

/* --match, --no-match: the pattern stands behind the first '='. */
static int add_patterns(struct filter_rules *rules, struct pref_opening *opening,
                        enum filter_kind kind, const char *option, const struct pref_texts *list,
                        struct pref_err *err)
{
    for (size_t i = 0; i < list->count; i++) {
        const char *text = list->text[i], *equals = strchr(text, '=');
        char place[300];
        if (equals == NULL || equals == text)
            return pref_usage(err, "--%s: '%.200s', expected FIELD=PATTERN", option, text);
        struct pref_span field = {text, (size_t)(equals - text)};
        struct filter_rule *rule;
        snprintf(place, sizeof place, "--%s %.*s", option, (int)(field.len < 200 ? field.len : 200),
                 text);
        int status = add_rule(rules, opening, kind, option, text, field, &rule, err);
        if (status == PREF_OK)
            status = filter_rule_compile(rule, place, equals + 1, err);
        if (status != PREF_OK)
            return status;
    }
    return PREF_OK;
}

int filter_ratio_parse(const char *text, uint64_t *ratio)
{
    size_t whole = strspn(text, "0123456789"), part = 0;
    uint64_t value = 0, unit = FILTER_RATIO_ONE;
    if (text[whole] == '.')
        part = strspn(text + whole + 1, "0123456789");
    if (whole == 0 || whole > 4 || part > 6 || text[whole + (text[whole] == '.') + part] != '\0')
        return 0;
    for (size_t i = 0; i < whole; i++)
        value = value * 10 + (uint64_t)(text[i] - '0') * unit;
    for (size_t i = 0; i < part; i++) {
        unit /= 10;
        value += (uint64_t)(text[whole + 1 + i] - '0') * unit;
    }
    *ratio = value;
    return value >= FILTER_RATIO_ONE && value <= (uint64_t)FILTER_RATIO_MOST * FILTER_RATIO_ONE;
}

/* A rule about the two sides. */
static int add_sides(struct filter_rules *rules, struct pref_opening *opening,
                     enum filter_kind kind, const char *name, struct filter_rule **rule,
                     struct pref_err *err)
{
    static const char *const sides[] = {"chosen", "rejected"};
    int status = filter_rules_add(rules, kind, pref_span_of(name), rule, err);
    for (unsigned i = 0; i < 2 && status == PREF_OK; i++) {
        status = filter_fields_add(&rules->fields, opening, pref_span_of(sides[i]),
                                   &(*rule)->field[i], err);
        (*rule)->fields = i + 1;
    }
    return status;
}

static int add_max_ratio(struct filter_rules *rules, struct pref_opening *opening,
                         const char *text, struct pref_err *err)
{
    char name[32];
    uint64_t ratio;
    struct filter_rule *rule;
    if (!filter_ratio_parse(text, &ratio))
        return pref_usage(err, "--max-ratio: '%.200s', expected a decimal from 1 to %d with at "
                               "most 6 digits behind the point", text, FILTER_RATIO_MOST);
    snprintf(name, sizeof name, "max-ratio %s", text);
    int status = add_sides(rules, opening, FILTER_RATIO, name, &rule, err);
    if (status == PREF_OK)
        rule->max = ratio;
    return status;
}

static int add_distinct(struct filter_rules *rules, struct pref_opening *opening,
                        struct pref_err *err)
{
    struct filter_rule *rule;
    int status = add_sides(rules, opening, FILTER_EQUAL, "distinct", &rule, err);
    if (status == PREF_OK)
        status = add_sides(rules, opening, FILTER_HISTORIES, "same-history", &rule, err);
    return status;
}

int filter_options_add(const struct filter_options *options, struct filter_rules *rules,
                       struct pref_opening *opening, struct pref_err *err)
{
    int status = add_lengths(rules, opening, "min-chars", &options->min_chars, err);
    if (status == PREF_OK)
        status = add_lengths(rules, opening, "max-chars", &options->max_chars, err);
    if (status == PREF_OK && options->max_ratio != NULL)
        status = add_max_ratio(rules, opening, options->max_ratio, err);
    if (status == PREF_OK && options->distinct)
        status = add_distinct(rules, opening, err);
    if (status == PREF_OK)
        status = add_patterns(rules, opening, FILTER_PATTERN, "no-match", &options->no_match, err);
    if (status == PREF_OK)
        status = add_patterns(rules, opening, FILTER_LACKS, "match", &options->match, err);
    return status;
}
