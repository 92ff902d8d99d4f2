/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "say.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *speaker;
static int quiet;

void say_as(const char *tool)
{
    speaker = tool;
}

void say_quietly(void)
{
    quiet = 1;
}

/* Where a picture begins at the end of a sentence: LF, a line that two blanks begin, LF, and a line
 * of blanks and a caret. NULL where there is none. */
static const char *picture_of(const char *sentence)
{
    const char *caret = strrchr(sentence, '\n'), *shown = caret;
    if (caret == NULL || strcmp(caret + 1 + strspn(caret + 1, " "), "^") != 0)
        return NULL;
    while (shown > sentence && *--shown != '\n')
        ;
    return strncmp(shown, "\n  ", 3) == 0 ? shown : NULL;
}

/* One write a message, so that the lines of a pipeline's stages do not mix. */
static void say(const char *kind, const char *sentence)
{
    const char *picture = picture_of(sentence);
    char line[2048];
    int n = snprintf(line, sizeof line - 2, "pref%s%s: %s", speaker == NULL ? "" : " ",
                     speaker == NULL ? "" : speaker, kind);
    size_t len = n < 0 ? 0 : (size_t)n;
    for (; *sentence != '\0' && len < sizeof line - 8; sentence++) {
        unsigned char c = (unsigned char)*sentence;
        int breaks = c == '\n' && picture != NULL && sentence >= picture;
        if ((c < 0x20 || c == 0x7f) && !breaks)
            len += (size_t)snprintf(line + len, sizeof line - len, "\\x%02x", c);
        else
            line[len++] = (char)c;
    }
    line[len++] = '\n';
    ssize_t ignored = write(STDERR_FILENO, line, len); /* there is nobody left to tell */
    (void)ignored;
}

void say_error(const char *sentence)
{
    say("", sentence);
}

void say_warning(const char *sentence)
{
    if (!quiet)
        say("warning: ", sentence);
}

void say_note(const char *sentence)
{
    if (!quiet)
        say("", sentence);
}
