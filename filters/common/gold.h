/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gold.h - the field of a record that says which side is better, whatever its votes and scores say:
 * one of the words chosen and rejected, or also tie where that is allowed; or true where it is
 * chosen, and false. Absent in records that nobody labelled. Read by vote (--gold) and by strength
 * (--gold).
 */
#ifndef FILTERS_GOLD_H
#define FILTERS_GOLD_H

#include "pref/record.h"

/* Ask for the field, a key or a JSON Pointer, in records. */
pref_place gold_want(struct pref_shape *shape, const char *field, int tie);

/* PREF_CHOSEN, PREF_REJECTED, PREF_TIE; or PREF_WORDS where the record has no label. */
enum pref_word gold_word(const struct pref_doc *doc, pref_place place);

#endif
