/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pattern and a text, both any bytes: the pattern up to the first NUL, the text behind it. What
 * compiles must be found or not, or be given up, in a bounded time; and what is found must have
 * been held possible by its literals, whichever case and place they are in.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/text/needles.h"
#include "lib/text/regex.h"
#include "pref/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        abort();
}

static void search(const struct pref_regex *regex, struct pref_span pattern, struct pref_span text)
{
    struct pref_needles *needles = pref_needles_new();
    struct pref_matcher *matcher = pref_matcher_new();
    struct pref_span found;
    uint64_t possible = 0;
    require(needles != NULL && matcher != NULL);
    require(pref_needles_add(needles, 7, pattern) == PREF_OK);
    pref_needles_find(needles, text, &possible);
    if (pref_regex_find(regex, matcher, text, 0, &found) == PREF_MATCH_FOUND) {
        require(possible == 1 << 7);
        require(found.ptr >= text.ptr && found.ptr + found.len <= text.ptr + text.len);
    }
    pref_needles_free(needles);
    pref_matcher_free(matcher);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *nul = size == 0 ? NULL : memchr(data, 0, size);
    size_t len = nul == NULL ? size : (size_t)(nul - data), rest = nul == NULL ? 0 : size - len - 1;
    struct pref_span pattern = {(const char *)data, len};
    struct pref_regex *regex;
    struct pref_regex_fault fault;
    if (rest > 4096 || pref_utf8_check(pattern.ptr, len) < len)
        return 0;
    char *text = calloc(1, rest + PREF_PAD);
    require(text != NULL);
    if (rest > 0)
        memcpy(text, nul + 1, rest);
    int status = pref_regex_new(&regex, pattern, &fault);
    require(status == PREF_OK || (fault.offset <= len && fault.text[0] != '\0'));
    struct pref_span span = {text, rest};
    if (status == PREF_OK && pref_utf8_check(text, rest) == rest)
        search(regex, pattern, span);
    pref_regex_free(regex);
    free(text);
    return 0;
}
