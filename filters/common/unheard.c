/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "unheard.h"
#include "lib/fit/field.h"

void unheard_warn(struct pref_report *report, struct pref_span name, const char *options)
{
    struct pref_buf shown = {0};
    pref_fit_field_escape(name, &shown);
    if (!shown.failed)
        pref_report_warn(report, "'%.*s', a judge that %s, has no vote that counts in any record",
                         (int)shown.len, shown.ptr, options);
    pref_buf_release(&shown);
}
