/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "args.h"

#include <stdlib.h>
#include <string.h>

static const struct pref_option *find_long(const struct args_table *tables, const char *name,
                                           size_t len, void **owner)
{
    for (; tables->options != NULL; tables++)
        for (const struct pref_option *o = tables->options; o->name != NULL; o++)
            if (strlen(o->name) == len && memcmp(o->name, name, len) == 0) {
                *owner = tables->owner;
                return o;
            }
    return NULL;
}

static const struct pref_option *find_short(const struct args_table *tables, char letter,
                                            void **owner)
{
    for (; tables->options != NULL; tables++)
        for (const struct pref_option *o = tables->options; o->name != NULL; o++)
            if (o->letter == letter) {
                *owner = tables->owner;
                return o;
            }
    return NULL;
}

/* "--name", "--name=value" or "--name value". */
static int parse_long(const struct args_table *tables, int argc, char **argv, int *at,
                      struct pref_err *err)
{
    const char *word = argv[*at] + 2;
    const char *equals = strchr(word, '=');
    size_t len = equals == NULL ? strlen(word) : (size_t)(equals - word);
    void *owner = NULL;
    const struct pref_option *option = find_long(tables, word, len, &owner);
    if (option == NULL)
        return pref_usage(err, "unknown option '--%.*s'", (int)len, word);
    if (option->kind == PREF_OPTION_FLAG) {
        if (equals != NULL)
            return pref_usage(err, "--%s takes no argument", option->name);
        return pref_option_set(option, owner, NULL, err);
    }
    if (equals != NULL)
        return pref_option_set(option, owner, equals + 1, err);
    if (*at + 1 >= argc)
        return pref_usage(err, "--%s needs an argument, %s", option->name, option->argument);
    return pref_option_set(option, owner, argv[++*at], err);
}

/* "-v", "-vq", "-o value" or "-ovalue". */
static int parse_short(const struct args_table *tables, int argc, char **argv, int *at,
                       struct pref_err *err)
{
    for (const char *letter = argv[*at] + 1; *letter != '\0'; letter++) {
        void *owner = NULL;
        const struct pref_option *option = find_short(tables, *letter, &owner);
        if (option == NULL)
            return pref_usage(err, "unknown option '-%c'", *letter);
        if (option->kind == PREF_OPTION_FLAG) {
            int status = pref_option_set(option, owner, NULL, err);
            if (status != PREF_OK)
                return status;
            continue;
        }
        if (letter[1] != '\0')
            return pref_option_set(option, owner, letter + 1, err);
        if (*at + 1 >= argc)
            return pref_usage(err, "-%c needs an argument, %s", *letter, option->argument);
        return pref_option_set(option, owner, argv[++*at], err);
    }
    return PREF_OK;
}

static int add_operand(struct pref_texts *operands, const char *word, struct pref_err *err)
{
    const char **text = realloc(operands->text, (operands->count + 1) * sizeof *text);
    if (text == NULL)
        return pref_fail_memory(err, "the arguments");
    operands->text = text;
    operands->text[operands->count++] = word;
    return PREF_OK;
}

int args_parse(const struct args_table *tables, int argc, char **argv, struct pref_texts *operands,
               struct pref_err *err)
{
    int options = 1;
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        int status;
        if (options && strcmp(word, "--") == 0) {
            options = 0;
            continue;
        }
        if (!options || word[0] != '-' || word[1] == '\0')
            status = add_operand(operands, word, err);
        else if (word[1] == '-')
            status = parse_long(tables, argc, argv, &i, err);
        else
            status = parse_short(tables, argc, argv, &i, err);
        if (status != PREF_OK)
            return status;
    }
    return PREF_OK;
}

#define LEFT_WIDTH 28 /* what is longer has a line of its own */

static void say_option(const struct pref_option *o, FILE *out)
{
    char left[80], letter[8] = "    ";
    int len = snprintf(left, sizeof left, "--%s%s%s", o->name, o->argument == NULL ? "" : " ",
                       o->argument == NULL ? "" : o->argument);
    if (o->letter != 0)
        snprintf(letter, sizeof letter, "-%c, ", o->letter);
    if (len <= LEFT_WIDTH)
        fprintf(out, "  %s%-*s  %s\n", letter, LEFT_WIDTH, left, o->help);
    else
        fprintf(out, "  %s%s\n      %*s  %s\n", letter, left, LEFT_WIDTH, "", o->help);
}

void args_help(const struct args_table *tables, FILE *out)
{
    for (; tables->options != NULL; tables++) {
        if (tables->options->name == NULL)
            continue;
        fprintf(out, "\n%s\n", tables->heading);
        for (const struct pref_option *o = tables->options; o->name != NULL; o++)
            say_option(o, out);
    }
}

void args_release(const struct args_table *tables)
{
    for (; tables->options != NULL; tables++)
        pref_options_release(tables->options, tables->owner);
}
