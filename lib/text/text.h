/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text.h - the text of a field: that of a string, or of a conversation, whose messages' contents
 * are joined by LF, roles left out. And how long it is, in characters. For filters that look at
 * what was said. Nothing here is kept.
 */
#ifndef PREF_TEXT_H
#define PREF_TEXT_H

#include "pref/buf.h"

/*
 * Append the text of an accepted value, as valid UTF-8. A string gives its characters. An array
 * gives the texts of its messages that have one, joined by LF: of a message its `content`, which
 * is a string, or an array of parts; of a part its `text`; of a string in the place of either, the
 * string. Everything else (null, an object, images, calls of tools) says nothing.
 *
 * Returns 0, or PREF_FAIL at a lone surrogate. Out of memory shows in out->failed. Linear.
 */
int pref_text_add(struct pref_span value, struct pref_buf *out);

/* The same without copying a string that has no escape: a span into it, or into `scratch`, which is
 * cleared first. At least PREF_PAD readable bytes follow it where they follow `value`. */
int pref_text_of(struct pref_span value, struct pref_buf *scratch, struct pref_span *text);

/* The same of the first turn: of an array, its first message alone, instructions ahead of it (of
 * the role "system" or "developer") left out. */
int pref_text_of_first(struct pref_span value, struct pref_buf *scratch, struct pref_span *text);

/* The Unicode characters (code points) of valid UTF-8. */
size_t pref_text_characters(struct pref_span text);

/* Whether valid UTF-8 has no character that is not White_Space: 1 or 0. */
int pref_text_is_blank(struct pref_span text);

#endif
