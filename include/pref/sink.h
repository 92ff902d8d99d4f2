/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sink.h - where bytes leave: standard output, or a file that appears under its name only when it
 * is whole. Used by the engine, and by commands that write files of their own. A sink is used from
 * one thread, which writes; others may compress for it (press.h).
 *
 * A regular target is written to a temporary name in the same folder, fsynced and renamed; a
 * symbolic link stays one, and its target is replaced. A target that is not a regular file
 * (/dev/null, a FIFO) is written directly. Every byte and every close is checked.
 *
 * A name ending in .zst is compressed in independent frames. A frame ends with the first LF at or
 * after its plain byte number `frame` (or 64 MiB later, where a line is that long): the file is the
 * same, byte for byte, however the records were batched and whoever compressed them.
 *
 * The first failure is final: later calls repeat it, and only pref_sink_abort is left.
 */
#ifndef PREF_SINK_H
#define PREF_SINK_H

#include "base.h"

struct pref_sink;
struct pref_press;

enum {
    PREF_SINK_ATOMIC = 1,   /* temporary name, fsync, rename at pref_sink_publish */
    PREF_SINK_IN_PLACE = 2, /* side files: opened by their own name, truncated, kept on failure */
    PREF_SINK_PLAIN = 4,    /* not compressed, whatever its name */
    PREF_SINK_GROUP = 8     /* with ATOMIC: publish leaves the folder's fsync to the caller, who
                             * has many files there and calls pref_folder_sync once */
};

struct pref_sink_config {
    const char *name;         /* a path; NULL, "-" or "/dev/stdout" is standard output */
    unsigned flags;           /* ATOMIC or IN_PLACE (as 0), and PLAIN, GROUP */
    int level;                /* zstd level for names ending in .zst; clamped to what there is */
    size_t frame;             /* plain bytes a frame, 0 for the default of 4 MiB */
    size_t gather;            /* bytes that plain targets gather, 0 for the default of 256 KiB */
    int stop_fd;              /* readable once the run must end; -1: none */
    struct pref_press *press; /* compresses; must outlive the sink. NULL: one of its own */
};

/* Whether a target of this name is compressed (NULL: no). */
int pref_sink_packs(const char *name);

/* Refuse a name that promises what is never written, gzip (PREF_USAGE). Opening does this, too. */
int pref_sink_check_name(const char *name, struct pref_err *err);

/* Open. Fails where the target is a folder, may not be written, or has no folder to be made in.
 * A FIFO is waited for until it has a reader, or stop_fd is readable (PREF_LATER). */
int pref_sink_open(struct pref_sink **sink, const struct pref_sink_config *config,
                   struct pref_err *err);

/* Write whole records. Small writes are gathered, large ones (>= 64 KiB) go straight to the kernel
 * without a copy. A reader that has gone gives PREF_PIPE (SIGPIPE must be ignored); a full disk
 * PREF_FAIL, naming the target. A reader that stalls is waited for, but not beyond stop_fd
 * (PREF_LATER): that is sure for pipes, and for others as far as poll tells. */
int pref_sink_write(struct pref_sink *sink, const char *bytes, size_t len, struct pref_err *err);

/* The same of bytes that stay as they are until the next pref_sink_flush: a plain target takes them
 * from where they lie, together with its neighbours, if they are so many: fewer are copied, which
 * is cheaper. */
#define PREF_SINK_LENT_MIN 1024
int pref_sink_lend(struct pref_sink *sink, const char *bytes, size_t len, struct pref_err *err);

/* Hand what was gathered or lent to the kernel (plain targets; a compressed one keeps its open
 * frame). */
int pref_sink_flush(struct pref_sink *sink, struct pref_err *err);

/* Nothing more will be written: the last frame is ended, all bytes are the kernel's, and it begins
 * to write them to the disk. May be left out; of many files, to call it for all of them before the
 * first pref_sink_finish saves most of the waiting. */
int pref_sink_end(struct pref_sink *sink, struct pref_err *err);

/* All bytes are on their way to the disk: last frame ended, flushed, and regular files (other than
 * standard output) fsynced and closed. The name is still absent. */
int pref_sink_finish(struct pref_sink *sink, struct pref_err *err);

/* Another name, in the same folder, for a sink whose file has none yet (ATOMIC, a regular target):
 * for whoever knows the name only when all is written. Whatever bears it is replaced. */
int pref_sink_rename(struct pref_sink *sink, const char *name, struct pref_err *err);

/* Rename into place and close; after pref_sink_finish. Standard output is closed too, and a failing
 * close is an error. Where the file is in place and only the fsync of its folder fails, it stays,
 * and that is an error. Frees the sink, whatever happens. */
int pref_sink_publish(struct pref_sink *sink, struct pref_err *err);

/* Give up: remove the temporary file. What has no temporary name (side files, standard output)
 * receives what was gathered, its last frame ended, unless writing had failed; standard output
 * stays open. Frees the sink. NULL is allowed. */
void pref_sink_abort(struct pref_sink *sink);

/* Plain bytes taken, and bytes written so far, compressed as they are (may be NULL). */
uint64_t pref_sink_bytes(const struct pref_sink *sink, uint64_t *written);

/* Make the names of all files published in a folder last through a crash. A folder that may not be
 * read cannot be synced: that is no failure. */
int pref_folder_sync(const char *folder, struct pref_err *err);

/* Write one small file whole, by temporary name, fsync and rename: summaries, manifests, fits.
 * Never compressed; "-" is standard output, which is closed by it. */
int pref_file_write(const char *path, struct pref_span bytes, struct pref_err *err);

/* Read one small file whole into `out`, which is emptied first; PREF_PAD zero bytes follow its end.
 * More than `limit` bytes are an error. Any file that can be read will do, a FIFO too, which is
 * waited for until it ends, or stop_fd (-1: none) is readable (PREF_LATER). NULL for a path is
 * standard input, from where it stands; "-" is a file of that name. */
struct pref_buf;
int pref_file_read(const char *path, size_t limit, int stop_fd, struct pref_buf *out,
                   struct pref_err *err);

#endif
