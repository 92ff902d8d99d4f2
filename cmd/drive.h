/* SPDX-License-Identifier: Apache-2.0 */
/*
 * drive.h - from argv to an exit status for one filter: the options that all tools share, signals,
 * progress, the line of counts under -v.
 */
#ifndef CMD_DRIVE_H
#define CMD_DRIVE_H

#include "args.h"
#include "run.h"

/* What a command adds to its filter. All members may be zero. */
struct drive_extra {
    const struct pref_option *options; /* of the command's own */
    void *owner;
    const char *operands; /* how --help shows the operands; NULL: "[FILE ...]" */
    /* After parsing: adjust the run, or refuse. */
    int (*before)(void *owner, void *self, struct pref_config *config, struct pref_err *err);
    /* At the end, whatever came: may turn the status into another. */
    int (*after)(void *owner, const struct pref_counts *counts, int status);
};

/* Run a filter as the program does; returns the exit status. */
int drive(const struct pref_filter *filter, const struct drive_extra *extra, int argc,
          char **argv);

#endif
