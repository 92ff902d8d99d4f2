/* SPDX-License-Identifier: Apache-2.0 */
/*
 * strength - how strongly a panel of reward models prefers the chosen side (Wang et al., "Secrets
 * of RLHF in Large Language Models Part II", 2401.06080): the mean and the population
 * standard deviation of the models' score differences, and the quantile of the mean in the corpus,
 * by which --bands flips, drops, smooths or keeps.
 *
 * The first phase counts the means in buckets; counts are all that a fit holds. With --normalize
 * it has two steps: the scales of the models, then the means of what was divided by them.
 */
#include "config.h"

#include "filters.h"
#include "filters/strength/annotation.h"
#include "filters/strength/learn.h"
#include "filters/strength/state.h"
#include "pref/number.h"

#include <stddef.h>

enum flip_if { FLIP_ANY, FLIP_NEGATIVE };

#define NO_PARTS UINT64_MAX /* --strict-levels was not given */

static const struct pref_option options[] = {
    {"bands", 0, PREF_OPTION_TEXT, offsetof(struct strength, bands_text), "BANDS",
     "what to do up to each quantile, as 0.1=flip,0.2=drop,0.4=smooth:0.2 (keep)"},
    {"flip-if", 0, PREF_OPTION_CHOICE, offsetof(struct strength, flip_if), "any|negative",
     "flip any record of a band that flips, or only those with a mean below 0 (any)"},
    {"normalize", 0, PREF_OPTION_CHOICE, offsetof(struct strength, normalize),
     "none|zscore|iqr|logistic",
     "bring the models to one scale, by their spread in the corpus (none)"},
    {"per-token", 0, PREF_OPTION_FLAG, offsetof(struct strength, per_token), NULL,
     "log-probabilities count by their mean over the tokens, not by their sum"},
    {"strict-levels", 0, PREF_OPTION_COUNT, offsetof(struct strength, strict_levels), "N",
     "reject unless distributions put chosen into a higher one of N parts of their levels"},
    {"by", 0, PREF_OPTION_TEXT, offsetof(struct strength, strata.field), "FIELD",
     "quantiles, bands and spreads inside each stratum: the records of one value of FIELD"},
    {"max-strata", 0, PREF_OPTION_COUNT, offsetof(struct strength, strata.max), "N",
     "stop where there are more strata than N (4096)"},
    {"groups", 0, PREF_OPTION_FLAG, offsetof(struct strength, groups.wanted), NULL,
     "let the fit also hold the sums that pref models makes groups of"},
    {"gold", 0, PREF_OPTION_TEXT, offsetof(struct strength, groups.gold), "FIELD",
     "the label that groups are held against: chosen, rejected or tie (/vote/label)"},
    {"pairs", 0, PREF_OPTION_FLAG, offsetof(struct strength, pairs.wanted), NULL,
     "let the fit also hold how each two models vary together, for pref models"},
    {"top-level", 0, PREF_OPTION_FLAG, offsetof(struct strength, top_level), NULL,
     "also write margin and label as top-level keys"},
    FLIPPING_OPTIONS(strength, flipping),
    PREF_OPTIONS_END};

/* ---- Opening --------------------------------------------------------------------------------- */

/* A key of --top-level: a number, or absent, or null, which is then replaced. */
static pref_place want_number(struct pref_shape *shape, const char *key)
{
    pref_place place = pref_shape_key(shape, PREF_ROOT, pref_span_of(key));
    pref_shape_demand(shape, place, PREF_IS(PREF_NUMBER) | PREF_IS(PREF_NULL), PREF_NULL_IS_VALUE);
    return place;
}

/* Whether a flip, or the annotation, would write the place as well. */
static int is_taken(const struct strength *s, pref_place place)
{
    const struct pref_flip *plan = &s->flipping.plan;
    int taken = place == s->own;
    for (unsigned i = 0; i < plan->sides; i++)
        taken |= place == plan->side[i][0] || place == plan->side[i][1];
    for (unsigned i = 0; i < plan->turns; i++)
        taken |= place == plan->turn[i];
    return taken;
}

static int open_top_level(struct strength *s, struct pref_shape *shape, struct pref_err *err)
{
    s->margin = want_number(shape, "margin");
    s->label = want_number(shape, "label");
    /* The margin is written anew: a flip has no sign to toggle there. */
    s->flipping.plan.margin = PREF_NOWHERE;
    if (!shape->failed && (is_taken(s, s->margin) || is_taken(s, s->label)))
        return pref_usage(err, "--top-level writes 'margin' and 'label', which --as, --sides and "
                               "--turn must not name");
    return PREF_OK;
}

static void strength_preset(void *state)
{
    struct strength *s = state;
    s->strata.max = STRENGTH_STRATA_DEFAULT;
    s->strict_levels = NO_PARTS;
}

/* What a flip needs is read only where a band flips. */
static int open_flipping(struct strength *s, struct pref_opening *opening, struct pref_err *err)
{
    s->flipping.label = s->groups.wanted ? strength_groups_field(&s->groups) : NULL;
    if (strength_bands_have(&s->bands, STRENGTH_FLIP))
        return flipping_open(&s->flipping, opening, err);
    if (s->flip_if == FLIP_NEGATIVE)
        return pref_usage(err, "--flip-if negative needs a band that flips");
    return flipping_unused(&s->flipping, "a band that flips", err);
}

/* Ask for what the whole corpus is learnt from. */
static int open_learning(struct strength *s, struct pref_opening *opening, struct pref_err *err)
{
    uint64_t seed = opening->common->table_seed;
    strength_ranks_init(&s->ranks, seed);
    strength_pairs_init(&s->pairs, seed);
    opening->learns = s->normalize == STRENGTH_NONE ? 1 : 2;
    if (s->pairs.wanted && !opening->to_fit && opening->from_fits < opening->learns)
        return pref_usage(err, "--pairs needs --fit");
    int status = strength_strata_open(&s->strata, opening, err);
    if (status == PREF_OK)
        status = strength_groups_open(&s->groups, opening, err);
    if (status == PREF_OK && s->normalize != STRENGTH_NONE)
        status = strength_scales_open(&s->scales, (enum strength_normalize)s->normalize, seed, err);
    return status;
}

static int strength_open(void *state, struct pref_opening *opening, struct pref_err *err)
{
    struct strength *s = state;
    const struct pref_common *common = opening->common;
    int status =
        strength_bands_parse(s->bands_text == NULL ? "1=keep" : s->bands_text, &s->bands, err);
    if (status != PREF_OK)
        return status;
    s->key = common->as == NULL ? "strength" : common->as;
    s->rows.field = common->names.scores;
    s->rows.scores = pref_want_scores(opening->shape, s->rows.field);
    pref_open_await(opening, s->rows.scores.array);
    if (s->per_token)
        pref_scores_per_token(&s->rows.scores, opening->shape);
    if (s->strict_levels != NO_PARTS &&
        (s->strict_levels < 2 || s->strict_levels > PREF_LEVELS_MAX))
        return pref_usage(err, "--strict-levels: expected 2 to %d", PREF_LEVELS_MAX);
    s->rows.parts = s->strict_levels == NO_PARTS ? 0 : (uint32_t)s->strict_levels;
    s->rows.scales = s->normalize == STRENGTH_NONE ? NULL : &s->scales;
    s->own = pref_shape_key(opening->shape, PREF_ROOT, pref_span_of(s->key));
    /* A null is replaced, not joined by a second key. */
    pref_shape_demand(opening->shape, s->own, PREF_IS_ANY, PREF_NULL_IS_VALUE);
    status = open_learning(s, opening, err);
    if (status == PREF_OK)
        status = open_flipping(s, opening, err);
    return status == PREF_OK && s->top_level ? open_top_level(s, opening->shape, err) : status;
}

/* ---- One record ------------------------------------------------------------------------------ */

static enum pref_verdict drop(const struct strength *s, struct pref_job *job, unsigned band,
                              double quantile, struct pref_span stratum)
{
    char rank[PREF_NUMBER_MAX], from[PREF_NUMBER_MAX], to[PREF_NUMBER_MAX];
    pref_number_print(rank, quantile);
    pref_number_print(from, strength_band_from(&s->bands, band));
    pref_number_print(to, strength_band_to(&s->bands, band));
    return pref_reject(job, "strength quantile %s in band %s to %s%s%.*s", rank, from, to,
                       stratum.ptr == NULL ? "" : " of ", (int)stratum.len,
                       stratum.ptr == NULL ? "" : stratum.ptr);
}

static enum pref_verdict not_strict(const struct strength *s, struct pref_job *job,
                                    const struct strength_measured *of, struct strength_note *note)
{
    enum pref_verdict verdict = strength_look_at_own(s, job);
    note->not_strict = verdict == PREF_PASS;
    return verdict == PREF_PASS
               ? pref_reject(job, "level of chosen %u, of rejected %u, of %u",
                             (unsigned)of->levels.part[0], (unsigned)of->levels.part[1],
                             (unsigned)s->rows.parts)
               : verdict;
}

enum pref_verdict strength_look_at_own(const struct strength *s, struct pref_job *job)
{
    const struct pref_span nothing = {NULL, 0};
    return pref_annotate(job, s->key, s->own, strength_annotation_keys, nothing);
}

/* Write the annotation, and under --top-level its two numbers once more. */
static enum pref_verdict annotate(const struct strength *s, struct pref_job *job,
                                  const struct strength_annotation *annotation)
{
    struct strength_texts texts;
    if (strength_annotation_print(&job->scratch[1], annotation, &texts, job->err) != PREF_OK)
        return PREF_BROKEN;
    enum pref_verdict verdict =
        pref_annotate(job, s->key, s->own, strength_annotation_keys, texts.object);
    if (verdict == PREF_PASS && s->top_level) {
        pref_edit_put(&job->edits, "margin", pref_doc_at(job->doc, s->margin), texts.margin);
        pref_edit_put(&job->edits, "label", pref_doc_at(job->doc, s->label), texts.label);
    }
    return verdict;
}

/* What the record's rank makes of it; *band is the one it is in. */
static struct strength_annotation judge(const struct strength *s,
                                        const struct strength_measured *of,
                                        struct strength_rank rank, unsigned *band)
{
    *band = strength_bands_find(&s->bands, rank.twice, rank.of);
    struct strength_annotation a = {.mean = of->m.mean,
                                    .sd = of->m.sd,
                                    .quantile = (double)rank.twice / (double)rank.of,
                                    .label = s->bands.band[*band].label,
                                    .n = of->n,
                                    .levels = of->levels,
                                    .action = s->bands.band[*band].action};
    if (a.action == STRENGTH_FLIP && s->flip_if == FLIP_NEGATIVE && of->m.mean >= 0)
        a.action = STRENGTH_KEEP;
    else if (a.action == STRENGTH_SOFT)
        a.label = strength_soft_label(of->d, of->win, of->n);
    if (a.action == STRENGTH_FLIP) {
        a.mean = 0 - of->m.mean;
        strength_levels_turn(&a.levels);
    }
    return a;
}

static enum pref_verdict strength_map(const void *state, struct pref_job *job, void *space)
{
    const struct strength *s = state;
    struct strength_note *note = space;
    struct strength_measured of;
    struct strength_value value;
    unsigned band;
    enum pref_verdict verdict = strength_strata_read(&s->strata, job, &value);
    if (verdict == PREF_USE)
        verdict = strength_rows_measure(&s->rows, job, value.text, &of);
    if (verdict != PREF_USE)
        return verdict;
    note->left_out = (uint32_t)of.left_out;
    note->unscaled = of.n == 0;
    if (of.n == 0)
        return strength_look_at_own(s, job);
    note->stratum = strength_strata_find(&s->strata, &value);
    struct strength_rank rank =
        strength_ranks_of(&s->ranks, &s->strata, note->stratum, pref_bucket_of(of.m.mean));
    note->unknown = rank.of == 0;
    if (note->unknown)
        return strength_look_at_own(s, job);
    if (of.levels.part[0] != 0)
        return not_strict(s, job, &of, note);
    struct strength_annotation a = judge(s, &of, rank, &band);
    verdict = a.action == STRENGTH_DROP ? strength_look_at_own(s, job) : annotate(s, job, &a);
    if (verdict != PREF_PASS)
        return verdict;
    note->scored = 1;
    note->action = (uint8_t)a.action;
    if (a.action == STRENGTH_FLIP) { /* after the annotation, so that "flipped" stands at the end */
        note->positive = of.m.mean >= 0;
        note->untouched = pref_flip_edit(&s->flipping.plan, &job->edits, s->own);
    }
    return a.action == STRENGTH_DROP ? drop(s, job, band, a.quantile, value.text) : PREF_PASS;
}

static enum pref_verdict strength_commit(void *state, struct pref_row *row, void *space)
{
    struct strength *s = state;
    const struct strength_note *note = space;
    s->acted[note->action] += note->scored;
    if (note->scored)
        s->strata.list[note->stratum].acted[note->action]++;
    s->flipped_positive += note->positive;
    s->flipping.untouched += note->untouched;
    s->left_out += note->left_out;
    s->unscaled += note->unscaled;
    s->not_strict += note->not_strict;
    s->strata.unknown += note->unknown;
    return row->verdict;
}

/* ---- The end --------------------------------------------------------------------------------- */

static void report_scales(const struct strength *s, struct pref_report *report)
{
    const struct strength_scales *scales = &s->scales;
    pref_report_count(report, "models", scales->models.names.count);
    if (strength_at_scales(s))
        return;
    pref_report_count(report, "models_left_out", scales->without);
    pref_report_count(report, "rows_left_out", s->left_out);
    pref_report_count(report, "unscaled", s->unscaled);
    if (scales->without > 0) {
        struct pref_buf names = {0};
        strength_scales_name_without(scales, &names);
        pref_report_warn(report, "%llu of %llu models have no scale and were left out: %.*s",
                         (unsigned long long)scales->without,
                         (unsigned long long)scales->models.names.count, (int)names.len,
                         names.failed ? "" : names.ptr);
        pref_buf_release(&names);
    }
    if (s->left_out > 0)
        pref_report_warn(report, "%llu rows of scores have a model without a scale and were left "
                                 "out, and so %llu records were not judged",
                         (unsigned long long)s->left_out, (unsigned long long)s->unscaled);
}

static void strength_report(const void *state, struct pref_report *report)
{
    const struct strength *s = state;
    pref_report_count(report, "kept", s->acted[STRENGTH_KEEP]);
    pref_report_count(report, "flipped", s->acted[STRENGTH_FLIP]);
    pref_report_count(report, "flipped_positive", s->flipped_positive);
    pref_report_count(report, "dropped", s->acted[STRENGTH_DROP]);
    pref_report_count(report, "smoothed", s->acted[STRENGTH_SMOOTH]);
    pref_report_count(report, "softened", s->acted[STRENGTH_SOFT]);
    if (s->rows.parts > 0)
        pref_report_count(report, "not_strict", s->not_strict);
    if (s->flipped_positive > 0)
        pref_report_warn(report,
                         "%llu records were flipped whose mean was not below 0: see --flip-if",
                         (unsigned long long)s->flipped_positive);
    flipping_report(&s->flipping, report);
    if (s->normalize != STRENGTH_NONE)
        report_scales(s, report);
    strength_strata_report(&s->strata, report);
}

static void strength_close(void *state)
{
    struct strength *s = state;
    strength_strata_release(&s->strata);
    strength_ranks_release(&s->ranks);
    strength_groups_release(&s->groups);
    strength_pairs_release(&s->pairs);
    strength_scales_release(&s->scales);
}

const struct pref_filter filter_strength = {
    .name = "strength",
    .brief = "annotate the strength of a preference, and act by its quantile",
    .options = options,
    .traits = PREF_FITS,
    .self_size = sizeof(struct strength),
    .note_size = sizeof(struct strength_note),
    .preset = strength_preset,
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
