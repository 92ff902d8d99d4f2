/* SPDX-License-Identifier: Apache-2.0 */
/*
 * number.h - doubles to and from the text of JSON numbers.
 *
 * Reading rounds correctly: the result is the double nearest to the decimal as written, ties to
 * even, however many digits it has. Writing gives the shortest text that reads back to the same
 * double, and of those the closest. Neither asks the locale, allocates, or depends on anything but
 * its arguments, so that the same number has the same bytes on any machine.
 *
 * Called by whatever reads scores or writes an annotation, a summary or a fit. Nothing here owns
 * memory.
 */
#ifndef PREF_NUMBER_H
#define PREF_NUMBER_H

#include <stddef.h>
#include <stdint.h>

#include "base.h"

/* Room for any text of pref_number_print or pref_u64_print, with its NUL. */
#define PREF_NUMBER_MAX 32

/*
 * Read a JSON number. `text` must be one by RFC 8259's grammar (the scanner has seen to it): an
 * optional '-', digits, an optional fraction, an optional exponent, nothing else. Bytes that are
 * none give some number; no byte outside `text` is read, whatever it holds.
 *
 * Returns 0 with a finite *out ("-0" gives -0.0, and what is too small gives a zero of its sign),
 * or PREF_FAIL if the number is too large for a double: *out is then an infinity of its sign.
 * Cost: linear in the length of the text; memory constant.
 *
 * Method: Clinger's exact case; else the product with a 128-bit power of ten (Lemire, "Number
 * Parsing at a Gigabyte per Second", 2021, section 5), kept with bounds on its error; and where
 * the bounds straddle a rounding boundary, a comparison in exact integers (number_exact.c).
 */
int pref_number_parse(struct pref_span text, double *out);

/*
 * Write the shortest JSON number that pref_number_parse, or any correct reader, turns back into
 * `value`, and a NUL. Below 1e17 in magnitude and from 1e-5 on the text has no exponent ("3",
 * "0.25", "-0" for -0.0); elsewhere it has one digit before the point ("1e17", "2.5e-7").
 *
 * Returns the length without the NUL, or 0 (and an empty string) for a NaN or an infinity, which
 * JSON cannot say.
 *
 * Method: Raffaello Giulietti, "The Schubfach way to render doubles", 2020, with the 128-bit
 * table that reading uses.
 */
size_t pref_number_print(char out[PREF_NUMBER_MAX], double value);

/* Read a whole number: decimal digits alone, leading zeros allowed. Returns 0, or PREF_FAIL where
 * there is none, where anything else stands among them, or beyond 2^64 - 1; *out then stays as it
 * was. */
int pref_u64_parse(struct pref_span digits, uint64_t *out);

#define PREF_MICROS 1000000

/* Read a decimal from 0 to `most` (below 2^40) as a whole number of millionths: digits, and perhaps
 * a point and at most 6 digits more, no sign or exponent; ".5" and "2." will do. Returns 0, or
 * PREF_FAIL where anything else stands there; *out then stays as it was. */
int pref_micros_parse(struct pref_span text, uint64_t most, uint64_t *out);

/* Write `value` in decimal, and a NUL. Returns the length without the NUL: 1 to 20. */
size_t pref_u64_print(char out[PREF_NUMBER_MAX], uint64_t value);

#endif
