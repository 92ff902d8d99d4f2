/* SPDX-License-Identifier: Apache-2.0 */
/* pack_test.c - the tests that a rule of a pack can name, and what each is told. */
#include "config.h"

#include "options.h"
#include "pack.h"
#include "pref/number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Numbers --------------------------------------------------------------------------------- */

/* A number that a test is told: a count between two bounds, or a share. */
struct number {
    const char *name;
    size_t offset; /* in struct filter_rule */
    int is_share, is_required;
    uint64_t least, most;
};

#define AT(member) offsetof(struct filter_rule, member)
#define LONGEST UINT32_MAX /* a text has no more of anything */

/* A share as it was written: the shortest text of a double is that of any up to 15 digits. */
static int read_share(const struct pref_cold *value, struct pref_share *share)
{
    char text[PREF_NUMBER_MAX];
    if (pref_cold_type(value) != PREF_NUMBER)
        return PREF_USAGE;
    pref_number_print(text, pref_cold_number(value));
    return pref_share_parse(pref_span_of(text), share, NULL);
}

static int read_number(const struct filter_pack *pack, const struct number *number,
                       const struct pref_cold *value, struct filter_rule *rule)
{
    void *at = (char *)rule + number->offset;
    uint64_t count;
    if (number->is_share)
        return read_share(value, at) == PREF_OK
                   ? PREF_OK
                   : filter_pack_fault(pack, "test", "%s: expected a share from 0 to 1, of at most "
                                                     "9 digits", number->name);
    if (pref_cold_count(value, &count) != PREF_OK || count < number->least || count > number->most)
        return filter_pack_fault(pack, "test", "%s: expected a whole number from %llu to %llu",
                                 number->name, (unsigned long long)number->least,
                                 (unsigned long long)number->most);
    *(uint64_t *)at = count;
    return PREF_OK;
}

/* An object of such numbers, and of `other` (or NULL), which somebody else reads. */
static int read_numbers(const struct filter_pack *pack, const struct number *table,
                        const char *other, const struct pref_cold *object,
                        struct filter_rule *rule)
{
    const char *names[8] = {other};
    size_t count = other != NULL;
    for (const struct number *n = table; n->name != NULL; n++)
        names[count++] = n->name;
    int status = filter_pack_object(pack, object, "test", names);
    for (const struct number *n = table; n->name != NULL && status == PREF_OK; n++) {
        const struct pref_cold *value = pref_cold_member(object, n->name);
        if (value != NULL)
            status = read_number(pack, n, value, rule);
        else if (n->is_required)
            status = filter_pack_fault(pack, "test", "%s is missing", n->name);
    }
    return status;
}

static int read_range(const struct filter_pack *pack, const struct pref_cold *argument,
                      struct filter_rule *rule)
{
    static const struct number table[] = {{"min", AT(min), 0, 0, 0, LONGEST},
                                          {"max", AT(max), 0, 0, 0, LONGEST},
                                          {NULL, 0, 0, 0, 0, 0}};
    int status = read_numbers(pack, table, NULL, argument, rule);
    if (status == PREF_OK && (pref_cold_first(argument) == NULL || rule->min > rule->max))
        return filter_pack_fault(pack, "test", "expected min, max or both, min being the smaller");
    return status;
}

static int read_repeats(const struct filter_pack *pack, const struct pref_cold *argument,
                        struct filter_rule *rule)
{
    static const struct number lines[] = {{"max-share", AT(share), 1, 1, 0, 0},
                                          {"least", AT(least), 0, 1, 1, LONGEST},
                                          {NULL, 0, 0, 0, 0, 0}};
    static const struct number words[] = {{"max-share", AT(share), 1, 1, 0, 0},
                                          {"least", AT(least), 0, 1, 1, LONGEST},
                                          {"run", AT(n), 0, 1, 1, 1000},
                                          {NULL, 0, 0, 0, 0, 0}};
    static const struct number loop[] = {
        {"times", AT(n), 0, 1, 2, FILTER_LOOP_BYTES},
        {"least", AT(least), 0, 1, FILTER_LOOP_LEAST, FILTER_LOOP_BYTES},
        {NULL, 0, 0, 0, 0, 0}};
    return read_numbers(pack,
                        rule->kind == FILTER_LINES    ? lines
                        : rule->kind == FILTER_NGRAMS ? words
                                                      : loop,
                        NULL, argument, rule);
}

/* ---- Everything else ------------------------------------------------------------------------- */

static int read_pattern(const struct filter_pack *pack, const struct pref_cold *argument,
                        struct filter_rule *rule)
{
    char place[600];
    const char *text = pref_cold_text(argument);
    if (text == NULL)
        return filter_pack_fault(pack, "test", "expected a pattern");
    snprintf(place, sizeof place, "%.400s: rule '%.100s': test", pack->file, pack->rule);
    return filter_rule_compile(rule, place, text, pack->err);
}

static int read_ratio(const struct filter_pack *pack, const struct pref_cold *argument,
                      struct filter_rule *rule)
{
    char text[PREF_NUMBER_MAX];
    if (pref_cold_type(argument) == PREF_NUMBER) {
        pref_number_print(text, pref_cold_number(argument));
        if (filter_ratio_parse(text, &rule->max))
            return PREF_OK;
    }
    return filter_pack_fault(pack, "test", "expected a number from 1 to %d with at most 6 digits "
                                           "behind the point", FILTER_RATIO_MOST);
}

static int read_true(const struct filter_pack *pack, const struct pref_cold *argument,
                     struct filter_rule *rule)
{
    (void)rule;
    return pref_cold_type(argument) == PREF_TRUE ? PREF_OK
                                                 : filter_pack_fault(pack, "test", "expected true");
}

/* Names of the script or tag kind: letters, digits, '_', and '-'. */
static const char *read_name(const struct pref_cold *value)
{
    const char *text = pref_cold_text(value);
    size_t len = text == NULL ? 0 : strlen(text);
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    return len > 0 && len <= 64 && strspn(text, allowed) == len ? text : NULL;
}

static int read_tags(const struct filter_pack *pack, const struct pref_cold *argument,
                     struct filter_rule *rule)
{
    for (const struct pref_cold *v = pref_cold_first(argument);
         v != NULL && pref_cold_type(argument) == PREF_ARRAY; v = pref_cold_next(v)) {
        const char *name = read_name(v);
        if (name == NULL || rule->tags == FILTER_TAGS_MAX)
            return filter_pack_fault(pack, "test", "expected at most %d names of tags",
                                     FILTER_TAGS_MAX);
        rule->tag[rule->tags] = strdup(name);
        if (rule->tag[rule->tags] == NULL)
            return pref_fail_memory(pack->err, "a rule pack");
        rule->tags++;
    }
    return rule->tags > 0 ? PREF_OK
                          : filter_pack_fault(pack, "test", "expected an array of names of tags");
}

/* {"of":["Latin",...],"min-share":X,"least":N}: as a pattern of letters of these scripts. */
static int read_script(const struct filter_pack *pack, const struct pref_cold *argument,
                       struct filter_rule *rule)
{
    static const struct number table[] = {{"min-share", AT(share), 1, 1, 0, 0},
                                          {"least", AT(least), 0, 1, 1, LONGEST},
                                          {NULL, 0, 0, 0, 0, 0}};
    int status = read_numbers(pack, table, "of", argument, rule);
    if (status != PREF_OK)
        return status;
    const struct pref_cold *list = pref_cold_member(argument, "of");
    struct pref_buf pattern = {0};
    unsigned scripts = 0;
    pref_buf_add_text(&pattern, "(?:(?=\\pL)[");
    for (const struct pref_cold *v = list == NULL ? NULL : pref_cold_first(list); v != NULL;
         v = pref_cold_next(v)) {
        const char *name = read_name(v);
        scripts++;
        pref_buf_addf(&pattern, "\\p{%s}", name == NULL ? "none" : name);
    }
    pref_buf_add_text(&pattern, "])+");
    if (scripts == 0)
        status = filter_pack_fault(pack, "test", "of: expected an array of names of scripts");
    else if (pattern.failed)
        status = pref_fail_memory(pack->err, "a rule pack");
    struct pref_err why;
    if (status == PREF_OK)
        status = filter_compile(&rule->regex, "", pref_buf_span(&pattern), &why);
    if (status == PREF_OK)
        status = filter_compile(&rule->letters, "", pref_span_of("\\pL+"), &why);
    if (status == PREF_USAGE && scripts > 0)
        filter_pack_fault(pack, "test", "of: a script that Unicode does not know");
    else if (status == PREF_FAIL)
        pref_fail_memory(pack->err, "a rule pack");
    pref_buf_release(&pattern);
    return status;
}

/* ---- The table ------------------------------------------------------------------------------- */

static const struct test {
    const char *name;
    enum filter_kind kind;
    int (*read)(const struct filter_pack *pack, const struct pref_cold *argument,
                struct filter_rule *rule);
} tests[] = {
    {"pattern", FILTER_PATTERN, read_pattern},
    {"lacks", FILTER_LACKS, read_pattern},
    {"luhn", FILTER_LUHN, read_pattern},
    {"chars", FILTER_CHARS, read_range},
    {"words", FILTER_WORDS, read_range},
    {"ratio", FILTER_RATIO, read_ratio},
    {"equal", FILTER_EQUAL, read_true},
    {"repeated-lines", FILTER_LINES, read_repeats},
    {"repeated-words", FILTER_NGRAMS, read_repeats},
    {"loop", FILTER_LOOP, read_repeats},
    {"script", FILTER_SCRIPT, read_script},
    {"not-json", FILTER_JSON, read_true},
    {"broken-json", FILTER_CLAIMED, read_true},
    {"broken-json-fence", FILTER_FENCED, read_true},
    {"open-fence", FILTER_FENCE, read_true},
    {"broken-tags", FILTER_TAGS, read_tags},
    {"broken-tool-calls", FILTER_CALLS, read_true},
};

int filter_pack_kind(const struct filter_pack *pack, const struct pref_cold *value,
                     enum filter_kind *kind, const struct pref_cold **argument)
{
    *argument = pref_cold_type(value) == PREF_OBJECT ? pref_cold_first(value) : NULL;
    if (*argument == NULL || pref_cold_next(*argument) != NULL)
        return filter_pack_fault(pack, "test", "expected an object with one member");
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        if (strcmp(tests[i].name, pref_cold_key(*argument)) == 0) {
            *kind = tests[i].kind;
            return PREF_OK;
        }
    }
    return filter_pack_fault(pack, "test", "'%.100s' is no test", pref_cold_key(*argument));
}

int filter_pack_test(const struct filter_pack *pack, const struct pref_cold *argument,
                     struct filter_rule *rule)
{
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        if (tests[i].kind == rule->kind)
            return tests[i].read(pack, argument, rule);
    return filter_pack_fault(pack, "test", "is none that a pack can ask for");
}
