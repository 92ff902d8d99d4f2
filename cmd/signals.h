/* SPDX-License-Identifier: Apache-2.0 */
/* signals.h - SIGINT, SIGTERM and SIGHUP end a run cleanly; a gone reader ends it quietly. */
#ifndef CMD_SIGNALS_H
#define CMD_SIGNALS_H

/* Ignore SIGPIPE and SIGXFSZ, so that writing fails instead, and catch the signals that end a
 * program. Returns a descriptor that becomes
 * readable when one came, or -1 where that could not be set up. */
int signals_catch(void);

/* Die of the signal that was caught, so that the shell sees it. Does not return. */
void signals_die(void);

/* Die of SIGPIPE, as a program does that never heard of it. Does not return. */
void signals_die_of_pipe(void);

/* Standard input, output and error that are closed are opened on something that fails when used,
 * so that no file of ours can take their place. */
void signals_fill_descriptors(void);

#endif
