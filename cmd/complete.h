/* SPDX-License-Identifier: Apache-2.0 */
/*
 * complete.h - completion scripts for shells, made from the tables of commands and options.
 */
#ifndef CMD_COMPLETE_H
#define CMD_COMPLETE_H

#include <stdio.h>

void complete_bash(FILE *out);
void complete_zsh(FILE *out);

#endif
