/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "pref/grade.h"

#include <string.h>

#define DIGITS_MAX 4

struct pref_scale pref_scale_default(void)
{
    return (struct pref_scale){-3, 3};
}

int pref_grade_parse(struct pref_span text, int32_t *grade)
{
    int negative = text.len > 0 && text.ptr[0] == '-';
    size_t at = (size_t)negative;
    int32_t value = 0;
    if (text.len == at || text.len - at > DIGITS_MAX || (negative && text.ptr[at] == '0'))
        return PREF_FAIL;
    for (; at < text.len; at++) {
        if (text.ptr[at] < '0' || text.ptr[at] > '9')
            return PREF_FAIL;
        value = value * 10 + (text.ptr[at] - '0');
    }
    *grade = negative ? -value : value;
    return PREF_OK;
}

int pref_scale_parse(struct pref_span text, struct pref_scale *scale)
{
    struct pref_scale read;
    size_t at = 0;
    while (at + 1 < text.len && memcmp(text.ptr + at, "..", 2) != 0)
        at++;
    if (at + 1 >= text.len)
        return PREF_FAIL;
    struct pref_span first = {text.ptr, at}, last = {text.ptr + at + 2, text.len - at - 2};
    const struct pref_scale whole = {-PREF_GRADE_MAX, PREF_GRADE_MAX};
    if (pref_grade_parse(first, &read.first) != PREF_OK ||
        pref_grade_parse(last, &read.last) != PREF_OK || read.first == read.last ||
        !pref_grade_is_on(whole, read.first) || !pref_grade_is_on(whole, read.last))
        return PREF_FAIL;
    *scale = read;
    return PREF_OK;
}

int pref_grade_is_on(struct pref_scale scale, int32_t grade)
{
    return scale.first < scale.last ? grade >= scale.first && grade <= scale.last
                                    : grade >= scale.last && grade <= scale.first;
}

int pref_grade_side(struct pref_scale scale, int32_t grade)
{
    int32_t above = 2 * grade - scale.first - scale.last;
    int side = (above > 0) - (above < 0);
    return scale.first < scale.last ? side : -side;
}

int32_t pref_grade_turn(struct pref_scale scale, int32_t grade)
{
    return scale.first + scale.last - grade;
}
