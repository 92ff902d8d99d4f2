/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "drive.h"
#include "inputs.h"
#include "progress.h"
#include "say.h"
#include "signals.h"
#include "version.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the options that all tools share say. */
struct shared {
    struct pref_config config;
    const char *files_from;
    struct pref_expected *expected;
    int progress, verbose, quiet, help, version;
};

#define AT(member) offsetof(struct shared, member)

static const struct pref_option shared_options[] = {
    {"output", 'o', PREF_OPTION_TEXT, AT(config.output), "FILE",
     "write records to FILE when all went well; .zst compresses"},
    {"rejects", 0, PREF_OPTION_TEXT, AT(config.rejects), "FILE",
     "write each rejected record there, with the reason"},
    {"malformed", 0, PREF_OPTION_TEXT, AT(config.malformed), "FILE",
     "write each malformed line there, as it came"},
    {"on-error", 0, PREF_OPTION_CHOICE, AT(config.on_error), "stop|skip",
     "what to do at a malformed line (stop)"},
    {"max-errors", 0, PREF_OPTION_TEXT, AT(config.max_errors), "N|P%",
     "give up skipping beyond so many malformed lines"},
    {"missing", 0, PREF_OPTION_CHOICE, AT(config.if_missing), "pass|reject|error",
     "what to do with a record that lacks the tool's field (pass)"},
    {"threads", 0, PREF_OPTION_COUNT, AT(config.threads), "N",
     "work with N threads (the processors at hand, 16 at most)"},
    {"summary", 0, PREF_OPTION_TEXT, AT(config.summary), "FILE",
     "write the counts of a run that went well to FILE, as JSON"},
    {"after", 0, PREF_OPTION_TEXT, AT(config.after), "FILE",
     "require at the end that this summary sent as many records as came"},
    {"level", 0, PREF_OPTION_COUNT, AT(config.level), "N", "zstd level of outputs, 1 to 19 (3)"},
    {"long", 0, PREF_OPTION_FLAG, AT(config.long_windows), NULL,
     "read zstd windows above 128 MiB"},
    {"max-line", 0, PREF_OPTION_SIZE, AT(config.max_line), "SIZE",
     "a longer line is malformed (64M)"},
    {"files-from", 0, PREF_OPTION_TEXT, AT(files_from), "FILE",
     "read the names of the inputs from FILE, one a line"},
    {"as", 0, PREF_OPTION_TEXT, AT(config.common.as), "KEY",
     "write the tool's annotation under KEY"},
    {"progress", 0, PREF_OPTION_FLAG, AT(progress), NULL, "show records/s, MB/s and time left"},
    {"verbose", 'v', PREF_OPTION_FLAG, AT(verbose), NULL, "print a line of counts at the end"},
    {"quiet", 'q', PREF_OPTION_FLAG, AT(quiet), NULL, "print errors only"},
    {"help", 'h', PREF_OPTION_FLAG, AT(help), NULL, "print this"},
    {"version", 0, PREF_OPTION_FLAG, AT(version), NULL, "print the program's version"},
    PREF_OPTIONS_END};

static const struct pref_option name_options[] = {
    {"prompt", 0, PREF_OPTION_TEXT, AT(config.common.names.prompt), "FIELD", "the prompt's field"},
    {"chosen", 0, PREF_OPTION_TEXT, AT(config.common.names.chosen), "FIELD",
     "the preferred response's"},
    {"rejected", 0, PREF_OPTION_TEXT, AT(config.common.names.rejected), "FIELD", "the other's"},
    {"votes", 0, PREF_OPTION_TEXT, AT(config.common.names.votes), "FIELD", "the votes'"},
    {"scores", 0, PREF_OPTION_TEXT, AT(config.common.names.scores), "FIELD", "the scores'"},
    {"scale", 0, PREF_OPTION_SCALE, AT(config.common.names.scale), "A..B",
     "the scale of votes' grades, from rejected to chosen (-3..3)"},
    {"id", 0, PREF_OPTION_TEXT, AT(config.common.names.id), "FIELD", "the id's"},
    PREF_OPTIONS_END};

static const struct pref_option fit_options[] = {
    {"fit", 0, PREF_OPTION_TEXT, AT(config.fit), "FILE",
     "only learn, and write what was learnt to FILE"},
    {"use", 0, PREF_OPTION_LIST, AT(config.use), "FILE",
     "do not learn, use what FILE says; one pass, streaming"},
    PREF_OPTIONS_END};

static const struct pref_option no_options[] = {PREF_OPTIONS_END};

/* The tables of a run: where the values of each go. */
static void list_tables(const struct pref_filter *filter, void *self,
                        const struct pref_option *own, void *owner, struct shared *shared,
                        struct args_table tables[DRIVE_TABLES])
{
    const struct args_table all[DRIVE_TABLES] = {
        {filter->options == NULL ? no_options : filter->options, self, "Options:"},
        {own == NULL ? no_options : own, owner, "Also:"},
        {filter->traits & PREF_FITS ? fit_options : no_options, shared, "Fit and use:"},
        {name_options, shared, "Names of fields:"},
        {shared_options, shared, "Common options:"},
        {NULL, NULL, NULL}};
    memcpy(tables, all, sizeof all);
}

void drive_tables(const struct pref_filter *filter, const struct pref_option *own,
                  struct args_table tables[DRIVE_TABLES])
{
    list_tables(filter, NULL, own, NULL, NULL, tables);
}

static void print_help(const struct pref_filter *filter, const struct args_table *tables)
{
    printf("usage: pref %s [options] [FILE ...]\n%s\n", filter->name, filter->brief);
    args_help(tables, stdout);
    printf("\nThe manual has more: pref help %s\n", filter->name);
}

static void warn(void *user, const char *sentence)
{
    (void)user;
    say_warning(sentence);
}

/* -v: the summary's members in one line, and a word where nothing happened. */
static void print_counts(struct pref_span summary, const struct pref_counts *counts)
{
    struct pref_buf line = {0};
    struct pref_cursor cursor = pref_cursor_in(summary);
    struct pref_span key, value;
    while (pref_cursor_next(&cursor, &key, &value)) {
        struct pref_span name = {key.ptr + 1, key.len - 2};
        if (pref_type_of(value) == PREF_STRING)
            continue;
        if (line.len > 0)
            pref_buf_add_text(&line, ", ");
        pref_buf_add_span(&line, name);
        pref_buf_add_byte(&line, ' ');
        pref_buf_add_span(&line, value);
    }
    if (counts->in == 0)
        pref_buf_add_text(&line, ": no record came");
    else if (counts->rejected == 0 && counts->malformed == 0)
        pref_buf_add_text(&line, ": nothing was rejected");
    pref_buf_add_byte(&line, '\0');
    if (!line.failed)
        say_note(line.ptr);
    pref_buf_release(&line);
}

/* Lines that are gone, where nobody asked for them or bounded them, or was told of each. */
static void warn_of_skipped(const struct pref_config *config, const struct pref_counts *counts)
{
    char sentence[100];
    if (!counts->complete || counts->malformed == 0 || config->warn != NULL ||
        config->malformed != NULL || config->max_errors != NULL)
        return;
    snprintf(sentence, sizeof sentence, "skipped %llu malformed of %llu records",
             (unsigned long long)counts->malformed, (unsigned long long)counts->in);
    say_warning(sentence);
}

static int run(const struct pref_filter *filter, const struct drive_extra *extra, void *self,
               struct shared *shared, struct pref_err *err)
{
    struct pref_config *config = &shared->config;
    struct pref_counts counts;
    struct progress progress;
    struct pref_buf summary = {0};
    int stopped = 0;
    int status = inputs_complete(&config->inputs, shared->files_from, &config->lists,
                                 &shared->expected, -1, err);
    config->expected = shared->expected;
    if (status == PREF_OK && extra->before != NULL)
        status = extra->before(extra->owner, self, config, err);
    if (status != PREF_OK) {
        say_error(err->text);
        return status;
    }
    config->stop_fd = signals_catch();
    config->summary_text = &summary;
    config->program_version = PACKAGE_VERSION;
    if (config->warn == NULL && shared->verbose)
        config->warn = warn;
    config->warn_end = warn;
    progress_begin(&progress, shared->progress, shared->quiet, config);
    status = pref_run(filter, self, config, &counts, &stopped, err);
    progress_end(&progress);
    if (stopped)
        signals_die();
    if (status == PREF_PIPE)
        signals_die_of_pipe();
    if (status != PREF_OK && err->text[0] != '\0')
        say_error(err->text);
    warn_of_skipped(config, &counts);
    if (shared->verbose && summary.len > 0 && !summary.failed)
        print_counts(pref_buf_span(&summary), &counts);
    pref_buf_release(&summary);
    if (extra->after != NULL)
        extra->after(extra->owner, &counts);
    return status;
}

int drive(const struct pref_filter *filter, const struct drive_extra *extra, int argc, char **argv)
{
    static const struct drive_extra none = {0};
    struct pref_err err = {{0}};
    struct shared shared = {.config = pref_config_default()};
    void *self = calloc(1, filter->self_size == 0 ? 1 : filter->self_size);
    if (extra == NULL)
        extra = &none;
    say_as(filter->name);
    if (self == NULL) {
        say_error("out of memory");
        return PREF_FAIL;
    }
    shared.config.threads = pref_threads_default();
    shared.config.common.table_seed = inputs_seed();
    if (filter->preset != NULL)
        filter->preset(self);
    struct args_table tables[DRIVE_TABLES];
    list_tables(filter, self, extra->options, extra->owner, &shared, tables);
    int status = args_parse(tables, argc, argv, &shared.config.inputs, &err);
    if (shared.quiet)
        say_quietly();
    if (status != PREF_OK) {
        say_error(err.text);
    } else if (shared.help) {
        print_help(filter, tables);
        status = fflush(stdout) == 0 ? PREF_OK : PREF_FAIL;
    } else if (shared.version) {
        status = version_print();
    } else {
        status = run(filter, extra, self, &shared, &err);
    }
    args_release(tables);
    inputs_release(&shared.config.inputs);
    inputs_release(&shared.config.lists);
    free(shared.expected);
    free(self);
    return status;
}
