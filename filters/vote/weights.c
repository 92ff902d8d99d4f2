/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "weights.h"
#include "pref/number.h"
#include "pref/scan.h"

#include <stdlib.h>
#include <string.h>

struct vote_weight {
    struct pref_span name;
    size_t start; /* of the name among the bytes, until all are there */
    uint64_t weight;
};

static int by_name(const void *a, const void *b)
{
    const struct vote_weight *x = a, *y = b;
    return pref_span_compare(x->name, y->name);
}

/* Read a name up to its '='; *at comes to stand there. */
static int read_name(struct pref_buf *names, const char *option, const char *text, size_t *at,
                     int *quoted, struct pref_err *err)
{
    size_t i = *at;
    *quoted = text[i] == '"';
    if (*quoted) {
        for (i++; text[i] != '\0' && text[i] != '"'; i++) {
            if (text[i] == '\\' && text[++i] != '"' && text[i] != '\\')
                return pref_usage(err, "%s: expected \\\" or \\\\ in a quoted name: '%.200s'",
                                  option, text + *at);
            pref_buf_add_byte(names, text[i]);
        }
        if (text[i++] == '\0')
            return pref_usage(err, "%s: a quote is never closed: '%.200s'", option, text + *at);
    } else {
        while (text[i] != '\0' && strchr(",=\"", text[i]) == NULL)
            pref_buf_add_byte(names, text[i++]);
    }
    if (text[i] != '=' || i == *at)
        return pref_usage(err, "%s: '%.200s', expected JUDGE=NUMBER,...", option, text + *at);
    *at = i + 1;
    return PREF_OK;
}

/* Read a decimal up to a ',' or the end; *at comes to stand there. */
static int read_weight(uint64_t *weight, const char *option, const char *text, size_t *at,
                       struct pref_err *err)
{
    struct pref_span decimal = {text + *at, strcspn(text + *at, ",")};
    if (pref_micros_parse(decimal, VOTE_WEIGHT_MOST, weight) != PREF_OK)
        return pref_usage(err,
                          "%s: '%.*s', expected a decimal from 0 to %d with at most 6 digits "
                          "after the point",
                          option, (int)decimal.len, decimal.ptr, VOTE_WEIGHT_MOST);
    *at += decimal.len;
    return PREF_OK;
}

static int add(struct vote_weights *weights, const struct vote_weight *one, struct pref_err *err)
{
    size_t n = weights->count;
    if ((n & (n - 1)) == 0) { /* powers of two: it is full */
        struct vote_weight *list =
            realloc(weights->list, (n == 0 ? 1 : 2 * n) * sizeof weights->list[0]);
        if (list == NULL)
            return pref_fail_memory(err, "the weights");
        weights->list = list;
    }
    weights->list[weights->count++] = *one;
    return PREF_OK;
}

/* All names are there: point at them, sort, and refuse one that stands there twice. */
static int sort(struct vote_weights *weights, const char *option, struct pref_err *err)
{
    for (size_t i = 0; i < weights->count; i++)
        weights->list[i].name.ptr = weights->names.ptr + weights->list[i].start;
    if (weights->count > 1)
        qsort(weights->list, weights->count, sizeof weights->list[0], by_name);
    for (size_t i = 1; i < weights->count; i++)
        if (by_name(&weights->list[i - 1], &weights->list[i]) == 0)
            return pref_usage(err, "%s: '%.*s' stands there twice", option,
                              (int)weights->list[i].name.len, weights->list[i].name.ptr);
    return PREF_OK;
}

int vote_weights_parse(struct vote_weights *weights, const char *option, const char *text,
                       struct pref_err *err)
{
    size_t len = strlen(text), at = 0, valid = pref_utf8_check(text, len);
    int others = 0, quoted;
    weights->other = VOTE_WEIGHT_ONE;
    if (valid < len)
        return pref_usage(err, "%s: byte %zu: not UTF-8", option, valid);
    pref_buf_reserve(&weights->names, len + 1);
    for (;; at++) {
        struct vote_weight one = {.start = weights->names.len};
        int status = read_name(&weights->names, option, text, &at, &quoted, err);
        if (status == PREF_OK)
            status = read_weight(&one.weight, option, text, &at, err);
        if (status != PREF_OK)
            return status;
        if (weights->names.failed)
            return pref_fail_memory(err, "the weights");
        one.name.len = weights->names.len - one.start;
        if (!quoted && one.name.len == 1 && weights->names.ptr[one.start] == '*') {
            if (others++)
                return pref_usage(err, "%s: '*' stands there twice", option);
            weights->other = one.weight;
        } else if (add(weights, &one, err) != PREF_OK) {
            return PREF_FAIL;
        }
        if (text[at] == '\0')
            return sort(weights, option, err);
    }
}

size_t vote_weights_find(const struct vote_weights *weights, struct pref_span judge)
{
    struct vote_weight key = {.name = judge};
    const struct vote_weight *found =
        weights->count == 0 ? NULL
                            : bsearch(&key, weights->list, weights->count, sizeof key, by_name);
    return found == NULL ? weights->count : (size_t)(found - weights->list);
}

uint64_t vote_weights_at(const struct vote_weights *weights, size_t i)
{
    return i < weights->count ? weights->list[i].weight : weights->other;
}

uint64_t vote_weights_of(const struct vote_weights *weights, struct pref_span judge)
{
    return vote_weights_at(weights, vote_weights_find(weights, judge));
}

struct pref_span vote_weights_name(const struct vote_weights *weights, size_t i)
{
    return weights->list[i].name;
}

void vote_weights_release(struct vote_weights *weights)
{
    pref_buf_release(&weights->names);
    free(weights->list);
    weights->list = NULL;
    weights->count = 0;
}
