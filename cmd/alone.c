/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "alone.h"

#include "inputs.h"
#include "say.h"
#include "signals.h"
#include "table.h"
#include "version.h"

#include <stdio.h>

static int print_help(const struct command *command, const struct args_table *tables)
{
    printf("usage: pref %s [options] %s\n%s\n", command->name, command_operands(command),
           command_brief(command));
    args_help(tables, stdout);
    printf("\nThe manual has more: pref help %s\n", command->name);
    return fflush(stdout) == 0 ? PREF_OK : PREF_FAIL;
}

int alone(alone_run *run, void *self, const struct alone *alone, int argc, char **argv)
{
    const struct command *command = command_find(argv[0]);
    struct args_table tables[] = {{command->own->options, self, "Options:"}, {NULL, NULL, NULL}};
    struct pref_texts operands = {0};
    struct pref_err err = {{0}};
    say_as(command->name);
    int status = args_parse(tables, argc, argv, &operands, &err);
    if (alone->quiet)
        say_quietly();
    if (status == PREF_OK && alone->help)
        status = print_help(command, tables);
    else if (status == PREF_OK && alone->version)
        status = version_print();
    else if (status == PREF_OK)
        status = run(self, &operands, signals_catch(), &err);
    args_release(tables);
    inputs_release(&operands);
    if (status == PREF_LATER)
        signals_die();
    if (status == PREF_PIPE)
        signals_die_of_pipe();
    if (status != PREF_OK && err.text[0] != '\0')
        say_error(err.text);
    return status;
}
