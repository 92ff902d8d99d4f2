/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "bands.h"

#include <string.h>

/* How much of a refused text its message quotes. */
#define QUOTE_MAX 40

const char *const strength_action_words[STRENGTH_ACTIONS] = {"keep", "flip", "drop", "smooth",
                                                             "soft"};

/* ---- Parsing --------------------------------------------------------------------------------- */

static int refuse(struct pref_span text, struct pref_err *err, const char *why)
{
    int length = text.len < QUOTE_MAX ? (int)text.len : QUOTE_MAX;
    return pref_usage(err, "--bands: '%.*s%s': %s", length, length > 0 ? text.ptr : "",
                      text.len > QUOTE_MAX ? "..." : "", why);
}

/* "smooth:0.2": the label is what is left of 1, divided once. */
static int parse_smooth(struct pref_span amount, struct strength_band *band, struct pref_err *err)
{
    struct pref_share share;
    struct pref_err why;
    if (pref_share_parse(amount, &share, &why) != PREF_OK)
        return pref_usage(err, "--bands: smooth: %s", why.text);
    band->label = (double)(share.den - share.num) / (double)share.den;
    return PREF_OK;
}

static int parse_action(struct pref_span word, struct strength_band *band, struct pref_err *err)
{
    static const char smooth[] = "smooth:";
    size_t n = sizeof smooth - 1;
    if (word.len >= n && memcmp(word.ptr, smooth, n) == 0) {
        struct pref_span amount = {word.ptr + n, word.len - n};
        band->action = STRENGTH_SMOOTH;
        return parse_smooth(amount, band, err);
    }
    for (unsigned i = 0; i < STRENGTH_ACTIONS; i++) {
        if (i == STRENGTH_SMOOTH || !pref_span_equal(word, pref_span_of(strength_action_words[i])))
            continue;
        band->action = (enum strength_action)i;
        band->label = i == STRENGTH_KEEP || i == STRENGTH_FLIP ? 1 : 0;
        return PREF_OK;
    }
    return refuse(word, err, "no such action, expected keep, flip, drop, smooth:A or soft");
}

static int parse_band(struct pref_span text, struct strength_band *band, struct pref_err *err)
{
    const char *equals = text.len == 0 ? NULL : memchr(text.ptr, '=', text.len);
    if (equals == NULL)
        return refuse(text, err, "expected QUANTILE=ACTION, such as 0.1=flip");
    struct pref_span quantile = {text.ptr, (size_t)(equals - text.ptr)};
    struct pref_span word = {equals + 1, text.len - quantile.len - 1};
    struct pref_err why;
    if (pref_share_parse(quantile, &band->to, &why) != PREF_OK)
        return pref_usage(err, "--bands: %s", why.text);
    return parse_action(word, band, err);
}

/* Whether a share is above another; both have denominators below 2^37 (share.h). */
static bool is_above(struct pref_share a, struct pref_share b)
{
    return pref_share_compare(a.num, a.den, b) > 0;
}

int strength_bands_parse(const char *text, struct strength_bands *bands, struct pref_err *err)
{
    struct pref_share last = {0, 1};
    const struct pref_share all = {1, 1};
    *bands = (struct strength_bands){0};
    for (const char *at = text, *end; at != NULL; at = *end == ',' ? end + 1 : NULL) {
        end = at + strcspn(at, ",");
        struct pref_span one = {at, (size_t)(end - at)};
        struct strength_band *band = &bands->band[bands->count];
        if (bands->count == STRENGTH_BANDS_MAX - 1)
            return pref_usage(err, "--bands: at most %d bands", STRENGTH_BANDS_MAX - 1);
        int status = parse_band(one, band, err);
        if (status != PREF_OK)
            return status;
        if (!is_above(band->to, last))
            return refuse(one, err,
                          "expected a quantile above that of the band before, or above 0");
        last = band->to;
        bands->count++;
    }
    if (is_above(all, last))
        bands->band[bands->count++] =
            (struct strength_band){.to = all, .action = STRENGTH_KEEP, .label = 1};
    return PREF_OK;
}

/* ---- Asking ---------------------------------------------------------------------------------- */

unsigned strength_bands_find(const struct strength_bands *bands, uint64_t twice, uint64_t of)
{
    unsigned at = 0;
    while (at + 1 < bands->count && pref_share_compare(twice, of, bands->band[at].to) > 0)
        at++;
    return at;
}

bool strength_bands_have(const struct strength_bands *bands, enum strength_action action)
{
    for (unsigned i = 0; i < bands->count; i++)
        if (bands->band[i].action == action)
            return true;
    return false;
}

double strength_band_from(const struct strength_bands *bands, unsigned band)
{
    return band == 0 ? 0 : strength_band_to(bands, band - 1);
}

double strength_band_to(const struct strength_bands *bands, unsigned band)
{
    struct pref_share to = bands->band[band].to;
    return (double)to.num / (double)to.den;
}
