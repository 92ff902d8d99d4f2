/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "learn.h"

#include "pref/buf.h"

int strength_at_scales(const struct strength *s)
{
    return s->normalize != STRENGTH_NONE && s->step == 0;
}

/* ---- The whole corpus ------------------------------------------------------------------------ */

enum pref_verdict strength_learn(const void *state, struct pref_job *job, void *space)
{
    const struct strength *s = state;
    struct strength_note *note = space;
    struct strength_measured of = {0};
    enum pref_verdict verdict = strength_strata_read(&s->strata, job, &note->value);
    if (verdict != PREF_USE)
        return verdict;
    verdict = strength_at_scales(s)
                  ? strength_rows_sample(&s->rows, job, note->value.text, &note->samples,
                                         &note->sampled)
                  : strength_rows_measure(&s->rows, job, note->value.text, &of);
    if (verdict != PREF_USE)
        return verdict;
    verdict = strength_look_at_own(s, job);
    if (verdict != PREF_PASS || (!strength_at_scales(s) && of.n == 0))
        return verdict;
    note->m = of.m;
    note->bucket = pref_bucket_of(of.m.mean);
    note->label = (uint8_t)strength_groups_label(&s->groups, job);
    return s->pairs.wanted && !strength_at_scales(s)
               ? strength_rows_name(&s->rows, job, note->value.text, &s->pairs.names,
                                    &note->samples, &note->sampled)
               : PREF_USE;
}

static int add_samples(struct strength_scales *scales, const struct strength_note *note,
                       struct pref_err *err)
{
    int status = PREF_OK;
    for (size_t i = 0; i < note->sampled; i++)
        strength_scales_warm(scales, &note->samples[i]);
    for (size_t i = 0; i < note->sampled && status == PREF_OK; i++)
        status = strength_scales_add(scales, &note->samples[i], err);
    return status;
}

static int add_mean(struct strength *s, uint32_t stratum, const struct strength_note *note,
                    struct pref_err *err)
{
    int status = strength_ranks_count(&s->ranks, &s->strata, stratum, note->bucket, 1, err);
    if (status == PREF_OK && s->groups.wanted)
        status = strength_groups_add(&s->groups, stratum, note->bucket, &note->m,
                                     (enum pref_word)note->label, err);
    if (status == PREF_OK && s->pairs.wanted)
        status = strength_pairs_add(&s->pairs, note->samples, note->sampled, err);
    return status;
}

enum pref_verdict strength_absorb(void *state, struct pref_row *row, void *space)
{
    struct strength *s = state;
    const struct strength_note *note = space;
    uint32_t stratum;
    int status = strength_strata_add(&s->strata, &note->value, &stratum, row->err);
    if (status == PREF_OK)
        status = strength_at_scales(s) ? add_samples(&s->scales, note, row->err)
                                       : add_mean(s, stratum, note, row->err);
    return status == PREF_OK ? PREF_USE : PREF_BROKEN;
}

int strength_settle(void *state, struct pref_err *err)
{
    struct strength *s = state;
    int at_scales = strength_at_scales(s);
    s->step++;
    if (!at_scales)
        return strength_ranks_settle(&s->ranks, &s->strata, err);
    strength_scales_settle(&s->scales);
    return PREF_OK;
}

/* ---- Fits ------------------------------------------------------------------------------------ */

static void add_field(struct pref_buf *json, const char *key, const char *field)
{
    pref_buf_addf(json, ",\"%s\":", key);
    pref_buf_add_json(json, pref_span_of(field));
}

/* The means hang on the scales that they were divided by: a fit of means names its scales. */
void strength_fit_options(const void *state, struct pref_buf *json)
{
    const struct strength *s = state;
    static const char *const words[] = {"none", "zscore", "iqr", "logistic"};
    char digest[33];
    pref_buf_addf(json, "{\"normalize\":\"%s\"", words[s->normalize]);
    if (s->rows.scores.per_token)
        pref_buf_add_text(json, ",\"per_token\":true");
    if (s->strata.field != NULL)
        add_field(json, "by", s->strata.field);
    if (s->groups.wanted && !strength_at_scales(s))
        add_field(json, "groups", strength_groups_field(&s->groups));
    if (s->pairs.wanted && !strength_at_scales(s))
        pref_buf_add_text(json, ",\"pairs\":true");
    if (strength_at_scales(s)) {
        pref_buf_add_text(json, ",\"step\":\"scales\"");
    } else if (s->normalize != STRENGTH_NONE) {
        strength_scales_digest(&s->scales, digest);
        pref_buf_addf(json, ",\"step\":\"quantiles\",\"scales\":\"%s\"", digest);
    }
    pref_buf_add_byte(json, '}');
}

int strength_save(void *state, struct pref_fit_writer *writer, struct pref_err *err)
{
    struct strength *s = state;
    if (strength_at_scales(s))
        return strength_scales_save(&s->scales, writer, err);
    int status = s->groups.wanted ? strength_groups_save(&s->groups, &s->strata, writer, err)
                                  : strength_ranks_save(&s->ranks, &s->strata, writer, err);
    return status == PREF_OK && s->pairs.wanted ? strength_pairs_save(&s->pairs, writer, err)
                                                : status;
}

int strength_load(void *state, const struct pref_fit_row *row, struct pref_err *err)
{
    struct strength *s = state;
    if (strength_at_scales(s))
        return strength_scales_load(&s->scales, row, err);
    if (s->pairs.wanted && strength_pairs_own(row))
        return PREF_OK; /* no quantile hangs on it */
    unsigned counts = s->groups.wanted ? 3 : 1, sums = s->groups.wanted ? 2 : 0;
    if (row->counts != counts || row->sums != sums)
        return pref_fail(err, "row '%s' has %u counts and %u sums, expected %u and %u",
                         pref_fit_show(row->key).text, row->counts, row->sums, counts, sums);
    return strength_ranks_load(&s->ranks, &s->strata, row, err);
}
