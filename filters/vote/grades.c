/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "grades.h"

#include "lib/number/put.h"

#include <stddef.h>
#include <string.h>

/* ---- Counting -------------------------------------------------------------------------------- */

struct vote_grades vote_grades_of(int32_t grade)
{
    return (struct vote_grades){.n = 1, .sum = grade, .least = grade, .most = grade};
}

void vote_grades_add(struct vote_grades *grades, const struct vote_grades *other)
{
    if (other->n == 0)
        return;
    if (grades->n == 0 || other->least < grades->least)
        grades->least = other->least;
    if (grades->n == 0 || other->most > grades->most)
        grades->most = other->most;
    grades->n += other->n;
    grades->sum += other->sum;
}

void vote_grades_turn(struct vote_grades *grades, struct pref_scale scale)
{
    int32_t least = pref_grade_turn(scale, grades->most);
    grades->most = pref_grade_turn(scale, grades->least);
    grades->least = least;
    grades->sum = (int64_t)grades->n * (scale.first + scale.last) - grades->sum;
}

char *vote_grades_put(char *at, const struct vote_grades *grades)
{
    if (grades->n == 0)
        return at;
    at = pref_put_u64(pref_put_text(at, ",\"grades\":"), grades->n);
    at = pref_put_double(pref_put_text(at, ",\"grade\":"),
                         (double)grades->sum / (double)grades->n);
    return pref_put_u64(pref_put_text(at, ",\"spread\":"),
                        (uint64_t)(grades->most - grades->least));
}

/* ---- The rules ------------------------------------------------------------------------------- */

void vote_grade_rules_preset(struct vote_grade_rules *rules)
{
    rules->max_spread = UINT64_MAX;
}

int vote_grade_rules_any(const struct vote_grade_rules *rules)
{
    return rules->max_spread != UINT64_MAX || rules->band != NULL;
}

/* A decimal with a sign, or none, as millionths. */
static int read_end(const char *text, size_t len, int64_t *end)
{
    struct pref_span digits = {text, len};
    uint64_t value;
    int negative = len > 0 && *text == '-';
    if (negative) {
        digits.ptr++;
        digits.len--;
    }
    if (pref_micros_parse(digits, PREF_GRADE_MAX, &value) != PREF_OK)
        return PREF_FAIL;
    *end = negative ? -(int64_t)value : (int64_t)value;
    return PREF_OK;
}

int vote_grade_rules_open(struct vote_grade_rules *rules, struct pref_err *err)
{
    if (rules->band == NULL)
        return PREF_OK;
    const char *dots = strstr(rules->band, "..");
    if (dots == NULL ||
        read_end(rules->band, (size_t)(dots - rules->band), &rules->low) != PREF_OK ||
        read_end(dots + 2, strlen(dots + 2), &rules->high) != PREF_OK || rules->low > rules->high)
        return pref_usage(err,
                          "--mean-band: '%s', expected two rising decimals from -%d to %d with at "
                          "most 6 digits after the point, such as -0.5..0.5",
                          rules->band, PREF_GRADE_MAX, PREF_GRADE_MAX);
    return PREF_OK;
}

enum pref_verdict vote_grade_rules_judge(const struct vote_grade_rules *rules, struct pref_job *job,
                                         const struct vote_grades *grades, uint8_t *fault)
{
    int64_t spread = grades->most - grades->least;
    int64_t n = (int64_t)grades->n, sum = grades->sum * PREF_MICROS;
    if (n == 0)
        return PREF_PASS;
    if ((uint64_t)spread > rules->max_spread) {
        *fault = VOTE_GRADES_APART;
        return pref_reject(job, "grades %lld apart > %llu", (long long)spread,
                           (unsigned long long)rules->max_spread);
    }
    if (rules->band != NULL && sum >= rules->low * n && sum <= rules->high * n) {
        *fault = VOTE_GRADES_IN_BAND;
        return pref_reject(job, "mean grade %lld/%lld in %s", (long long)grades->sum, (long long)n,
                           rules->band);
    }
    return PREF_PASS;
}
