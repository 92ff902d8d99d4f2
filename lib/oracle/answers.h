/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answers.h - the answers of an oracle in a file, so that none has to be asked for, or paid for,
 * twice. Used by the oracle alone, one thread at a time; pref-oracle(7) describes the file:
 *
 *   {"pref_answers":1}
 *   {"key":"5d0c6bd8f3b1a7e2c4986a0f7d3e1b52","ok":true}
 *
 * An answer's key is the XXH3-128, with seed 0, of the command, the salt, the repeat number and the
 * record, each text led by its length and each number as 8 bytes, the least significant first: no
 * two questions are framed alike.
 *
 * The file is only appended to, a line at a time with one write, as soon as an answer is known; so
 * a killed process loses nothing that it was told, and at most leaves the beginning of a line,
 * which is cut away before the next line is added. Anything else that is no such line is an error.
 * Any number of processes may share a file: each append is under a lock (fcntl, of the whole file),
 * and reads first what others have added. Of two answers to one question the first in the file
 * holds.
 *
 * The system is asked to bring the file to the disk when it is flushed, and every few seconds while
 * answers are added: this, and only this, is what a machine that dies can lose.
 */
#ifndef PREF_ANSWERS_H
#define PREF_ANSWERS_H

#include "pref/hash.h"

/* Whether an answer is known. */
enum { PREF_ANSWERS_UNKNOWN = -1 };

struct pref_answers;

/* Open a file, or make an empty one, and read its answers (19 to 22 bytes of memory each, and less
 * than 1 MiB beside). The strings are copied. A wait for the lock ends once stop_fd (-1: none) is
 * readable. PREF_FAIL with the file and the line where it is
 * no such file, which is left as it was, or where it is damaged. */
int pref_answers_open(struct pref_answers **answers, const char *path, const char *command,
                      const char *salt, int stop_fd, struct pref_err *err);

/* Bring what was added to the disk. */
int pref_answers_flush(struct pref_answers *answers, struct pref_err *err);

/* The same, as far as it goes, and free; NULL is allowed. */
void pref_answers_close(struct pref_answers *answers);

/* The key of the question about `record`, asked for the `repeat`th time, from 1. */
struct pref_h128 pref_answers_key(struct pref_answers *answers, struct pref_span record,
                                  uint64_t repeat);

/* The answer known: 1 (yes), 0 (no) or PREF_ANSWERS_UNKNOWN. */
int pref_answers_find(const struct pref_answers *answers, struct pref_h128 key);

/* Add an answer, 0 or 1. Where another process was faster, *ok becomes what it added. PREF_FAIL
 * where the line could not be added whole: the file then has none of it. PREF_LATER when stop_fd
 * became readable while somebody else had the lock. */
int pref_answers_put(struct pref_answers *answers, struct pref_h128 key, int *ok,
                     struct pref_err *err);

/* How many answers are known. */
uint64_t pref_answers_count(const struct pref_answers *answers);

#endif
