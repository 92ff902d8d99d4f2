/* SPDX-License-Identifier: Apache-2.0 */
/* filters.h - the filters there are. One file each; the contract is in filter.h. */
#ifndef FILTERS_H
#define FILTERS_H

#include "pref/filter.h"

extern const struct pref_filter filter_check;
extern const struct pref_filter filter_decon;
extern const struct pref_filter filter_dedup;
extern const struct pref_filter filter_filter;
extern const struct pref_filter filter_flip;
extern const struct pref_filter filter_import;
extern const struct pref_filter filter_loo;
extern const struct pref_filter filter_strength;
extern const struct pref_filter filter_vote;

#endif
