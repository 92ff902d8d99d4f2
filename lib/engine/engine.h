/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine.h - the inside of a run. Private to engine*.c; everyone else uses run.h and filter.h.
 *
 * The input is cut into batches of whole lines. A batch sits in a slot of a ring and moves through
 * the states below; a thread takes whatever step is possible next, commits first, so that the same
 * loop serves one thread and sixteen. Reading, committing and pumping the oracle are roles that one
 * thread at a time holds; mapping is free for all. Slots are numbered by sequence, commits happen
 * in that order, so the output never depends on who did what.
 */
#ifndef PREF_ENGINE_H
#define PREF_ENGINE_H

#include "lib/oracle/budget.h"
#include "lib/stream/ahead.h"
#include "lib/stream/press.h"
#include "pref/run.h"
#include "pref/share.h"
#include "pref/sink.h"
#include "pref/source.h"

#include <pthread.h>

/* The window of a run that asks an oracle: so many batches, and no further batch once so many
 * records stand in those that wait for answers. */
#define ENGINE_SLOTS_ASKING 64
#define ENGINE_ROWS_ASKING 32768

enum batch_state {
    BATCH_FREE,
    BATCH_BUSY,     /* in the hands of a thread */
    BATCH_FILLED,   /* holds lines to map */
    BATCH_ASKING,   /* mapped; some rows wait for the oracle */
    BATCH_ANSWERED, /* all answers are there; rows are to be resumed */
    BATCH_READY     /* to be committed in its turn */
};

enum { /* struct row.flags */
    ROW_EDITED = 1,    /* some of it, or all with its LF, is replaced by what is in batch->text */
    ROW_MISSING = 2,   /* it lacks the tool's field */
    ROW_LATER = 4,     /* the run is to end with PREF_LATER */
    ROW_SUSPENDED = 8, /* waits for the oracle, or for its resumption */
    ROW_FAULT = 16     /* refused by the scanner: `kind` tells why */
};

/* One line of a batch. */
struct row {
    uint32_t start, len;     /* in batch->block, without LF */
    uint32_t from, to;       /* if edited: what is replaced, in batch->block, */
    uint32_t text, text_len; /* and by what, in batch->text */
    uint32_t why, why_len;   /* in batch->why */
    uint32_t line;           /* its number within the batch, from 0, blank lines counted */
    uint8_t verdict, flags, kind;
};

/* Part of a line that is longer than --max-line. */
enum { OVERLONG_PART = 1, OVERLONG_FIRST = 2, OVERLONG_LAST = 4 };

struct chunk {
    struct chunk *next;
    size_t used, size;
    max_align_t bytes[];
};

struct batch {
    enum batch_state state;
    struct batch *next; /* while idle */
    size_t file;      /* number of the input file */
    int first;        /* the file begins with this batch */
    unsigned overlong;
    uint64_t at;      /* plain bytes of the file before the block */
    struct pref_buf block; /* whole lines, the last with its LF; PREF_PAD bytes readable beyond */
    size_t mapped;    /* so many bytes of it were made rows; the others are when these are gone */
    size_t held;      /* what it counts for in engine->held */
    struct row *rows;
    size_t count, cap;
    char *notes;      /* count times filter->note_size */
    size_t notes_cap;
    struct pref_buf text, why;
    struct chunk *chunks; /* pref_job_alloc and pref_job_room, */
    struct chunk *spare;  /* and empty ones for it */
    uint64_t lines, blank;
    size_t suspended; /* rows still waiting; touched by the pump alone while BATCH_ASKING */
    int asked;        /* their first questions were put */
};

/* Places that records are expected to have. */
struct awaited {
    pref_place place[PREF_PLACES_MAX];
    unsigned count;
};

/* What one thread needs to map. */
struct worker {
    struct engine *engine;
    struct awaited unseen; /* those that none of its records had so far */
    struct pref_scanner *scanner;
    struct pref_doc *doc;
    struct pref_job job;
    struct pref_err err;
};

struct pref_side {
    struct pref_side *next;
    struct pref_sink *sink;
    struct pref_buf line;
    const char *option, *path; /* as it was given */
};

/* A file that is read beside the input: no output may be that. */
struct side_file {
    struct side_file *next;
    char path[];
};

struct pref_report {
    struct pref_buf json; /* ,"name":value ... */
    void (*warn)(void *user, const char *sentence);
    void *user;
};

struct asker; /* ask.c */

enum phase { PHASE_SIDE, PHASE_LEARN, PHASE_APPLY };

/* What is being read: the input, and while that waits, the side inputs. */
struct reading {
    struct pref_source *source;
    struct pref_shape *shape;
    pref_place id;
    struct pref_counts *counts;
};

struct engine {
    const struct pref_filter *filter;
    void *self;
    const struct pref_config *config;
    struct reading now, aside; /* aside.source: NULL without side inputs */
    struct side_file *side_files;
    struct pref_shape *side_shape; /* the engine's to free, used or not */
    struct pref_counts side_counts;
    pref_place reject;
    struct awaited awaited; /* what open named */
    struct pref_opening opening;

    struct pref_press *press; /* of all compressed outputs; freed by pref_run, after the filter */
    struct pref_ahead *ahead; /* of the inputs, one at a time; NULL with one thread */
    struct pref_rereads *rereads; /* of the input; NULL where the filter asked for none */
    struct pref_sink *out, *rejects, *malformed;
    struct pref_side *sides;
    struct pref_oracle *oracle;
    int wake[2]; /* a byte here ends the pump's wait */
    int heard;   /* the oracle was: its command could be started, output may flow */
    struct pref_buf question;
    struct budget budget;       /* of questions; its limit is 0 where there is none */
    struct asker *first, *last; /* records that the budget has not judged yet, in input order */
    int unanswered, refused;    /* there are records whose answers stayed away; that it refused */
    int ask_status;
    struct pref_err ask_err;

    enum phase phase;
    unsigned steps;            /* of learning, before the records are judged */
    int had_learn;             /* a phase of learning went over the input before */
    struct pref_counts learnt; /* its counts */
    struct pref_buf carry; /* the beginning of a line whose end was not read yet */
    int in_overlong; /* the last batch ended inside a line that is too long */
    int drained;     /* the source gave the last bytes of the current file */
    int between;     /* the current file was cut up whole: the next is to be opened */
    int fresh;       /* nothing of the current file was cut up yet */
    int broken_off;  /* reading failed after whole lines that were to go through first */
    struct pref_err broken_err;

    struct batch *batches;   /* as many as slots */
    struct batch **ring;     /* those from next_commit to next_read, in slots */
    struct batch *idle;      /* the others */
    unsigned slots;
    size_t block_size;
    size_t held, window; /* bytes of input in the ring, and from how many on no more are read */
    uint64_t next_read, next_commit;
    pthread_mutex_t lock;
    pthread_cond_t turned;
    int reading, committing, pumping, input_done;
    int read_status;       /* of a failed reading: fails the run once all before it is committed */
    struct pref_err read_err;
    struct worker *workers; /* one a thread, and one more for the committer */
    unsigned threads;

    uint64_t line;         /* physical lines of the current file committed so far */
    uint64_t ordinal;      /* records committed so far in this phase */
    int row_job;           /* commit asked for the present row's job */
    struct pref_buf why, row_text;
    struct pref_share errors_share; /* of records: at most this much */
    uint64_t errors_max;
    int errors_limit;      /* 0: none, 1: errors_max, 2: errors_share */
    int later;             /* an answer stayed away */
    int before;            /* what the stage before ended with, by its summary */
    int status;            /* of the first failure, else 0 */
    struct pref_err err;
};

/* engine.c: read, map and commit the whole input once, with all threads. */
int engine_pass(struct engine *engine, enum phase phase, struct pref_err *err);

/* engine.c: start the other threads (`threads` has PREF_THREADS_MAX places), each with its worker,
 * and with every signal left to the first one. Returns how many there are. */
unsigned engine_spawn(struct engine *engine, pthread_t *threads, void *(*run)(void *worker));

/* fill.c: cut the next batch. *filled is 0 at the end of the input. */
int batch_fill(struct engine *engine, struct batch *batch, int *filled, struct pref_err *err);

/* map.c: a failure leaves its sentence in worker->err. */
int batch_map(struct engine *engine, struct worker *worker, struct batch *batch);
int batch_resume(struct engine *engine, struct worker *worker, struct batch *batch);

/* await.c: strike out what a record has; warn of what none had. */
void await_see(struct awaited *awaited, const struct pref_doc *doc);
void await_warn(const struct engine *engine, struct pref_report *report);

/* batch.c */
struct row *batch_add_row(struct engine *engine, struct batch *batch); /* NULL: no memory */
void *batch_note(const struct engine *engine, const struct batch *batch, size_t row);
void *batch_room(struct batch *batch, size_t size);  /* freed with the batch; or NULL */
void *batch_alloc(struct batch *batch, size_t size); /* the same, zeroed */
void batch_next_part(struct batch *batch, size_t keep); /* forget the rows, keep the block */
void batch_empty(struct batch *batch, size_t keep); /* buffers over `keep` bytes are given back */
void batch_release(struct batch *batch);

/* commit.c */
int batch_commit(struct engine *engine, struct batch *batch, struct pref_err *err);
int engine_errors_final(struct engine *engine, struct pref_err *err);
void engine_overlong_text(const struct engine *engine, struct pref_err *why);

/* ask.c: put the first questions of `fresh` batches, as far as the budget allows, then serve
 * the oracle until something is settled, `wait_ms` is over, engine_wake was called or input_fd (-1:
 * none) became readable. */
int engine_pump(struct engine *engine, struct batch *const *fresh, size_t count, int wait_ms,
                int input_fd, struct pref_err *err);
void engine_wake(struct engine *engine);

/* ask.c: with the lock held, before it is decided what a pump does: a wake that comes after
 * that is then there when it waits. */
void engine_forget_wakes(struct engine *engine);

/* side.c: note what is read beside the input, check the names of side inputs, and read these
 * before the first record. */
int engine_open_side(struct engine *engine, struct pref_err *err);
int engine_read_side(struct engine *engine, struct pref_err *err);

/* targets.c: that no two outputs would be one, standard output or a regular file, there already or
 * not; that only a named -o is an input, and none is read beside it. */
int engine_check_targets(struct engine *engine, struct pref_err *err);

/* open.c: everything a run holds; engine_close frees it whatever state it is in. */
int engine_open(struct engine *engine, struct pref_err *err);
int engine_scan_with(struct engine *engine, struct pref_shape *shape, struct pref_err *err);
void engine_close(struct engine *engine);

/* finish.c: fits, summary, and the order in which a run that went well becomes visible. */
int engine_forget_summary(struct engine *engine, struct pref_err *err);
int engine_check_after(struct engine *engine, struct pref_err *err);
int engine_end_status(const struct engine *engine); /* of a run that comes to its end */
int engine_save_fit(struct engine *engine, struct pref_err *err);
int engine_load_fit(struct engine *engine, const char *path, struct pref_err *err);
int engine_finish(struct engine *engine, struct pref_err *err);

#endif
