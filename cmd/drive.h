/* SPDX-License-Identifier: Apache-2.0 */
/*
 * drive.h - from argv to an exit status for one filter: the options that all tools share, signals,
 * progress, the line of counts under -v.
 */
#ifndef CMD_DRIVE_H
#define CMD_DRIVE_H

#include "args.h"
#include "pref/run.h"

/* What a command adds to its filter. All members may be zero. */
struct drive_extra {
    const struct pref_option *options; /* of the command's own */
    void *owner;
    /* After parsing: adjust the run, or refuse. */
    int (*before)(void *owner, void *self, struct pref_config *config, struct pref_err *err);
    /* At the end, whatever came. */
    void (*after)(void *owner, const struct pref_counts *counts);
};

#define DRIVE_TABLES 6 /* with the one that ends the list */

/* List the tables of all options of a filter and its command's `own` (or NULL), in the order of
 * --help. The owners are left NULL: the values of a run have theirs. */
void drive_tables(const struct pref_filter *filter, const struct pref_option *own,
                  struct args_table tables[DRIVE_TABLES]);

/* Run a filter as the program does; returns the exit status. */
int drive(const struct pref_filter *filter, const struct drive_extra *extra, int argc,
          char **argv);

#endif
