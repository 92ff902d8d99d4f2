/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "pref/base.h"

#include <stdio.h>
#include <string.h>

static size_t put_sentence(struct pref_err *err, const char *format, va_list args)
{
    int n = vsnprintf(err->text, sizeof err->text, format, args);
    if (n < 0) {
        err->text[0] = '\0';
        return 0;
    }
    return (size_t)n < sizeof err->text ? (size_t)n : sizeof err->text - 1;
}

int pref_fail(struct pref_err *err, const char *format, ...)
{
    if (err != NULL) {
        va_list args;
        va_start(args, format);
        put_sentence(err, format, args);
        va_end(args);
    }
    return PREF_FAIL;
}

int pref_usage(struct pref_err *err, const char *format, ...)
{
    if (err != NULL) {
        va_list args;
        va_start(args, format);
        put_sentence(err, format, args);
        va_end(args);
    }
    return PREF_USAGE;
}

int pref_fail_errno(struct pref_err *err, int number, const char *format, ...)
{
    if (err != NULL) {
        va_list args;
        va_start(args, format);
        size_t n = put_sentence(err, format, args);
        va_end(args);
        char reason[128];
        if (strerror_r(number, reason, sizeof reason) != 0)
            snprintf(reason, sizeof reason, "error %d", number);
        snprintf(err->text + n, sizeof err->text - n, ": %s", reason);
    }
    return PREF_FAIL;
}

int pref_fail_memory(struct pref_err *err, const char *what)
{
    return pref_fail(err, "out of memory for %s", what);
}

struct pref_span pref_span_of(const char *text)
{
    struct pref_span span = {text, text == NULL ? 0 : strlen(text)};
    return span;
}

int pref_span_equal(struct pref_span a, struct pref_span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

int pref_span_compare(struct pref_span a, struct pref_span b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int order = n == 0 ? 0 : memcmp(a.ptr, b.ptr, n);
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}
