/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table.h - the one table of commands. Dispatch, help, completion and the tests that compare the
 * manual with the program are made from it.
 */
#ifndef CMD_TABLE_H
#define CMD_TABLE_H

#include "filter.h"

/* A command is a filter, run by the driver in drive.h, or a function of its own. */
struct command {
    const char *name;
    const struct pref_filter *filter; /* or NULL */
    const char *brief;                /* where there is no filter */
    int (*main)(int argc, char **argv); /* where it is not just the filter */
};

extern const struct command commands[]; /* ends with a NULL name */

const struct command *command_find(const char *name);
const char *command_brief(const struct command *command);

int check_main(int argc, char **argv);
int shard_main(int argc, char **argv);
int merge_main(int argc, char **argv);
int help_main(int argc, char **argv);

#endif
