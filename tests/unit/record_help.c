/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "record_help.h"

#include <string.h>

void help_record_init(struct help_record *record)
{
    *record = (struct help_record){.shape = pref_shape_new()};
    assert_non_null(record->shape);
}

void help_record_release(struct help_record *record)
{
    pref_scanner_free(record->scanner);
    pref_shape_free(record->shape);
    pref_buf_release(&record->line);
}

int help_record_scan(struct help_record *record, struct pref_span line)
{
    struct pref_err err = {""};
    if (record->scanner == NULL) {
        if (pref_shape_check(record->shape, &err) != PREF_OK)
            fail_msg("%s", err.text);
        record->scanner = pref_scanner_new(record->shape);
        assert_non_null(record->scanner);
    }
    pref_buf_clear(&record->line);
    pref_buf_add_span(&record->line, line);
    char *pad = pref_buf_reserve(&record->line, PREF_PAD);
    assert_non_null(pad);
    memset(pad, 0xa5, PREF_PAD);
    return pref_scan(record->scanner, record->line.ptr, record->line.len, &record->doc,
                     &record->fault) == 0;
}

void help_record_accept(struct help_record *record, const char *line)
{
    if (!help_record_scan(record, pref_span_of(line))) {
        struct pref_err err = {""};
        pref_fault_text(record->shape, &record->fault, &err);
        fail_msg("%s: %s", line, err.text);
    }
}

void help_record_refuse(struct help_record *record, const char *line, const char *sentence)
{
    struct pref_err err = {""};
    assert_int_equal(help_record_scan(record, pref_span_of(line)), 0);
    pref_fault_text(record->shape, &record->fault, &err);
    assert_string_equal(err.text, sentence);
}

uint32_t help_below(uint64_t *seed, uint32_t n)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((*seed >> 33) % n);
}
