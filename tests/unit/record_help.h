/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record_help.h - what the tests of records share: a line scanned against a shape, and small random
 * records. One at a time: the line and its scan live until the next call.
 */
#ifndef PREF_RECORD_HELP_H
#define PREF_RECORD_HELP_H

#include "pref/buf.h"
#include "pref/scan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* A shape, the scanner for it, and a padded copy of the line scanned last. */
struct help_record {
    struct pref_shape *shape;
    struct pref_scanner *scanner; /* made by the first scan: the shape is complete then */
    struct pref_buf line;
    struct pref_doc doc;
    struct pref_fault fault;
};

/* An empty shape; fails the test when there is no memory. */
void help_record_init(struct help_record *record);
void help_record_release(struct help_record *record);

/* Scan a line: 1 if it was accepted, else 0, and the fault is in record->fault. */
int help_record_scan(struct help_record *record, struct pref_span line);

/* The same; fails the test where the line is refused. */
void help_record_accept(struct help_record *record, const char *line);

/* Fails the test unless the line is refused with this sentence. */
void help_record_refuse(struct help_record *record, const char *line, const char *sentence);

/* A reproducible number below `n`. */
uint32_t help_below(uint64_t *seed, uint32_t n);

#endif
