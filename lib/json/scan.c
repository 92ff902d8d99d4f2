/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "blank.h"
#include "scan_impl.h"
#include "lib/base/cpu.h"
#include "pref/number.h"

#include <stdlib.h>
#include <string.h>

struct pref_scanner *pref_scanner_new_kernel(const struct pref_shape *shape,
                                             enum scan_kernel kernel)
{
    if (kernel == SCAN_AVX2 && !pref_cpu_avx2())
        return NULL;
    struct pref_scanner *scanner = calloc(1, sizeof *scanner);
    if (scanner == NULL)
        return NULL;
    scanner->shape = shape;
    scanner->walk = pref_scan_walk_portable;
#if PREF_HAVE_AVX2
    if (kernel == SCAN_AVX2)
        scanner->walk = pref_scan_walk_avx2;
#endif
    if (pref_scan_plan(scanner) != PREF_OK) {
        pref_scanner_free(scanner);
        return NULL;
    }
    return scanner;
}

struct pref_scanner *pref_scanner_new(const struct pref_shape *shape)
{
    return pref_scanner_new_kernel(shape, pref_cpu_avx2() ? SCAN_AVX2 : SCAN_PORTABLE);
}

void pref_scanner_free(struct pref_scanner *scanner)
{
    if (scanner == NULL)
        return;
    pref_scan_plan_release(scanner);
    free(scanner);
}

int pref_scan(struct pref_scanner *scanner, const char *line, size_t len, struct pref_doc *doc,
              struct pref_fault *fault)
{
    doc->line = line;
    doc->len = len;
    doc->open = doc->close = 0;
    doc->count = 0;
    doc->empty = 0;
    memset(doc->at, 0xff, scanner->shape->count * sizeof doc->at[0]);
    *fault = (struct pref_fault){.kind = PREF_FAULT_NONE, .place = PREF_NOWHERE, .found = -1};
    if (len > PREF_LINE_MAX) {
        fault->kind = PREF_FAULT_LENGTH;
        fault->offset = PREF_LINE_MAX;
        doc->hits = scanner->hits;
        return PREF_FAIL;
    }
    int status = scanner->walk(scanner, line, len, doc, fault);
    doc->hits = scanner->hits;
    for (unsigned i = 0; i < scanner->shape->relations && status == PREF_OK; i++) {
        const struct pref_relation *relation = &scanner->shape->relation[i];
        if (doc->at[relation->when] >= 0)
            status = relation->holds(relation, doc, fault);
    }
    if (status == PREF_OK) {
        const char *p = line + doc->open + 1;
        while (p < line + doc->close && pref_is_blank(*p))
            p++;
        doc->empty = p == line + doc->close;
    } else if (fault->kind == PREF_FAULT_SYNTAX && fault->found < 0) {
        fault->what = pref_scan_early_end(line, line + len);
    }
    return status;
}

int pref_scan_is_value(struct pref_scanner *scanner, struct pref_span text)
{
    struct pref_doc doc;
    struct pref_fault fault;
    return text.len > 0 && !pref_is_blank(text.ptr[0]) && !pref_is_blank(text.ptr[text.len - 1]) &&
           memchr(text.ptr, '\n', text.len) == NULL &&
           pref_scan(scanner, text.ptr, text.len, &doc, &fault) == 0;
}

struct pref_span pref_hit_span(const struct pref_doc *doc, const struct pref_hit *hit)
{
    return (struct pref_span){doc->line + hit->start, hit->end - hit->start};
}

const struct pref_hit *pref_doc_at(const struct pref_doc *doc, pref_place place)
{
    if (place >= PREF_PLACES_MAX || doc->at[place] < 0)
        return NULL;
    return &doc->hits[doc->at[place]];
}

size_t pref_doc_below(const struct pref_doc *doc, pref_place place)
{
    return doc->at[place] < 0 ? doc->count : (size_t)doc->at[place] + 1;
}

double pref_hit_number(const struct pref_doc *doc, const struct pref_hit *hit)
{
    double value = 0;
    pref_number_parse(pref_hit_span(doc, hit), &value);
    return value;
}

int pref_relation_breaks(const struct pref_relation *relation, struct pref_fault *fault,
                         const struct pref_hit *hit, const char *what)
{
    fault->kind = PREF_FAULT_VALUE;
    fault->offset = hit->start;
    fault->place = hit->place;
    fault->what = what;
    memcpy(fault->bound, relation->bound, sizeof fault->bound);
    return PREF_FAIL;
}
