/* SPDX-License-Identifier: Apache-2.0 */
/* pref models: what a fit of strength says of each reward model, and of the panel. */
#include "config.h"

#include "alone.h"
#include "inputs.h"
#include "one_fit.h"
#include "table.h"
#include "cmd/models/measure.h"
#include "cmd/models/print.h"
#include "pref/sink.h"

#include <stddef.h>

struct models_command {
    const char *output;
    int format; /* enum models_format */
    int matrix;
    struct pref_share low;
    uint64_t groups; /* or NO_GROUPS */
    struct alone alone;
    struct models models;
    struct models_groups cut;
};

#define NO_GROUPS UINT64_MAX

static const struct pref_option options[] = {
    {"format", 0, PREF_OPTION_CHOICE, offsetof(struct models_command, format), "text|json|tsv",
     "a table to read, JSON Lines, or columns with TABs (text)"},
    {"matrix", 0, PREF_OPTION_FLAG, offsetof(struct models_command, matrix), NULL,
     "show the correlation of each two models, in place of the table"},
    {"low", 0, PREF_OPTION_SHARE, offsetof(struct models_command, low), "R",
     "name the models whose correlation with the others is below R (0.3)"},
    {"groups", 0, PREF_OPTION_COUNT, offsetof(struct models_command, groups), "N",
     "show the records in N groups by strength, from a fit of strength --groups"},
    {"output", 'o', PREF_OPTION_TEXT, offsetof(struct models_command, output), "FILE",
     "write the table to FILE when all went well"},
    ALONE_OPTIONS(models_command, alone)};

const struct command_own models_own = {.brief = "show how reward models differ, and which agree",
                                       .operands = "FIT",
                                       .options = options};

/* Write the text, which is released. */
static int write_out(const struct models_command *command, struct pref_buf *text,
                     struct pref_err *err)
{
    int status = text->failed ? pref_fail_memory(err, "the table")
                              : pref_file_write(command->output, pref_buf_span(text), err);
    pref_buf_release(text);
    return status;
}

static int show_models(struct models_command *command, struct pref_err *err)
{
    struct models_report report = {
        .models = &command->models, .low = command->low, .matrix = command->matrix};
    struct pref_buf text = {0};
    if (command->matrix && command->models.kind != MODELS_PAIRS)
        return pref_fail(err, "--matrix needs a fit of strength --pairs");
    if (command->models.kind == MODELS_PAIRS)
        models_measure(&command->models, command->low, &report.panel);
    models_print(&report, (enum models_format)command->format, &text);
    return write_out(command, &text, err);
}

static int run_models(struct models_command *command, const struct pref_texts *fits, int stop_fd,
                      struct pref_err *err)
{
    static const struct pref_fit_taker into_models = {models_take_head, models_take_row};
    models_init(&command->models, inputs_seed());
    int status = one_fit_read(fits, command->output, &into_models, &command->models, stop_fd, err);
    if (status == PREF_OK)
        status = models_settle(&command->models, err);
    if (status == PREF_OK)
        status = show_models(command, err);
    models_release(&command->models);
    return status;
}

static int run_groups(struct models_command *command, const struct pref_texts *fits, int stop_fd,
                      struct pref_err *err)
{
    static const struct pref_fit_taker into_groups = {models_groups_take_head,
                                                      models_groups_take_row};
    struct models_groups *groups = &command->cut;
    struct pref_buf text = {0};
    if (command->groups < 1 || command->groups > MODELS_GROUPS_MAX)
        return pref_usage(err, "--groups is %llu, expected 1 to %d",
                          (unsigned long long)command->groups, MODELS_GROUPS_MAX);
    if (command->matrix)
        return pref_usage(err, "--groups and --matrix are two tables");
    int status = one_fit_read(fits, command->output, &into_groups, groups, stop_fd, err);
    if (status == PREF_OK)
        status = models_groups_cut(groups, (size_t)command->groups, err);
    if (status == PREF_OK) {
        models_groups_print(groups, (enum models_format)command->format, &text);
        status = write_out(command, &text, err);
    }
    models_groups_release(groups);
    return status;
}

static int run(void *self, struct pref_texts *fits, int stop_fd, struct pref_err *err)
{
    struct models_command *command = self;
    return command->groups == NO_GROUPS ? run_models(command, fits, stop_fd, err)
                                        : run_groups(command, fits, stop_fd, err);
}

int models_main(int argc, char **argv)
{
    struct models_command command = {.output = "-", .low = {3, 10}, .groups = NO_GROUPS};
    return alone(run, &command, &command.alone, argc, argv);
}
