/* SPDX-License-Identifier: Apache-2.0 */
/* pref models: what a fit of strength says of each reward model, and of the panel. */
#include "config.h"

#include "alone.h"
#include "inputs.h"
#include "models_measure.h"
#include "models_print.h"
#include "one_fit.h"
#include "sink.h"
#include "table.h"

#include <stddef.h>

struct models_command {
    const char *output;
    int format; /* enum models_format */
    int matrix;
    struct pref_share low;
    struct alone alone;
    struct models models;
};

static const struct pref_option options[] = {
    {"format", 0, PREF_OPTION_CHOICE, offsetof(struct models_command, format), "text|json|tsv",
     "a table to read, JSON Lines, or columns with TABs (text)"},
    {"matrix", 0, PREF_OPTION_FLAG, offsetof(struct models_command, matrix), NULL,
     "show the correlation of each two models, in place of the table"},
    {"low", 0, PREF_OPTION_SHARE, offsetof(struct models_command, low), "R",
     "name the models whose correlation with the others is below R (0.3)"},
    {"output", 'o', PREF_OPTION_TEXT, offsetof(struct models_command, output), "FILE",
     "write the table to FILE when all went well"},
    ALONE_OPTIONS(models_command, alone)};

const struct command_own models_own = {.brief = "show how reward models differ, and which agree",
                                       .operands = "FIT",
                                       .options = options};

static const struct one_fit into_models = {models_take_head, models_take_row};

static int show(struct models_command *command, struct pref_err *err)
{
    struct models_report report = {
        .models = &command->models, .low = command->low, .matrix = command->matrix};
    struct pref_buf text = {0};
    if (command->matrix && command->models.kind != MODELS_PAIRS)
        return pref_fail(err, "--matrix needs a fit of strength --pairs");
    if (command->models.kind == MODELS_PAIRS)
        models_measure(&command->models, command->low, &report.panel);
    models_print(&report, (enum models_format)command->format, &text);
    int status = text.failed ? pref_fail_memory(err, "the table")
                             : pref_file_write(command->output, pref_buf_span(&text), err);
    pref_buf_release(&text);
    return status;
}

static int run(void *self, struct pref_texts *fits, int stop_fd, struct pref_err *err)
{
    struct models_command *command = self;
    models_init(&command->models, inputs_seed());
    int status = one_fit_read(fits, &into_models, &command->models, stop_fd, err);
    if (status == PREF_OK)
        status = models_settle(&command->models, err);
    if (status == PREF_OK)
        status = show(command, err);
    models_release(&command->models);
    return status;
}

int models_main(int argc, char **argv)
{
    struct models_command command = {.output = "-", .low = {3, 10}};
    return alone(run, &command, &command.alone, argc, argv);
}
