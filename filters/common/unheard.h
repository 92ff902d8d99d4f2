/* SPDX-License-Identifier: Apache-2.0 */
/* unheard.h - the warning of a judge that an option names and that nobody knows, which vote and loo
 * give alike. */
#ifndef FILTERS_UNHEARD_H
#define FILTERS_UNHEARD_H

#include "pref/filter.h"

/* Warn that the judge called `name` (decoded), which `options` name ("--cost names"), has no vote
 * that counts in any record. A name that is misspelt is told so. */
void unheard_warn(struct pref_report *report, struct pref_span name, const char *options);

#endif
