/* SPDX-License-Identifier: Apache-2.0 */
/*
 * strength - how strongly a panel of reward models prefers the chosen side (Wang et al., "Secrets
 * of RLHF in Large Language Models Part II", 2401.06080): the mean and the population
 * standard deviation of the models' score differences, and the quantile of the mean in the corpus,
 * by which --bands flips, drops, smooths or keeps.
 *
 * The first phase counts the means in buckets; counts are all that a fit holds.
 */
#include "config.h"

#include "filters.h"
#include "flipping.h"
#include "strength_bands.h"
#include "strength_measure.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

struct strength {
    const char *bands_text;
    int flip_if; /* enum flip_if */
    const char *key, *field; /* of the annotation, of the scores */
    struct pref_scores scores;
    pref_place own;
    struct flipping flipping;
    struct strength_bands bands;
    struct pref_buckets counts;
    uint64_t acted[STRENGTH_ACTIONS], flipped_positive;
};

enum flip_if { FLIP_ANY, FLIP_NEGATIVE };

/* What commit and absorb need to know of a record. */
struct note {
    uint32_t bucket;
    uint32_t untouched;
    uint8_t scored, action, positive;
};

/* A record as it was measured. */
struct measured {
    const double *d; /* the models' differences, in the order of the rows */
    size_t n;
    struct strength_moments m;
};

static const char *const own_keys[] = {"mean",   "sd",     "n",     "quantile",
                                       "action", "margin", "label", NULL};

static const struct pref_option options[] = {
    {"bands", 0, PREF_OPTION_TEXT, offsetof(struct strength, bands_text), "BANDS",
     "what to do up to each quantile, as 0.1=flip,0.2=drop,0.4=smooth:0.2 (keep)"},
    {"flip-if", 0, PREF_OPTION_CHOICE, offsetof(struct strength, flip_if), "any|negative",
     "flip any record of a band that flips, or only those with a mean below 0 (any)"},
    FLIPPING_OPTIONS(strength, flipping),
    PREF_OPTIONS_END};

/* ---- Opening --------------------------------------------------------------------------------- */

static int strength_open(void *state, struct pref_opening *opening, struct pref_err *err)
{
    struct strength *s = state;
    const struct pref_common *common = opening->common;
    int status =
        strength_bands_parse(s->bands_text == NULL ? "1=keep" : s->bands_text, &s->bands, err);
    if (status != PREF_OK)
        return status;
    s->key = common->as == NULL ? "strength" : common->as;
    s->field = common->names.scores;
    s->scores = pref_want_scores(opening->shape, s->field);
    s->own = pref_shape_key(opening->shape, PREF_ROOT, pref_span_of(s->key));
    /* A null is replaced, not joined by a second key. */
    pref_shape_demand(opening->shape, s->own, PREF_IS_ANY, PREF_NULL_IS_VALUE);
    pref_buckets_init(&s->counts);
    opening->learns = 1;
    /* What a flip needs is read only where a band flips. */
    return strength_bands_have(&s->bands, STRENGTH_FLIP)
               ? flipping_open(&s->flipping, opening, err)
               : flipping_unused(&s->flipping, "a band that flips", err);
}

/* ---- One record ------------------------------------------------------------------------------ */

/* Read the scores. PREF_USE: *of is filled; all else is what becomes of the record. */
static enum pref_verdict read_scores(const struct strength *s, struct pref_job *job,
                                     struct measured *of)
{
    const struct pref_doc *doc = job->doc;
    struct pref_buf *room = &job->scratch[0];
    struct pref_score score;
    size_t at = pref_scores_begin(&s->scores, doc);
    /* A row has four hits: itself and its three required keys. */
    pref_buf_clear(room);
    double *d = (double *)(void *)pref_buf_reserve(room, ((doc->count - at) / 4 + 1) * sizeof *d);
    if (d == NULL) {
        pref_fail_memory(job->err, "a record's scores");
        return PREF_BROKEN;
    }
    *of = (struct measured){.d = d};
    while (pref_score_next(&s->scores, doc, &at, &score)) {
        double chosen = pref_hit_number(doc, score.chosen);
        double difference = chosen - pref_hit_number(doc, score.rejected);
        if (!isfinite(difference))
            return pref_malformed(job, "score difference is not finite");
        d[of->n++] = difference;
    }
    if (of->n == 0)
        return pref_missing(job, s->field);
    of->m = strength_measure(d, of->n);
    if (!isfinite(of->m.mean) || !isfinite(of->m.sd))
        return pref_malformed(job, "mean or sd of score differences is not finite");
    return PREF_USE;
}

/* Room for any annotation: its words, five doubles and a count. */
#define ANNOTATION_MAX 512

static char *put(char *at, const char *text)
{
    size_t n = strlen(text);
    memcpy(at, text, n);
    return at + n;
}

/* The annotation, written straight into the buffer: every record has one. `mean` is that of the
 * record as it leaves, and so is the margin. Empty when memory ran out. */
static struct pref_span describe(struct pref_buf *json, const struct measured *of, double mean,
                                 double quantile, enum strength_action action, double label)
{
    char number[PREF_NUMBER_MAX];
    pref_buf_clear(json);
    char *at = pref_buf_reserve(json, ANNOTATION_MAX), *start = at;
    if (at == NULL)
        return (struct pref_span){NULL, 0};
    pref_number_print(number, mean);
    at = put(put(at, "{\"mean\":"), number);
    at = put(at, ",\"sd\":");
    at += pref_number_print(at, of->m.sd);
    at = put(at, ",\"n\":");
    at += pref_u64_print(at, of->n);
    at = put(at, ",\"quantile\":");
    at += pref_number_print(at, quantile);
    at = put(put(at, ",\"action\":\""), strength_action_words[action]);
    at = put(put(at, "\",\"margin\":"), number);
    at = put(at, ",\"label\":");
    at += pref_number_print(at, label);
    *at++ = '}';
    return (struct pref_span){start, (size_t)(at - start)};
}

static enum pref_verdict drop(const struct strength *s, struct pref_job *job, unsigned band,
                              double quantile)
{
    char rank[PREF_NUMBER_MAX], from[PREF_NUMBER_MAX], to[PREF_NUMBER_MAX];
    pref_number_print(rank, quantile);
    pref_number_print(from, strength_band_from(&s->bands, band));
    pref_number_print(to, strength_band_to(&s->bands, band));
    return pref_reject(job, "strength quantile %s in band %s to %s", rank, from, to);
}

static enum pref_verdict strength_map(const void *state, struct pref_job *job, void *space)
{
    const struct strength *s = state;
    struct note *note = space;
    struct measured of;
    enum pref_verdict verdict = read_scores(s, job, &of);
    if (verdict != PREF_USE)
        return verdict;
    uint32_t bucket = pref_bucket_of(of.m.mean);
    unsigned band = strength_bands_find(&s->bands, bucket);
    double quantile = pref_buckets_midrank(&s->counts, bucket);
    enum strength_action action = s->bands.band[band].action;
    double label = s->bands.band[band].label;
    struct pref_span json = {NULL, 0}; /* empty: the old annotation is looked at, no more */
    if (action == STRENGTH_FLIP && s->flip_if == FLIP_NEGATIVE && of.m.mean >= 0)
        action = STRENGTH_KEEP;
    if (action == STRENGTH_SOFT)
        label = strength_soft_label(of.d, of.n);
    if (action != STRENGTH_DROP)
        json = describe(&job->scratch[1], &of, action == STRENGTH_FLIP ? 0 - of.m.mean : of.m.mean,
                        quantile, action, label);
    if (job->scratch[1].failed) {
        pref_fail_memory(job->err, "an annotation");
        return PREF_BROKEN;
    }
    verdict = pref_annotate(job, s->key, s->own, own_keys, json);
    if (verdict != PREF_PASS)
        return verdict;
    note->scored = 1;
    note->action = (uint8_t)action;
    if (action == STRENGTH_FLIP) { /* after the annotation, so that "flipped" stands at the end */
        note->positive = of.m.mean >= 0;
        note->untouched = pref_flip_edit(&s->flipping.plan, &job->edits, s->own);
    }
    return action == STRENGTH_DROP ? drop(s, job, band, quantile) : PREF_PASS;
}

static enum pref_verdict strength_commit(void *state, struct pref_row *row, void *space)
{
    struct strength *s = state;
    const struct note *note = space;
    s->acted[note->action] += note->scored;
    s->flipped_positive += note->positive;
    s->flipping.untouched += note->untouched;
    return row->verdict;
}

/* ---- The whole corpus ------------------------------------------------------------------------ */

static enum pref_verdict strength_learn(const void *state, struct pref_job *job, void *space)
{
    const struct strength *s = state;
    struct note *note = space;
    struct measured of;
    const struct pref_span nothing = {NULL, 0};
    enum pref_verdict verdict = read_scores(s, job, &of);
    if (verdict != PREF_USE)
        return verdict;
    note->bucket = pref_bucket_of(of.m.mean);
    verdict = pref_annotate(job, s->key, s->own, own_keys, nothing);
    return verdict == PREF_PASS ? PREF_USE : verdict;
}

static enum pref_verdict strength_absorb(void *state, struct pref_row *row, void *space)
{
    struct strength *s = state;
    const struct note *note = space;
    return pref_buckets_add_count(&s->counts, note->bucket, 1, row->err) == PREF_OK ? PREF_USE
                                                                                    : PREF_BROKEN;
}

static int strength_settle(void *state, struct pref_err *err)
{
    struct strength *s = state;
    (void)err;
    strength_bands_settle(&s->bands, &s->counts);
    pref_buckets_settle(&s->counts);
    return PREF_OK;
}

/* ---- Fits ------------------------------------------------------------------------------------ */

static void strength_fit_options(const void *state, struct pref_buf *json)
{
    (void)state;
    pref_buf_add_text(json, "{\"normalize\":\"none\"}");
}

static int strength_save(void *state, struct pref_fit_writer *writer, struct pref_err *err)
{
    const struct strength *s = state;
    return strength_counts_save(&s->counts, writer, err);
}

static int strength_load(void *state, const struct pref_fit_row *row, struct pref_err *err)
{
    struct strength *s = state;
    return strength_counts_load(&s->counts, row, err);
}

/* ---- The end --------------------------------------------------------------------------------- */

static void strength_report(const void *state, struct pref_report *report)
{
    const struct strength *s = state;
    pref_report_count(report, "kept", s->acted[STRENGTH_KEEP]);
    pref_report_count(report, "flipped", s->acted[STRENGTH_FLIP]);
    pref_report_count(report, "flipped_positive", s->flipped_positive);
    pref_report_count(report, "dropped", s->acted[STRENGTH_DROP]);
    pref_report_count(report, "smoothed", s->acted[STRENGTH_SMOOTH]);
    pref_report_count(report, "softened", s->acted[STRENGTH_SOFT]);
    if (s->flipped_positive > 0)
        pref_report_warn(report, "%llu records were flipped whose mean was not below 0: see --flip-if",
                         (unsigned long long)s->flipped_positive);
    flipping_report(&s->flipping, report);
}

static void strength_close(void *state)
{
    struct strength *s = state;
    pref_buckets_release(&s->counts);
}

const struct pref_filter filter_strength = {
    .name = "strength",
    .brief = "annotate the strength of a preference, and act by its quantile",
    .options = options,
    .traits = PREF_FITS,
    .self_size = sizeof(struct strength),
    .note_size = sizeof(struct note),
    .open = strength_open,
    .learn = strength_learn,
    .absorb = strength_absorb,
    .settle = strength_settle,
    .map = strength_map,
    .commit = strength_commit,
    .fit_options = strength_fit_options,
    .fit_format = 1,
    .save = strength_save,
    .load = strength_load,
    .report = strength_report,
    .close = strength_close,
};
