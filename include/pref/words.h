/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words.h - a text as its words, each a 64-bit hash: what near-duplicates and shared passages are
 * found by. Called from map, on any thread, with scratch memory of that thread.
 *
 * A word is a run of Unicode letters (categories L and Nl) and digits (Nd) with the marks (M) that
 * follow them. A letter of a script written without spaces (Han, kana, Thai, Lao, Khmer, Myanmar)
 * is a word by itself, with its marks. Everything else separates: blanks, punctuation, the
 * apostrophe, symbols, joiners, a mark that no letter or digit stands before.
 *
 * Words are compared in lower case and in Normalization Form C, so that canonically equivalent
 * spellings are one word. Lower case is the simple one of each character, as in UnicodeData.txt;
 * nothing is folded beyond: a final sigma differs from another sigma, "ss" from a sharp s, a
 * fullwidth letter from its ASCII one.
 *
 * The hash of a word of the UTF-8 bytes w (in lower case and NFC), taken as blocks of 16, the last
 * padded with zeros, each block two numbers a and b, least significant byte first:
 *
 *     h = 0;  for each block: h = fold((a ^ K0 ^ h) * (b ^ K1));  in the end: h = fold(h * K2)
 *
 * where fold exclusive-ors the two halves of the 128-bit product. It is the same on every machine
 * and in every run, and it is no secret: whoever wants to can make words of equal hashes.
 */
#ifndef PREF_WORDS_H
#define PREF_WORDS_H

#include "buf.h"

#define PREF_WORDS_K0 UINT64_C(0xa0761d6478bd64ff)
#define PREF_WORDS_K1 UINT64_C(0xe7037ed1a0b428ff)
#define PREF_WORDS_K2 UINT64_C(0x8ebc6af09c88c6e3)

/* Where a word stands: from byte `start` of its text up to byte `end`. */
struct pref_word_place {
    uint32_t start, end;
};

/* The words of one text, and memory that is kept from text to text: of one thread. Zeroed before
 * its first use. Holds 4 bytes for each byte of the longest text met, of which what words do not
 * need is never touched, and as much again once places were asked for; beside them up to 1 MiB of
 * what is known of characters. */
struct pref_words {
    uint64_t *hash;                /* of each word, in order */
    struct pref_word_place *place; /* of each word; only from pref_words_find_places */
    size_t count;

    struct pref_words_own *own;    /* the rest is for words.c */
    size_t hash_cap, place_cap;
};

void pref_words_release(struct pref_words *words);

/* Find the words of `text`, valid UTF-8 of less than 4 GiB, in place of those of the text before.
 * PREF_PAD readable bytes must follow it. Linear in the bytes. PREF_FAIL when memory ran out, or
 * for a longer text. */
int pref_words_find(struct pref_words *words, struct pref_span text, struct pref_err *err);

/* The same, with their places. */
int pref_words_find_places(struct pref_words *words, struct pref_span text, struct pref_err *err);

#endif
