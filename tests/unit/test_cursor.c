/* SPDX-License-Identifier: Apache-2.0 */
/* The cursor meets each member and element once, whatever stands in it, and knows each type. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pref/buf.h"
#include "pref/scan.h"

/* "key=value;" for each member, "value;" for each element. */
static void assert_walk(const char *container, const char *expected)
{
    /* Exactly the container's bytes: a look behind them would show. */
    size_t len = strlen(container);
    char *copy = malloc(len);
    assert_non_null(copy);
    memcpy(copy, container, len);
    struct pref_cursor cursor = pref_cursor_in((struct pref_span){copy, len});
    struct pref_buf met = {0};
    struct pref_span key, value;
    while (pref_cursor_next(&cursor, &key, &value)) {
        if (key.ptr != NULL) {
            pref_buf_add_span(&met, key);
            pref_buf_add_byte(&met, '=');
        }
        pref_buf_add_span(&met, value);
        pref_buf_add_byte(&met, ';');
    }
    assert_int_equal(pref_cursor_next(&cursor, NULL, &value), 0);
    pref_buf_add_byte(&met, '\0');
    assert_string_equal(met.ptr, expected);
    pref_buf_release(&met);
    free(copy);
}

static void test_walks(void **state)
{
    (void)state;
    assert_walk("{}", "");
    assert_walk("[ \t\r\n]", "");
    assert_walk("{\"a\":1}", "\"a\"=1;");
    assert_walk("{ \"a\" : 1 , \"b\" : [ 2 , { } ] }", "\"a\"=1;\"b\"=[ 2 , { } ];");
    assert_walk("[1,\"]\",true,null,-2.5e3,[[]],{\"x\":[1,2]}]",
                "1;\"]\";true;null;-2.5e3;[[]];{\"x\":[1,2]};");
    assert_walk("[\"a\\\"b\",\"\\\\\",\"\\\\\\\"\"]", "\"a\\\"b\";\"\\\\\";\"\\\\\\\"\";");
    assert_walk("{\"k\\\"}\":{\"]\":\"}\"},\"\":\"\"}", "\"k\\\"}\"={\"]\":\"}\"};\"\"=\"\";");
    assert_walk("7", "");
    assert_walk("\"[1]\"", "");
    assert_walk("", "");
}

static void test_types(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        enum pref_type type;
    } cases[] = {
        {"null", PREF_NULL}, {"true", PREF_TRUE}, {"false", PREF_FALSE}, {"-1", PREF_NUMBER},
        {"0", PREF_NUMBER},  {"\"\"", PREF_STRING}, {"[]", PREF_ARRAY}, {"{}", PREF_OBJECT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(pref_type_of(pref_span_of(cases[i].value)), cases[i].type);
}

static void test_deep(void **state)
{
    (void)state;
    size_t levels = 1000000;
    char *text = malloc(2 * levels);
    assert_non_null(text);
    memset(text, '[', levels);
    memset(text + levels, ']', levels);
    struct pref_cursor cursor = pref_cursor_in((struct pref_span){text, 2 * levels});
    struct pref_span value;
    assert_int_equal(pref_cursor_next(&cursor, NULL, &value), 1);
    assert_int_equal(value.len, 2 * levels - 2);
    assert_int_equal(pref_cursor_next(&cursor, NULL, &value), 0);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_walks),
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_deep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
