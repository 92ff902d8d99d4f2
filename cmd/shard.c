/* SPDX-License-Identifier: Apache-2.0 */
/* pref shard: the filter's run, and what it may not touch; pref shard --verify. */
#include "config.h"

#include "drive.h"
#include "say.h"
#include "shard.h"
#include "table.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct command_state {
    const char *verify;
    int verbose, quiet; /* with --verify; else they are the driver's */
    struct shard *shard;
};

static const struct pref_option own_options[] = {
    {"verify", 0, PREF_OPTION_TEXT, offsetof(struct command_state, verify), "DIR",
     "write nothing; check the shards in DIR against its manifest"},
    PREF_OPTIONS_END};

const struct command_own shard_own = {.options = own_options};

static const struct pref_option verify_options[] = {
    {"verbose", 'v', PREF_OPTION_FLAG, offsetof(struct command_state, verbose), NULL,
     "say what was verified"},
    {"quiet", 'q', PREF_OPTION_FLAG, offsetof(struct command_state, quiet), NULL,
     "print problems only"},
    PREF_OPTIONS_END};

/* No input and no output of the run may be a file that the shards will replace; and no input may
 * turn out to be missing once they were. */
static int check_files(const struct shard *shard, const struct pref_config *config,
                       struct pref_err *err)
{
    const struct {
        const char *option, *path;
    } outputs[] = {{"--rejects", config->rejects},
                   {"--malformed", config->malformed},
                   {"--summary", config->summary}};
    for (size_t i = 0; i < sizeof outputs / sizeof outputs[0]; i++)
        if (outputs[i].path != NULL && shard_dir_owns(shard->dir, outputs[i].path))
            return pref_usage(err, "%s: '%s' is a name for the shards in %s", outputs[i].option,
                              outputs[i].path, shard->dir);
    size_t which = 0;
    for (size_t i = 0; i < config->inputs.count; i++)
        if (strcmp(config->inputs.text[i], "-") != 0 && access(config->inputs.text[i], R_OK) != 0)
            return pref_fail_errno(err, errno, "%s: cannot open", config->inputs.text[i]);
    if (shard_dir_holds(shard->dir, &config->inputs, &which))
        return pref_usage(err,
                          "'%s' is an input, and the shards in %s are to be replaced: choose "
                          "another folder",
                          config->inputs.text[which], shard->dir);
    return PREF_OK;
}

static int before(void *owner, void *self, struct pref_config *config, struct pref_err *err)
{
    struct command_state *state = owner;
    struct shard *shard = self;
    state->shard = shard;
    shard->config = config;
    config->silent_output = 1;
    if (config->output != NULL)
        return pref_usage(err, "--output: shards go to --dir");
    if (config->common.as != NULL)
        return pref_usage(err, "--as: shard annotates nothing");
    return shard->dir == NULL ? PREF_OK : check_files(shard, config, err);
}

/* The manifest stays only where the rest of the run, the summary, went well too. */
static void after(void *owner, const struct pref_counts *counts)
{
    struct command_state *state = owner;
    shard_dir_end(&state->shard->folder, counts->complete);
}

static int asks_verify(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--verify") == 0 || strncmp(argv[i], "--verify=", 9) == 0)
            return 1;
    return 0;
}

static int verify_main(struct command_state *state, int argc, char **argv)
{
    struct pref_texts operands = {0};
    struct pref_err err;
    struct args_table tables[] = {
        {own_options, state, ""}, {verify_options, state, ""}, {NULL, NULL, NULL}};
    say_as("shard");
    int status = args_parse(tables, argc, argv, &operands, &err);
    if (status == PREF_OK && operands.count > 0)
        status = pref_usage(&err, "--verify takes a folder and nothing else, not '%s'",
                            operands.text[0]);
    if (state->quiet)
        say_quietly();
    if (status != PREF_OK)
        say_error(err.text);
    free(operands.text);
    return status == PREF_OK ? shard_verify(state->verify, state->verbose) : status;
}

int shard_main(int argc, char **argv)
{
    struct command_state state = {0};
    struct drive_extra extra = {
        .options = own_options, .owner = &state, .before = before, .after = after};
    return asks_verify(argc, argv) ? verify_main(&state, argc, argv)
                                   : drive(&filter_shard, &extra, argc, argv);
}
