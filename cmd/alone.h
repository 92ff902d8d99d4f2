/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alone.h - from argv to an exit status for a command that is no filter, as drive.h is for one that
 * is: the options that all such commands share, help, signals, the message of a failure.
 */
#ifndef CMD_ALONE_H
#define CMD_ALONE_H

#include "pref/option.h"

/* Part of a command's own struct, which holds the values of its options. */
struct alone {
    int quiet, help, version;
};

/* The last rows of the command's table of options; `member` is its name in `struct type`. */
#define ALONE_OPTIONS(type, member)                                                                \
    {"quiet", 'q', PREF_OPTION_FLAG, offsetof(struct type, member.quiet), NULL,                    \
     "print errors only"},                                                                         \
    {"help", 'h', PREF_OPTION_FLAG, offsetof(struct type, member.help), NULL, "print this"},       \
    {"version", 0, PREF_OPTION_FLAG, offsetof(struct type, member.version), NULL,                  \
     "print the program's version"},                                                               \
    PREF_OPTIONS_END

/* What the command does with its operands, once they and its options are known; the list of
 * operands may be changed as inputs_complete does. `stop_fd` is that of signals_catch. */
typedef int alone_run(void *self, struct pref_texts *operands, int stop_fd, struct pref_err *err);

/* Run the command of the table that argv[0] names: its options are read into `self`, of which
 * `alone` is a part. Returns the exit status. */
int alone(alone_run *run, void *self, const struct alone *alone, int argc, char **argv);

#endif
