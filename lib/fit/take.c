/* SPDX-License-Identifier: Apache-2.0 */
/* take.c - a fit that is read from its head to its end by who has a use for each row. */
#include "config.h"

#include "pref/fit.h"

#include "lib/base/fdio.h"
#include "text.h"

#define STOP_EVERY 4096 /* rows: so often a signal is looked for */

static int take_rows(struct pref_fit_reader *reader, int stop_fd,
                     const struct pref_fit_taker *taker, void *self, struct pref_err *err)
{
    struct pref_fit_row row;
    struct pref_err why = {{0}};
    int more;
    int status = pref_fit_next(reader, &row, &more, err);
    for (uint64_t rows = 1; status == PREF_OK && more; rows++) {
        if (rows % STOP_EVERY == 0 && pref_stop_asked(&stop_fd))
            return PREF_LATER;
        status = taker->row(self, &row, &why);
        if (status != PREF_OK) {
            pref_fail(err, "%s: %.900s", pref_fit_name(reader), why.text);
            return status;
        }
        status = pref_fit_next(reader, &row, &more, err);
    }
    return status;
}

int pref_fit_take(const char *path, int stop_fd, const struct pref_fit_taker *taker, void *self,
                  struct pref_err *err)
{
    struct pref_fit_reader *reader;
    struct pref_fit_head head;
    struct pref_err why = {{0}};
    int status = pref_fit_open_until(&reader, path, stop_fd, &head, err);
    if (status != PREF_OK)
        return status;
    status = taker->head(self, &head, &why);
    if (status == PREF_OK)
        status = take_rows(reader, stop_fd, taker, self, err);
    else
        pref_fail(err, "%s: %.900s", pref_fit_name(reader), why.text);
    pref_fit_close(reader);
    return status;
}
