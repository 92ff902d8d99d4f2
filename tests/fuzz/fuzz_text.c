/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The small readers of bytes, each held against another way to the same answer: UTF-8 by both
 * kernels, strings decoded in wide steps and escape by escape, numbers against strtod, and printed
 * to be read again. The first byte says how far the bytes stand from an aligned place.
 */
#include "config.h"

#include "lib/base/cpu.h"
#include "lib/json/escape.h"
#include "lib/json/utf8.h"
#include "pref/buf.h"
#include "pref/number.h"
#include "pref/scan.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        abort();
}

static void check_utf8(const char *bytes, size_t size)
{
    size_t valid = pref_utf8_check_portable(bytes, size);
    require(valid <= size && pref_utf8_check(bytes, size) == valid);
#if PREF_HAVE_AVX2
    if (pref_cpu_avx2())
        require(pref_utf8_valid_avx2(bytes, size) == (valid == size));
#endif
}

/* `string` is accepted, with its quotes. */
static void check_string(struct pref_span string)
{
    struct pref_buf out = {0};
    struct pref_span text;
    char *slow = malloc(string.len);
    require(slow != NULL);
    const char *inside = string.ptr + 1, *end = string.ptr + string.len - 1;
    size_t len = pref_escape_decode_upto(inside, end, slow, string.len);
    int status = pref_string_text(string, &out, &text);
    require((status == 0) == (len != PREF_ESCAPE_NONE));
    require((pref_escape_lone(inside, end) == NULL) == (status == 0));
    if (status == 0) {
        require(text.len == len && (len == 0 || memcmp(text.ptr, slow, len) == 0));
        require(pref_utf8_check(text.ptr, text.len) == text.len);
        /* Printed as JSON and decoded once more it is the same. */
        struct pref_buf json = {0}, again = {0};
        pref_buf_add_json(&json, text);
        require(pref_string_decode(pref_buf_span(&json), &again) == 0);
        require(pref_span_equal(pref_buf_span(&again), text));
        /* So printed, it is canonical. */
        struct pref_span printed = {json.ptr + 1, json.len - 2}, canonical;
        pref_buf_clear(&again);
        require(pref_string_canonical(string, ~0u, &again, &canonical) == 0);
        require(pref_span_equal(canonical, printed));
        pref_buf_release(&json);
        pref_buf_release(&again);
    }
    pref_buf_release(&out);
    free(slow);
}

/* `number` is accepted. */
static void check_number(struct pref_span number)
{
    char printed[PREF_NUMBER_MAX];
    double value, again;
    char *text = malloc(number.len + 1);
    require(text != NULL);
    memcpy(text, number.ptr, number.len);
    text[number.len] = '\0';
    double wanted = strtod(text, NULL);
    int status = pref_number_parse(number, &value);
    require(memcmp(&value, &wanted, sizeof value) == 0);
    require((status == 0) == (isfinite(wanted) != 0));
    if (status == 0) {
        size_t len = pref_number_print(printed, value);
        require(len > 0 && len < PREF_NUMBER_MAX);
        require(pref_number_parse(pref_span_of(printed), &again) == 0);
        require(memcmp(&value, &again, sizeof value) == 0);
    }
    free(text);
}

/* All strings and numbers of an accepted text. */
static void check_values(struct pref_span value)
{
    struct pref_span open[8], key;
    size_t depth = 0;
    open[depth++] = value;
    while (depth > 0) {
        value = open[--depth];
        enum pref_type type = pref_type_of(value);
        if (type == PREF_STRING)
            check_string(value);
        if (type == PREF_NUMBER)
            check_number(value);
        if (type < PREF_ARRAY)
            continue;
        for (struct pref_cursor cursor = pref_cursor_in(value);
             pref_cursor_next(&cursor, &key, &value);) {
            if (key.ptr != NULL)
                check_string(key);
            if (depth < 8)
                open[depth++] = value;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pref_doc doc;
    struct pref_fault fault;
    if (size == 0)
        return 0;
    size_t offset = data[0] % 64, len = size - 1;
    char *memory = malloc(offset + len), *line = malloc(offset + len + PREF_PAD);
    require(memory != NULL && line != NULL);
    memcpy(memory + offset, data + 1, len);
    check_utf8(memory + offset, len);
    memcpy(line + offset, data + 1, len);
    memset(line + offset + len, '7', PREF_PAD);
    struct pref_shape *shape = pref_shape_new_any();
    struct pref_scanner *scanner = pref_scanner_new(shape);
    require(shape != NULL && scanner != NULL);
    if (pref_scan(scanner, line + offset, len, &doc, &fault) == 0)
        check_values(pref_hit_span(&doc, &doc.hits[0]));
    pref_scanner_free(scanner);
    pref_shape_free(shape);
    free(memory);
    free(line);
    return 0;
}
