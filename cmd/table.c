/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "filters.h"
#include "shard.h"
#include "table.h"

#include <string.h>

const struct command commands[] = {
    {"check", &filter_check, NULL, check_main},
    {"dedup", &filter_dedup, NULL, NULL},
    {"flip", &filter_flip, NULL, NULL},
    {"help", NULL, "open a manual page, or list the commands", help_main},
    {"import", &filter_import, NULL, NULL},
    {"loo", &filter_loo, NULL, NULL},
    {"merge", NULL, "add the fits of parts of a corpus", merge_main},
    {"shard", &filter_shard, NULL, shard_main},
    {"strength", &filter_strength, NULL, NULL},
    {"vote", &filter_vote, NULL, NULL},
    {NULL, NULL, NULL, NULL}};

const struct command *command_find(const char *name)
{
    for (const struct command *c = commands; c->name != NULL; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

const char *command_brief(const struct command *command)
{
    return command->filter != NULL ? command->filter->brief : command->brief;
}
