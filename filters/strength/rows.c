/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "rows.h"

#include <math.h>
#include <string.h>

static enum pref_verdict no_memory(struct pref_job *job)
{
    pref_fail_memory(job->err, "a record's scores");
    return PREF_BROKEN;
}

/* How many rows there can be: each has four hits at the least, itself and its three required
 * keys. */
static size_t rows_at_most(const struct pref_job *job, size_t at)
{
    return (job->doc->count - at) / 4 + 1;
}

/* The next row, with its difference. PREF_PASS behind the last. */
static enum pref_verdict next_row(const struct strength_rows *rows, struct pref_job *job,
                                  size_t *at, struct pref_score *score, double *difference)
{
    if (!pref_score_next(&rows->scores, job->doc, at, score))
        return PREF_PASS;
    *difference = pref_score_difference(job->doc, score);
    return isfinite(*difference) ? PREF_USE
                                 : pref_malformed(job, "score difference is not finite");
}

/* A row's model, decoded: in the line itself, or in the job's scratch. In a stratum, a model has
 * the stratum and a blank before its name. */
static struct pref_span name_of(struct pref_job *job, const struct pref_score *score,
                                struct pref_span stratum)
{
    struct pref_span name = {"", 0};
    struct pref_buf *room = &job->scratch[2];
    /* The scanner lets no name pass that does not decode; memory is asked for later. */
    if (stratum.ptr == NULL) {
        (void)pref_string_text(pref_hit_span(job->doc, score->model), room, &name);
        return name;
    }
    pref_buf_clear(room);
    pref_buf_add_span(room, stratum);
    pref_buf_add_byte(room, ' ');
    (void)pref_string_decode(pref_hit_span(job->doc, score->model), room);
    return room->failed ? name : pref_buf_span(room);
}

/* ---- Measuring ------------------------------------------------------------------------------- */

/* Bring a row's difference to the common scale. Returns 0 where its model has none. */
static int rescale(const struct strength_rows *rows, struct pref_job *job,
                   const struct pref_score *score, struct pref_span stratum, double *difference)
{
    const struct strength_model *model =
        strength_scales_find(rows->scales, name_of(job, score, stratum));
    if (model == NULL)
        return 0;
    *difference = rows->scales->kind == STRENGTH_LOGISTIC
                      ? strength_scales_logistic(model, pref_score_worth(job->doc, score, 0),
                                                 pref_score_worth(job->doc, score, 1))
                      : strength_scales_divide(model, *difference);
    return 1;
}

/* Take a row's difference, and what it says if it is of distributions. */
static void take_row(const struct strength_rows *rows, const struct pref_job *job,
                     const struct pref_score *score, double difference, double *d, double *win,
                     struct strength_measured *of)
{
    struct pref_levels levels;
    d[of->n] = difference;
    win[of->n] = -1;
    if (score->kind == PREF_SCORE_DIST) {
        pref_score_levels(job->doc, score, &levels);
        strength_levels_add(&of->levels, &levels, rows->parts);
        win[of->n] = strength_levels_win(&levels);
    }
    of->n++;
}

enum pref_verdict strength_rows_measure(const struct strength_rows *rows, struct pref_job *job,
                                        struct pref_span stratum, struct strength_measured *of)
{
    struct pref_buf *room = &job->scratch[0];
    struct pref_score score;
    size_t at = pref_scores_begin(&rows->scores, job->doc), most = rows_at_most(job, at);
    double difference;
    enum pref_verdict verdict;
    pref_buf_clear(room);
    double *d = (double *)(void *)pref_buf_reserve(room, 2 * most * sizeof *d), *win = d + most;
    if (d == NULL)
        return no_memory(job);
    *of = (struct strength_measured){.d = d, .win = win};
    while ((verdict = next_row(rows, job, &at, &score, &difference)) == PREF_USE) {
        if (rows->scales == NULL || rescale(rows, job, &score, stratum, &difference))
            take_row(rows, job, &score, difference, d, win, of);
        else
            of->left_out++;
    }
    if (verdict != PREF_PASS)
        return verdict;
    if (job->scratch[2].failed)
        return no_memory(job);
    if (of->n + of->left_out == 0)
        return pref_missing(job, rows->field);
    if (of->n == 0)
        return PREF_USE;
    of->m = strength_measure(d, of->n);
    if (!isfinite(of->m.mean) || !isfinite(of->m.sd))
        return pref_malformed(job, "mean or sd of score differences is not finite");
    return PREF_USE;
}

/* ---- Sampling -------------------------------------------------------------------------------- */

/* The name where it stays: one that is not in the line as it is, is copied. ptr is NULL when memory
 * ran out. */
static struct pref_span lasting_name(struct pref_job *job, const struct pref_score *score,
                                     struct pref_span stratum)
{
    struct pref_span name = name_of(job, score, stratum);
    if (!score->model->escaped && stratum.ptr == NULL)
        return name;
    char *copy = job->scratch[2].failed ? NULL : pref_job_alloc(job, name.len + 1);
    if (copy != NULL)
        memcpy(copy, name.ptr, name.len);
    return (struct pref_span){copy, name.len};
}

enum pref_verdict strength_rows_sample(const struct strength_rows *rows, struct pref_job *job,
                                       struct pref_span stratum,
                                       const struct strength_sample **list, size_t *count)
{
    struct pref_score score;
    size_t at = pref_scores_begin(&rows->scores, job->doc);
    size_t each = rows->scales->kind == STRENGTH_LOGISTIC ? 2 : 1;
    double difference;
    enum pref_verdict verdict;
    struct strength_sample *sample =
        pref_job_alloc(job, rows_at_most(job, at) * each * sizeof *sample);
    if (sample == NULL)
        return no_memory(job);
    *list = sample;
    *count = 0;
    while ((verdict = next_row(rows, job, &at, &score, &difference)) == PREF_USE) {
        sample->x = difference;
        sample->name = lasting_name(job, &score, stratum);
        if (sample->name.ptr == NULL)
            return no_memory(job);
        sample->hash = pref_name_table_hash(&rows->scales->models.names, sample->name);
        if (each == 2) {
            sample[1] = sample[0];
            sample[0].x = pref_score_worth(job->doc, &score, 0);
            sample[1].x = pref_score_worth(job->doc, &score, 1);
        }
        sample += each;
        *count += each;
    }
    if (verdict == PREF_PASS && *count == 0)
        return pref_missing(job, rows->field);
    return verdict == PREF_PASS ? PREF_USE : verdict;
}

enum pref_verdict strength_rows_name(const struct strength_rows *rows, struct pref_job *job,
                                     struct pref_span stratum, const struct pref_name_table *names,
                                     const struct strength_sample **list, size_t *count)
{
    const struct pref_span whole = {NULL, 0};
    struct pref_score score;
    size_t at = pref_scores_begin(&rows->scores, job->doc);
    enum pref_verdict verdict;
    struct strength_sample *sample = pref_job_alloc(job, rows_at_most(job, at) * sizeof *sample);
    if (sample == NULL)
        return no_memory(job);
    *list = sample;
    while ((verdict = next_row(rows, job, &at, &score, &sample->x)) == PREF_USE) {
        if (rows->scales != NULL && !rescale(rows, job, &score, stratum, &sample->x))
            continue;
        sample->name = lasting_name(job, &score, whole);
        if (sample->name.ptr == NULL)
            return no_memory(job);
        sample->hash = pref_name_table_hash(names, sample->name);
        sample++;
    }
    *count = (size_t)(sample - *list);
    return verdict == PREF_PASS ? PREF_USE : verdict;
}
