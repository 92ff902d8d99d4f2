/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run.h - run one filter over a corpus. This is the whole of what a program needs to know of the
 * engine: fill a configuration, call pref_run, look at the counts.
 *
 * With one thread nothing is spawned. The output is the same bytes for any number of threads.
 */
#ifndef PREF_RUN_H
#define PREF_RUN_H

#include "filter.h"
#include "source.h"

enum pref_on_error { PREF_ON_ERROR_STOP, PREF_ON_ERROR_SKIP };
enum pref_if_missing { PREF_MISSING_PASS, PREF_MISSING_REJECT, PREF_MISSING_ERROR };

#define PREF_MAX_LINE (UINT64_C(64) << 20)       /* --max-line, if nothing is said */
#define PREF_MAX_LINE_LIMIT (UINT64_C(1) << 31) /* what it can be at most */
#define PREF_THREADS_MAX 256

/* Counts of a run. in = out + rejected + malformed for a filter that neither fits nor makes. */
struct pref_counts {
    uint64_t in, out, rejected, malformed, blank, missing;
    uint64_t fitted; /* records learnt from, when the run stops after the first phase */
    uint64_t used;   /* records read by a filter that makes or joins records */
    uint64_t faults[PREF_FAULT_KINDS]; /* malformed, by kind; [0]: refused by the filter itself */
    int complete;    /* 1: the run came to its end and all is written, whatever its status */
};

struct pref_config {
    struct pref_texts inputs;        /* none: standard input */
    const struct pref_expected *expected; /* what each input must hold, or NULL */
    struct pref_texts lists;         /* files that named the inputs: no output may be one of them */
    struct pref_common common;
    const char *output;              /* NULL or "-": standard output, which is closed in the end */
    const char *rejects, *malformed; /* side files, or NULL */
    const char *summary, *after;     /* or NULL */
    const char *fit;                 /* stop after the next step of learning, write this; or NULL */
    struct pref_texts use;           /* load these instead of learning, one for each step */
    int on_error;                    /* enum pref_on_error */
    int skipped_fail;                /* 1: where lines were skipped the run ends with PREF_FAIL, and
                                      * without a sentence: `warn` was told of each */
    int if_missing;                  /* enum pref_if_missing */
    const char *max_errors;          /* "N" or "P%", or NULL */
    uint64_t threads;                /* from 1 */
    uint64_t level;                  /* zstd */
    uint64_t max_line;               /* bytes */
    int long_windows;
    int silent_output;               /* 1: nothing is written to `output`; it is not opened */
    const char *program_version;     /* for the summary */
    int stop_fd;                     /* readable once the run must end; -1: none */

    struct pref_buf *summary_text;   /* the summary of a run that went well, or NULL */

    /* Told of every malformed line that is skipped, on any thread, one at a time; may be NULL. */
    void (*warn)(void *user, const char *sentence);
    void *warn_user;
    /* Told, with warn_user, what the filter has to warn of at the end; may be NULL. */
    void (*warn_end)(void *user, const char *sentence);
    /* Told now and then how far the run is, on any thread, one at a time; may be NULL. */
    void (*tick)(void *user, const struct pref_counts *counts, uint64_t bytes, uint64_t total);
    void *tick_user;
};

/* What standard settings are: all fields, with one thread. */
struct pref_config pref_config_default(void);

/*
 * Run `filter`, whose state `self` (self_size bytes, zeroed; then preset, then options) is the
 * caller's to free afterwards, over the inputs. Runs in several threads at once do not meet, but
 * for the files they name. The program must ignore SIGPIPE. Fills *counts also when it fails.
 *
 * Returns PREF_OK; PREF_LATER when an oracle stayed away (all else is done and committed) or when
 * stop_fd was readable (*stopped is then 1 and nothing becomes visible); PREF_PIPE when the reader
 * of the output has gone; PREF_USAGE or PREF_FAIL with a sentence. A failed run leaves no output
 * file, no fit and no summary. A run that came to its end (counts->complete) leaves them whatever
 * its status: that of `skipped_fail`, PREF_LATER, or what the summary of `after` passes on.
 */
int pref_run(const struct pref_filter *filter, void *self, const struct pref_config *config,
             struct pref_counts *counts, int *stopped, struct pref_err *err);

/* min(processors this process may use, its cgroup quota, 16), at least 1. */
unsigned pref_threads_default(void);

#endif
