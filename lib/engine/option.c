/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "pref/grade.h"
#include "pref/number.h"
#include "pref/option.h"
#include "pref/share.h"

#include <stdlib.h>
#include <string.h>

static int read_size(const char *text, uint64_t *out)
{
    struct pref_span digits = pref_span_of(text);
    unsigned shift = 0;
    if (digits.len > 0) {
        char unit = text[digits.len - 1];
        shift = unit == 'K' ? 10 : unit == 'M' ? 20 : unit == 'G' ? 30 : 0;
        if (shift != 0)
            digits.len--;
    }
    uint64_t value;
    if (pref_u64_parse(digits, &value) != PREF_OK || value > UINT64_MAX >> shift)
        return 0;
    *out = value << shift;
    return 1;
}

/* The number of `argument` among "a|b|c", or -1. */
static int choice_of(const char *choices, const char *argument)
{
    size_t n = strlen(argument);
    int number = 0;
    for (const char *at = choices;; number++) {
        const char *bar = strchr(at, '|');
        size_t len = bar == NULL ? strlen(at) : (size_t)(bar - at);
        if (len == n && memcmp(at, argument, n) == 0)
            return number;
        if (bar == NULL)
            return -1;
        at = bar + 1;
    }
}

static int list_add(struct pref_texts *list, const char *argument, struct pref_err *err)
{
    const char **text = realloc(list->text, (list->count + 1) * sizeof *text);
    if (text == NULL)
        return pref_fail_memory(err, "options");
    list->text = text;
    list->text[list->count++] = argument;
    return PREF_OK;
}

int pref_option_set(const struct pref_option *option, void *owner, const char *argument,
                    struct pref_err *err)
{
    void *value = (char *)owner + option->offset;
    const char *expected = NULL;
    switch (option->kind) {
    case PREF_OPTION_FLAG:
        *(int *)value = 1;
        return PREF_OK;
    case PREF_OPTION_TEXT:
        *(const char **)value = argument;
        return PREF_OK;
    case PREF_OPTION_LIST:
        return list_add(value, argument, err);
    case PREF_OPTION_COUNT:
        if (pref_u64_parse(pref_span_of(argument), value) == PREF_OK)
            return PREF_OK;
        expected = "a whole number";
        break;
    case PREF_OPTION_SIZE:
        if (read_size(argument, value))
            return PREF_OK;
        expected = "a size such as 64M";
        break;
    case PREF_OPTION_CHOICE: {
        int number = choice_of(option->argument, argument);
        if (number >= 0) {
            *(int *)value = number;
            return PREF_OK;
        }
        expected = option->argument;
        break;
    }
    case PREF_OPTION_SHARE:
        if (pref_share_parse(pref_span_of(argument), value, NULL) == PREF_OK)
            return PREF_OK;
        expected = "a share from 0 to 1 such as 0.75 or 2/3";
        break;
    case PREF_OPTION_SCALE:
        if (pref_scale_parse(pref_span_of(argument), value) == PREF_OK)
            return PREF_OK;
        expected = "two different integers from -1000 to 1000 such as 1..7";
        break;
    }
    return pref_usage(err, "--%s: '%s', expected %s", option->name, argument, expected);
}

void pref_options_release(const struct pref_option *table, void *owner)
{
    for (; table->name != NULL; table++) {
        if (table->kind == PREF_OPTION_LIST) {
            struct pref_texts *list = (struct pref_texts *)(void *)((char *)owner + table->offset);
            free(list->text);
            *list = (struct pref_texts){0};
        }
    }
}
