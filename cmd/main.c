/* SPDX-License-Identifier: Apache-2.0 */
/* pref: curate preference corpora. The program's first argument names a command of the table. */
#include "config.h"

#include "drive.h"
#include "say.h"
#include "signals.h"
#include "table.h"
#include "version.h"

#include <stdio.h>
#include <string.h>

static int usage(FILE *out)
{
    fputs("usage: pref COMMAND [options] [FILE ...]\n\nCommands:\n", out);
    for (const struct command *c = commands; c->name != NULL; c++)
        fprintf(out, "  %-10s %s\n", c->name, command_brief(c));
    fputs("\npref COMMAND --help lists a command's options; pref help COMMAND opens its page.\n",
          out);
    return fflush(out) == 0 ? PREF_OK : PREF_FAIL;
}

int main(int argc, char **argv)
{
    signals_fill_descriptors();
    if (argc < 2) {
        usage(stderr);
        return PREF_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--version") == 0)
        return version_print();
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        return usage(stdout);
    const struct command *command = command_find(name);
    if (command == NULL) {
        struct pref_err err;
        pref_usage(&err, "unknown command '%s'; pref --help lists them", name);
        say_error(err.text);
        return PREF_USAGE;
    }
    return command->main != NULL ? command->main(argc - 1, argv + 1)
                                 : drive(command->filter, NULL, argc - 1, argv + 1);
}
