/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unicode.h - what Unicode knows of text, behind one file: utf8proc. Folding makes texts equal
 * that differ in ways nobody means: compatibility forms (NFKC), case, blanks.
 *
 * Used by key.h; a folder belongs to one thread and grows with the longest stretch of text that
 * has no place to cut it at.
 */
#ifndef PREF_UNICODE_H
#define PREF_UNICODE_H

#include "buf.h"

/* Applied in the order NFKC, case, NFKC again (if both were asked for), space. */
enum pref_fold {
    PREF_FOLD_NFKC = 1, /* Normalization Form KC, UAX #15 */
    PREF_FOLD_CASE = 2, /* full case folding: C and F of CaseFolding.txt */
    PREF_FOLD_SPACE = 4 /* each run of White_Space to one blank; none at the ends */
};

struct pref_folder;
struct pref_folder *pref_folder_new(void); /* NULL when memory ran out */
void pref_folder_free(struct pref_folder *folder);

/* Fold `text`, valid UTF-8, by a mask of enum pref_fold. *out lives until the folder's next call,
 * and may be `text` itself. Linear in the bytes. PREF_FAIL when memory ran out. */
int pref_fold_text(struct pref_folder *folder, unsigned folds, struct pref_span text,
                   struct pref_span *out, struct pref_err *err);

/* The version of Unicode behind all this: "15.0.0". */
const char *pref_unicode_version(void);

#endif
