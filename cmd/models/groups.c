/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "groups.h"

#include "load.h"
#include "filters/strength/pairs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Twice as many, times the most groups, fit 64 bits. */
#define RECORDS_MAX (UINT64_C(1) << 52)

/* A row of the fit, with the lengths of the texts of its sums. */
struct row {
    uint64_t records, agree, disagree;
    uint32_t bucket;
    uint16_t length[2];
};

/* What is summed up of a group. */
struct sums {
    uint64_t records, agree, disagree;
    struct pref_accumulator of[2];
};

void models_groups_release(struct models_groups *groups)
{
    pref_buf_release(&groups->rows);
    pref_buf_release(&groups->sums);
    pref_buf_release(&groups->field);
    free(groups->list);
}

/* ---- Taking in ------------------------------------------------------------------------------- */

int models_groups_take_head(void *self, const struct pref_fit_head *head, struct pref_err *err)
{
    struct models_groups *groups = self;
    struct pref_span field = {NULL, 0};
    if (strcmp(head->tool, "strength") == 0 && head->format == 1)
        field = models_option(head->options, "groups");
    if (field.ptr == NULL)
        return pref_fail(err, "a fit of %s, format %u, %s, expected one of strength --groups",
                         head->tool, head->format, head->options);
    groups->by = models_option(head->options, "by").ptr != NULL;
    pref_buf_add_span(&groups->field, field);
    return groups->field.failed ? pref_fail_memory(err, "the groups") : PREF_OK;
}

/* Whether it is a bucket of means as --groups writes it. */
static int is_right(const struct models_groups *groups, const struct pref_fit_row *row,
                    uint32_t *bucket)
{
    struct pref_span stratum;
    return row->counts == 3 && row->sums == 2 && row->n[0] > 0 && row->n[1] <= row->n[0] &&
           row->n[2] <= row->n[0] - row->n[1] &&
           strength_key_parse(row->key, bucket, &stratum) == PREF_OK &&
           (stratum.ptr != NULL) == groups->by;
}

int models_groups_take_row(void *self, const struct pref_fit_row *row, struct pref_err *err)
{
    struct models_groups *groups = self;
    struct row kept = {row->n[0], row->n[1], row->n[2], 0, {0, 0}};
    if (strength_pairs_own(row))
        return PREF_OK;
    if (!is_right(groups, row, &kept.bucket))
        return pref_fail(err, "row '%.*s' is no bucket with three counts and two sums",
                         (int)(row->key.len < 40 ? row->key.len : 40),
                         row->key.len == 0 ? "" : row->key.ptr);
    if (row->n[0] > RECORDS_MAX - groups->whole.records)
        return pref_fail(err, "more than 2^52 records");
    groups->whole.records += row->n[0];
    for (int i = 0; i < 2; i++) {
        char text[PREF_ACCUMULATOR_MAX];
        kept.length[i] = (uint16_t)pref_accumulator_print(text, &row->sum[i]);
        pref_buf_add(&groups->sums, text, kept.length[i]);
    }
    pref_buf_add(&groups->rows, (const char *)&kept, sizeof kept);
    return groups->sums.failed || groups->rows.failed ? pref_fail_memory(err, "the groups")
                                                      : PREF_OK;
}

/* ---- Cutting --------------------------------------------------------------------------------- */

static void conclude(const struct sums *sums, struct models_group *group)
{
    *group = (struct models_group){.records = sums->records,
                                   .labelled = sums->agree + sums->disagree,
                                   .mean = NAN,
                                   .sd = NAN,
                                   .agreement = NAN};
    if (group->records > 0) {
        group->mean = pref_accumulator_mean(&sums->of[0], group->records) + 0.0; /* no -0 */
        group->sd = pref_accumulator_mean(&sums->of[1], group->records);
    }
    if (group->labelled > 0)
        group->agreement = (double)sums->agree / (double)group->labelled;
}

static void merge(struct sums *sums, const struct sums *from)
{
    sums->records += from->records;
    sums->agree += from->agree;
    sums->disagree += from->disagree;
    for (int i = 0; i < 2; i++)
        pref_accumulator_merge(&sums->of[i], &from->of[i]);
}

/* Sum up the rows of one bucket, which stand together: *row and *text come to stand behind. */
static void sum_bucket(const struct row **row, const struct row *end, const char **text,
                       struct sums *sums)
{
    uint32_t bucket = (*row)->bucket;
    *sums = (struct sums){.records = 0};
    for (; *row < end && (*row)->bucket == bucket; ++*row) {
        struct sums one = {(*row)->records, (*row)->agree, (*row)->disagree, {{{0}, 0}, {{0}, 0}}};
        struct pref_err none;
        for (int i = 0; i < 2; i++) {
            struct pref_span sum = {*text, (*row)->length[i]};
            (void)pref_accumulator_parse(sum, &one.of[i], &none); /* it was printed by us */
            *text += sum.len;
        }
        merge(sums, &one);
    }
}

int models_groups_cut(struct models_groups *groups, size_t count, struct pref_err *err)
{
    const struct row *row = (const struct row *)(const void *)groups->rows.ptr;
    const struct row *end = row + groups->rows.len / sizeof *row;
    const char *text = groups->sums.ptr;
    struct sums *sums = calloc(count + 1, sizeof *sums), bucket; /* the last one: of all */
    uint64_t below = 0, all = groups->whole.records;
    groups->list = calloc(count, sizeof *groups->list);
    if (sums == NULL || groups->list == NULL) {
        free(sums);
        return pref_fail_memory(err, "the groups");
    }
    while (row < end) {
        sum_bucket(&row, end, &text, &bucket);
        merge(&sums[(2 * below + bucket.records) * count / (2 * all)], &bucket);
        merge(&sums[count], &bucket);
        below += bucket.records;
    }
    groups->count = count;
    for (size_t i = 0; i < count; i++)
        conclude(&sums[i], &groups->list[i]);
    conclude(&sums[count], &groups->whole);
    free(sums);
    return PREF_OK;
}
