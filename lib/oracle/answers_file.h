/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answers_file.h - the file behind answers.h: its form, its lock, what is read from it and added.
 * Private to answers*.c. What a line says goes to whoever opened the file.
 */
#ifndef PREF_ANSWERS_FILE_H
#define PREF_ANSWERS_FILE_H

#include "pref/hash.h"

/* Told of each answer that was read. PREF_FAIL (with err filled) ends the reading. */
typedef int answers_told(void *user, struct pref_h128 key, int ok, struct pref_err *err);

struct answers_file {
    char *path;
    int fd, stop_fd;
    uint64_t seen;  /* bytes of whole lines read or written */
    uint64_t lines; /* that is so many lines */
    char *block;
    answers_told *told;
    void *user;
    int unsynced;   /* something was added since the last sync */
    int64_t synced; /* when that was, in milliseconds */
};

/* Open and read; a file that has no line yet gets its first. `file` is closed by
 * answers_file_close, whatever open returns. */
int answers_file_open(struct answers_file *file, const char *path, int stop_fd, answers_told *told,
                      void *user, struct pref_err *err);

/* Lock the file for others and read what they have added since; the beginning of a line that one
 * of them did not live to finish is cut away. What is locked is to be unlocked, also after a
 * failure. PREF_LATER when stop_fd became readable before. */
int answers_file_lock(struct answers_file *file, struct pref_err *err);
void answers_file_unlock(struct answers_file *file);

/* Add a line, under the lock. */
int answers_file_add(struct answers_file *file, struct pref_h128 key, int ok,
                     struct pref_err *err);

/* Bring what was added to the disk: now, or if the last time is some seconds ago. */
int answers_file_sync(struct answers_file *file, struct pref_err *err);
int answers_file_sync_sometimes(struct answers_file *file, struct pref_err *err);

void answers_file_close(struct answers_file *file);

#endif
