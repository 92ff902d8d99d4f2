/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan_help.h - what the scanner's tests and its fuzz target share: the shape of a pair record, and
 * a check of one line by all kernels. Returns and structs by value; nothing is kept.
 */
#ifndef PREF_SCAN_HELP_H
#define PREF_SCAN_HELP_H

#include "pref/scan.h"

/* The pair record, every condition checked, and id finite: as a shape that the caller frees. NULL
 * when memory ran out. `any` allows every type at the root. */
struct pref_shape *help_pair_shape(int any);

/* A copy of a line that is followed by exactly PREF_PAD bytes `fill` and the end of its memory. */
char *help_padded(const char *line, size_t len, int fill);

/*
 * Scan with each kernel that runs here and with different bytes after the line, and compare
 * everything: verdict, fault, hits, doc. Then hold the hits against what must be true of any: they
 * lie inside the line, in order, properly nested, and a cursor meets the same values.
 * Returns NULL, or a static sentence that says what differs. `doc_hits` (if not NULL) gets the
 * number of hits, `fault` (if not NULL) the fault.
 */
const char *help_check_line(const struct pref_shape *shape, const char *line, size_t len,
                            struct pref_fault *fault, size_t *doc_hits);

#endif
