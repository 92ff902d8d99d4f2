/* SPDX-License-Identifier: Apache-2.0 */
/* pref merge: add the fits of parts of a corpus, which gives the fit of the whole. */
#include "config.h"

#include "args.h"
#include "fit.h"
#include "inputs.h"
#include "say.h"
#include "signals.h"
#include "table.h"
#include "version.h"

#include <stddef.h>
#include <stdio.h>

struct merge {
    const char *output, *files_from;
    int quiet, help, version;
};

static const struct pref_option options[] = {
    {"output", 'o', PREF_OPTION_TEXT, offsetof(struct merge, output), "FILE",
     "write the fit to FILE when all went well; .zst compresses"},
    {"files-from", 0, PREF_OPTION_TEXT, offsetof(struct merge, files_from), "FILE",
     "read the names of the fits from FILE, one a line"},
    {"quiet", 'q', PREF_OPTION_FLAG, offsetof(struct merge, quiet), NULL, "print errors only"},
    {"help", 'h', PREF_OPTION_FLAG, offsetof(struct merge, help), NULL, "print this"},
    {"version", 0, PREF_OPTION_FLAG, offsetof(struct merge, version), NULL,
     "print the program's version"},
    PREF_OPTIONS_END};

const struct command_own merge_own = {
    .brief = "add the fits of parts of a corpus", .operands = "FIT ...", .options = options};

static int print_help(const struct args_table *tables)
{
    printf("usage: pref merge [options] %s\n%s\n", merge_own.operands, merge_own.brief);
    args_help(tables, stdout);
    puts("\nThe manual has more: pref help merge");
    return fflush(stdout) == 0 ? PREF_OK : PREF_FAIL;
}

static int run(struct merge *merge, struct pref_texts *fits, struct pref_err *err)
{
    int status = inputs_complete(fits, merge->files_from, NULL, err);
    if (status == PREF_OK && fits->count == 0)
        status = pref_usage(err, "no fit was named, expected one or more ('-' is standard input)");
    if (status != PREF_OK)
        return status;
    return pref_fit_merge(fits->text, fits->count, merge->output, signals_catch(), err);
}

int merge_main(int argc, char **argv)
{
    struct merge merge = {.output = "-"};
    struct args_table tables[] = {{options, &merge, "Options:"}, {NULL, NULL, NULL}};
    struct pref_texts fits = {0};
    struct pref_err err = {{0}};
    say_as("merge");
    int status = args_parse(tables, argc, argv, &fits, &err);
    if (merge.quiet)
        say_quietly();
    if (status == PREF_OK && merge.help)
        status = print_help(tables);
    else if (status == PREF_OK && merge.version)
        status = version_print();
    else if (status == PREF_OK)
        status = run(&merge, &fits, &err);
    args_release(tables);
    inputs_release(&fits);
    if (status == PREF_LATER)
        signals_die();
    if (status == PREF_PIPE)
        signals_die_of_pipe();
    if (status != PREF_OK && err.text[0] != '\0')
        say_error(err.text);
    return status;
}
