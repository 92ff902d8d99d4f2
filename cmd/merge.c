/* SPDX-License-Identifier: Apache-2.0 */
/* pref merge: add the fits of parts of a corpus, which gives the fit of the whole. */
#include "config.h"

#include "alone.h"
#include "inputs.h"
#include "table.h"
#include "lib/stream/target_name.h"
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

static int is_among(const char *output, const struct pref_texts *names)
{
    for (size_t i = 0; i < names->count; i++)
        if (pref_target_is_input(output, names->text[i]))
            return 1;
    return 0;
}

/* A new file may take the place of a fit, which was read by then; what is added to one that is open
 * would be read as well. */
static int check_output(const char *output, const struct pref_texts *fits,
                        const struct pref_texts *lists, struct pref_err *err)
{
    const char *shown = pref_target_show(output);
    if (pref_target_in_place(output) && is_among(output, fits))
        return pref_usage(err, "--output '%s' is also an input", shown);
    if (is_among(output, lists))
        return pref_usage(err, "--output '%s' is a side input, which is never written", shown);
    return PREF_OK;
}

static int run(void *self, struct pref_texts *fits, int stop_fd, struct pref_err *err)
{
    const struct merge *merge = self;
    struct pref_texts lists = {0};
    int status = inputs_complete(fits, merge->files_from, &lists, NULL, stop_fd, err);
    if (status == PREF_OK && fits->count == 0)
        status = pref_usage(err, "no fit was named, expected one or more ('-' is standard input)");
    if (status == PREF_OK)
        status = check_output(merge->output, fits, &lists, err);
    if (status == PREF_OK)
        status = pref_fit_merge(fits->text, fits->count, merge->output, stop_fd, err);
    inputs_release(&lists);
    return status;
}

int merge_main(int argc, char **argv)
{
    struct merge merge = {.output = "-"};
    return alone(run, &merge, &merge.alone, argc, argv);
}
