/* SPDX-License-Identifier: Apache-2.0 */
/* pref help: a manual page, or the list of commands for people and scripts. */
#include "config.h"

#include "args.h"
#include "complete.h"
#include "say.h"
#include "table.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_LIMIT 4096
#define NAME_LIMIT 80

struct help {
    int list, help;
    int shell; /* 1 + its number among the choices, 0: none */
};

static const struct pref_option options[] = {
    {"list", 0, PREF_OPTION_FLAG, offsetof(struct help, list), NULL,
     "list the commands for a script: a name, a TAB, a description"},
    {"completion", 0, PREF_OPTION_CHOICE, offsetof(struct help, shell), "bash|zsh",
     "print the script that completes commands and options in a shell"},
    {"help", 'h', PREF_OPTION_FLAG, offsetof(struct help, help), NULL, "print this"},
    PREF_OPTIONS_END};

const struct command_own help_own = {.brief = "open a manual page, or list the commands",
                                     .operands = "[COMMAND|PAGE]",
                                     .options = options};

/* The pages that are not of a command. */
static const struct page {
    const char *name, *file, *brief;
} pages[] = {{"pref", "pref.1", "the program, and what all commands have"},
             {"fit", "pref-fit.5", "what was learnt from a corpus, as a file"},
             {"record", "pref-record.5", "the record"},
             {"rules", "pref-rules.5", "rule packs of pref filter"},
             {"oracle", "pref-oracle.7", "how programs are asked about records"},
             {"recipes", "pref-recipes.7", "jobs from their data to their outcome"},
             {"libpref", "libpref.3", "the library"}};

static int list(const char *format)
{
    for (const struct command *c = commands; c->name != NULL; c++)
        printf(format, c->name, command_brief(c));
    return fflush(stdout) == 0 ? PREF_OK : PREF_FAIL;
}

static int print_help(const struct args_table *tables)
{
    printf("usage: pref help [options] %s\n%s\n", help_own.operands, help_own.brief);
    args_help(tables, stdout);
    puts("\nFurther pages:");
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
        printf("  %-10s %s\n", pages[i].name, pages[i].brief);
    puts("\nCommands:");
    return list("  %-10s %s\n");
}

/* The folder of the running program, or an empty text where the system does not tell. */
static void find_folder(char folder[PATH_LIMIT])
{
    ssize_t len = readlink("/proc/self/exe", folder, PATH_LIMIT - 1);
    folder[len > 0 ? len : 0] = '\0';
    char *slash = strrchr(folder, '/');
    if (slash != NULL)
        *slash = '\0';
}

/* The page that came with this program, which man alone may not find, or find another of: beside
 * the program in the tree it was built in, under the prefix it stands in, or where it was
 * installed. 0 if none of them is there. */
static int find_page(const char *file, char page[PATH_LIMIT])
{
    static const char *const places[] = {"/man", "/../man", "/../share/man/man"};
    const char section = file[strlen(file) - 1];
    char folder[PATH_LIMIT];
    find_folder(folder);
    for (size_t i = 0; folder[0] != '\0' && i < sizeof places / sizeof places[0]; i++) {
        int len = snprintf(page, PATH_LIMIT, "%s%s%.*s/%s", folder, places[i], i == 2, &section,
                           file);
        if (len < PATH_LIMIT && access(page, R_OK) == 0)
            return 1;
    }
    snprintf(page, PATH_LIMIT, "%s/man%c/%s", PREF_MAN_DIR, section, file);
    return access(page, R_OK) == 0;
}

/* The file of the page that somebody names: a command, or a page with or without "pref-" before
 * it and its section behind it. 0 if there is none. */
static int name_file(const char *word, char file[NAME_LIMIT])
{
    const char *bare = strncmp(word, "pref-", 5) == 0 ? word + 5 : word;
    for (const struct command *c = commands; c->name != NULL; c++) {
        snprintf(file, NAME_LIMIT, "pref-%s.1", c->name);
        if (strcmp(bare, c->name) == 0 || strcmp(word, file) == 0)
            return 1;
    }
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        snprintf(file, NAME_LIMIT, "%s", pages[i].file);
        if (strcmp(bare, pages[i].name) == 0 || strcmp(word, file) == 0)
            return 1;
    }
    return 0;
}

static int open_page(const char *word, struct pref_err *err)
{
    char name[NAME_LIMIT], page[PATH_LIMIT];
    if (!name_file(word, name))
        return pref_usage(err, "unknown command or page '%s'; pref help --help lists them", word);
    int found = find_page(name, page);
    char *dot = strrchr(name, '.');
    *dot = '\0';
    /* A name with a slash is a file to every man; one without is a page to look for. */
    execlp("man", "man", found ? page : name, (char *)NULL);
    return pref_fail(err, "cannot run man; read %s(%s) elsewhere", name, dot + 1);
}

static int run(const struct help *help, const struct args_table *tables,
               const struct pref_texts *operands, struct pref_err *err)
{
    if (operands->count > (help->list || help->shell > 0 ? 0 : 1))
        return pref_usage(err, "'%s' is one argument too many",
                          operands->text[operands->count - 1]);
    if (help->list)
        return list("%s\t%s\n");
    if (help->shell > 0) {
        (help->shell == 1 ? complete_bash : complete_zsh)(stdout);
        return fflush(stdout) == 0 ? PREF_OK : PREF_FAIL;
    }
    return operands->count == 0 ? print_help(tables) : open_page(operands->text[0], err);
}

int help_main(int argc, char **argv)
{
    struct help help = {.shell = -1};
    struct args_table tables[] = {{options, &help, "Options:"}, {NULL, NULL, NULL}};
    struct pref_texts operands = {0};
    struct pref_err err = {{0}};
    say_as("help");
    int status = args_parse(tables, argc, argv, &operands, &err);
    help.shell++;
    if (status == PREF_OK)
        status = help.help ? print_help(tables) : run(&help, tables, &operands, &err);
    args_release(tables);
    free(operands.text);
    if (err.text[0] != '\0')
        say_error(err.text);
    return status;
}
