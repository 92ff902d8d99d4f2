/* SPDX-License-Identifier: Apache-2.0 */
/* The scanner's answers, one small case each, from every kernel: what is refused, at which byte and
 * in which words; and what the hits say of a line that is accepted. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scan_help.h"

#define SIDES "\"prompt\":\"p\",\"chosen\":\"c\",\"rejected\":\"r\""

struct refusal {
    const char *line;
    enum pref_fault_kind kind;
    size_t offset;
    const char *sentence; /* NULL: not compared */
};

static const struct refusal refusals[] = {
    /* Where a record breaks off. */
    {"", PREF_FAULT_SYNTAX, 0, "byte 0: the record ends before it is complete"},
    {" \t", PREF_FAULT_SYNTAX, 2, "byte 2: the record ends before it is complete"},
    {"{", PREF_FAULT_SYNTAX, 1, "byte 1: the record ends before it is complete"},
    {"{\"a", PREF_FAULT_SYNTAX, 3, "byte 3: the record ends inside a string"},
    {"{\"id", PREF_FAULT_SYNTAX, 4, "byte 4: the record ends inside a string"},
    {"{\"id\"", PREF_FAULT_SYNTAX, 5, "byte 5: the record ends before it is complete"},
    {"{\"id\":", PREF_FAULT_SYNTAX, 6, "byte 6: the record ends before it is complete"},
    {"{\"id\":1", PREF_FAULT_SYNTAX, 7, "byte 7: the record ends before it is complete"},
    {"{\"id\":1,", PREF_FAULT_SYNTAX, 8, "byte 8: the record ends before it is complete"},
    {"{\"id\":1, ", PREF_FAULT_SYNTAX, 9, "byte 9: the record ends before it is complete"},
    {"{\"id\":1,\"id", PREF_FAULT_SYNTAX, 11, "byte 11: the record ends inside a string"},
    {"{\"id\":-", PREF_FAULT_SYNTAX, 7, "byte 7: the record ends before it is complete"},
    {"{\"id\":1.", PREF_FAULT_SYNTAX, 8, NULL},
    {"{\"id\":1e", PREF_FAULT_SYNTAX, 8, NULL},
    {"{\"id\":1e+", PREF_FAULT_SYNTAX, 9, NULL},
    {"{\"x\":tru", PREF_FAULT_SYNTAX, 8, NULL},
    {"{\"x\":nul", PREF_FAULT_SYNTAX, 8, NULL},
    {"{\"x\":[", PREF_FAULT_SYNTAX, 6, NULL},
    {"{\"x\":[1", PREF_FAULT_SYNTAX, 7, NULL},
    {"{\"x\":[1,", PREF_FAULT_SYNTAX, 8, NULL},
    {"{\"x\":{}", PREF_FAULT_SYNTAX, 7, NULL},
    {"{\"x\":\"\\", PREF_FAULT_SYNTAX, 7, "byte 7: the record ends inside a string"},
    {"{\"x\":\"\\\"", PREF_FAULT_SYNTAX, 8, "byte 8: the record ends inside a string"},
    {"{\"x\":\"\\u00", PREF_FAULT_SYNTAX, 10, "byte 10: the record ends inside a string"},
    /* What the grammar does not allow. */
    {"{} x", PREF_FAULT_SYNTAX, 3, "byte 3: unexpected 'x', expected nothing after the record"},
    {"{}{}", PREF_FAULT_SYNTAX, 2, NULL},
    {"x", PREF_FAULT_SYNTAX, 0, "byte 0: unexpected 'x', expected a value"},
    {"\xef\xbb\xbf{}", PREF_FAULT_SYNTAX, 0, "byte 0: unexpected 0xef, expected a value"},
    {"{,}", PREF_FAULT_SYNTAX, 1, "byte 1: unexpected ',', expected a key in quotes or '}'"},
    {"{id:1}", PREF_FAULT_SYNTAX, 1, NULL},
    {"{\"id\" 1}", PREF_FAULT_SYNTAX, 6, "byte 6: unexpected '1', expected ':' after a key"},
    {"{\"x\"}", PREF_FAULT_SYNTAX, 4, "byte 4: unexpected '}', expected ':' after a key"},
    {"{\"id\":}", PREF_FAULT_SYNTAX, 6, "byte 6: unexpected '}', expected a value"},
    {"{\"id\":1,}", PREF_FAULT_SYNTAX, 8, "byte 8: unexpected '}', expected a key in quotes"},
    {"{\"id\":1]",
     PREF_FAULT_SYNTAX, 7, "byte 7: unexpected ']', expected ',' or '}' after a value"},
    {"{\"x\":[1}",
     PREF_FAULT_SYNTAX, 7, "byte 7: unexpected '}', expected ',' or ']' after a value"},
    {"{\"x\":[1,]}", PREF_FAULT_SYNTAX, 8, "byte 8: unexpected ']', expected a value"},
    {"{\"x\":[,1]}", PREF_FAULT_SYNTAX, 6, NULL},
    {"{\"x\":[1 2]}", PREF_FAULT_SYNTAX, 8, NULL},
    {"{\"x\":1 \"y\":2}", PREF_FAULT_SYNTAX, 7, NULL},
    {"{\"x\":\f1}", PREF_FAULT_SYNTAX, 5, "byte 5: unexpected 0x0c, expected a value"},
    {"{\"x\":trux}", PREF_FAULT_SYNTAX, 8,
     "byte 8: unexpected 'x' in a word, expected true, false or null"},
    {"{\"x\":nulL}", PREF_FAULT_SYNTAX, 8, NULL},
    {"{\"x\":fals}", PREF_FAULT_SYNTAX, 9, NULL},
    {"{\"x\":truee}", PREF_FAULT_SYNTAX, 9, NULL},
    {"{\"x\":NaN}", PREF_FAULT_SYNTAX, 5, NULL},
    /* Numbers. */
    {"{\"x\":01}", PREF_FAULT_SYNTAX, 6, "byte 6: unexpected '1' after a leading zero of a number"},
    {"{\"x\":-01}", PREF_FAULT_SYNTAX, 7, NULL},
    {"{\"x\":-}", PREF_FAULT_SYNTAX, 6, "byte 6: unexpected '}', expected a digit after '-'"},
    {"{\"x\":+1}", PREF_FAULT_SYNTAX, 5, NULL},
    {"{\"x\":.5}", PREF_FAULT_SYNTAX, 5, NULL},
    {"{\"x\":1.}", PREF_FAULT_SYNTAX, 7,
     "byte 7: unexpected '}', expected a digit after the decimal point"},
    {"{\"x\":1.e5}", PREF_FAULT_SYNTAX, 7, NULL},
    {"{\"x\":1e}", PREF_FAULT_SYNTAX, 7, "byte 7: unexpected '}', expected a digit of an exponent"},
    {"{\"x\":1e-}", PREF_FAULT_SYNTAX, 8, NULL},
    {"{\"x\":0x1}", PREF_FAULT_SYNTAX, 6, NULL},
    {"{\"x\":1.5.5}", PREF_FAULT_SYNTAX, 8, NULL},
    {"{\"x\":111111111111111111111111111111111111111111.}", PREF_FAULT_SYNTAX, 48, NULL},
    /* Strings. */
    {"{\"x\":\"a\nb\"}", PREF_FAULT_SYNTAX, 7, "byte 7: control character 0x0a in a string"},
    {"{\"x\":\"a\x1f\"}", PREF_FAULT_SYNTAX, 7, NULL},
    {"{\"a\tb\":1}", PREF_FAULT_SYNTAX, 3, "byte 3: control character 0x09 in a string"},
    {"{\"x\":\"\\x\"}", PREF_FAULT_SYNTAX, 7, "byte 7: bad escape, a backslash before 'x'"},
    {"{\"x\":\"\\u12g4\"}", PREF_FAULT_SYNTAX, 10,
     "byte 10: unexpected 'g', expected four hexadecimal digits after '\\u'"},
    {"{\"x\":\"\\u123\"}", PREF_FAULT_SYNTAX, 11, NULL},
    {"{\"x\":\"\\U1234\"}", PREF_FAULT_SYNTAX, 7, NULL},
    /* UTF-8: the byte at which the bad sequence begins. */
    {"{\"x\":\"\x80\"}", PREF_FAULT_UTF8, 6, "byte 6: invalid UTF-8 in a string"},
    {"{\"x\":\"\xc0\xaf\"}", PREF_FAULT_UTF8, 6, NULL},
    {"{\"x\":\"\xe0\x9f\xbf\"}", PREF_FAULT_UTF8, 6, NULL},
    {"{\"x\":\"\xed\xa0\x80\"}", PREF_FAULT_UTF8, 6, NULL},
    {"{\"x\":\"\xf0\x8f\xbf\xbf\"}", PREF_FAULT_UTF8, 6, NULL},
    {"{\"x\":\"\xf4\x90\x80\x80\"}", PREF_FAULT_UTF8, 6, NULL},
    {"{\"x\":\"\xf5\x80\x80\x80\"}", PREF_FAULT_UTF8, 6, NULL},
    {"{\"x\":\"a\xc3\"}", PREF_FAULT_UTF8, 7, NULL},
    {"{\"x\":\"a\xe2\x82\"}", PREF_FAULT_UTF8, 7, NULL},
    {"{\"x\":\"\xe2\x82\xac\xff\"}", PREF_FAULT_UTF8, 9, NULL},
    {"{\"\xff\":1}", PREF_FAULT_UTF8, 2, NULL},
    {"{\"x\":\"a\xe2\x82", PREF_FAULT_UTF8, 7, NULL},
    {"{\"x\":\xc3\xa9}", PREF_FAULT_SYNTAX, 5, NULL},
    /* Keys twice. */
    {"{\"id\":1,\"id\":2}", PREF_FAULT_DUPLICATE, 8, "field 'id' stands twice, expected it once"},
    {"{\"id\":1,\"\\u0069d\":2}", PREF_FAULT_DUPLICATE, 8, NULL},
    {"{\"\\u0070rompt\":\"a\",\"prompt\":\"b\"}", PREF_FAULT_DUPLICATE, 19, NULL},
    {"{\"id\":null,\"id\":2}", PREF_FAULT_DUPLICATE, 11, NULL},
    {"{\"votes\":[{\"judge\":\"a\",\"vote\":\"tie\",\"judge\":\"b\"}]}", PREF_FAULT_DUPLICATE, 36,
     "field 'votes[].judge' stands twice, expected it once"},
    /* Types. */
    {"[]", PREF_FAULT_TYPE, 0, "the record is an array, expected an object"},
    {"null", PREF_FAULT_TYPE, 0, "the record is null, expected an object"},
    {"\"x\"", PREF_FAULT_TYPE, 0, "the record is a string, expected an object"},
    {"12", PREF_FAULT_TYPE, 0, "the record is a number, expected an object"},
    {"{\"votes\":\"x\"}", PREF_FAULT_TYPE, 9, "field 'votes' is a string, expected an array"},
    {"{\"id\":true}", PREF_FAULT_TYPE, 6, "field 'id' is true, expected a string or a number"},
    {"{\"id\":{}}", PREF_FAULT_TYPE, 6, NULL},
    {"{\"prompt\":1}",
     PREF_FAULT_TYPE, 10, "field 'prompt' is a number, expected an array or a string"},
    {"{\"prompt\":[\"x\"]}",
     PREF_FAULT_TYPE, 11, "field 'prompt[]' is a string, expected an object"},
    {"{\"prompt\":[null]}", PREF_FAULT_TYPE, 11, "field 'prompt[]' is null, expected an object"},
    /* What must be there. */
    {"{\"votes\":[{}]}", PREF_FAULT_MISSING, 11,
     "field 'votes[].judge' is missing or null, expected a value"},
    {"{\"votes\":[{\"judge\":\"a\"}]}", PREF_FAULT_MISSING, 22,
     "field 'votes[].vote' is missing or null, expected a value"},
    {"{\"votes\":[{\"judge\":null}]}", PREF_FAULT_MISSING, 19, NULL},
    {"{\"prompt\":[{\"content\":\"x\"}]}", PREF_FAULT_MISSING, 25, NULL},
    /* Words. */
    {"{\"votes\":[{\"judge\":\"a\",\"vote\":\"both\"}]}", PREF_FAULT_WORD, 30,
     "field 'votes[].vote' is none of the words allowed, expected 'chosen', 'rejected', 'tie' "
     "or 'both_bad'"},
    {"{\"votes\":[{\"judge\":\"a\",\"vote\":\"\"}]}", PREF_FAULT_WORD, 30, NULL},
    {"{\"votes\":[{\"judge\":\"a\",\"vote\":\"tie\\u0000\"}]}", PREF_FAULT_WORD, 30, NULL},
    {"{\"votes\":[{\"judge\":\"a\",\"vote\":\"chosen\\ud800\"}]}", PREF_FAULT_WORD, 30, NULL},
    {"{\"votes\":[{\"judge\":\"a\",\"vote\":\"tie and a long way after that to go\"}]}",
     PREF_FAULT_WORD, 30, NULL},
    /* Lone surrogates where a text is wanted, keys below it included. */
    {"{\"id\":\"\\ud800\"}", PREF_FAULT_SURROGATE, 7,
     "byte 7: field 'id' has an escaped lone surrogate, expected a pair of them"},
    {"{\"id\":\"ab\\udc00\"}", PREF_FAULT_SURROGATE, 9, NULL},
    {"{\"id\":\"\\ud800\\ud800\\udc00\"}", PREF_FAULT_SURROGATE, 7, NULL},
    {"{\"id\":\"\\ud83d\\ude00\\udbff\"}", PREF_FAULT_SURROGATE, 19, NULL},
    {"{\"prompt\":[{\"role\":\"user\",\"x\":{\"y\":[\"\\ud800\"]}}]}", PREF_FAULT_SURROGATE, 37,
     "byte 37: field 'prompt[]' has an escaped lone surrogate, expected a pair of them"},
    {"{\"prompt\":[{\"role\":\"user\",\"\\udc00\":1}]}", PREF_FAULT_SURROGATE, 27, NULL},
    /* Numbers that no double holds. */
    {"{\"id\":1e999}", PREF_FAULT_RANGE, 6,
     "field 'id' is a number too large for a double, expected a finite one"},
    {"{\"id\":-1E+400}", PREF_FAULT_RANGE, 6, NULL},
};

static void test_refusals(void **state)
{
    (void)state;
    struct pref_shape *shape = help_pair_shape(0);
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        const struct refusal *r = &refusals[i];
        struct pref_fault fault;
        struct pref_err text;
        const char *wrong = help_check_line(shape, r->line, strlen(r->line), &fault, NULL);
        pref_fault_text(shape, &fault, &text);
        if (wrong != NULL || fault.kind != r->kind || fault.offset != r->offset)
            fail_msg("%s: %s, %s at %zu: %s", r->line, wrong == NULL ? "" : wrong,
                     pref_fault_name(fault.kind), fault.offset, text.text);
        if (r->sentence != NULL)
            assert_string_equal(text.text, r->sentence);
    }
    pref_shape_free(shape);
}

static const char *const accepted[] = {
    "{}",
    " \t\r\n{ \t\r\n} \t\r\n",
    "{\"x\":\"\\ud800\",\"y\":\"\\u0000\"}",
    "{\"\\ud800\":1,\"\\ud800\":2,\"x\":1,\"x\":2}",
    "{\"id\\u0000\":1,\"id\":2}",
    "{\"id\\ud800\":1,\"id\":2}",
    "{\"id\":null}",
    "{\"votes\":null,\"scores\":[]}",
    "{\"id\":\"\\ud83d\\ude00\"}",
    "{\"x\":[0,-0,0.0,-0.5e-10,1E5,123456789012345678901234567890123456789012345678901234567890]}",
    "{\"x\":1e999,\"id\":1e-999}",
    "{\"x\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uABCD\"}",
    "{\"x\":\"\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\"}",
    "{\"x\":\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"}",
    "{\"votes\":[{\"vote\":\"\\u0063hosen\",\"judge\":\"a\",\"confidence\":0.5,\"swapped\":true}]}",
    "{\"votes\" :[ {\"judge\" : \"a\" , \"vote\" :\"both_bad\" ,\"swapped\":null} , "
    "{\"vote\":\"tie\",\"judge\":\"\"} ] , \"id\" : 7 }",
    "{\"prompt\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\"}]}],\"chosen\":\"\"}",
    "{\"scores\":[{\"model\":\"m\",\"chosen\":-1.5,\"rejected\":2e3}]," SIDES "}",
};

static void test_accepted(void **state)
{
    (void)state;
    struct pref_shape *shape = help_pair_shape(0);
    for (size_t i = 0; i < sizeof accepted / sizeof accepted[0]; i++) {
        struct pref_fault fault;
        struct pref_err text;
        const char *wrong =
            help_check_line(shape, accepted[i], strlen(accepted[i]), &fault, NULL);
        pref_fault_text(shape, &fault, &text);
        if (wrong != NULL || fault.kind != PREF_FAULT_NONE)
            fail_msg("%s: %s, %s", accepted[i], wrong == NULL ? "" : wrong, text.text);
    }
    pref_shape_free(shape);
}

/* Each line cut at each byte is refused there, and for no other reason than that it breaks off (or
 * for a UTF-8 sequence that breaks off). */
static void test_cut(void **state)
{
    (void)state;
    struct pref_shape *shape = help_pair_shape(0);
    for (size_t i = 0; i < sizeof accepted / sizeof accepted[0]; i++) {
        size_t len = strlen(accepted[i]);
        while (accepted[i][len - 1] != '}')
            len--;
        for (size_t cut = 0; cut < len; cut++) {
            struct pref_fault fault;
            const char *wrong = help_check_line(shape, accepted[i], cut, &fault, NULL);
            int breaks_off = fault.kind == PREF_FAULT_SYNTAX && fault.offset == cut;
            if (wrong != NULL || (!breaks_off && fault.kind != PREF_FAULT_UTF8))
                fail_msg("%s cut at %zu: %s, %s at %zu", accepted[i], cut,
                         wrong == NULL ? "" : wrong, pref_fault_name(fault.kind), fault.offset);
        }
    }
    pref_shape_free(shape);
}

/* ---- Hits --------------------------------------------------------------------------------- */

struct scanned {
    struct pref_shape *shape;
    struct pref_scanner *scanner;
    struct pref_doc doc;
    struct pref_fault fault;
    char *line;
    int status;
};

static struct scanned scan_with(struct pref_shape *shape, const char *line)
{
    struct scanned s = {.shape = shape, .line = help_padded(line, strlen(line), '}')};
    struct pref_err err;
    assert_int_equal(pref_shape_check(shape, &err), PREF_OK);
    s.scanner = pref_scanner_new(shape);
    assert_non_null(s.scanner);
    s.status = pref_scan(s.scanner, s.line, strlen(line), &s.doc, &s.fault);
    return s;
}

static void done(struct scanned *s)
{
    pref_scanner_free(s->scanner);
    pref_shape_free(s->shape);
    free(s->line);
}

static void assert_hit(const struct scanned *s, size_t i, const char *place, const char *bytes)
{
    char name[64];
    assert_true(i < s->doc.count);
    pref_shape_name(s->shape, s->doc.hits[i].place, name, sizeof name);
    assert_string_equal(name, place);
    struct pref_span span = pref_hit_span(&s->doc, &s->doc.hits[i]);
    assert_int_equal(span.len, strlen(bytes));
    assert_memory_equal(span.ptr, bytes, span.len);
}

static void test_hits(void **state)
{
    (void)state;
    const char *line = " {\"z\":{\"id\":3},\"votes\":[{\"judge\":\"a\\n\",\"vote\":\"tie\"}],"
                       "\"id\": 7} ";
    struct scanned s = scan_with(help_pair_shape(0), line);
    assert_int_equal(s.status, PREF_OK);
    assert_int_equal(s.doc.count, 6);
    assert_hit(&s, 0, "",
               "{\"z\":{\"id\":3},\"votes\":[{\"judge\":\"a\\n\",\"vote\":\"tie\"}],\"id\": 7}");
    assert_hit(&s, 1, "votes", "[{\"judge\":\"a\\n\",\"vote\":\"tie\"}]");
    assert_hit(&s, 2, "votes[]", "{\"judge\":\"a\\n\",\"vote\":\"tie\"}");
    assert_hit(&s, 3, "votes[].judge", "\"a\\n\"");
    assert_hit(&s, 4, "votes[].vote", "\"tie\"");
    assert_hit(&s, 5, "id", "7");
    assert_int_equal(s.doc.hits[2].key, s.doc.hits[2].start);
    assert_int_equal(s.doc.line[s.doc.hits[5].key], '"');
    assert_int_equal(s.doc.hits[3].escaped, PREF_ESCAPED);
    assert_int_equal(s.doc.hits[4].escaped, 0);
    assert_int_equal(s.doc.hits[4].word, 2);
    assert_int_equal(s.doc.line[s.doc.open], '{');
    assert_int_equal(s.doc.close, strlen(line) - 2);
    assert_int_equal(s.doc.empty, 0);
    assert_ptr_equal(pref_doc_at(&s.doc, s.doc.hits[5].place), &s.doc.hits[5]);
    assert_null(pref_doc_at(&s.doc, PREF_NOWHERE));
    done(&s);
}

static void test_hits_before_a_fault(void **state)
{
    (void)state;
    const char *line = "{\"id\":\"q-17\",\"votes\":[{\"judge\":\"a\",\"vote\":7}]}";
    struct scanned s = scan_with(help_pair_shape(0), line);
    assert_int_equal(s.status, PREF_FAIL);
    assert_int_equal(s.fault.kind, PREF_FAULT_TYPE);
    assert_int_equal(s.doc.count, 5);
    assert_hit(&s, 1, "id", "\"q-17\"");
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(s.doc.hits[i].end, i == 1 ? 12 : strlen(line));
    done(&s);
}

static void test_last_hit(void **state)
{
    (void)state;
    struct pref_shape *shape = pref_shape_new();
    pref_place each = pref_shape_each(shape, pref_shape_field(shape, "v"));
    struct scanned s = scan_with(shape, "{\"v\":[1,null,\"x\",[],{}]}");
    assert_int_equal(s.status, PREF_OK);
    assert_int_equal(s.doc.count, 2 + 4);
    assert_int_equal(pref_doc_at(&s.doc, each)->type, PREF_OBJECT);
    done(&s);
}

static void test_null_is_value(void **state)
{
    (void)state;
    struct pref_shape *shape = pref_shape_new();
    pref_place a = pref_shape_field(shape, "a");
    pref_shape_field(shape, "b");
    pref_shape_demand(shape, a, PREF_IS_ANY, PREF_NULL_IS_VALUE | PREF_REQUIRED);
    struct scanned s = scan_with(shape, "{\"a\":null,\"b\":null}");
    assert_int_equal(s.status, PREF_OK);
    assert_int_equal(s.doc.count, 2);
    assert_int_equal(pref_doc_at(&s.doc, a)->type, PREF_NULL);
    done(&s);
}

static void test_is_value(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int is;
    } cases[] = {{"1", 1},       {"\"a\"", 1},    {"[1,\t2,\r3, 4]", 1}, {"{\"a\"\t:null}", 1},
                 {"", 0},        {" 1", 0},       {"1 ", 0},            {"\t1", 0},
                 {"1\r", 0},     {"[1,\n2]", 0},  {"1\n", 0},           {"\"a\tb\"", 0},
                 {"[1] [2]", 0}, {"\"a\xff\"", 0}, {"nul", 0}};
    struct pref_shape *shape = pref_shape_new_any();
    struct pref_scanner *scanner = pref_scanner_new(shape);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char padded[32 + PREF_PAD] = {0};
        memcpy(padded, cases[i].text, strlen(cases[i].text));
        assert_int_equal(pref_scan_is_value(scanner, pref_span_of(padded)), cases[i].is);
    }
    pref_scanner_free(scanner);
    pref_shape_free(shape);
}

static void test_other(void **state)
{
    (void)state;
    struct pref_shape *shape = pref_shape_new();
    pref_place named = pref_shape_field(shape, "a");
    pref_place other = pref_shape_other(shape, PREF_ROOT);
    pref_shape_demand(shape, other, PREF_IS_ANY & ~PREF_IS(PREF_ARRAY), 0);
    struct scanned s = scan_with(shape, "{\"b\":1,\"a\":2,\"b\":3,\"\\ud800\":4,\"c\":[]}");
    assert_int_equal(s.fault.kind, PREF_FAULT_TYPE);
    assert_int_equal(s.fault.place, other);
    assert_int_equal(s.doc.count, 5);
    assert_int_equal(s.doc.hits[2].place, named);
    assert_hit(&s, 4, "*", "4");
    done(&s);
}

static void test_index(void **state)
{
    (void)state;
    struct pref_shape *shape = pref_shape_new();
    pref_place first = pref_shape_field(shape, "/m/0/r");
    pref_place third = pref_shape_field(shape, "/m/2");
    struct scanned s = scan_with(shape, "{\"m\":[{\"r\":1},{\"r\":2},{\"r\":3}]}");
    assert_int_equal(s.status, PREF_OK);
    assert_int_equal(s.doc.count, 5);
    assert_int_equal(pref_hit_span(&s.doc, pref_doc_at(&s.doc, first)).ptr[0], '1');
    assert_int_equal(pref_hit_span(&s.doc, pref_doc_at(&s.doc, third)).ptr[5], '3');
    /* The same pointer in an object. */
    free(s.line);
    const char *line = "{\"m\":{\"2\":5,\"0\":{\"r\":6},\"1\":7}}";
    s.line = help_padded(line, strlen(line), 0);
    assert_int_equal(pref_scan(s.scanner, s.line, strlen(line), &s.doc, &s.fault), PREF_OK);
    assert_int_equal(pref_hit_span(&s.doc, pref_doc_at(&s.doc, first)).ptr[0], '6');
    assert_int_equal(pref_hit_span(&s.doc, pref_doc_at(&s.doc, third)).ptr[0], '5');
    done(&s);
}

static void test_required_index(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum pref_fault_kind kind;
    } cases[] = {
        {"{\"m\":[{\"r\":1}]}",
     PREF_FAULT_NONE},      {"{\"m\":{\"0\":{\"r\":1}}}", PREF_FAULT_NONE},
        {"{\"m\":[]}", PREF_FAULT_MISSING},            {"{\"m\":[null]}", PREF_FAULT_MISSING},
        {"{\"m\":[{}]}", PREF_FAULT_MISSING},          {"{\"m\":{}}", PREF_FAULT_MISSING},
        {"{}", PREF_FAULT_MISSING},                    {"{\"m\":\"x\"}", PREF_FAULT_TYPE},
        {"{\"m\":[[]]}", PREF_FAULT_TYPE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pref_shape *shape = pref_shape_new();
        pref_shape_require(shape, pref_shape_field(shape, "/m/0/r"));
        struct scanned s = scan_with(shape, cases[i].line);
        assert_int_equal(s.fault.kind, cases[i].kind);
        done(&s);
    }
}

/* ---- Limits ------------------------------------------------------------------------------- */

static char *nested(size_t levels, char open, char close, size_t *len)
{
    *len = 2 * levels;
    char *line = malloc(*len + 1);
    assert_non_null(line);
    memset(line, open, levels);
    memset(line + levels, close, levels);
    line[*len] = '\0';
    return line;
}

static void test_depth(void **state)
{
    (void)state;
    static const size_t levels[] = {1, PREF_DEPTH_MAX, PREF_DEPTH_MAX + 1, 100000};
    struct pref_shape *shape = pref_shape_new_any();
    for (size_t i = 0; i < 4; i++) {
        struct pref_fault fault;
        size_t len;
        char *line = nested(levels[i], '[', ']', &len);
        assert_null(help_check_line(shape, line, len, &fault, NULL));
        assert_int_equal(fault.kind,
                         levels[i] <= PREF_DEPTH_MAX ? PREF_FAULT_NONE : PREF_FAULT_DEPTH);
        if (fault.kind != PREF_FAULT_NONE)
            assert_int_equal(fault.offset, PREF_DEPTH_MAX);
        free(line);
    }
    pref_shape_free(shape);
}

static void test_many_hits(void **state)
{
    (void)state;
    struct pref_shape *shape = pref_shape_new_any();
    pref_shape_each(shape, PREF_ROOT);
    for (size_t extra = 0; extra < 2; extra++) {
        size_t values = PREF_HITS_MAX - 1 + extra; /* the root is a hit, too */
        char *line = malloc(2 * values + 2);
        assert_non_null(line);
        for (size_t i = 0; i < values; i++)
            memcpy(line + 2 * i, ",7", 2);
        line[0] = '[';
        line[2 * values] = ']';
        line[2 * values + 1] = '\0';
        struct pref_fault fault;
        size_t hits;
        assert_null(help_check_line(shape, line, 2 * values + 1, &fault, &hits));
        assert_int_equal(hits, PREF_HITS_MAX);
        assert_int_equal(fault.kind, extra == 0 ? PREF_FAULT_NONE : PREF_FAULT_LENGTH);
        free(line);
    }
    pref_shape_free(shape);
}

static void test_line_limit(void **state)
{
    (void)state;
    struct pref_shape *shape = pref_shape_new();
    struct scanned s = scan_with(shape, "{}");
    struct pref_err text;
    /* The length alone decides: not a byte may be read. */
    assert_int_equal(pref_scan(s.scanner, s.line, (size_t)PREF_LINE_MAX + 1, &s.doc, &s.fault),
                     PREF_FAIL);
    assert_int_equal(s.fault.kind, PREF_FAULT_LENGTH);
    pref_fault_text(shape, &s.fault, &text);
    assert_string_equal(text.text, "the record is too long: longer than 4294963200 bytes");
    done(&s);
}

/* Names of every length around those that the kernels treat apart, plain and escaped. */
static void test_long_keys(void **state)
{
    (void)state;
    for (size_t len = 0; len <= 80; len++) {
        char name[81], line[700], *p = line;
        memset(name, 'k', len);
        name[len] = '\0';
        struct pref_shape *shape = pref_shape_new();
        pref_place place = pref_shape_key(shape, PREF_ROOT, (struct pref_span){name, len});
        p += sprintf(p, "{\"%sx\":1,\"%s\":2,\"", name, name);
        for (size_t i = 0; i < len; i++)
            p += sprintf(p, i % 3 == 0 ? "\\u006b" : "k");
        sprintf(p, "%s\":3}", len == 0 ? "y" : "");
        struct scanned s = scan_with(shape, line);
        assert_int_equal(s.doc.at[place], 1);
        assert_int_equal(s.doc.line[s.doc.hits[1].start], '2');
        assert_int_equal(s.fault.kind, len == 0 ? PREF_FAULT_NONE : PREF_FAULT_DUPLICATE);
        done(&s);
    }
}

/* Names that cannot stand in a record as they are: they are met only escaped. */
static void test_escaped_names(void **state)
{
    (void)state;
    struct pref_shape *shape = pref_shape_new();
    pref_place quote = pref_shape_key(shape, PREF_ROOT, pref_span_of("a\"b"));
    pref_place slash = pref_shape_key(shape, PREF_ROOT, pref_span_of("\\"));
    pref_place nul = pref_shape_key(shape, PREF_ROOT, (struct pref_span){"a\0b", 3});
    pref_place accent = pref_shape_key(shape, PREF_ROOT, pref_span_of("\xc3\xa9"));
    struct scanned s = scan_with(
        shape, "{\"a\\\"b\":1,\"\\\\\":2,\"a\\u0000b\":3,\"\\u00e9\":4,\"a\":5,\"ab\":6}");
    assert_int_equal(s.status, PREF_OK);
    assert_int_equal(s.doc.count, 5);
    assert_int_equal(s.doc.at[quote], 1);
    assert_int_equal(s.doc.at[slash], 2);
    assert_int_equal(s.doc.at[nul], 3);
    assert_int_equal(s.doc.at[accent], 4);
    done(&s);
}

/* As many keys as one place can have, in any order, each found and none twice. */
static void test_many_keys(void **state)
{
    (void)state;
    struct pref_shape *shape = pref_shape_new();
    char name[16], line[4096], *p = line;
    for (int i = 0; i < PREF_BELOW_MAX; i++) {
        sprintf(name, "key%d", i * 7919 % 1000);
        pref_place place = pref_shape_key(shape, PREF_ROOT, pref_span_of(name));
        pref_shape_demand(shape, place, PREF_IS_ANY, PREF_REQUIRED);
    }
    for (int i = PREF_BELOW_MAX - 1; i >= 0; i--)
        p += sprintf(p, "%c\"key%d\":%d", p == line ? '{' : ',', i * 7919 % 1000, i);
    strcpy(p, "}");
    struct scanned s = scan_with(shape, line);
    assert_int_equal(s.status, PREF_OK);
    assert_int_equal(s.doc.count, PREF_BELOW_MAX + 1);
    done(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refusals),       cmocka_unit_test(test_accepted),
        cmocka_unit_test(test_cut),            cmocka_unit_test(test_hits),
        cmocka_unit_test(test_hits_before_a_fault), cmocka_unit_test(test_last_hit),
        cmocka_unit_test(test_null_is_value),  cmocka_unit_test(test_is_value),
        cmocka_unit_test(test_other),
        cmocka_unit_test(test_index),          cmocka_unit_test(test_required_index),
        cmocka_unit_test(test_depth),          cmocka_unit_test(test_many_hits),
        cmocka_unit_test(test_line_limit),     cmocka_unit_test(test_long_keys),
        cmocka_unit_test(test_escaped_names),  cmocka_unit_test(test_many_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
