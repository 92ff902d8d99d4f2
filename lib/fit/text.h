/* SPDX-License-Identifier: Apache-2.0 */
/* text.h - what the writer and the reader of fits have in common. */
#ifndef PREF_FIT_TEXT_H
#define PREF_FIT_TEXT_H

#include "pref/fit.h"

/* The largest count that is written as a JSON number: doubles hold all integers up to it. */
#define PREF_FIT_NUMBER_MAX (UINT64_C(1) << 53)

/* The file as messages name it. */
const char *pref_fit_name(const struct pref_fit_reader *reader);

#endif
