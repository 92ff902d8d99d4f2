/* SPDX-License-Identifier: Apache-2.0 */
/* progress.h - how far a run is, on standard error: records/s, MB/s, time left. */
#ifndef CMD_PROGRESS_H
#define CMD_PROGRESS_H

#include "pref/run.h"

#include <time.h>

struct progress {
    int on, shown;
    struct timespec begun, last;
};

/* Decide whether to show it (asked for; or standard error is a terminal and standard output is
 * not, unless quiet) and hook it into the run. */
void progress_begin(struct progress *progress, int asked, int quiet, struct pref_config *config);

/* Clear the line. */
void progress_end(struct progress *progress);

#endif
