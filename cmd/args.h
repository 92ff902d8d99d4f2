/* SPDX-License-Identifier: Apache-2.0 */
/*
 * args.h - argv against tables of options. Long options take "--name value" or "--name=value",
 * short ones "-o value" or "-ovalue"; "--" ends the options; all else are operands, in any place.
 */
#ifndef CMD_ARGS_H
#define CMD_ARGS_H

#include "pref/option.h"

#include <stdio.h>

/* A table, the struct that its offsets refer to, and the heading --help puts above it. */
struct args_table {
    const struct pref_option *options; /* NULL ends the list of tables */
    void *owner;
    const char *heading;
};

/* Parse argv[1..]. Operands are appended to `operands`. */
int args_parse(const struct args_table *tables, int argc, char **argv, struct pref_texts *operands,
               struct pref_err *err);

/* Print the options as --help does. */
void args_help(const struct args_table *tables, FILE *out);

/* Free the lists of all tables. */
void args_release(const struct args_table *tables);

#endif
