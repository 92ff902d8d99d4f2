/* SPDX-License-Identifier: Apache-2.0 */
/*
 * source.h - the input side of a run: some named files, or standard input, as one sequence of
 * plain bytes a file. Plain, zstd or gzip is told by magic, never by name; foreign magics (xz,
 * bzip2, Parquet, ...) are refused with the pipe to use. Used by the engine alone, from one thread
 * at a time.
 *
 * A source that is to be read twice (two-phase filters) notes each regular file's identity, size
 * and modification time and reads it again, standard input from where it stood; anything else is
 * spooled as it comes, compressed, in a scratch file under TMPDIR, mode 0600, unlinked at birth. A
 * file that changes during a reading or between two is an error.
 *
 * zstd: concatenated, skippable and empty frames are read. A truncated frame, bytes between frames
 * that begin none, a wrong checksum, and a window above 128 MiB without long_windows are errors
 * with the frame's place. gzip: the same of members, whose lengths are checked too; zero bytes may
 * follow the last. A file without bytes is plain, and so is one shorter than the magic that it may
 * have begun.
 *
 * A file that holds something else than what is expected of it is an error at its end.
 */
#ifndef PREF_SOURCE_H
#define PREF_SOURCE_H

#include "hash.h"

struct pref_source;
struct pref_ahead;
struct pref_rereads;

/* What a file must hold: its plain bytes, and their XXH3-128. */
struct pref_expected {
    int known;                /* 0: anything will do */
    uint64_t bytes;
    struct pref_h128 hash;
};

struct pref_source_config {
    const char *const *names; /* must outlive the source; "-" is standard input */
    size_t count;             /* 0: standard input alone */
    const struct pref_expected *expected; /* one a name, or NULL; must outlive the source */
    int replay;               /* 1: the whole will be read more than once */
    int long_windows;         /* 1: zstd windows above 128 MiB are allowed (--long) */
    struct pref_ahead *ahead; /* reads frames of files ahead; must outlive the source; or NULL */
    struct pref_rereads *rereads; /* keeps plain regular files open (reread.h); must outlive the
                                   * source; or NULL */
    int stop_fd;              /* readable once the run must end (signals), or -1 */
};

/* Open; the files themselves are opened one by one as they are reached, but each name is checked
 * now (exists, is no directory, may be read), so that a run does not die of a typing error after an
 * hour. "-" named twice is PREF_USAGE. */
int pref_source_open(struct pref_source **source, const struct pref_source_config *config,
                     struct pref_err *err);
void pref_source_close(struct pref_source *source);

/* Read plain bytes of the current file into `out`. With `wait`, blocks until there is at least one
 * byte or the file ends; without, gives what can be had without blocking, maybe nothing.
 * *got is the count; *ended is 1 when the current file has no more (its last bytes may come in the
 * same call). Of a pipe, what is there is given at once, also the flushed part of a frame; of
 * a regular file, as much as fits. A failure names the file and is given behind the bytes before
 * it; it is final. PREF_LATER is returned when stop_fd became readable while waiting, which
 * changes nothing: calls without `wait` go on. */
int pref_source_read(struct pref_source *source, char *out, size_t cap, int wait, size_t *got,
                     int *ended, struct pref_err *err);

/* Go to the next file after *ended (PREF_USAGE before): *more is 0 when there is none. */
int pref_source_next(struct pref_source *source, int *more, struct pref_err *err);

/* Number of the current file, from 0, and the name of any of them ("(standard input)" for "-"),
 * as messages write it. */
size_t pref_source_index(const struct pref_source *source);
const char *pref_source_name(const struct pref_source *source, size_t index);

/* Plain bytes given of the current file so far. */
uint64_t pref_source_given(const struct pref_source *source);

/* Where `len` bytes that stand `at` plain bytes behind the beginning of a file can be read again
 * (reread.h), or 0. Of a file that was read from; any thread that knows of that may ask. */
uint64_t pref_source_place(const struct pref_source *source, size_t index, uint64_t at, size_t len);

/* Start again from the first file (config.replay), after the last was read to its end, as often as
 * wanted. That a file is no longer what it was is found when it is reached. */
int pref_source_rewind(struct pref_source *source, struct pref_err *err);

/* The descriptor to poll for input when nothing can be had without blocking, or -1 when the source
 * never blocks just now (regular file, decompressed bytes in hand). */
int pref_source_poll_fd(const struct pref_source *source);

/* Bytes read from the files since the last rewind (compressed as they are) and their total if all
 * are regular files, else 0 (`total` may be NULL): for progress. */
uint64_t pref_source_bytes(const struct pref_source *source, uint64_t *total);

/* Whether `path` names one of the input files (same device and inode). */
int pref_source_is_input(const struct pref_source *source, const char *path);

#endif
