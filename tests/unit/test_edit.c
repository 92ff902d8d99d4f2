/* SPDX-License-Identifier: Apache-2.0 */
/* edit: splices against what a reader would write by hand, overlaps, and random edits of random
 * objects against a model that puts the pieces together anew. */
#include "config.h"

#include "record_help.h"

#include <stdio.h>
#include <string.h>

#include "pref/edit.h"

#define KEYS 8

static struct help_record r;
static pref_place key[KEYS]; /* a, b, ..., h */
static struct pref_edits edits;
static struct pref_buf out;

static int setup(void **state)
{
    (void)state;
    help_record_init(&r);
    for (size_t i = 0; i < KEYS; i++) {
        char name[2] = {(char)('a' + i), '\0'};
        key[i] = pref_shape_field(r.shape, name);
        pref_shape_demand(r.shape, key[i], PREF_IS_ANY, PREF_NULL_IS_VALUE);
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    help_record_release(&r);
    pref_edits_release(&edits);
    pref_buf_release(&out);
    return 0;
}

static void begin(const char *line)
{
    help_record_accept(&r, line);
    pref_edits_begin(&edits, &r.doc);
    assert_int_equal(pref_edits_any(&edits), 0);
}

static const struct pref_hit *at(char name)
{
    const struct pref_hit *hit = pref_doc_at(&r.doc, key[name - 'a']);
    assert_non_null(hit);
    return hit;
}

static void put(const char *name, const char *json)
{
    const struct pref_hit *old = name[1] != '\0' || name[0] > 'h'
                                     ? NULL
                                     : pref_doc_at(&r.doc, key[name[0] - 'a']);
    pref_edit_put(&edits, name, old, pref_span_of(json));
}

static void drop(const char *names)
{
    for (; *names != '\0'; names++)
        pref_edit_drop(&edits, at(*names));
}

static void expect_out(const char *text)
{
    pref_buf_add_byte(&out, '\0');
    assert_int_equal(out.failed, 0);
    assert_int_equal(out.ptr[0], '>');
    assert_string_equal(out.ptr + 1, text);
}

/* What becomes of the line, in all and with every part kept that can be: both are appended. */
static void expect_text(const char *text)
{
    struct pref_err err = {""};
    struct pref_span line = {r.doc.line, r.doc.len};
    uint32_t start, end;
    pref_buf_clear(&out);
    pref_buf_add_text(&out, ">");
    if (pref_edits_extent(&edits, &start, &end, &err) != PREF_OK)
        fail_msg("%s", err.text);
    assert_true(start <= end && end <= line.len);
    pref_buf_add(&out, line.ptr, start);
    pref_edits_write(&edits, start, end, &out);
    pref_buf_add(&out, line.ptr + end, line.len - end);
    expect_out(text);
    pref_buf_clear(&out);
    pref_buf_add_text(&out, ">");
    pref_edits_write(&edits, 0, (uint32_t)line.len, &out);
    expect_out(text);
}

/* The same of both steps in one. */
static void test_apply(void **state)
{
    (void)state;
    struct pref_err err = {""};
    begin(" {\"a\":1,\"b\":2} ");
    put("a", "3");
    put("z", "4");
    pref_buf_clear(&out);
    pref_buf_add_text(&out, ">");
    assert_int_equal(pref_edits_apply(&edits, &out, &err), PREF_OK);
    expect_out(" {\"a\":3,\"b\":2,\"z\":4} ");
}

static void expect_overlap(void)
{
    struct pref_err err = {""};
    pref_buf_clear(&out);
    assert_int_equal(pref_edits_apply(&edits, &out, &err), PREF_FAIL);
    assert_non_null(strstr(err.text, "overlap at byte"));
}

static void test_nothing(void **state)
{
    (void)state;
    begin(" {\"a\":1} \r");
    expect_text(" {\"a\":1} \r");
}

static void test_replace(void **state)
{
    (void)state;
    begin("{\"a\": 1 ,\"b\":[2]}");
    put("a", "{\"x\":\"longer\"}");
    put("b", "0");
    assert_int_equal(pref_edits_any(&edits), 1);
    expect_text("{\"a\": {\"x\":\"longer\"} ,\"b\":0}");
    begin("{\"a\":1,\"b\":2}"); /* what was collected before is forgotten */
    pref_edit_exchange(&edits, at('a'), at('b'));
    expect_text("{\"a\":2,\"b\":1}");
    begin("{\"a\":15}");
    pref_edit_replace(&edits, at('a')->start, at('a')->start, pref_span_of("-"));
    pref_edit_replace(&edits, at('a')->end, at('a')->end, pref_span_of("."));
    pref_edit_replace(&edits, at('a')->end, at('a')->end, pref_span_of("0"));
    expect_text("{\"a\":-15.0}");
    begin("{\"a\":-15}");
    pref_edit_replace(&edits, at('a')->start, at('a')->start + 1, pref_span_of(""));
    expect_text("{\"a\":15}");
}

static void test_put(void **state)
{
    (void)state;
    begin("{\"a\":1}");
    put("new", "2");
    put("z", "[3]");
    expect_text("{\"a\":1,\"new\":2,\"z\":[3]}");
    begin("{\"a\":1  \t} ");
    put("z", "2");
    expect_text("{\"a\":1,\"z\":2  \t} ");
    begin(" {  } ");
    put("z", "2");
    expect_text(" {\"z\":2  } ");
    begin("{\"a\":null}");
    put("a", "1");
    expect_text("{\"a\":1}");
    begin("{}");
    pref_edit_put(&edits, "a\"b\\", NULL, pref_span_of("0"));
    expect_text("{\"a\\\"b\\\\\":0}");
}

static void test_drop(void **state)
{
    (void)state;
    static const char line[] = "{ \"a\" : 1 , \"b\" : 2 , \"c\" : 3 }";
    static const struct {
        const char *names, *text;
    } cases[] = {
        {"a", "{ \"b\" : 2 , \"c\" : 3 }"}, {"b", "{ \"a\" : 1  , \"c\" : 3 }"},
        {"c", "{ \"a\" : 1 , \"b\" : 2  }"}, {"ab", "{ \"c\" : 3 }"},
        {"ba", "{ \"c\" : 3 }"},             {"bc", "{ \"a\" : 1   }"},
        {"cb", "{ \"a\" : 1   }"},           {"ac", "{ \"b\" : 2  }"},
        {"abc", "{  }"},                     {"cabbac", "{  }"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin(line);
        drop(cases[i].names);
        expect_text(cases[i].text);
    }
}

/* Members that stand in nobody's shape are neighbours all the same. */
static void test_drop_among_others(void **state)
{
    (void)state;
    begin("{\"x\":\",\",\"a\":[1,{\"b\":2}],\"y\":\",\"}");
    drop("a");
    expect_text("{\"x\":\",\",\"y\":\",\"}");
    begin("{\"\\u0061\":1,\"y\":2}");
    drop("a");
    expect_text("{\"y\":2}");
}

static void test_put_and_drop(void **state)
{
    (void)state;
    begin("{\"a\":1,\"b\":2}");
    drop("ab");
    put("z", "3");
    expect_text("{\"z\":3}");
    begin("{\"a\":1,\"b\":2 }");
    drop("b");
    put("z", "3");
    expect_text("{\"a\":1,\"z\":3 }");
    begin("{\"a\":1,\"b\":2,\"c\":3}");
    put("c", "[]");
    drop("a");
    put("z", "3");
    expect_text("{\"b\":2,\"c\":[],\"z\":3}");
}

static void test_overlap(void **state)
{
    (void)state;
    begin("{\"a\":[1,2],\"b\":3}");
    pref_edit_replace(&edits, 5, 10, pref_span_of("x"));
    pref_edit_replace(&edits, 6, 7, pref_span_of("y"));
    expect_overlap();
    begin("{\"a\":[1,2],\"b\":3}");
    put("a", "1");
    put("a", "2");
    expect_overlap();
    begin("{\"a\":[1,2],\"b\":3}");
    put("a", "1");
    drop("a");
    expect_overlap();
    begin("{\"a\":[1,2],\"b\":3}");
    pref_edit_exchange(&edits, at('a'), at('a'));
    expect_overlap();
    begin("{\"a\":[1,2],\"b\":3}"); /* side by side is no overlap */
    pref_edit_replace(&edits, 6, 7, pref_span_of("x"));
    pref_edit_replace(&edits, 7, 9, pref_span_of(""));
    expect_text("{\"a\":[x],\"b\":3}");
}

/* ---- Random objects ------------------------------------------------------------------------ */

struct member {
    char name;       /* a to h, or x: a key of no shape */
    char value[24], with[24];
    char before[4], colon[8], after[4]; /* blanks */
    int dropped, replaced;
};

static void random_blanks(uint64_t *seed, char *blanks)
{
    size_t n = help_below(seed, 3);
    for (size_t i = 0; i < n; i++)
        blanks[i] = " \t\r"[help_below(seed, 3)];
    blanks[n] = '\0';
}

static void random_value(uint64_t *seed, char *value)
{
    static const char *const values[] = {"1",   "-0.50e7", "\"\"", "\"},{\\\"\"", "[]", "[1 , {}]",
                                         "{}", "null",    "true", "{\"a\" : \",\"}"};
    strcpy(value, values[help_below(seed, sizeof values / sizeof *values)]);
}

static size_t random_members(uint64_t *seed, struct member *members)
{
    size_t n = help_below(seed, KEYS + 1);
    char names[KEYS + 1] = "abcdefgh";
    for (size_t i = 0; i < n; i++) {
        struct member *m = &members[i];
        size_t pick = i + help_below(seed, (uint32_t)(KEYS - i));
        char name = names[pick];
        names[pick] = names[i];
        *m = (struct member){.name = help_below(seed, 5) == 0 ? 'x' : name};
        random_blanks(seed, m->before);
        random_blanks(seed, m->colon);
        random_blanks(seed, m->after);
        random_value(seed, m->value);
        random_value(seed, m->with);
        if (m->name != 'x') {
            m->dropped = help_below(seed, 3) == 0;
            m->replaced = !m->dropped && help_below(seed, 3) == 0;
        }
    }
    return n;
}

static void add_member(struct pref_buf *text, const struct member *m, const char *value)
{
    pref_buf_addf(text, "\"%c\"%s:%s%s", m->name, m->colon, m->colon, value);
}

static void write_original(struct pref_buf *text, const struct member *members, size_t n)
{
    pref_buf_clear(text);
    pref_buf_add_text(text, " {");
    for (size_t i = 0; i < n; i++) {
        pref_buf_addf(text, "%s%s", i > 0 ? "," : "", members[i].before);
        add_member(text, &members[i], members[i].value);
        pref_buf_add_text(text, members[i].after);
    }
    pref_buf_add_text(text, "}\t");
}

/* The first member that stays begins where the first one was; each further one brings its comma;
 * what is added comes before the last blanks. */
static void write_edited(struct pref_buf *text, const struct member *members, size_t n, int added)
{
    int kept = 0;
    pref_buf_clear(text);
    pref_buf_addf(text, " {%s", n > 0 ? members[0].before : "");
    for (size_t i = 0; i < n; i++) {
        const struct member *m = &members[i];
        if (!m->dropped) {
            if (kept++ > 0)
                pref_buf_addf(text, ",%s", m->before);
            add_member(text, m, m->replaced ? m->with : m->value);
        }
        if (i + 1 < n && kept > 0)
            pref_buf_add_text(text, m->after);
    }
    for (int i = 0; i < added; i++)
        pref_buf_addf(text, "%s\"new%d\":[%d]", kept++ > 0 ? "," : "", i, i);
    pref_buf_addf(text, "%s}\t", n > 0 ? members[n - 1].after : "");
}

static void test_random(void **state)
{
    (void)state;
    struct pref_buf line = {0}, want = {0};
    for (uint64_t round = 0; round < 20000; round++) {
        uint64_t seed = round * 7919 + 1;
        struct member members[KEYS];
        size_t n = random_members(&seed, members);
        int added = (int)help_below(&seed, 3);
        write_original(&line, members, n);
        pref_buf_add_byte(&line, '\0');
        begin(line.ptr);
        size_t from = help_below(&seed, KEYS); /* any order will do */
        for (size_t i = 0; i < n; i++) {
            const struct member *m = &members[(from + i) % n];
            if (m->dropped)
                pref_edit_drop(&edits, at(m->name));
            else if (m->replaced)
                pref_edit_put(&edits, "", at(m->name), pref_span_of(m->with));
        }
        for (int i = 0; i < added; i++) {
            char name[32], json[32];
            snprintf(name, sizeof name, "new%d", i);
            snprintf(json, sizeof json, "[%d]", i);
            pref_edit_put(&edits, name, NULL, pref_span_of(json));
        }
        write_edited(&want, members, n, added);
        pref_buf_add_byte(&want, '\0');
        expect_text(want.ptr);
        assert_int_equal(help_record_scan(&r, pref_span_of(want.ptr)), 1);
    }
    pref_buf_release(&line);
    pref_buf_release(&want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing),           cmocka_unit_test(test_replace),
        cmocka_unit_test(test_put),               cmocka_unit_test(test_drop),
        cmocka_unit_test(test_drop_among_others), cmocka_unit_test(test_put_and_drop),
        cmocka_unit_test(test_overlap),           cmocka_unit_test(test_apply),
        cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
