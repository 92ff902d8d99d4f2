/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table.h - the one table of commands. Dispatch, help, completion and the tests that compare the
 * manual with the program are made from it.
 */
#ifndef CMD_TABLE_H
#define CMD_TABLE_H

#include "drive.h"

/* What a command has beside its filter, or in place of one. All members may be NULL. */
struct command_own {
    const char *brief;                 /* where there is no filter */
    const char *operands;              /* as --help shows them; NULL: "[FILE ...]" */
    const struct pref_option *options; /* a table */
};

/* A command is a filter, run by the driver in drive.h, or a function of its own. */
struct command {
    const char *name;
    const struct pref_filter *filter; /* or NULL */
    const struct command_own *own;    /* or NULL */
    int (*main)(int argc, char **argv); /* where it is not just the filter */
};

extern const struct command commands[]; /* ends with a NULL name */

const struct command *command_find(const char *name);
const char *command_brief(const struct command *command);
const char *command_operands(const struct command *command);

/* List all options of a command, as its --help shows them. The owners are left NULL. */
void command_tables(const struct command *command, struct args_table tables[DRIVE_TABLES]);

extern const struct command_own check_own, filter_own, help_own, judges_own, loo_own, merge_own,
    models_own, shard_own;

int check_main(int argc, char **argv);
int filter_main(int argc, char **argv);
int shard_main(int argc, char **argv);
int judges_main(int argc, char **argv);
int loo_main(int argc, char **argv);
int merge_main(int argc, char **argv);
int models_main(int argc, char **argv);
int help_main(int argc, char **argv);

#endif
