/* SPDX-License-Identifier: Apache-2.0 */
/* pref loo: the filter's run, or with --panel that of the filter which searches for a panel. */
#include "config.h"

#include "drive.h"
#include "say.h"
#include "table.h"
#include "filters/filters.h"
#include "filters/loo/panel.h"

#include <string.h>

const struct command_own loo_own = {.options = LOO_PANEL_OWN_OPTIONS};

static int asks_for_panel(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--panel") == 0)
            return 1;
    return 0;
}

static int is_option_of(const struct pref_option *options, const char *word)
{
    size_t len = strcspn(word, "=");
    for (; options->name != NULL; options++)
        if (strlen(options->name) == len && strncmp(options->name, word, len) == 0)
            return 1;
    return 0;
}

/* The first option that only a run over records has, or NULL. */
static const char *stray_beside_panel(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strncmp(argv[i], "--", 2) == 0 && is_option_of(filter_loo.options, argv[i] + 2) &&
            !is_option_of(loo_panel_options, argv[i] + 2))
            return argv[i];
    return NULL;
}

/* Options that the other one of the two has are not silently without effect. */
static int before_records(void *owner, void *self, struct pref_config *config,
                          struct pref_err *err)
{
    const struct loo_panel *panel = owner;
    const char *stray = loo_panel_stray(panel);
    (void)self;
    (void)config;
    return stray == NULL ? PREF_OK : pref_usage(err, "--%s needs --panel", stray);
}

static int before_panel(void *owner, void *self, struct pref_config *config, struct pref_err *err)
{
    (void)owner;
    (void)self;
    return config->common.as == NULL ? PREF_OK
                                     : pref_usage(err, "--as: --panel annotates nothing");
}

int loo_main(int argc, char **argv)
{
    struct loo_panel unused = {0};
    struct drive_extra records = {
        .options = LOO_PANEL_OWN_OPTIONS, .owner = &unused, .before = before_records};
    struct drive_extra panel = {.before = before_panel};
    if (!asks_for_panel(argc, argv))
        return drive(&filter_loo, &records, argc, argv);
    const char *stray = stray_beside_panel(argc, argv);
    if (stray == NULL)
        return drive(&filter_loo_panel, &panel, argc, argv);
    struct pref_err err;
    say_as(filter_loo.name);
    int status = pref_usage(&err,
                            "%.*s is for the items of records, but --panel leaves judges out of "
                            "the whole corpus: it goes by --votes or --scores, and by --method",
                            (int)strcspn(stray, "="), stray);
    say_error(err.text);
    return status;
}
