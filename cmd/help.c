/* SPDX-License-Identifier: Apache-2.0 */
/* pref help: the manual page of a command, or the list of commands for people and scripts. */
#include "config.h"

#include "say.h"
#include "table.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int list(const char *format)
{
    for (const struct command *c = commands; c->name != NULL; c++)
        printf(format, c->name, command_brief(c));
    return fflush(stdout) == 0 ? PREF_OK : PREF_FAIL;
}

int help_main(int argc, char **argv)
{
    char page[80];
    struct pref_err err;
    say_as("help");
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        puts("usage: pref help [--list | COMMAND]\nopen a manual page, or list the commands\n\n"
             "Options:\n      --list  list the commands for a script: a name, a TAB, a description\n\n"
             "Commands:");
        return list("  %-10s %s\n");
    }
    if (strcmp(argv[1], "--list") == 0)
        return list("%s\t%s\n");
    if (command_find(argv[1]) == NULL) {
        pref_usage(&err, "unknown command '%s'; pref --help lists them", argv[1]);
        say_error(err.text);
        return PREF_USAGE;
    }
    snprintf(page, sizeof page, "pref-%s", argv[1]);
    execlp("man", "man", page, (char *)NULL);
    pref_fail(&err, "cannot run man; read %s(1) elsewhere", page);
    say_error(err.text);
    return PREF_FAIL;
}
