/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "shard.h"
#include "table.h"
#include "filters/filters.h"

#include <string.h>

const struct command commands[] = {
    {"check", &filter_check, &check_own, check_main},
    {"decon", &filter_decon, NULL, NULL},
    {"dedup", &filter_dedup, NULL, NULL},
    {"filter", &filter_filter, &filter_own, filter_main},
    {"flip", &filter_flip, NULL, NULL},
    {"help", NULL, &help_own, help_main},
    {"import", &filter_import, NULL, NULL},
    {"judges", NULL, &judges_own, judges_main},
    {"loo", &filter_loo, &loo_own, loo_main},
    {"merge", NULL, &merge_own, merge_main},
    {"models", NULL, &models_own, models_main},
    {"shard", &filter_shard, &shard_own, shard_main},
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
    return command->filter != NULL ? command->filter->brief : command->own->brief;
}

const char *command_operands(const struct command *command)
{
    return command->own == NULL || command->own->operands == NULL ? "[FILE ...]"
                                                                  : command->own->operands;
}

void command_tables(const struct command *command, struct args_table tables[DRIVE_TABLES])
{
    const struct pref_option *own = command->own == NULL ? NULL : command->own->options;
    if (command->filter != NULL) {
        drive_tables(command->filter, own, tables);
    } else {
        tables[0] = (struct args_table){own, NULL, "Options:"};
        tables[1] = (struct args_table){NULL, NULL, NULL};
    }
}
