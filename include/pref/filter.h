/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter.h - the contract between a filter and the engine.
 *
 * A filter is a struct pref_filter: a name, a table of options, and up to a dozen functions. It
 * sees records and nothing else: no argv, no files, no threads, no printing. The engine reads,
 * cuts lines, scans them against the filter's shape, and calls
 *
 *   map      on any thread, one record at a time, with the filter's state read-only: all that can
 *            be said of a record by itself. What commit needs of it goes into the record's note.
 *   commit   on one thread at a time, in input order: tables, counts, verdicts that depend on
 *            other records. The record's bytes are there, its scan is not.
 *
 * A filter that must know the whole corpus first has two more halves, called the same way over the
 * whole input before the first map:
 *
 *   learn    as map, parallel; fills the note, changes nothing
 *   absorb   as commit, serial and in order; adds the note to the state
 *   settle   once before the first map: what was learnt, or loaded, is whole (also called where
 *            nothing is learnt)
 *
 * A filter that compares records with other files names them in open: side inputs. The engine
 * reads them to their end before the first record, once, and calls two halves of the same kind:
 *
 *   study    as map, parallel; fills the note, changes nothing
 *   gather   as commit, serial and in order: the files as they were named; adds the note to the
 *            state
 *
 * A malformed line of a side input ends the run whatever --on-error says, and no output may name
 * one. Of their records the engine counts none.
 *
 * What it learnt leaves and comes as a fit, if it is order-free (save, load). A filter that must
 * learn twice (scales, then quantiles of what was scaled) says so in open; learn, absorb and settle
 * are then called in that order once more, and it counts the calls of settle.
 *
 * What a filter removes or replaces on disk it leaves alone until `begin`, which is called once,
 * behind the side inputs and before the first record of the first phase: what can be refused before
 * a record is read (options, files that do not open, outputs that meet) was refused by then.
 *
 * A filter that must ask a co-process returns PREF_ASK from map. The record is then suspended:
 *
 *   ask      is called with PREF_ANSWER_FIRST, then with each answer; writes the next question, or
 *            says that it knows enough. Others records proceed meanwhile.
 *   resume   as map, on any thread, with the record scanned anew, once ask knows enough.
 *
 * Where open sets a budget of questions for the whole run, `most` tells beforehand how many each
 * record may come to. A record that is too late for it is told so: ask is called once, with
 * PREF_ANSWER_REFUSED, and has no question to put.
 *
 * commit still sees input order. Memory that belongs to one record's note is taken from
 * pref_job_alloc and freed by the engine. What map needs to work with from record to record, and
 * no other thread may touch (a matcher, a table), is made by `enter`, once a thread, and is then
 * job->own.
 */
#ifndef PREF_FILTER_H
#define PREF_FILTER_H

#include "edit.h"
#include "fit.h"
#include "key.h"
#include "option.h"
#include "oracle.h"
#include "record.h"
#include "reread.h"

/* What becomes of a record. */
enum pref_verdict {
    PREF_PASS,      /* it leaves, with the edits collected, if any */
    PREF_REJECT,    /* it goes to --rejects, as it came, with a reason */
    PREF_MALFORMED, /* it is no record for this tool: an error with a reason */
    PREF_USE,       /* it was used and leaves nothing here: learnt from, or written elsewhere */
    PREF_ASK,       /* suspended on a question (map only) */
    PREF_BROKEN     /* the run cannot go on: the filter filled the err */
};

/* The first call of ask, before any answer; and the only one, where the budget does not allow a
 * first question. */
#define PREF_ANSWER_FIRST ((enum pref_answer)3)
#define PREF_ANSWER_REFUSED ((enum pref_answer)4)

/* Common options that filters read. */
struct pref_common {
    struct pref_names names; /* --prompt, --chosen, ... */
    const char *as;          /* --as KEY, or NULL: the tool's own name */
    uint64_t table_seed;     /* of this run's tables; no output may depend on it */
};

/* ---- Opening ----------------------------------------------------------------------------- */

struct pref_side;
struct pref_press;

/* What open works with. */
struct pref_opening {
    struct pref_shape *shape;        /* to be told what the filter reads */
    const struct pref_common *common;
    struct pref_texts side_inputs;   /* open sets it to the names of files, which outlive the run;
                                      * "-" is refused */
    struct pref_shape *side_shape;   /* to be told what is read of them; or set to `shape`, where
                                      * that is the same */
    const char *own_output;          /* open sets it to a file that the filter itself will write, so
                                      * that no other output can be that; NULL: none; */
    const char *own_option;          /* and this to the option that names it, "--save-index" */
    int no_records;                  /* open sets it where none is read: what leaves is the tail */
    unsigned learns;                 /* open sets it to the steps of learning this run needs */
    int to_fit;                      /* 1: what is learnt leaves as a fit, --fit */
    size_t from_fits;                /* steps of learning that fits stand for, --use */
    struct pref_oracle_config oracle; /* open sets `command` if records will ask; the rest has
                                       * values that will do */
    uint64_t budget;                 /* open sets it to the answers that the whole run may ask for;
                                      * 0: any number */
    struct pref_press *press;        /* for sinks of the filter's own (sink.h): the run's threads
                                       * compress for them; there until close has returned */
    int stop_fd;                     /* readable once the run must end, or -1: what works for long,
                                      * as settle may, looks at it and returns PREF_LATER */
    void *engine;
};

/* The filter itself reads the file `path` ("-": standard input), at whatever time: a run is refused
 * that would write to it. The name is copied. */
int pref_open_read(struct pref_opening *opening, const char *path, struct pref_err *err);

/* A side output of JSON lines in input order, for commit to write; written even when empty.
 * `option`, which names it in messages, and `path` outlive the run. */
int pref_open_side(struct pref_opening *opening, const char *option, const char *path,
                   struct pref_side **side, struct pref_err *err);

/* The user named this place, so some record should have it: where none has, the run warns of it. */
void pref_open_await(struct pref_opening *opening, pref_place place);

/* The input's lines will be read again, as far as that can be (reread.h): *rereads is the run's,
 * and lives until it closes the filter. */
int pref_open_rereads(struct pref_opening *opening, struct pref_rereads **rereads,
                      struct pref_err *err);

/* ---- One record in the hands of map, learn, study or resume -------------------------------- */

struct pref_job {
    const struct pref_doc *doc;      /* the scanned record */
    struct pref_edits edits;         /* collect changes here; applied if the verdict is PASS */
    struct pref_key_scratch *keys;   /* for pref_key_value */
    struct pref_buf scratch[3];      /* for whatever; kept from record to record, not cleared */
    struct pref_buf why;             /* the reason of a rejection or a fault */
    void *own;                       /* of this thread: what the filter's enter made, or NULL */
    struct pref_err *err;            /* for PREF_BROKEN */
    int missing, later;              /* set by the calls below */
    void *engine, *batch;
};

/* Reject the record: `return pref_reject(job, "agreement %u/%u < %s", ...)`. */
enum pref_verdict pref_reject(struct pref_job *job, const char *format, ...) PREF_PRINTF(2, 3);

/* The record is malformed for this tool: what is wrong and what was expected. */
enum pref_verdict pref_malformed(struct pref_job *job, const char *format, ...) PREF_PRINTF(2, 3);

/* The record lacks the field that the tool works on: counted, and treated as --missing says (PASS,
 * REJECT or MALFORMED is returned). */
enum pref_verdict pref_missing(struct pref_job *job, const char *field);

/* Reject the record because something could not be done now; the run will end with 75. */
enum pref_verdict pref_later(struct pref_job *job, const char *format, ...) PREF_PRINTF(2, 3);

/* The oracle stayed away: so rejected, with why "unanswered". */
enum pref_verdict pref_unanswered(struct pref_job *job);

/* Zeroed memory that lives as long as the record's note; NULL when there is none left. Room is the
 * same with whatever was in it, for what is written whole. */
void *pref_job_alloc(struct pref_job *job, size_t size);
void *pref_job_room(struct pref_job *job, size_t size);

/* Write the tool's annotation: the top-level key of its name (or --as) gets `json`, an object. An
 * older one at `place` is replaced if it is an object with `keys[0]` and none outside `keys`;
 * anything else there is malformed, with advice. A null is replaced, too, if the place was given
 * PREF_NULL_IS_VALUE: without it, the key would come to stand there twice. Returns PASS or
 * MALFORMED. */
enum pref_verdict pref_annotate(struct pref_job *job, const char *name, pref_place place,
                                const char *const *keys, struct pref_span json);

/* ---- One record in the hands of commit, absorb or gather ----------------------------------- */

struct pref_row {
    enum pref_verdict verdict; /* what map said */
    struct pref_span line;     /* as it came */
    const char *file;          /* its place, for audits */
    uint64_t number;
    size_t input;              /* which of the inputs, or side inputs, the file is, from 0 */
    uint64_t ordinal;          /* records before it in the whole input, the same in each phase */
    struct pref_buf *why;      /* for pref_row_reject */
    struct pref_err *err;      /* for PREF_BROKEN */
    void *engine, *batch;
    size_t index;
};

/* Whether anybody will read why a row is rejected; pref_row_reject asks this itself. */
int pref_row_is_told(const struct pref_row *row);

/* Reject in commit. */
enum pref_verdict pref_row_reject(struct pref_row *row, const char *format, ...) PREF_PRINTF(2, 3);

/* The record as it leaves: its edited bytes where map edited it, else its line; no LF. Lives until
 * the next call, or the row's end. Where memory runs out it is empty, and the run ends. */
struct pref_span pref_row_text(const struct pref_row *row);

/* Where the row's line begins, for pref_reread. 0 where it cannot be read again: that of a pipe, of
 * a compressed or a side input, of one behind the first PREF_REREAD_FILES; and where open did not
 * ask for it. What such a line is wanted for later has to be kept. */
uint64_t pref_row_place(const struct pref_row *row);

/* The record scanned anew, for a commit that changes it: edits collected in the job are applied if
 * commit says PASS, instead of any that map collected. Costs a scan; NULL, with row->err filled,
 * where the record cannot be read again. The job ends with the row. */
struct pref_job *pref_row_job(struct pref_row *row);

/* Write one line (LF added) to a side output. Returns PREF_OK or fills row->err. */
int pref_side_write(struct pref_side *side, struct pref_span line, struct pref_err *err);

/* ---- Counts of the tool's own ---------------------------------------------------------------- */

struct pref_report;

/* Add a member to the summary, after the engine's own. */
void pref_report_count(struct pref_report *report, const char *name, uint64_t count);

/* Add a member whose value is any JSON; a span that is NULL, as of a buffer that ran out of memory,
 * fails the run. */
void pref_report_json(struct pref_report *report, const char *name, struct pref_span json);

/* A sentence for standard error at the end (the program prefixes its name). */
void pref_report_warn(struct pref_report *report, const char *format, ...) PREF_PRINTF(2, 3);

/* ---- The filter ---------------------------------------------------------------------------------
 *
 * All but the name may be left out. Without open, the filter reads no field, and what is no JSON
 * object is malformed; without map, every record passes on to commit; without commit, map decides.
 * Only together: learn and absorb; study, gather and side inputs; save and load; ask, resume, and
 * an oracle named by open, with most where there is a budget; enter and leave. */

enum {
    PREF_FITS = 1, /* what it learns is order-free: it has save and load, --fit and --use */
    PREF_MAKES = 2 /* it makes or joins records: reports used instead of out */
};

struct pref_filter {
    const char *name;
    const char *brief;                 /* one line, for help and the manual's NAME */
    const struct pref_option *options; /* values land in the filter's state */
    unsigned traits;
    size_t self_size; /* of its state, which starts zeroed but for what `preset` sets */
    size_t note_size; /* of what a record carries from map to commit; starts zeroed */

    void (*preset)(void *self);
    int (*open)(void *self, struct pref_opening *opening, struct pref_err *err);

    /* Make what one thread works with, after open: left in *own, also by a failure. Leave frees
     * it, after the thread's last record and before close; never called with NULL. */
    int (*enter)(const void *self, void **own, struct pref_err *err);
    void (*leave)(void *own);

    enum pref_verdict (*study)(const void *self, struct pref_job *job, void *note);
    enum pref_verdict (*gather)(void *self, struct pref_row *row, void *note);

    int (*begin)(void *self, struct pref_err *err); /* all is opened, no record was read yet */

    enum pref_verdict (*learn)(const void *self, struct pref_job *job, void *note);
    enum pref_verdict (*absorb)(void *self, struct pref_row *row, void *note);
    int (*settle)(void *self, struct pref_err *err);

    enum pref_verdict (*map)(const void *self, struct pref_job *job, void *note);
    enum pref_verdict (*ask)(const void *self, void *note, enum pref_answer answer,
                             struct pref_buf *question);
    uint64_t (*most)(const void *self, const void *note); /* questions of a record, from 1 */
    enum pref_verdict (*resume)(const void *self, struct pref_job *job, void *note);
    void (*warm)(const void *self, const void *note); /* prefetch what commit will touch */
    enum pref_verdict (*commit)(void *self, struct pref_row *row, void *note);
    int (*tail)(void *self, struct pref_buf *text, struct pref_err *err); /* lines that leave behind
                                                                           * the last record */

    void (*fit_options)(const void *self, struct pref_buf *json); /* what a fit depends on */
    unsigned fit_format;
    int (*save)(void *self, struct pref_fit_writer *writer, struct pref_err *err);
    int (*load)(void *self, const struct pref_fit_row *row, struct pref_err *err);

    int (*finish)(void *self, struct pref_err *err); /* all went well: make its own files whole */
    void (*report)(const void *self, struct pref_report *report);
    void (*close)(void *self); /* frees what open and the rest took; called once, always */
};

#endif
