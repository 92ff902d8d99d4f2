/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gold.h - the field of a record that says which side is better, whatever its votes and scores say:
 * one of the words chosen and rejected, or also tie where that is allowed. Absent in records that
 * nobody labelled. Read by vote (--gold) and by strength (--gold).
 */
#ifndef FILTERS_GOLD_H
#define FILTERS_GOLD_H

#include "record.h"

/* Ask for the field, a key or a JSON Pointer, in records. The word of its hit is PREF_CHOSEN,
 * PREF_REJECTED or PREF_TIE. */
pref_place gold_want(struct pref_shape *shape, const char *field, int tie);

#endif
