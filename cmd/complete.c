/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a shell may offer as the argument of an option follows from the table: the words of a
 * choice, and files or folders where the argument is called FILE or DIR.
 */
#include "config.h"

#include "complete.h"
#include "table.h"

#include <string.h>

enum offer { OFFER_NOTHING, OFFER_WORDS, OFFER_FILES, OFFER_FOLDERS, OFFER_COMMANDS };

static enum offer offer_for(const struct pref_option *option)
{
    if (option->argument == NULL)
        return OFFER_NOTHING;
    if (option->kind == PREF_OPTION_CHOICE)
        return OFFER_WORDS;
    if (strcmp(option->argument, "FILE") == 0)
        return OFFER_FILES;
    return strcmp(option->argument, "DIR") == 0 ? OFFER_FOLDERS : OFFER_NOTHING;
}

static enum offer offer_for_operands(const struct command *command)
{
    return strstr(command_operands(command), "COMMAND") != NULL ? OFFER_COMMANDS : OFFER_FILES;
}

/* ---- bash ------------------------------------------------------------------------------------ */

/* The shell code below reads these words: an option, an equals sign if it takes an argument, and
 * the argument's words, or a kind of names in angle brackets. */
static const char bash_code[] =
    "_pref_offer() # PREFIX WORD KIND\n"
    "{\n"
    "    local words\n"
    "    case $3 in\n"
    "        '<file>' | '<dir>')\n"
    "            words=-f\n"
    "            [[ $3 != '<dir>' ]] || words=-d\n"
    "            compopt -o filenames 2>/dev/null\n"
    "            mapfile -t COMPREPLY < <(compgen $words -P \"$1\" -- \"$2\")\n"
    "            return ;;\n"
    "        '<command>') words=$_pref_commands ;;\n"
    "        *) words=${3//|/ } ;;\n"
    "    esac\n"
    "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -P \"$1\" -- \"$2\")\n"
    "}\n"
    "\n"
    "_pref()\n"
    "{\n"
    "    local word=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]} prefix=\n"
    "    local known operands= options= i\n"
    "    COMPREPLY=()\n"
    "    if ((COMP_CWORD < 2)); then\n"
    "        _pref_offer '' \"$word\" \"$_pref_commands --help --version\"\n"
    "        return\n"
    "    fi\n"
    "    # bash makes three words of --name=value, unless it was told not to.\n"
    "    if [[ $word == = ]]; then\n"
    "        word=\n"
    "    elif [[ $option == = ]]; then\n"
    "        option=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "    elif [[ $word == --*=* ]]; then\n"
    "        option=${word%%=*} prefix=${word%%=*}= word=${word#*=}\n"
    "    fi\n"
    "    for known in $(_pref_words \"${COMP_WORDS[1]}\"); do\n"
    "        case $known in\n"
    "            '<'*) operands=$known ;;\n"
    "            *) options+=\" ${known%%=*}\" ;;\n"
    "        esac\n"
    "    done\n"
    "    for ((i = 2; i < COMP_CWORD; i++)); do\n"
    "        if [[ ${COMP_WORDS[i]} == -- ]]; then\n"
    "            _pref_offer '' \"$word\" \"$operands\"\n"
    "            return\n"
    "        fi\n"
    "    done\n"
    "    for known in $(_pref_words \"${COMP_WORDS[1]}\"); do\n"
    "        if [[ $known == \"$option=\"* ]]; then\n"
    "            _pref_offer \"$prefix\" \"$word\" \"${known#*=}\"\n"
    "            return\n"
    "        fi\n"
    "    done\n"
    "    if [[ $word == -* ]]; then\n"
    "        _pref_offer '' \"$word\" \"$options\"\n"
    "    else\n"
    "        _pref_offer '' \"$word\" \"$operands\"\n"
    "    fi\n"
    "}\n"
    "\n"
    "complete -F _pref pref\n";

static void bash_argument(const struct pref_option *option, FILE *out)
{
    static const char *const kinds[] = {[OFFER_NOTHING] = "",
                                        [OFFER_FILES] = "<file>",
                                        [OFFER_FOLDERS] = "<dir>"};
    if (option->argument == NULL)
        return;
    enum offer offer = offer_for(option);
    fprintf(out, "=%s", offer == OFFER_WORDS ? option->argument : kinds[offer]);
}

static void bash_command(const struct command *command, FILE *out)
{
    struct args_table tables[DRIVE_TABLES];
    command_tables(command, tables);
    fprintf(out, "        %s) echo '", command->name);
    for (const struct args_table *t = tables; t->options != NULL; t++)
        for (const struct pref_option *o = t->options; o->name != NULL; o++) {
            fprintf(out, "--%s", o->name);
            bash_argument(o, out);
            if (o->letter != 0) {
                fprintf(out, " -%c", o->letter);
                bash_argument(o, out);
            }
            fputc(' ', out);
        }
    fprintf(out, "%s' ;;\n",
            offer_for_operands(command) == OFFER_COMMANDS ? "<command>" : "<file>");
}

void complete_bash(FILE *out)
{
    fputs("# bash completion for pref(1), as `pref help --completion bash` prints it\n\n"
          "_pref_commands='",
          out);
    for (const struct command *c = commands; c->name != NULL; c++)
        fprintf(out, "%s%s", c == commands ? "" : " ", c->name);
    fputs("'\n\n_pref_words() # COMMAND\n{\n    case $1 in\n", out);
    for (const struct command *c = commands; c->name != NULL; c++)
        bash_command(c, out);
    fprintf(out, "    esac\n}\n\n%s", bash_code);
}

/* ---- zsh ------------------------------------------------------------------------------------- */

/* A text inside single quotes, in which _arguments and _describe give some characters a meaning. */
static void zsh_text(const char *text, FILE *out)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'') {
            fputs("'\\''", out);
            continue;
        }
        if (strchr("[]:\\", *text) != NULL)
            fputc('\\', out);
        fputc(*text, out);
    }
}

/* ":what it is called:what does it". */
static void zsh_argument(const struct pref_option *option, FILE *out)
{
    fputc(':', out);
    zsh_text(option->argument, out);
    switch (offer_for(option)) {
    case OFFER_WORDS:
        fputs(":(", out);
        for (const char *c = option->argument; *c != '\0'; c++)
            fputc(*c == '|' ? ' ' : *c, out);
        fputc(')', out);
        break;
    case OFFER_FILES:
        fputs(":_files", out);
        break;
    case OFFER_FOLDERS:
        fputs(":_files -/", out);
        break;
    default:
        fputs(": ", out);
    }
}

static void zsh_option(const struct pref_option *option, FILE *out)
{
    int takes = option->argument != NULL;
    fputs(" \\\n                ", out);
    if (option->letter != 0)
        fprintf(out, "'(-%c --%s)'{-%c%s,--%s%s}'[", option->letter, option->name, option->letter,
                takes ? "+" : "", option->name, takes ? "=" : "");
    else
        fprintf(out, "'%s--%s%s[", option->kind == PREF_OPTION_LIST ? "*" : "", option->name,
                takes ? "=" : "");
    zsh_text(option->help, out);
    fputc(']', out);
    if (takes)
        zsh_argument(option, out);
    fputc('\'', out);
}

static void zsh_command(const struct command *command, FILE *out)
{
    struct args_table tables[DRIVE_TABLES];
    command_tables(command, tables);
    fprintf(out, "        %s)\n            _arguments -s -S", command->name);
    for (const struct args_table *t = tables; t->options != NULL; t++)
        for (const struct pref_option *o = t->options; o->name != NULL; o++)
            zsh_option(o, out);
    fprintf(out, " \\\n                '%s' ;;\n",
            offer_for_operands(command) == OFFER_COMMANDS ? "1:command:_pref_commands"
                                                          : "*:file:_files");
}

void complete_zsh(FILE *out)
{
    fputs("#compdef pref\n"
          "# zsh completion for pref(1), as `pref help --completion zsh` prints it\n\n"
          "_pref_commands() {\n    local -a commands\n    commands=(\n",
          out);
    for (const struct command *c = commands; c->name != NULL; c++) {
        fprintf(out, "        '%s:", c->name);
        zsh_text(command_brief(c), out);
        fputs("'\n", out);
    }
    fputs("    )\n    _describe command commands\n}\n\n"
          "_pref() {\n"
          "    if ((CURRENT == 2)); then\n"
          "        _pref_commands\n"
          "        [[ $PREFIX != -* ]] || compadd -- --help --version\n"
          "        return\n"
          "    fi\n"
          "    shift words\n"
          "    ((CURRENT--))\n"
          "    case $words[1] in\n",
          out);
    for (const struct command *c = commands; c->name != NULL; c++)
        zsh_command(c, out);
    fputs("    esac\n}\n\n"
          "# Loaded by name, this file is the function; read with source, it registers it.\n"
          "if [[ $funcstack[1] == _pref ]]; then\n"
          "    _pref \"$@\"\n"
          "else\n"
          "    compdef _pref pref\n"
          "fi\n",
          out);
}
