/* SPDX-License-Identifier: Apache-2.0 */
/*
 * field.h - keys of a fit's rows that are made of several texts: fields with a TAB between them,
 * and in fields that are names a backslash and bytes below a blank escaped. Such keys sort as lists
 * of their fields do. Used by filters whose fits hold names, and by what shows these fits.
 */
#ifndef PREF_FIT_FIELD_H
#define PREF_FIT_FIELD_H

#include "pref/buf.h"

/* Append a decoded name as it stands in fits: a backslash, and bytes below a blank, become a
 * backslash and two hexadecimal digits. */
void pref_fit_field_escape(struct pref_span name, struct pref_buf *out);

/* Append what such a name stands for. PREF_FAIL where pref_fit_field_escape does not write it
 * so. */
int pref_fit_field_unescape(struct pref_span escaped, struct pref_buf *out);

/* The bytes up to a TAB or the end; *at comes to stand behind the TAB. */
struct pref_span pref_fit_field_next(struct pref_span key, size_t *at);

#endif
