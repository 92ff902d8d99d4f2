/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "scan_impl.h"
#include "utf8.h"

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int is_hex(char c)
{
    return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* The first byte of the escape at `p` that does not fit, `end` where it breaks off, or NULL. */
static const char *escape_fault(const char *p, const char *end)
{
    static const char letters[] = "\"\\/bfnrtu";
    if (++p == end)
        return p;
    int known = 0;
    for (const char *letter = letters; *letter != '\0'; letter++)
        known |= *letter == *p;
    if (!known)
        return p;
    if (*p != 'u')
        return NULL;
    for (int i = 1; i <= 4; i++) {
        if (p + i == end || !is_hex(p[i]))
            return p + i;
    }
    return NULL;
}

void pref_scan_string_fault(const char *line, const char *open, const char *end,
                            struct pref_fault *fault)
{
    const char *p = open + 1;
    const char *bad = NULL;
    const char *what = NULL;
    fault->kind = PREF_FAULT_SYNTAX;
    while (p < end && bad == NULL) {
        size_t n = pref_utf8_sequence((const unsigned char *)p, (const unsigned char *)end);
        if (n == 0) {
            fault->kind = PREF_FAULT_UTF8;
            bad = p;
        } else if ((unsigned char)*p < 0x20) {
            what = "control character @ in a string";
            bad = p;
        } else if (*p == '\\') {
            bad = escape_fault(p, end);
            what = bad == p + 1 ? "bad escape, a backslash before @"
                                : "unexpected @, expected four hexadecimal digits after '\\u'";
            n = p[1] == 'u' ? 6 : 2;
        }
        p += n;
    }
    if (bad == NULL || bad == end) {
        bad = end;
        what = NULL;
    }
    fault->offset = (size_t)(bad - line);
    fault->found = (int16_t)(bad == end ? -1 : (unsigned char)*bad);
    fault->what = fault->kind == PREF_FAULT_UTF8 ? NULL : what;
}

const char *pref_scan_early_end(const char *line, const char *end)
{
    int inside = 0;
    for (const char *p = line; p < end; p++) {
        if (*p == '"')
            inside = !inside;
        else if (*p == '\\' && inside)
            p++;
    }
    return inside ? "the record ends inside a string" : "the record ends before it is complete";
}

static const char *skip_digits(const char *p, const char *end)
{
    while (p < end && is_digit(*p))
        p++;
    return p;
}

const char *pref_scan_number(const char *p, const char *end, const char **bad, const char **what)
{
    if (p < end && *p == '-')
        p++;
    const char *q = skip_digits(p, end);
    *bad = q;
    *what = "unexpected @, expected a digit after '-'";
    if (q == p)
        return NULL;
    if (*p == '0' && q > p + 1) {
        *bad = p + 1;
        *what = "unexpected @ after a leading zero of a number";
        return NULL;
    }
    p = q;
    if (p < end && *p == '.') {
        q = skip_digits(p + 1, end);
        *bad = q;
        *what = "unexpected @, expected a digit after the decimal point";
        if (q == p + 1)
            return NULL;
        p = q;
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        if (p < end && (*p == '+' || *p == '-'))
            p++;
        q = skip_digits(p, end);
        *bad = q;
        *what = "unexpected @, expected a digit of an exponent";
        if (q == p)
            return NULL;
        p = q;
    }
    return p;
}
