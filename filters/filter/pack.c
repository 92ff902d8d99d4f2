/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "pack.h"
#include "pref/sink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_BYTES 64

/* ---- Where packs are ------------------------------------------------------------------------- */

const char *filter_pack_folder(void)
{
    const char *folder = getenv("PREF_RULES_DIR");
    return folder != NULL && folder[0] != '\0' ? folder : PREF_RULES_DIR;
}

void filter_pack_path(const char *name, struct pref_buf *path)
{
    size_t len = strlen(name);
    int is_file = strchr(name, '/') != NULL || (len > 5 && strcmp(name + len - 5, ".json") == 0);
    if (!is_file) {
        pref_buf_add_text(path, filter_pack_folder());
        pref_buf_add_byte(path, '/');
    }
    pref_buf_add_text(path, name);
    pref_buf_add_text(path, is_file ? "" : ".json");
    pref_buf_add_byte(path, '\0');
}

/* ---- What is wrong --------------------------------------------------------------------------- */

int filter_pack_fault(const struct filter_pack *pack, const char *member, const char *format, ...)
{
    char sentence[300];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    if (pack->rule == NULL)
        return pref_usage(pack->err, "%.400s: %s: %s", pack->file, member, sentence);
    return pref_usage(pack->err, "%.400s: rule '%.100s': %s: %s", pack->file, pack->rule, member,
                      sentence);
}

int filter_pack_object(const struct filter_pack *pack, const struct pref_cold *value,
                       const char *member, const char *const *names)
{
    if (pref_cold_type(value) != PREF_OBJECT)
        return filter_pack_fault(pack, member, "is %s, expected an object",
                                 pref_type_name(pref_cold_type(value)));
    for (const struct pref_cold *m = pref_cold_first(value); m != NULL; m = pref_cold_next(m)) {
        size_t i = 0;
        while (names[i] != NULL && strcmp(names[i], pref_cold_key(m)) != 0)
            i++;
        if (names[i] == NULL)
            return filter_pack_fault(pack, member, "'%.100s' is no member of it",
                                     pref_cold_key(m));
    }
    return PREF_OK;
}

/* A string that must be there, and if `is_name` is a short one of a-z, 0-9 and '-'. */
static int read_text(const struct filter_pack *pack, const struct pref_cold *object,
                     const char *member, int is_name, const char **text)
{
    const struct pref_cold *value = pref_cold_member(object, member);
    if (value == NULL)
        return filter_pack_fault(pack, member, "is missing");
    *text = pref_cold_text(value);
    if (*text == NULL || **text == '\0')
        return filter_pack_fault(pack, member, "expected a text");
    size_t len = strlen(*text);
    if (is_name && (len > NAME_MAX_BYTES ||
                    strspn(*text, "abcdefghijklmnopqrstuvwxyz0123456789-") != len))
        return filter_pack_fault(pack, member, "'%.100s', expected at most %d of a-z, 0-9 and -",
                                 *text, NAME_MAX_BYTES);
    return PREF_OK;
}

/* ---- Examples -------------------------------------------------------------------------------- */

/* Give an example's texts to the view: one text for every field of the rule, or an object. */
static int give_example(const struct filter_pack *pack, const struct filter_rule *rule,
                        const struct pref_cold *example, const char *place,
                        struct filter_view *view)
{
    const char *text = pref_cold_text(example);
    filter_view_begin_given(view);
    for (unsigned i = 0; i < rule->fields && text != NULL; i++)
        filter_view_give(view, rule->field[i], pref_span_of(text));
    if (text != NULL)
        return PREF_OK;
    if (pref_cold_type(example) != PREF_OBJECT)
        return filter_pack_fault(pack, place, "expected a text, or an object of texts");
    for (const struct pref_cold *m = pref_cold_first(example); m != NULL; m = pref_cold_next(m)) {
        unsigned i = 0;
        while (i < rule->fields &&
               strcmp(pref_cold_key(m), pack->rules->fields.name[rule->field[i]]) != 0)
            i++;
        if (i == rule->fields)
            return filter_pack_fault(pack, place, "'%.100s' is no field of the rule",
                                     pref_cold_key(m));
        if (pref_cold_text(m) == NULL)
            return filter_pack_fault(pack, place, "'%.100s' is no text", pref_cold_key(m));
        filter_view_give(view, rule->field[i], pref_span_of(pref_cold_text(m)));
    }
    return PREF_OK;
}

static int try_example(const struct filter_pack *pack, const struct filter_rule *rule,
                       const struct pref_cold *example, int must_hit, const char *place,
                       struct filter_view *view)
{
    struct filter_finding finding;
    int status = give_example(pack, rule, example, place, view);
    if (status != PREF_OK)
        return status;
    enum filter_result result = filter_rule_try(NULL, rule, view, &finding);
    if (result == FILTER_BROKEN || filter_view_failed(view))
        return pref_fail_memory(pack->err, "an example");
    if (result == FILTER_GAVE_UP)
        return filter_pack_fault(pack, place, "the rule's pattern gives up on it");
    if (result == (must_hit ? FILTER_HIT : FILTER_MISS))
        return PREF_OK;
    return filter_pack_fault(pack, place, must_hit ? "the rule does not hit it, and should"
                                                   : "the rule hits it, and should not");
}

/* The examples of one member: at least one. */
static int try_examples(const struct filter_pack *pack, const struct filter_rule *rule,
                        const struct pref_cold *object, const char *member, int must_hit,
                        struct filter_view *view)
{
    char place[32];
    unsigned number = 0;
    int status = PREF_OK;
    const struct pref_cold *list = pref_cold_member(object, member);
    if (list == NULL || pref_cold_type(list) != PREF_ARRAY || pref_cold_first(list) == NULL)
        return filter_pack_fault(pack, member, "expected an array of examples");
    for (const struct pref_cold *example = pref_cold_first(list);
         example != NULL && status == PREF_OK; example = pref_cold_next(example)) {
        snprintf(place, sizeof place, "%s[%u]", member, number++);
        status = try_example(pack, rule, example, must_hit, place, view);
    }
    return status;
}

/* ---- Rules ----------------------------------------------------------------------------------- */

static int add_field(const struct filter_pack *pack, const char *name, struct filter_rule *rule)
{
    unsigned field;
    if (rule->fields == FILTER_FIELDS_MAX)
        return filter_pack_fault(pack, "fields", "expected at most %d", FILTER_FIELDS_MAX);
    int status = filter_fields_add(&pack->rules->fields, pack->opening, pref_span_of(name), &field,
                                   pack->err);
    for (unsigned i = 0; i < rule->fields && status == PREF_OK; i++)
        if (rule->field[i] == field)
            return filter_pack_fault(pack, "fields", "'%.100s' stands twice", name);
    if (status == PREF_OK)
        rule->field[rule->fields++] = field;
    return status;
}

static int read_fields(const struct filter_pack *pack, const struct pref_cold *object,
                       struct filter_rule *rule)
{
    const struct pref_cold *list = pref_cold_member(object, "fields");
    int is_pair = rule->kind == FILTER_RATIO || rule->kind == FILTER_EQUAL;
    int status = PREF_OK;
    if (list == NULL || pref_cold_type(list) != PREF_ARRAY)
        return filter_pack_fault(pack, "fields", "expected an array of names");
    for (const struct pref_cold *f = pref_cold_first(list); f != NULL && status == PREF_OK;
         f = pref_cold_next(f))
        status = pref_cold_text(f) == NULL || pref_cold_text(f)[0] == '\0'
                     ? filter_pack_fault(pack, "fields", "expected an array of names")
                     : add_field(pack, pref_cold_text(f), rule);
    if (status == PREF_OK && (is_pair ? rule->fields != 2 : rule->fields == 0))
        return filter_pack_fault(pack, "fields", "%u, expected %s", rule->fields,
                                 is_pair ? "two" : "at least one");
    return status;
}

static int read_action(const struct filter_pack *pack, const struct pref_cold *object,
                       struct filter_rule *rule)
{
    const struct pref_cold *value = pref_cold_member(object, "action");
    const char *text = value == NULL ? "reject" : pref_cold_text(value);
    rule->annotates = text != NULL && strcmp(text, "annotate") == 0;
    if (rule->annotates || (text != NULL && strcmp(text, "reject") == 0))
        return PREF_OK;
    return filter_pack_fault(pack, "action", "expected reject or annotate");
}

/* Read one rule, whose name is known, and try its examples. */
static int read_rule(struct filter_pack *pack, const char *pack_name,
                     const struct pref_cold *object, struct filter_view *view)
{
    static const char *const members[] = {"name", "about", "fields", "test",
                                          "action", "match", "pass", NULL};
    char full[2 * NAME_MAX_BYTES + 2];
    const char *about;
    const struct pref_cold *argument, *test;
    struct filter_rule *rule;
    enum filter_kind kind;
    /* The name first, so that whatever else is wrong can be said of a rule with a name. */
    int status = pref_cold_type(object) != PREF_OBJECT
                     ? PREF_OK
                     : read_text(pack, object, "name", 1, &pack->rule);
    if (status == PREF_OK)
        status = filter_pack_object(pack, object, "rules", members);
    if (status == PREF_OK)
        status = read_text(pack, object, "about", 0, &about);
    if (status != PREF_OK)
        return status;
    test = pref_cold_member(object, "test");
    if (test == NULL)
        return filter_pack_fault(pack, "test", "is missing");
    snprintf(full, sizeof full, "%s/%s", pack_name, pack->rule);
    status = filter_pack_kind(pack, test, &kind, &argument);
    if (status == PREF_OK)
        status = filter_rules_add(pack->rules, kind, pref_span_of(full), &rule, pack->err);
    if (status == PREF_OK)
        status = read_fields(pack, object, rule);
    if (status == PREF_OK)
        status = read_action(pack, object, rule);
    if (status == PREF_OK)
        status = filter_pack_test(pack, argument, rule);
    if (status == PREF_OK)
        status = try_examples(pack, rule, object, "match", 1, view);
    if (status == PREF_OK)
        status = try_examples(pack, rule, object, "pass", 0, view);
    pack->rule = NULL;
    return status;
}

static int read_pack(struct filter_pack *pack, const struct pref_cold *root,
                     struct filter_view *view)
{
    static const char *const members[] = {"pack", "about", "rules", NULL};
    const char *name, *about;
    const struct pref_cold *rules;
    int status = filter_pack_object(pack, root, "the pack", members);
    if (status == PREF_OK)
        status = read_text(pack, root, "pack", 1, &name);
    if (status == PREF_OK)
        status = read_text(pack, root, "about", 0, &about);
    if (status != PREF_OK)
        return status;
    rules = pref_cold_member(root, "rules");
    if (rules == NULL || pref_cold_type(rules) != PREF_ARRAY || pref_cold_first(rules) == NULL)
        return filter_pack_fault(pack, "rules", "expected an array of rules");
    for (const struct pref_cold *r = pref_cold_first(rules); r != NULL && status == PREF_OK;
         r = pref_cold_next(r))
        status = read_rule(pack, name, r, view);
    return status;
}

int filter_pack_load(const char *name, struct filter_rules *rules, struct pref_opening *opening,
                     struct pref_err *err)
{
    struct pref_buf path = {0}, text = {0};
    struct pref_cold *root = NULL;
    struct pref_err why;
    filter_pack_path(name, &path);
    struct filter_pack pack = {path.ptr, NULL, rules, opening, err};
    struct filter_view *view = filter_view_new(&rules->fields, opening->common->table_seed);
    int status = path.failed || view == NULL ? pref_fail_memory(err, "a rule pack") : PREF_OK;
    if (status == PREF_OK)
        status = pref_file_read(path.ptr, FILTER_PACK_BYTES, opening->stop_fd, &text, err);
    if (status == PREF_OK) {
        status = pref_cold_parse(&root, pref_buf_span(&text), &why);
        if (status != PREF_OK)
            *err = why;
        if (status == PREF_USAGE)
            pref_usage(err, "%.400s: %.500s", path.ptr, why.text);
    }
    if (status == PREF_OK)
        status = read_pack(&pack, root, view);
    filter_view_free(view);
    pref_cold_free(root);
    pref_buf_release(&text);
    pref_buf_release(&path);
    return status;
}
