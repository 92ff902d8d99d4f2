/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unicode.h - what Unicode knows of text, behind one file: utf8proc. Folding makes texts equal
 * that differ in ways nobody means: compatibility forms (NFKC), case, blanks. What a character is
 * in a word is for words.h.
 *
 * Used by key.h and words.h; a folder belongs to one thread and grows with the longest stretch of
 * text that has no place to cut it at.
 */
#ifndef PREF_UNICODE_H
#define PREF_UNICODE_H

#include "pref/buf.h"

/* Applied in the order form (NFKC or NFC), case (CASE or LOWER), form again (if both were asked
 * for), space. Of one kind one at most. */
enum pref_fold {
    PREF_FOLD_NFKC = 1,  /* Normalization Form KC, UAX #15 */
    PREF_FOLD_CASE = 2,  /* full case folding: C and F of CaseFolding.txt */
    PREF_FOLD_SPACE = 4, /* each run of White_Space to one blank; none at the ends */
    PREF_FOLD_NFC = 8,   /* Normalization Form C */
    PREF_FOLD_LOWER = 16 /* simple lower case, character by character: that of UnicodeData.txt */
};

struct pref_folder;
struct pref_folder *pref_folder_new(void); /* NULL when memory ran out */
void pref_folder_free(struct pref_folder *folder);

/* Fold `text`, valid UTF-8, by a mask of enum pref_fold. *out lives until the folder's next call,
 * and may be `text` itself. Linear in the bytes. PREF_FAIL when memory ran out. */
int pref_fold_text(struct pref_folder *folder, unsigned folds, struct pref_span text,
                   struct pref_span *out, struct pref_err *err);

/* What a character is in a word. */
enum pref_letter {
    PREF_LETTER_NONE,  /* it separates */
    PREF_LETTER_RUN,   /* a letter or a digit: in a word with its neighbours */
    PREF_LETTER_ALONE, /* a letter of a script written without spaces: a word of its own */
    PREF_LETTER_MARK   /* in the word of what it stands behind */
};

/* What is known of one character: its simple lower case in the low 21 bits, then its enum
 * pref_letter in two, then PREF_LETTER_LOOSE: a word with it in may have another NFC; then its
 * canonical combining class in eight. A word may also have another NFC where a mark stands behind
 * one of a higher class. */
#define PREF_LETTER_LOWER 0x1fffffu
#define PREF_LETTER_SHIFT 21
#define PREF_LETTER_LOOSE (1u << 23)
#define PREF_LETTER_CLASS 24

/* Write that of 256 characters, of which `first` is a multiple. Letters are the categories L and
 * Nl, digits Nd, marks M; the letters of Han, kana, Thai, Lao, Khmer and Myanmar are told by their
 * blocks. */
void pref_unicode_letters(uint32_t first, uint32_t letters[256]);

/* The version of Unicode behind all this: "15.0.0". */
const char *pref_unicode_version(void);

#endif
