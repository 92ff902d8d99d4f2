/* SPDX-License-Identifier: Apache-2.0 */
/*
 * target_name.h - what the name of an output stands for. Called by whoever opens outputs, and by
 * whoever looks whether one of them is another, or a file that is read.
 */
#ifndef PREF_TARGET_NAME_H
#define PREF_TARGET_NAME_H

#include "pref/base.h"

#include <stddef.h>

/* Whether a name is standard output's: NULL, "-" or "/dev/stdout". */
int pref_target_is_stdout(const char *name);

/* What sentences call it. */
const char *pref_target_show(const char *name);

/* The length of the folder's part of a path, with its last slash; 0: the working folder. */
size_t pref_target_folder(const char *path);

/* Whether a path names an open file, as /proc/self/fd/N and its aliases do, and so no place where
 * one can appear. */
int pref_target_is_open(const char *path);

/* The descriptor of this process that a path names: of /dev/fd/N or /proc/self/fd/N it is N,
 * whether it is open or not. -1: none. */
int pref_target_descriptor(const char *path);

/* Follow the symbolic links of the last component, so that a link stays a link and its target is
 * replaced; they end at an open file, /dev/stderr at /proc/self/fd/2. The file need not exist.
 * *path is the caller's to free. Fails where there is no end to the links, and for want of memory;
 * *path is then as it was. */
int pref_target_resolve(char **path, const char *name, struct pref_err *err);

/* Whether two names stand for one regular file, be it there already or not, or both for standard
 * output. */
int pref_target_is_same(const char *a, const char *b);

/* The same of the names of an output and an input, where "-" is standard input. */
int pref_target_is_input(const char *output, const char *input);

/* Whether a name is that of an open file, which is written as it is: no new one will take its
 * place. */
int pref_target_in_place(const char *name);

#endif
