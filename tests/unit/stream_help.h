/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream_help.h - what the tests of streams share: a scratch folder to stand in, files made and
 * read by means that have nothing to do with the code under test, and lines to fill them with.
 */
#ifndef PREF_STREAM_HELP_H
#define PREF_STREAM_HELP_H

#include "lib/stream/crew.h"
#include "lib/stream/decoder.h"
#include "pref/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <pthread.h>

#include <cmocka.h>

/* Group setup and teardown: enter a new empty folder; leave it and remove it. A test that blocks is
 * ended by an alarm. SIGPIPE is ignored, as in the program. */
int help_enter(void **state);
int help_leave(void **state);

/* Remove all files of the working folder. */
void help_sweep(void);

/* The number of files in the working folder. */
size_t help_count(void);

void help_write(const char *path, const char *bytes, size_t len);

/* The whole file; fails the test where it cannot be read. To be released by the caller. */
struct pref_buf help_read(const char *path);

int help_exists(const char *path);

/* Append `count` lines of 1 to `width` characters, the same for each seed. */
void help_lines(struct pref_buf *out, size_t count, size_t width, uint64_t seed);

/* Append one zstd frame. */
void help_frame(struct pref_buf *out, const char *bytes, size_t len);

/* Append a skippable zstd frame that holds `len` bytes of no meaning. */
void help_skippable(struct pref_buf *out, size_t len);

/* Unpack `packed`, given in pieces of `step` bytes, into `out`, taken in pieces of `cap`. Returns
 * what the decoder does. */
int help_unpack(struct pref_decoder *decoder, const struct pref_buf *packed, size_t step,
                size_t cap, struct pref_buf *out, struct pref_err *err);

void help_same(const struct pref_buf *got, const char *bytes, size_t len);

/* Threads that help a crew, 8 at most, until they are dismissed. */
struct help_hands {
    struct pref_crew *crew;
    pthread_t threads[8];
    unsigned count;
};
void help_serve(struct help_hands *hands, struct pref_crew *crew, unsigned count);
void help_dismiss(struct help_hands *hands);

/* Put fd in the place of `number` (0 or 1); returns what help_put_back takes. */
int help_replace(int number, int fd);
void help_put_back(int number, int saved);

#endif
