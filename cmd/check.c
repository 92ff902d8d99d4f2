/* SPDX-License-Identifier: Apache-2.0 */
/* pref check --all: read on after errors, print the first of them and a table of reasons. */
#include "config.h"

#include "drive.h"
#include "say.h"
#include "table.h"
#include "filters/filters.h"

#include <stddef.h>
#include <stdio.h>

#define ERRORS_SHOWN 10

struct all {
    int on;
    unsigned shown;
};

static const struct pref_option options[] = {
    {"all", 0, PREF_OPTION_FLAG, offsetof(struct all, on), NULL,
     "read to the end; print the first 10 errors and a table of reasons"},
    PREF_OPTIONS_END};

const struct command_own check_own = {.options = options};

static void show(void *user, const char *sentence)
{
    struct all *all = user;
    if (all->shown++ < ERRORS_SHOWN)
        say_error(sentence);
}

static int before(void *owner, void *self, struct pref_config *config, struct pref_err *err)
{
    struct all *all = owner;
    (void)self;
    (void)err;
    if (all->on) {
        config->on_error = PREF_ON_ERROR_SKIP;
        config->skipped_fail = 1;
        config->warn = show;
        config->warn_user = all;
    }
    return PREF_OK;
}

static void after(void *owner, const struct pref_counts *counts)
{
    const struct all *all = owner;
    if (!all->on || counts->malformed == 0)
        return;
    for (unsigned kind = 0; kind < PREF_FAULT_KINDS; kind++)
        if (counts->faults[kind] > 0)
            fprintf(stderr, "%10llu %s\n", (unsigned long long)counts->faults[kind],
                    pref_fault_name((enum pref_fault_kind)kind));
    fprintf(stderr, "%10llu malformed of %llu\n", (unsigned long long)counts->malformed,
            (unsigned long long)counts->in);
}

int check_main(int argc, char **argv)
{
    struct all all = {0};
    struct drive_extra extra = {
        .options = options, .owner = &all, .before = before, .after = after};
    return drive(&filter_check, &extra, argc, argv);
}
