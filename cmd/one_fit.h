/* SPDX-License-Identifier: Apache-2.0 */
/* one_fit.h - for commands that show what is in a fit: read the one that was named. */
#ifndef CMD_ONE_FIT_H
#define CMD_ONE_FIT_H

#include "pref/fit.h"
#include "pref/option.h"

/* Read the only operand, a fit or "-", to its end. Any other number of operands is refused, and so
 * is an `output` that would replace the fit by what is shown of it. */
int one_fit_read(const struct pref_texts *operands, const char *output,
                 const struct pref_fit_taker *into, void *self, int stop_fd, struct pref_err *err);

#endif
