/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "print.h"

#include "cmd/columns.h"

#include <stddef.h>

static const struct column columns[] = {
    {"mean", "mean", offsetof(struct models_group, mean), COLUMN_QUANTITY},
    {"sd", "sd", offsetof(struct models_group, sd), COLUMN_QUANTITY},
    {"agreement", "agreement", offsetof(struct models_group, agreement), COLUMN_SHARE}};
enum { COLUMNS = sizeof columns / sizeof columns[0] };

static void print_text(const struct models_groups *groups, struct pref_buf *out)
{
    const struct models_group *whole = &groups->whole;
    pref_buf_add_text(out, "group     records    labelled");
    for (int c = 0; c < COLUMNS; c++)
        column_print_head(out, &columns[c]);
    pref_buf_add_byte(out, '\n');
    for (size_t i = 0; i < groups->count; i++) {
        const struct models_group *group = &groups->list[i];
        pref_buf_addf(out, "%-5zu  %10llu  %10llu", i + 1, (unsigned long long)group->records,
                      (unsigned long long)group->labelled);
        for (int c = 0; c < COLUMNS; c++)
            column_print_cell(out, &columns[c], group);
        pref_buf_add_byte(out, '\n');
    }
    pref_buf_addf(out, "\n%llu records with scores, %llu with a side in ",
                  (unsigned long long)whole->records, (unsigned long long)whole->labelled);
    pref_buf_add_span(out, pref_buf_span(&groups->field));
    pref_buf_add_text(out, ", agreement ");
    column_print_rounded(out, whole->agreement);
    pref_buf_add_byte(out, '\n');
}

static void print_tsv(const struct models_groups *groups, struct pref_buf *out)
{
    pref_buf_add_text(out, "group\trecords\tlabelled");
    for (int c = 0; c < COLUMNS; c++)
        pref_buf_addf(out, "\t%s", columns[c].name);
    pref_buf_add_byte(out, '\n');
    for (size_t i = 0; i < groups->count; i++) {
        const struct models_group *group = &groups->list[i];
        pref_buf_addf(out, "%zu\t%llu\t%llu", i + 1, (unsigned long long)group->records,
                      (unsigned long long)group->labelled);
        for (int c = 0; c < COLUMNS; c++)
            column_print_tsv(out, &columns[c], group);
        pref_buf_add_byte(out, '\n');
    }
}

/* The members that a group and the whole have. */
static void print_members(const struct models_group *group, struct pref_buf *out)
{
    pref_buf_addf(out, "\"records\":%llu,\"labelled\":%llu", (unsigned long long)group->records,
                  (unsigned long long)group->labelled);
    for (int c = 0; c < COLUMNS; c++)
        column_print_json(out, &columns[c], group);
}

static void print_json(const struct models_groups *groups, struct pref_buf *out)
{
    for (size_t i = 0; i < groups->count; i++) {
        pref_buf_addf(out, "{\"group\":%zu,", i + 1);
        print_members(&groups->list[i], out);
        pref_buf_add_text(out, "}\n");
    }
    pref_buf_add_text(out, "{\"whole\":{");
    print_members(&groups->whole, out);
    pref_buf_add_text(out, ",\"gold\":");
    pref_buf_add_span(out, pref_buf_span(&groups->field));
    pref_buf_add_text(out, "}}\n");
}

void models_groups_print(const struct models_groups *groups, enum models_format format,
                         struct pref_buf *out)
{
    if (format == MODELS_TEXT)
        print_text(groups, out);
    else if (format == MODELS_TSV)
        print_tsv(groups, out);
    else
        print_json(groups, out);
}
