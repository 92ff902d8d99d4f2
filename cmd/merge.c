/* SPDX-License-Identifier: Apache-2.0 */
/* pref merge: add the fits of parts of a corpus, which gives the fit of the whole. */
#include "config.h"

#include "alone.h"
#include "inputs.h"
#include "table.h"
#include "pref/fit.h"

#include <stddef.h>

struct merge {
    const char *output, *files_from;
    struct alone alone;
};

static const struct pref_option options[] = {
    {"output", 'o', PREF_OPTION_TEXT, offsetof(struct merge, output), "FILE",
     "write the fit to FILE when all went well; .zst compresses"},
    {"files-from", 0, PREF_OPTION_TEXT, offsetof(struct merge, files_from), "FILE",
     "read the names of the fits from FILE, one a line"},
    ALONE_OPTIONS(merge, alone)};

const struct command_own merge_own = {
    .brief = "add the fits of parts of a corpus", .operands = "FIT ...", .options = options};

static int run(void *self, struct pref_texts *fits, int stop_fd, struct pref_err *err)
{
    const struct merge *merge = self;
    int status = inputs_complete(fits, merge->files_from, NULL, stop_fd, err);
    if (status == PREF_OK && fits->count == 0)
        status = pref_usage(err, "no fit was named, expected one or more ('-' is standard input)");
    if (status != PREF_OK)
        return status;
    return pref_fit_merge(fits->text, fits->count, merge->output, stop_fd, err);
}

int merge_main(int argc, char **argv)
{
    struct merge merge = {.output = "-"};
    return alone(run, &merge, &merge.alone, argc, argv);
}
