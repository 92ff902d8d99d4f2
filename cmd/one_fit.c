/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "one_fit.h"

#include "lib/stream/target_name.h"

int one_fit_read(const struct pref_texts *operands, const char *output,
                 const struct pref_fit_taker *into, void *self, int stop_fd, struct pref_err *err)
{
    if (operands->count != 1)
        return pref_usage(err, "%zu fits were named, expected one ('-' is standard input)",
                          operands->count);
    if (pref_target_is_input(output, operands->text[0]))
        return pref_usage(err, "--output '%s' is also an input", pref_target_show(output));
    return pref_fit_take(operands->text[0], stop_fd, into, self, err);
}
