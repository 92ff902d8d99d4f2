/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scanner, given any bytes as a line. Every kernel must say the same, whatever stands behind
 * the line; hits must lie inside it and nest; a cursor must meet the same values; and a string that
 * is accepted must decode where the shape promised that it does. Where the first byte is odd the
 * root may be of any type.
 */
#include "config.h"

#include "../unit/scan_help.h"
#include "pref/buf.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        abort();
}

/* Every string below the root decodes to UTF-8, or has a lone surrogate; an id always decodes. */
static void decode_all(const struct pref_shape *shape, const struct pref_doc *doc)
{
    struct pref_buf buf = {0};
    struct pref_span text;
    for (size_t i = 0; i < doc->count; i++) {
        const struct pref_hit *hit = &doc->hits[i];
        if (hit->type != PREF_STRING)
            continue;
        int status = pref_string_text(pref_hit_span(doc, hit), &buf, &text);
        require(status == PREF_OK || (shape->rule[hit->place].flags & PREF_TEXT) == 0);
        require(status != PREF_OK || pref_utf8_check(text.ptr, text.len) == text.len);
        require(hit->escaped || (status == PREF_OK && text.len == hit->end - hit->start - 2));
    }
    pref_buf_release(&buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct pref_shape *shape = help_pair_shape(data[0] & 1);
    require(shape != NULL);
    const char *line = (const char *)data + 1;
    require(help_check_line(shape, line, size - 1, NULL, NULL) == NULL);
    struct pref_scanner *scanner = pref_scanner_new(shape);
    struct pref_doc doc;
    struct pref_fault fault;
    char *copy = help_padded(line, size - 1, '"');
    require(scanner != NULL);
    pref_scan(scanner, copy, size - 1, &doc, &fault);
    decode_all(shape, &doc);
    pref_scanner_free(scanner);
    pref_shape_free(shape);
    free(copy);
    return 0;
}
