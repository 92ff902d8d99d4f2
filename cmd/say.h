/* SPDX-License-Identifier: Apache-2.0 */
/*
 * say.h - the program's only voice on standard error: one line a message, "pref TOOL: sentence".
 * Control characters in a sentence are shown escaped, so that no input can drive a terminal. The
 * one exception is a sentence that ends in a picture, "\n  EXPRESSION\n  ^" with the caret under
 * the place that it is about: these are two more lines.
 */
#ifndef CMD_SAY_H
#define CMD_SAY_H

#include "pref/base.h"

/* Which tool speaks; NULL before one is chosen. */
void say_as(const char *tool);

/* -q: nothing but errors is said. */
void say_quietly(void);

void say_error(const char *sentence);
void say_warning(const char *sentence);
void say_note(const char *sentence); /* what was asked for with -v */

#endif
