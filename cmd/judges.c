/* SPDX-License-Identifier: Apache-2.0 */
/* pref judges: what the fit of a corpus's votes says of each judge, as a table. */
#include "config.h"

#include "alone.h"
#include "inputs.h"
#include "one_fit.h"
#include "say.h"
#include "table.h"
#include "cmd/judges/measure.h"
#include "cmd/judges/print.h"
#include "pref/sink.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct judges {
    const char *output;
    int format; /* enum judges_format */
    struct alone alone;
    struct vote_patterns patterns;
};

static const struct pref_option options[] = {
    {"format", 0, PREF_OPTION_CHOICE, offsetof(struct judges, format), "text|json|tsv",
     "a table to read, JSON Lines, or columns with TABs (text)"},
    {"output", 'o', PREF_OPTION_TEXT, offsetof(struct judges, output), "FILE",
     "write the table to FILE when all went well"},
    ALONE_OPTIONS(judges, alone)};

const struct command_own judges_own = {.brief =
                                           "show how far each judge of a panel can be believed",
                                       .operands = "FIT",
                                       .options = options};

/* Whether the fit is one of votes' patterns, whatever else it was made with. */
static int take_head(void *self, const struct pref_fit_head *head, struct pref_err *err)
{
    static const char method[] = "{\"method\":\"dawid-skene\",";
    (void)self;
    if (strcmp(head->tool, "vote") == 0 && head->format == 1 &&
        strncmp(head->options, method, sizeof method - 1) == 0)
        return PREF_OK;
    return pref_fail(err, "a fit of %s, format %u, %s, expected one of vote --method dawid-skene",
                     head->tool, head->format, head->options);
}

static int take_row(void *self, const struct pref_fit_row *row, struct pref_err *err)
{
    struct judges *judges = self;
    return vote_patterns_load(&judges->patterns, row, err);
}

static const struct pref_fit_taker into_patterns = {take_head, take_row};

static int show(const struct judges *judges, struct pref_err *err)
{
    const struct vote_patterns *patterns = &judges->patterns;
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

static int run(void *self, struct pref_texts *fits, int stop_fd, struct pref_err *err)
{
    struct judges *judges = self;
    struct vote_patterns *patterns = &judges->patterns;
    int status = vote_patterns_open(patterns, inputs_seed(), 0, err);
    patterns->stop_fd = &stop_fd;
    if (status == PREF_OK)
        status = one_fit_read(fits, judges->output, &into_patterns, judges, stop_fd, err);
    if (status == PREF_OK)
        status = vote_patterns_settle(patterns, err);
    if (status == PREF_OK)
        status = show(judges, err);
    vote_patterns_release(patterns);
    return status;
}

int judges_main(int argc, char **argv)
{
    struct judges judges = {.output = "-"};
    return alone(run, &judges, &judges.alone, argc, argv);
}
