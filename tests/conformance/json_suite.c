/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_suite.c - the scanner over the files of JSONTestSuite's test_parsing, by every kernel: each
 * y_ must be accepted, each n_ refused, and each i_, which RFC 8259 leaves open, decided as in the
 * table below. The files are found through PREF_SHARED (default ../shared beside the source tree)
 * and read where they are; where there are none the test is skipped. Prints TAP, and for each file
 * that is refused the byte and the reason.
 */
#include "config.h"

#include "../unit/scan_help.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The files whose verdict is ours to choose, and why it is that one. */
static const struct {
    const char *name;
    int accepted;
    const char *reason;
} open_cases[] = {
    {"i_number_double_huge_neg_exp.json", 1, "the grammar bounds no number"},
    {"i_number_huge_exp.json", 1, "the grammar bounds no number; PREF_FINITE asks for more"},
    {"i_number_neg_int_huge_exp.json", 1, "the grammar bounds no number"},
    {"i_number_pos_double_huge_exp.json", 1, "the grammar bounds no number"},
    {"i_number_real_neg_overflow.json", 1, "the grammar bounds no number"},
    {"i_number_real_pos_overflow.json", 1, "the grammar bounds no number"},
    {"i_number_real_underflow.json", 1, "the grammar bounds no number"},
    {"i_number_too_big_neg_int.json", 1, "the grammar bounds no number"},
    {"i_number_too_big_pos_int.json", 1, "the grammar bounds no number"},
    {"i_number_very_big_negative_int.json", 1, "the grammar bounds no number"},
    {"i_object_key_lone_2nd_surrogate.json", 1, "nobody asked to decode it"},
    {"i_string_1st_surrogate_but_2nd_missing.json", 1, "nobody asked to decode it"},
    {"i_string_1st_valid_surrogate_2nd_invalid.json", 1, "nobody asked to decode it"},
    {"i_string_UTF-16LE_with_BOM.json", 0, "records are UTF-8"},
    {"i_string_UTF-8_invalid_sequence.json", 0, "invalid UTF-8"},
    {"i_string_UTF8_surrogate_U+D800.json", 0, "a surrogate in UTF-8"},
    {"i_string_incomplete_surrogate_and_escape_valid.json", 1, "nobody asked to decode it"},
    {"i_string_incomplete_surrogate_pair.json", 1, "nobody asked to decode it"},
    {"i_string_incomplete_surrogates_escape_valid.json", 1, "nobody asked to decode it"},
    {"i_string_invalid_lonely_surrogate.json", 1, "nobody asked to decode it"},
    {"i_string_invalid_surrogate.json", 1, "nobody asked to decode it"},
    {"i_string_invalid_utf-8.json", 0, "invalid UTF-8"},
    {"i_string_inverted_surrogates_U+1D11E.json", 1, "nobody asked to decode it"},
    {"i_string_iso_latin_1.json", 0, "records are UTF-8"},
    {"i_string_lone_second_surrogate.json", 1, "nobody asked to decode it"},
    {"i_string_lone_utf8_continuation_byte.json", 0, "invalid UTF-8"},
    {"i_string_not_in_unicode_range.json", 0, "above U+10FFFF"},
    {"i_string_overlong_sequence_2_bytes.json", 0, "an overlong form"},
    {"i_string_overlong_sequence_6_bytes.json", 0, "an overlong form"},
    {"i_string_overlong_sequence_6_bytes_null.json", 0, "an overlong form"},
    {"i_string_truncated-utf-8.json", 0, "invalid UTF-8"},
    {"i_string_utf16BE_no_BOM.json", 0, "records are UTF-8"},
    {"i_string_utf16LE_no_BOM.json", 0, "records are UTF-8"},
    {"i_structure_500_nested_arrays.json", 1, "the limit is 1,024 levels"},
    {"i_structure_UTF-8_BOM_empty_object.json", 0,
     "a byte-order mark is dropped by the stream, at the start of a file, not by the scanner"},
};

/* 1 or 0: whether the file must be accepted; -1 where nobody has decided. */
static int expected(const char *name)
{
    if (name[0] != 'i')
        return name[0] == 'y';
    for (size_t i = 0; i < sizeof open_cases / sizeof open_cases[0]; i++) {
        if (strcmp(open_cases[i].name, name) == 0)
            return open_cases[i].accepted;
    }
    return -1;
}

static const char *reason(const char *name)
{
    for (size_t i = 0; i < sizeof open_cases / sizeof open_cases[0]; i++) {
        if (strcmp(open_cases[i].name, name) == 0)
            return open_cases[i].reason;
    }
    return "";
}

/* The bytes of a file (at most 1 MiB), to be freed; NULL where it cannot be read. */
static char *read_file(const char *folder, const char *name, size_t *len)
{
    enum { MOST = 1 << 20 };
    char path[1400];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    char *bytes = file == NULL ? NULL : malloc(MOST);
    if (bytes != NULL)
        *len = fread(bytes, 1, MOST, file);
    if (file != NULL)
        fclose(file);
    return bytes;
}

/* 1 if the file's verdict is right. */
static int check_file(const struct pref_shape *shape, const char *folder, const char *name,
                      unsigned number)
{
    size_t len = 0;
    struct pref_fault fault;
    struct pref_err text;
    char *bytes = read_file(folder, name, &len);
    if (bytes == NULL) {
        printf("not ok %u - %s cannot be read\n", number, name);
        return 0;
    }
    const char *wrong = help_check_line(shape, bytes, len, &fault, NULL);
    int accepted = fault.kind == PREF_FAULT_NONE;
    int right = wrong == NULL && accepted == expected(name);
    pref_fault_text(shape, &fault, &text);
    printf("%sok %u - %s\n", right ? "" : "not ", number, name);
    printf("# %s%s%s%s\n", wrong == NULL ? "" : wrong, accepted ? "accepted" : text.text,
           name[0] == 'i' ? ": " : "", reason(name));
    free(bytes);
    return right;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_case(const struct dirent *entry)
{
    const char *name = entry->d_name;
    return (name[0] == 'y' || name[0] == 'n' || name[0] == 'i') && name[1] == '_';
}

int main(void)
{
    char folder[900];
    const char *shared = getenv("PREF_SHARED");
    struct dirent **entries;
    snprintf(folder, sizeof folder, "%s/conformance/JSONTestSuite/test_parsing",
             shared == NULL ? "../shared" : shared);
    int count = scandir(folder, &entries, is_case, by_name);
    if (count <= 0) {
        printf("JSONTestSuite is not at PREF_SHARED\n");
        return 77;
    }
    struct pref_shape *shape = pref_shape_new_any();
    if (shape == NULL)
        return 99;
    int wrong = 0;
    printf("1..%d\n", count);
    for (int i = 0; i < count; i++) {
        wrong += !check_file(shape, folder, entries[i]->d_name, (unsigned)i + 1);
        free(entries[i]);
    }
    free(entries);
    pref_shape_free(shape);
    return wrong != 0;
}
