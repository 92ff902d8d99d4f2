/* SPDX-License-Identifier: Apache-2.0 */
/* pref judges: what the fit of a corpus's votes says of each judge, as a table. */
#include "config.h"

#include "args.h"
#include "inputs.h"
#include "judges_measure.h"
#include "judges_print.h"
#include "say.h"
#include "signals.h"
#include "sink.h"
#include "table.h"
#include "version.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct judges {
    const char *output;
    int format; /* enum judges_format */
    int quiet, help, version;
};

static const struct pref_option options[] = {
    {"format", 0, PREF_OPTION_CHOICE, offsetof(struct judges, format), "text|json|tsv",
     "a table to read, JSON Lines, or columns with TABs (text)"},
    {"output", 'o', PREF_OPTION_TEXT, offsetof(struct judges, output), "FILE",
     "write the table to FILE when all went well"},
    {"quiet", 'q', PREF_OPTION_FLAG, offsetof(struct judges, quiet), NULL, "print errors only"},
    {"help", 'h', PREF_OPTION_FLAG, offsetof(struct judges, help), NULL, "print this"},
    {"version", 0, PREF_OPTION_FLAG, offsetof(struct judges, version), NULL,
     "print the program's version"},
    PREF_OPTIONS_END};

const struct command_own judges_own = {.brief =
                                           "show how far each judge of a panel can be believed",
                                       .operands = "FIT",
                                       .options = options};

static int print_help(const struct args_table *tables)
{
    printf("usage: pref judges [options] %s\n%s\n", judges_own.operands, judges_own.brief);
    args_help(tables, stdout);
    puts("\nThe manual has more: pref help judges");
    return fflush(stdout) == 0 ? PREF_OK : PREF_FAIL;
}

/* Whether the fit is one of votes' patterns, whatever else it was made with. */
static int check_head(const struct pref_fit_head *head, const char *path, struct pref_err *err)
{
    static const char method[] = "{\"method\":\"dawid-skene\",";
    if (strcmp(head->tool, "vote") == 0 && head->format == 1 &&
        strncmp(head->options, method, sizeof method - 1) == 0)
        return PREF_OK;
    return pref_fail(err,
                     "%s: a fit of %s, format %u, %s, expected one of vote --method dawid-skene",
                     path, head->tool, head->format, head->options);
}

static int load(struct vote_patterns *patterns, const char *path, struct pref_err *err)
{
    struct pref_fit_reader *reader;
    struct pref_fit_head head;
    struct pref_fit_row row;
    struct pref_err why = {{0}};
    int more = 1;
    int status = pref_fit_open(&reader, path, &head, err);
    if (status != PREF_OK)
        return status;
    status = check_head(&head, path, err);
    if (status == PREF_OK)
        status = pref_fit_next(reader, &row, &more, err);
    while (status == PREF_OK && more) {
        if (vote_patterns_load(patterns, &row, &why) != PREF_OK)
            status = pref_fail(err, "%s: %s", path, why.text);
        else
            status = pref_fit_next(reader, &row, &more, err);
    }
    pref_fit_close(reader);
    return status == PREF_OK ? vote_patterns_settle(patterns, err) : status;
}

static int show(const struct judges *judges, const struct vote_patterns *patterns,
                struct pref_err *err)
{
    struct pref_ds_data data = vote_patterns_data(patterns);
    struct judges_report report = {.patterns = patterns};
    struct pref_buf text = {0};
    report.judges = calloc(patterns->judge_count + 1, sizeof *report.judges);
    int status = pref_ds_fit(&report.model, &data, err);
    if (status == PREF_OK && report.judges == NULL)
        status = pref_fail_memory(err, "the measures of judges");
    if (status == PREF_OK)
        status = judges_measure(patterns, &report.model, report.judges, &report.panel, err);
    if (status == PREF_OK) {
        judges_print(&report, (enum judges_format)judges->format, &text);
        status = text.failed ? pref_fail_memory(err, "the table")
                             : pref_file_write(judges->output, pref_buf_span(&text), err);
    }
    if (status == PREF_OK && !report.model.converged)
        say_warning("the model did not converge");
    free(report.judges);
    pref_ds_release(&report.model);
    pref_buf_release(&text);
    return status;
}

static int run(const struct judges *judges, const struct pref_texts *fits, struct pref_err *err)
{
    struct vote_patterns patterns;
    if (fits->count != 1)
        return pref_usage(err, "%zu fits were named, expected one ('-' is standard input)",
                          fits->count);
    signals_catch();
    int status = vote_patterns_open(&patterns, inputs_seed(), 0, err);
    if (status == PREF_OK)
        status = load(&patterns, fits->text[0], err);
    if (status == PREF_OK)
        status = show(judges, &patterns, err);
    vote_patterns_release(&patterns);
    return status;
}

int judges_main(int argc, char **argv)
{
    struct judges judges = {.output = "-"};
    struct args_table tables[] = {{options, &judges, "Options:"}, {NULL, NULL, NULL}};
    struct pref_texts fits = {0};
    struct pref_err err = {{0}};
    say_as("judges");
    int status = args_parse(tables, argc, argv, &fits, &err);
    if (judges.quiet)
        say_quietly();
    if (status == PREF_OK && judges.help)
        status = print_help(tables);
    else if (status == PREF_OK && judges.version)
        status = version_print();
    else if (status == PREF_OK)
        status = run(&judges, &fits, &err);
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
