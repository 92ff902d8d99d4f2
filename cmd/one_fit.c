/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "one_fit.h"

static int read_rows(struct pref_fit_reader *reader, const struct one_fit *into, void *self,
                     const char *path, struct pref_err *err)
{
    struct pref_fit_row row;
    struct pref_err why = {{0}};
    int more;
    int status = pref_fit_next(reader, &row, &more, err);
    while (status == PREF_OK && more) {
        if (into->row(self, &row, &why) != PREF_OK)
            return pref_fail(err, "%s: %s", path, why.text);
        status = pref_fit_next(reader, &row, &more, err);
    }
    return status;
}

int one_fit_read(const struct pref_texts *operands, const struct one_fit *into, void *self,
                 int stop_fd, struct pref_err *err)
{
    struct pref_fit_reader *reader;
    struct pref_fit_head head;
    struct pref_err why = {{0}};
    if (operands->count != 1)
        return pref_usage(err, "%zu fits were named, expected one ('-' is standard input)",
                          operands->count);
    const char *path = operands->text[0];
    int status = pref_fit_open_until(&reader, path, stop_fd, &head, err);
    if (status != PREF_OK)
        return status;
    if (into->head(self, &head, &why) != PREF_OK)
        status = pref_fail(err, "%s: %s", path, why.text);
    else
        status = read_rows(reader, into, self, path, err);
    pref_fit_close(reader);
    return status;
}
