/* SPDX-License-Identifier: Apache-2.0 */
/* inputs.h - what a run takes from its surroundings besides argv: lists of files, a table seed. */
#ifndef CMD_INPUTS_H
#define CMD_INPUTS_H

#include "pref/option.h"
#include "pref/source.h"

/* Copy the operands and append the names in `list` (--files-from; NULL: none; "-": standard input,
 * which then is no input), one a line, so that all names belong to `inputs` alone. A list that
 * names nothing is an error; PREF_LATER where `stop_fd` (-1: none) became readable before its end.
 *
 * Where `expected` is not NULL, a file called manifest.json stands for the shards that it lists,
 * and *expected receives what each input must hold; it is the caller's to free, and NULL if no
 * manifest was named. *lists receives the names of the list and of such manifests, to be released
 * like `inputs`, also by a failure. */
int inputs_complete(struct pref_texts *inputs, const char *list, struct pref_texts *lists,
                    struct pref_expected **expected, int stop_fd, struct pref_err *err);

/* Free what inputs_complete and the parser made. */
void inputs_release(struct pref_texts *inputs);

/* The seed of this run's tables: random, or PREF_TABLE_SEED from the environment for tests. */
uint64_t inputs_seed(void);

#endif
